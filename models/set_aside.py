"""Records that cannot be: dated after tomorrow or before 1990, or with a value out of its range.

A file of 200 records or more is read without at most one in a hundred of them (R7.2). What is set aside is counted and
named, by kind and date, in a note of the file; the dates it claims that have been are in doubt: no day of the file's
devices is valid then (models/sql/day/065_doubted.sql). Where it is more, or the file says less, it is rejected.
A wrong form (a column that is missing, text for a number) was never a record: it rejects the file at once; but where
each record names its own attributes (connectors/apple_health.py), a damaged one is one that cannot be.

Whoever finds such a record calls `set_aside` and goes on without it: models/activity.py for the canonical rows of every
reader, connectors/kit/csv.py for cells, other readers inside `one_record`. Where no file is being read, it raises.
A record is a row of the frames, or what was set aside before it became one; a session with its parts is one.

What is dated after tomorrow by one clock is not so by another (R7.4): `Holds` says for which dates the same comes of a
file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import TracebackType

import polars as pl

from models.clock import Clock
from models.fault import Holds, Impossible, Rejected, first_clock
from models.ranges import EARLIEST

MUCH = 200  # records, from which on some may be set aside
ONE_IN = 100
_DAY = timedelta(days=1)
_NAMED = 5  # dates of a kind


class SetAside:
    """What was set aside of the file that is being read, by the date it claims (None: none is known)."""

    def __init__(self, today: date, clock: Clock) -> None:
        self.tomorrow = today + _DAY
        self.clock = clock
        self.found: Counter[date | None] = Counter()
        self.first: Rejected | None = None

    def add(self, rejected: Rejected, claimed: Iterable[date | datetime | None]) -> None:
        """Set aside a record for each of the dates. `rejected`: that of the first of them."""
        self.first = self.first or rejected
        self.found.update(map(self._date, claimed))

    def _date(self, value: date | datetime | None) -> date | None:
        """A date, or that of a local time, or of an instant where the person was then."""
        if not isinstance(value, datetime):
            return value
        is_near = value.tzinfo is not None and EARLIEST.year <= value.year <= self.tomorrow.year + 1
        return self.clock.date_of(value) if is_near else value.date()

    def check_share(self, rows: int) -> None:
        """Raises Rejected where that is too much beside so many `rows` of the file that stay."""
        if self.first is None:
            return
        count = self.found.total()
        total = rows + count
        if total < MUCH or count * ONE_IN > total:
            fault = self.first.fault
            self.first.fault = replace(fault, found=f"{fault.found} in {count:,} of {total:,} records")
            raise self.first

    def with_dates(self, rejected: Rejected) -> Rejected:
        """A rejection of this file, with the dates for which it holds: some of it may lie on whose clock it was."""
        until = [day for day in (rejected.fault.holds.until, first_clock(self.ahead)) if day]
        rejected.fault = replace(rejected.fault, holds=Holds(until=min(until, default=None)))
        return rejected

    @property
    def ahead(self) -> date | None:
        """The first date that is claimed after tomorrow."""
        return min((day for day in self.found if day and day > self.tomorrow), default=None)

    @property
    def doubted(self) -> list[date]:
        """The dates of which a record was set aside, up to tomorrow."""
        return sorted(day for day in self.found if day and EARLIEST.date() <= day <= self.tomorrow)

    def notes(self) -> list[str]:
        """How many were set aside, by kind and date."""
        kinds: dict[str, list[date | None]] = {}
        for day in sorted(self.found, key=lambda day: day or date.max):
            kinds.setdefault(self._kind(day), []).append(day)
        return [f"set aside: {_counted(sum(self.found[day] for day in days))} {kind} ({_named(days)})"
                for kind, days in kinds.items()]  # fmt: skip

    def _kind(self, day: date | None) -> str:
        if day and day > self.tomorrow:
            return "dated after tomorrow"
        return "dated before 1990" if day and day < EARLIEST.date() else "with a value that cannot be"


def _counted(records: int) -> str:
    return "1 record" if records == 1 else f"{records:,} records"


def _named(days: list[date | None]) -> str:
    shown = ["no date" if day is None else f"{day}" for day in days[:_NAMED]]
    return ", ".join(shown) + (f" and {len(days) - _NAMED:,} more dates" if len(days) > _NAMED else "")


_READING: ContextVar[SetAside | None] = ContextVar("set_aside", default=None)


@contextmanager
def reading(today: date, clock: Clock) -> Iterator[SetAside]:
    """While a file is read: what `set_aside` is called with belongs to this file."""
    current = SetAside(today, clock)
    token = _READING.set(current)
    try:
        yield current
    except Rejected as rejected:
        raise current.with_dates(rejected) from rejected.__cause__
    except (MemoryError, OSError):
        raise
    except Exception as error:  # its reader could do nothing with what was left
        if current.first is None:
            raise
        raise current.with_dates(current.first) from error
    finally:
        _READING.reset(token)


def set_aside(rejected: Rejected, claimed: Iterable[date | datetime | None]) -> None:
    """Set records aside, one for each of the dates or times that they claim; raises the first where no file is read."""
    current = _READING.get()
    if current is None:
        raise rejected
    current.add(rejected, claimed)


def set_aside_rows(rejected: Rejected, wrong: pl.Series, times: pl.Series) -> pl.Series:
    """Set aside the records that the mask marks, which are of `times`; gives the mask of the others."""
    if wrong.any():
        set_aside(rejected, dates_of(times.filter(wrong)))
    return ~wrong


def dates_of(times: pl.Series) -> list[date | None]:
    """The dates of a column of dates, local times or instants: of the latter, where the person was then."""
    current = _READING.get()
    if current and getattr(times.dtype, "time_zone", None):
        near = times.dt.year().is_between(EARLIEST.year, current.tomorrow.year + 1)
        dates = current.clock.local_dates(times.zip_with(near, pl.Series([None], dtype=times.dtype)))
        return dates.zip_with(near.fill_null(False), times.dt.date()).to_list()
    return times.to_list() if times.dtype == pl.Date else times.dt.date().to_list()


class one_record:
    """A block that reads one record: where it cannot be, it is set aside and the block left.

    `on`: the date that it claims, or the time, set as soon as it is known.
    """

    __slots__ = ("on",)

    def __init__(self, on: date | datetime | None = None) -> None:
        self.on = on

    def __enter__(self) -> one_record:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> bool:
        if not isinstance(fault, Impossible):
            return False
        set_aside(fault, [self.on])
        return True
