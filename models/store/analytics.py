"""The published database for whoever asks: what is in it, and worked questions."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from models.fault import StoreError
from models.store.read import open_published
from models.store.sql import queries


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


def relations(warehouse: Path) -> list[Relation]:
    """Every published relation with its comments, in the order of their names."""
    with closing(open_published(warehouse)) as con:
        columns: dict[str, list[Column]] = {}
        for table, *column in con.execute(
            # a view declares nothing of NULL: its comments alone say where it can be
            """SELECT c.table_name, c.column_name, c.data_type,
                      c.is_nullable AND (v.view_name IS NULL OR contains(c.comment, 'NULL')), c.comment
               FROM duckdb_columns() c LEFT JOIN duckdb_views() v ON v.view_name = c.table_name AND NOT v.internal
               WHERE NOT c.internal ORDER BY c.table_name, c.column_index"""
        ).fetchall():
            columns.setdefault(table, []).append(Column(*column))
        tables = con.execute(
            """SELECT table_name, comment FROM duckdb_tables()
               UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY 1"""
        ).fetchall()
        return [Relation(name, _key(meaning), meaning, tuple(columns[name])) for name, meaning in tables]


def _key(meaning: str) -> tuple[str, ...]:
    """The comment of a relation ends with "One row per a, b." where it has a key."""
    named = re.search(r"One row per ([\w, ]+)\.$", meaning)
    return tuple(named[1].split(", ")) if named else ()


def questions(of: str = "questions") -> dict[str, Question]:
    """The worked questions by name, in their order: models/sql/questions, or another folder's (programme)."""
    found = {}
    for name, text in queries(of).items():
        lines = text.splitlines()
        head = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
        sql = "\n".join(line for line in lines if not line.startswith("--"))
        found[name] = Question(name, head[0], " ".join(head[1:]), sql)
    return found


def question(name: str, of: str = "questions") -> Question:
    """One of them. StoreError where there is none of that name."""
    known = questions(of)
    if name not in known:
        raise StoreError(f"--question {name}: not a worked question; there are {', '.join(known)}")
    return known[name]
