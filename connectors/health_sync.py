"""Health Sync: an Android app that copies what other apps know into a folder, mostly on Google Drive.

What it is called: `Health Sync Steps/Steps 2026.03.09 Health Connect.csv`, `Health Sync Heart rate/...`,
`Health Sync Activities/WALKING 2026.03.09 17.48.csv`; a file a day, a week or any range. The TCX, FIT and GPX beside
them are read by their own readers (R5.10); the other figures are companions.

Where to find it: the folders in Google Drive that the app writes to: mark them, Download.

What it cannot tell: moderate and vigorous minutes; which device counted; zones (times are those on the wall). Rows of
steps have a time and no length. One day is copied by several routes (Health Connect, Samsung Health) and may be told by
several apps in one file: it is the same walk. The app with the most steps counts in a file, the file with the most
among files (R5.7). A row of 00:00:00 may be the total of its day, beside rows of the same steps: the larger counts.

How sure: B, from readers that others wrote and tested with rows that they had. Where most rows of an app lie on full
minutes, some of them neighbours (R2.4), these are minutes, and those between are steps at no known pace; of any other
app there are totals of dates.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, fault, header, integer, number, read, text
from connectors.kit.dates import has_dotted_times
from connectors.kit.export import Export
from connectors.kit.families import Families, family_of, has
from connectors.kit.grid import some_a_minute_apart
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.offsets import wall_to_utc
from connectors.kit.rows import minutes, totals
from connectors.kit.sessions import Sessions
from models.activity import EARLIEST, MOST_SESSIONS, MOST_STEPS, Extract

VERSION = 1
EXPORT = "selection"  # of a date the file with the most steps counts, however old: day/025_other_route.sql
LOOKS_FOR = ("time", "elapsed time", "active time", "/steps", "/heart", "/sync")
SOURCES = {"health_sync": "unknown"}
METRICS = by_method(device="steps", cadence="walking brisk moderate vigorous", session=SPORT)

_DATE, _STEPS, _PULSE, _APP = "Date", "Steps", "Heart rate", "Source"
_KIND, _ELAPSED, _ACTIVE = "Activity type", "Elapsed time", "Active time"
_ACTIVITY = ("activity type", "elapsed time", "active time")  # beside steps
_FAMILIES: Families = {  # columns that tell the others, and how the names of their files begin
    "steps": (("time", "steps"), "steps"),
    "heart_rate": (("time", "heart rate"), "heart rate"),
}
_UNUSED = (
    "source app", "activity name", "time", "distance (*)", "calories (kcal)", "average heart rate", "max heart rate",
)  # fmt: skip
_MOST_A_MINUTE = 250  # steps (R2.5): more at midnight are those of the day
_AT_MIDNIGHT = pl.col(_DATE).dt.time() == pl.time(0)


def identify(export: Export) -> bool:
    """Whether it has the columns of steps, heart rate or activities, and the app's times or its column of apps."""
    return _family(export) is not None


def _family(export: Export) -> str | None:
    columns = header(export)
    named = "date" in columns and bool({"source", "source app"} & set(columns))
    if not named and not has_dotted_times(export):
        return None
    return "activities" if has(columns, _ACTIVITY, renamed=1) else family_of(columns, export.basename, _FAMILIES)


def companion(export: Export) -> str | None:
    """Why another file of the app holds nothing for us."""
    folder = re.search(r"(?:^|/)health sync ([a-z ]+)/[^/]*\.(csv|kml)$", export.name.casefold())
    read_here = folder and folder[1] in ("steps", "heart rate", "activities") and folder[2] == "csv"
    figure = header(export)[:2] == ["date", "time"] and has_dotted_times(export)
    return "a figure of Health Sync that is not needed here" if (folder and not read_here) or figure else None


def extract(export: Export, context: Context) -> Extract:
    """Steps, heart rate or activities of one file. Raises Rejected."""
    family = _family(export)
    if family == "activities":
        return _sessions(export, context)
    return _steps(export, context) if family == "steps" else _beats(export, context)


def _steps(export: Export, context: Context) -> Extract:
    cells = {_DATE: _time(context), _STEPS: replace(integer(0, MOST_STEPS, empty=True), null="null")}
    frame, notes = read(export, Layout(cells, {_APP: text()}, ("time",)))
    frame = frame.drop_nulls(_STEPS).unique([_APP, _DATE, _STEPS], maintain_order=True)
    frame = frame.with_columns(pl.col(_APP).fill_null(""), local_date=pl.col(_DATE).dt.date())
    fine = [part[_APP][0] for part in frame.partition_by(_APP) if _are_minutes(part[_DATE])]
    days = _days(frame).with_columns(has_minutes=~pl.col("by_total") & pl.col(_APP).is_in(fine))
    by_minute = frame.join(days.filter("has_minutes"), on=[_APP, "local_date"], how="semi", maintain_order="left")
    rows, remarks = _minutes(by_minute.filter(~_AT_MIDNIGHT | (pl.col(_STEPS) <= _MOST_A_MINUTE)), context)
    totalled = days.filter(~pl.col("has_minutes")).with_columns(device=pl.lit(context.pseudonym("health_sync", "days")))
    return Extract(
        minutes=rows,
        daily_totals=totals(totalled, "health_sync"),
        tz_source=context.zones.source,
        summed=_summed(frame.join(totalled, on=[_APP, "local_date"], how="semi")),
        notes=[*notes, *remarks],
    )


def _summed(frame: pl.DataFrame) -> tuple[datetime, datetime] | None:
    """The first and the last time at which steps were counted; those of a total at midnight are not known."""
    first, last = frame.filter(~_AT_MIDNIGHT).select(first=pl.col(_DATE).min(), last=pl.col(_DATE).max()).row(0)
    return (first, last) if first else None


def _are_minutes(times: pl.Series) -> bool:
    """Whether most rows of an app lie on full minutes, some of them neighbours."""
    full = times.filter(times.dt.second() == 0)
    return 2 * full.len() >= times.len() and some_a_minute_apart(full)


def _days(frame: pl.DataFrame) -> pl.DataFrame:
    """Of each date the app with the most steps, and whether these are a total that stands at midnight."""
    steps = pl.col(_STEPS)
    days = frame.group_by("local_date", _APP).agg(
        midnight=steps.filter(_AT_MIDNIGHT).max().fill_null(0), rest=steps.filter(~_AT_MIDNIGHT).sum()
    )
    is_total = (pl.col("midnight") > _MOST_A_MINUTE) | (pl.col("midnight") > pl.col("rest"))
    larger, sum_of_all = pl.max_horizontal("midnight", "rest"), pl.col("midnight") + pl.col("rest")
    days = days.with_columns(
        steps=pl.when(is_total).then(larger).otherwise(sum_of_all),
        by_total=is_total & (pl.col("midnight") >= pl.col("rest")),
    )
    return days.sort("steps", _APP).group_by("local_date", maintain_order=True).last()


def _minutes(frame: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, list[str]]:
    """Rows on full minutes as minutes, those between as steps at no known pace; and remarks."""
    instants, remarks = wall_to_utc(frame[_DATE], context.zones)
    metric = pl.when(pl.col(_DATE).dt.second() == 0).then(pl.lit("steps")).otherwise(pl.lit("steps_spread"))
    rows = frame.with_columns(metric=metric, start_time=instants.dt.truncate("1m"))
    value = pl.when(pl.col("metric") == "steps").then(pl.col(_STEPS).max()).otherwise(pl.col(_STEPS).sum())
    rows = rows.group_by("start_time", "metric").agg(value=value.first()).sort("start_time", "metric")
    return minutes(rows, context.zones, source="health_sync"), remarks


def _beats(export: Export, context: Context) -> Extract:
    """That there was a pulse. Of a device of its own: worn by one app's word, it must not hide the steps of another."""
    pulse = replace(number(0, 1000, empty=True), null="null")
    frame, notes = read(export, Layout({_DATE: _time(context), _PULSE: pulse}, {}, ("time", "source")))
    instants, remarks = wall_to_utc(frame[_DATE], context.zones)
    beats = frame.with_columns(start_time=instants.dt.truncate("1m")).filter(pl.col(_PULSE) > 0)
    beats = beats.select("start_time", value=1).unique("start_time").sort("start_time")
    device = context.pseudonym("health_sync", "heart rate")
    rows = minutes(beats, context.zones, source="health_sync", device=device, metric="heart_rate")
    return Extract(minutes=rows, tz_source=context.zones.source, notes=notes + remarks)


def _sessions(export: Export, context: Context) -> Extract:
    """Each row by its timer (active time); its end by the time that passed."""
    seconds = replace(number(0, 7 * 86_400, empty=True), null="null")
    steps = replace(integer(0, MOST_STEPS, empty=True), null="null")
    cells = {_DATE: _time(context), _KIND: text(empty=False), _ELAPSED: seconds, _ACTIVE: seconds}
    frame, notes = read(export, Layout(cells, {_STEPS: steps}, _UNUSED, most_rows=MOST_SESSIONS))
    instants, remarks = wall_to_utc(frame[_DATE], context.zones)
    sessions = Sessions(context, "health_sync", what="an activity", end=f"column {_ELAPSED}")
    for row, start in zip(frame.iter_rows(named=True), instants, strict=True):
        timer = row[_ELAPSED] if row[_ACTIVE] is None else row[_ACTIVE]
        if timer is None:
            raise fault(row["line"], _ELAPSED, "nothing", "how long it took, in seconds")
        name = row[_KIND] if re.fullmatch(r"[A-Z_]{1,60}", row[_KIND]) else ""
        end = start + timedelta(seconds=max(timer, row[_ELAPSED] or 0))
        sessions.add(
            f"line {row['line']}", start, end, name=name, timer=timedelta(seconds=timer), steps=row[_STEPS] or None,
            key=(start, name),
        )  # fmt: skip
    return sessions.extract([*notes, *remarks])


def _time(context: Context) -> Cell:
    def parse(cells: pl.Series) -> pl.Series:
        return cells.str.to_datetime("%Y.%m.%d %H:%M:%S", time_unit="ms", strict=False)

    latest = pl.Series([context.today]).cast(pl.Datetime("ms"))[0] + timedelta(days=2)
    expected = "a time from 1990 to tomorrow like 2026.03.09 19:00:00"
    form = r"^\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d$"
    return Cell(expected, pl.Datetime("ms"), parse, EARLIEST.replace(tzinfo=None), latest, form=form)
