"""One fault, one person: work that is done for everybody at once, and where it fails, for those it does not fail for.

Loading, resolving, judging, publishing and reporting all go through `apart`. There is no other place where what fails
for one is kept from the others, and none is needed: whatever a file, a name, a day or a row makes go wrong, it goes
wrong in the work of whoever handed it over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Generic, NamedTuple, TypeVar

import duckdb

from models.store.failures import is_of_memory, is_of_the_machine

One = TypeVar("One")
Done = TypeVar("Done")


class TooMuch(Exception):
    """More than can be calculated with in a night; the text says of what, and holds nothing that a file says."""


class Apart(NamedTuple, Generic[One, Done]):
    """What came of each part that the work was done for, and what it failed with for those it fails for."""

    done: list[Done]
    failed: dict[One, BaseException]


def apart(
    everyone: Sequence[One],
    work: Callable[[Sequence[One]], Done],
    doubtful: Collection[One] = (),
    *,
    mend: Callable[[], None],
    at_most: int | None = None,
) -> Apart[One, Done]:
    """Do `work` for everyone; where that fails, for one half and the other, down to the ones it fails for.

    `work` does all it is given or nothing, or what it did it does not do again; it can be done for nobody. `doubtful`:
    those it failed for the last time; each is tried alone, so that a night with them costs what another costs. `mend`:
    what makes a database usable after a statement that failed. `at_most`: for so many at a time, so that what it holds
    in memory does not grow with them.

    A want of memory is met once by trying again: `mend` may have made more of it to be had.

    What is not the doing of any of them is raised: what the machine cannot do (a full disk, a damaged store), what
    fails for nobody at all (a fault of stepwindow itself), and a want of memory that leaves nothing done.
    """
    sure = [one for one in everyone if one not in doubtful]
    parts = [sure[n : n + (at_most or len(sure))] for n in range(0, len(sure), at_most or len(sure) or 1)]
    waiting = deque([*parts, *([one] for one in everyone if one in doubtful)])
    done: list[Done] = []
    failed: dict[One, BaseException] = {}
    has_lacked = False
    while waiting:
        part = waiting.popleft()
        try:
            done.append(work(part))
        except BaseException as error:
            if not _may_be_of_one(error):
                raise
            mend()
            if is_of_memory(error) and not has_lacked:
                has_lacked = True
                waiting.appendleft(part)
                continue
            if not failed and len(part) > 1:
                work([])
            if len(part) == 1:
                failed[part[0]] = error.with_traceback(None)
            else:
                waiting.extendleft([part[len(part) // 2 :], part[: len(part) // 2]])
    if failed and not done and (of_memory := [error for error in failed.values() if is_of_memory(error)]):
        raise of_memory[0]
    return Apart(done, failed)


def _may_be_of_one(error: BaseException) -> bool:
    """Whether what somebody handed over can be behind it. A panic of Polars is no Exception: it is told by name."""
    if not isinstance(error, Exception):
        return type(error).__name__ == "PanicException"
    return is_of_memory(error) or not is_of_the_machine(error)


def in_words(error: BaseException) -> str:
    """What kind of fault it was. Its own text is left out: it may hold what a file says."""
    if is_of_memory(error):
        return "more memory than there is"
    if isinstance(error, TooMuch):
        return str(error)
    if isinstance(error, duckdb.DataError):
        return f"a value that cannot be calculated with ({type(error).__name__})"
    return f"what stepwindow was not made for ({type(error).__name__})"
