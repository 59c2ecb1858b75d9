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

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

import polars as pl

from connectors import Context
from connectors.kit import fit, fit_words
from connectors.kit.clocks import ZONES, Clocks
from connectors.kit.export import Export
from connectors.kit.fit_columns import FitFiles, counted_on, onward, read_all
from connectors.kit.fit_types import types
from connectors.kit.many import one_of
from connectors.kit.metrics import by_method
from connectors.kit.rows import canonical
from models.activity import DATE_MS, DAY_MS, MINUTES, MOST_STEPS, READINGS, Extract, Extracts, of_many
from models.clock import INSTANT
from models.fault import Rejected

VERSION = 2
EXPORT = "selection"  # a piece of a day: its totals only grow
LOOKS_FOR = ("FIT",)
SOURCES = fit_words.SOURCES
METRICS = by_method(device="steps moderate vigorous mvpa mvpa_equivalent exercise", cadence="walking brisk movement")

_ROW, _INFO = 55, 103  # messages: monitoring, monitoring_info
_TIME, _TIME_16, _MINUTE_8, _HEART_RATE = fit.TIMESTAMP, 26, 25, 27
# What a row counts, by field: its column, and the most it can be.
_COUNTS = {
    5: ("activity_type", 0xFF), 24: ("packed", 0xFF),  # type of movement; or in 5 bits, with its intensity
    3: ("steps", 2**32), 9: ("steps_16", 0xFFFF), 4: ("active_ms", 2**32), 10: ("active_s_16", 0xFFFF),  # low 16 bits
    37: ("moderate_total_min", DAY_MS // 60_000), 38: ("vigorous_total_min", DAY_MS // 60_000),  # in no public profile
    33: ("moderate_increment_min", DAY_MS // 60_000), 34: ("vigorous_increment_min", DAY_MS // 60_000),
}  # fmt: skip
WANTED = {_INFO: (_TIME, 0), _ROW: (_TIME, _TIME_16, _MINUTE_8, _HEART_RATE, *_COUNTS)}
_STEPPING = (1, 6)  # running, walking

_MOVING = ("steps", "active_ms")  # totals of a kind of movement
_JUDGED = ("moderate_total_min", "vigorous_total_min", "moderate_increment_min", "vigorous_increment_min")
_WHOSE = ("file", "part", "stay", "since", "clock", "at")
_SAME_BEAT = ("file", "owner", "start_time", "local_date")
_OF_A_TOTAL = ("stay", "activity_type", "local_date")  # another one begins anew
_NEVER = -(2**40)  # nobody's time, however many rows are counted on from it
_LATE = 0x8000  # seconds that a time of 16 bits may lie before the row before: half of what they can say
_MILLISECOND = timedelta(milliseconds=1)


def identify(export: Export) -> bool:
    """FIT files whose file_id says monitoring, undamaged or not."""
    return fit_words.is_monitoring(types(export))


def extract(export: Export, context: Context) -> Extract:
    """The counters as READINGS, and the minutes with a heart rate as MINUTES.

    Raises Rejected for a damaged file, and for one whose rows have no full time to count on from.
    """
    return one_of(extract_all, export, context)


def extract_all(exports: Sequence[Export], context: Context) -> Extracts:
    """The same of many files. What follows a monitoring_info, which has an instant and its offset, is a `stay`."""
    files, clocks = read_all(exports, WANTED), Clocks(context.zones)
    stays = _stays(files, clocks)
    rows = _timed(files, stays)
    counts, owners = _counted(files, rows), fit_words.owners(files, context)
    beats = fit_words.with_who(_beats(rows, clocks), owners)
    readings = fit_words.with_who(_readings(files, counts, clocks), owners)
    extracts = [Extract(tz_source=context.zones.source, notes=notes) for notes in files.notes]
    _tell_of_stays(extracts, stays.filter(pl.col("stay").is_in(rows["stay"].unique().implode())), clocks)
    for file, day in {*clocks.suspect(beats), *clocks.suspect(readings)}:
        extracts[file].suspect |= {day}
    minutes = canonical(of_many(MINUTES), _each_once(beats), metric="heart_rate", value=1)
    found, faults = {"minutes": minutes, "readings": canonical(of_many(READINGS), readings)}, files.faults
    return Extracts([faults.get(file, extract) for file, extract in enumerate(extracts)], found)


def _tell_of_stays(extracts: list[Extract], stays: pl.DataFrame, clocks: Clocks) -> None:
    """Since when each file counts, and by which clock, where that is none of the person's zones."""
    for file, since, clock in stays.select("file", "since", "clock").iter_rows():
        extract = extracts[file]
        if since is not None:
            begin = fit.date_time(_INFO, _TIME, since)
            extract.begins = min(extract.begins or begin, begin)
        if clock != ZONES:
            extract.tz_source = clocks.source(clock)


def _stays(files: FitFiles, clocks: Clocks) -> pl.DataFrame:
    """By which clock what follows `place` is dated, and since when (FIT's seconds): of each part before the first
    monitoring_info, and of each of them."""
    infos = files.rows(_INFO, (_TIME, 0)).join_asof(files.starts, on="place")
    for field in (_TIME, 0):
        infos = files.whole_numbers(infos, _INFO, field)
    infos = infos.drop_nulls(f"{_TIME}")
    infos = files.at_least(infos, f"{_TIME}", fit.SYSTEM_TIME, fit.no_date(_INFO, _TIME))
    offsets = fit_words.local_offsets(infos[f"{_TIME}"], infos["0"])
    at = infos.select(_instants(pl.col(f"{_TIME}"))).to_series()
    infos = infos.with_columns(since=f"{_TIME}", clock=clocks.trusting(offsets, at)).drop(f"{_TIME}", "0")
    first = files.starts.with_columns(since=pl.lit(None, pl.Int64), clock=pl.lit(ZONES, pl.Int32))
    return pl.concat([first, infos.select(first.columns)]).sort("place").with_row_index("stay")


def _timed(files: FitFiles, stays: pl.DataFrame) -> pl.DataFrame:
    """The rows with their stay, their time `at`, in FIT's seconds, and the heart rate."""
    rows = files.rows(_ROW, (_TIME, _TIME_16, _MINUTE_8, _HEART_RATE)).join_asof(stays, on="place")
    for field, most in ((_TIME, 0xFFFFFFFF), (_TIME_16, 0xFFFF), (_MINUTE_8, 0xFF)):
        rows = files.whole_numbers(rows, _ROW, field, most)
    rows = rows.with_columns(_times(rows.select("stay", "since", f"{_TIME}", f"{_TIME_16}", f"{_MINUTE_8}")))
    found = "a row before any full time"
    why = Rejected("FIT monitoring", found, "a monitoring_info first", "sync the watch and export again")
    rows = files.at_least(rows, "at", 0, why)
    rows = files.at_least(rows, "at", fit.SYSTEM_TIME, fit.no_date(_ROW, _TIME))
    return files.whole_numbers(rows, _ROW, _HEART_RATE)


def _counted(files: FitFiles, rows: pl.DataFrame) -> pl.DataFrame:
    """What the rows count, of those that count anything, with their stay and their time: most do not."""
    some = files.rows(_ROW, _COUNTS, with_any=True).filter(_has(f"{field}" for field in _COUNTS))
    some = some.join(rows.select("place", *_WHOSE), on="place", maintain_order="left")
    for field, (_, most) in _COUNTS.items():
        some = files.whole_numbers(some, _ROW, field, most)
    return some.rename({f"{field}": name for field, (name, _) in _COUNTS.items()})


def _times(rows: pl.DataFrame) -> pl.Series:
    """`at`: when the rows were, in FIT's seconds, counted on from when their stay began; below 0 where nothing was.

    Most rows give only the low 16 bits of their time: they are counted on from the row before, never from the start of
    the file (a day rolls over more than once). The low bits mean the nearest time, which may lie before that row:
    watches write a row late now and then.
    """
    full, low, minute = (pl.col(f"{field}") for field in (_TIME, _TIME_16, _MINUTE_8))
    has_minutes = rows[f"{_MINUTE_8}"].null_count() < rows.height
    if has_minutes and rows.filter(full.is_null() & low.is_null() & minute.is_not_null()).height:
        return pl.Series("at", list(_times_in_turn(rows)), dtype=pl.Int64)
    since = pl.col("since").fill_null(_NEVER)
    first = since + onward(since, low, _LATE).fill_null(0)
    is_first = pl.col("stay").ne_missing(pl.col("stay").shift())
    rows = rows.select(full=pl.coalesce(full, pl.when(is_first).then(first)), low=low)
    return counted_on(rows, pl.col("full"), pl.col("low"), pl.lit(False), _LATE).alias("at")


def _times_in_turn(rows: pl.DataFrame) -> Iterator[int | None]:
    """The same, one after the other: also of rows that give only their minutes, modulo 256."""
    before, seconds = None, 0
    for stay, since, full, low, minute in rows.iter_rows():
        if stay != before:
            before, seconds = stay, _NEVER if since is None else since
        if full is not None:
            seconds = full
        elif low is not None:
            seconds += onward(seconds, low, _LATE)
        elif minute is not None and (later := (minute - seconds // 60) & 0xFF):
            seconds = (seconds // 60 + later) * 60
        yield seconds


def _readings(files: FitFiles, rows: pl.DataFrame, clocks: Clocks) -> pl.DataFrame:
    """What the rows count: per kind of movement, and of all movement.

    Totals of 0 at the very instant a file begins say nothing, and at midnight they would count for the day before.
    """
    kind = pl.coalesce("activity_type", pl.col("packed") & 0x1F)  # 9 occurs and has no name
    counted = rows.with_row_index().with_columns(activity_type=kind, end_time=_instants(pl.col("at")))
    ended = counted["end_time"] - _MILLISECOND  # what ends at midnight is of the day before
    counted = counted.with_columns(clocks.local_dates(ended, counted["clock"]))
    moving = _moving(files, counted.drop_nulls("activity_type")).lazy().filter(_has(_MOVING)).drop(_JUDGED)
    judged = counted.lazy().filter(_has(_JUDGED)).drop("activity_type", *_MOVING)
    readings = pl.concat([moving, judged], how="diagonal").sort("index", maintain_order=True)
    says = pl.any_horizontal(pl.col(name).fill_null(0) != 0 for name in (*_MOVING, *_JUDGED))
    return readings.filter(pl.col("at").ne_missing(pl.col("since")) | says).collect()


def _moving(files: FitFiles, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of a kind of movement with its steps and its time since midnight."""
    stepping = pl.col("activity_type").is_in(_STEPPING)
    rows = rows.with_columns(pl.when(stepping).then(name).alias(name) for name in ("steps", "steps_16"))
    rows = rows.with_columns(_total(rows, "steps", "steps_16", 1), _total(rows, "active_ms", "active_s_16", 1000))
    too_many, too_long = pl.col("steps") > MOST_STEPS, pl.col("active_ms") > DATE_MS
    if not rows.select((too_many | too_long).any()).item():
        return rows
    first = rows.filter(too_many | too_long).unique("part", keep="first", maintain_order=True)
    for wrong, most in ((too_many, MOST_STEPS), (too_long, DATE_MS)):
        why = Rejected("FIT monitoring", "a total that cannot be", f"at most {most}", "sync and export again")
        files.without(first, wrong, why)
    return files.sound(rows)


def _total(rows: pl.DataFrame, full: str, low: str, unit: int) -> pl.Series:
    """Totals since midnight. Where only the low 16 bits are given: counted on from the last total of that day."""
    if rows[low].null_count() == rows.height:
        return rows[full]
    known = rows.filter(_has((full, low))).sort("stay", "activity_type", "index")
    anew = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in _OF_A_TOTAL)
    whole = counted_on(known, pl.col(full) // unit, pl.col(low), anew)
    counted = known.select("index", total=pl.coalesce(full, whole * unit))
    return rows.select("index").join(counted, on="index", how="left", maintain_order="left")["total"].alias(full)


def _beats(rows: pl.DataFrame, clocks: Clocks) -> pl.DataFrame:
    """The minutes with a heart rate."""
    minute = _instants(pl.col("at") - pl.col("at") % 60)
    rows = rows.lazy().filter(pl.col(f"{_HEART_RATE}") > 0).select("file", "part", "clock", start_time=minute).collect()
    return rows.with_columns(clocks.local_dates(rows["start_time"], rows["clock"]))


def _each_once(beats: pl.DataFrame) -> pl.DataFrame:
    """Minutes without those that come again: parts of a file may repeat one where they were cut, and rows be late."""
    is_later = (beats["file"].diff() > 0) | (beats["start_time"].diff() > timedelta(0))
    return beats if is_later.all() else beats.unique(_SAME_BEAT, maintain_order=True)


def _has(fields: Iterable[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col(field).is_not_null() for field in fields)


def _instants(seconds: pl.Expr) -> pl.Expr:
    return ((seconds + int(fit.EPOCH.timestamp())) * 1000).cast(INSTANT)
