"""Health Connect on Android: the database of its own export.

What it is called: `health_connect_export.db` in `Health Connect.zip`. It is a database (SQLite), not a table.

Where to find it: Settings > Health Connect > Manage data > Backup and restore > Export data (Android 14 and later).

Read are steps, heart beats (only that there was one, from what is worn), how active a minute was (where an app tells
it) and exercise sessions. Several apps write the same walk: as on the phone itself, one app counts at each moment, the
one that goes first (connectors/kit/health_connect_minutes.py); apps are never added, gaps are filled from the next. The
copies of a watch in here go after the watch's own export. Steps typed in by hand are left out, sessions typed in by
hand are self-reported.

Cannot tell: the cadence of records of more than a minute, which are steps only; pauses in a session. Titles, notes and
routes are never read. The tables are known from readers and from Android's source (grade A-). What the numbers of
exercises mean is told in two ways, by Android's source and by that of the library apps use: a number is read where both
agree on it, where it was seen in a phone's database, or where the file shows which of the two it follows; any other one
is `other`, the number kept.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN
from connectors.kit.export import Export
from connectors.kit.health_connect_db import new_columns_of, number, offset_of, opened, rows_of, span
from connectors.kit.health_connect_minutes import BY_HAND, TABLES, known, minutes
from connectors.kit.words import meanings
from models.activity import MOST_SESSIONS, SESSIONS, Extract, session_row
from models.clock import Clock
from models.fault import Rejected

VERSION = 3
EXPORT = "history"
SOURCES = {"health_connect": "unknown"}
METRICS = {
    "steps": "device",
    "walking_minutes": "cadence",
    "brisk_minutes": "cadence",
    "moderate_minutes": "device",
    "vigorous_minutes": "device",
    "mvpa_minutes": "device",
    "workout_minutes": "session",
    "strength_minutes": "session",
    "yoga_minutes": "session",
    "dance_minutes": "session",
}
_MOST_BYTES = 512_000_000
_MOST_APPS = 1_000
_LONGEST = timedelta(days=7)  # of a session
_MAGIC = b"SQLite format 3\0"

_APPS = "application_info_table"
_SESSIONS = ("exercise_session_record_table", ("start_time", "end_time", "exercise_type", "app_info_id"))
_MORE = ("start_zone_offset", "recording_method")


def identify(export: Export) -> bool:
    """Whether it is an SQLite database with a trace of Health Connect in its first pages, or named so."""
    head = export.head
    if not head.startswith(_MAGIC):
        return False
    named = (
        export.basename.casefold().replace(" ", "_").replace("-", "_").startswith(("health_connect", "healthconnect"))
    )
    return named or b"_record_table" in head or b"application_info_table" in head


def extract(export: Export, context: Context) -> Extract:
    """Steps, heart beats and intensity by the minute, and exercise sessions. Raises Rejected."""
    if export.size > _MOST_BYTES:
        raise Rejected("whole file", "a database of over 512 MB", "a smaller one", "ask for a reader for it")
    try:
        with closing(opened(export)) as database:
            return _read(database, context)
    except (sqlite3.Error, UnicodeDecodeError, MemoryError):
        raise Rejected("whole file", "a database that cannot be read", "a sound SQLite database", AGAIN) from None


def _read(database: sqlite3.Connection, context: Context) -> Extract:
    apps = dict(rows_of(database, _APPS, ("row_id", "package_name"), most=_MOST_APPS))
    told, tz_source, notes = minutes(database, apps, context)
    sessions, clock, remarks = _sessions(database, apps, context)
    tz_source = clock.source if clock is not context.zones else tz_source
    remarks += new_columns_of(database, (_APPS, _SESSIONS[0], *TABLES))
    return Extract(minutes=told, sessions=sessions, tz_source=tz_source, notes=notes + remarks)


def _sessions(
    database: sqlite3.Connection, apps: dict[int, str], context: Context
) -> tuple[pl.DataFrame, Clock, list[str]]:
    table = _SESSIONS[0]
    records = dict.fromkeys(rows_of(database, *_SESSIONS, _MORE, MOST_SESSIONS))
    codes = {str(number(row[2], f"table {table}, exercise_type", 0, 10_000)) for row in records}
    meaning = _meaning(codes)
    rows = []
    clock: Clock = context.zones
    for begun, ended, code, app, offset, method in records:
        package, lasted = known(apps, app), span(begun, ended, table, _LONGEST)
        if lasted is None:
            continue
        start, end = lasted
        seconds = offset_of(offset)
        here = context.zones.trusting(None if seconds is None else timedelta(seconds=seconds), at=start)
        clock = here if here is not context.zones else clock
        rows.append(
            session_row(
                here,
                source="health_connect",
                device=context.pseudonym("health_connect", package),
                activity=meaning.get(str(code), "other"),
                vendor_activity=f"exercise type {code}",
                start=start,
                end=end,
                modality="self_reported" if method == BY_HAND else "sensed",
            )
        )
    backwards = len(records) - len(rows)
    notes = [f"{backwards} sessions that end before they begin: left out"] if backwards else []
    return pl.DataFrame(rows, schema=SESSIONS), clock, notes


def _meaning(codes: set[str]) -> dict[str, str]:
    """What the numbers mean by the one of two lists that the file follows; where that is not shown, what is sure."""
    system, library, seen = (meanings("health_connect", table) for table in ("system", "library", "seen"))
    shown = [table for table, other in ((library, system), (system, library)) if (codes & table.keys()) - other.keys()]
    return shown[0] if len(shown) == 1 else {**dict(system.items() & library.items()), **seen}
