"""Out of the published database: every relation as a file, in types that an analyst's tools take for what they are.

A decimal is a DOUBLE: R makes a factor of what it cannot take for a number. In Parquet a code is a dictionary that has
all its codes in their order: a factor in R, a Categorical in Polars and pandas. Texts, dates, times, booleans and whole
numbers stay what they are.
"""

from __future__ import annotations

import io
import re
from base64 import b64encode
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import polars.selectors as cs

from models.codes import JOINED, codes_of
from models.shown import IN_A_SPREADSHEET
from models.store.analytics import Relation, relations
from models.store.arrow import frame
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
            except (duckdb.Error, pl.exceptions.PolarsError) as error:
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
    """By Polars, which writes a column of codes as a dictionary of all of them; DuckDB writes it as text."""
    codes = _codes(con, relation)
    cells = (f'"{column.name}"::{column.kind}' for column in relation.columns)
    rows = frame(con.sql(_rows(relation, cells))).cast({name: pl.Enum(codes[name]) for name in codes})
    rows.write_parquet(target, row_group_size=_ROW_GROUP, metadata={"ARROW:schema": _unordered(rows)})


def _unordered(rows: pl.DataFrame) -> str:
    """The schema that readers are told, as Parquet files have it: a dictionary of codes is no scale.

    Polars says of an Enum that it is ordered, and a model in R would then look for a trend along the codes.
    """
    told = io.BytesIO()
    rows.clear().cast({cs.enum(): pl.Categorical}).write_ipc_stream(told, compat_level=pl.CompatLevel.oldest())
    message = told.getvalue()  # a mark, the length of the schema, the schema, the end
    return b64encode(message[: 8 + int.from_bytes(message[4:8], "little")]).decode()


def _codes(con: duckdb.DuckDBPyConnection, relation: Relation) -> dict[str, list[str]]:
    """Columns of one code a row, with the codes that there are; last those that an older version published."""
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
        name: list(dict.fromkeys([*codes, *(there or [])]))
        for (name, codes), there in zip(known.items(), found, strict=True)
    }
