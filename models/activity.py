"""The canonical frames: what every export is turned into, whoever made the device.

A connector gives an `Extract` of five Polars frames, or `Extracts` of many files at once; models/check.py checks them.
Units are in the names; instants are UTC; NULL means "not known", 0 means "none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import polars as pl

from models.clock import INSTANT, Clock
from models.fault import ANY_CLOCK, Fault, Holds, first_clock
from models.ranges import DATE_MS as DATE_MS  # to be had from here, too
from models.ranges import DAY_MS as DAY_MS
from models.ranges import EARLIEST as EARLIEST
from models.ranges import MOST_SESSIONS as MOST_SESSIONS
from models.ranges import MOST_STEPS as MOST_STEPS
from models.taxonomy import ACTIVITIES

_FARTHEST = timedelta(hours=14)  # from UTC: what may still be tomorrow somewhere
# `source`: a label that a person can type. `device`: pseudonym of the very device, NULL where the file does not say.
_WHO: dict[str, Any] = {"source": pl.String, "device": pl.String}

MINUTE_METRICS = ("steps", "steps_spread", "heart_rate", "active_minutes", "zone_minutes")

# One true 60-second epoch of one metric. `value`: steps; steps_spread: integer steps of a longer sample laid over its
# minutes (they are steps, but no cadence); heart_rate: 1 = a beat was measured (never the rate), or else the device
# says that it was worn; active_minutes and zone_minutes: 0 light, 1 moderate, 2 vigorous, as it judged that minute.
MINUTES = pl.Schema(
    {**_WHO, "metric": pl.Enum(MINUTE_METRICS), "start_time": INSTANT, "local_date": pl.Date, "value": pl.Int32}
)
# One row of a device that writes totals since its midnight, per kind of movement (Garmin monitoring). The interval
# ends at `end_time`, inclusive; `local_date` is the day it belongs to. Increments cover the time since the last row.
READINGS = pl.Schema(
    {
        **_WHO,
        "end_time": INSTANT,
        "local_date": pl.Date,
        "activity_type": pl.Int16,  # FIT: 1 running, 6 walking, ...; NULL where the row is of all movement
        "steps": pl.Int32,
        "active_ms": pl.Int64,
        "moderate_total_min": pl.Int32,
        "vigorous_total_min": pl.Int32,
        "moderate_increment_min": pl.Int32,
        "vigorous_increment_min": pl.Int32,
    }
)
# One recorded or written-down activity. `parts` are the stretches of clock time in which its timer ran, cut at local
# midnights; empty where the entry has no start time. `timer_ms` excludes pauses. `local_start_minute`: of the day, on
# the clock on the wall; `local_end_date`: the date of its last moment.
PART = pl.Struct({"start_time": INSTANT, "end_time": INSTANT, "local_date": pl.Date})
SESSIONS = pl.Schema(
    {
        **_WHO,
        "activity": pl.Enum(ACTIVITIES),
        "vendor_activity": pl.String,
        "start_time": INSTANT,
        "end_time": INSTANT,
        "local_date": pl.Date,
        "timer_ms": pl.Int64,
        "steps": pl.Int32,
        "modality": pl.Enum(("sensed", "self_reported")),
        "local_start_minute": pl.Int32,
        "local_end_date": pl.Date,
        "parts": pl.List(PART),
    }
)
# A vendor's figures for a full day; NULL where this file does not have one. Files of one export that each have another
# figure of the same day may give a row each. `day_basis`: utc where the export keys its days to UTC.
DAILY_TOTALS = pl.Schema(
    {
        **_WHO,
        "local_date": pl.Date,
        "steps": pl.Int32,
        "walking_ms": pl.Int64,
        "light_ms": pl.Int64,
        "moderate_ms": pl.Int64,
        "vigorous_ms": pl.Int64,
        "mvpa_ms": pl.Int64,
        "day_basis": pl.Enum(("local", "utc")),
    }
)
# "I kept the log and have nothing to enter" (the diary's `none`): opens the log of that week.
ATTESTATIONS = pl.Schema({"local_date": pl.Date})

SCHEMAS = {
    "minutes": MINUTES,
    "readings": READINGS,
    "sessions": SESSIONS,
    "daily_totals": DAILY_TOTALS,
    "attestations": ATTESTATIONS,
}


_EMPTY = {name: pl.DataFrame(schema=schema) for name, schema in SCHEMAS.items()}


class Told(NamedTuple):
    """What the rows of a file say in all: how many there are, their sources, their first and last local date, and the
    last date that any of them is of, so far as its clock can be no other."""

    rows: int = 0
    labels: frozenset[str] = frozenset()
    first: date | None = None
    last: date | None = None
    claims: date | None = None

    def and_of(self, other: Told) -> Told:
        """The same of these rows and others."""
        first = min(filter(None, (self.first, other.first)), default=None)
        last = max(filter(None, (self.last, other.last)), default=None)
        claims = max(filter(None, (self.claims, other.claims)), default=None)
        return Told(self.rows + other.rows, self.labels | other.labels, first, last, claims)


_NOTHING = Told()


@dataclass
class Extract:
    """What one file holds. Frames default to empty. `notes` are remarks for a person (a column never seen before)."""

    minutes: pl.DataFrame = field(default_factory=lambda: _EMPTY["minutes"])
    readings: pl.DataFrame = field(default_factory=lambda: _EMPTY["readings"])
    sessions: pl.DataFrame = field(default_factory=lambda: _EMPTY["sessions"])
    daily_totals: pl.DataFrame = field(default_factory=lambda: _EMPTY["daily_totals"])
    attestations: pl.DataFrame = field(default_factory=lambda: _EMPTY["attestations"])
    tz_source: str = "participant_home"
    days_are_over: bool = False  # its daily totals are of dates that were over when it was written
    summed: tuple[datetime, datetime] | None = (
        None  # times on the wall: first and last row that daily totals are sums of
    )
    begins: datetime | None = None  # since when the device counted, where the file has that before its first row
    notes: list[str] = field(default_factory=list)
    suspect: frozenset[date] = frozenset()  # dates that a clock gave which no zone of the person explains
    doubted: list[date] = field(default_factory=list)  # dates of which a record was set aside
    holds: Holds = ANY_CLOCK  # for which dates of the clock the same is read
    export: str | None = None  # what it is complete for, where that is not what its connector says (EXPORT)
    told: Told | None = None  # of rows that lie in frames of many files (Extracts)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The five frames by name."""
        return {name: getattr(self, name) for name in SCHEMAS}

    def with_frames(self, frames: Mapping[str, pl.DataFrame]) -> Extract:
        """The same with other frames in the place of some of the five."""
        named: dict[str, Any] = dict(frames)
        return replace(self, **named)

    @property
    def rows(self) -> int:
        """How many canonical rows the file gave."""
        return self.told.rows if self.told else sum(frame.height for frame in self.frames().values())

    @property
    def labels(self) -> frozenset[str]:
        """The sources of its rows."""
        return (self.told or self.in_all).labels

    def covers(self) -> tuple[date | None, date | None]:
        """First and last local date of anything in the file."""
        told = self.told or self.in_all
        return told.first, told.last

    @cached_property
    def in_all(self) -> Told:
        """What its rows say in all."""
        frames = {name: with_file(frame, 0) for name, frame in self.frames().items() if frame.height}
        return self.told or told(frames, 1)[0]

    def __getstate__(self) -> dict[str, Any]:
        """For another process: without the frames that are empty, which most are."""
        return {name: value for name, value in vars(self).items() if name not in SCHEMAS or value.height}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(_EMPTY | state)


@dataclass
class Extracts:
    """What many files hold, or why one is rejected. `frames`: the rows of all of them, with their `file` (UInt32) as
    the first column: a place in `files`. Rows are in the order of the files, and of one file as it has them alone."""

    files: list[Extract | Fault]  # an extract has no rows of its own, but what they have `told`
    frames: dict[str, pl.DataFrame]  # by name; where a reader gives it, those that have rows
    unread: frozenset[int] = frozenset()  # where a reader gives it, the files that are to be read by themselves

    @property
    def labels(self) -> frozenset[str]:
        """The sources of all rows."""
        return frozenset().union(*(file.labels for file in self.files if isinstance(file, Extract)))

    def with_alone(self, alone: dict[int, Extract | Fault]) -> Extracts:
        """All five frames, with what came of some files that were read by themselves, and what the rows of each file
        have told."""
        files = [alone.get(number, file) for number, file in enumerate(self.files)] if alone else [*self.files]
        out = [n for n, file in enumerate(files) if isinstance(file, Fault) or n in alone]
        own = [(n, file) for n, file in alone.items() if isinstance(file, Extract)]
        frames = {}
        for name, empty in _EMPTY.items():
            rows = self.frames.get(name, with_file(empty, 0))
            parts = [with_file(frame, n) for n, file in own if (frame := getattr(file, name)).height]
            rows = rows.remove(pl.col("file").is_in(out)) if out else rows
            frames[name] = pl.concat([rows, *parts]).sort("file", maintain_order=True) if parts else rows
        for number, said in enumerate(told(frames, len(files))):
            if isinstance(file := files[number], Extract):
                files[number] = file = file.with_frames(_EMPTY) if number in alone else file
                file.told, file.holds = said, file.holds if number in alone else _held(said.claims)
        return Extracts(files, frames)


@lru_cache(maxsize=4_096)
def _held(claimed: date | None) -> Holds:
    """For which dates of the clock the same comes of a file of which nothing was set aside."""
    return Holds(first_clock(claimed))


def of_many(schema: pl.Schema) -> pl.Schema:
    """The columns of a canonical frame of many files."""
    return pl.Schema([("file", pl.UInt32()), *schema.items()])


def with_file(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    """The rows of one file as rows of many."""
    return frame.select(pl.lit(number, pl.UInt32).alias("file"), pl.all())


def told(frames: dict[str, pl.DataFrame], files: int) -> list[Told]:
    """What the rows of each of so many files say in all."""
    found, parts, day = [_NOTHING] * files, list[pl.LazyFrame](), pl.col("local_date")
    for rows in (frame for frame in frames.values() if frame.height):
        source = pl.col("source") if "source" in rows.columns else pl.lit(None, pl.String).alias("source")
        parts.append(rows.lazy().select("file", source, "local_date", claims(rows).alias("claims")))
    if parts:
        ends = day.min().alias("first"), day.max().alias("last"), pl.col("claims").max()
        of_source = pl.concat(parts).group_by("file", "source").agg(pl.len(), *ends).collect()
        labels = {source: frozenset({source} - {None}) for source in of_source["source"].unique()}
        columns = (column.to_list() for column in of_source.iter_columns())
        for file, label, many, *days in zip(*columns, strict=True):
            one, other = Told(many, labels[label], *days), found[file]
            found[file] = one if other is _NOTHING else other.and_of(one)
    return found


def claims(rows: pl.DataFrame) -> pl.Expr:
    """The last date that each row is of, so far as its clock can be no other."""
    ends = [pl.col(name) for name in ("end_time",) if name in rows.columns]
    return pl.max_horizontal("local_date", *((end - _FARTHEST).dt.date() for end in ends))


def session_row(
    clock: Clock,
    *,
    source: str,
    device: str | None,
    activity: str,
    vendor_activity: str | None,
    start: datetime,
    end: datetime,
    timer: timedelta | None = None,
    steps: int | None = None,
    modality: str = "sensed",
    running: list[tuple[datetime, datetime]] | None = None,
) -> dict:
    """One row of SESSIONS. `running`: when the timer ran, if the file says; else the timer is laid from the start on.

    `timer` defaults to the full span. Times are aware UTC.
    """
    timer = end - start if timer is None else timer
    stretches = running if running is not None else [(start, start + timer)]
    parts = [
        {"start_time": a, "end_time": b, "local_date": day} for x, y in stretches for a, b, day in clock.split(x, y)
    ]
    last_moment = max(end - timedelta(milliseconds=1), start)
    return {
        "source": source,
        "device": device,
        "activity": activity,
        "vendor_activity": vendor_activity,
        "start_time": start,
        "end_time": max(end, start),
        "local_date": clock.date_of(start),
        "local_start_minute": clock.on_the_wall(start)[1],
        "local_end_date": clock.on_the_wall(last_moment)[0],
        "timer_ms": timer // timedelta(milliseconds=1),
        "steps": steps,
        "modality": modality,
        "parts": parts,
    }
