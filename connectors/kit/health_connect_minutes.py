"""The minutes of a Health Connect export: steps of all its apps on one time line, heart beats, how active a minute was.

Which app goes first, where two saw the same time: Android's own list of priorities for activity, in which an app that
has no place does not count there either. Without a list a watch, ring or band goes before what names no device, and
that before a phone; among equals the app that counted more goes first (R5.4).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import timedelta
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit import rows
from connectors.kit.csv import AGAIN
from connectors.kit.health_connect_db import beats_of, has_table, number, offset_of, rows_of, span
from connectors.kit.offsets import local_dates
from connectors.kit.timeline import Record, laid_out
from models.activity import MINUTES, MOST_STEPS
from models.fault import Rejected

STEPS, BEATS = "steps_record_table", "heart_rate_record_table"
_SERIES, _INTENSITY = "heart_rate_record_series_table", "activity_intensity_record_table"
_DEVICES, _PRIORITY = "device_info_table", "health_data_category_priority_table"
_ACTIVITY = 1  # the category of steps in the list of priorities
_BODY, _PHONE, _OTHER = (1, 4, 5, 6, 7), 2, (3, 8)  # watch, ring, head, band, chest strap; phone; scale, display
_PHONES_OWN = "android"  # the app as which the phone itself counts
TABLES = (STEPS, BEATS, _SERIES, _INTENSITY, _DEVICES, _PRIORITY)
BY_HAND = 3  # recording_method
_LONGEST = timedelta(days=2)
_LEVELS = {0: 1, 1: 2}  # type of a record of intensity: moderate, vigorous
_MORE = ("device_info_id", "recording_method", "start_zone_offset")

_SCHEMA: dict[str, Any] = {"metric": MINUTES["metric"], "minute": pl.Int32, "value": pl.Int64, "offset": pl.Int32}


def minutes(
    database: sqlite3.Connection, apps: dict[int, str], context: Context
) -> tuple[pl.DataFrame, str, list[str]]:
    """Every minute of the export, the tz_source and remarks. Raises Rejected."""
    devices: dict[object, object] = {}
    if has_table(database, _DEVICES):
        devices = dict(rows_of(database, _DEVICES, ("row_id", "device_type")))
    listed = _listed(database, apps)
    notes: list[str] = []
    frame = pl.concat(
        [
            _steps(database, apps, devices, listed, notes),
            _beats(database, devices),
            _intensity(database, apps, devices, listed, notes),
        ]
    ).sort("metric", "minute")
    start_time = pl.from_epoch(frame["minute"].cast(pl.Int64) * 60_000, time_unit="ms").dt.replace_time_zone("UTC")
    offsets = (frame["offset"].cast(pl.Int64) * 1000).cast(pl.Duration("ms"))
    dates, tz_source = local_dates(start_time, offsets, context.zones)
    value = pl.col("value").clip(upper_bound=MOST_STEPS + 1)
    frame = frame.with_columns(start_time=start_time, local_date=dates, value=value)
    return rows.minutes(frame, context.zones, source="health_connect"), tz_source, notes


def _steps(
    database: sqlite3.Connection, apps: dict[int, str], devices: dict, listed: dict[str, int], notes: list[str]
) -> pl.DataFrame:
    """Steps of all apps on one time line. Those typed in by hand were counted by nobody."""
    records = []
    left_out: Counter[str] = Counter()
    columns = ("start_time", "end_time", "count", "app_info_id")
    for row in rows_of(database, STEPS, columns, _MORE):
        start, end, count, app, device, method, offset = row
        steps = number(count, f"table {STEPS}, count", 0, MOST_STEPS)
        lasted = span(start, end, STEPS, _LONGEST)
        package = package_of(apps, app)
        if method == BY_HAND:
            left_out["typed in by hand"] += 1
        elif lasted is None:
            left_out["that end before they begin"] += 1
        elif steps:
            standing = _standing(devices.get(device), package)
            records.append(
                Record(start, max(end, start + 1), steps, package, standing, offset_of(offset), start == end)
            )
    counted: Counter[str] = Counter()
    for record in records:
        counted[record.app] += record.steps
    if listed.keys() & counted.keys():
        left_out["of apps without a place in Health Connect's own list"] = sum(r.app not in listed for r in records)
        records = [record for record in records if record.app in listed]
        laid = laid_out(records, lambda record: (listed[record.app],))
    else:
        place = {app: n for n, app in enumerate(sorted(counted, key=lambda app: (-counted[app], app)))}
        laid = laid_out(records, lambda record: (record.standing, place[record.app]))
    notes += [f"{count} step records {words}: left out" for words, count in left_out.items() if count]
    return laid.select(_SCHEMA.keys())


def _standing(kind: object, package: str) -> int:
    """0 for what is worn, 2 for a phone, 1 where the device is not known."""
    if kind in _BODY:
        return 0
    return 2 if kind == _PHONE or package == _PHONES_OWN else 1


def _listed(database: sqlite3.Connection, apps: dict[int, str]) -> dict[str, int]:
    """The place of each app in Android's list for activity, the first having the smallest; empty without a list."""
    if not has_table(database, _PRIORITY):
        return {}
    for category, order in rows_of(database, _PRIORITY, ("health_data_category", "app_id_priority_order")):
        if category == _ACTIVITY:
            numbers = [word.strip() for word in str(order or "").split(",") if word.strip()]
            if not all(word.isdecimal() and word.isascii() for word in numbers):
                place = f"table {_PRIORITY}, column app_id_priority_order"
                raise Rejected(place, "something else", "numbers of apps like 3,2,1", AGAIN)
            return {apps[int(word)]: n for n, word in reversed(list(enumerate(numbers))) if int(word) in apps}
    return {}


def _beats(database: sqlite3.Connection, devices: dict) -> pl.DataFrame:
    """A heart beat says that what is worn was worn. A phone's camera, or a hand that typed, proves nothing."""
    if not has_table(database, BEATS):
        return pl.DataFrame(schema=_SCHEMA)
    worn = {
        row: offset_of(offset)
        for row, device, method, offset in rows_of(database, BEATS, ("row_id",), _MORE)
        if devices.get(device) not in (_PHONE, *_OTHER) and method != BY_HAND
    }
    offsets = {minute: worn[parent] for parent, minute in beats_of(database, _SERIES) if parent in worn}
    rows = [("heart_rate", minute, 1, offset) for minute, offset in offsets.items()]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _intensity(
    database: sqlite3.Connection, apps: dict[int, str], devices: dict, listed: dict[str, int], notes: list[str]
) -> pl.DataFrame:
    """Minutes that an app judged moderate or vigorous: those whose middle lies in a record."""
    if not has_table(database, _INTENSITY):
        return pl.DataFrame(schema=_SCHEMA)
    unknown = 0
    judged: dict[int, tuple[tuple, int | None]] = {}
    columns = ("start_time", "end_time", "type", "app_info_id")
    for start, end, level, app, device, method, offset in rows_of(database, _INTENSITY, columns, _MORE):
        package, lasted = package_of(apps, app), span(start, end, _INTENSITY, _LONGEST)
        if level not in _LEVELS:
            unknown += 1
        elif lasted is not None and method != BY_HAND:
            standing = _standing(devices.get(device), package)
            claim = (listed.get(package, len(listed)), standing, package, -_LEVELS[level])
            for minute in range((start + 29_999) // 60_000, (end + 29_999) // 60_000):
                if minute not in judged or claim < judged[minute][0]:
                    judged[minute] = claim, offset_of(offset)
    if unknown:
        notes.append(f"{unknown} records of an unknown intensity: left out")
    rows = [("active_minutes", minute, -level, offset) for minute, ((*_, level), offset) in judged.items()]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def package_of(apps: dict[int, str], app: object) -> str:
    """The package of a record's app. Raises Rejected."""
    package = apps.get(app)  # type: ignore[call-overload]
    if not isinstance(package, str):
        raise Rejected("column app_info_id", "an app that is not listed", "one of application_info_table", AGAIN)
    return package
