"""The minutes of a Health Connect export: steps of all its apps on one time line, heart beats, how active a minute was.

Which app goes first, where two saw the same time: Android's own list of priorities for activity, in which an app that
has no place does not count there either. Without a list a watch, ring or band goes before what tells no device, and
that before a phone; among equals the app that counted more goes first.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import timedelta

import polars as pl

from connectors import Context
from connectors._csv import AGAIN
from connectors._health_connect_db import EPOCH, beats_of, has_table, number, offset_of, rows_of, span
from connectors._offsets import local_dates
from connectors._timeline import Record, minutes_of
from models.activity import MINUTES, MOST_STEPS
from models.rejection import Rejected

STEPS, BEATS = "steps_record_table", "heart_rate_record_table"
_SERIES, _INTENSITY = "heart_rate_record_series_table", "activity_intensity_record_table"
_DEVICES, _PRIORITY = "device_info_table", "health_data_category_priority_table"
_ACTIVITY = 1  # the category of steps in the list of priorities
_BODY, _PHONE, _OTHER = (1, 4, 5, 6, 7), 2, (3, 8)  # watch, ring, head, band, chest strap; phone; scale, display
_PHONES_OWN = "android"  # the app as which the phone itself counts
BY_HAND = 3  # recording_method
_LONGEST = timedelta(days=2)
_LEVELS = {0: 1, 1: 2}  # type of a record of intensity: moderate, vigorous
_MORE = ("device_info_id", "recording_method", "start_zone_offset")

Minutes = dict[tuple[str, int], tuple[int, timedelta | None]]  # metric and minute: value, distance from UTC


def minutes(
    database: sqlite3.Connection, apps: dict[int, str], context: Context
) -> tuple[pl.DataFrame, str, list[str]]:
    """Every minute that the export tells, the tz_source and remarks. Raises Rejected."""
    devices: dict[object, object] = {}
    if has_table(database, _DEVICES):
        devices = dict(rows_of(database, _DEVICES, ("row_id", "device_type")))
    told: Minutes = {}
    notes = _steps(database, apps, devices, told)
    _beats(database, devices, told)
    _intensity(database, apps, devices, told, notes)
    return *_frame(told, context), notes


def _steps(database: sqlite3.Connection, apps: dict[int, str], devices: dict, told: Minutes) -> list[str]:
    """Steps of all apps on one time line. Those typed in by hand are no one's count of a walk."""
    found, left_out = [], Counter[str]()
    columns = ("start_time", "end_time", "count", "app_info_id")
    for row in dict.fromkeys(rows_of(database, STEPS, columns, _MORE)):  # what stands twice is one
        start, end, count, app, device, method, offset = row
        steps = number(count, f"table {STEPS}, count", 0, MOST_STEPS)
        lasted = span(start, end, STEPS, _LONGEST)
        package = known(apps, app)
        if method == BY_HAND:
            left_out["typed in by hand"] += 1
        elif lasted is None:
            left_out["that end before they begin"] += 1
        elif steps:
            found.append((start, end, steps, package, _standing(devices.get(device), package), offset))
    listed = _listed(database, apps)
    if listed := {app: place for app, place in listed.items() if any(app == package for *_, package, _, _ in found)}:
        left_out["of apps without a place in Health Connect's own list"] = sum(row[3] not in listed for row in found)
    counted: Counter[str] = Counter()
    for _, _, steps, package, *_ in found:
        counted[package] += steps
    order = {package: n for n, package in enumerate(sorted(counted, key=lambda app: (-counted[app], app)))}
    records = [
        Record(
            start, max(end, start + 1), steps, package,
            (listed[package],) if listed else (standing, order[package]), offset, start == end,
        )
        for start, end, steps, package, standing, offset in found
        if not listed or package in listed
    ]  # fmt: skip
    for (minute, has_cadence), (steps, offset) in minutes_of(records).items():
        told["steps" if has_cadence else "steps_spread", minute] = steps, offset_of(offset)
    return [f"{count} step records {words}: left out" for words, count in left_out.items() if count]


def _standing(kind: object, package: str) -> int:
    """0 for what is worn, 2 for a phone, 1 where the device is not told."""
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


def _beats(database: sqlite3.Connection, devices: dict, told: Minutes) -> None:
    """A heart beat says that what is worn was worn. A phone's camera, or a hand that typed, proves nothing."""
    if not has_table(database, BEATS):
        return
    records = {
        row: offset_of(offset)
        for row, device, method, offset in rows_of(database, BEATS, ("row_id",), _MORE)
        if devices.get(device) not in (_PHONE, *_OTHER) and method != BY_HAND
    }
    for parent, minute in beats_of(database, _SERIES):
        if parent in records:
            told["heart_rate", minute] = 1, records[parent]


def _intensity(
    database: sqlite3.Connection, apps: dict[int, str], devices: dict, told: Minutes, notes: list[str]
) -> None:
    """Minutes that an app judged moderate or vigorous: those whose middle lies in a record."""
    if not has_table(database, _INTENSITY):
        return
    listed = _listed(database, apps)
    unknown = 0
    judged: dict[int, tuple[tuple, timedelta | None]] = {}
    columns = ("start_time", "end_time", "type", "app_info_id")
    for start, end, level, app, device, method, offset in rows_of(database, _INTENSITY, columns, _MORE):
        package, lasted = known(apps, app), span(start, end, _INTENSITY, _LONGEST)
        if level not in _LEVELS:
            unknown += 1
        elif lasted is not None and method != BY_HAND:
            standing = _standing(devices.get(device), package)
            claim = (listed.get(package, len(listed)), standing, package, -_LEVELS[level])
            for minute in range((start + 29_999) // 60_000, (end + 29_999) // 60_000):
                if minute not in judged or claim < judged[minute][0]:
                    judged[minute] = claim, offset_of(offset)
    for minute, ((*_, level), offset) in judged.items():
        told["active_minutes", minute] = -level, offset
    if unknown:
        notes.append(f"{unknown} records of an unknown intensity: left out")


def known(apps: dict[int, str], app: object) -> str:
    """The package of a record's app. Raises Rejected."""
    package = apps.get(app)  # type: ignore[call-overload]
    if not isinstance(package, str):
        raise Rejected("column app_info_id", "an app that is not listed", "one of application_info_table", AGAIN)
    return package


def _frame(told: Minutes, context: Context) -> tuple[pl.DataFrame, str]:
    keys = sorted(told)
    rows = pl.DataFrame(
        {
            "metric": pl.Series([metric for metric, _ in keys], dtype=MINUTES["metric"]),
            "start_time": pl.Series([EPOCH + timedelta(minutes=m) for _, m in keys], dtype=MINUTES["start_time"]),
            "value": pl.Series([min(told[key][0], MOST_STEPS + 1) for key in keys], dtype=pl.Int32),
        }
    )
    offsets = pl.Series([told[key][1] for key in keys], dtype=pl.Duration("ms"))
    dates, tz_source = local_dates(rows["start_time"], offsets, context.zones)
    rows = rows.with_columns(source=pl.lit("health_connect"), device=pl.lit(None), local_date=dates)
    return rows.select(pl.col(name).cast(kind) for name, kind in MINUTES.items()), tz_source
