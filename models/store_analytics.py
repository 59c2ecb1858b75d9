"""The published database for whoever asks: what is in it, worked questions, answers that can do nothing else."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.store import StoreError, sql_files
from models.store_read import Rows, open_published


@dataclass(frozen=True)
class Column:
    """One column of a published relation: its SQL type, whether NULL can be in it, what it means."""

    name: str
    kind: str
    is_nullable: bool
    meaning: str


@dataclass(frozen=True)
class Relation:
    """One published relation: its key (what there is one row per; empty: none), what it holds, its columns in order."""

    name: str
    key: tuple[str, ...]
    meaning: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Question:
    """One worked question: in words, how to read its answer, the query."""

    name: str
    words: str
    reading: str
    sql: str


def ask(warehouse: Path, sql: str) -> Rows:
    """What somebody's own SQL answers. It can read the published relations and nothing else.

    No other file is read, written or attached, no variable of this process is seen, no setting can be changed back.
    StoreError, one line, where there is no database yet or the SQL is wrong.
    """
    with closing(open_published(warehouse)) as con:
        for setting in (
            "enable_external_access = false",
            "python_enable_replacements = false",
            "lock_configuration = true",
        ):
            con.execute(f"SET {setting}")
        try:
            result = con.execute(sql)
            if result is None:  # nothing but a remark
                return [], []
            return [column[0] for column in result.description or []], result.fetchall()
        except duckdb.Error as error:
            raise StoreError(f"the query: {str(error).splitlines()[0]}") from None


def relations(warehouse: Path) -> list[Relation]:
    """Every published relation with its comments, in the order of their names."""
    with closing(open_published(warehouse)) as con:
        columns: dict[str, list[Column]] = {}
        for table, *column in con.execute(
            """SELECT table_name, column_name, data_type, is_nullable, comment
               FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index"""
        ).fetchall():
            columns.setdefault(table, []).append(Column(*column))
        told = con.execute("SELECT table_name, comment FROM duckdb_tables() ORDER BY table_name").fetchall()
        return [Relation(name, _key(meaning), meaning, tuple(columns[name])) for name, meaning in told]


def _key(meaning: str) -> tuple[str, ...]:
    """The comment of a relation ends with "One row per a, b." where it has a key."""
    named = re.search(r"One row per ([\w, ]+)\.$", meaning)
    return tuple(named[1].split(", ")) if named else ()


def questions() -> dict[str, Question]:
    """The worked questions by name, in their order: models/sql/questions."""
    found = {}
    for file, text in sql_files("questions"):
        lines = text.splitlines()
        head = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
        sql = "\n".join(line for line in lines if not line.startswith("--"))
        name = file.removesuffix(".sql").partition("_")[2]
        found[name] = Question(name, head[0], " ".join(head[1:]), sql)
    return found
