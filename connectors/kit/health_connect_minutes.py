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
from connectors.kit.health_connect_db import BY_HAND, Apps, beats_of, modified, offset_of, span
from connectors.kit.offsets import local_dates
from connectors.kit.sqlite import has_table, number, rows_of
from connectors.kit.timeline import Record, laid_out
from models.activity import MINUTES, MOST_STEPS
from models.set_aside import one_record

STEPS, BEATS = "steps_record_table", "heart_rate_record_table"
_SERIES, _INTENSITY = "heart_rate_record_series_table", "activity_intensity_record_table"
_DEVICES = "device_info_table"
_BODY, _PHONE, _OTHER = (1, 4, 5, 6, 7), 2, (3, 8)  # watch, ring, head, band, chest strap; phone; scale, display
_PHONES_OWN = "android"  # the app as which the phone itself counts
TABLES = (STEPS, BEATS, _SERIES, _INTENSITY, _DEVICES)
_LONGEST = timedelta(days=2)
_LEVELS = {0: 1, 1: 2}  # type of a record of intensity: moderate, vigorous
_MORE = ("device_info_id", "recording_method", "start_zone_offset", "last_modified_time")

_SCHEMA: dict[str, Any] = {"metric": MINUTES["metric"], "by_hand": pl.Boolean, "minute": pl.Int32}
_SCHEMA |= {"value": pl.Int64, "offset": pl.Int32}


def minutes(database: sqlite3.Connection, apps: Apps, context: Context) -> tuple[pl.DataFrame, str, list[str]]:
    """Every minute of the export, the tz_source and remarks. Raises Rejected."""
    devices: dict[object, object] = {}
    if has_table(database, _DEVICES):
        devices = dict(rows_of(database, _DEVICES, ("row_id", "device_type")))
    notes: list[str] = []
    frame = pl.concat(
        [
            _steps(database, apps, devices, notes),
            _beats(database, devices),
            _intensity(database, apps, devices, notes),
        ]
    ).sort("by_hand", "metric", "minute")
    start_time = pl.from_epoch(frame["minute"].cast(pl.Int64) * 60_000, time_unit="ms").dt.replace_time_zone("UTC")
    offsets = (frame["offset"].cast(pl.Int64) * 1000).cast(pl.Duration("ms"))
    dates, tz_source = local_dates(start_time, offsets, context.zones)
    frame = frame.with_columns(
        source=pl.when("by_hand").then(pl.lit("health_connect_by_hand")).otherwise(pl.lit("health_connect")),
        start_time=start_time,
        local_date=dates,
        value=pl.col("value").clip(upper_bound=MOST_STEPS + 1),
    )
    return rows.minutes(frame, context.zones), tz_source, notes


def _steps(database: sqlite3.Connection, apps: Apps, devices: dict, notes: list[str]) -> pl.DataFrame:
    """Steps of all apps on one time line."""
    if not has_table(database, STEPS):
        notes.append("no table of steps: none were read")
        return pl.DataFrame(schema=_SCHEMA)
    records = []
    left_out: Counter[str] = Counter()
    columns = ("start_time", "end_time", "count", "app_info_id")
    for start, end, count, app, device, method, offset, last in rows_of(database, STEPS, columns, _MORE):
        package = apps.name(app)
        with one_record() as read:
            lasted = span(start, end, STEPS, _LONGEST, read)
            steps = number(count, f"table {STEPS}, count", 0, MOST_STEPS)
            if lasted is None:
                left_out["that end before they begin"] += 1
            elif steps:
                records.append(
                    Record(
                        start,
                        max(end, start + 1),
                        steps,
                        package,
                        _standing(devices.get(device), package),
                        offset_of(offset),
                        is_moment=start == end,
                        modified=modified(last),
                        by_hand=method == BY_HAND,
                    )
                )
    counted: Counter[str] = Counter()
    for record in records:
        counted[record.app] += record.steps
    if places := apps.places_of(counted):
        left_out["of apps without a place in Health Connect's own list"] = sum(r.app not in places for r in records)
        records = [record for record in records if record.app in places]
        laid = laid_out(records, lambda record: (places[record.app],))
    else:
        place = {app: n for n, app in enumerate(sorted(counted, key=lambda app: (-counted[app], app)))}
        laid = laid_out(records, lambda record: (record.standing, place[record.app]))
    notes += [f"{count} step records {words}: left out" for words, count in left_out.items() if count]
    if typed := sum(record.by_hand for record in records):
        notes.append(f"{typed} step records typed in by hand: a source of their own, after all that was counted")
    return laid.select(_SCHEMA.keys())


def _standing(kind: object, package: str) -> int:
    """0 for what is worn, 2 for a phone, 1 where the device is not known."""
    if kind in _BODY:
        return 0
    return 2 if kind == _PHONE or package == _PHONES_OWN else 1


def _beats(database: sqlite3.Connection, devices: dict) -> pl.DataFrame:
    """A heart beat says that what is worn was worn. A phone's camera, or a hand that typed, proves nothing."""
    if not has_table(database, BEATS):
        return pl.DataFrame(schema=_SCHEMA)
    worn = {
        row: offset_of(offset)
        for row, device, method, offset, _ in rows_of(database, BEATS, ("row_id",), _MORE)
        if devices.get(device) not in (_PHONE, *_OTHER) and method != BY_HAND
    }
    offsets = {minute: worn[parent] for parent, minute in beats_of(database, _SERIES) if parent in worn}
    rows = [("heart_rate", False, minute, 1, offset) for minute, offset in offsets.items()]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _intensity(database: sqlite3.Connection, apps: Apps, devices: dict, notes: list[str]) -> pl.DataFrame:
    """Minutes that an app judged moderate or vigorous: those whose middle lies in a record, by the app that goes first
    and the record that it wrote last."""
    if not has_table(database, _INTENSITY):
        return pl.DataFrame(schema=_SCHEMA)
    columns = ("start_time", "end_time", "type", "app_info_id")
    records = [(*row, apps.name(row[3])) for row in rows_of(database, _INTENSITY, columns, _MORE)]
    places = apps.places_of(package for *_, package in records)
    left_out: Counter[str] = Counter()
    judged: dict[int, tuple[tuple, int, int | None]] = {}
    for start, end, level, _, device, method, offset, last, package in records:
        lasted = None
        with one_record() as read:
            lasted = span(start, end, _INTENSITY, _LONGEST, read)
        if level not in _LEVELS:
            left_out["of an unknown intensity"] += 1
        elif places and package not in places:
            left_out["of intensity of apps without a place in Health Connect's own list"] += 1
        elif lasted is not None and method != BY_HAND:
            place = places[package] if places else _standing(devices.get(device), package)
            claim = (place, package, -modified(last), -_LEVELS[level])
            for minute in range((start + 29_999) // 60_000, (end + 29_999) // 60_000):
                if minute not in judged or claim < judged[minute][0]:
                    judged[minute] = claim, _LEVELS[level], offset_of(offset)
    notes += [f"{count} records {words}: left out" for words, count in left_out.items()]
    rows = [("active_minutes", False, minute, level, offset) for minute, (_, level, offset) in judged.items()]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")
