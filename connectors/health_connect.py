"""Health Connect on Android: the database of its own export.

What it is called: `health_connect_export.db` in `Health Connect.zip`. It is a database (SQLite), not a table.

Where to find it: Settings > Health Connect > Manage data > Backup and restore > Export data (Android 14 and later).

Read are steps, heart beats (only that there was one, from what is worn), how active a minute was (where an app has
it) and exercise sessions, without their rests and pauses. Several apps write the same steps: as on the phone itself,
one app counts at each moment, the one that goes first, and of its records the one that was written last
(connectors/kit/timeline.py); apps are never added, gaps are filled from the next, and an app that the person took out
of Health Connect's list does not count. The copies of a watch in here go after the watch's own export. What was typed
in by hand is self-reported: steps are a source of their own, which comes after every device.

Cannot tell: the cadence of records of more than a minute, which are steps only. Titles, notes and routes are never
read. The tables are known from readers and from Android's source (grade A-); columns are taken by name, whichever
version of the database it is. The numbers of exercises are those of Android's own list, which ends at 61: any other one
is `other`, with the number. Without a table of steps or of sessions the export is complete for what it has, no more.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from connectors import Context
from connectors.kit.csv import AGAIN
from connectors.kit.export import Export
from connectors.kit.health_connect_db import BY_HAND, Apps, new_columns_of, offset_of, span
from connectors.kit.health_connect_minutes import STEPS, TABLES, minutes
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.sessions import Sessions
from connectors.kit.signs import is_sqlite
from connectors.kit.sqlite import columns_of, database_of, has_table, number, rows_of
from connectors.kit.words import activity_of
from models.activity import MOST_SESSIONS, Extract
from models.fault import Rejected
from models.set_aside import one_record

VERSION = 4
EXPORT = "history"
LOOKS_FOR = ("SQLite",)
SOURCES = {"health_connect": "unknown", "health_connect_by_hand": "self_report"}
METRICS = by_method(device="steps moderate vigorous mvpa", cadence="walking brisk", session=SPORT)
_LONGEST = timedelta(days=7)  # of a session

_SESSIONS = "exercise_session_record_table"
_COLUMNS = ("start_time", "end_time", "exercise_type", "app_info_id")
_MORE = ("row_id", "start_zone_offset", "recording_method")
_SEGMENTS = "exercise_segments_table"
_STILL = (66, 67)  # segments that are a rest, a pause

Stretch = tuple[datetime, datetime]


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
    with database_of(export) as database:
        apps = Apps(database)
        complete = [has_table(database, table) for table in (STEPS, _SESSIONS)]
        if not any(complete):
            raise Rejected(f"table {STEPS}", "no such table, and none of sessions", "a table of Health Connect", AGAIN)
        rows, tz_source, notes = minutes(database, apps, context)
        sessions, remarks = _sessions(database, apps, context)
        if sessions.tz_source != context.zones.source:
            tz_source = sessions.tz_source
        remarks += new_columns_of(database, (_SESSIONS, _SEGMENTS, *TABLES))
        export_kind = None if all(complete) else "report"
        return Extract(
            minutes=rows, sessions=sessions.frame, tz_source=tz_source, notes=notes + remarks, export=export_kind
        )


def _sessions(database: sqlite3.Connection, apps: Apps, context: Context) -> tuple[Sessions, list[str]]:
    sessions = Sessions(context, "health_connect")
    if not has_table(database, _SESSIONS):
        return sessions, ["no table of sessions: none were read"]
    if still := _still(database):
        columns_of(database, _SESSIONS, ("row_id",))  # which a rest is of
    records = list(rows_of(database, _SESSIONS, _COLUMNS, _MORE, MOST_SESSIONS))
    places = apps.places_of(apps.name(record[3]) for record in records)
    elsewhere = backwards = 0
    for begun, ended, code, app, row, offset, method in records:
        package = apps.name(app)
        with one_record() as read:
            lasted = span(begun, ended, _SESSIONS, _LONGEST, read)
            number(code, f"table {_SESSIONS}, exercise_type", 0, 10_000)
            if lasted is None:
                backwards += 1
            elif places and package not in places:
                elsewhere += 1
            else:
                seconds = offset_of(offset)
                running = _without(lasted, still[row]) if row in still else None
                sessions.add(
                    _SESSIONS,
                    *lasted,
                    activity=activity_of("health_connect", code),
                    name=f"exercise type {code}",
                    offset=None if seconds is None else timedelta(seconds=seconds),
                    device=context.pseudonym("health_connect", package),
                    by_hand=method == BY_HAND,
                    key=(lasted, code, package, seconds, method),
                    running=running,
                    timer=None if running is None else sum((end - start for start, end in running), timedelta()),
                )
    left_out = {"that end before they begin": backwards}
    left_out["of apps without a place in Health Connect's own list"] = elsewhere
    return sessions, [f"{count} sessions {words}: left out" for words, count in left_out.items() if count]


def _still(database: sqlite3.Connection) -> dict[int, list[Stretch]]:
    """The rests and pauses of each session, in order."""
    found: dict[int, list[Stretch]] = {}
    if has_table(database, _SEGMENTS):
        columns = ("segment_start_time", "segment_end_time", "segment_type", "parent_key")
        for start, end, kind, session in rows_of(database, _SEGMENTS, columns):
            with one_record() as read:
                if kind in _STILL and (stretch := span(start, end, _SEGMENTS, _LONGEST, read)):
                    found.setdefault(session, []).append(stretch)
    return found


def _without(session: Stretch, still: list[Stretch]) -> list[Stretch]:
    """The stretches of a session outside of its rests and pauses, which may overlap."""
    since, last = session
    running = []
    for start, end in still:
        if since < min(start, last):
            running.append((since, min(start, last)))
        since = max(since, end)
    return [*running, (since, last)] if since < last else running
