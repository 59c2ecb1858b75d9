"""Writes Gadgetbridge's database. Times are aware."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NAME = "Gadgetbridge.db"
_KEY = '"TIMESTAMP" INTEGER NOT NULL, "DEVICE_ID" INTEGER NOT NULL, "USER_ID" INTEGER NOT NULL'
_COMMON = f'{_KEY}, "RAW_INTENSITY" INTEGER, "STEPS" INTEGER NOT NULL, "RAW_KIND" INTEGER, "HEART_RATE" INTEGER'
_END = 'PRIMARY KEY ("TIMESTAMP", "DEVICE_ID") ON CONFLICT REPLACE'
_MORE = {
    "GARMIN_ACTIVITY_SAMPLE": ', "DISTANCE_CM" INTEGER, "ACTIVE_CALORIES" INTEGER',
    "HUAWEI_ACTIVITY_SAMPLE": ', "OTHER_TIMESTAMP" INTEGER',
    "HYBRID_HRACTIVITY_SAMPLE": ', "WEAR_TYPE" INTEGER',
    "WITHINGS_STEEL_HRACTIVITY_SAMPLE": ', "DURATION" INTEGER',
}
_OTHERS = (
    'CREATE TABLE "USER" ("_id" INTEGER PRIMARY KEY, "NAME" TEXT, "BIRTHDAY" INTEGER)',
    'CREATE TABLE "DEVICE" ("_id" INTEGER PRIMARY KEY, "NAME" TEXT, "IDENTIFIER" TEXT)',
    'CREATE TABLE "BASE_ACTIVITY_SUMMARY" ("_id" INTEGER PRIMARY KEY, "NAME" TEXT, "START_TIME" INTEGER NOT NULL, '
    '"END_TIME" INTEGER NOT NULL, "ACTIVITY_KIND" INTEGER NOT NULL, "BASE_LONGITUDE" INTEGER, "GPX_TRACK" TEXT, '
    '"DEVICE_ID" INTEGER NOT NULL, "USER_ID" INTEGER NOT NULL, "SUMMARY_DATA" TEXT, "RAW_SUMMARY_DATA" BLOB)',
    "INSERT INTO USER VALUES (1, 'Anna Muster', 0)",
    "INSERT INTO DEVICE VALUES (1, 'Watch7 of Anna', 'C0:FF:EE:00:00:01'), (2, 'Serial 99', 'C0:FF:EE:00:00:02')",
)


@dataclass(frozen=True)
class Row:
    """One row of a table of samples. `last`: what its further columns hold."""

    at: datetime
    steps: int
    beat: int = 255
    kind: int = 1
    device: int = 1
    last: int | None = None


@dataclass(frozen=True)
class Activity:
    """One recorded activity. `details`: SUMMARY_DATA."""

    start: datetime
    end: datetime
    kind: int
    details: object = None
    device: int = 1


def every_minute(start: datetime, steps: Iterable[int], **same: int) -> list[Row]:
    """A row for each minute."""
    return [Row(start + n * timedelta(minutes=1), count, **same) for n, count in enumerate(steps)]


def details(seconds: float, steps: int) -> dict:
    """The summary of an activity."""
    return {"activeSeconds": {"value": seconds, "unit": "seconds"}, "steps": {"value": steps, "unit": "steps_unit"}}


def database(
    tables: dict[str, list[Row]], activities: Iterable[Activity] = (), then: Iterable[str] = (), version: int = 92
) -> bytes:
    """`Gadgetbridge.db`. `tables`: rows by model ("GARMIN"). `then`: statements that change it afterwards."""
    with closing(sqlite3.connect(":memory:")) as made:
        for statement in _OTHERS:
            made.execute(statement)
        for model, rows in tables.items():
            table = f"{model}ACTIVITY_SAMPLE" if model.endswith("_HR") else f"{model}_ACTIVITY_SAMPLE"
            made.execute(f'CREATE TABLE "{table}" ({_COMMON}{_MORE.get(table, "")}, {_END})')
            more = _MORE.get(table, "").count('"') // 2
            for row in rows:
                at = round(row.at.timestamp())
                cells = (at, row.device, 1, 20, row.steps, row.kind, row.beat, *[row.last] * more)
                made.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(cells))})", cells)
        for n, activity in enumerate(activities, 1):
            start, end = (round(moment.timestamp() * 1000) for moment in (activity.start, activity.end))
            summary = activity.details if isinstance(activity.details, str | None) else json.dumps(activity.details)
            made.execute(
                "INSERT INTO BASE_ACTIVITY_SUMMARY "
                "VALUES (?, 'Morning with Anna', ?, ?, ?, 52520000, '/anna.gpx', ?, 1, ?, x'00')",
                (n, start, end, activity.kind, activity.device, summary),
            )
        for statement in (*then, f"PRAGMA user_version = {version}"):
            made.execute(statement)
        made.commit()
        image = bytearray(made.serialize())
    image[92:100] = bytes(8)  # which version of SQLite wrote it: the same bytes everywhere
    return bytes(image)


def sample() -> dict[str, bytes]:
    """A band with minutes, some of them off the wrist; a watch with totals of the day; a ring with rows of ten
    minutes; three recorded activities."""
    morning = datetime(2026, 3, 9, 13, 0, tzinfo=UTC)
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    band = every_minute(morning, [100, 110, 0, 90], beat=88) + every_minute(morning + 4 * minute, [0, 0], kind=115)
    totals = [(0, -1, 70), (5, 430, 71), (15, 1480, 255), (700, 6100, 75), (840, 6200, -1), (1400, 120, 66)]
    watch = [Row(morning + at * minute, steps, beat, device=2) for at, steps, beat in totals]
    ring = [Row(morning + 10 * n * minute, steps, 0, device=3) for n, steps in enumerate([600, 0, 1200])]
    activities = [
        Activity(morning, morning + hour / 2, 0x20, details(1710, 3010)),
        Activity(morning + 24 * hour, morning + 25 * hour, 0x4000),
        Activity(morning + 26 * hour, morning + 27 * hour, 0x04000123, "{}", device=2),
    ]
    return {NAME: database({"MI_BAND": [], "HUAMI_EXTENDED": band, "GARMIN": watch, "COLMI": ring}, activities)}


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"gadgetbridge": sample}
