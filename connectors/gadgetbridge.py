"""Gadgetbridge (Android): its database of what watches, bands and rings of many makers counted.

What it is called: `Gadgetbridge` or `Gadgetbridge.db`, a database (SQLite), or a .zip backup with it in `database/`.

Where to find it: Gadgetbridge, Data management, Export database (or the folder of the automatic export, or Backup).

Read are the tables whose names end in ACTIVITY_SAMPLE, one a model: steps by the minute, whether a heart beat was
measured, whether it was worn; and BASE_ACTIVITY_SUMMARY, recorded activities. Some models (words/gadgetbridge.toml)
store totals since local midnight instead: they are counters, without a cadence. -1 steps were not measured; a heart
rate outside 10 to 250 is none.

What it cannot tell: moderate and vigorous minutes as the device judges them; pauses of an activity, of which only the
length is known. Names, addresses of devices, tracks and positions are never read. How sure: B+, from the program's own
schema (version 92; later ones are read by the names of their columns). Tables of Huawei and Pebble, and those with rows
that have a length of their own, are named and not read.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit.export import Export
from connectors.kit.grid import spread_coarse_rows
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import canonical, minutes
from connectors.kit.sessions import Sessions
from connectors.kit.signs import is_sqlite
from connectors.kit.sqlite import (
    columns_of,
    database_of,
    has_table,
    instant,
    number,
    numbers_of,
    rows_of,
    unknown_columns,
)
from connectors.kit.words import activity_of, by_language, listed
from models.activity import MINUTES, MOST_SESSIONS, MOST_STEPS, READINGS, Extract
from models.fault import Rejected
from models.set_aside import one_record

VERSION = 1
EXPORT = "history"
LOOKS_FOR = ("SQLite",)
SOURCES = {"gadgetbridge": "wrist", "gadgetbridge_ring": "ring"}
METRICS = by_method(device="steps", cadence="walking brisk moderate vigorous", session=SPORT)

_SUMMARIES, _SAMPLES = "BASE_ACTIVITY_SUMMARY", "...ACTIVITY_SAMPLE"
_NAMED = re.compile(rb'TABLE "?([A-Z0-9_]+ACTIVITY_SAMPLE|BASE_ACTIVITY_SUMMARY)\b')
_BEGIN = 4_000_000  # bytes in which tables are named: there are some two hundred
_NEEDED = ("DEVICE_ID", "TIMESTAMP", "STEPS")
_MORE = ("RAW_KIND", "HEART_RATE", "WEAR_TYPE")
_LENGTHS = ("DURATION", "OTHER_TIMESTAMP")  # columns of rows that last longer than a minute
_SESSION, _DETAILS = ("START_TIME", "END_TIME", "ACTIVITY_KIND", "DEVICE_ID"), ("SUMMARY_DATA",)
_MOST_ROWS = 3_000_000  # of a table: more than five years of every minute
_LONGEST_SUMMARY = 1_000_000  # bytes
_YEAR_2100 = 4_102_444_800
_CARRIES_ON = "MI_BAND"  # the model whose kind 0 means the same as in the row before
_NOT_WORN = 1  # WEAR_TYPE
_WALKING = 6  # as counters of Garmin's files number it


def identify(export: Export) -> bool:
    """Whether it is an SQLite database that names tables of Gadgetbridge near its beginning."""
    if not is_sqlite(export.head):
        return False
    with export.open() as stream:
        return _NAMED.search(stream.read(_BEGIN)) is not None


def extract(export: Export, context: Context) -> Extract:
    """Steps and heart beats by the minute, counters, and recorded activities. Raises Rejected."""
    steps, others, counted = [MINUTES.to_frame()], [MINUTES.to_frame()], [READINGS.to_frame()]
    with database_of(export, _LONGEST_SUMMARY) as database:
        tables, unread = _tables(database)
        for table, model in tables.items():
            source = "gadgetbridge_ring" if model in listed("gadgetbridge", "rings") else "gadgetbridge"
            for device, rows in _rows(database, table, model):
                who = {"source": source, "device": context.pseudonym("gadgetbridge", device)}
                others.append(_beats(rows, who, context))
                if model in listed("gadgetbridge", "cumulative"):
                    counted.append(_counters(rows.drop_nulls("steps"), who, context))
                else:
                    steps.append(_steps(rows.drop_nulls("steps"), who, context))
        sessions = _sessions(database, context)
        known = (*_NEEDED, *_MORE, *_SESSION, *_DETAILS, *listed("gadgetbridge", "ignored"))
        notes = [*unread, *unknown_columns(database, [*tables, _SUMMARIES], known)]
    minutes = pl.concat([spread_coarse_rows(pl.concat(steps), notes), *others])
    readings = pl.concat(counted)
    if unread and not (minutes.height or readings.height or len(sessions)):
        raise Rejected("whole file", unread[0], "minutes of a watch", "hand over the export of the maker's own app")
    # what a newer database has in a form that is not read was not deleted
    kind = "report" if unread else None
    return Extract(minutes, readings, sessions.frame, tz_source=context.zones.source, notes=notes, export=kind)


def _tables(database: sqlite3.Connection) -> tuple[dict[str, str], list[str]]:
    """The tables that are read, each with its model, and what is said of those that are not. Raises Rejected."""
    true_tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name"
    names = [row[0] for row in database.execute(true_tables)]
    tables, unread = dict[str, str](), list[str]()
    for table in names:
        named = re.fullmatch(r"([A-Z0-9_]+?)_?ACTIVITY_SAMPLE", table)
        if named and (present := columns_of(database, table)) and _has_rows(database, table):
            packed = [word for word in listed("gadgetbridge", "packed") if named[1].startswith(word)]
            column = next((name for name in _NEEDED if name not in present), None)
            if packed:
                unread.append(f"rows of a watch of {packed[0].capitalize()}, which are packed: not read")
            elif column or present & set(_LENGTHS):
                why = f"without a column {column}" if column else "that are longer than a minute"
                unread.append(f"rows of a watch {why}: not read")
            else:
                tables[table] = named[1]
    return tables, unread


def _has_rows(database: sqlite3.Connection, table: str) -> bool:
    return database.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def _rows(database: sqlite3.Connection, table: str, model: str) -> Iterator[tuple[int, pl.DataFrame]]:
    """Each device of a table, and its rows in order of time, but for those when it was not worn."""
    frame = numbers_of(database, table, _NEEDED, _MORE, _MOST_ROWS, name=_SAMPLES)
    kind = pl.col("RAW_KIND")
    if model == _CARRIES_ON:
        kind = pl.when(kind != 0).then(kind).forward_fill().over("DEVICE_ID")
    off_codes = by_language("gadgetbridge")[""]["not_worn"]
    off = kind.is_in(off_codes.get(model, off_codes["other"])) | (pl.col("WEAR_TYPE") == _NOT_WORN)
    seconds = pl.col("TIMESTAMP").clip(0, _YEAR_2100)  # what cannot be is set aside later
    counted = pl.col("STEPS").clip(upper_bound=MOST_STEPS + 1)
    frame = frame.filter(~off.fill_null(False) | (pl.col("STEPS") > 0)).select(
        "DEVICE_ID",
        at=pl.from_epoch(seconds * 1000, time_unit="ms").dt.replace_time_zone("UTC"),
        steps=pl.when(counted >= 0).then(counted).cast(pl.Int32),
        beat=pl.col("HEART_RATE").is_between(10, 250),
    )
    for device in frame["DEVICE_ID"].unique(maintain_order=True):
        yield device, frame.filter(pl.col("DEVICE_ID") == device)


def _steps(rows: pl.DataFrame, who: dict[str, str], context: Context) -> pl.DataFrame:
    each = rows.group_by(start_time=pl.col("at").dt.truncate("1m")).agg(value=pl.col("steps").cast(pl.Int64).sum())
    each = each.with_columns(pl.col("value").clip(upper_bound=MOST_STEPS + 1)).sort("start_time")
    return minutes(each, context.zones, metric="steps", **who)


def _beats(rows: pl.DataFrame, who: dict[str, str], context: Context) -> pl.DataFrame:
    each = rows.filter("beat").select(start_time=pl.col("at").dt.truncate("1m")).unique(maintain_order=True)
    return minutes(each, context.zones, metric="heart_rate", value=1, **who)


def _counters(rows: pl.DataFrame, who: dict[str, str], context: Context) -> pl.DataFrame:
    """Totals since local midnight. One that stands at midnight is of the day before, as the program reads it."""
    dates = context.zones.local_dates(rows["at"] - timedelta(seconds=1))
    frame = rows.select("steps", end_time="at", local_date=dates)
    return canonical(READINGS, frame, activity_type=_WALKING, **who)


def _sessions(database: sqlite3.Connection, context: Context) -> Sessions:
    sessions = Sessions(context, "gadgetbridge", start="START_TIME", end="END_TIME")
    if not has_table(database, _SUMMARIES):
        return sessions
    for begun, ended, kind, device, details in rows_of(database, _SUMMARIES, _SESSION, _DETAILS, MOST_SESSIONS):
        with one_record() as read:
            read.on = start = instant(begun, f"table {_SUMMARIES}, START_TIME")
            end = instant(ended, f"table {_SUMMARIES}, END_TIME")
            code = number(kind, f"table {_SUMMARIES}, ACTIVITY_KIND", -1, 2**32)
            seconds = _detail(details, "activeSeconds", 7 * 86_400)
            steps = _detail(details, "steps", MOST_STEPS)
            sessions.add(
                f"table {_SUMMARIES}",
                start,
                end,
                name=f"activity kind {code >> 16:x}:{code & 0xFFFF:x}",
                activity=activity_of("gadgetbridge", code),
                device=context.pseudonym("gadgetbridge", device),
                timer=None if seconds is None else timedelta(seconds=seconds),
                steps=None if steps is None else int(steps),
                key=(begun, device),
            )
    return sessions


def _detail(details: object, name: str, most: int) -> float | None:
    """A number of the summary of an activity, {"steps": {"value": 3010}}; None where there is none that can be."""
    try:
        found = json.loads(details) if isinstance(details, str) else None
    except (ValueError, RecursionError):
        return None
    entry = found.get(name) if isinstance(found, dict) else None
    value: Any = entry.get("value") if isinstance(entry, dict) else None
    return value if type(value) in (int, float) and 0 <= value <= most else None
