"""One time line out of the records of several apps, as Android adds up steps: never a sum of two that saw one walk.

At each moment one record counts. Of the apps that have one open it is the app that goes first; of several open records
of that app the one with the most steps a minute. A record gives its steps by time, in whole steps, none lost. So gaps
are filled from the next app, and what overlaps counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from connectors._csv import AGAIN
from models.rejection import Rejected

MINUTE = 60_000
_SHORT = 61_000  # of a minute, with a second for rounding: longer records have no cadence
_MOST_OPEN = 100  # records of one moment: a few apps, with a few devices each


@dataclass(frozen=True)
class Record:
    """Steps from `start` to `end`, in milliseconds since 1970, `end` after `start`. The smallest `rank` goes first."""

    start: int
    end: int
    steps: int
    app: object
    rank: tuple[int, ...]
    offset: int | None = None  # its distance from UTC, seconds
    is_moment: bool = False  # it told one moment only: it counts where nothing else of its app was open

    @property
    def has_cadence(self) -> bool:
        """Whether its steps were walked in the very minute that it lies in."""
        return self.end - self.start <= _SHORT and not self.is_moment

    def steps_until(self, moment: int) -> int:
        """Whole steps from its start on."""
        return self.steps * (moment - self.start) // (self.end - self.start)


def counting(records: Iterable[Record]) -> Iterator[tuple[int, int, Record]]:
    """From when to when each record counts, in order of time. Raises Rejected where too many are open at once."""
    coming = sorted(records, key=lambda record: (record.start, record.end, record.steps), reverse=True)
    edges = sorted({moment for record in coming for moment in (record.start, record.end)})
    still_open: list[Record] = []
    for begin, end in pairwise(edges):
        still_open = [record for record in still_open if record.end > begin]
        while coming and coming[-1].start == begin:
            still_open.append(coming.pop())
        if len(still_open) > _MOST_OPEN:
            raise Rejected("step records", f"more than {_MOST_OPEN} of one moment", "those of one person", AGAIN)
        if still_open:
            first = min(still_open, key=lambda record: record.rank)
            ours = [record for record in still_open if record.app == first.app]
            yield begin, end, max(ours, key=lambda r: (not r.is_moment, r.steps / (r.end - r.start), r.start))


def minutes_of(records: Iterable[Record]) -> dict[tuple[int, bool], tuple[int, int | None]]:
    """Steps and distance from UTC of each minute since 1970 that has steps; with a cadence and without it apart."""
    minutes: dict[tuple[int, bool], tuple[int, int | None]] = {}
    for begin, end, record in counting(records):
        for minute in range(begin // MINUTE, (end - 1) // MINUTE + 1):
            since, until = max(begin, minute * MINUTE), min(end, (minute + 1) * MINUTE)
            if steps := record.steps_until(until) - record.steps_until(since):
                key = (minute, record.has_cadence)
                minutes[key] = (minutes.get(key, (0, None))[0] + steps, record.offset)
    return minutes
