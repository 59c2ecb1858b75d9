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

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from connectors import Context, _fit
from connectors._export import Export
from models.activity import DAY_MS, MINUTES, MOST_STEPS, READINGS, Extract
from models.clock import INSTANT, Clock
from models.rejection import Rejected

VERSION = 1
SOURCES = _fit.SOURCES
METRICS = {
    "steps": "device", "walking_minutes": "cadence", "brisk_minutes": "cadence", "moderate_minutes": "device",
    "vigorous_minutes": "device", "mvpa_minutes": "device", "mvpa_equivalent_minutes": "device",
    "exercise_minutes": "device", "movement_minutes": "cadence",
}  # fmt: skip


class _Counter(NamedTuple):
    field: int
    low_field: int  # its low 16 bits
    unit: int  # how much of the field one of the low field is
    most: int


_STEPS, _ACTIVE = _Counter(3, 9, 1, MOST_STEPS), _Counter(4, 10, 1000, DAY_MS)  # steps; milliseconds
_DAY_MIN = DAY_MS // 60_000
_ROW, _INFO = 55, 103  # messages: monitoring, monitoring_info
_TYPE, _TYPE_AND_INTENSITY = 5, 24
_TIME, _MINUTE_8, _TIME_16, _HEART_RATE = _fit.TIMESTAMP, 25, 26, 27
_INTENSITY = {  # 37 and 38 are in no public profile: totals since midnight, in the first and last rows of a file
    33: "moderate_increment_min", 34: "vigorous_increment_min", 37: "moderate_total_min", 38: "vigorous_total_min",
}  # fmt: skip
_COUNTS = {"steps", "active_ms", *_INTENSITY.values()}
_WANTED = {
    _INFO: (_TIME, 0),
    _ROW: (
        _TIME, _MINUTE_8, _TIME_16, _HEART_RATE, _TYPE, _TYPE_AND_INTENSITY, *_STEPS[:2], *_ACTIVE[:2], *_INTENSITY,
    ),
}  # fmt: skip
_STEPPING = (1, 6)  # running, walking


def identify(export: Export) -> bool:
    """FIT files whose file_id says monitoring, undamaged or not."""
    found = _fit.types(export)
    return _fit.ACTIVITY not in found and any(kind in _fit.MONITORING for kind in found)


def extract(export: Export, context: Context) -> Extract:
    """The counters as READINGS, and the minutes with a heart rate as MINUTES.

    Raises Rejected for a damaged file, and for one whose rows have no full time to count on from.
    """
    readings, beats, source = [pl.DataFrame(schema=READINGS)], [pl.DataFrame(schema=MINUTES)], context.zones.source
    begins: list[datetime] = []
    for part in _fit.read(export, _WANTED):
        who = dict(zip(("source", "device"), part.who(context), strict=True))
        for clock, begin, rows in _by_clock(part, context):
            source = clock.source if clock is not context.zones else source
            counted, minutes = _read(rows, clock, begin)
            begins += [begin] if begin else []
            readings.append(_framed(counted, who, clock, "end_time", READINGS, timedelta(milliseconds=1)))
            beats.append(_framed(minutes, who, clock, "start_time", MINUTES, timedelta(0)))
    # A file cut at a sync repeats the last minute of the one before it, and so may parts of one file.
    minutes_once = pl.concat(beats).unique(maintain_order=True)
    since = min(begins, default=None)
    return Extract(readings=pl.concat(readings), minutes=minutes_once, tz_source=source, begins=since)


_Timed = list[tuple[datetime, _fit.Message]]


def _by_clock(part: _fit.FitPart, context: Context) -> list[tuple[Clock, datetime | None, _Timed]]:
    """The rows with their times, and the clock that dates them: each monitoring_info tells an instant and its offset.

    Most rows give only the low 16 bits of their time, some its minutes modulo 256: they are counted on from the row
    before, never from the start of the file (a day rolls over more than once).
    """
    stays: list[tuple[Clock, datetime | None, _Timed]] = [(context.zones, None, [])]
    seconds: int | None = None
    for message in part.messages:
        told = message.whole(_TIME)
        if message.number == _INFO:
            at = message.instant(_TIME)
            if at is not None:
                seconds, offset = told, _fit.local_offset(told, message.whole(0))
                stays.append((context.zones.trusting(offset, at=at), at, []))
        elif message.number == _ROW:
            seconds = _later(seconds, message)
            at = _fit.Message(_ROW, {_TIME: seconds}).instant(_TIME)
            assert at is not None
            stays[-1][2].append((at, message))
    return [stay for stay in stays if stay[2]]


def _later(seconds: int | None, row: _fit.Message) -> int:
    """The time of a row, from that of the row before. Raises Rejected where there is none."""
    full, low, minute = row.whole(_TIME), row.whole(_TIME_16), row.whole(_MINUTE_8)
    if full is not None:
        return full
    if seconds is None:
        raise Rejected(
            "FIT monitoring", "a row before any full time", "a monitoring_info first", "sync the watch and export again"
        )
    if low is not None:
        return seconds + ((low - seconds) & 0xFFFF)
    if minute is not None and (minutes := (minute - seconds // 60) & 0xFF):
        return (seconds // 60 + minutes) * 60
    return seconds


def _read(rows: _Timed, clock: Clock, begin: datetime | None) -> tuple[list[dict], list[dict]]:
    """The readings, and the minutes with a heart rate.

    Totals of 0 at the very instant a file begins say nothing, and at midnight they would be said of the day before.
    """
    readings: list[dict] = []
    beats: dict[datetime, None] = {}
    totals: dict[tuple, int] = {}  # the last total of each counter, type and day, for 16-bit rows
    for at, row in rows:
        if row.whole(_HEART_RATE):
            beats[at.replace(second=0)] = None
        kind = _type(row)
        if kind is not None:
            day = clock.date_of(at - timedelta(milliseconds=1))
            steps = _total(row, _STEPS, totals, (kind, day)) if kind in _STEPPING else None
            active = _total(row, _ACTIVE, totals, (kind, day))
            if steps is not None or active is not None:
                readings.append({"end_time": at, "activity_type": kind, "steps": steps, "active_ms": active})
        minutes = {name: row.whole(field, _DAY_MIN) for field, name in _INTENSITY.items() if field in row.fields}
        if minutes:
            readings.append({"end_time": at, **minutes})
    readings = [one for one in readings if one["end_time"] != begin or any(one[n] for n in _COUNTS & one.keys())]
    return readings, [{"start_time": minute, "metric": "heart_rate", "value": 1} for minute in beats]


def _type(row: _fit.Message) -> int | None:
    """The kind of movement; in the low 5 bits of field 24 where field 5 does not say it. 9 occurs and has no name."""
    if _TYPE in row.fields:
        return row.whole(_TYPE, 0xFF)
    both = row.whole(_TYPE_AND_INTENSITY)
    return None if both is None else both & 0x1F


def _total(row: _fit.Message, counter: _Counter, totals: dict[tuple, int], of: tuple[int, date]) -> int | None:
    """A total since midnight. Where only its low 16 bits are given: counted on from the last total of that day."""
    full, low = row.whole(counter.field, counter.most), row.whole(counter.low_field, 0xFFFF)
    if full is None and low is None:
        return None
    last = totals.get((counter, of), 0) // counter.unit
    total = full if full is not None else counter.unit * (last + (((low or 0) - last) & 0xFFFF))
    if total > counter.most:
        raise Rejected("FIT monitoring", "a total that cannot be", f"at most {counter.most}", "sync and export again")
    totals[counter, of] = total
    return total


def _framed(
    rows: list[dict[str, Any]],
    who: dict[str, str | None],
    clock: Clock,
    time: str,
    schema: pl.Schema,
    inclusive: timedelta,
) -> pl.DataFrame:
    """Rows as a canonical frame. An interval that ends exactly at midnight belongs to the day before."""
    times = pl.Series([row[time] for row in rows], dtype=INSTANT) - inclusive
    dates = clock.local_dates(times)
    return pl.DataFrame(
        [{**who, **row, "local_date": day} for row, day in zip(rows, dates, strict=True)], schema=schema
    )
