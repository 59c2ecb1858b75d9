"""Out of the published database: every relation as a file, in types that an analyst's tools take for what they are.

A decimal is a DOUBLE: R makes a factor of what it cannot take for a number. In Parquet a code is a dictionary that has
all its codes in their order: a factor in R, a Categorical in Polars and pandas. Texts, dates, times, booleans and whole
numbers stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
from pyarrow.parquet import ParquetWriter

from models.codes import JOINED, codes_of
from models.shown import IN_A_SPREADSHEET
from models.store.analytics import Relation, relations
from models.store.connect import quoted
from models.store.read import open_published
from models.store.store import StoreError

_DECIMAL = re.compile(r"DECIMAL\([\d, ]+\)")
_CSV = "FORMAT csv, HEADER, NULLSTR '', TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ'"
_ROW_GROUP = 122_880  # rows; as DuckDB cuts them


def write_relations(warehouse: Path, folder: Path, form: str) -> list[Relation]:
    """Every published relation as `<relation>.<form>` in a folder; returns them with the types that they have there.

    `form`: parquet or csv. The same rows give the same bytes, sorted by their columns from the left. In a CSV no text
    is a formula to a spreadsheet; Parquet is exact. StoreError where a file cannot be written.
    """
    handed_over = [_as_handed_over(relation) for relation in relations(warehouse)]
    with closing(open_published(warehouse)) as con:
        con.execute("SET threads = 1")
        for relation in handed_over:
            target = folder / f"{relation.name}.{form}"
            try:
                if form == "csv":
                    con.execute(f"COPY ({_in_csv(relation)}) TO '{quoted(target)}' ({_CSV})")
                else:
                    _write_parquet(con, relation, target)
            except duckdb.Error as error:
                raise StoreError(f"{target.name}: cannot be written ({str(error).splitlines()[0]})") from None
    return handed_over


def _as_handed_over(relation: Relation) -> Relation:
    columns = (replace(column, kind=_DECIMAL.sub("DOUBLE", column.kind)) for column in relation.columns)
    return replace(relation, columns=tuple(columns))


def _rows(relation: Relation, cells: Iterable[str]) -> str:
    named = (f'{cell} AS "{column.name}"' for cell, column in zip(cells, relation.columns, strict=True))
    return f'SELECT {", ".join(named)} FROM (FROM "{relation.name}" ORDER BY ALL)'


def _in_csv(relation: Relation) -> str:
    def cell(name: str, kind: str) -> str:
        return IN_A_SPREADSHEET.replace("CELL", f'"{name}"') if kind == "VARCHAR" else f'"{name}"::{kind}'

    return _rows(relation, (cell(column.name, column.kind) for column in relation.columns))


def _write_parquet(con: duckdb.DuckDBPyConnection, relation: Relation, target: Path) -> None:
    """By Arrow, which writes beside a column of codes that it is a dictionary; DuckDB writes it as text."""
    kinds = {column.name: column.kind for column in relation.columns} | _enums(con, relation)
    batches = con.sql(_rows(relation, (f'"{name}"::{kind}' for name, kind in kinds.items()))).to_arrow_reader(
        _ROW_GROUP
    )
    with target.open("wb") as file, ParquetWriter(file, batches.schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)


def _enums(con: duckdb.DuckDBPyConnection, relation: Relation) -> dict[str, str]:
    """Columns of one code a row, as ENUM of the codes that there are; last those that an older version published."""
    known = {
        name: list(codes)
        for name in (column.name for column in relation.columns)
        if (full := f"{relation.name}.{name}") not in JOINED and (codes := codes_of(full))
    }
    if not known:
        return {}
    others = ", ".join(f'list(DISTINCT "{name}" ORDER BY "{name}") FILTER ("{name}" IS NOT NULL)' for name in known)
    [found] = con.execute(f'SELECT {others} FROM "{relation.name}"').fetchall()
    return {
        name: f"ENUM({', '.join(map(_literal, dict.fromkeys([*codes, *(there or [])])))})"
        for (name, codes), there in zip(known.items(), found, strict=True)
    }


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
