"""Instants and civil dates: the only place where one becomes the other (docs/rules.md, section 3).

Every stored instant is UTC with millisecond precision; every stored row has its `local_date`, the civil date where
the person was, computed once, when the file is read (R3.1).
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

INSTANT = pl.Datetime("ms", "UTC")


def _begins(day: date, zone: tzinfo) -> datetime:
    """Midnight that begins `day` in `zone`, as UTC. Where midnight does not exist, the first instant that does."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _offset(instant: datetime, zone: tzinfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


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
        return _offset(instant, self._stay_at(instant).zone)

    def offsets_at(self, instants: pl.Series) -> pl.Series:
        """The same (Duration) at a column of UTC instants (Datetime with zone UTC)."""
        t, picked = pl.col("t"), pl.lit(None, pl.Duration("ms"))
        for stay in self._stays():
            there = _polars_local(t, stay.zone).dt.replace_time_zone(None) - t.dt.replace_time_zone(None)
            picked = pl.when(t >= pl.lit(stay.since)).then(there).otherwise(picked)
        return instants.alias("t").to_frame().select(offset=picked)["offset"]

    def date_of(self, instant: datetime) -> date:
        """The civil date of one aware instant."""
        return self.on_the_wall(instant)[0]

    def on_the_wall(self, instant: datetime) -> tuple[date, int]:
        """The civil date of one aware instant, and the minute of the day that the clock shows (0 to 1439)."""
        stay = self._stay_at(instant)
        local = instant.astimezone(stay.zone)
        return min(local.date(), stay.last_date), 60 * local.hour + local.minute

    def local_dates(self, instants: pl.Series) -> pl.Series:
        """The civil dates (Date) of a column of UTC instants (Datetime with zone UTC). Nulls stay null."""
        if instants.len() < _FEW:
            return self._dates(instants)
        run, begin = _quarters(instants)
        opens, closes = self._dates(begin), self._dates(begin + _TO_ITS_END)
        dates = opens.gather(run)
        midnight = (opens != closes).gather(run).arg_true()
        return dates.scatter(midnight, self._dates(instants.gather(midnight))) if midnight.len() else dates

    def _dates(self, instants: pl.Series) -> pl.Series:
        """As `local_dates`, row by row."""
        t, picked = pl.col("t"), None
        for stay in self._stays():
            local = _polars_local(t, stay.zone).dt.date()
            if stay.last_date < date.max:
                local = pl.when(t.is_not_null()).then(pl.min_horizontal(local, pl.lit(stay.last_date)))
            picked = local if picked is None else pl.when(t >= pl.lit(stay.since)).then(local).otherwise(picked)
        return instants.alias("t").to_frame().select(local_date=picked)["local_date"]

    def day_bounds(self, day: date) -> tuple[datetime, datetime]:
        """When a civil date began and ended, in UTC. An empty or negative span is a date that was skipped.

        A zone that begins on a date begins at its own midnight, so a travel day has 21 or 27 hours, or up to 50 where
        the flight goes west over the date line, and a date with a clock change 23 or 25 (R3.2, R3.6).
        """
        return self._midnight(day), self._midnight(day + timedelta(days=1))

    def hours_of(self, day: date) -> list[int] | None:
        """What the clock showed in each hour of a civil date: None for 0 to 23, nothing where a journey or half an hour
        makes its hours no hours of one clock (R2.18)."""
        begins, ends = self.day_bounds(day)
        hours, rest = divmod(ends - begins, timedelta(hours=1))
        if rest or not 23 <= hours <= 25:
            return []
        if hours == 24:
            return None
        shown = (t + self.offset_at(t) for t in (begins + n * timedelta(hours=1) for n in range(hours)))
        return [local.hour if local.date() == day else 23 for local in shown]  # a zone to the west ends its date later

    @cached_property
    def _midnights(self) -> dict[date, datetime]:
        """Those that were asked for: each ends a date and begins the next."""
        return {}

    def _midnight(self, day: date) -> datetime:
        if day not in self._midnights:
            self._midnights[day] = self._first_instant(day)
        return self._midnights[day]

    def _first_instant(self, day: date) -> datetime:
        stays = self._stays()
        until = [stay.since for stay in stays[1:]] + [datetime.max.replace(tzinfo=UTC)]  # offsets lie up to 26 h apart
        return [min(b, u) for s, u in zip(stays, until, strict=True) if s.since <= (b := _begins(day, s.zone))][-1]

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
        """Naive local times, in the order of the file, as UTC, each with a flag where the clock changed."""
        return list(self.utc_of(pl.Series(list(local), dtype=pl.Datetime("us"))).iter_rows())

    def utc_of(self, local: pl.Series, in_order: bool = True) -> pl.DataFrame:
        """A column of naive local times as `utc` and `flag` (NULL where there is nothing to say).

        An hour that does not exist is read with the offset before the gap (02:30 becomes 03:30). An hour that
        happens twice is resolved by the order of the rows: once time runs backwards, the second one is meant; where
        that is not known (`in_order` is false) the first one is taken (R3.5).
        """
        if local.null_count():
            raise ValueError("a time that is not known has no instant")
        run, begin = _quarters(local)
        opens, closes = self._in_utc(begin), self._in_utc(begin + _TO_ITS_END)
        steady = (opens["first"] == opens["second"]) & ~opens["gap"] & ~closes["gap"]
        for name in ("first", "second"):
            steady &= closes[name] - opens["first"] == _TO_ITS_END
        offset = opens["first"] - begin.dt.replace_time_zone("UTC")
        utc = local.dt.replace_time_zone("UTC") + offset.gather(run)
        flag = pl.repeat(None, local.len(), dtype=_FLAG, eager=True)
        at = (~steady.gather(run)).arg_true()
        if at.len():
            exact = self._near_a_change(local, at, in_order)
            utc, flag = utc.scatter(at, exact["utc"]), flag.scatter(at, exact["flag"])
        return pl.DataFrame({"utc": utc, "flag": flag})

    def _near_a_change(self, local: pl.Series, at: pl.Series, in_order: bool) -> pl.DataFrame:
        """As `utc_of`, of the rows `at` alone."""
        rows = self._in_utc(local.gather(at)).with_columns(at=at, back=(local.diff() < timedelta(0)).gather(at))
        rows = rows.with_columns(twice=(pl.col("first") != pl.col("second")) & ~pl.col("gap"))
        begins = (pl.col("twice") != pl.col("twice").shift()) | (pl.col("at").diff() > 1)
        back = pl.col("back").fill_null(False).cum_max().over(begins.fill_null(False).cum_sum())
        late = pl.col("twice") & back & in_order
        flag = pl.when("gap").then(pl.lit(_FLAG.categories[0])).when("twice").then(pl.lit(_FLAG.categories[1]))
        return rows.select(utc=pl.when(late).then("second").otherwise("first"), flag=flag.cast(_FLAG))

    def _in_utc(self, local: pl.Series) -> pl.DataFrame:
        """When local times happen for the `first` and the `second` time, and which never do (`gap`), row by row."""
        picked = pl.struct(first=_NEVER, second=_NEVER, gap=pl.lit(False))
        for stay in self._stays():
            here = _polars_utc(pl.col("t"), stay.zone)
            picked = pl.when(here.struct.field("first") >= pl.lit(stay.since)).then(here).otherwise(picked)
        return local.alias("t").to_frame().select(picked.alias("utc")).unnest("utc")


@dataclass(frozen=True)
class FixedOffset(Clock):
    """A file that says its own distance from UTC, which the participant's zones do not explain: it was there."""

    offset: timedelta = timedelta(0)

    def _stays(self) -> list[Stay]:
        return [Stay(SINCE_EVER, timezone(self.offset))]


@dataclass(frozen=True)
class SuspectClock(FixedOffset):
    """A device's clock that no zone of the person explains. It is read as it is; the dates it `gave` are noted."""

    gave: set[date] = field(default_factory=set, compare=False, repr=False)

    def date_of(self, instant: datetime) -> date:
        """As every clock."""
        day = super().date_of(instant)
        self.gave.add(day)
        return day

    def local_dates(self, instants: pl.Series) -> pl.Series:
        """As every clock."""
        dates = super().local_dates(instants)
        self.gave.update(dates.unique().drop_nulls())
        return dates


@dataclass(frozen=True)
class ZoneLog(Clock):
    """Where a participant was: the home zone, and from which date on another one (zones.csv); and where the clinic is.

    `suspect`: the dates that clocks gave which none of these zones explains (`SuspectClock`), of one file.
    """

    home: str = "UTC"
    moves: tuple[tuple[date, str], ...] = ()
    clinic: str | None = None
    suspect: set[date] = field(default_factory=set, compare=False, repr=False)

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
        """Changes when, and only when, a date read with this log, or what is thought of it, could change."""
        known = (self.home, sorted(self.moves), *({self.clinic} - {None, self.home}))
        return hashlib.sha256(repr(known).encode()).hexdigest()[:16]

    def anew(self) -> ZoneLog:
        """The same for another file: no clock of it is suspect yet."""
        return replace(self, suspect=set())

    def trusting(self, offset: timedelta | None, at: datetime) -> Clock:
        """The clock for a file that says its offset from UTC was `offset` at the instant `at`.

        Where that agrees with the log, the log is used (it knows when clocks change inside the file); where it does
        not, the file is believed: the person was elsewhere (R3.3). An offset that no zone has is
        rubbish (off by years on some devices) and is not believed. One three hours or more off every zone that the
        person was ever in, and off the clinic's, may be of a clock that is wrong: it gives the dates, and they are
        `suspect`.
        """
        if offset is None or not plausible_offset(offset) or offset == self.offset_at(at):
            return self
        if self._explains(offset, at):
            return FixedOffset("record_offset", offset)
        return SuspectClock("record_offset", offset, self.suspect)

    @property
    def zones(self) -> set[str]:
        """Every zone that the person was ever in, and the clinic's: of their offsets is what `trusting` gives."""
        return {self.home, *(zone for _, zone in self.moves), self.clinic or self.home}

    def _explains(self, offset: timedelta, at: datetime) -> bool:
        return any(abs(offset - _offset(at, ZoneInfo(zone))) < _SUSPECT for zone in self.zones)


_SUSPECT = timedelta(hours=3)  # less is a clock change that came late, or a neighbouring zone


def plausible_offset(offset: timedelta) -> bool:
    """Whether any place has this offset: a multiple of 15 minutes within 14 hours (R3.3)."""
    return offset % timedelta(minutes=15) == timedelta(0) and abs(offset) <= timedelta(hours=14)


_FEW = 10_000  # rows, of which each is asked for by itself: no dearer than finding the quarters of an hour
_TO_ITS_END = timedelta(minutes=15, milliseconds=-1)


def _quarters(times: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Runs of rows in one quarter of an hour, and when that began. Where it ends as it begins, no clock changes in it.

    Many rows are a minute each: what is true at both ends of a quarter need not be asked for each of them.
    """
    quarter = times.dt.truncate("15m")
    return quarter.rle_id(), quarter.rle().struct.field("value")


_FLAG = pl.Enum(["nonexistent_local_time", "ambiguous_local_time"])
_NEVER = pl.lit(None, dtype=pl.Datetime("us", "UTC"))


def _polars_utc(local: pl.Expr, zone: tzinfo) -> pl.Expr:
    """Local times in a zone as a struct: `first` and `second` time that they happen, `gap` where they never do."""
    if not isinstance(zone, ZoneInfo):
        there = (local - _offset(SINCE_EVER, zone)).dt.replace_time_zone("UTC")
        return pl.struct(first=there, second=there, gap=pl.lit(False))

    def read(which: Literal["earliest", "latest"], shift: timedelta = timedelta(0)) -> pl.Expr:
        there = (local - shift).dt.replace_time_zone(zone.key, ambiguous=which, non_existent="null")
        return there.dt.convert_time_zone("UTC") + shift

    # the offset before a gap is that of a day earlier: no zone changes its clock twice in a day
    gap = read("earliest").is_null() & local.is_not_null()
    before = read("latest", timedelta(days=1))
    return pl.struct(first=read("earliest").fill_null(before), second=read("latest").fill_null(before), gap=gap)


def _polars_local(instants: pl.Expr, zone: tzinfo) -> pl.Expr:
    if isinstance(zone, ZoneInfo):
        return instants.dt.convert_time_zone(zone.key)
    return instants + _offset(SINCE_EVER, zone)
