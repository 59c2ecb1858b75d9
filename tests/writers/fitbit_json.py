"""Writes the JSON files of a Fitbit account export. Times of minutes are aware, of days and exercises local."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

FOLDER = "Takeout/Google Health/Global Export Data"
PADDING = {"dateTime": "12/31/99 00:00:00", "value": "0"}


def stamp(time: datetime) -> str:
    """09/12/26 05:00:00, month first, two figures for the year."""
    return time.strftime("%m/%d/%y %H:%M:%S")


def steps(minutes: Mapping[datetime, int]) -> bytes:
    """`steps-YYYY-MM-DD.json`: steps by minute, in UTC, as text."""
    return _dump([{"dateTime": stamp(t.astimezone(UTC)), "value": str(n)} for t, n in minutes.items()])


def daily(minutes: Mapping[date, int], padding: Iterable[dict] = ()) -> bytes:
    """`very_active_minutes-YYYY-MM-DD.json` and its sisters: minutes by local day, as text, padded."""
    days = [{"dateTime": stamp(datetime.combine(d, datetime.min.time())), "value": str(n)} for d, n in minutes.items()]
    return _dump([*days, *padding])


def heart_rate(beats: Mapping[datetime, int], confidence: int = 2) -> bytes:
    """`heart_rate-YYYY-MM-DD.json`: beats per minute, in UTC."""
    rows = beats.items()
    return _dump(
        [{"dateTime": stamp(t.astimezone(UTC)), "value": {"bpm": n, "confidence": confidence}} for t, n in rows]
    )


def exercise(start: datetime, minutes: float, name: str, **more: object) -> dict:
    """One entry of `exercise-0.json`; `start` is naive."""
    length = round(minutes * 60_000)
    entry = {
        "logId": int(start.replace(tzinfo=UTC).timestamp()),
        "activityName": name,
        "activityTypeId": 90013,
        "activityLevel": [{"minutes": 5, "name": "sedentary"}],
        "averageHeartRate": 104,
        "calories": 81,
        "duration": length,
        "activeDuration": length,
        "steps": 0,
        "logType": "auto_detected",
        "lastModified": stamp(start + timedelta(days=1)),
        "startTime": stamp(start),
    }
    return entry | more


def exercises(entries: Iterable[dict]) -> bytes:
    """`exercise-0.json`."""
    return _dump(list(entries))


def _dump(entries: list[dict]) -> bytes:
    return json.dumps(entries, indent=2).encode()


def sample() -> dict[str, bytes]:
    """A walk, two days of minutes, a pulse, three exercises."""
    walk = datetime(2026, 3, 9, 22, 0, tzinfo=UTC)
    days = {date(2026, 3, 9): 12, date(2026, 3, 10): 0}
    return {
        "steps-2026-03-01.json": steps({walk + timedelta(minutes=m): n for m, n in enumerate((0, 62, 104, 131, 8))}),
        "lightly_active_minutes-2026-03-01.json": daily({d: 15 * n for d, n in days.items()}, [PADDING]),
        "moderately_active_minutes-2026-03-01.json": daily({d: 2 * n for d, n in days.items()}, [PADDING]),
        "very_active_minutes-2026-03-01.json": daily(days, [PADDING]),
        "heart_rate-2026-03-09.json": heart_rate({walk + timedelta(seconds=7 * n): 90 + n for n in range(12)}),
        "exercise-0.json": exercises(
            [
                exercise(datetime(2026, 3, 9, 18, 0), 25, "Outdoor Walk", steps=2400),
                exercise(datetime(2026, 3, 10, 7, 30), 40, "Yoga", logType="manual"),
                exercise(datetime(2026, 3, 10, 23, 50), 20, "Underwater Hockey", activeDuration=900_000),
            ]
        ),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"fitbit_json": sample}
