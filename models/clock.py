"""Instants and civil dates: the only place where one becomes the other (measurement section 5).

Every stored instant is UTC with millisecond precision; every stored row has its `local_date`, the civil date where
the person was, computed once, when the file is read.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

import polars as pl

INSTANT = pl.Datetime("ms", "UTC")


def _begins(day: date, zone: tzinfo) -> datetime:
    """Midnight that begins `day` in `zone`, as UTC. Where midnight does not exist, the first instant that does."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


SINCE_EVER = datetime(1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Stay:
    """One zone, from an instant on, until the civil date `last_date` is over (the next zone begins a new date)."""

    since: datetime
    zone: tzinfo
    last_date: date = date.max


@dataclass(frozen=True)
class Clock(ABC):
    """A rule that gives every instant its civil date."""

    source: str  # tz_source: participant_home | zone_log | record_offset | assumed

    @abstractmethod
    def _stays(self) -> list[Stay]:
        """The zones in force, oldest first."""

    def _stay_at(self, instant: datetime) -> Stay:
        return [stay for stay in self._stays() if stay.since <= instant][-1]

    def offset_at(self, instant: datetime) -> timedelta:
        """Local time minus UTC at an instant (aware)."""
        offset = instant.astimezone(self._stay_at(instant).zone).utcoffset()
        assert offset is not None
        return offset

    def date_of(self, instant: datetime) -> date:
        """The civil date of one aware instant."""
        stay = self._stay_at(instant)
        return min(instant.astimezone(stay.zone).date(), stay.last_date)

    def local_dates(self, instants: pl.Series) -> pl.Series:
        """The civil dates (Date) of a column of UTC instants (Datetime with zone UTC). Nulls stay null."""
        t, picked = pl.col("t"), None
        for stay in self._stays():
            local = _polars_local(t, stay.zone).dt.date()
            if stay.last_date < date.max:
                local = pl.when(t.is_not_null()).then(pl.min_horizontal(local, pl.lit(stay.last_date)))
            picked = local if picked is None else pl.when(t >= pl.lit(stay.since)).then(local).otherwise(picked)
        return instants.alias("t").to_frame().select(local_date=picked)["local_date"]

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """When a civil date began and ended, in UTC. An empty or negative span is a date that was skipped.

        A zone that begins on a date begins at its own midnight, so a travel day has 21 or 27 hours, a date with a
        clock change 23 or 25 (measurement sections 5.5, 5.7 and 15.20).
        """
        return self._midnight(day), self._midnight(day + timedelta(days=1))

    def _midnight(self, day: date) -> datetime:
        return [b for stay in self._stays() if stay.since <= (b := _begins(day, stay.zone))][-1]

    def split(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime, date]]:
        """Cut [start, end) at the local midnights inside it: [(start, end, local_date), ...]."""
        pieces = []
        while start < end:
            day = self.date_of(start)
            midnight = self.day_bounds(day)[1]
            stop = min(end, midnight) if midnight > start else end
            pieces.append((start, stop, day))
            start = stop
        return pieces

    def to_utc(self, local: Iterable[datetime]) -> list[tuple[datetime, str | None]]:
        """Naive local times, in the order of the file, as UTC, each with a flag where the clock changed.

        An hour that does not exist is read with the offset before the gap (02:30 becomes 03:30). An hour that
        happens twice is resolved by the order of the rows: once time runs backwards, the second one is meant; where
        that cannot be told the first one is taken (measurement section 5.6, cases T06 and T07).
        """
        out: list[tuple[datetime, str | None]] = []
        previous: datetime | None = None
        fold = 0
        for naive in local:
            zone = self._zone_of_local(naive)
            first = naive.replace(tzinfo=zone, fold=0)
            flag = None
            if first.utcoffset() == naive.replace(tzinfo=zone, fold=1).utcoffset():
                fold = 0
            elif first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive:
                flag, fold = "nonexistent_local_time", 0
            else:
                flag = "ambiguous_local_time"
                fold = 1 if fold or (previous is not None and naive < previous) else 0
            out.append((naive.replace(tzinfo=zone, fold=fold).astimezone(UTC), flag))
            previous = naive
        return out

    def _zone_of_local(self, naive: datetime) -> tzinfo:
        return [s.zone for s in self._stays() if s.since <= naive.replace(tzinfo=s.zone).astimezone(UTC)][-1]


@dataclass(frozen=True)
class FixedOffset(Clock):
    """A file that says its own distance from UTC, which the participant's zones do not explain: it was there."""

    offset: timedelta = timedelta(0)

    def _stays(self) -> list[Stay]:
        return [Stay(SINCE_EVER, timezone(self.offset))]


@dataclass(frozen=True)
class ZoneLog(Clock):
    """Where a participant was: the home zone, and from which date on another one (zones.csv)."""

    home: str = "UTC"
    moves: tuple[tuple[date, str], ...] = ()

    @cached_property
    def _log(self) -> list[Stay]:
        moves = sorted(self.moves)
        last = [day - timedelta(days=1) for day, _ in moves] + [date.max]
        log = [Stay(SINCE_EVER, ZoneInfo(self.home), last[0])]
        for (day, name), last_date in zip(moves, last[1:], strict=True):
            log.append(Stay(_begins(day, ZoneInfo(name)), ZoneInfo(name), last_date))
        return log

    def _stays(self) -> list[Stay]:
        return self._log

    @property
    def fingerprint(self) -> str:
        """Changes when, and only when, a date read with this log could change."""
        return hashlib.sha256(repr((self.home, sorted(self.moves))).encode()).hexdigest()[:16]

    def trusting(self, offset: timedelta | None, at: datetime) -> Clock:
        """The clock for a file that says its offset from UTC was `offset` at the instant `at`.

        Where that agrees with the log, the log is used (it knows when clocks change inside the file); where it does
        not, the file is believed: the person was elsewhere (measurement section 5.2). An offset that no zone has is
        rubbish (off by years on some devices) and is not believed.
        """
        if offset is None or not plausible_offset(offset) or offset == self.offset_at(at):
            return self
        return FixedOffset("record_offset", offset)


def plausible_offset(offset: timedelta) -> bool:
    """Whether any place has this offset: a multiple of 15 minutes within 14 hours (fit.md section 4)."""
    return offset % timedelta(minutes=15) == timedelta(0) and abs(offset) <= timedelta(hours=14)


def _polars_local(instants: pl.Expr, zone: tzinfo) -> pl.Expr:
    if isinstance(zone, ZoneInfo):
        return instants.dt.convert_time_zone(zone.key)
    offset = zone.utcoffset(None)
    assert offset is not None
    return instants + offset
