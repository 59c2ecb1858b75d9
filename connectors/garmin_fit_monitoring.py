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
Of the heart rate only this is read: in which minutes there was one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit import fit, fit_words
from connectors.kit.export import Export
from connectors.kit.metrics import by_method
from connectors.kit.rows import canonical, minutes
from models.activity import DATE_MS, DAY_MS, MOST_STEPS, READINGS, Extract
from models.clock import INSTANT, Clock
from models.fault import Rejected

VERSION = 2
EXPORT = "selection"  # a piece of a day: its totals only grow
LOOKS_FOR = ("FIT",)
SOURCES = fit_words.SOURCES
METRICS = by_method(device="steps moderate vigorous mvpa mvpa_equivalent exercise", cadence="walking brisk movement")

_ROW, _INFO = 55, 103  # messages: monitoring, monitoring_info
_TIME, _TIME_16, _MINUTE_8, _HEART_RATE = fit.TIMESTAMP, 26, 25, 27
# What a row counts: type of movement (or with its intensity), steps and their low 16 bits, active milliseconds and the
# low 16 bits of seconds, intensity minutes: totals since midnight (in no public profile), increments. And the most.
_COUNTS = {5: 0xFF, 24: 0xFF, 3: 2**32, 9: 0xFFFF, 4: 2**32, 10: 0xFFFF}
_COUNTS |= dict.fromkeys((37, 38, 33, 34), DAY_MS // 60_000)
WANTED = {_INFO: (_TIME, 0), _ROW: (_TIME, _TIME_16, _MINUTE_8, _HEART_RATE, *_COUNTS)}
_STEPPING = (1, 6)  # running, walking

_Column = list[int | None]
_Stays = list[tuple[Clock, int | None, slice]]
_Totals = dict[tuple[int, str], tuple[int, int]]  # of each counter: when it was last read, and its total then


def identify(export: Export) -> bool:
    """FIT files whose file_id says monitoring, undamaged or not."""
    found = fit.types(export)
    return fit_words.ACTIVITY not in found and any(kind in fit_words.MONITORING for kind in found)


def extract(export: Export, context: Context) -> Extract:
    """The counters as READINGS, and the minutes with a heart rate as MINUTES.

    Raises Rejected for a damaged file, and for one whose rows have no full time to count on from.
    """
    readings, beats, begins = list[pl.DataFrame](), list[pl.DataFrame](), list[datetime]()
    source = context.zones.source
    parts = fit.read(export, WANTED)
    notes = fit.remarks(parts)
    for part in parts:
        who = dict(zip(("source", "device"), fit_words.who(part, context), strict=True))
        stays, times = _timed(part, context)
        rates = part.column(_ROW, _HEART_RATE)
        counts = list(zip(*(part.column(_ROW, field, most) for field, most in _COUNTS.items()), strict=True))
        for clock, begin, rows in stays:
            source = clock.source if clock is not context.zones else source
            begins += [fit.date_time(_INFO, _TIME, begin)] if begin else []
            readings.append(_readings(times[rows], counts[rows], begin, clock, who))
            beats.append(_beats(times[rows], rates[rows], clock, who))
    if not readings:
        return Extract(tz_source=source, notes=notes)
    # a file cut at a sync repeats the last minute of the one before it, and so may parts of one file
    worn = pl.concat(beats).unique(maintain_order=True) if len(beats) > 1 else beats[0]
    return Extract(worn, pl.concat(readings), tz_source=source, begins=min(begins, default=None), notes=notes)


def _timed(part: fit.FitPart, context: Context) -> tuple[_Stays, list[int]]:
    """Which rows are dated by which clock, since when, and the time of every row. Times are FIT's seconds.

    Each monitoring_info has an instant and its offset, for the rows that follow.
    """
    stays: list[tuple[Clock, int | None, int]] = [(context.zones, None, 0)]
    for place, since, local in zip(part.places(_INFO), *(part.column(_INFO, f) for f in (_TIME, 0)), strict=True):
        if since is not None:
            at, first = fit.date_time(_INFO, _TIME, since), bisect_left(part.places(_ROW), place)
            stays.append((context.zones.trusting(fit_words.local_offset(since, local), at=at), since, first))
    each = [part.column(_ROW, _TIME), part.column(_ROW, _TIME_16, 0xFFFF), part.column(_ROW, _MINUTE_8, 0xFF)]
    ends = [first for *_, first in stays[1:]] + [len(each[0])]
    times: list[int] = []
    for (_, since, first), end in zip(stays, ends, strict=True):
        full_times, low_bits, minutes_8 = (column[first:end] for column in each)
        times += _times(full_times, low_bits, minutes_8, since)
    for seconds in (min(times), max(times)) if times else ():
        fit.date_time(_ROW, _TIME, seconds)  # that it is a date
    spans = zip(stays, ends, strict=True)
    return [(clock, since, slice(first, end)) for (clock, since, first), end in spans if first < end], times


def _times(full_times: _Column, low_bits: _Column, minutes_8: _Column, seconds: int | None) -> Iterator[int]:
    """The times of rows, in FIT's seconds, counted on from `seconds`.

    Most rows give only the low 16 bits of their time, some its minutes modulo 256: they are counted on from the row
    before, never from the start of the file (a day rolls over more than once). The low bits mean the nearest time,
    which may lie before that row: watches write a row late now and then. Raises Rejected where there is no row before.
    """
    for full, low, minute in zip(full_times, low_bits, minutes_8, strict=True):
        if full is not None:
            seconds = full
        elif seconds is None:
            found = "a row before any full time"
            raise Rejected("FIT monitoring", found, "a monitoring_info first", "sync the watch and export again")
        elif low is not None:
            seconds += ((low - seconds + 0x8000) & 0xFFFF) - 0x8000
        elif minute is not None and (later := (minute - seconds // 60) & 0xFF):
            seconds = (seconds // 60 + later) * 60
        yield seconds


def _readings(times: list[int], counts: list[tuple], begin: int | None, clock: Clock, who: dict) -> pl.DataFrame:
    """What the rows count: per kind of movement, and of all movement.

    Totals of 0 at the very instant a file begins say nothing, and at midnight they would count for the day before.
    """
    readings: list[tuple[int | None, ...]] = []
    last: _Totals = {}
    nothing = (None,) * len(_COUNTS)  # but a heart rate, as in most rows
    for at, row in ((at, row) for at, row in zip(times, counts, strict=True) if row != nothing):
        kind, packed, steps, steps_16, active, active_16, *judged = row
        if kind is None and packed is not None:
            kind = packed & 0x1F  # the rest is the intensity. Kind 9 occurs and has no name
        if kind is not None:
            steps = _total(last, (kind, "steps"), at, steps, steps_16, clock) if kind in _STEPPING else None
            active = _total(last, (kind, "active_ms"), at, active, active_16, clock)
            if steps is not None or active is not None:
                readings.append((at, kind, steps, active, None, None, None, None))
        if judged != [None, None, None, None]:
            readings.append((at, None, None, None, *judged))
    readings = [reading for reading in readings if reading[0] != begin or any(reading[2:])]
    ends, *figures = zip(*readings, strict=True) if readings else [()] * 8
    named = zip(list(READINGS)[4:], figures, strict=True)
    columns = {name: pl.Series(values, dtype=READINGS[name]) for name, values in named}
    instants = _instants(ends)
    dates = clock.local_dates(instants - timedelta(milliseconds=1))  # what ends at midnight is of the day before
    return canonical(READINGS, pl.DataFrame(columns | {"end_time": instants, "local_date": dates}), **who)


def _total(last: _Totals, key: tuple[int, str], at: int, full: int | None, low: int | None, clock: Clock) -> int | None:
    """A total since midnight. Where only its low 16 bits are given: counted on from the last total of that day."""
    if full is None and low is None:
        return None
    unit, most = (1, MOST_STEPS) if key[1] == "steps" else (1000, DATE_MS)
    if full is None:
        then, before = last.get(key, (at, 0))
        days = {clock.date_of(fit.date_time(_ROW, _TIME, time) - timedelta(milliseconds=1)) for time in (then, at)}
        before = before // unit if len(days) == 1 else 0
        full = unit * (before + (((low or 0) - before) & 0xFFFF))
    if full > most:
        raise Rejected("FIT monitoring", "a total that cannot be", f"at most {most}", "sync and export again")
    last[key] = at, full
    return full


def _beats(times: list[int], rates: _Column, clock: Clock, who: dict[str, Any]) -> pl.DataFrame:
    """The minutes with a heart rate."""
    begins = list(dict.fromkeys(at - at % 60 for at, rate in zip(times, rates, strict=True) if rate))
    return minutes(pl.DataFrame({"start_time": _instants(begins)}), clock, metric="heart_rate", value=1, **who)


def _instants(seconds: Sequence[Any]) -> pl.Series:
    return ((pl.Series(seconds, dtype=pl.Int64) + int(fit.EPOCH.timestamp())) * 1000).cast(INSTANT)
