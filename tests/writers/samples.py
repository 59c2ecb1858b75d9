"""The sample of each connector that a writer's own module does not have: small exports, as a person hands them over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

from tests.writers import diary, fit, fitbit, google_fit


def _at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 9, hour, minute, tzinfo=UTC)


def _minutes(values: list[int]) -> list[tuple[datetime, int]]:
    return [(_at(14, n), value) for n, value in enumerate(values)]


def _fitbit() -> dict[str, bytes]:
    monday = date(2026, 3, 9)
    tracker = "Charge 6"
    return {
        fitbit.path("steps", monday): fitbit.steps({tracker: _minutes([98, 112]), "MobileTrack": _minutes([90])}),
        fitbit.path("active_minutes", monday): fitbit.active_minutes({tracker: [(_at(14), "very")]}),
        fitbit.path("activity_level", monday): fitbit.activity_level({tracker: [(_at(14), "LIGHTLY_ACTIVE")]}),
        fitbit.path("active_zone_minutes", monday): fitbit.zone_minutes({tracker: [(_at(14), "fat burn")]}),
        fitbit.path("heart_rate", monday): fitbit.heart_rate({tracker: [(_at(14), 88.0)]}),
        fitbit.path("UserExercises", monday): fitbit.exercises(
            [fitbit.Exercise(_at(14), _at(14, 30), "Outdoor Walk", timedelta(hours=-4), steps=3100)]
        ),
    }


def _google_fit() -> dict[str, bytes]:
    days = [google_fit.Day(date(2026, 3, 9), 5885, 60, 5, 11, 8, 85), google_fit.Day(date(2026, 3, 10))]
    name, session = google_fit.session("walking", _at(14), _at(14, 20), offset=timedelta(hours=-4), steps=1453)
    quarters = google_fit.quarter_hours([*[None] * 40, 400, 1250, *[None] * 54])
    quarter_path = google_fit.DAILY_PATH.replace("Daily activity metrics.csv", "2026-03-08.csv")
    return {google_fit.DAILY_PATH: google_fit.daily(days), quarter_path: quarters, name: session}


def _monitoring() -> bytes:
    midnight = datetime(2026, 3, 9, tzinfo=timezone(timedelta(hours=-4)))
    walks = [(midnight + timedelta(hours=8), timedelta(minutes=10), 1000)]
    return fit.monitoring_day(
        midnight,
        counters=fit.counters(walks),
        intensity=[(midnight + timedelta(hours=8, minutes=10), 6, 1)],
        heart=[midnight + timedelta(hours=8, minutes=n) for n in (0, 10)],
    )


def _activity() -> bytes:
    start = datetime(2026, 3, 9, 10, tzinfo=timezone(timedelta(hours=-4)))
    pause = (start + timedelta(minutes=10), timedelta(minutes=5))
    return fit.activity([fit.Session(start, timedelta(minutes=30), cycles=1600, pauses=[pause])])


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {
    "diary": lambda: {
        "diary.csv": diary.diary(
            [("2026-03-09", "yoga", 20, "18:30"), ("2026-03-10", "massage", 45), ("2026-03-16", "none", None)]
        )
    },
    "fitbit_takeout": _fitbit,
    "garmin_fit_activity": lambda: {"2026-03-09.fit": _activity()},
    "garmin_fit_monitoring": lambda: {"2026-03-09.fit": _monitoring()},
    "google_fit": _google_fit,
}
