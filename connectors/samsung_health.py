"""Samsung Health: the CSV files of "Download personal data".

What it is called: `samsunghealth_<user>_<time>/com.samsung.shealth.<type>.<time>.csv`, some sixty to ninety of them.
Read are `step_daily_trend`, `tracker.pedometer_day_summary` and `activity.day_summary` (days), `vitality_score` (days
of watches with an energy score), `tracker.pedometer_step_count` (minutes) and `exercise` (sessions). The type stands
in the first line of the file; its name is not looked at.

Where to find it: Samsung Health, menu, settings, Download personal data; then the folder Download/Samsung Health, as
a .zip.

What it cannot tell: moderate apart from vigorous minutes; which device saw what (the day is the merged row of all
devices, Samsung's own figure, so its class is that of the phone that is always among them); minutes older than about
five weeks; how vigorous the walking was (`walk_time` is any walking). `exercise_time`, `dynamic_active_time` and
`healthy_step` mean nothing that is published and are not read. No exercise code stands for massage. Codes outside the
published table become `other`.

How sure: B; layouts from a schema dump of a real export of 2026. The merged row is `source_type` -2, else the row with
`source_info`, else the largest, never the sum. A day is the date as it is printed in UTC.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, fault, integer, number, read, text
from connectors.kit.export import Export
from connectors.kit.header import reheaded, top_lines
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.offsets import local_dates, parse_offset
from connectors.kit.rows import minutes, totals
from connectors.kit.sessions import Sessions
from connectors.kit.words import activity_of, listed
from models.activity import DAY_MS, EARLIEST, MOST_SESSIONS, MOST_STEPS, Extract
from models.clock import INSTANT

VERSION = 2
EXPORT = "archive"
LOOKS_FOR = ("^com", "/samsung")
SOURCES = {"samsung": "phone"}
METRICS = by_method(device="steps walking mvpa", cadence="brisk", session=SPORT)

_STRIDES = "30001"  # count_type: what `count` of an exercise counts; others are strokes, swings, repetitions


def identify(export: Export) -> bool:
    """Whether the first line names one of the types that are read."""
    return _type(export) in _READERS


def _type(export: Export) -> str | None:
    line = next(iter(top_lines(export, 1)), "")
    found = re.match(r"com\.samsung\.s?health\.(?:tracker\.)?([\w.]+),\d+,\d+,*\s*$", line)
    return found[1] if found else None


def extract(export: Export, context: Context) -> Extract:
    """Days, minutes or sessions of one file. Raises Rejected."""
    table = reheaded(export, lambda names: [name.rsplit(".", 1)[-1] for name in names], before=1)
    return _READERS[str(_type(export))](table, context)


def _instants(cells: pl.Series) -> pl.Series:
    """UTC as text without saying so, or as milliseconds since 1970."""
    form = "%Y-%m-%dT%H:%M:%S%.f"
    times = cells.str.replace(r"^(\d{4}-\d\d-\d\d) ", "${1}T").str.to_datetime(form, time_unit="ms", strict=False)
    counted = cells.str.extract(r"^(\d{12,13})$").cast(pl.Int64).cast(pl.Datetime("ms"))
    return times.zip_with(times.is_not_null(), counted).dt.replace_time_zone("UTC")


def _dates(cells: pl.Series) -> pl.Series:
    times = _instants(cells)
    dates = times.dt.date()
    midnight = times.dt.truncate("1d") == times
    return dates.zip_with(midnight.fill_null(False), pl.Series([None], dtype=pl.Date))


def _instant(today: date) -> Cell:
    latest = datetime.combine(today, datetime.min.time(), EARLIEST.tzinfo) + timedelta(days=2, hours=14)
    return Cell("a UTC time from 1990 to tomorrow like 2026-03-09 07:30:00.000", INSTANT, _instants, EARLIEST, latest)


def _day(today: date) -> Cell:
    expected = "a day from 1990 to tomorrow as midnight in UTC"
    return Cell(expected, pl.Date(), _dates, EARLIEST.date(), today + timedelta(days=1))


def _trend(export: Export, context: Context) -> Extract:
    """step_daily_trend: `source_type` -2 is all devices merged, 0 the phone, anything else one wearable."""
    columns = {"day_time": _day(context.today), "count": integer(0, MOST_STEPS, empty=True)}
    frame, notes = read(
        export,
        Layout(columns | {"source_type": integer(-(10**9), 10**9, empty=True)}, {}, listed("samsung_health", "unused")),
    )
    best = _merged(frame, pl.col("source_type") == -2, "count")
    return _totals(best.select(local_date="day_time", steps="count"), context, notes)


def _summary(export: Export, context: Context) -> Extract:
    """pedometer_day_summary: one row a device, and the merged one, which names its sources."""
    columns = {"day_time": _day(context.today), "step_count": integer(0, MOST_STEPS, empty=True)}
    frame, notes = read(export, Layout(columns | {"source_info": text()}, {}, listed("samsung_health", "unused")))
    best = _merged(frame, pl.col("source_info").is_not_null(), "step_count")
    return _totals(best.select(local_date="day_time", steps="step_count"), context, notes)


def _merged(frame: pl.DataFrame, merged: pl.Expr, steps: str) -> pl.DataFrame:
    """One row a day: the merged one; of several the largest, the devices being copies of each other."""
    frame = frame.drop_nulls(steps).with_columns(merged=merged.fill_null(False))
    return frame.sort("merged", steps, descending=True).unique("day_time", keep="first", maintain_order=True)


def _activity(export: Export, context: Context) -> Extract:
    """activity.day_summary: the time walked. `active_time` also holds running and what is neither."""
    columns = {"day_time": _day(context.today), "walk_time": number(0, DAY_MS, empty=True)}
    frame, notes = read(
        export,
        Layout(columns | {"step_count": integer(0, MOST_STEPS, empty=True)}, {}, listed("samsung_health", "unused")),
    )
    days = frame.group_by("day_time").agg(pl.col("walk_time", "step_count").max())
    return _totals(days.select(local_date="day_time", walking_ms="walk_time", steps="step_count"), context, notes)


def _vitality(export: Export, context: Context) -> Extract:
    """vitality_score: moderate and vigorous time together, where the watch has it."""
    columns = {"day_time": _day(context.today), "mvpa_time": number(0, DAY_MS, empty=True)}
    frame, notes = read(export, Layout(columns, {}, listed("samsung_health", "unused")))
    days = frame.group_by("day_time").agg(pl.col("mvpa_time").max())
    return _totals(days.select(local_date="day_time", mvpa_ms="mvpa_time"), context, notes)


def _totals(days: pl.DataFrame, context: Context, notes: list[str]) -> Extract:
    figures = [name for name in ("steps", "walking_ms", "mvpa_ms") if name in days.columns]
    days = days.filter(pl.any_horizontal(pl.col(figures).is_not_null())).with_columns(pl.col(figures).round())
    return Extract(daily_totals=totals(days, "samsung"), tz_source=context.zones.source, notes=notes)


def _minutes(export: Export, context: Context) -> Extract:
    """pedometer_step_count: rows of one minute of one device. Longer rows have no cadence: they are summed to days."""
    when = _instant(context.today)
    columns = {"start_time": when, "end_time": when, "count": integer(0, MOST_STEPS), "time_offset": text()}
    frame, notes = read(export, Layout(columns | {"deviceuuid": text()}, {}, listed("samsung_health", "unused")))
    frame = frame.with_columns(offset=_offsets(frame))
    span = (pl.col("end_time") - pl.col("start_time")).dt.total_seconds()
    true = frame.filter(span.is_between(0, 61))
    reading = true.group_by("deviceuuid", "start_time").agg(pl.col("count").max(), pl.col("offset").first())
    minute = pl.col("start_time").dt.truncate("1m")
    rows = reading.group_by("deviceuuid", start_time=minute).agg(
        value=pl.col("count").sum(), offset=pl.col("offset").first()
    )
    if backwards := frame.filter(span < 0).height:
        notes.append(f"{backwards} rows that end before they begin: left out")
    if rows.height and rows["value"].max() > MOST_STEPS:  # type: ignore[operator]
        raise fault(None, "count", "a minute of impossibly many steps", f"0 to {MOST_STEPS}")
    dates, tz_source = local_dates(rows["start_time"], rows["offset"], context.zones)
    names = rows["deviceuuid"].unique().to_list()
    devices = {name: context.pseudonym("samsung", name) if name else None for name in names}
    device = rows["deviceuuid"].replace_strict(devices, return_dtype=pl.String, default=None)
    rows = rows.with_columns(device=device, local_date=dates).sort("device", "start_time", nulls_last=True)
    rows = minutes(rows, context.zones, source="samsung", metric="steps")
    days = _longer(frame.filter(span > 61), rows, context, notes)
    return Extract(minutes=rows, daily_totals=days, tz_source=tz_source, notes=notes)


def _longer(frame: pl.DataFrame, minute_rows: pl.DataFrame, context: Context, notes: list[str]) -> pl.DataFrame:
    """Steps of rows of more than a minute by the day, on days without minutes; of several devices the most."""
    dates, _ = local_dates(frame["start_time"], frame["offset"], context.zones)
    alone = frame.with_columns(local_date=dates).join(minute_rows, on="local_date", how="anti")
    if alone.height < frame.height:
        notes.append(f"{frame.height - alone.height} rows of more than a minute, on days with minutes: left out")
    once = alone.group_by("deviceuuid", "local_date", "start_time").agg(pl.col("count").max())
    sums = once.group_by("deviceuuid", "local_date").agg(pl.col("count").sum())
    days = sums.group_by("local_date").agg(steps=pl.col("count").max().clip(upper_bound=MOST_STEPS + 1))
    return totals(days.filter(pl.col("steps") > 0), "samsung")


def _offsets(frame: pl.DataFrame) -> pl.Series:
    """The distance from UTC of each row. Raises Rejected for one that is none."""
    offsets = {cell: parse_offset(cell) for cell in frame["time_offset"].unique().drop_nulls()}
    wrong = frame.filter(pl.col("time_offset").is_in([cell for cell, offset in offsets.items() if offset is None]))
    if wrong.height:
        raise fault(int(wrong["line"][0]), "time_offset", "something else", "an offset like UTC+0200")
    milliseconds = {cell: int(offset.total_seconds() * 1000) for cell, offset in offsets.items() if offset is not None}
    cells = frame["time_offset"].replace_strict(milliseconds, default=None, return_dtype=pl.Int64)
    return cells.cast(pl.Duration("ms"))


def _sessions(export: Export, context: Context) -> Extract:
    """exercise: `duration` leaves pauses out. What its title says is never read."""
    when = _instant(context.today)
    columns = {"exercise_type": integer(0, 10**9), "start_time": when, "end_time": when, "time_offset": text()}
    columns |= {"duration": number(0, 7 * DAY_MS, empty=True), "count": number(0, MOST_STEPS, empty=True)}
    more = {"count_type": text(), "datauuid": text()}
    frame, notes = read(export, Layout(columns, more, listed("samsung_health", "unused"), most_rows=MOST_SESSIONS))
    sessions = Sessions(context, "samsung", what="an exercise", end="column end_time")
    for row, offset in zip(frame.iter_rows(named=True), _offsets(frame), strict=True):
        start, end, code = row["start_time"], row["end_time"], str(row["exercise_type"])
        activity = activity_of("samsung_health", code)
        on_foot = activity in ("walking", "running", "hiking") and row["count_type"] in (None, _STRIDES)
        sessions.add(
            f"line {row['line']}",
            start,
            end,
            activity=activity,
            name=code,
            offset=offset,
            timer=None if row["duration"] is None else timedelta(milliseconds=round(row["duration"])),
            steps=int(row["count"] or 0) or None if on_foot else None,
            key=(row["datauuid"], start, end, code),
        )
    return sessions.extract(notes)


_READERS = {
    "step_daily_trend": _trend,
    "pedometer_day_summary": _summary,
    "activity.day_summary": _activity,
    "vitality_score": _vitality,
    "pedometer_step_count": _minutes,
    "step_count": _minutes,
    "exercise": _sessions,
}


def companion(export: Export) -> str | None:
    """Why a file of a Samsung Health export holds nothing for us; None where that is not known."""
    if _type(export) not in (None, *_READERS):
        return "a family of Samsung Health that is not needed here"
    path = export.name.casefold()
    if re.search(r"(^|/)(jsons|files)/", path) and "com.samsung." in path:
        return "details of a Samsung Health row: the row itself is in the CSV"
    return None
