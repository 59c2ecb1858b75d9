"""Writes the files of a Google Fit Takeout: the daily figures, a day in quarters of an hour, and sessions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

DAILY_PATH = "Takeout/Fit/Daily activity metrics/Daily activity metrics.csv"


@dataclass(frozen=True)
class Day:
    """One row of the daily file. None is written as an empty cell."""

    day: date
    steps: int | None = None
    walking_minutes: float | None = None
    treadmill_minutes: float | None = None
    heart_points: float | None = None
    heart_minutes: int | None = None
    move_minutes: int | None = None


def daily(days: Iterable[Day], columns: Iterable[str] | None = None) -> bytes:
    """`Daily activity metrics.csv`. `columns` picks and orders the columns, which differ from user to user."""
    cells = [_cells(day) for day in days]
    names = list(columns) if columns is not None else list(_cells(Day(date.min)))
    lines = [",".join(names)] + [",".join(row.get(name, "") for name in names) for row in cells]
    return ("\n".join(lines) + "\n").encode()


def _cells(day: Day) -> dict[str, str]:
    def told(value: float | None) -> str:
        return "" if value is None else str(value)

    def ms(minutes: float | None) -> str:
        return "" if minutes is None else str(round(minutes * 60_000))

    return {
        "Date": day.day.isoformat(),
        "Move Minutes count": told(day.move_minutes),
        "Calories (kcal)": "1490.4467",
        "Distance (m)": "" if day.steps is None else f"{day.steps * 0.7:.3f}",
        "Heart Points": told(None if day.heart_points is None else float(day.heart_points)),
        "Heart Minutes": told(day.heart_minutes),
        "Low latitude (deg)": "",
        "Low longitude (deg)": "",
        "High latitude (deg)": "",
        "High longitude (deg)": "",
        "Average speed (m/s)": "0.5",
        "Step count": told(day.steps),
        "Average weight (kg)": "",
        "Walking duration (ms)": ms(day.walking_minutes),
        "Running duration (ms)": "",
        "Treadmill walking duration (ms)": ms(day.treadmill_minutes),
    }


def quarter_hours(steps: Iterable[int | None], offset: str = "-04:00", walking_ms: int = 120_000) -> bytes:
    """`2025-01-30.csv`: a day in pieces of 15 minutes, times but no date. Quarters with steps have walking."""
    names = "Start time,End time,Move Minutes count,Calories (kcal),Heart Points,Heart Minutes,Step count"
    lines = [f"{names},Walking duration (ms)"]
    for quarter, count in enumerate(steps):
        begin, end = quarter * 15, (quarter + 1) * 15 % 1440
        times = ",".join(f"{m // 60:02d}:{m % 60:02d}:00.000{offset}" for m in (begin, end))
        lines.append(f"{times},,14.16,{f'3.0,2,{count},{walking_ms}' if count else ',,,'}")
    return ("\n".join(lines) + "\n").encode()


def session(
    activity: str,
    start: datetime,
    end: datetime,
    *,
    offset: timedelta = timedelta(0),
    steps: int | None = None,
    segments: Iterable[tuple[datetime, datetime]] | None = None,
) -> tuple[str, bytes]:
    """Path and content of a session file. Times are aware; segments (of the same activity) default to the whole."""
    spans = list(segments) if segments is not None else [(start, end)]
    content = {
        "fitnessActivity": activity,
        "startTime": _stamp(start),
        "endTime": _stamp(end),
        "duration": f"{sum((b - a for a, b in spans), timedelta(0)).total_seconds()}s",
        "segment": [{"fitnessActivity": activity, "startTime": _stamp(a), "endTime": _stamp(b)} for a, b in spans],
        "aggregate": [{"metricName": "com.google.heart_minutes.summary", "floatValue": 8.0}],
    }
    if steps is not None:
        content["aggregate"].append({"metricName": "com.google.step_count.delta", "intValue": steps})  # type: ignore[attr-defined]
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    local = (start.astimezone(UTC) + offset).strftime("%Y-%m-%dT%H_%M_%S.") + f"{start.microsecond // 1000:03d}"
    name = f"{local}{sign}{abs(minutes) // 60:02d}_{abs(minutes) % 60:02d}_{activity.upper()}.json"
    return f"Takeout/Fit/All Sessions/{name}", json.dumps(content, indent=2).encode()


def _stamp(time: datetime) -> str:
    time = time.astimezone(UTC)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"
