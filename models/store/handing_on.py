"""What is written down of a goal, in a study of several stores: it is where the person is whose goal it is now.

An id may go over to a participant of another shard. What rests on the id alone, whoever it was about, goes along: its
frozen targets, how it was judged last where it is held, and the history of its weeks once their infusion is that
person's, too. (Weeks that end because their infusion stays behind end where they were.)
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager

import polars as pl

from models.store.store import Store

Key = tuple[str, str | None]  # goal, infusion; None: what is of the goal alone
_BY_GOAL = ("frozen_target", "judged_goal", "ruled_goal")
_BY_WEEK = ("goal_week", "issued_target", "post_lock_difference", "verdict")
_OF_KEYS = dict.fromkeys(_BY_GOAL, "goal_id IN (SELECT goal_id FROM going WHERE infusion_id IS NULL)")
_OF_KEYS |= dict.fromkeys(_BY_WEEK, "(goal_id, infusion_id) IN (SELECT (goal_id, infusion_id) FROM going)")


def strangers(store: Store, goals: Collection[str], infusions: Collection[str]) -> list[Key]:
    """Of what is written down here: whose goal or infusion is none of these, which are of this store's people."""
    by_goal = " UNION ".join(f"SELECT goal_id, NULL AS infusion_id FROM {table}" for table in _BY_GOAL)
    by_week = " UNION ".join(f"SELECT goal_id, infusion_id FROM {table}" for table in _BY_WEEK)
    strange = "goal_id NOT IN (SELECT unnest($goals::TEXT[])) OR infusion_id NOT IN (SELECT unnest($infusions::TEXT[]))"
    given = {"goals": list(goals), "infusions": list(infusions)}
    return store.rows(f"FROM ({by_goal} UNION {by_week}) WHERE {strange} ORDER BY ALL", given)


def give(store: Store, keys: Sequence[Key]) -> dict[str, pl.DataFrame]:
    """What is written down of some goals and weeks, by table."""
    with _going(store, keys):
        return {table: store.frame(f"FROM {table} WHERE {which} ORDER BY rowid") for table, which in _OF_KEYS.items()}


def take(store: Store, keys: Sequence[Key], given: dict[str, pl.DataFrame]) -> None:
    """Have it here, whole. Doing it again changes nothing."""
    with store.transaction():
        _take_out(store, keys)
        for table, rows in given.items():
            store.insert(table, rows)


def drop(store: Store, keys: Sequence[Key]) -> None:
    """Have it here no more: another store has it."""
    with store.transaction():
        _take_out(store, keys)


def _take_out(store: Store, keys: Sequence[Key]) -> None:
    with _going(store, keys):
        for table, which in _OF_KEYS.items():
            store.con.execute(f"DELETE FROM {table} WHERE {which}")


def _going(store: Store, keys: Sequence[Key]) -> AbstractContextManager[None]:
    frame = pl.DataFrame(list(keys), {"goal_id": pl.String, "infusion_id": pl.String}, orient="row")
    return store.registered("going", frame)
