"""One time line out of the records of several apps, as Android adds up steps: never a sum of two that saw the same.

At each moment one record counts. Of the apps that have one open it is the app that goes first; of several open records
of that app the one that was written last, and of those written at the same time the one with the most steps a minute.
What was typed in by hand counts where nothing else is open. A record gives its steps by time, in integers, none lost.
So gaps are filled from the next app, and what overlaps counts once. Moments are instants: in the hour that comes twice
in autumn both count, where the phone, which goes by the clock on the wall, loses one.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from connectors.kit.csv import AGAIN
from models.activity import MINUTES
from models.fault import Rejected

MINUTE = 60_000
_SHORT = 61_000  # of a minute, with a second for rounding: longer records have no cadence
_MOST_OPEN = 100  # records of one moment: a few apps, with a few devices each


@dataclass(frozen=True, slots=True)
class Record:
    """Steps from `start` to `end`, in milliseconds since 1970, `end` after `start`."""

    start: int
    end: int
    steps: int
    app: str
    standing: int  # of the device that counted: the smallest goes first
    offset: int | None = None  # its distance from UTC, in seconds
    is_moment: bool = False  # it has one moment only, and counts where nothing else of its app was open
    modified: int = 0  # when it was last written
    by_hand: bool = False  # typed in: counted by nobody

    @property
    def metric(self) -> str:
        """Whether its steps were taken in the very minute that it lies in."""
        is_minute = self.end - self.start <= _SHORT and not self.is_moment and not self.by_hand
        return "steps" if is_minute else "steps_spread"

    def steps_until(self, moment: int) -> int:
        """Its steps until then, an integer."""
        return self.steps * (moment - self.start) // (self.end - self.start)


Order = Callable[[Record], tuple[int, ...]]  # the smallest goes first; another for each app


def laid_out(records: list[Record], order: Order) -> pl.DataFrame:
    """Steps of each minute since 1970 that has steps, by metric and by whether they were typed in, and their distance
    from UTC. Raises Rejected."""
    minutes, steps, numbers = array("i"), array("i"), array("i")
    records = sorted(records, key=lambda record: (record.start, record.end, record.steps))
    for begin, end, number in _counting(records, order):
        record = records[number]
        for minute in range(begin // MINUTE, (end - 1) // MINUTE + 1):
            since, until = max(begin, minute * MINUTE), min(end, (minute + 1) * MINUTE)
            if count := record.steps_until(until) - record.steps_until(since):
                minutes.append(minute)
                steps.append(count)
                numbers.append(number)
    counts = {"minute": pl.Series(minutes, dtype=pl.Int32), "value": pl.Series(steps, dtype=pl.Int32)}
    whose = pl.Series(numbers, dtype=pl.Int32)
    columns = {
        "metric": pl.Series([record.metric for record in records], dtype=MINUTES["metric"]),
        "by_hand": pl.Series([record.by_hand for record in records], dtype=pl.Boolean),
        "offset": pl.Series([record.offset for record in records], dtype=pl.Int32),
    }
    pieces = pl.DataFrame(counts | {name: column.gather(whose) for name, column in columns.items()})
    each = pieces.group_by("metric", "by_hand", "minute")
    return each.agg(pl.col("value").cast(pl.Int64).sum(), pl.col("offset").first())


def _counting(records: list[Record], order: Order) -> Iterator[tuple[int, int, int]]:
    """From when to when which record counts, in order of time."""
    moments = array("q", (moment for record in records for moment in (record.start, record.end)))
    edges = pl.Series(moments, dtype=pl.Int64).unique().sort()
    coming = 0
    still_open: list[int] = []
    for begin, end in pairwise(edges):
        still_open = [number for number in still_open if records[number].end > begin]
        while coming < len(records) and records[coming].start == begin:
            still_open.append(coming)
            coming += 1
        if len(still_open) > _MOST_OPEN:
            raise Rejected("step records", f"more than {_MOST_OPEN} of one moment", "those of one person", AGAIN)
        if still_open:
            yield begin, end, still_open[0] if len(still_open) == 1 else _first(still_open, records, order)


def _first(still_open: list[int], records: list[Record], order: Order) -> int:
    """Which of several open records counts."""
    first = min((records[number] for number in still_open), key=lambda record: (record.by_hand, *order(record)))

    def standing(number: int) -> tuple[bool, int, float, int]:
        record = records[number]
        return not record.is_moment, record.modified, record.steps / (record.end - record.start), number

    same = (number for number in still_open if _who(records[number]) == _who(first))
    return max(same, key=standing)


def _who(record: Record) -> tuple[str, bool]:
    return record.app, record.by_hand
