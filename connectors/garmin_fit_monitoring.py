"""Garmin monitoring files: what the watch counts all day long without being asked.

Called: *_WELLNESS.fit in an export, M*.FIT on the watch; file_id says monitoring_b (monitoring_a, monitoring_daily).
Where: garmin.com/account, Export Your Data, where they lie in DI_CONNECT/DI-Connect-Uploaded-Files; or on the watch
itself, in GARMIN/Monitor. A day is cut into a file per sync and one at midnight: all of them are needed.
Cannot tell: what kind of exercise it was; anything of hours not yet synced; steps minute by minute (rows come every
few minutes at best). Recorded activities are already inside these counters: never add the two.

The rows are totals since local midnight, one row per kind of movement, also in a file that begins at noon: a day's
steps are the sum over kinds of the largest total. A row belongs to the interval that ends at its time, inclusive: the
totals of a day are stamped with the midnight that begins the next. Field 3 counts steps for walking (6) and running
(1) only; for others it is crank turns or strokes. Intensity minutes are plain minutes here, vigorous ones not doubled.
Of the heart rate only this is kept: in which minutes there was one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from connectors import Context, _fit, _fit_words
from connectors._export import Export
from models.activity import DAY_MS, MINUTES, MOST_STEPS, READINGS, Extract
from models.clock import INSTANT, Clock
from models.rejection import Rejected

VERSION = 1
SOURCES = _fit_words.SOURCES
METRICS = {
    "steps": "device", "walking_minutes": "cadence", "brisk_minutes": "cadence", "moderate_minutes": "device",
    "vigorous_minutes": "device", "mvpa_minutes": "device", "mvpa_equivalent_minutes": "device",
    "exercise_minutes": "device", "movement_minutes": "cadence",
}  # fmt: skip


_DAY_MIN = DAY_MS // 60_000
_ROW, _INFO = 55, 103  # messages: monitoring, monitoring_info
_TIME, _MINUTE_8, _TIME_16 = _fit.TIMESTAMP, 25, 26
_TYPE, _TYPE_AND_INTENSITY = 5, 24
_STEPS, _ACTIVE_MS, _STEPS_16, _ACTIVE_S_16 = 3, 4, 9, 10  # totals since midnight, and the low 16 bits of such
_HEART_RATE = 27
_INTENSITY = {  # 37 and 38 are in no public profile: totals since midnight, in the first and last rows of a file
    33: "moderate_increment_min", 34: "vigorous_increment_min", 37: "moderate_total_min", 38: "vigorous_total_min",
}  # fmt: skip
_NAMES = {
    _TYPE: "activity_type", _TYPE_AND_INTENSITY: "type_and_intensity", _STEPS: "steps", _STEPS_16: "steps_16",
    _ACTIVE_MS: "active_ms", _ACTIVE_S_16: "active_s_16", _HEART_RATE: "heart_rate", **_INTENSITY,
}  # fmt: skip
_WANTED = {_INFO: (_TIME, 0), _ROW: (_TIME, _TIME_16, _MINUTE_8, *_NAMES)}
_STEPPING = (1, 6)  # running, walking


def identify(export: Export) -> bool:
    """FIT files whose file_id says monitoring, undamaged or not."""
    found = _fit.types(export)
    return _fit_words.ACTIVITY not in found and any(kind in _fit_words.MONITORING for kind in found)


def extract(export: Export, context: Context) -> Extract:
    """The counters as READINGS, and the minutes with a heart rate as MINUTES.

    Raises Rejected for a damaged file, and for one whose rows have no full time to count on from.
    """
    readings, beats, source = [pl.DataFrame(schema=READINGS)], [pl.DataFrame(schema=MINUTES)], context.zones.source
    begins: list[datetime] = []
    for part in _fit.read(export, _WANTED):
        label, device = _fit_words.who(part, context)
        who = [pl.lit(label, pl.String).alias("source"), pl.lit(device, pl.String).alias("device")]
        for clock, begin, rows in _by_clock(part, context):
            source = clock.source if clock is not context.zones else source
            begins += [begin] if begin else []
            # an interval that ends exactly at midnight belongs to the day before
            rows = rows.with_columns(local_date=clock.local_dates(rows["end_time"] - timedelta(milliseconds=1)))
            readings.append(_readings(rows, begin).select(*who, *list(READINGS)[2:]).cast(READINGS))
            beats.append(_beats(rows, clock).select(*who, *list(MINUTES)[2:]))
    # A file cut at a sync repeats the last minute of the one before it, and so may parts of one file.
    minutes_once = pl.concat(beats).unique(maintain_order=True)
    since = min(begins, default=None)
    return Extract(readings=pl.concat(readings), minutes=minutes_once, tz_source=source, begins=since)


def _by_clock(part: _fit.FitPart, context: Context) -> Iterator[tuple[Clock, datetime | None, pl.DataFrame]]:
    """The rows, and the clock that dates them, since when: each monitoring_info tells an instant and its offset.

    Columns: `end_time`, `activity_type`, and the wanted fields that are no times.
    """
    stays: list[tuple[int, Clock, datetime | None]] = [(0, context.zones, None)]
    told: dict[int, int] = {}
    for place, seconds, local in zip(part.places(_INFO), *(part.column(_INFO, f) for f in (_TIME, 0)), strict=True):
        if seconds is not None:
            at, row = _fit.date_time(_INFO, _TIME, seconds), bisect_left(part.places(_ROW), place)
            stays.append((row, context.zones.trusting(_fit_words.local_offset(seconds, local), at=at), at))
            told[row] = seconds
    times = _times(part, told)
    for seconds in (min(times), max(times)) if times else ():
        _fit.date_time(_ROW, _TIME, seconds)  # that it is a date
    rows = _rows(part).with_columns(end_time=_instants(times))
    for (first, clock, since), (end, *_) in pairwise([*stays, (len(times), context.zones, None)]):
        if first < end:
            yield clock, since, rows.slice(first, end - first)


def _times(part: _fit.FitPart, told: dict[int, int]) -> list[int]:
    """The time of every row, in FIT's seconds; `told`: by the number of a row, what was told just before it.

    Most rows give only the low 16 bits of their time, some its minutes modulo 256: they are counted on from the row
    before, never from the start of the file (a day rolls over more than once). Raises Rejected where there is no row
    before.
    """
    times: list[int] = []
    seconds: int | None = None
    each = (part.column(_ROW, _TIME), part.column(_ROW, _TIME_16, 0xFFFF), part.column(_ROW, _MINUTE_8, 0xFF))
    for row, (full, low, minute) in enumerate(zip(*each, strict=True)):
        seconds = told.get(row, seconds) if full is None else full
        if seconds is None:
            found, expected = "a row before any full time", "a monitoring_info first"
            raise Rejected("FIT monitoring", found, expected, "sync the watch and export again")
        if full is None and low is not None:
            seconds += (low - seconds) & 0xFFFF
        elif full is None and minute is not None and (minutes := (minute - seconds // 60) & 0xFF):
            seconds = (seconds // 60 + minutes) * 60
        times.append(seconds)
    return times


def _instants(seconds: list[int]) -> pl.Series:
    since_1970 = pl.Series(seconds, dtype=pl.Int64) + int(_fit.EPOCH.timestamp())
    return (since_1970 * 1000).cast(INSTANT)


def _rows(part: _fit.FitPart) -> pl.DataFrame:
    """A column per wanted field that is no time. The kind of movement, where field 5 does not say it, is in 24."""
    most = dict.fromkeys(_INTENSITY, _DAY_MIN) | {_STEPS_16: 0xFFFF, _ACTIVE_S_16: 0xFFFF, _TYPE: 0xFF}
    fields = {field: part.column(_ROW, field, most.get(field, 0xFFFFFFFF)) for field in _NAMES}
    rows = pl.DataFrame({_NAMES[f]: pl.Series(values, dtype=pl.Int64) for f, values in fields.items()})
    return rows.with_columns(activity_type=pl.coalesce("activity_type", pl.col("type_and_intensity") & 0x1F))


def _readings(rows: pl.DataFrame, begin: datetime | None) -> pl.DataFrame:
    """What the rows count: by kind of movement, and of the whole day.

    Totals of 0 at the very instant a file begins say nothing, and at midnight they would be said of the day before.
    """
    row, intensity = pl.int_range(pl.len()).alias("row"), pl.col(*_INTENSITY.values())
    steps, active = _counted_on(rows, "steps", "steps_16", 1), _counted_on(rows, "active_ms", "active_s_16", 1000)
    is_step = pl.col("activity_type").is_in(_STEPPING)
    counted = rows.select(row, "end_time", "local_date", "activity_type", steps, active).filter(
        pl.col("activity_type").is_not_null(), (is_step & pl.col("steps").is_not_null()) | active.is_not_null()
    )
    counted = counted.with_columns(steps=pl.when(is_step).then("steps"))
    for name, field, most in (("steps", _STEPS, MOST_STEPS), ("active_ms", _ACTIVE_MS, DAY_MS)):
        _fit.whole_numbers(_ROW, field, counted[name].to_list(), most)
    of_day = rows.select(row, "end_time", "local_date", intensity).filter(pl.any_horizontal(intensity.is_not_null()))
    both = pl.concat([counted, of_day], how="diagonal").sort("row", maintain_order=True)
    says = pl.any_horizontal(pl.col("steps", "active_ms", *_INTENSITY.values()) > 0)
    return both.filter((pl.col("end_time") != pl.lit(begin, INSTANT)) | says if begin else True)


def _counted_on(rows: pl.DataFrame, total: str, low: str, unit: int) -> pl.Series:
    """A total since midnight. Where only its low 16 bits are given: counted on from the last of that day and kind."""
    if rows[low].null_count() == rows.height:
        return rows[total]
    last: dict[tuple, int] = {}
    found: list[int | None] = []
    for kind, day, whole, bits in rows.select("activity_type", "local_date", total, low).iter_rows():
        if kind is not None and whole is None and bits is not None:
            before = last.get((kind, day), 0) // unit
            whole = unit * (before + ((bits - before) & 0xFFFF))
        if whole is not None:
            last[kind, day] = whole
        found.append(whole)
    return pl.Series(total, found, dtype=pl.Int64)


def _beats(rows: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """The minutes with a heart rate."""
    minute = pl.col("end_time").dt.truncate("1m").alias("start_time")
    beats = rows.filter(pl.col("heart_rate") > 0).select(minute).unique(maintain_order=True)
    return beats.with_columns(
        local_date=clock.local_dates(beats["start_time"]),
        metric=pl.lit("heart_rate", MINUTES["metric"]),
        value=pl.lit(1, pl.Int32),
    )
