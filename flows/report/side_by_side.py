"""Pages of very many people, written by as many processes as there are processors.

Each of the others has a part of the people: `python -m flows.report.side_by_side PIPE`. It ends with the pipe. Whatever
one of them has not written this process writes itself, so one that is lost costs its time alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import TypeVar

from flows.night.progress import Progress
from flows.report.pages import Pages
from models.store.key import key_file_of, name_key_file
from models.store.read import Published, published
from models.system.children import GONE, Connection, pipe_of, start
from models.system.processors import processors

_WORTH_IT = 250  # pages: to write them takes longer than to start a process
Item = TypeVar("Item")


def write_side_by_side(
    pages: Pages, rows_of: Published, people: Sequence[str], progress: Progress | None = None
) -> dict[str, BaseException]:
    """Write the pages of these people. Returns whom it fails for."""
    count = max(1, min(processors(), len(people) // _WORTH_IT))
    own, *others = (people[n * len(people) // count : (n + 1) * len(people) // count] for n in range(count))
    with ExitStack() as held:
        asked = [(part, _asked(held, pages, part)) for part in others]
        failed = pages.write(rows_of, own, progress)
        for part, pipe in asked:
            found = _answer(pipe)
            failed |= pages.write(rows_of, part, progress) if found is None else found
    return failed


def _asked(held: ExitStack, pages: Pages, people: Sequence[str]) -> Connection | None:
    """The pipe to a process that writes these pages; None where there can be none."""
    try:
        process, pipe = start("flows.report.side_by_side", settings=os.environ)
    except OSError:
        return None
    held.callback(_end, process, pipe)
    with suppress(*GONE):
        pipe.send((pages.of(people), people, key_file_of(pages.warehouse)))
    return pipe


def _answer(pipe: Connection | None) -> dict[str, BaseException] | None:
    """Whom it failed for; None where nobody says, or says it with an error that does not travel."""
    with suppress(Exception):
        return pipe.recv() if pipe else None
    return None


def _end(process: subprocess.Popen, pipe: Connection) -> None:
    pipe.close()
    process.kill()
    process.wait()


class _Watched(Progress):
    """Nobody sees it, but it ends the process where nobody waits for its pages any more: what they would show may be
    older then than what another has written."""

    def __init__(self, pipe: Connection) -> None:
        super().__init__()
        self._pipe = pipe

    def counted(self, items: Iterable[Item], total: int, unit: str) -> Iterator[Item]:
        """The items one by one."""
        for item in items:
            if self._pipe.poll():
                raise SystemExit
            yield item


def main() -> None:
    """Write the pages that are asked for."""
    pipe = pipe_of(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted closes the pipe
    os.umask(0o077)
    with suppress(*GONE):
        pages, people, key_file = pipe.recv()
        name_key_file(pages.warehouse, key_file)
        with published(pages.warehouse) as rows_of:
            pipe.send(pages.write(rows_of, people, _Watched(pipe)))


if __name__ == "__main__":
    main()
