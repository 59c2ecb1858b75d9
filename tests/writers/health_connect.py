"""Writes the database of a Health Connect export. Times are aware."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

NAME = "health_connect_export.db"
_COMMON = (
    "row_id INTEGER PRIMARY KEY, uuid BLOB, last_modified_time INTEGER, device_info_id INTEGER, app_info_id INTEGER, "
    "start_time INTEGER, start_zone_offset INTEGER, end_time INTEGER, end_zone_offset INTEGER, local_date INTEGER"
)
_SCHEMA = (
    "CREATE TABLE application_info_table (row_id INTEGER PRIMARY KEY, package_name TEXT, app_name TEXT, app_icon BLOB)",
    f"CREATE TABLE steps_record_table ({_COMMON}, count INTEGER)",
    f"CREATE TABLE exercise_session_record_table ({_COMMON}, exercise_type INTEGER, title TEXT, notes TEXT)",
)


@dataclass(frozen=True)
class Record:
    """One row: of steps (`value` is the count) or a session (`value` is the number of the exercise)."""

    start: datetime
    end: datetime
    value: int
    app: str = "com.example.watch"
    offset: timedelta | None = timedelta(hours=-5)


def database(
    steps: Iterable[Record] = (), sessions: Iterable[Record] = (), then: Iterable[str] = (), wal: bool = False
) -> bytes:
    """`health_connect_export.db`. `then`: statements that change it afterwards."""
    steps, sessions = list(steps), list(sessions)
    apps = sorted({record.app for record in (*steps, *sessions)})
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute("PRAGMA page_size = 4096")
        for statement in _SCHEMA:
            made.execute(statement)
        made.executemany(
            "INSERT INTO application_info_table VALUES (?, ?, ?, NULL)", [(n, a, "App") for n, a in enumerate(apps, 1)]
        )
        for table, records, tail in (
            ("steps", steps, ""),
            ("exercise_session", sessions, ", 'Walk with Anna', 'felt low'"),
        ):
            made.executemany(
                f"INSERT INTO {table}_record_table VALUES (?, x'00', 0, 1, ?, ?, ?, ?, ?, ?, ?{tail})",
                [(n, *_cells(record, apps)) for n, record in enumerate(records, 1)],
            )
        for statement in then:
            made.execute(statement)
        made.commit()
        image = bytearray(made.serialize())
    image[92:100] = bytes(8)  # which version of SQLite wrote it: the same bytes everywhere
    if wal:
        image[18:20] = b"\2\2"
    return bytes(image)


def _cells(record: Record, apps: list[str]) -> tuple:
    start, end = (round(t.timestamp() * 1000) for t in (record.start, record.end))
    seconds = None if record.offset is None else round(record.offset.total_seconds())
    day = None
    if record.offset is not None:
        day = ((record.start.astimezone(UTC) + record.offset).date() - date(1970, 1, 1)).days
    return apps.index(record.app) + 1, start, seconds, end, seconds, day, record.value


def sample() -> dict[str, bytes]:
    """Two apps that counted the same walk, and two sessions."""
    noon = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
    hour = timedelta(hours=1)
    steps = [
        Record(noon, noon + hour, 4000),
        Record(noon + hour, noon + 2 * hour, 1200),
        Record(noon, noon + hour, 3900, "com.example.phone"),
        Record(noon + 24 * hour, noon + 25 * hour, 700),
    ]
    sessions = [Record(noon, noon + hour, 53), Record(noon + 24 * hour, noon + 25 * hour, 21)]
    return {NAME: database(steps, sessions)}


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"health_connect": sample}
