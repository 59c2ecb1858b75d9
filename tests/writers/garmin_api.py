"""Writes answers of Garmin's server as programs keep them: activities, heart rate, intensity minutes by day."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta


def activity(kind: str, start: datetime, seconds: float, *, offset: timedelta = timedelta(hours=-4), **more) -> dict:
    """An entry of the list, or the one that a file is."""
    record = {
        "activityId": int(start.timestamp()),
        "activityName": "Anna's Walk",
        "startTimeLocal": f"{start.astimezone(UTC) + offset:%Y-%m-%d %H:%M:%S}",
        "startTimeGMT": f"{start.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "activityType": {"typeId": 9, "typeKey": kind, "parentTypeId": 17},
        "distance": 2500.0,
        "duration": seconds,
        "elapsedDuration": seconds + 60,
        "startLatitude": 52.5,
        "deviceId": 3999999999,
        "moderateIntensityMinutes": 30,
        "beginTimestamp": int(start.timestamp() * 1000),
    }
    return record | more


def details(kind: str, start: datetime, seconds: float, **more) -> dict:
    """The same as its details have it: most of it a level deeper, and with a fraction of the second."""
    flat = activity(kind, start, seconds, **more)
    above = {"activityId": flat.pop("activityId"), "activityName": flat.pop("activityName")}
    above["activityTypeDTO"] = flat.pop("activityType")
    for name in ("startTimeLocal", "startTimeGMT"):
        flat[name] = flat[name].replace(" ", "T") + ".0"
    return above | {"summaryDTO": flat, "metadataDTO": {"favorite": False}}


def heart_rate(start: datetime, rates: Iterable[int | None], offset: timedelta = timedelta(hours=-4)) -> dict:
    """A day with a value every two minutes."""
    first = int(start.timestamp() * 1000)
    return {
        "userProfilePK": 4711,
        "calendarDate": f"{start.astimezone(UTC) + offset:%Y-%m-%d}",
        "startTimestampGMT": f"{start.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0",
        "startTimestampLocal": f"{start.astimezone(UTC) + offset:%Y-%m-%dT%H:%M:%S}.0",
        "restingHeartRate": 52,
        "heartRateValueDescriptors": [{"key": "timestamp", "index": 0}, {"key": "heartrate", "index": 1}],
        "heartRateValues": [[first + n * 120_000, rate] for n, rate in enumerate(rates)],
    }


def intensity(days: Iterable[tuple[date, int | None, int | None]]) -> list[dict]:
    return [
        {"calendarDate": f"{day}", "weeklyGoal": 150, "moderateValue": moderate, "vigorousValue": vigorous}
        for day, moderate, vigorous in days
    ]


def written(said: object) -> bytes:
    return json.dumps(said).encode()


def sample() -> dict[str, bytes]:
    at, day = datetime(2026, 3, 9, 22, 30, tzinfo=UTC), timedelta(days=1)
    walks = [activity("walking", at, 3600.5, steps=6200), activity("stand_up_paddleboarding_v2", at + day, 900.0)]
    folder = "HealthData/FitFiles/Activities/"
    return {
        "activities.json": written(walks),
        f"{folder}activity_20000000001.json": written(activity("lawn_darts", at + 2 * day, 300.0)),
        f"{folder}activity_details_20000000002.json": written(details("strength_training", at + 3 * day, 1800.0)),
        "heart_rate_2026-03-09.json": written(heart_rate(at, [61, None, 0, 63])),
        "intensity_minutes.json": written(intensity([(date(2026, 3, 9), 13, 0), (date(2026, 3, 10), 9, 34)])),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"garmin_api": sample}
