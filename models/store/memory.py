"""What a store remembers, which no inbox could tell again: a store that is made anew takes it over from the one before.

Everything else in it is derived: from the inbox and the control files, or, of what was judged last, from the history.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from pathlib import Path

import duckdb

from models.store.file import STORE, earlier, earlier_stores
from models.store.ledger import compare
from models.store.pointer import newest
from models.store.scan import Scan
from models.store.shards import OF_THE_STUDY
from models.store.sql import statement
from models.store.store import Store
from models.store.withdraw import about, find_theirs
from models.study import forgotten

# What was done and published, and what people asked for. It is taken from the last store that can be read; of what
# cannot, what was published and stores set aside before say the rest (`audit`: models/store/audit.py).
MEMORY = (
    "run",
    "verdict",
    "post_lock_difference",
    "frozen_target",
    "issued_target",
    "share_key",
    "unloaded",
    "ruled_goal",
)
# How everything stood when it was judged last, so that only what changed is a change: of the last store alone.
LAST_TIME = (
    "goal_week", "judging", "judged_participant", "judged_infusion", "held", "held_goal", "judged_goal", "kept_window",
    "kept_activity", "kept_baseline",
)  # fmt: skip
_PUBLISHED_AS = {"run": "run", "verdict": "goal_week_history", "post_lock_difference": "post_lock_difference"}
_LOADED = "FROM earlier.source_file WHERE status = 'loaded'"


def carry_over(store: Store, published: Path | None = None, is_ours: Callable[[str], bool] = lambda who: True) -> None:
    """Fill a store that was just made with what the one before remembers. What cannot be read is passed over.

    Where there are several, `published` is what is published of all of them, and `is_ours` tells who is in this one.
    """
    published = published or newest(store.folder)
    others = [path for path in (published, *earlier_stores(store.folder)) if path.exists()]
    if not (store.made_anew or (others and _is_new(store))):
        return
    missing = set(MEMORY)
    if store.made_anew:
        with earlier(store.con, store.folder / STORE) as opened:
            if opened:  # in this store they were, and stay: also what is of goals that went over to its people
                missing -= {table for table in MEMORY if _take(store, table, table)}
                for table in LAST_TIME:
                    _take(store, table, table)
                _remember_loaded(store)
    strange = set(missing)
    for path in others:
        with earlier(store.con, path) as opened:
            names = _PUBLISHED_AS if path == published else {table: table for table in MEMORY}
            missing -= {table for table in missing & names.keys() if opened and _take(store, table, names[table])}
    if "issued_target" in missing:
        _take(store, "issued_target", f"({statement('store/issued_in_history')})", "")
    if not store.rows("FROM goal_week LIMIT 1"):  # as far as the history says it
        _take(store, "goal_week", "(FROM verdict WHERE is_current)", "")
        strange |= {"goal_week"} if "verdict" in strange else set()
    _forget(store, is_ours, strange)


def _is_new(store: Store) -> bool:
    tables = ("source_file", "run", "verdict")
    return not any(store.rows(f"FROM {table} LIMIT 1") for table in tables)


def _take(store: Store, table: str, source: str, place: str = "earlier.") -> bool:
    """Copy the columns that both have. False where it cannot be read; whatever was there is as it was then."""
    try:
        has = store.columns(f"{place}{source}")
        both = ", ".join(f'"{name}"' for name in store.columns(table) if name in has)
        store.con.execute(f"INSERT INTO {table} BY NAME SELECT {both} FROM {place}{source}")
    except duckdb.Error:
        return False
    return True


def _remember_loaded(store: Store) -> None:
    """When each content was first loaded, and which days it told of: until the inbox was read (`settle_loaded`)."""
    with contextlib.suppress(duckdb.Error):
        store.con.execute(
            "INSERT INTO loaded_before BY NAME "
            f"SELECT participant_id, sha256, first_seen_at, loaded_at, covers_from, covers_to {_LOADED}"
        )


def _forget(store: Store, is_ours: Callable[[str], bool], strange: Collection[str]) -> None:
    """Whoever was forgotten is not remembered either, whatever an earlier store still says; nor who is in another, in
    tables that are not from this store itself (`strange`)."""
    personal = [table for table in MEMORY if "participant_id" in store.columns(table)]
    people = [who for table in personal for (who,) in store.rows(f"SELECT DISTINCT participant_id FROM {table}")]
    others = [who for who in people if not is_ours(who)]
    for table in ("goal_week", *personal) if others else ():
        if table in strange and table not in OF_THE_STUDY:
            store.con.execute(f"DELETE FROM {table} WHERE participant_id IN (SELECT unnest(?))", [others])
    for who in forgotten.among(forgotten.tombstones(store.folder), people):
        find_theirs(store, who)
        for table, where in reversed(about(store)):
            store.con.execute(f'DELETE FROM "{table}" WHERE {where}', {"who": who})


def settle_loaded(store: Store, elsewhere: Collection[str] = ()) -> None:
    """After the inbox was read anew: a content keeps the time it was first loaded at, and the days of one that is no
    longer loaded are resolved again for what it is: moved, or gone on purpose."""
    if store.rows("FROM loaded_before LIMIT 1"):
        with store.transaction():
            told = "CREATE OR REPLACE TEMP TABLE elsewhere AS SELECT unnest(?::TEXT[]) AS sha256"
            store.con.execute(told, [list(elsewhere)])
            store.con.execute(statement("store/settle_loaded"))


def opened_archives(store: Store) -> set[str]:
    """Of a store that is being made anew: from which archives the one before has loaded something."""
    with earlier(store.con, store.folder / STORE) as opened, contextlib.suppress(duckdb.Error):
        if opened:
            members = store.rows(f"SELECT DISTINCT split_part(path, '!/', 1) {_LOADED} AND contains(path, '!/')")
            return {path for (path,) in members}
    return set()


def loaded_by(store: Store) -> list[tuple[str, int]]:
    """Of a store that is being made anew: how many files of the one before each reader has read."""
    with earlier(store.con, store.folder / STORE) as opened, contextlib.suppress(duckdb.Error):
        return store.rows(f"SELECT connector, count(*) {_LOADED} GROUP BY ALL ORDER BY ALL") if opened else []
    return []


def would_lose(store: Store, scan: Scan, people: Collection[str]) -> tuple[int, int]:
    """Of a store that is being made anew: how many files of how many of these people the one before has loaded and the
    inbox has not. Where that store cannot be read: of whom nothing at all lies there, by what was published."""
    with earlier(store.con, store.folder / STORE) as opened, contextlib.suppress(duckdb.Error):
        if opened:
            compare(store, scan, "earlier.source_file")
            lost = "SELECT count(DISTINCT inbox_path), count(DISTINCT participant_id) FROM gone_file JOIN absent"
            return store.rows(
                f"{lost} USING (file_id) WHERE status = 'loaded' AND participant_id IN (SELECT unnest(?))",
                [list(people)],
            )[0]
    with earlier(store.con, newest(store.folder)) as opened, contextlib.suppress(duckdb.Error):
        if opened:
            silent = sorted(set(people) - {scan.whose(number) for number in range(len(scan.path))})
            lost = f"SELECT count(*), count(DISTINCT participant_id) {_LOADED}"
            return store.rows(f"{lost} AND participant_id IN (SELECT unnest(?))", [silent])[0]
    return 0, 0
