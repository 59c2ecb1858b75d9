"""Health Auto Export: the same sums by minute, hour or day, and the workouts, as JSON.

Called: `HealthAutoExport-2026-05-01-2026-05-31.json`, `HealthMetrics-....json`, `Workouts-....json`: one object `data`
with `metrics` and `workouts`, whose names are in English whatever the phone's language.
Where: the app "Health Auto Export", Manual Export or an automation, format JSON, with "Summarize Data" on.
Cannot tell: which device counted; cadence, even in entries of one minute: samples of many minutes are laid over them;
how vigorous a minute was (Apple Exercise Time is all that is at a brisk walk or above); when inside a workout its
pauses were. No entry may mean no phone, so it is no zero; no exercise counts as none only where an hour of standing
shows that a watch was worn. Every time has its distance from UTC. Routes, heart rates and all else are never read.

Known from the app's own description of its format and from its readers (grade B), not from a real file. Samples that
were not summarised may be copies of each other by several devices: entries that are not one a minute, hour or day are
refused.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit import apple
from connectors.kit.export import Export
from connectors.kit.grid import some_a_minute_apart
from connectors.kit.json import AGAIN, Fields, bad, elements, members, number
from connectors.kit.offsets import local_dates, parse_offset
from connectors.kit.sessions import Sessions
from connectors.kit.words import listed
from models.activity import DAY_MS, MOST_STEPS, Extract
from models.fault import Impossible
from models.set_aside import one_record

VERSION = 2
EXPORT = "archive"
LOOKS_FOR = ("JSON object",)
SOURCES = {"apple_health": "phone"}
METRICS = apple.SUMS

_READ = {  # metric: what it is, in which units, and at most
    "step_count": ("steps", ("count", "steps"), MOST_STEPS),
    "apple_exercise_time": ("exercise", ("min",), DAY_MS / 60_000),
    "apple_stand_hour": ("stood", ("count", "hr", "hours"), MOST_STEPS),
    "apple_stand_time": ("stood", ("min",), DAY_MS / 60_000),
}
_SUMMARISE = "export again with Summarize Data on, by day, hour or minute"
_SUMS: dict[str, Any] = {"local": pl.Datetime("ms"), "offset": pl.Duration("ms"), "value": pl.Float64}


def identify(export: Export) -> bool:
    """Whether it is an object `data` of `metrics` or `workouts`."""
    head = export.head.lstrip(b"\xef\xbb\xbf \r\n\t")
    begun = re.match(rb'\{\s*"data"\s*:\s*\{\s*"(?:metrics|workouts)"', head)
    return bool(begun) or (bool(re.match(rb'\{\s*"data"\s*:\s*\{', head)) and b'"qty"' in head and b'"units"' in head)


def extract(export: Export, context: Context) -> Extract:
    """Minutes or daily totals, and workouts. Raises Rejected."""
    (content,) = elements(export)
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, dict) or not {"metrics", "workouts"} & data.keys():
        raise bad("something else", "field data", "metrics and workouts")
    sums = {what: pl.DataFrame(schema=_SUMS) for what in ("steps", "exercise", "stood")}
    for metric in members(data, "metrics", "field data"):
        name = metric.get("name")
        if not isinstance(name, str):
            raise bad("nothing", "field metrics, field name", "the name of each metric")
        if name in _READ:
            what, units, most = _READ[name]
            if metric.get("units") not in units:
                raise bad("another unit", f"metric {name}, field units", " or ".join(units))
            found = _entries(metric, name, most, context.today)
            sums[what] = sums[what] if sums[what].height else found  # standing: in hours and in minutes, either will do
    parts = Fields((), ("metrics", "workouts"), listed("health_auto_export", "unused_data"))
    parts.add(data)
    sessions, notes = _sessions(members(data, "workouts", "field data"), context)
    notes += parts.notes()
    steps = sums["steps"]
    result = Extract(sessions=sessions.frame, tz_source=sessions.tz_source, notes=notes)
    if some_a_minute_apart(steps["local"] - steps["offset"]):
        result.minutes, tz_source = _minutes(steps, context)
        result.tz_source = tz_source if tz_source != context.zones.source else result.tz_source
        sums["steps"] = steps.clear()
    result.daily_totals = _days(sums)
    if not (steps.height or sums["exercise"].height or len(sessions)):
        notes.append("neither steps, nor exercise time, nor workouts in it")
    if steps.height and "workouts" in data and not export.basename.casefold().startswith("healthmetrics"):
        result.export = "history"  # it has both; other files are of one of the two
    return result


def _time(text: Any, place: str, today: date, record: one_record) -> tuple[datetime, timedelta]:
    """A local time and its distance from UTC: 2026-06-18 14:00:00 +0200."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ?([+-]\d\d:?\d\d|Z)", str(text), re.ASCII)
    offset = parse_offset(found[2]) if found else None
    try:
        record.on = local = datetime.fromisoformat(found[1] if found else "")
    except ValueError:
        offset = None
    if offset is None or abs(offset) > timedelta(hours=14):
        raise bad("something else", place, "a time from 1990 to tomorrow like 2026-06-18 14:00:00 +0200")
    if local.year < 1990 or local.date() > today + timedelta(days=1):
        raise Impossible(place, "another time", "a time from 1990 to tomorrow", AGAIN)
    return local, offset


def _entries(metric: dict[str, Any], name: str, most: float, today: date) -> pl.DataFrame:
    """The figures of one metric in the order of their times. Raises Rejected where they are no sums of spans."""
    entries: dict[tuple[datetime, timedelta], float] = {}
    fields = Fields(("date", "qty"), (), ("source", "start", "end", "units"))
    for n, entry in enumerate(members(metric, "data", f"metric {name}"), start=1):
        place = f"metric {name}, entry {n}"
        fields.add(entry)
        with one_record() as record:
            at = _time(entry.get("date"), f"{place}, field date", today, record)
            figure = number(entry, "qty", place, 0, most)
            if figure is not None and (at[0].second or entries.setdefault(at, figure) != figure):
                raise bad("samples that were not summarised", place, f"one entry a day, hour or minute: {_SUMMARISE}")
    fields.notes()
    return pl.DataFrame([(*at, figure) for at, figure in sorted(entries.items())], _SUMS, orient="row")


def _minutes(steps: pl.DataFrame, context: Context) -> tuple[pl.DataFrame, str]:
    """Steps of one minute each, without a cadence."""
    starts = (steps["local"] - steps["offset"]).dt.replace_time_zone("UTC")
    dates, tz_source = local_dates(starts, steps["offset"], context.zones)
    return apple.minutes_of_sums(steps.select("value", start_time=starts, local_date=dates), context.zones), tz_source


def _days(sums: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Sums of each date as the app printed it."""
    days = {
        what: entries.group_by(local_date=pl.col("local").dt.date()).agg(pl.col("value").sum().alias(what))
        for what, entries in sums.items()
    }
    for what in ("steps", "exercise"):
        if apple.are_periods(days[what]["local_date"]):
            raise bad("entries a week or more apart", f"metric of {what}", f"days, hours or minutes: {_SUMMARISE}")
    figures = days["steps"].join(days["exercise"], on="local_date", how="full", coalesce=True)
    figures = figures.join(days["stood"], on="local_date", how="left")
    return apple.sums_of_days(figures.with_columns(pl.col("steps").round()))


def _sessions(workouts: list[dict[str, Any]], context: Context) -> tuple[Sessions, list[str]]:
    sessions = Sessions(context, "apple_health", what="a workout", end="field end", last_counts=True)
    unused = listed("health_auto_export", "unused_workout")
    fields = Fields(("name", "start", "end"), ("duration", "stepCount"), unused)
    for n, workout in enumerate(workouts, start=1):
        place = f"workout {n}"
        fields.add(workout)
        with one_record() as record:
            local, offset = _time(workout.get("start"), f"{place}, field start", context.today, record)
            last, last_offset = _time(workout.get("end"), f"{place}, field end", context.today, record)
            start, end = (local - offset).replace(tzinfo=UTC), (last - last_offset).replace(tzinfo=UTC)
            record.on = start
            seconds = number(workout, "duration", place, 0, 7 * 86_400)
            elapsed = (end - start).total_seconds()
            if seconds is not None and 0 <= elapsed <= 7 * 86_400 and not elapsed / 10 <= seconds <= elapsed + 60:
                raise bad("a duration that does not fit start and end", f"{place}, field duration", "seconds")
            name = workout.get("name")
            if not isinstance(name, str) or not name:
                raise bad("nothing", f"{place}, field name", "what kind of workout it was")
            sessions.add(
                place,
                start,
                end,
                activity=apple.activity_of(name),
                name=name,
                offset=offset,
                timer=None if seconds is None else timedelta(seconds=seconds),
                steps=_steps(workout.get("stepCount"), place),
                key=(start, end, name),
            )
    return sessions, fields.notes()


def _steps(counted: Any, place: str) -> int | None:
    """A workout's steps: a figure with its unit, or a list of them by the minute."""
    parts = counted if isinstance(counted, list) else [counted] if isinstance(counted, dict) else []
    # what stands twice is one: a minute's steps have their time
    once = {repr(part) if "date" in part else n: part for n, part in enumerate(parts) if isinstance(part, dict)}
    counts = [number(part, "qty", f"{place}, field stepCount", 0, MOST_STEPS) for part in once.values()]
    return round(sum(count or 0 for count in counts)) or None
