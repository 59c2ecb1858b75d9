"""Writes days, training sessions and the session CSV of Polar Flow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

CSV_HEADER = (
    "Name,Sport,Date,Start time,Duration,Total distance (km),Average heart rate (bpm),Average speed (km/h),"
    "Max speed (km/h),Average pace (min/km),Max pace (min/km),Calories,Fat percentage of calories(%),"
    "Average cadence (rpm),Average stride length (cm),Running index,Training load,Ascent (m),Descent (m),"
    "Average power (W),Max power (W),Notes,Height (cm),Weight (kg),HR max,HR sit,VO2max,"
)


def day(
    when: date,
    steps: int | None,
    levels: Mapping[str, int] | None = None,
    samples: Iterable[tuple[str, int]] = (),
    **summary: str,
) -> bytes:
    """`activity-YYYY-MM-DD-<id>.json`: minutes by level, step samples by local time."""
    said: dict = {"startTime": "00:00:00.000", "endTime": "23:59:30.000", "dailyMetMinutes": 197.96} | summary
    if steps is not None:
        said["stepCount"] = steps
    if levels is not None:
        said["activityLevels"] = [{"level": name, "duration": f"PT{n * 60}S"} for name, n in levels.items()]
    content = {
        "exportVersion": "2.6",
        "date": when.isoformat(),
        "summary": said,
        "samples": {
            "mets": [{"localTime": "08:10:30.000", "value": 1.75}],
            "steps": [{"localTime": at, "value": n} for at, n in samples],
            "metSources": [""],
        },
    }
    return json.dumps(content).encode()


def training(start: datetime, minutes: float, sport: object, offset: int = 0, **more: object) -> bytes:
    """`training-session-YYYY-MM-DD-<id>.json`: local times (naive) and their distance from UTC in minutes."""
    stop = start + timedelta(minutes=minutes)
    exercise = {
        "startTime": start.isoformat(timespec="milliseconds"),
        "stopTime": stop.isoformat(timespec="milliseconds"),
        "timezoneOffset": offset,
        "duration": f"PT{minutes * 60:.3f}S",
        "sport": sport,
        "heartRate": {"min": 80, "avg": 120, "max": 150},
    }
    content = {
        "exportVersion": "1.6",
        "name": "Evening with Anna",
        "latitude": 61.5,
        "longitude": 23.8,
        "startTime": exercise["startTime"],
        "stopTime": exercise["stopTime"],
        "duration": exercise["duration"],
        "physicalInformationSnapshot": {"sex": "FEMALE", "birthday": "1990-01-01", "weight, kg": 70.0},
        "exercises": [exercise | more],
    }
    return json.dumps(content).encode()


def table(start: datetime, length: str, sport: str, header: str = CSV_HEADER) -> bytes:
    """The CSV of one session: two tables in one file."""
    row = (
        f"Anna Person,{sport},{start:%d-%m-%Y},{start:%H:%M:%S},{length},4.48,156,8.9,18.8,06:44,03:11,435,19,73,,43,"
        '79,,,,,"felt low, slept badly",180.0,77.0,195,55,56,'
    )
    samples = (
        "Sample rate,Time,HR (bpm),Speed (km/h),Pace (min/km),Cadence,Altitude (m),\n1,00:00:00,95,3.7,16:13,0,116,"
    )
    return f"{header}\n{row}\n{samples}\n".encode()


def sample() -> dict[str, bytes]:
    """A day with its minutes, one with its levels only, a session in either form."""
    monday = date(2026, 3, 9)
    walk = [("18:00:30.000", 62), ("18:01:30.000", 104), ("18:02:30.000", 131)]
    levels = {
        **{"NON_WEAR": 60, "SLEEP": 480, "SEDENTARY": 600, "LIGHT": 235},
        **{"CONTINUOS_MODERATE": 40, "INTERMITTENT_MODERATE": 14, "CONTINUOS_VIGOROUS": 11},
    }
    return {
        "activity-2026-03-09-1.json": day(monday, 297, levels, walk),
        "activity-2026-03-10-1.json": day(date(2026, 3, 10), 7088, {"CONTINUOS_MODERATE": 54}, walk),
        "training-session-2026-03-09-1.json": training(datetime(2026, 3, 9, 18), 30, "WALKING", -240),
        "session.csv": table(datetime(2026, 3, 9, 20), "00:30:08", "YOGA"),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"polar": sample}
