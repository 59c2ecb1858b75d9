"""Judging: the goal-weeks as of a date, and the history of every verdict ever given.

What a verdict is, what has to be judged again and why a verdict differs from the one before it is said in
models/sql/week; here that is written down. The history is append-only; `goal_week` holds what stands now.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from models.store import ruled as store_ruled
from models.store.store import Store, now

_KEY = "goal_id, infusion_id, week"
_SAYS = f"""{_KEY}, version, participant_id, week_start, week_end, kind, metric, target, target_effective, value,
    percent, status, reason, basis, eligible_days, valid_days, is_truncated, truncated_by, device_changed"""
_INPUTS = """rule, per_day, infused_on, next_on, eligible_set, infusion_set, hold_set, skipped_set, goal_fingerprint,
    is_correction, is_derived, derives_until, days_fingerprint"""


@dataclass(frozen=True)
class _Judging:
    """How everything is judged: what a verdict rests on besides control rows and days."""

    as_of: date
    code_version: str
    config_hash: str
    freezes: bool
    lock_date: date | None


def judge(
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
) -> int:
    """Judge the goal-weeks as of a date; returns how many verdicts are new, changed or gone.

    A verdict that says what the last one said writes nothing. `freeze`: keep derived targets as they are now.
    `only_changed`: judge only the weeks whose days, control rows or date changed since the last time.
    `lock_date`: see `_lock`. `people`: of these (None: of everybody); all of them are judged or nobody is.
    """
    changes = 0
    with store.transaction():
        for last, asked in _by_last_judging(store, people).items():
            locked_before, lock = _lock(lock_date, last.lock_date if last else None, as_of)
            this = _Judging(as_of, code_version, config_hash, freeze, lock)
            changes += _judge(store, this, last, asked, locked_before, only_changed, run_id)
    return changes


def judged_as_of(store: Store) -> date | None:
    """The date of the last judging; None where there was none."""
    return next((as_of for (as_of,) in store.rows("SELECT as_of FROM judging")), None)


def _by_last_judging(store: Store, people: Collection[str] | None) -> dict[_Judging | None, list[str]]:
    """Who is to be judged, by how they were judged last: with all the others, unless they were held then.

    Who is new goes with the others. None: nobody was ever judged.
    """
    store.about(people)
    study = next((_Judging(*row) for row in store.rows("FROM judging")), None)
    groups: dict[_Judging | None, list[str]] = {} if store.rows("FROM asked") else {study: []}
    for who, *last in store.rows(
        "SELECT participant_id, j.* EXCLUDE (participant_id, control_fingerprint) "
        "FROM asked LEFT JOIN judged_participant j USING (participant_id) ORDER BY participant_id"
    ):
        groups.setdefault(_Judging(*last) if last[0] else study, []).append(who)
    return groups


def _judge(
    store: Store,
    this: _Judging,
    last: _Judging | None,
    people: list[str],
    locked_before: date | None,
    only_changed: bool,
    run_id: str,
) -> int:
    alike = last is not None and replace(last, as_of=this.as_of) == this
    store.about(people)
    _set(store, "as_of", this.as_of)
    _set(store, "judged_as_of", last.as_of if last else this.as_of)
    _set(store, "locked_before", locked_before)
    _set(store, "only_changed", only_changed and alike)
    _set(store, "settings_changed", last is not None and last.config_hash != this.config_hash)
    _set(store, "code_changed", last is not None and last.code_version != this.code_version)
    store.con.execute("SET VARIABLE config_hash = ?::TEXT", [this.config_hash])
    store.con.execute("SET VARIABLE code_version = ?::TEXT", [this.code_version])
    _set(store, "is_judging", True)
    store.run_sql("week")
    moment = now()
    if this.freezes:
        _freeze_targets(store, moment)
    changes = _append(store, this, run_id, moment)
    _note_locked(store, run_id, moment)
    _keep(store, this, last, moment)
    if this.freezes:
        store_ruled.keep(store, moment)
    return changes


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


def _set(store: Store, name: str, value: date | bool | None) -> None:
    kind = "BOOLEAN" if isinstance(value, bool) else "DATE"
    store.con.execute(f"SET VARIABLE {name} = ?::{kind}", [value])


def _freeze_targets(store: Store, moment: datetime) -> None:
    """Keep the derived targets of versions in force: later files do not move them silently."""
    store.con.execute(
        """INSERT INTO frozen_target
           SELECT goal_id, version, target, n_valid, as_of, ? FROM derived_target d
           JOIN goal_version v USING (version_key, goal_id, version)
           WHERE d.target IS NOT NULL AND v.effective_from <= d.as_of
             AND NOT EXISTS (FROM frozen_target f WHERE f.goal_id = d.goal_id AND f.version = d.version)""",
        [moment],
    )


def _append(store: Store, this: _Judging, run_id: str, moment: datetime) -> int:
    """Add rows for what changed; what they replace is no longer current. Nothing is ever taken away.

    A verdict whose week is gone, or that another schedule or a correction replaced, gets a closing row: `superseded`
    with the cause as its reason, never current. What was said stays readable beside it (R12.3).
    """
    store.con.execute(f"SET VARIABLE batch = '{uuid.uuid4().hex}'")
    given = {"as_of": this.as_of, "now": moment, "code": this.code_version, "config": this.config_hash, "run": run_id}
    books = """t.evaluation_before AS supersedes, t.cause,
        $as_of::DATE AS as_of, $now AS evaluated_at, $code AS code_version, $config AS config_hash, $run AS run_id"""
    store.con.execute(
        f"""INSERT INTO verdict BY NAME
            SELECT {_SAYS}, infused_on, next_on, goal_fingerprint, TRUE AS is_current, {books},
                   getvariable('batch') || '-' || t.turn AS evaluation_id,
                   md5(concat_ws('|', metric, eligible_set, days_fingerprint, device_changed)) AS input_fingerprint
            FROM goal_week_turn t JOIN goal_week_now n USING ({_KEY})
            WHERE NOT t.is_locked AND n.reason IS DISTINCT FROM 'control_row_unusable'  -- which is no verdict
            UNION ALL BY NAME
            SELECT goal_id, infusion_id, week, version, participant_id, week_start, week_end, kind, metric, target,
                   eligible_days, is_truncated, truncated_by, device_changed, infused_on, next_on, goal_fingerprint,
                   'superseded' AS status, t.cause AS reason, FALSE AS is_current, {books},
                   getvariable('batch') || '-0-' || t.turn AS evaluation_id
            FROM goal_week_turn t JOIN goal_week_before b USING ({_KEY})
            WHERE NOT t.is_locked AND b.reason IS DISTINCT FROM 'control_row_unusable' AND (
                t.is_gone OR t.cause = 'correction' OR t.cause LIKE 'infusion_%')""",
        given,
    )
    replaced = "SELECT evaluation_before FROM goal_week_turn WHERE NOT is_locked AND NOT is_new"
    store.con.execute(f"UPDATE verdict SET is_current = FALSE WHERE is_current AND evaluation_id IN ({replaced})")
    return store.rows("SELECT count(*) FROM goal_week_turn WHERE NOT is_locked")[0][0]


def _note_locked(store: Store, run_id: str, moment: datetime) -> None:
    """Write down what frozen verdicts would be now, where that is not what was noted last (or what they are)."""
    store.con.execute(
        f"""CREATE OR REPLACE TEMP TABLE noted AS
            SELECT {_KEY}, coalesce(b.participant_id, n.participant_id) AS participant_id,
                   coalesce(b.week_start, n.week_start) AS week_start, coalesce(b.week_end, n.week_end) AS week_end,
                   b.status AS frozen_status, b.reason AS frozen_reason, b.value AS frozen_value,
                   b.percent AS frozen_percent, b.as_of AS frozen_as_of, n.status, n.reason, n.value, n.percent,
                   getvariable('as_of') AS as_of, t.cause, TRUE AS is_current, ? AS noticed_at, ? AS run_id
            FROM goal_week_turn t
            LEFT JOIN goal_week_now n USING ({_KEY})
            LEFT JOIN goal_week_before b USING ({_KEY})
            LEFT JOIN post_lock_difference d ON d.is_current
                AND d.goal_id = t.goal_id AND d.infusion_id = t.infusion_id AND d.week = t.week
            WHERE t.is_locked AND (n.status, n.reason, n.value, n.percent) IS DISTINCT FROM
                CASE WHEN d.goal_id IS NULL THEN (b.status, b.reason, b.value, b.percent)
                ELSE (d.status, d.reason, d.value, d.percent) END""",
        [moment, run_id],
    )
    store.con.execute(
        f"UPDATE post_lock_difference SET is_current = FALSE WHERE ({_KEY}) IN (SELECT ({_KEY}) FROM noted)"
    )
    store.con.execute("INSERT INTO post_lock_difference BY NAME FROM noted")


def _keep_of_held_goals(store: Store, last: _Judging | None) -> None:
    """How the goals whose verdicts stand were judged last, when they come to be held; gone once they are judged."""
    store.con.execute(
        "DELETE FROM judged_goal WHERE participant_id IN (SELECT participant_id FROM asked) "
        "AND goal_id NOT IN (SELECT goal_id FROM unusable WHERE stands)"
    )
    if last:
        store.con.execute(
            "INSERT INTO judged_goal SELECT goal_id, participant_id, ?, ?, ? FROM unusable SEMI JOIN asked "
            "USING (participant_id) WHERE stands AND goal_id NOT IN (SELECT goal_id FROM judged_goal)",
            [last.as_of, last.code_version, last.config_hash],
        )


def _keep(store: Store, this: _Judging, last: _Judging | None, moment: datetime) -> None:
    """Make this judging the last one: current verdicts, weekly figures, and what the next one is compared with."""
    store.con.execute(
        "DELETE FROM goal_week WHERE (goal_id, infusion_id, week) IN "
        "(SELECT (goal_id, infusion_id, week) FROM goal_week_before WHERE NOT is_locked)"
    )
    store.con.execute(
        f"""INSERT INTO goal_week BY NAME
            SELECT {_SAYS}, n.as_of, {_INPUTS},
                   CASE WHEN t.turn IS NULL THEN b.evaluation_id
                        WHEN n.reason IS DISTINCT FROM 'control_row_unusable' THEN getvariable('batch') || '-' || t.turn
                   END AS evaluation_id,
                   CASE WHEN t.turn IS NULL THEN b.evaluated_at ELSE ? END AS evaluated_at
            FROM goal_week_now n
            LEFT JOIN goal_week_turn t USING ({_KEY})
            LEFT JOIN (SELECT {_KEY}, evaluation_id, evaluated_at FROM goal_week_before) b USING ({_KEY})
            WHERE NOT coalesce(t.is_locked, FALSE)""",
        [moment],
    )
    for kept, relation in (("kept_window", "infusion_window"), ("kept_activity", "weekly_activity")):
        store.con.execute(
            f"""DELETE FROM {kept} WHERE participant_id IN (SELECT participant_id FROM asked) AND (
                    NOT getvariable('only_changed')
                    OR participant_id NOT IN (SELECT participant_id FROM person)
                    OR participant_id IN (SELECT participant_id FROM whole_person)
                    OR (infusion_id, coalesce(week, 0)) IN (SELECT (infusion_id, week) FROM week_to_judge))"""
        )
        names = ", ".join(name for (name,) in store.rows(f"SELECT name FROM pragma_table_info('{kept}')"))
        store.con.execute(f"INSERT INTO {kept} BY NAME SELECT {names} FROM {relation}")
    books = """$as_of::DATE AS as_of, $code AS code_version, $config AS config_hash, $freezes AS freezes,
        $lock::DATE AS lock_date"""
    _keep_of_held_goals(store, last)
    state = {"as_of": this.as_of, "code": this.code_version, "config": this.config_hash, "freezes": this.freezes,
             "lock": this.lock_date}  # fmt: skip
    for table, query in (
        ("unjudged_day", None),
        ("judged_participant", f"SELECT *, {books} FROM control_fingerprint SEMI JOIN asked USING (participant_id)"),
        ("judged_infusion", "SELECT participant_id, infusion_id, infused_on, course FROM anchor"),
        (
            "kept_baseline",
            "SELECT participant_id, infusion_id, before_date "
            "FROM baseline_window JOIN anchor USING (infusion_key, infusion_id)",
        ),
    ):
        # why the days of a goal that is held changed is asked once it is free
        held = "AND participant_id NOT IN (SELECT participant_id FROM unusable WHERE stands)" if query is None else ""
        store.con.execute(f"DELETE FROM {table} WHERE participant_id IN (SELECT participant_id FROM asked) {held}")
        if query:
            store.con.execute(f"INSERT INTO {table} BY NAME {query}", state if "$" in query else None)
    store.con.execute("DELETE FROM judging")
    store.con.execute(f"INSERT INTO judging BY NAME SELECT {books}", state)
