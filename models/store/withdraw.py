"""Withdrawal: a person is taken out of everything in the warehouse, and a tombstone keeps them out.

The tombstone is written first: whenever this is killed, no run brings the person back, and doing it again finishes it.
"""

from __future__ import annotations

import re
import shutil
import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from models.fault import StoreError
from models.store.audit import record
from models.store.divide import remove_others
from models.store.file import ANALYTICS, STORE, rewrite, wait_for_replays
from models.store.held import read_held
from models.store.letters import remove_letter
from models.store.pointer import is_left_behind, target_of
from models.store.publish import PUBLISHED, replace_published
from models.store.shards import folders, joined, settle_published, together
from models.store.store import Store, now, open_store
from models.study import forgotten, kept, versions

SHORTEST = 6  # an id of fewer characters turns up in any megabyte of packed numbers by chance
_OWN = {  # names that are about one person: column -> tables
    "infusion_id": ("infusion", "verdict", "post_lock_difference"),
    "goal_id": ("goal", "verdict", "post_lock_difference", "held_goal"),
    "path": ("source_file", "rejection"),
    "pseudonym": ("device",),
    "sha256": ("source_file", "rejection", "unloaded"),
}
# Their contents: a file of theirs that once lay in another person's folder, and what the ledger remembers of that.
_THEIRS = "SELECT DISTINCT sha256 FROM source_file WHERE participant_id = $who"
_THEIR_GOALS = """SELECT $who AS who, goal_id FROM goal WHERE participant_id = $who
    UNION SELECT $who, goal_id FROM verdict WHERE participant_id = $who"""
# Who has a goal that was theirs: its target may be made of their days, and is made anew.
_JUDGED_ANEW = """DELETE FROM judged_participant WHERE participant_id IN (
    SELECT participant_id FROM goal WHERE goal_id IN (SELECT goal_id FROM their_goals WHERE who = $who))"""
_LAY_ELSEWHERE = "status = 'withdrawn' AND participant_id <> $who AND sha256 IN (FROM theirs)"
# What was unloaded from somebody else stays out, and no longer says what it was called.
_NAMELESS = """UPDATE source_file SET path = participant_id || '/' || left(sha256, 12)
    WHERE status = 'unloaded' AND participant_id <> $who AND sha256 IN (FROM theirs)"""
_OF_OTHERS = {"source_file": f"(FROM source_file WHERE NOT ({_LAY_ELSEWHERE}))"}  # without that


def is_distinct(name: str) -> bool:
    """Whether an id is nothing but an id."""
    return len(name) >= SHORTEST or bool(re.search("[0-9]", name) and re.search("[^0-9]", name))


@dataclass(frozen=True)
class Traces:
    """What tells that something is about a person, as far as nobody else has it too."""

    participant_id: str
    names: frozenset[str]  # of infusions, goals and files; device pseudonyms
    contents: frozenset[str]  # SHA-256 of files
    rows: dict[str, int]  # table of the store: how many

    @property
    def are_distinct(self) -> bool:
        """Whether the id is nothing but an id: `1` is a week and a version, too, and `steps` a metric."""
        return is_distinct(self.participant_id)

    def are_in(self, header: list[str], cells: list[str]) -> bool:
        """Whether a row of a control file is about the person, or names what is theirs."""
        ids = [cell for column, cell in zip(header, cells, strict=False) if column.endswith("_id")]
        word = rf"(^|[^A-Za-z0-9_-]){self.participant_id}($|[^A-Za-z0-9_-])"
        return any(cell in self.names for cell in ids) or any(
            re.search(word, cell) for cell in (cells if self.are_distinct else ids)
        )


def restore(store: Store) -> bool:
    """Make the tombstones in the store and in the file beside it the same; True where the file had lost some."""
    beside = forgotten.tombstones(store.folder)
    inside = frozenset((salt, digest) for salt, digest in store.rows("SELECT salt, digest FROM forgotten"))
    for salt, digest in sorted(beside - inside):
        store.con.execute("INSERT INTO forgotten VALUES (?, ?, ?)", [salt, digest, now()])
    if inside - beside:
        forgotten.keep(store.folder, inside | beside)
    return bool(inside - beside)


def forget(warehouse: Path, who: str, code_version: str, config_hash: str) -> tuple[Traces, list[str]]:
    """Take a person out of store, published database, history and copies; the caller holds the lock.

    Returns what there was of them, and the names of the files that were removed.
    """
    wait_for_replays(warehouse)
    store = open_store(warehouse, "forget")
    try:
        restore(store)
        remove_others(store)
        shards = folders(store.con, warehouse)
        with together(store):
            traces = find(store, who)
        forgotten.bury(warehouse, who)
        restore(store)
        kept.drop(warehouse)
        versions.take_out(warehouse, traces.are_in)  # as long as the store knows what is theirs
        store.con.doubt()  # nothing that is published stays
        with joined(store) as stores:
            for name in sorted(stores, key=lambda name: _has(store, name, who)):  # theirs last: it knows what is theirs
                _delete(store, name, who)
        count = sum(traces.rows.values())
        record(store, "forget", "one participant was forgotten", code_version, people=1, rows=count)
        as_of = next((day for (day,) in store.rows("SELECT as_of FROM judging")), date.today())
        row = {
            "run_id": uuid.uuid4().hex, "command": "forget", "as_of": as_of, "started_at": now(), "ended_at": now(),
            "outcome": "clean", "files_loaded": 0, "files_rejected": 0, "files_ignored": 0, "files_duplicate": 0,
            "days_resolved": 0, "weeks_changed": 0, "code_version": code_version, "config_hash": config_hash,
        }  # fmt: skip
        with together(store) as names:
            replace_published(store, row, held=read_held(store), anew=True)
            settle_published(store, names)
    finally:
        store.close()
    removed = remove_letter(warehouse, who)
    for folder in (warehouse, *shards):
        rewrite(folder / STORE)
        copies = _remove_copies(folder, target_of(warehouse))
        removed += [str((folder / name).relative_to(warehouse)) for name in copies]
    return traces, removed


def _has(store: Store, name: str, who: str) -> bool:
    return bool(store.rows(f"FROM {name}.source_file WHERE participant_id = ? LIMIT 1", [who]))


def _delete(store: Store, name: str, who: str) -> None:
    """Take a person out of one of the stores of this connection. What is theirs was found before (`find_theirs`)."""
    store.con.execute(f"USE {name}")
    try:
        with store.transaction():
            store.con.execute(_NAMELESS, {"who": who})
            store.con.execute("DELETE FROM looked")  # paths in the folders of others may name them: it is made anew
            store.con.execute(_JUDGED_ANEW, {"who": who})
            for table, where in reversed(about(store)):
                store.con.execute(f'DELETE FROM "{table}" WHERE {where}', {"who": who})
    finally:
        store.con.execute("USE store")


def find(store: Store, who: str) -> Traces:
    """What the store holds of a person."""
    find_theirs(store, who)
    own: dict[str, set[str]] = {}
    for column, tables in _OWN.items():
        held = " UNION ALL ".join(
            f"SELECT participant_id, {column} AS name FROM {_OF_OTHERS.get(table, table)}" for table in tables
        )
        query = f"SELECT name FROM ({held}) GROUP BY name HAVING bool_and(participant_id = $who) AND name IS NOT NULL"
        own[column] = {name for (name,) in store.rows(query, {"who": who})}
    contents = own.pop("sha256")
    rows = {}
    for table, where in about(store):
        sql = f'SELECT count(*) FROM "{table}" WHERE {where}'
        if count := store.con.execute(sql, {"who": who}).fetchall()[0][0]:
            rows[table] = count
    return Traces(who, frozenset().union(*own.values()), frozenset(contents), rows)


def find_theirs(store: Store, who: str) -> None:
    """What lay in a person's folder (temp table `theirs`): also in others' folders it is about them. And the goals that
    are theirs or were (`their_goals`): what rests on the id alone may be in the store of whoever has it now."""
    store.con.execute(f"CREATE OR REPLACE TEMP TABLE theirs AS {_THEIRS}", {"who": who})
    store.con.execute(f"CREATE OR REPLACE TEMP TABLE their_goals AS {_THEIR_GOALS}", {"who": who})


def about(store: Store) -> list[tuple[str, str]]:
    """Every table with rows about people, and which of them are about $who; those that others hang on come first.

    What is theirs in the folders of others, and of goals, is told by `find_theirs`.
    """
    by_person, by_file, by_goal = [], [], []
    for table, columns in store.rows(
        "SELECT table_name, list(column_name) FROM duckdb_columns() "
        "WHERE database_name = current_database() AND NOT internal GROUP BY table_name ORDER BY table_name"
    ):
        if table == "source_file":
            by_person.append((table, f"participant_id = $who OR ({_LAY_ELSEWHERE})"))
        elif "participant_id" in columns:
            by_person.append((table, "participant_id = $who"))
        elif "file_id" in columns:
            by_file.append((table, "file_id IN (SELECT file_id FROM source_file WHERE participant_id = $who)"))
        elif "goal_id" in columns:
            by_goal.append((table, "goal_id IN (SELECT goal_id FROM their_goals WHERE who = $who)"))
    return by_person + by_file + by_goal


def _remove_copies(warehouse: Path, published: str | None) -> list[str]:
    """Every other database that stepwindow made here: stores set aside, earlier published files, remains.

    What somebody else put here is theirs: the search names it, where it holds the person.
    """
    patterns = ("store.duckdb.wal", "store.before-*.duckdb*", f"{PUBLISHED}*", "spill/[0-9]*-[0-9]*", ".draft-*")
    if is_left_behind(warehouse):
        raise StoreError(f"{ANALYTICS}: a program has the one before open", "close it there, then run again")
    found = [path for pattern in patterns for path in warehouse.glob(pattern) if path.name != published]
    removed = [path for path in found if not path.is_dir() or any(path.iterdir())]  # an empty folder holds nobody
    for path in removed:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    return sorted(path.name for path in removed)
