"""Oura: the daily activity and the workouts of an account export, and the older "Trends" table.

What it is called: `App Data/dailyactivity.csv` and `App Data/workout.csv` in the .zip of "Export data" (semicolons
between the cells), or `oura_2020-01-01_2020-12-31_trends.csv` of the website's Trends page.

Where to find it: membership.ouraring.com > Export data (before: cloud.ouraring.com > Trends > Download data).

Cannot tell: minutes; walking (only recorded workouts: "equivalent walking distance" is energy, no walk); the calendar
day: a day of Oura runs from 04:00 to 04:00. Steps are estimated from the finger. Low activity is taken for light,
medium for moderate, high for vigorous: Oura's own bands, by age, which it never published.
We saw no complete file, only its columns as four readers take them (grade C+; Trends grade C). Times are seconds,
as Oura says of those of the account export; of Trends nobody says it, so a table in which no day's times show that they
are no minutes is refused. Quotes inside a cell (JSON as it is, or within further quotes) mean nothing.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN, Layout, day, fault, header, number, read, text
from connectors.kit.export import Export
from connectors.kit.families import has
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import totals
from connectors.kit.sessions import TWO_DAYS, Sessions
from connectors.kit.words import listed
from models.activity import DATE_MS, DAY_MS, MOST_SESSIONS, MOST_STEPS, Extract
from models.fault import Rejected

VERSION = 4
EXPORT = "archive"
LOOKS_FOR = (
    "start_datetime", "end_datetime", "medium_activity_time", "high_activity_time", "medium activity time",
    "high activity time", "/app",
)  # fmt: skip
SOURCES = {"oura": "ring"}
METRICS = by_method(device="steps moderate vigorous mvpa", session=SPORT)

_APP = ("day", "steps", "medium_activity_time", "high_activity_time")
_TRENDS = ("date", "Steps", "Medium Activity Time", "High Activity Time")
_TELLING = {  # besides those: what only a table of Oura has
    "app": {"equivalent_walking_distance", "sedentary_time", "low_activity_time", "active_calories", "contributors"},
    "trends": {"equivalent walking distance", "low activity time", "non-wear time", "activity burn", "average met"},
    "workouts": {"day", "intensity", "label", "calories"},
}
_TIMES = {  # other times, to see in what unit they are: low activity first
    "app": ("low_activity_time", "sedentary_time", "resting_time", "non_wear_time"),
    "trends": ("Low Activity Time", "Inactive Time", "Rest Time", "Non-wear Time", "Long Periods of Inactivity Time"),
}


def identify(export: Export) -> bool:
    """Whether it has the columns of the daily activity, of the Trends or of the workouts, one renamed at most."""
    return _family(export) is not None


def _family(export: Export) -> str | None:
    columns = set(header(export))
    if has(columns, ("start_datetime", "end_datetime", "activity"), 1) and len(_TELLING["workouts"] & columns) >= 3:
        return "workouts"
    for family, needed in (("app", _APP), ("trends", _TRENDS)):
        if has(columns, needed, 1) and len(_TELLING[family] & columns) >= (2 if has(columns, needed) else 3):
            return family
    return None


def companion(export: Export) -> str | None:
    """Why a file of such an export holds nothing for us; None where that is not known."""
    folders = [part.casefold() for part in PurePosixPath(export.name).parts[:-1]]
    name = export.basename.casefold()
    names = (
        r"(daily)?(sleep|readiness|stress|spo2|resilience|cardiovascularage|vo2max|temperature|heart_?rate|session|tag"
        r"|enhanced_?tag|sleep_?time|rest_?mode|ring|personal|bedtime|battery)"
    )
    if "app data" in folders and name.endswith((".csv", ".json")) and re.match(names, name) and not _family(export):
        return "a family of Oura that is not needed here"
    return None


def extract(export: Export, context: Context) -> Extract:
    """Daily totals or workouts. Raises Rejected."""
    family = _family(export)
    return _workouts(export, context) if family == "workouts" else _days(export, context, family or "app")


def _days(export: Export, context: Context, family: str) -> Extract:
    """A row a day. A day without any movement is one without the ring: not known."""
    date, steps, medium, high = _APP if family == "app" else _TRENDS
    seconds = number(0, DAY_MS // 1000, empty=True)
    needed = {date: day(context.today), steps: number(0, MOST_STEPS, empty=True), medium: seconds, high: seconds}
    low, *others = _TIMES[family]
    more = {low: seconds} | dict.fromkeys(others, number(0, DATE_MS // 1000, empty=True))
    frame, notes = read(_plain(export), Layout(needed, more, listed("oura", f"unused_{family}")))
    _check_unit(frame.select(medium, high, *more), medium, is_known=family == "app")
    moved = pl.any_horizontal(pl.col(steps, medium, high, low).fill_null(0) > 0)
    worn = frame.filter(moved)
    if worn.height < frame.height:
        notes.append(f"{frame.height - worn.height} days without any movement: the ring was not worn, not known")
    days = worn.select(
        "line",
        local_date=date,
        steps=pl.col(steps).round(),
        light_ms=(pl.col(low) * 1000).round(),
        moderate_ms=(pl.col(medium) * 1000).round(),
        vigorous_ms=(pl.col(high) * 1000).round(),
    )
    days = days.unique(days.columns[1:], keep="first", maintain_order=True)
    if (twice := days.filter(pl.col("local_date").is_duplicated())).height:
        raise fault(twice["line"][-1], date, "a second row of that date, with other figures", "one row a day")
    if days.height:
        notes.append("a day of Oura runs from 04:00 to 04:00")
    return Extract(daily_totals=totals(days, "oura"), tz_source=context.zones.source, notes=notes)


def _plain(export: Export) -> Export:
    """A table of semicolons without the quotes inside its cells: a cell ends at the separator, whatever it holds."""
    if export.size > 64_000_000:
        raise Rejected("whole file", "a table of over 64 MB", "some years of days", AGAIN)
    if b";" not in export.head.split(b"\n")[0]:
        return export
    content = re.sub(rb'(?<=[^;\r\n\xbf])"(?=[^;\r\n])', b"", export.read())
    return Export(export.name, len(content), lambda: io.BytesIO(content))


def _check_unit(times: pl.DataFrame, column: str, is_known: bool) -> None:
    """Seconds exceed the minutes of the longest date on some day; a file where they never do may hold minutes."""
    longest = times.select(pl.sum_horizontal(pl.all().fill_null(0))).to_series().max()
    if not is_known and times.height and 0 < float(longest or 0) <= DATE_MS / 60_000:  # type: ignore[arg-type]
        found = "times that may be minutes: no day's sum exceeds 3,000"
        raise Rejected(f"column {column}", found, "seconds", "export a longer span")
    if float(longest or 0) > 1.2 * DATE_MS / 1000:  # type: ignore[arg-type]
        raise Rejected(f"column {column}", "a day of more times than it has", "seconds, 86,400 a day", AGAIN)


def _workouts(export: Export, context: Context) -> Extract:
    """Recorded workouts, whose times carry their offset. The label a person typed is never read."""
    cell = text(empty=False)
    needed = {"activity": text(), "start_datetime": cell, "end_datetime": cell}
    frame, notes = read(
        export, Layout(needed, {"source": text()}, listed("oura", "unused_workouts"), most_rows=MOST_SESSIONS)
    )
    sessions = Sessions(
        context, "oura", what="a workout", end="column end_datetime", longest=TWO_DAYS, last_counts=True
    )
    for row in frame.iter_rows(named=True):
        start, offset = _instant(row, "start_datetime")
        end, _ = _instant(row, "end_datetime")
        name = row["activity"] or ""
        sessions.add(
            f"line {row['line']}",
            start,
            end,
            name=name,
            offset=offset,
            by_hand=(row["source"] or "").casefold() == "manual",
            key=(start, end, name[:60]),
        )
    return sessions.extract(notes)


def _instant(row: dict, column: str) -> tuple[datetime, timedelta]:
    try:
        time = datetime.fromisoformat(row[column])
        offset = time.utcoffset()
        if offset is not None:
            return time.astimezone(UTC), offset
    except (ValueError, OverflowError):
        pass
    raise fault(row["line"], column, "something else", "a time with its offset like 2026-03-05T10:00:00+02:00")
