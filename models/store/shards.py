"""The stores of a study whose participants are spread over several, and views over them as if they were one.

    warehouse/store.duckdb                what is the study's: runs, audit, what is published, who is held, share keys;
                                          and how many shards there are
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

from models.fault import StoreError
from models.store.connect import attach
from models.store.file import ANALYTICS, STORE, refuse_older
from models.store.key import key_of
from models.store.pointer import is_left_behind
from models.store.store import Store

# What the first store alone says: it is nobody's, or is written down for everybody at the end of a run.
OF_THE_STUDY = (
    "division", "forgotten", "held", "held_goal", "judging", "migration", "published", "run", "share_key", "study",
    "written_control",
)  # fmt: skip
_OF_BOTH = ("audit", "rejection", "unpublished")  # in the first one: what is of nobody, or of all
NUMBERS = ("file_id", "device_id")  # each store counts its own


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


def count(con: Any, warehouse: Path, first: str = "store") -> int:
    """How many shards the study of a first store has, which is open in a connection. 1: one store has everybody.

    Where that store was lost, as many as lie there.
    """
    told = con.execute(f"FROM {first}.division").fetchall()
    return told[0][0] if told else count_on_disk(warehouse, 1)


def count_on_disk(warehouse: Path, default: int) -> int:
    """How many shards there are by the names of those that lie there; `default`: there is none."""
    return max((told[1] for told in map(_numbers, on_disk(warehouse)) if told), default=default)


def folders(con: Any, warehouse: Path) -> list[Path]:
    """Of the shards that count, in the order of their numbers. None: the study has one store."""
    shards = count(con, warehouse)
    return [folder_of(warehouse, number, shards) for number in range(1, shards + 1)] if shards > 1 else []


def on_disk(warehouse: Path) -> list[Path]:
    """Of all shards that lie there: also of those that were being made, or are no more asked (divide.py)."""
    return sorted(folder for folder in warehouse.glob("shard-*-of-*") if _numbers(folder))


def databases(warehouse: Path) -> list[Path]:
    """All databases of a warehouse, and of its shards."""
    found = [path for folder in (warehouse, *on_disk(warehouse)) for path in folder.glob("*.duckdb")]
    found = [path for path in found if not path.is_symlink()]
    return [path for path in found if path.name != ANALYTICS or is_left_behind(path.parent)]  # a name of another


def share(store: Store, processors: int) -> None:
    """Let a shard's store have its part of the processors."""

    def settle() -> None:
        store.con.execute(f"SET threads = {processors}")

    store.opened_again = settle
    settle()


@contextmanager
def together(store: Store) -> Iterator[list[str]]:
    """While it lasts, questions to the first store are asked of all of them. Gives the names that the shards have in
    the connection. Nobody else may have them open."""
    shards = folders(store.con, store.folder)
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
    names = _attach(store.con, folders(store.con, store.folder), read_only=False)
    try:
        yield ["store", *names]
    finally:
        for name in names:
            store.con.execute(f"DETACH {name}")


def join_to_read(con: Any, warehouse: Path) -> list[str]:
    """The shards of a warehouse into a connection to its first store, for questions only, and the views over them."""
    return _join(con, folders(con, warehouse), read_only=True)


def copy_together(store: Store, folder: Path) -> bool:
    """The rows of all stores of a study, which are open to be asked, into the empty store of a folder. False: they are
    all in one."""
    if not folders(store.con, store.folder):
        return False
    attach(store.con, folder / STORE, "copy", key_of(folder))
    for table, _ in tables_of(store.con):
        if table not in ("migration", "division"):
            store.con.execute(f"INSERT INTO copy.{table} BY NAME FROM {table}")
    store.con.execute("DETACH copy")
    return True


def _join(con: Any, shards: list[Path], *, read_only: bool) -> list[str]:
    names = _attach(con, shards, read_only=read_only)
    for table, columns in tables_of(con) if names else ():
        if table not in OF_THE_STUDY:
            rows = rows_of(names, table, columns)
            of_all = f" UNION ALL FROM store.{table}" if table in _OF_BOTH else ""
            con.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {rows}{of_all}")
    return names


def _attach(con: Any, shards: list[Path], *, read_only: bool) -> list[str]:
    names = [f"shard_{number}" for number in range(1, len(shards) + 1)]
    for name, folder in zip(names, shards, strict=True):
        if not (folder / STORE).exists():
            raise StoreError(f"{folder.name}/{STORE}: not there", "run `stepwindow nightly`: it makes it anew")
        attach(con, folder / STORE, name, key_of(folder), read_only=read_only)
        con.execute(f"USE {name}")
        try:
            refuse_older(con)
        finally:
            con.execute("USE store")
    return names


def _part(con: Any, names: list[str]) -> None:
    for table, _ in tables_of(con):
        con.execute(f"DROP VIEW IF EXISTS temp.main.{table}")
    for name in names:
        con.execute(f"DETACH {name}")


def tables_of(con: Any) -> list[tuple[str, list[str]]]:
    """The tables of a store, with their columns."""
    sql = """SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()
             SEMI JOIN duckdb_tables() USING (database_name, table_name)
             WHERE database_name = 'store' AND NOT internal GROUP BY ALL ORDER BY ALL"""
    return con.execute(sql).fetchall()


def rows_of(names: list[str], table: str, columns: list[str]) -> str:
    """SQL of the rows that some stores of a connection have in a table. What each counts for itself is told apart."""
    parts = []
    for number, name in enumerate(names):
        apart = {column: f"{column}::BIGINT * {len(names)} + {number} AS {column}" for column in NUMBERS}
        chosen = ", ".join(apart.get(column, f'"{column}"') for column in columns)
        parts.append(f"SELECT {chosen} FROM {name}.{table}")
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
