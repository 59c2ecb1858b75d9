"""The canonical frames: what every export is turned into, whoever made the device.

A connector gives an `Extract` of five Polars frames. `check` compares each with its schema and with what can be.
Units are in the names; instants are UTC; NULL means "not known", 0 means "none".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from models.clock import INSTANT, Clock
from models.fault import ANY_CLOCK, Fault, Holds, first_clock
from models.ranges import DATE_MS as DATE_MS  # to be had from here, too
from models.ranges import DAY_MS as DAY_MS
from models.ranges import EARLIEST as EARLIEST
from models.ranges import MOST_SESSIONS as MOST_SESSIONS
from models.ranges import MOST_STEPS as MOST_STEPS
from models.ranges import check_sizes, check_together, wrong_rows
from models.set_aside import SetAside, set_aside
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
    """What the rows of a file say in all: how many there are, their sources, and their first and last local date."""

    rows: int = 0
    labels: frozenset[str] = frozenset()
    first: date | None = None
    last: date | None = None


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

    @property
    def rows(self) -> int:
        """How many canonical rows the file gave."""
        return self.told.rows if self.told else sum(frame.height for frame in self.frames().values())

    @property
    def labels(self) -> frozenset[str]:
        """The sources of its rows."""
        return self._told.labels

    def covers(self) -> tuple[date | None, date | None]:
        """First and last local date of anything in the file."""
        return self._told.first, self._told.last

    @cached_property
    def _told(self) -> Told:
        return self.told or told({name: with_file(frame, 0) for name, frame in self.frames().items()}, 1)[0]

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
    frames: dict[str, pl.DataFrame]  # all five, by name


def together(files: list[Extract | Fault]) -> Extracts:
    """The extracts of files that were read one by one."""
    frames = {
        name: pl.concat(
            [with_file(empty, 0)]
            + [
                with_file(frame, number)
                for number, file in enumerate(files)
                if isinstance(file, Extract) and (frame := getattr(file, name)).height
            ]
        )
        for name, empty in _EMPTY.items()
    }
    tellings = told(frames, len(files))
    return Extracts(
        [f if isinstance(f, Fault) else replace(f, **_EMPTY, told=t) for f, t in zip(files, tellings, strict=True)],
        frames,
    )


def with_file(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    """The rows of one file as rows of many."""
    return frame.select(pl.lit(number, pl.UInt32).alias("file"), pl.all())


def told(frames: dict[str, pl.DataFrame], files: int) -> list[Told]:
    """What the rows of each of so many files say in all."""
    day, nobody = pl.col("local_date"), pl.lit([], pl.List(pl.String))
    parts = [
        frame.lazy().group_by("file").agg(
            pl.len().alias("rows"),
            pl.col("source").unique() if "source" in frame.columns else nobody.alias("source"),
            day.min().alias("first"), day.max().alias("last"),
        )
        for frame in frames.values() if frame.height
    ]  # fmt: skip
    found = [Told()] * files
    for number, rows, labels, first, last in pl.concat(parts).collect().iter_rows() if parts else ():
        so_far = found[number]
        ends = [d for d in (so_far.first, so_far.last, first, last) if d]
        every = so_far.labels.union(label for label in labels if label is not None)
        found[number] = Told(so_far.rows + rows, every, min(ends, default=None), max(ends, default=None))
    return found


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


def check(extract: Extract, today: date) -> None:
    """Check an extract against its schemas and against what can be.

    Rows that cannot be by themselves (a time before 1990 or after tomorrow, a number out of its range in
    models/ranges.py) are set aside (models/set_aside.py), or raise Rejected where no file is being read. Raises
    Rejected for what cannot be of rows together (more steps than a day has), TypeError where a connector broke the
    schema: a bug of ours.
    """
    for name, schema in SCHEMAS.items():
        if (frame := getattr(extract, name)) is not _EMPTY[name] and frame.schema != schema:
            raise TypeError(f"{name}: the connector gave {frame.schema}, the schema is {schema}")
    check_sizes(extract.frames())
    latest = datetime.combine(today + timedelta(days=2), datetime.min.time(), UTC) + timedelta(hours=14)
    for name, frame in extract.frames().items():
        if frame.height:
            setattr(extract, name, _possible(name, frame, today + timedelta(days=1), latest))
    check_together(extract.frames(), extract.begins, latest)


def _possible(name: str, frame: pl.DataFrame, tomorrow: date, latest: datetime) -> pl.DataFrame:
    """The rows that can be; the others are set aside, each once."""
    gone: pl.Series | None = None
    for fault, wrong in wrong_rows(name, frame, tomorrow, latest):
        wrong = wrong if gone is None else wrong & ~gone
        if wrong.any():
            rows = frame.filter(wrong)
            claimed = zip(_claims(rows), rows["local_date"], strict=True)
            set_aside(fault, [last if last > tomorrow else day for last, day in claimed])
            gone = wrong if gone is None else gone | wrong
    return frame if gone is None else frame.filter(~gone)


def note_set_aside(extract: Extract, records: SetAside) -> None:
    """Note in an extract what was set aside of its file. Raises Rejected where that is too much."""
    lasts: list[Any] = [_claims(frame).max() for frame in extract.frames().values() if frame.height]
    extract.holds = Holds(first_clock(max(lasts, default=None)), first_clock(records.ahead))
    records.check_share(extract.rows)
    extract.notes += records.notes()
    extract.doubted = records.doubted


def claims_by_file(frames: dict[str, pl.DataFrame]) -> dict[int, date]:
    """The last date that a row of each file is of, likewise, of frames of many files (Extracts)."""
    parts = [
        frame.lazy().group_by("file").agg(_last_date(frame).max().alias("date"))
        for frame in frames.values()
        if frame.height
    ]
    last = pl.concat(parts).group_by("file").agg(pl.col("date").max()) if parts else None
    return dict(last.collect().iter_rows()) if last is not None else {}


def _claims(frame: pl.DataFrame) -> pl.Series:
    """The last date that each row is of, so far as its clock can be no other."""
    return frame.lazy().select(_last_date(frame).alias("date")).collect()["date"]


def _last_date(frame: pl.DataFrame) -> pl.Expr:
    ends = [pl.col(name) for name in ("end_time",) if name in frame.columns]
    return pl.max_horizontal("local_date", *((end - _FARTHEST).dt.date() for end in ends))
