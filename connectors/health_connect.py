"""Health Connect on Android: the database of its own export.

What it is called: `health_connect_export.db` in `Health Connect.zip`. It is a database (SQLite), not a table.

Where to find it: Settings > Health Connect > Manage data > Backup and restore > Export data (Android 14 and later).

Cannot tell: minutes (records are of any length, so they are only summed per day); which device counted; how vigorous a
day was; pauses in a session. Several apps write the same walk: each app is a device of its own, apps are never added,
and of records of one app that overlap the first is counted. Titles, notes and routes are never read. The tables are
known from readers and from Android's source (grade B). What the numbers of exercises mean is told in two ways, by
Android's source and by that of the library apps use: a number is read where both agree on it, where it was seen in a
phone's database, or where the file shows which of the two it follows; any other one is `other`, the number kept.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import polars as pl

from connectors import Context
from connectors._csv import AGAIN
from connectors._export import HEAD, Export
from models.activity import DAILY_TOTALS, MOST_SESSIONS, MOST_STEPS, SESSIONS, Extract, session_row
from models.clock import Clock
from models.rejection import Rejected

VERSION = 2
EXPORT = "history"
SOURCES = {"health_connect": "unknown"}
METRICS = {
    "steps": "device",
    "walking_minutes": "session",
    "workout_minutes": "session",
    "strength_minutes": "session",
    "yoga_minutes": "session",
    "dance_minutes": "session",
}
_MOST_BYTES = 512_000_000
_MOST_WORK = 10_000  # times 100,000 steps of the database's machine: far beyond any export
_MOST_ROWS, _MOST_APPS = 1_500_000, 1_000  # of a table: a decade of four hundred minutes a day
_LONGEST_CELL = 10_000  # bytes; of what is read all are numbers and the names of apps
_MAGIC = b"SQLite format 3\0"

# The numbers of Android's own database, and those of the library apps use. A number above 61 exists only in the second,
# some below only in the first: a file that has one of them shows which it follows.
_SYSTEM_NAMES = {
    "walking": "53", "hiking": "21 40", "running": "33 34", "cycling": "4 5", "swimming": "48 49", "yoga": "57",
    "pilates": "27", "stretching": "46", "dance": "10", "strength": "8 45 55", "aerobics": "11 31 44 59 60 61",
    "hiit": "6 20", "breathwork": "17", "other": "0 56 58",
    "sport": "1 2 3 7 9 12 13 14 15 16 18 19 22 23 24 25 26 28 29 30 32 35 36 37 38 39 41 42 43 47 50 51 52 54",
}  # fmt: skip
_LIBRARY_NAMES = {
    "walking": "79", "hiking": "37 63", "running": "56 57", "cycling": "8 9", "swimming": "73 74", "yoga": "83",
    "pilates": "48", "stretching": "71", "dance": "16", "strength": "13 70 81", "aerobics": "25 26 53 54 68 69",
    "hiit": "10 36", "breathwork": "33", "other": "0 82",
    "sport": "2 4 5 11 14 27 28 29 31 32 34 35 38 39 44 46 47 50 51 52 55 58 59 60 61 62 64 65 66 72 75 76 78 80",
}  # fmt: skip
_SYSTEM, _LIBRARY = (
    {int(code): activity for activity, codes in names.items() for code in codes.split()}
    for names in (_SYSTEM_NAMES, _LIBRARY_NAMES)
)
# Where a file does not show it: what both say, and the three that were seen in a phone's database.
_EITHER = {
    code: activity for code, activity in _SYSTEM.items() if _LIBRARY.get(code) == activity or code in (33, 45, 53)
}

_STEPS = ("steps_record_table", ("start_time", "end_time", "count", "app_info_id"))
_SESSIONS = ("exercise_session_record_table", ("start_time", "end_time", "exercise_type", "app_info_id"))
_MORE = ("local_date", "start_zone_offset")


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
    """Steps per day and app, and exercise sessions. Raises Rejected."""
    if export.size > _MOST_BYTES:
        raise Rejected("whole file", "a database of over 512 MB", "a smaller one", "ask for a reader for it")
    try:
        with closing(_opened(export)) as database:
            return _read(database, context)
    except (sqlite3.Error, UnicodeDecodeError, MemoryError):
        raise Rejected("whole file", "a database that cannot be read", "a sound SQLite database", AGAIN) from None


def _opened(export: Export) -> sqlite3.Connection:
    """The database of an export, which cannot be changed, nor do more or hold longer cells than an export has.

    It is opened where it is unpacked to: a file whose name is gone before its first row is read.
    """
    with tempfile.NamedTemporaryFile(suffix=".db") as place, export.open() as stream:
        head = bytearray(stream.read(HEAD))
        if head[18:20] == b"\2\2":  # its journal is another file: read what is in this one
            head[18:20] = b"\1\1"
        place.write(head)
        shutil.copyfileobj(stream, place)
        place.flush()
        database = sqlite3.connect(f"file:{quote(place.name)}?mode=ro&immutable=1", uri=True)
    work = iter(range(_MOST_WORK))
    database.set_progress_handler(lambda: next(work, -1) < 0, 100_000)
    for limit, most in ((sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL), (sqlite3.SQLITE_LIMIT_ATTACHED, 0)):
        database.setlimit(limit, most)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA query_only = ON")
    return database


def _read(database: sqlite3.Connection, context: Context) -> Extract:
    apps = dict(row for row in _rows(database, "application_info_table", ("row_id", "package_name"), most=_MOST_APPS))
    totals, notes = _totals(database, apps, context)
    sessions, clock = _sessions(database, apps, context)
    return Extract(daily_totals=totals, sessions=sessions, tz_source=clock.source, notes=notes)


def _rows(
    database: sqlite3.Connection,
    table: str,
    columns: tuple[str, ...],
    more: tuple[str, ...] = (),
    most: int = _MOST_ROWS,
) -> Iterator[tuple]:
    """The rows of a true table (no view, nothing that is made up as it is read), at most so many.

    An optional column that is not there is NULL. Raises Rejected.
    """
    kind = database.execute("SELECT type, rootpage > 0 FROM sqlite_master WHERE name = ?", [table]).fetchone()
    if kind != ("table", 1):
        raise Rejected(f"table {table}", "no such table", "a table of Health Connect", AGAIN)
    present = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
    for column in columns:
        if column not in present:
            raise Rejected(f"table {table}, column {column}", "no such column", f"a column '{column}'", AGAIN)
    wanted = ", ".join(name if name in present else "NULL" for name in (*columns, *more))
    order = ", ".join(str(n) for n in range(1, len(columns) + 1))
    for number, row in enumerate(database.execute(f"SELECT {wanted} FROM {table} NOT INDEXED ORDER BY {order}")):
        if number == most:
            raise Rejected(f"table {table}", f"more than {most:,} rows", "those of one person", AGAIN)
        yield row


def _number(value: object, place: str, least: int, most: int) -> int:
    if not isinstance(value, int) or not least <= value <= most:
        raise Rejected(place, "something else", f"a whole number from {least} to {most}", AGAIN)
    return value


def _span(start: object, end: object, place: str, longest: timedelta) -> tuple[datetime, datetime]:
    ms = [_number(t, place, 0, 4_102_444_800_000) for t in (start, end)]
    begin, stop = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=t) for t in ms)
    if not begin <= stop <= begin + longest:
        raise Rejected(place, "an end before the start, or far later", f"at most {longest.days} days", AGAIN)
    return begin, stop


def _clock(offset: object, at: datetime, context: Context) -> Clock:
    """By the record's own offset in seconds, where it has one."""
    if not isinstance(offset, int) or abs(offset) > 86_400:
        return context.zones
    return context.zones.trusting(timedelta(seconds=offset), at=at)


def _totals(database: sqlite3.Connection, apps: dict, context: Context) -> tuple[pl.DataFrame, list[str]]:
    """Steps per app and local date. Of records of one app that overlap, the one that starts first is counted."""
    table = _STEPS[0]
    steps: dict[tuple[str, date], int] = {}
    counted_to: dict[str, datetime] = {}
    devices: dict[object, str] = {}
    overlapping = 0
    for start, end, count, app, day, offset in _rows(database, *_STEPS, _MORE):
        begin, stop = _span(start, end, f"table {table}, start_time", timedelta(days=2))
        count = _number(count, f"table {table}, count", 0, MOST_STEPS)
        device = devices.get(app) or devices.setdefault(app, _device(apps, app, context))
        if begin < counted_to.get(device, begin):
            overlapping += 1
            continue
        counted_to[device] = stop
        on = _clock(offset, begin, context).date_of(begin)
        if day is not None:
            days = _number(day, f"table {table}, local_date", 0, 47_000)
            on = date(1970, 1, 1) + timedelta(days=days)
        steps[device, on] = _number(steps.get((device, on), 0) + count, f"table {table}, count", 0, MOST_STEPS)
    rows = [
        {"source": "health_connect", "device": device, "local_date": on, "steps": count, "day_basis": "local"}
        for (device, on), count in sorted(steps.items())
    ]
    notes = [f"{overlapping} step records that overlap others of the same app: counted once"] if overlapping else []
    return pl.DataFrame(rows, schema=DAILY_TOTALS), notes


def _device(apps: dict, app: object, context: Context) -> str:
    package = apps.get(app)
    if not isinstance(package, str):
        raise Rejected("column app_info_id", "an app that is not listed", "one of application_info_table", AGAIN)
    return context.pseudonym("health_connect", package)


def _sessions(database: sqlite3.Connection, apps: dict, context: Context) -> tuple[pl.DataFrame, Clock]:
    table = _SESSIONS[0]
    records = dict.fromkeys(_rows(database, *_SESSIONS, _MORE, MOST_SESSIONS))
    codes = {_number(row[2], f"table {table}, exercise_type", 0, 10_000) for row in records}
    shown = [
        table for table, other in ((_LIBRARY, _SYSTEM), (_SYSTEM, _LIBRARY)) if (codes & table.keys()) - other.keys()
    ]
    meaning = shown[0] if len(shown) == 1 else _EITHER
    rows = []
    clock: Clock = context.zones
    for start, end, code, app, _, offset in records:
        begin, stop = _span(start, end, f"table {table}, start_time", timedelta(days=7))
        here = _clock(offset, begin, context)
        clock = here if here is not context.zones else clock
        rows.append(
            session_row(
                here,
                source="health_connect",
                device=_device(apps, app, context),
                activity=meaning.get(code, "other"),
                vendor_activity=f"exercise type {code}",
                start=begin,
                end=stop,
            )
        )
    return pl.DataFrame(rows, schema=SESSIONS), clock
