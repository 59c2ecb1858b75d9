"""The database of an export (SQLite): opened where it cannot be changed, read table by table, column by name."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from urllib.parse import quote

import polars as pl

from connectors.kit.csv import AGAIN, new_columns
from connectors.kit.export import HEAD, Export
from models.fault import Impossible, Rejected

_MOST_BYTES = 512_000_000
_MOST_WORK = 10_000  # times 100,000 steps of the database's machine: far beyond any export
_MOST_ROWS = 1_500_000  # of a table: a decade of four hundred minutes a day
_CHUNK = 100_000  # rows that are turned into a frame at once
_LONGEST_CELL = 10_000  # bytes of what is read: numbers and short texts. Others (pictures) are never loaded
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_2100 = 4_102_444_800_000


@contextmanager
def database_of(export: Export, longest_cell: int = _LONGEST_CELL) -> Iterator[sqlite3.Connection]:
    """The database of an export, open for reading. Raises Rejected, also where it turns out to be damaged."""
    if export.size > _MOST_BYTES:
        raise Rejected("whole file", "a database of over 512 MB", "a smaller one", "ask for a reader for it")
    try:
        with closing(_opened(export, longest_cell)) as database:
            yield database
    except (sqlite3.Error, UnicodeDecodeError, MemoryError):
        raise Rejected("whole file", "a database that cannot be read", "a sound SQLite database", AGAIN) from None


def _opened(export: Export, longest_cell: int) -> sqlite3.Connection:
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
        page = int.from_bytes(head[16:18], "big")  # 1: 65,536 bytes
        if place.tell() % (page if page > 1 else 65_536):
            found = "a database that ends inside a page: not all of it came through"
            raise Rejected("whole file", found, "a complete one", AGAIN)
        database = sqlite3.connect(f"file:{quote(place.name)}?mode=ro&immutable=1", uri=True)
    work = iter(range(_MOST_WORK))
    database.set_progress_handler(lambda: next(work, -1) < 0, 100_000)
    for limit, most in ((sqlite3.SQLITE_LIMIT_LENGTH, longest_cell), (sqlite3.SQLITE_LIMIT_ATTACHED, 0)):
        database.setlimit(limit, most)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA query_only = ON")
    return database


def has_table(database: sqlite3.Connection, table: str) -> bool:
    """Whether there is something of that name: older exports lack some tables."""
    return database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [table]).fetchone() is not None


def unknown_columns(database: sqlite3.Connection, tables: Iterable[str], known: Iterable[str]) -> list[str]:
    """Remarks on columns of these tables that no version known here has: one that is read may have been renamed."""
    found = (row[1] for table in tables for row in database.execute(f"PRAGMA table_xinfo({table})"))
    known = set(known)
    return new_columns([name for name in dict.fromkeys(found) if name not in known])


def rows_of(
    database: sqlite3.Connection,
    table: str,
    columns: tuple[str, ...],
    more: tuple[str, ...] = (),
    most: int = _MOST_ROWS,
    name: str = "",
) -> Iterator[tuple]:
    """The rows of a true table in the order of its columns, at most so many.

    An optional column (`more`) that is not there is NULL. `name`: what a rejection calls a table whose name is not
    ours. Raises Rejected.
    """
    present = columns_of(database, table, columns)
    wanted = ", ".join(column if column in present else "NULL" for column in (*columns, *more))
    order = ", ".join(str(n) for n in range(1, len(columns) + 1))
    selected = database.execute(f"SELECT {wanted} FROM {table} NOT INDEXED ORDER BY {order}")
    yield from at_most(most, selected, name or table)


def numbers_of(
    database: sqlite3.Connection, table: str, columns: tuple[str, ...], more: tuple[str, ...], most: int, name: str
) -> pl.DataFrame:
    """The same of a long table of whole numbers; of an optional column anything else is NULL. Raises Rejected."""
    found = rows_of(database, table, columns, more, most, name)
    schema = dict.fromkeys((*columns, *more), pl.Int64)
    chunks = [pl.DataFrame(schema=schema)]
    while rows := list(islice(found, _CHUNK)):
        if not all(isinstance(cell, int) for row in rows for cell in row[: len(columns)]):
            raise Rejected(f"table {name}", "something else", "whole numbers", AGAIN, words=table)
        whole = [tuple(cell if isinstance(cell, int) else None for cell in row) for row in rows]
        chunks.append(pl.DataFrame(whole, schema=schema, orient="row"))
    return pl.concat(chunks)


def columns_of(database: sqlite3.Connection, table: str, needed: tuple[str, ...] = ()) -> set[str]:
    """The columns of a true table: no view, nothing that is made up as it is read. Raises Rejected."""
    kind = database.execute("SELECT type, rootpage > 0 FROM sqlite_master WHERE name = ?", [table]).fetchone()
    if kind != ("table", 1):
        raise Rejected(f"table {table}", "no such table", "a table of such an export", AGAIN)
    present = {row[1] for row in database.execute(f"PRAGMA table_info({table})")}
    for column in needed:
        if column not in present:
            raise Rejected(f"table {table}, column {column}", "no such column", f"a column '{column}'", AGAIN)
    return present


def at_most(most: int, found: Iterable[tuple], table: str) -> Iterator[tuple]:
    """The rows found. Raises Rejected where there are more."""
    for count, row in enumerate(found):
        if count == most:
            raise Rejected(f"table {table}", f"more than {most:,} rows", "those of one person", AGAIN)
        yield row


def number(value: object, place: str, least: int, most: int) -> int:
    """An integer of the database. Raises Rejected for anything else, Impossible out of bounds."""
    expected = f"a whole number from {least} to {most}"
    if not isinstance(value, int):
        raise Rejected(place, "something else", expected, AGAIN)
    if not least <= value <= most:
        raise Impossible(place, "another number", expected, AGAIN, str(value))
    return value


def instant(milliseconds: object, place: str) -> datetime:
    """An instant of the database. Raises as `number` does."""
    return _EPOCH + timedelta(milliseconds=number(milliseconds, place, 0, _YEAR_2100))
