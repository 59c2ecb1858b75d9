"""Judging: the goal-weeks as of a date, and the history of every verdict ever given.

What a verdict is, what has to be judged again and why a verdict differs from the one before it is said in
models/sql/week; how that is written down, in models/sql/week_stored; what the next judging is compared with, in
models/sql/judging_stored. The history is append-only; `goal_week` holds what stands now.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl

from models.store.store import Store, now

_AT_A_TIME = 5_000  # people judged together: their weeks, and what is made of them, are held in memory


@dataclass(frozen=True)
class _Judging:
    """How everything is judged: what a verdict rests on besides control rows and days."""

    as_of: date
    code_version: str
    config_hash: str
    freezes: bool
    lock_date: date | None


def judge(store: Store, as_of: date, code_version: str, config_hash: str, run_id: str, **how: Any) -> int:
    """Judge as `judging` does, to the end; returns how many verdicts are new, changed or gone."""
    return sum(judging(store, as_of, code_version, config_hash, run_id, **how))


def judging(
    store: Store,
    as_of: date,
    code_version: str,
    config_hash: str,
    run_id: str,
    *,
    freeze: bool = True,
    lock_date: date | None = None,
    only_changed: bool = False,
    people: Collection[str] | None = None,
) -> Iterator[int]:
    """Judge the goal-weeks as of a date, some people at a time; each time how many verdicts are new, changed or gone.

    Those that were told of are judged, whatever happens then: how each was judged last is kept with their verdicts, how
    the study was when all are. A verdict that says what the last one said writes nothing. `freeze`: keep derived
    targets as they are now. `only_changed`: judge only the weeks whose days, control rows or date changed since the
    last time. `lock_date`: see `_lock`. `people`: of these (None: of everybody).
    """
    of_study = next((_Judging(*row) for row in store.rows("FROM judging")), None)
    for last, asked in _by_last_judging(store, people, of_study).items():
        locked_before, lock = _lock(lock_date, last.lock_date if last else None, as_of)
        this = _Judging(as_of, code_version, config_hash, freeze, lock)
        for n in range(0, len(asked) or 1, _AT_A_TIME):
            part = asked[n : n + _AT_A_TIME]
            yield _judge(store, this, last, part, locked_before, only_changed, run_id)
    _, lock = _lock(lock_date, of_study.lock_date if of_study else None, as_of)
    with store.transaction():
        store.con.execute("DELETE FROM judging")
        row = asdict(_Judging(as_of, code_version, config_hash, freeze, lock))
        store.insert("judging", pl.DataFrame([row], schema_overrides={"lock_date": pl.Date}))


def judged_as_of(store: Store) -> date | None:
    """The date of the last judging; None where there was none."""
    return next((as_of for (as_of,) in store.rows("SELECT as_of FROM judging")), None)


def _by_last_judging(
    store: Store, people: Collection[str] | None, of_study: _Judging | None
) -> dict[_Judging | None, list[str]]:
    """Who is to be judged, by how they were judged last: with all the others, unless they were held then.

    Who is new goes with the others. None: nobody was ever judged.
    """
    store.about(people)
    groups: dict[_Judging | None, list[str]] = {} if store.rows("FROM asked") else {of_study: []}
    for who, *last in store.rows(
        "SELECT participant_id, j.* EXCLUDE (participant_id, control_fingerprint) "
        "FROM asked LEFT JOIN judged_participant j USING (participant_id) ORDER BY participant_id"
    ):
        groups.setdefault(_Judging(*last) if last[0] else of_study, []).append(who)
    return groups


_SQL_TYPES = {bool: "BOOLEAN", str: "TEXT", datetime: "TIMESTAMP"}  # of a variable; else it is a date, or none


def _judge(
    store: Store,
    this: _Judging,
    last: _Judging | None,
    people: list[str],
    locked_before: date | None,
    only_changed: bool,
    run_id: str,
) -> int:
    """Judge these people, all or nobody. What is made on the way is outside of the transaction, to whose end DuckDB
    would keep what it replaces."""
    alike = last is not None and replace(last, as_of=this.as_of) == this
    store.about(people)
    variables = {
        **asdict(this),
        "judged_as_of": last.as_of if last else this.as_of,
        "judged_code_version": last and last.code_version,
        "judged_config_hash": last and last.config_hash,
        "locked_before": locked_before,
        "only_changed": only_changed and alike,
        "settings_changed": last is not None and last.config_hash != this.config_hash,
        "code_changed": last is not None and last.code_version != this.code_version,
        "is_judging": True,
        "moment": now(),
        "run_id": run_id,
        "batch": uuid.uuid4().hex,
    }
    for name, value in variables.items():
        kind = _SQL_TYPES.get(type(value), "DATE")
        store.con.execute(f"SET VARIABLE {name} = ?::{kind}", [value])
    store.run_sql("week", until="070")
    if is_judged := store.rows("SELECT is_anything_judged()")[0][0]:
        store.run_sql("week", since="070")
    with store.transaction():
        if is_judged:
            store.run_sql("week_stored")
        store.run_sql("judging_stored")
    return store.rows("SELECT count(*) FROM goal_week_turn WHERE NOT is_locked")[0][0] if is_judged else 0


def _lock(lock_date: date | None, last: date | None, as_of: date) -> tuple[date | None, date | None]:
    """(weeks that ended before this are frozen in this run, the lock as it stands after it).

    A lock comes into force with the first run whose `as_of` has reached it: that run still judges, and what it
    leaves is frozen. Until then an earlier lock goes on. Moving it back or taking it out of study.toml releases
    what it covered.
    """
    if lock_date is None:
        return None, None
    in_force = as_of >= lock_date or (last is not None and lock_date <= last)
    return (min(lock_date, last) if last else None), (lock_date if in_force else last)
