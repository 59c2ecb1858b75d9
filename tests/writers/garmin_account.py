"""Writes the JSON files of a Garmin account export: days and activities."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

DAYS = "DI_CONNECT/DI-Connect-Aggregator/UDSFile_2026-03-01_2026-06-09.json"
ACTIVITIES = "DI_CONNECT/DI-Connect-Fitness/someone@example.org_0_summarizedActivities.json"


def day(when: date, steps: int | None = None, moderate: int | None = None, vigorous: int | None = None, **more) -> dict:
    """One day; what is None is not written. A day without steps was before the watch."""
    told = {
        "userProfilePK": 4711,
        "calendarDate": when.isoformat(),
        "uuid": {"uuid": "u"},
        "durationInMilliseconds": 86_400_000,
        "totalKilocalories": 2100.0,
        "includesWellnessData": steps is not None,
        "totalSteps": steps,
        "dailyStepGoal": 8000 if steps is not None else None,
        "activeSeconds": 3600,
        "moderateIntensityMinutes": moderate,
        "vigorousIntensityMinutes": vigorous,
        "restingHeartRate": 52,
    }
    return {key: value for key, value in (told | more).items() if value is not None}


def days(records: Iterable[dict]) -> bytes:
    return json.dumps(list(records)).encode()


def activity(kind: str, start: datetime, timer: timedelta, *, offset: timedelta = timedelta(hours=-4), **more) -> dict:
    """One activity: times in milliseconds, its title as the account names it."""
    begin = int(start.astimezone(UTC).timestamp() * 1000)
    milliseconds = timer.total_seconds() * 1000
    told = {
        "activityId": begin // 1000,
        "name": "Anna's Walk",
        "activityType": kind,
        "beginTimestamp": begin,
        "startTimeGmt": float(begin),
        "startTimeLocal": float(begin + int(offset.total_seconds() * 1000)),
        "startLatitude": 52.5,
        "duration": milliseconds,
        "elapsedDuration": milliseconds + 60_000.0,
        "distance": 250_000.0,
        "moderateIntensityMinutes": 30,
    }
    return told | more


def activities(records: Iterable[dict]) -> bytes:
    return json.dumps([{"summarizedActivitiesExport": list(records)}]).encode()


def sample() -> dict[str, bytes]:
    """A day before the watch, a whole day and a part of one; a walk, and something nobody knows."""
    at = datetime(2026, 3, 9, 22, 30, tzinfo=UTC)
    return {
        DAYS: days(
            [
                day(date(2026, 3, 8)),
                day(date(2026, 3, 9), 8234, 35, 20),
                day(date(2026, 3, 10), 310, durationInMilliseconds=30_000_000),
            ]
        ),
        ACTIVITIES: activities(
            [
                activity("walking", at, timedelta(minutes=60), steps=6200),
                activity("tennis_v2", at + timedelta(hours=20), timedelta(minutes=45)),
                activity("lawn_darts", at + timedelta(days=1), timedelta(minutes=5)),
            ]
        ),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"garmin_account": sample}
