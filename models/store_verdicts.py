"""Judging: the goal-weeks as of a date, and the history of every verdict ever given."""

from __future__ import annotations

import uuid
from datetime import date

from models.store import Store, now

_KEY = ("goal_id", "infusion_id", "week")
_SAYS = (
    "version", "participant_id", "week_start", "week_end", "kind", "metric", "target", "target_effective", "value",
    "percent", "status", "reason", "basis", "eligible_days", "valid_days", "is_truncated", "truncated_by",
    "device_changed",
)  # fmt: skip


def judge(store: Store, as_of: date, code_version: str, config_hash: str, run_id: str, *, freeze: bool = True) -> int:
    """Judge every goal-week as of a date; returns how many verdicts are new, changed or gone.

    A verdict that says what the last one said writes nothing. `freeze`: keep derived targets as they are now.
    """
    store.con.execute("SET VARIABLE as_of = ?::DATE", [as_of])
    with store.transaction():
        store.run_sql("week")
        if freeze:
            store.con.execute(
                """INSERT INTO frozen_target
                   SELECT goal_id, version, target, n_valid, as_of FROM derived_target d
                   JOIN goal_version v USING (version_key, goal_id, version)
                   WHERE d.target IS NOT NULL AND v.effective_from <= d.as_of
                     AND NOT EXISTS (FROM frozen_target f WHERE f.goal_id = d.goal_id AND f.version = d.version)"""
            )
        says = ", ".join((*_KEY, *_SAYS))
        store.con.execute(
            f"""CREATE OR REPLACE TEMP TABLE news AS
                SELECT {says} FROM goal_week_now EXCEPT SELECT {says} FROM verdict WHERE is_current"""
        )
        store.con.execute(
            """CREATE OR REPLACE TEMP TABLE gone AS
               SELECT v.* FROM verdict v ANTI JOIN goal_week_now n USING (goal_id, infusion_id, week)
               WHERE v.is_current AND v.status <> 'superseded'"""
        )
        changes = store.rows("SELECT (SELECT count(*) FROM news) + (SELECT count(*) FROM gone)")[0][0]
        _append(store, as_of, code_version, config_hash, run_id, says)
    return changes


def _append(store: Store, as_of: date, code_version: str, config_hash: str, run_id: str, says: str) -> None:
    """Add rows for what changed; what they replace is no longer current. Nothing is ever taken away."""
    batch = uuid.uuid4().hex
    store.con.execute(
        f"""INSERT INTO verdict BY NAME
            SELECT {says}, $batch || '-' || row_number() OVER (ORDER BY goal_id, infusion_id, week) AS evaluation_id,
                   $as_of::DATE AS as_of, $now AS evaluated_at, $code AS code_version, $config AS config_hash,
                   TRUE AS is_current, v.evaluation_id AS supersedes, $run AS run_id
            FROM news n
            LEFT JOIN (SELECT evaluation_id, goal_id, infusion_id, week FROM verdict WHERE is_current) v
                USING (goal_id, infusion_id, week)
            UNION ALL BY NAME
            SELECT g.* EXCLUDE (evaluation_id, status, reason, basis, as_of, evaluated_at, code_version, config_hash,
                                run_id, supersedes, is_current, value, percent, target_effective, valid_days),
                   'superseded' AS status,
                   CASE WHEN i.status = 'cancelled' THEN 'infusion_cancelled' END AS reason,
                   $batch || '-gone-' || row_number() OVER (ORDER BY goal_id, g.infusion_id, week) AS evaluation_id,
                   $as_of::DATE AS as_of, $now AS evaluated_at, $code AS code_version, $config AS config_hash,
                   TRUE AS is_current, g.evaluation_id AS supersedes, $run AS run_id
            FROM gone g LEFT JOIN infusion i USING (infusion_id)""",
        {"batch": batch, "as_of": as_of, "now": now(), "code": code_version, "config": config_hash, "run": run_id},
    )
    store.con.execute(
        """UPDATE verdict SET is_current = FALSE
           WHERE is_current
             AND evaluation_id IN (SELECT supersedes FROM verdict WHERE run_id = ? AND supersedes IS NOT NULL)""",
        [run_id],
    )
