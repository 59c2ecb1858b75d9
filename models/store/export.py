"""Out of the published database: every relation as a file."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb

from models.shown import IN_A_SPREADSHEET
from models.store.read import open_published
from models.store.store import StoreError

_FORMS = {
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "csv": "FORMAT csv, HEADER, NULLSTR '', TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ'",
}


def write_relations(warehouse: Path, folder: Path, form: str) -> list[str]:
    """Every published relation as `<relation>.<form>` in a folder; returns the relations' names.

    `form`: parquet or csv. The same rows give the same bytes, sorted by their columns from the left. In a CSV no text
    is a formula to a spreadsheet; Parquet is exact. StoreError where a file cannot be written.
    """
    with closing(open_published(warehouse)) as con:
        con.execute("SET threads = 1")
        listed = "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() WHERE NOT internal"
        names = [name for (name,) in con.execute(f"{listed} ORDER BY 1").fetchall()]
        for name in names:
            target = str(folder / f"{name}.{form}").replace("'", "''")
            try:
                con.execute(f"COPY ({_rows(con, name, form)} ORDER BY ALL) TO '{target}' ({_FORMS[form]})")
            except duckdb.Error as error:
                raise StoreError(f"{name}.{form}: cannot be written ({str(error).splitlines()[0]})") from None
        return names


def _rows(con: duckdb.DuckDBPyConnection, relation: str, form: str) -> str:
    """The query of a relation's rows, as they are handed over."""
    texts = f"SELECT column_name FROM (DESCRIBE \"{relation}\") WHERE column_type = 'VARCHAR'"
    names = con.execute(texts).fetchall() if form == "csv" else []
    safe = ", ".join(IN_A_SPREADSHEET.replace("CELL", f'"{name}"') + f' AS "{name}"' for (name,) in names)
    return f'SELECT * REPLACE ({safe}) FROM "{relation}"' if safe else f'FROM "{relation}"'
