"""Writes answers of the Google Health API, as a study's own program keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

TRACKER: dict[str, Any] = {
    "recordingMethod": "PASSIVELY_MEASURED",
    "device": {"displayName": "Jane’s Charge 6", "formFactor": "FITNESS_BAND"},
    "platform": "FITBIT",
}
PHONE: dict[str, Any] = {
    "recordingMethod": "PASSIVELY_MEASURED",
    "application": {"packageName": "com.google.android.apps.fitness"},
    "device": {"formFactor": "PHONE"},
    "platform": "HEALTH_CONNECT",
}
WATCH: dict[str, Any] = {
    "recordingMethod": "PASSIVELY_MEASURED",
    "application": {"packageName": "com.sec.android.app.shealth"},
    "device": {"formFactor": "WATCH", "displayName": "Anna’s watch7"},
    "platform": "HEALTH_CONNECT",
}
TYPED: dict[str, Any] = {"recordingMethod": "MANUAL", "platform": "FITBIT"}
OFFSET = -14_400  # New York in summer, in seconds


def _civil(time: datetime, offset: int) -> dict[str, Any]:
    local = time + timedelta(seconds=offset)
    clock = {name: value for name, value in (("hours", local.hour), ("minutes", local.minute)) if value}
    return {"date": {"year": local.year, "month": local.month, "day": local.day}, "time": clock}


def at(text: str) -> datetime:
    """A time in UTC, like "2026-09-21 12:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def interval(start: datetime, seconds: float = 60, offset: int = OFFSET) -> dict[str, Any]:
    """From when to when, in UTC and on the wall."""
    end = start + timedelta(seconds=seconds)
    times = {
        "startTime": _text(start),
        "startUtcOffset": f"{offset}s",
        "endTime": _text(end),
        "endUtcOffset": f"{offset}s",
    }
    return {**times, "civilStartTime": _civil(start, offset), "civilEndTime": _civil(end, offset)}


def point(kind: str, value: dict[str, Any], source: dict[str, Any] | None = TRACKER, name: str = "") -> dict[str, Any]:
    """One point. Without a source it is one that Google merged."""
    named = {"name": f"users/me/dataTypes/{kind}/dataPoints/{name}"} if name else {}
    return {**named, **({"dataSource": source} if source else {}), kind: value}


def steps(
    start: datetime, count: int, source: dict[str, Any] | None = TRACKER, seconds: float = 60, offset: int = OFFSET
) -> dict[str, Any]:
    """Steps of a minute, or of a longer time."""
    return point("steps", {"interval": interval(start, seconds, offset), "count": str(count)}, source)


def minutes(start: datetime, counts: Iterable[int], source: dict[str, Any] | None = TRACKER) -> list[dict[str, Any]]:
    """Steps minute by minute, the newest first."""
    return [steps(start + timedelta(minutes=n), count, source) for n, count in enumerate(counts)][::-1]


def active(start: datetime, level: str, amount: int = 1, seconds: float = 60) -> dict[str, Any]:
    """Active minutes of one level."""
    levels = [{"activityLevel": level, "activeMinutes": str(amount)}]
    return point("activeMinutes", {"interval": interval(start, seconds), "activeMinutesByActivityLevel": levels})


def zone(start: datetime, name: str, amount: int = 1) -> dict[str, Any]:
    """A minute in a heart rate zone."""
    value = {"interval": interval(start), "heartRateZone": name, "activeZoneMinutes": str(amount)}
    return point("activeZoneMinutes", value)


def state(start: datetime, level: str, seconds: float = 60) -> dict[str, Any]:
    """How active somebody was."""
    return point("activityLevel", {"interval": interval(start, seconds), "activityLevelType": level})


def beat(time: datetime, rate: int = 88, source: dict[str, Any] | None = TRACKER) -> dict[str, Any]:
    """A heart rate."""
    sample = {"physicalTime": _text(time), "utcOffset": f"{OFFSET}s", "civilTime": _civil(time, OFFSET)}
    return point("heartRate", {"sampleTime": sample, "beatsPerMinute": str(rate)}, source)


def exercise(
    start: datetime, kind: str, lasts: int = 1800, active: str = "1800s", name: str = "Lunch with Anna", steps: int = 0,
    source: dict[str, Any] = TRACKER, identity: str = "e1",
) -> dict[str, Any]:  # fmt: skip
    """A recorded exercise."""
    summary = {"caloriesKcal": 160.5, "activeZoneMinutes": "12"} | ({"steps": str(steps)} if steps else {})
    events = [{"eventTime": _text(start), "eventUtcOffset": f"{OFFSET}s", "exerciseEventType": "START"}]
    value = {
        "interval": interval(start, lasts), "exerciseType": kind, "displayName": name, "activeDuration": active,
        "metricsSummary": summary, "exerciseEvents": events, "notes": "a title of Anna Muster",
    }  # fmt: skip
    return point("exercise", value, source, identity)


def day_sum(day: date, kind: str = "steps", value: dict[str, Any] | None = None) -> dict[str, Any]:
    """The sum of a civil day; without a figure it says nothing."""
    ends = [{"date": {"year": d.year, "month": d.month, "day": d.day}} for d in (day, day + timedelta(days=1))]
    window = dict(zip(("civilStartTime", "civilEndTime"), ends, strict=True))
    return window if value is None else {**window, kind: value}


def levels(**amounts: int) -> dict[str, Any]:
    """Active minutes of a day by their level."""
    parts = [{"activityLevel": name, "activeMinutesSum": str(amount)} for name, amount in amounts.items()]
    return {"activeMinutesRollupByActivityLevel": parts}


def zones(**seconds: float) -> dict[str, Any]:
    """Time of a day in heart rate zones."""
    parts = [{"heartRateZone": name, "duration": f"{amount}s"} for name, amount in seconds.items()]
    return {"timeInHeartRateZones": parts}


def window_sum(start: datetime, count: int, seconds: float = 900) -> dict[str, Any]:
    """The steps of a window of time."""
    times = {"startTime": _text(start), "endTime": _text(start + timedelta(seconds=seconds))}
    return {**times, "steps": {"countSum": str(count)}}


def page(points: Iterable[dict[str, Any]], token: str = "") -> dict[str, Any]:
    """A page of points."""
    return {"dataPoints": list(points)} | ({"nextPageToken": token} if token else {})


def sums(points: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A page of sums."""
    return {"rollupDataPoints": list(points)}


def written(content: Any) -> bytes:
    """A file."""
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def sample() -> dict[str, bytes]:
    """A morning of a tracker and a phone, an evening far from home, exercises, and sums of days."""
    morning, monday = at("2026-09-21 12:00"), date(2026, 9, 21)
    both = [
        steps(at("2026-09-21 16:00"), 700, PHONE, 600),
        steps(morning, 55, WATCH, 180),
        steps(morning, 4000, TYPED, 1800),
        *minutes(morning, [0, 96, 104, 110, 0]),
        steps(at("2026-09-22 03:30"), 80, offset=-18_000),  # an hour behind home: the evening before
    ]
    judged = [
        active(morning + timedelta(minutes=n), level) for n, level in enumerate(("LIGHT", "MODERATE", "VIGOROUS"))
    ]
    zoned = [zone(morning, "FAT_BURN"), zone(morning + timedelta(minutes=1), "CARDIO", 2)]
    states = [state(morning, "SEDENTARY"), state(morning + timedelta(minutes=1), "MODERATELY_ACTIVE", 120)]
    exercises = [
        exercise(at("2026-09-21 20:00"), "WALKING", 2400, "2280s", "Walk", 4120),
        exercise(at("2026-09-22 20:00"), "YOGA", 2700, "2700s", identity="e2"),
        exercise(at("2026-09-23 20:00"), "WORKOUT", 1801, "1800.5s", "Dance", identity="e3"),
        exercise(at("2026-09-24 20:00"), "STRENGTH_TRAINING", source=TYPED, identity="e4"),
    ]
    return {
        "steps_list.json": written([page(both[:4], "token-2"), page(both[4:])]),
        "steps_reconcile.json": written(page(minutes(at("2026-10-01 12:00"), [90, 0, 70], None))),
        "active-minutes_list.json": written(page(judged)),
        "active-zone-minutes_list.json": written(page(zoned)),
        "activity-level_list.json": written(page(states)),
        "heart-rate_list.json": written(page([beat(morning), beat(morning + timedelta(seconds=20))])),
        "exercise_list.json": written(page(exercises)),
        "steps_dailyRollUp.json": written(
            sums(
                [
                    day_sum(date(2026, 9, 23)),
                    day_sum(date(2026, 9, 22), value={"countSum": "0"}),
                    day_sum(monday, value={"countSum": "1320"}),
                ]
            )
        ),
        "active-minutes_dailyRollUp.json": written(
            sums([day_sum(monday, "activeMinutes", levels(LIGHT=141, MODERATE=23, VIGOROUS=12))])
        ),
        "time-in-heart-rate-zone_dailyRollUp.json": written(
            sums([day_sum(monday, "timeInHeartRateZone", zones(LIGHT=5400, MODERATE=1080, VIGOROUS=420, PEAK=60))])
        ),
        "steps_rollUp.json": written(
            sums([window_sum(at("2026-10-02 12:00"), 310, 300), window_sum(at("2026-10-02 12:05"), 0, 300)])
        ),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"google_health_api": sample}
