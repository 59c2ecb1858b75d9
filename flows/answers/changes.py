"""Which verdicts changed: since when, from what, to what, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from flows.output import number, say
from flows.report.words import VERDICTS
from models.fault import StoreError
from models.store.read import query_published
from models.store.sql import statement


def changes(warehouse: Path, since: str | None) -> tuple[list[str], list[tuple]]:
    """The columns and rows of models/sql/ask/changes.sql, the oldest run first.

    `since`: a date (of the runs that began on it or later, in UTC), or the run_id of the first run; None: the last run.
    StoreError where nothing was published yet, and where no run has that run_id.
    """
    return query_published(warehouse, statement("ask/changes"), {"first": _first_run(warehouse, since)})


def _first_run(warehouse: Path, since: str | None) -> int:
    """The number of the first run that is asked about; one that never was, where there is none."""
    if since is None:
        sql, given = "SELECT max(run_number) FROM run", None
    elif _is_date(since):
        sql, given = "SELECT min(run_number) FROM run WHERE started_at >= ?::TIMESTAMP AT TIME ZONE 'UTC'", [since]
    else:
        sql, given = "SELECT run_number FROM run WHERE run_id = ?", [since]
    rows = query_published(warehouse, sql, given)[1]
    if not rows:
        raise StoreError(f"--since {since}: no such run; give a date such as 2026-03-09, or a run_id of relation run")
    return rows[0][0] or 2**31 - 1


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def show(columns: Sequence[str], rows: Sequence[tuple]) -> None:
    """A line a change: `P05 P05-steps week 2: cannot be said -> missed (late_data)`."""
    say(*(line(dict(zip(columns, row, strict=True))) for row in rows) if rows else ["no verdict changed"])


def line(change: dict[str, Any]) -> str:
    """One change. Where the verdict stays, the number behind it (which may stay, too, where its days are others)."""
    before, after = change["status_before"], change["status_after"]
    where = f"{change['participant_id']} {change['goal_id']} week {change['week']}"
    if before == after:
        values = [number(change[name]) or "nothing" for name in ("value_before", "value_after")]
        what = f"{VERDICTS[after]} as before, {' -> '.join(dict.fromkeys(values))}"
    else:
        what = f"{VERDICTS[before] if before else 'no verdict'} -> {VERDICTS[after]}"
    return f"{where}: {what} ({change['cause']})"
