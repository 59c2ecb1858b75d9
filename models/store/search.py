"""The proof of a withdrawal: every file of the warehouse is searched for what was a person's.

Databases are opened and each of their text columns is searched; every file, whatever it is, is searched as bytes. A
letter, whose PDF is packed, bears the name of its person, and a page of the report has links to people.
"""

from __future__ import annotations

import mmap
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import duckdb
import polars as pl

from models.store.arrow import Stream
from models.store.connect import attach, is_plain, settle
from models.store.key import key_of
from models.store.withdraw import SHORTEST, Traces, is_distinct
from models.study import versions


@dataclass(frozen=True)
class Place:
    """One file that was searched."""

    name: str
    columns: int  # text columns of its tables
    size: int  # bytes
    found: tuple[str, ...]  # where something was left


def search(warehouse: Path, traces: Traces) -> Iterator[Place]:
    """Every file below the warehouse, once; links are what they point to, and that is below it too."""
    for path in sorted(warehouse.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = str(path.relative_to(warehouse))
            columns, found = _in_tables(path, warehouse, traces)
            found += ["its name"] * (path.name in _pages_of(traces))
            found += ["a link to the person's page"] * (
                path.suffix == ".html" and _links_to(traces) in path.read_bytes()
            )
            yield Place(name, columns, path.stat().st_size, (*found, *_in_bytes(path, traces)))


def search_objects(objects: Iterable[tuple[str, bytes]], traces: Traces) -> Iterator[Place]:
    """Every object of a lake: its bytes, and the text columns of what is Parquet."""
    with closing(duckdb.connect(":memory:")) as con:
        _register(con, traces)
        for name, content in objects:
            found, columns = _in_content(content, traces), []
            if name.endswith(".parquet"):
                frame = pl.read_parquet(BytesIO(content))
                columns = [column for column, kind in frame.schema.items() if kind == pl.String]
                con.register("rows", Stream(frame))
                found += [hits for column in columns for hits in _hits(con, "rows", column, traces)]
                con.unregister("rows")
            yield Place(name, len(columns), len(content), tuple(found))


def _pages_of(traces: Traces) -> tuple[str, str]:
    """What the pages about the person are called, in the report and among the letters."""
    return f"{traces.participant_id}.html", f"{traces.participant_id}.pdf"


def _links_to(traces: Traces) -> bytes:
    """What a page of the report with the person on it holds, also where the id is too short to be searched for."""
    return f"participant/{traces.participant_id}.html".encode()


def _in_tables(path: Path, warehouse: Path, traces: Traces) -> tuple[int, list[str]]:
    with path.open("rb") as file:
        head = file.read(16)
    if head[8:12] == b"DUCK":
        return _in_duckdb(path, warehouse, traces)
    if head.startswith(b"SQLite format 3"):
        return _in_sqlite(path, traces)
    return _in_csv(path, traces) if path.suffix == ".csv" else (0, [])


def _in_duckdb(path: Path, warehouse: Path, traces: Traces) -> tuple[int, list[str]]:
    key = key_of(warehouse)
    with closing(duckdb.connect(":memory:")) as con:
        settle(con, warehouse, key)
        attach(con, path, "searched", None if is_plain(path) else key, read_only=True)
        _register(con, traces)
        columns = con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() "
            "WHERE database_name = 'searched' AND data_type LIKE '%VARCHAR%' ORDER BY ALL"
        ).fetchall()
        return len(columns), [
            hits for table, column in columns for hits in _hits(con, f'searched."{table}"', column, traces)
        ]


def _register(con: duckdb.DuckDBPyConnection, traces: Traces) -> None:
    """What is looked for, as relations."""
    distinct = {name for name in traces.names if is_distinct(name)}
    # a name that is no more than a word or a number is the person's only where ids stand
    for where, names in (
        ("own", distinct | traces.contents), ("own_ids", traces.names - distinct), ("start", _starts(traces)),
    ):  # fmt: skip
        con.register(where, Stream(pl.DataFrame({"name": sorted(names)}, schema={"name": pl.String})))


def _hits(con: duckdb.DuckDBPyConnection, table: str, column: str, traces: Traces) -> Iterator[str]:
    """How many rows of a column hold what is looked for, in words."""
    [[count]] = con.execute(
        f"""SELECT count(*) FROM (SELECT "{column}"::TEXT AS cell FROM {table})
            WHERE cell IN (FROM own) OR cell[:12] IN (FROM start) OR (? AND cell IN (FROM own_ids))
                OR (? AND regexp_matches(cell, ?))""",
        [is_id := column.endswith("_id"), traces.are_distinct or is_id, _whole_word(traces.participant_id)],
    ).fetchall()
    if count:
        yield f"{table.rpartition('.')[2].strip(chr(34))}.{column}: {count} rows"


def _in_sqlite(path: Path, traces: Traces) -> tuple[int, list[str]]:
    """The engine's, which has many words and numbers: there only what is distinct is looked for."""
    word = re.compile(_whole_word(traces.participant_id) if traces.are_distinct else "(?!)")
    own = traces.contents | (traces.names if traces.are_distinct else frozenset())
    columns, found = 0, []
    with closing(sqlite3.connect(path.resolve().as_uri() + "?mode=ro", uri=True)) as con:
        for (table,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = con.execute(f'SELECT * FROM "{table}"')
            columns += len(rows.description)
            hits = sum(
                any(isinstance(cell, str) and (cell in own or word.search(cell)) for cell in row) for row in rows
            )
            found += [f"{table}: {hits} rows"] * (hits > 0)
    return columns, found


def _in_csv(path: Path, traces: Traces) -> tuple[int, list[str]]:
    """A kept control file."""
    header, *rows = versions.csv_rows(path) or [[]]
    hits = sum(traces.are_in(header, row) for row in rows)
    return len(header), [f"{hits} rows"] * (hits > 0)


def _in_bytes(path: Path, traces: Traces) -> list[str]:
    if not path.stat().st_size:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _in_content(content, traces)


def _in_content(content: bytes | mmap.mmap, traces: Traces) -> list[str]:
    found, who = [], traces.participant_id.encode()
    if len(who) >= SHORTEST and re.search(rb"(?<![A-Za-z0-9_-])" + who + rb"(?![A-Za-z0-9_-])", content):
        found.append("its bytes: the participant_id")
    starts = set(_starts(traces))
    runs = [run.decode() for run in re.findall(rb"[0-9a-f]{12,}", content)] if starts else []
    if any(run[at : at + 12] in starts for run in runs for at in range(len(run) - 11)):
        found.append("its bytes: the SHA-256 of a file")
    return found


def _starts(traces: Traces) -> list[str]:
    """What session ids and shortened fingerprints begin with."""
    return sorted({content[:12] for content in traces.contents})


def _whole_word(participant_id: str) -> str:
    return f"(^|[^A-Za-z0-9_-]){participant_id}($|[^A-Za-z0-9_-])"
