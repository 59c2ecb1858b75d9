"""Health Connect on Android: the database of its own export.

What it is called: `health_connect_export.db` in `Health Connect.zip`. It is a database (SQLite), not a table.

Where to find it: Settings > Health Connect > Manage data > Backup and restore > Export data (Android 14 and later).

Read are steps, heart beats (only that there was one, from what is worn), how active a minute was (where an app has
it) and exercise sessions. Several apps write the same steps: as on the phone itself, one app counts at each moment, the
one that goes first (connectors/kit/health_connect_minutes.py); apps are never added, gaps are filled from the next. The
copies of a watch in here go after the watch's own export. Steps typed in by hand are left out, sessions typed in by
hand are self-reported.

Cannot tell: the cadence of records of more than a minute, which are steps only; pauses in a session. Titles, notes and
routes are never read. The tables are known from readers and from Android's source (grade A-). What the numbers of
exercises mean is listed twice, by Android's source and by that of the library apps use: a number is read where both
agree on it, where it was seen in a phone's database, or where the file shows which of the two it follows; any other one
is `other`, with the number.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

from connectors import Context
from connectors.kit.csv import AGAIN
from connectors.kit.export import Export
from connectors.kit.health_connect_db import new_columns_of, number, offset_of, opened, rows_of, span
from connectors.kit.health_connect_minutes import BY_HAND, TABLES, minutes, package_of
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.sessions import Sessions
from connectors.kit.signs import is_sqlite
from connectors.kit.words import meanings
from models.activity import MOST_SESSIONS, Extract
from models.fault import Rejected

VERSION = 3
EXPORT = "history"
LOOKS_FOR = ("SQLite",)
SOURCES = {"health_connect": "unknown"}
METRICS = by_method(device="steps moderate vigorous mvpa", cadence="walking brisk", session=SPORT)
_MOST_BYTES = 512_000_000
_MOST_APPS = 1_000
_LONGEST = timedelta(days=7)  # of a session

_APPS = "application_info_table"
_SESSIONS = ("exercise_session_record_table", ("start_time", "end_time", "exercise_type", "app_info_id"))
_MORE = ("start_zone_offset", "recording_method")


def identify(export: Export) -> bool:
    """Whether it is an SQLite database with a trace of Health Connect in its first pages, or named so."""
    head = export.head
    if not is_sqlite(head):
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
    rows, tz_source, notes = minutes(database, apps, context)
    sessions, remarks = _sessions(database, apps, context)
    if sessions.tz_source != context.zones.source:
        tz_source = sessions.tz_source
    remarks += new_columns_of(database, (_APPS, _SESSIONS[0], *TABLES))
    return Extract(minutes=rows, sessions=sessions.frame, tz_source=tz_source, notes=notes + remarks)


def _sessions(database: sqlite3.Connection, apps: dict[int, str], context: Context) -> tuple[Sessions, list[str]]:
    table = _SESSIONS[0]
    records = dict.fromkeys(rows_of(database, *_SESSIONS, _MORE, MOST_SESSIONS))
    meaning = _meaning({str(number(row[2], f"table {table}, exercise_type", 0, 10_000)) for row in records})
    sessions = Sessions(context, "health_connect")
    for begun, ended, code, app, offset, method in records:
        package, lasted = package_of(apps, app), span(begun, ended, table, _LONGEST)
        if lasted is None:
            continue
        seconds = offset_of(offset)
        sessions.add(
            table,
            *lasted,
            activity=meaning.get(str(code), "other"),
            name=f"exercise type {code}",
            offset=None if seconds is None else timedelta(seconds=seconds),
            device=context.pseudonym("health_connect", package),
            by_hand=method == BY_HAND,
        )
    backwards = len(records) - len(sessions)
    return sessions, [f"{backwards} sessions that end before they begin: left out"] if backwards else []


def _meaning(codes: set[str]) -> dict[str, str]:
    """What the numbers mean by the one of two lists that the file follows; where that is not shown, what is sure."""
    system, library, seen = (meanings("health_connect", table) for table in ("system", "library", "seen"))
    shown = [table for table, other in ((library, system), (system, library)) if (codes & table.keys()) - other.keys()]
    return shown[0] if len(shown) == 1 else {**dict(system.items() & library.items()), **seen}
