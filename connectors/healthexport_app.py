"""HealthExport: an app that writes Apple Health's sums by day or hour, and the workouts, as CSV.

Called: `cumulative_days.csv`, `cumulative_hours.csv` and `workouts.csv` (beside others, which hold rates and weights).
Where: the app "HealthExport" on the iPhone, choose days or hours and workouts, CSV.
Cannot tell: minutes, cadence, which device counted (HealthKit has merged them, each step once), how vigorous a minute
was (Apple exercise time is all that is at a brisk walk or above); pauses inside a workout have a length but no place.
An empty hour may mean no step or no phone, so it is no zero. Times are local, without a zone.

Known from real exports in English; a column of another name is rejected. Shares of heart-rate zones are not read.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import polars as pl

from connectors import Context
from connectors.kit import apple
from connectors.kit.csv import Cell, Layout, fault, header, number, read, text
from connectors.kit.export import Export
from connectors.kit.sessions import Sessions
from models.activity import DAY_MS, EARLIEST, MOST_SESSIONS, MOST_STEPS, Extract
from models.set_aside import set_aside

VERSION = 2
EXPORT = "archive"
LOOKS_FOR = ("text",)
SOURCES = {"apple_health": "phone"}
METRICS = apple.SUMS
_STEPS, _EXERCISE, _STOOD = "Step count(count)", "Apple exercise time(min)", "Apple stand time(min)"
_SECONDS = "Duration(Seconds)"


def identify(export: Export) -> bool:
    """Whether it is a table of sums or of workouts: units stand behind the names without a space."""
    return _is_workouts(export) or _is_sums(export)


def _is_sums(export: Export) -> bool:
    columns = header(export)
    known = {_STEPS.casefold(), _EXERCISE.casefold()} & set(columns)
    named = export.basename.casefold().startswith("cumulative_") and len(_united(columns)) >= 2
    return bool(columns) and (columns[0] == "date" or named) and (bool(known) or named)


def _is_workouts(export: Export) -> bool:
    columns = header(export)
    return len({"date", "activity", _SECONDS.casefold()} & set(columns)) >= 2 and len(_united(columns)) >= 2


def _united(columns: list[str]) -> list[str]:
    return [name for name in columns if re.search(r"\S\([^)]*\)$", name)]


def companion(export: Export) -> str | None:
    """Why another table of the app holds nothing for us."""
    columns = header(export)
    if columns[:1] == ["date"] and len(columns) > 1 and _united(columns) == columns[1:]:
        return "a table of HealthExport without steps, exercise time or workouts"
    return None


def extract(export: Export, context: Context) -> Extract:
    """Daily totals or workouts. Raises Rejected."""
    return _workouts(export, context) if _is_workouts(export) else _sums(export, context)


def _sums(export: Export, context: Context) -> Extract:
    """Hours are added up to days. No exercise counts as none where a minute of standing shows that a watch was worn."""
    columns = set(header(export))
    counts = {_STEPS: number(0, MOST_STEPS, empty=True), _EXERCISE: number(0, DAY_MS / 60_000, empty=True)}
    needed = {"Date": _time(context)}
    if not columns & {name.casefold() for name in counts}:
        needed |= counts
    stood = {_STOOD: number(0, DAY_MS / 60_000, empty=True)}
    frame, notes = read(export, Layout(needed, counts | stood, ("*(*)",)))
    if (twice := frame.filter(pl.col("Date").is_duplicated())).height:
        raise fault(twice["line"][-1], "Date", "a second row of that time", "one row a day or hour")
    if apple.are_periods(frame["Date"].dt.date()):
        raise fault(frame["line"][0], "Date", "rows a week or more apart", "days or hours", "export days")
    days = frame.group_by(local_date=pl.col("Date").dt.date()).agg(
        steps=pl.col(_STEPS).sum(),
        exercise=pl.col(_EXERCISE).sum() if _EXERCISE.casefold() in columns else pl.lit(None, dtype=pl.Float64),
        stood=pl.col(_STOOD).sum(),
    )
    return Extract(daily_totals=apple.sums_of_days(days), tz_source=context.zones.source, notes=notes)


def _time(context: Context) -> Cell:
    def parse(cells: pl.Series) -> pl.Series:
        times = cells.str.replace(r"^(\d{4}-\d\d-\d\d)$", "$1 00:00:00")
        return times.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ms", strict=False)

    latest = datetime.combine(context.today, datetime.min.time()) + timedelta(days=2)
    expected = "a time from 1990 to tomorrow like 2026-03-09 or 2026-03-09 07:00:00"
    return Cell(expected, pl.Datetime("ms"), parse, EARLIEST.replace(tzinfo=None), latest)


def _workouts(export: Export, context: Context) -> Extract:
    needed = {"Date": text(empty=False), "Activity": text(empty=False), _SECONDS: number(0, 7 * 86_400)}
    frame, notes = read(export, Layout(needed, {}, ("*(*)", "*(*)(*)"), most_rows=MOST_SESSIONS))
    found = list(frame.unique(list(needed), keep="first", maintain_order=True).iter_rows(named=True))
    spans = sorted((*span, row["Activity"], row[_SECONDS], row["line"]) for row in found if (span := _span(row)))
    starts = context.zones.to_utc(start for start, *_ in spans)
    sessions = Sessions(context, "apple_health")
    for (local, until, name, seconds, line), (start, _) in zip(spans, starts, strict=True):
        timer = timedelta(seconds=round(seconds, 3))
        elapsed = until - local
        if timer > elapsed + timedelta(minutes=1):
            set_aside(fault(line, _SECONDS, "more than from start to end", "at most that"), [start])
            continue
        end = start + max(elapsed, timer)
        sessions.add(f"line {line}", start, end, activity=apple.activity_of(name), name=name, timer=timer)
    return sessions.extract(notes)


def _span(row: dict) -> tuple[datetime, datetime] | None:
    """A range in one cell: "2026-01-02 15:05:17 - 2026-01-02 16:12:32"; None where it was set aside."""
    try:
        start, end = (datetime.strptime(part, "%Y-%m-%d %H:%M:%S") for part in row["Date"].split(" - "))
    except ValueError:
        expected = "a range like 2026-01-02 15:05:17 - 2026-01-02 16:12:32"
        raise fault(row["line"], "Date", "something else", expected) from None
    if not start <= end <= start + timedelta(days=7) or start.replace(tzinfo=UTC) < EARLIEST:
        set_aside(fault(row["line"], "Date", "an end before the start, or a week later", "a workout"), [start])
        return None
    return start, end
