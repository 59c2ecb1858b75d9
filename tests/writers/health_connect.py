"""Writes the database of a Health Connect export. Times are aware."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

NAME = "health_connect_export.db"
WATCH, PHONE, UNTOLD = 1, 2, 3  # rows of the table of devices
_COMMON = (
    "row_id INTEGER PRIMARY KEY, uuid BLOB, last_modified_time INTEGER, device_info_id INTEGER, app_info_id INTEGER, "
    "recording_method INTEGER, start_time INTEGER, start_zone_offset INTEGER, end_time INTEGER, "
    "end_zone_offset INTEGER, local_date INTEGER"
)
_SCHEMA = (
    "CREATE TABLE application_info_table (row_id INTEGER PRIMARY KEY, package_name TEXT, app_name TEXT, app_icon BLOB)",
    "CREATE TABLE device_info_table (row_id INTEGER PRIMARY KEY, manufacturer TEXT, model TEXT, device_type INTEGER)",
    "CREATE TABLE health_data_category_priority_table (row_id INTEGER PRIMARY KEY, health_data_category INTEGER, "
    "app_id_priority_order TEXT)",
    f"CREATE TABLE steps_record_table ({_COMMON}, count INTEGER)",
    f"CREATE TABLE exercise_session_record_table ({_COMMON}, exercise_type INTEGER, title TEXT, notes TEXT)",
    f"CREATE TABLE activity_intensity_record_table ({_COMMON}, type INTEGER)",
    f"CREATE TABLE heart_rate_record_table ({_COMMON})",
    "CREATE TABLE exercise_segments_table (row_id INTEGER PRIMARY KEY, parent_key INTEGER, segment_start_time INTEGER, "
    "segment_end_time INTEGER, segment_type INTEGER, repetitions_count INTEGER)",
    "CREATE TABLE heart_rate_record_series_table (parent_key INTEGER, beats_per_minute INTEGER, epoch_millis INTEGER)",
    f"INSERT INTO device_info_table VALUES ({WATCH}, 'Maker', 'Watch', 1), ({PHONE}, 'Maker', 'Phone', 2), "
    f"({UNTOLD}, NULL, NULL, 0)",
)


@dataclass(frozen=True)
class Record:
    """One row: of steps (`value` is the count), a session (`value` is the number of the exercise), an intensity (0
    moderate, 1 vigorous), or of heart beats (`value` a minute, one every ten minutes)."""

    start: datetime
    end: datetime
    value: int
    app: str = "com.example.watch"
    offset: timedelta | None = timedelta(hours=-5)
    device: int = UNTOLD
    by_hand: bool = False
    modified: int = 0  # when it was last written, in milliseconds
    segments: tuple[tuple[datetime, datetime, int], ...] = ()  # of a session: from when to when, 66 a rest, 67 a pause


def minutes(start: datetime, counts: Iterable[int], **said: Any) -> list[Record]:
    """Records of a minute, one after the other."""
    minute = timedelta(minutes=1)
    return [Record(start + n * minute, start + (n + 1) * minute, count, **said) for n, count in enumerate(counts)]


def database(
    steps: Iterable[Record] = (),
    sessions: Iterable[Record] = (),
    then: Iterable[str] = (),
    wal: bool = False,
    beats: Iterable[Record] = (),
    intensities: Iterable[Record] = (),
    first: Iterable[str] = (),
) -> bytes:
    """`health_connect_export.db`. `then`: statements that change it afterwards. `first`: apps in Android's own list."""
    told = {"steps": list(steps), "exercise_session": list(sessions)}
    told |= {"activity_intensity": list(intensities), "heart_rate": list(beats)}
    first = list(first)
    apps = sorted({record.app for records in told.values() for record in records} | set(first))
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute("PRAGMA page_size = 4096")
        for statement in _SCHEMA:
            made.execute(statement)
        made.executemany(
            "INSERT INTO application_info_table VALUES (?, ?, ?, NULL)", [(n, a, "App") for n, a in enumerate(apps, 1)]
        )
        if first:
            order = ",".join(str(apps.index(app) + 1) for app in first)
            made.execute("INSERT INTO health_data_category_priority_table VALUES (1, 1, ?)", [order])
        tails = {"steps": ", ?", "exercise_session": ", ?, 'Walk with Anna', 'felt low'", "activity_intensity": ", ?"}
        for table, records in told.items():
            tail = tails.get(table, "")
            made.executemany(
                f"INSERT INTO {table}_record_table VALUES (?, x'00', ?, ?, ?, ?, ?, ?, ?, ?, ?{tail})",
                [(n, *_cells(record, apps), *([record.value] * bool(tail))) for n, record in enumerate(records, 1)],
            )
        for parent, record in enumerate(told["heart_rate"], 1):
            moments = range(_ms(record.start), _ms(record.end) + 1, 600_000)
            rows = [(parent, record.value, moment) for moment in moments]
            made.executemany("INSERT INTO heart_rate_record_series_table VALUES (?, ?, ?)", rows)
        for parent, record in enumerate(told["exercise_session"], 1):
            stretches = [(parent, _ms(start), _ms(end), kind) for start, end, kind in record.segments]
            made.executemany("INSERT INTO exercise_segments_table VALUES (NULL, ?, ?, ?, ?, 0)", stretches)
        for statement in then:
            made.execute(statement)
        made.commit()
        image = bytearray(made.serialize())
    image[92:100] = bytes(8)  # which version of SQLite wrote it: the same bytes everywhere
    if wal:
        image[18:20] = b"\2\2"
    return bytes(image)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _cells(record: Record, apps: list[str]) -> tuple:
    seconds = None if record.offset is None else round(record.offset.total_seconds())
    day = None
    if record.offset is not None:
        day = ((record.start.astimezone(UTC) + record.offset).date() - date(1970, 1, 1)).days
    method = 3 if record.by_hand else 2
    app = apps.index(record.app) + 1
    return record.modified, record.device, app, method, _ms(record.start), seconds, _ms(record.end), seconds, day


def sample() -> dict[str, bytes]:
    """A watch and a phone that counted the same walk, the phone alone before it; a record that was written again; an
    hour in one record; what was typed in by hand; two sessions, one with a pause, a worn hour, brisk minutes."""
    noon = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    phone: dict[str, Any] = {"app": "com.example.phone", "device": PHONE}
    steps = [
        *minutes(noon - 5 * minute, [90, 90, 90, 90, 90, 95, 95, 95], **phone),
        *minutes(noon, [100, 110, 120], device=WATCH),
        Record(noon, noon + 10 * minute, 40, device=PHONE),
        Record(noon + 8 * minute, noon + 10 * minute, 30, device=PHONE, modified=1),
        Record(noon + 24 * hour, noon + 24 * hour + 4 * minute, 210, **phone),
        Record(noon + 25 * hour, noon + 25 * hour, 30, **phone),
        Record(noon + 26 * hour, noon + 25 * hour, 400, **phone),
        Record(noon + 26 * hour, noon + 26 * hour + 3 * minute, 500, by_hand=True),
    ]
    pause = noon + 20 * minute, noon + 35 * minute, 67
    sessions = [
        Record(noon, noon + hour, 53, segments=(pause,)),
        Record(noon + 24 * hour, noon + 25 * hour, 21, by_hand=True),
    ]
    beats = [Record(noon, noon + hour, 71, device=WATCH), Record(noon + 24 * hour, noon + 25 * hour, 80, **phone)]
    intensities = [Record(noon, noon + 2 * minute, 0), Record(noon + minute, noon + 3 * minute, 1)]
    return {NAME: database(steps, sessions, beats=beats, intensities=intensities)}


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"health_connect": sample}
