"""The stores of a study whose participants are spread over several, and views over them as if they were one.

    warehouse/store.duckdb                what is the study's: runs, audit, what is published, who is held, share keys
    warehouse/shard-2-of-3/store.duckdb   all that is of its people, in the same tables

Who is in which is told by the participant_id alone, so that nobody who comes later moves anybody. The views have the
names of the tables, so that whatever asks the store asks all of them; what writes, writes to one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.fault import StudyError
from models.store.connect import attach
from models.store.file import STORE, refuse_older
from models.store.key import key_of
from models.store.store import Store

# What the first store alone says: it is nobody's, or is written down for everybody at the end of a run.
_OF_THE_STUDY = (
    "forgotten", "held", "held_goal", "judging", "migration", "published", "run", "share_key", "study",
    "written_control",
)  # fmt: skip
_OF_BOTH = ("audit", "rejection", "unpublished")  # in the first one: what is of nobody, or of all
_NUMBERS = ("file_id", "device_id")  # each store counts its own


def shard_of(participant_id: str, shards: int) -> int:
    """Which of the shards, counted from 1, a participant is in."""
    digest = hashlib.sha256(participant_id.encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % shards + 1


def is_in(folder: Path, participant_id: str) -> bool:
    """Whether a participant is in the shard of this folder."""
    number, shards = _numbers(folder) or (1, 1)
    return shard_of(participant_id, shards) == number


def folder_of(warehouse: Path, number: int, shards: int) -> Path:
    """Where a shard lies."""
    return warehouse / f"shard-{number}-of-{shards}"


def folders(warehouse: Path) -> list[Path]:
    """Of the shards that there are, in the order of their numbers. None: the study has one store."""
    found = {path.parent: _numbers(path.parent) for path in warehouse.glob(f"shard-*-of-*/{STORE}")}
    return sorted((folder for folder, told in found.items() if told), key=lambda folder: found[folder] or (0, 0))


def check(store: Store, shards: int) -> None:
    """StudyError where a study is to have another number of shards than its warehouse."""
    found = {told[1] for folder in folders(store.folder) if (told := _numbers(folder))}
    if not found and shards > 1 and store.rows("FROM source_file UNION ALL BY NAME FROM participant LIMIT 1"):
        found = {1}
    for other in found - {shards}:
        has = f"{other} shards" if other > 1 else "one store"
        what = f"study.toml: [warehouse] shards = {shards}, but the warehouse was made with {has}"
        back = f"write shards = {other} again" if other > 1 else "take the line out again"
        raise StudyError(what, f"{back}, or name a new folder as [warehouse] path")


def share(store: Store, processors: int, at_once: int) -> None:
    """Let a shard's store have its part of the processors, and of the memory that one store would have for itself."""

    def settle() -> None:
        store.con.execute(f"SET threads = {processors}")
        store.con.execute(f"SET memory_limit = '{80 // at_once}%'")

    store.opened_again = settle
    settle()


@contextmanager
def together(store: Store) -> Iterator[list[str]]:
    """While it lasts, questions to the first store are asked of all of them. Gives the names that the shards have in
    the connection. Nobody else may have them open."""
    shards = folders(store.folder)
    if not shards:
        yield []
        return
    store.opened_again = lambda: _join(store.con, shards, read_only=False)
    names = _join(store.con, shards, read_only=False)
    try:
        yield names
    finally:
        store.opened_again = lambda: []
        _part(store.con, names)


@contextmanager
def joined(store: Store) -> Iterator[list[str]]:
    """The names that all stores of a study have in the connection to the first one, as long as it lasts."""
    names = _attach(store.con, folders(store.folder), read_only=False)
    try:
        yield ["store", *names]
    finally:
        for name in names:
            store.con.execute(f"DETACH {name}")


def join_to_read(con: Any, warehouse: Path) -> list[str]:
    """The shards of a warehouse into a connection to its first store, for questions only, and the views over them."""
    return _join(con, folders(warehouse), read_only=True)


def copy_all(con: Any, warehouse: Path) -> None:
    """The rows of all stores of a warehouse into a new, empty one, which is open in this connection."""
    attach(con, warehouse / STORE, "first", key_of(warehouse), read_only=True)
    names = _attach(con, folders(warehouse), read_only=True)
    for table, columns in _tables(con):
        rows = f"FROM first.{table}" if table in _OF_THE_STUDY else _union(table, columns, names, "first")
        if table != "migration":
            con.execute(f"INSERT INTO store.{table} BY NAME {rows}")
    for name in (*names, "first"):
        con.execute(f"DETACH {name}")


def _join(con: Any, shards: list[Path], *, read_only: bool) -> list[str]:
    names = _attach(con, shards, read_only=read_only)
    for table, columns in _tables(con) if names else ():
        if table not in _OF_THE_STUDY:
            con.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {_union(table, columns, names, 'store')}")
    return names


def _attach(con: Any, shards: list[Path], *, read_only: bool) -> list[str]:
    names = [f"shard_{number}" for number in range(1, len(shards) + 1)]
    for name, folder in zip(names, shards, strict=True):
        attach(con, folder / STORE, name, key_of(folder), read_only=read_only)
        con.execute(f"USE {name}")
        try:
            refuse_older(con)
        finally:
            con.execute("USE store")
    return names


def _part(con: Any, names: list[str]) -> None:
    for table, _ in _tables(con):
        con.execute(f"DROP VIEW IF EXISTS temp.main.{table}")
    for name in names:
        con.execute(f"DETACH {name}")


def _tables(con: Any) -> list[tuple[str, list[str]]]:
    """The tables of a store, with their columns."""
    sql = """SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()
             SEMI JOIN duckdb_tables() USING (database_name, table_name)
             WHERE database_name = 'store' AND NOT internal GROUP BY ALL ORDER BY ALL"""
    return con.execute(sql).fetchall()


def _union(table: str, columns: list[str], names: list[str], first: str) -> str:
    """All rows of a table. What each store counts for itself is told apart. `first`: the name of the first store."""
    parts = []
    for number, name in enumerate(names):
        apart = {column: f"{column}::BIGINT * {len(names)} + {number} AS {column}" for column in _NUMBERS}
        chosen = ", ".join(apart.get(column, f'"{column}"') for column in columns)
        parts.append(f"SELECT {chosen} FROM {name}.{table}")
    if table in _OF_BOTH:
        parts.append(f"SELECT * FROM {first}.{table}")
    return " UNION ALL ".join(parts)


def settle_published(store: Store, names: list[str]) -> None:
    """Each shard knows what was published, and notes what is written since. Where that is killed, the shard knows of
    another file than the first store, and the next file is made from nothing."""
    for name in names:
        with store.transaction():
            store.con.execute(
                f"DELETE FROM {name}.unpublished; DELETE FROM {name}.published; "
                f"INSERT INTO {name}.published FROM store.published"
            )


def _numbers(folder: Path) -> tuple[int, int] | None:
    """Of a shard's folder: its number, and how many there are."""
    named = re.fullmatch(r"shard-(\d+)-of-(\d+)", folder.name)
    return (int(named[1]), int(named[2])) if named else None
