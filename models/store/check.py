"""What can be said of the databases by looking: the engine works with no network, every row can be read."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb

from models.store.read import _open_store, query_published
from models.store.store import StoreError


def engine_fault() -> str | None:
    """Why DuckDB cannot turn instants into dates here, with nothing to be fetched; None where it can."""
    try:
        with closing(duckdb.connect(config={"autoinstall_known_extensions": "false"})) as con:
            sql = "SELECT (TIMESTAMPTZ '2026-03-08 12:00:00+00' AT TIME ZONE 'America/New_York')::TEXT"
            (local,) = con.execute(sql).fetchone() or ("",)
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return None if local == "2026-03-08 08:00:00" else f"noon in London is {local} in New York on 2026-03-08"


def unread_tables(warehouse: Path) -> list[str]:
    """Tables of the store of which some row cannot be read. StoreError where the store cannot be opened."""
    with closing(_open_store(warehouse)) as con:
        broken = []
        for (table,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall():
            try:
                con.execute(f'SELECT bit_xor(hash(t)) FROM "{table}" t').fetchone()  # hashing reads every block
            except duckdb.Error:
                broken.append(table)
        return broken


def last_runs(warehouse: Path) -> tuple[tuple | None, tuple | None]:
    """(run_id, started_at) of the last run in the store and in the published database; None where there is none."""
    sql = "SELECT run_id, started_at FROM run ORDER BY run_number DESC LIMIT 1"
    with closing(_open_store(warehouse)) as con:
        in_store = con.execute(sql).fetchone()
    try:
        published = query_published(warehouse, sql)[1]
    except StoreError:
        published = []
    return in_store, published[0] if published else None
