"""What a look into the inbox sees, before any file is opened."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from models.store.store import Store

FILES_AT_A_TIME = 50_000  # of the inbox that are compared with the ledger together, each side held in a table
_NOTHING_LIES = """CREATE TEMP VIEW lying AS
    SELECT 0::UINTEGER AS number, '' AS path, 0::BIGINT AS size_bytes, 0::BIGINT AS modified_ns WHERE FALSE"""

_PACKED = 5_000  # paths in one text


class Paths(Sequence[str]):
    """Paths, of which none has a line end in it: packed, half of what so many strings take. To be read in order."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []
        self._last: list[str] = []  # not packed yet
        self._opened: tuple[int, list[str]] = -1, []

    def append(self, path: str) -> None:
        """Another one."""
        self._last.append(path)
        if len(self._last) == _PACKED:
            self._packed.append("\n".join(self._last).encode())
            self._last = []

    def extend(self, paths: list[str]) -> None:
        """Some more."""
        for path in paths:
            self.append(path)

    def __len__(self) -> int:
        return _PACKED * len(self._packed) + len(self._last)

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        if isinstance(number, int):
            place, inside = divmod(range(len(self))[number], _PACKED)
            return self._open(place)[inside]
        wanted = range(len(self))[number]
        begins = wanted.start // _PACKED
        there = chain.from_iterable(map(self._open, range(begins, -(-wanted.stop // _PACKED))))
        skipped = begins * _PACKED
        return list(there)[wanted.start - skipped : wanted.stop - skipped : wanted.step]

    def _open(self, place: int) -> list[str]:
        if place == len(self._packed):
            return self._last
        if self._opened[0] != place:
            self._opened = place, self._packed[place].decode().split("\n")
        return self._opened[1]


@dataclass(frozen=True)
class Noted:
    """What lay in a person's folder when nothing in it was left to read (models/store/looked.py).

    `lies`: a fingerprint of every path, size and time, and of what was refused. `folders`: each of theirs, inside the
    inbox, and when its names changed last, in nanoseconds; -1: so lately that it may have changed again since. None are
    kept where such times tell nothing.
    """

    lies: bytes
    files: int
    folders: dict[str, int]


@dataclass
class Scan:
    """What lies in the inbox, in the order of its names: columns, for there may be a million files.

    A `path` is inside the inbox and begins with the participant's folder. `only`: whose folder alone was looked into.
    `unseen`: what could not be looked into. Of people in whose folder everything is as it was noted, the files are in
    no column: `as_noted` has how many there are. `new`: what is to be noted of the others. `left`: people whose folder
    was not looked into, for there was too much to look at.
    """

    only: str | None = None
    path: Paths = field(default_factory=Paths)
    size: array[int] = field(default_factory=lambda: array("q"))  # bytes
    modified_ns: array[int] = field(default_factory=lambda: array("q"))
    unseen: list[str] = field(default_factory=list)
    as_noted: dict[str, int] = field(default_factory=dict)
    new: dict[str, Noted] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    times_tell: bool = True  # no name has changed in a folder whose time did not

    @property
    def files(self) -> int:
        """How many lie there, of whom was looked at."""
        return len(self.path) + sum(self.as_noted.values())

    @property
    def is_empty(self) -> bool:
        """Whether nothing lies there."""
        return not (self.files or self.left)

    def whose(self, number: int) -> str:
        """The participant in whose folder a file lies."""
        return self.path[number].partition("/")[0]

    def lying(self, store: Store) -> Iterator[dict[str, str | None]]:
        """The inbox as the view `lying` of a store (number, path, size_bytes, modified_ns), part by part.

        Given is whose files are in the part: of names from `since` on, before `until` (None: to the end). The people
        of the ledger, too, are in one part each, whether anything of theirs lies there or not; but for those in the
        table `passed_over`, who are as they were noted, or were not looked at.
        """
        passed_over = "CREATE OR REPLACE TEMP TABLE passed_over AS SELECT unnest(?::TEXT[]) AS participant_id"
        store.con.execute(passed_over, [[*self.as_noted, *self.left]])
        if not self.path:
            store.con.execute(_NOTHING_LIES)
            try:
                yield {"since": "", "until": None}
            finally:
                store.con.execute("DROP VIEW temp.lying")  # where a frame may be registered next
            return
        import polars as pl  # here: where all is as it was noted nobody waits for it

        schema = {"path": pl.String, "size_bytes": pl.Int64, "modified_ns": pl.Int64}
        first, since = 0, ""
        for end in self._ends():
            until = self.whose(end) if end < len(self.path) else None
            columns = [column[first:end] for column in (self.path, self.size, self.modified_ns)]
            part = pl.DataFrame(dict(zip(schema, columns, strict=True)), schema).with_row_index("number", first)
            with store.registered("lying", part):
                yield {"since": since, "until": until}
            first, since = end, until or ""

    def _ends(self) -> Iterator[int]:
        """Where the parts end: all files of a person are in one."""
        numbers, end = range(len(self.path)), 0
        while end < len(numbers):
            last = min(end + FILES_AT_A_TIME, len(numbers)) - 1
            end = bisect_right(numbers, self.whose(last), lo=last, key=self.whose)
            yield end
