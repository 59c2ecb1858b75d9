"""What an archive may hold, and how one is refused: limits that hold for zips and tars alike.

Not read are names that lead outside, links and special files, and members that expand beyond reason. What an archive
says of its own sizes is never believed alone: bytes are counted as they come.
"""

from __future__ import annotations

import re
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import IO, BinaryIO, NamedTuple

from models.fault import Rejected

MOST_EXPANDED = 20_000_000_000
MOST_MEMBERS = 200_000
MOST_RATIO = 200
ALWAYS_ALLOWED = 100_000_000  # a member below this may expand as it likes
MOST_FROM_LITTLE = 1_000_000_000  # of all members, however small their archive
IN_MEMORY = 32 * 1024 * 1024  # of what has to be seekable; the rest of it is in a temporary file
UNPACK = "take it out of the archive on a computer you trust, look at it, and put the exports themselves in the inbox"


@dataclass
class Budget:
    """How many bytes an archive, with all inside it, may still expand to, and to how many members.

    A member read twice is counted once.
    """

    left: int
    members: int = MOST_MEMBERS
    counted: dict[tuple[str, int], int] = field(default_factory=dict)

    def spend(self, member: tuple[str, int], expanded: int) -> bool:
        """Count what was read of a member so far; False where the archive is over its limit."""
        new = expanded - self.counted.get(member, 0)
        if new > 0:
            self.counted[member] = expanded
            self.left -= new
        return self.left >= 0


class Share(NamedTuple):
    """One of so many parts of an archive, which are read apart and put together again in their order."""

    number: int  # from 0 on
    of: int

    def part(self, costs: Sequence[int]) -> slice:
        """Which of the members are in it, each of which costs so much: all shares together cost about the same."""
        ends = list(accumulate(costs))
        total = ends[-1] if ends else 0
        first, last = (bisect_right(ends, total * number / self.of) for number in (self.number, self.number + 1))
        return slice(first if self.number else 0, last if self.number + 1 < self.of else len(ends))


ALL = Share(0, 1)


def leads_out(name: str) -> bool:
    """Whether a member's name leads out of the folder it would be unpacked to."""
    parts = re.split(r"[/\\]", name)
    return ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name) is not None


def absurd(expanded: int, packed: int) -> bool:
    """Whether something expands beyond reason."""
    return expanded > ALWAYS_ALLOWED and expanded > MOST_RATIO * max(packed, 1)


def bomb(place: str) -> Rejected:
    """The rejection of what does."""
    found = f"a member that expands over {MOST_RATIO} times and over {ALWAYS_ALLOWED // 1_000_000} MB"
    return Rejected(place, found, "an ordinary export", UNPACK)


def too_big(place: str) -> Rejected:
    """The rejection of more than an archive may hold."""
    return Rejected(
        place, "more data than an archive may expand to", "less", "unpack it and put its parts in one by one"
    )


def too_many() -> Rejected:
    """The rejection of more members than an archive may have."""
    return Rejected("whole file", f"more than {MOST_MEMBERS} members", "fewer", UNPACK)


def spooled(source: IO[bytes]) -> BinaryIO:
    """The bytes of a stream where one can seek. Closes the stream."""
    place = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed by whoever reads it)
    with source:
        while block := source.read(1024 * 1024):
            place.write(block)
    place.seek(0)
    return place  # type: ignore[return-value]
