"""The participants of a study over another number of stores, where `[warehouse] shards` is not what it was.

Rows go as they are to the store of whom they are about: nothing is read again, and no history is lost. What is made
lies beside what there was until the first store says, in one transaction, how many there are. Killed before that,
nothing has changed; killed after, what is not asked any more is removed by the next run.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import duckdb

from models.fault import StudyError
from models.store.connect import attach
from models.store.file import STORE, draft, earlier, make, put_in_place
from models.store.key import key_of
from models.store.shards import (
    NUMBERS,
    OF_THE_STUDY,
    count,
    count_on_disk,
    folder_of,
    folders,
    joined,
    on_disk,
    rows_of,
    shard_of,
    tables_of,
)
from models.store.store import Store, open_store

_STAYS = ("audit", "unpublished")  # about nobody; and what is published next is made from nothing
_EVERYWHERE = ("forgotten", "judging", "study")  # of the first store's tables those that each store has
# Whose a goal is now, or was last: of what is written down by goal alone.
_GOALS = """SELECT goal_id, arg_max(participant_id, since) AS participant_id FROM (
    SELECT goal_id, participant_id, evaluated_at AS since FROM ({verdict})
    UNION ALL SELECT goal_id, participant_id, 'infinity'::TIMESTAMP FROM ({goal})) GROUP BY goal_id"""


def divide(store: Store, shards: int) -> None:
    """Spread the participants over so many stores (1: the first one, which is open here, has everybody).

    StudyError where that cannot be done now: another number was asked for together with a rebuild.
    """
    if store.made_anew:
        _refuse_another(store, shards)
    elif (has := count(store.con, store.folder)) != shards and (has > 1 or _has_people(store)):
        _divide(store, shards)
    if store.rows("FROM division") != [(shards,)]:
        store.con.execute("DELETE FROM division; INSERT INTO division VALUES (?)", [shards])
    remove_others(store)


def _has_people(store: Store) -> bool:
    return any(store.rows(f"FROM {table} LIMIT 1") for table in ("participant", "source_file", "verdict"))


def remove_others(store: Store) -> None:
    """Remove shards that are not asked: a run that divided was killed."""
    for folder in set(on_disk(store.folder)) - set(folders(store.con, store.folder)):
        shutil.rmtree(folder)


def _refuse_another(store: Store, shards: int) -> None:
    has = count_on_disk(store.folder, shards)  # where the store before cannot be read
    with earlier(store.con, store.folder / STORE) as is_open, suppress(duckdb.Error):
        has = count(store.con, store.folder, "earlier") if is_open else has
    if has != shards:
        what = f"study.toml: [warehouse] shards = {shards}, but there are {has} and a rebuild keeps their number"
        raise StudyError(what, "run `stepwindow nightly` first, which divides the participants anew")


def _divide(store: Store, shards: int) -> None:
    for folder in folders(store.con, store.folder):
        if (folder / STORE).exists():
            open_store(folder, "dividing").close()  # it is in today's form then
    with joined(store) as (_, *before):
        rows = _Rows(store, before or ["store"], shards)
        for number in range(1, shards + 1) if shards > 1 else ():
            _make(store, rows, folder_of(store.folder, number, shards), number)
        store.con.doubt()
        with store.transaction():
            if shards == 1:
                rows.into("store", 1)
            elif not before:
                rows.leave()
            for name in before:
                store.con.execute(f"INSERT INTO audit FROM {name}.audit")
            store.con.execute("DELETE FROM written_control; DELETE FROM division")
            store.con.execute("INSERT INTO division VALUES (?)", [shards])


def _make(store: Store, rows: _Rows, folder: Path, number: int) -> None:
    """The store of a shard, with all that is of its people."""
    folder.mkdir(mode=0o700, exist_ok=True)
    made = draft(folder, STORE)
    made.unlink(missing_ok=True)
    make(made).close()
    attach(store.con, made, "made", key_of(folder))
    try:
        rows.into("made", number)
        for table in _EVERYWHERE:
            store.con.execute(f"INSERT INTO made.{table} BY NAME FROM store.{table}")
        store.con.execute("CHECKPOINT made")
    finally:
        store.con.execute("DETACH made")
    put_in_place(made, folder / STORE)


class _Rows:
    """What is about people, in some stores of a connection; and in which shard they are to be (temp table `member`)."""

    def __init__(self, store: Store, names: list[str], shards: int) -> None:
        import polars as pl

        self._con, self._columns = store.con, dict(tables_of(store.con))
        for table in (*OF_THE_STUDY, *_STAYS):
            del self._columns[table]
        self._rows = {table: rows_of(names, table, columns) for table, columns in self._columns.items()}
        personal = [table for table, columns in self._columns.items() if "participant_id" in columns]
        named = " UNION ".join(f"SELECT participant_id FROM ({self._rows[t]})" for t in personal if t != "rejection")
        people = [who for (who,) in store.rows(named) if who is not None]
        member = pl.DataFrame({"participant_id": people, "shard": [shard_of(who, shards) for who in people]})
        with store.registered("told", member):
            self._make("member", "SELECT participant_id::TEXT AS participant_id, shard::INTEGER AS shard FROM told")
        self._make("goal_member", _GOALS.format(**self._rows))
        self._number("file_id", "source_file")
        self._number("device_id", "device")

    def _make(self, name: str, sql: str) -> None:
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")

    def _number(self, column: str, table: str) -> None:
        """Each shard counts anew, in the order of before."""
        counted = f"row_number() OVER (PARTITION BY shard ORDER BY {column})"
        rows = f"({self._rows[table]}) JOIN member USING (participant_id)"
        self._make(f"{column}_now", f"SELECT {column} AS was, shard, {counted}::INTEGER AS {column} FROM {rows}")

    def into(self, target: str, shard: int) -> None:
        """What is of the people of a shard into the tables of a store of the connection."""
        for table, columns in self._columns.items():
            numbers = [column for column in NUMBERS if column in columns]
            counted = ", ".join(f"{column}_now.{column} AS {column}" for column in numbers)
            told = f"SELECT t.*{f' REPLACE ({counted})' if counted else ''} FROM ({self._rows[table]}) t"
            told += "".join(f" LEFT JOIN {column}_now ON t.{column} = {column}_now.was" for column in numbers)
            in_order = (
                " ORDER BY t.evaluated_at" if table == "verdict" else ""
            )  # which week was gone last is told by it
            self._con.execute(f"INSERT INTO {target}.{table} BY NAME {told} WHERE {_is_of(columns, shard)}{in_order}")

    def leave(self) -> None:
        """Take out of the first store what is in shards now."""
        for table in self._columns:
            of_whom = " WHERE participant_id IN (SELECT participant_id FROM member)" if table == "rejection" else ""
            self._con.execute(f"DELETE FROM store.{table}{of_whom}")


def _is_of(columns: Iterable[str], shard: int) -> str:
    """SQL: whether a row `t` of a table with such columns is of somebody in a shard."""
    members = f"SELECT participant_id FROM member WHERE shard = {shard}"
    if "participant_id" in columns:
        return f"t.participant_id IN ({members})"
    if "file_id" in columns:
        return f"file_id_now.shard = {shard}"
    return f"t.goal_id IN (SELECT goal_id FROM goal_member WHERE participant_id IN ({members}))"
