"""Writes the daily activity and the workouts of an Oura export, and the older Trends table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

APP_HEADER = (
    "id;day;score;active_calories;steps;equivalent_walking_distance;high_activity_time;medium_activity_time;"
    "low_activity_time;sedentary_time;total_calories;target_calories;contributors;timestamp"
)
TRENDS_HEADER = (
    "date,Average Resting Heart Rate,Readiness Score,Sleep Timin Score,Total Bedtime ,Low Activity Time,"
    "Medium Activity Time,High Activity Time,Steps,Activity Burn,Non-wear Time,Rest Time,Inactive Time,Average MET,"
    "Equivalent Walking Distance,Activity Score"
)
WORKOUT_HEADER = "id;day;activity;calories;distance;start_datetime;end_datetime;intensity;label;source"


@dataclass(frozen=True)
class Day:
    """One day; times in seconds."""

    day: date
    steps: int | str = 0
    medium: int = 0
    high: int = 0
    low: int = 16_200
    sedentary: int = 28_800


def daily_activity(days: Iterable[Day], header: str = APP_HEADER) -> bytes:
    """`App Data/dailyactivity.csv`: JSON in a cell, with plain quotes."""
    lines = [header]
    for n, d in enumerate(days):
        times = f"{d.high};{d.medium};{d.low};{d.sedentary}"
        contributors = '{"meet_daily_targets": 78, "stay_active": null}'
        lines.append(f"a{n};{d.day};82;500;{d.steps};7400;{times};2400;500;{contributors};{d.day}T04:00:00.000+02:00")
    return ("\n".join(lines) + "\n").encode()


def trends(days: Iterable[Day], header: str = TRENDS_HEADER) -> bytes:
    """`oura_..._trends.csv`."""
    lines = [header]
    for d in days:
        lines.append(
            f"{d.day},58,81,90,30000,{d.low},{d.medium},{d.high},{d.steps},500,0,28000,{d.sedentary},1.6,7400,82"
        )
    return ("\n".join(lines) + "\n").encode()


def workouts(rows: Iterable[tuple[str, datetime, datetime]], source: str = "confirmed", label: str = "") -> bytes:
    """`App Data/workout.csv`: (activity, start, end), both aware."""
    lines = [WORKOUT_HEADER]
    for n, (activity, start, end) in enumerate(rows):
        span = f"{start.isoformat()};{end.isoformat()}"
        lines.append(f"w{n};{start.date()};{activity};100;1500;{span};easy;{label};{source}")
    return ("\n".join(lines) + "\n").encode()


def sample() -> dict[str, bytes]:
    """Three days, one without the ring, and two workouts."""
    days = [
        Day(date(2026, 3, 5), 9120, 2400, 600),
        Day(date(2026, 3, 6), low=0, sedentary=0),
        Day(date(2026, 3, 7), 300, 0, 0, 4000, 50_000),
    ]
    start, end = (
        datetime.fromisoformat("2026-03-05T10:00:00-05:00"),
        datetime.fromisoformat("2026-03-05T10:30:00-05:00"),
    )
    rows = [("walking", start, end), ("underwater_chess", start.replace(hour=18), end.replace(hour=19))]
    return {
        "App Data/dailyactivity.csv": daily_activity(days),
        "App Data/workout.csv": workouts(rows),
        "oura_2026-03-05_2026-03-07_trends.csv": trends(days),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"oura": sample}
