"""The database of a Health Connect export: opened where it cannot be changed, read table by table, column by name."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from connectors.kit.csv import AGAIN, new_columns
from connectors.kit.export import HEAD, Export
from models.fault import Rejected

_MOST_WORK = 10_000  # times 100,000 steps of the database's machine: far beyond any export
_MOST_ROWS = 1_500_000  # of a table: a decade of four hundred minutes a day
_MOST_BEATS = 10_000_000  # minutes with a heart beat, and the records they belong to
_LONGEST_CELL = 10_000  # bytes; of what is read all are numbers and the names of apps
_NAMES = """
row_id uuid last_modified_time client_record_id client_record_version device_info_id app_info_id recording_method
dedupe_hash start_time start_zone_offset end_time end_zone_offset local_date local_date_time_start_time
local_date_time_end_time device_data_provider_id package_name app_name app_icon record_types_used manufacturer model
device_type health_data_category app_id_priority_order count exercise_type notes title has_route
planned_exercise_session_id rate_of_perceived_exertion type parent_key beats_per_minute epoch_millis
"""
_KNOWN = set(_NAMES.split())  # columns of the tables that are read, up to version 26 of the database
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_2100 = 4_102_444_800_000


def opened(export: Export) -> sqlite3.Connection:
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


def has_table(database: sqlite3.Connection, table: str) -> bool:
    """Whether there is something of that name: older exports lack some tables."""
    return database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone() is not None


def new_columns_of(database: sqlite3.Connection, tables: Iterable[str]) -> list[str]:
    """Remarks on columns that no version known here has, of these tables: one that is read may have been renamed."""
    found = (row[1] for table in tables for row in database.execute(f"PRAGMA table_xinfo({table})"))
    return new_columns([name for name in dict.fromkeys(found) if name not in _KNOWN])


def rows_of(
    database: sqlite3.Connection,
    table: str,
    columns: tuple[str, ...],
    more: tuple[str, ...] = (),
    most: int = _MOST_ROWS,
) -> Iterator[tuple]:
    """The rows of a true table in the order of its columns, at most so many.

    An optional column (`more`) that is not there is NULL. Raises Rejected.
    """
    present = _columns(database, table, columns)
    wanted = ", ".join(name if name in present else "NULL" for name in (*columns, *more))
    order = ", ".join(str(n) for n in range(1, len(columns) + 1))
    selected = database.execute(f"SELECT {wanted} FROM {table} NOT INDEXED ORDER BY {order}")
    yield from _at_most(most, selected, table)


def beats_of(database: sqlite3.Connection, table: str) -> Iterator[tuple[int, int]]:
    """The minutes since 1970 in which a heart beat was measured, each with the record it belongs to."""
    _columns(database, table, ("parent_key", "beats_per_minute", "epoch_millis"))
    minute = "CASE typeof(epoch_millis) WHEN 'integer' THEN epoch_millis / 60000 END"  # of text NULL, which is none
    query = f"SELECT DISTINCT parent_key, {minute} FROM {table} NOT INDEXED WHERE beats_per_minute > 0"
    for parent, at in _at_most(_MOST_BEATS, database.execute(query), table):
        yield parent, number(at, f"table {table}, epoch_millis", 0, _YEAR_2100 // 60_000)


def _columns(database: sqlite3.Connection, table: str, needed: tuple[str, ...]) -> set[str]:
    """The columns of a true table: no view, nothing that is made up as it is read. Raises Rejected."""
    kind = database.execute("SELECT type, rootpage > 0 FROM sqlite_master WHERE name = ?", [table]).fetchone()
    if kind != ("table", 1):
        raise Rejected(f"table {table}", "no such table", "a table of Health Connect", AGAIN)
    present = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
    for column in needed:
        if column not in present:
            raise Rejected(f"table {table}, column {column}", "no such column", f"a column '{column}'", AGAIN)
    return present


def _at_most(most: int, found: Iterable[tuple], table: str) -> Iterator[tuple]:
    for count, row in enumerate(found):
        if count == most:
            raise Rejected(f"table {table}", f"more than {most:,} rows", "those of one person", AGAIN)
        yield row


def number(value: object, place: str, least: int, most: int) -> int:
    """An integer of the database. Raises Rejected."""
    if not isinstance(value, int) or not least <= value <= most:
        raise Rejected(place, "something else", f"a whole number from {least} to {most}", AGAIN)
    return value


def span(start: object, end: object, table: str, longest: timedelta) -> tuple[datetime, datetime] | None:
    """When a record began and ended, None where it ends before it begins (Android skips such). Raises Rejected."""
    begin, stop = (
        EPOCH + timedelta(milliseconds=number(instant, f"table {table}, start_time", 0, _YEAR_2100))
        for instant in (start, end)
    )
    if stop > begin + longest:
        raise Rejected(f"table {table}, start_time", "a far later end", f"at most {longest.days} days later", AGAIN)
    return (begin, stop) if begin <= stop else None


def offset_of(value: object) -> int | None:
    """A record's own distance from UTC in seconds; None where it has none."""
    return value if isinstance(value, int) and abs(value) <= 86_400 else None
