"""Writes the minutes of a Huawei Health export."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

PATH = "Sport per minute merged data & description/sport per minute merged data.json"


def record(start: datetime, steps: int | None, device: int = 1, *, zone: str = "-0400", kind: int = 5, **more) -> dict:
    """One minute of one device."""
    begin = int(start.astimezone(UTC).timestamp() * 1000)
    summary = {"distance": 7, "calorie": 500, "duration": 1} | ({} if steps is None else {"steps": steps})
    told = {"startTime": begin, "endTime": begin + 60_000, "timeZone": zone, "deviceCode": device, "sportType": kind}
    return told | {"version": 1, "dataId": "x", "sportBasicInfos": [summary]} | more


def days(records: Iterable[tuple[int, Iterable[dict]]]) -> bytes:
    """(day as 20260309, its records)."""
    return json.dumps([{"recordDay": day, "sportDataUserData": list(found)} for day, found in records]).encode()


def sample() -> dict[str, bytes]:
    """A minute that watch and phone both saw, one of the watch alone, one of a family member, one told too long."""
    at = datetime(2026, 3, 9, 14, tzinfo=UTC)
    records = [
        record(at, 104, 1),
        record(at, 96, 2),
        record(at + timedelta(minutes=1), 31, 1),
        record(at, 88, 3, subUser="child"),
        record(at + timedelta(hours=1), 400, 1, endTime=int(at.timestamp() * 1000) + 7_200_000),
    ]
    return {PATH: days([(20260309, records)])}


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"huawei": sample}
