"""Which verdicts changed: since when, from what, to what, why, and the files or rows behind it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from flows.answers.behind import with_behind
from flows.output import number, say
from flows.report.words import VERDICTS, some
from models.fault import StoreError
from models.store.changes import COLUMNS, changed_since, counted, last_run, most_telling
from models.store.read import query_published

Line = dict[str, Any]
NONE_CHANGED = "no verdict changed"


def changes(folder: Path, warehouse: Path, since: str | None) -> list[Line]:
    """The lines of models/sql/ask/changes.sql, the oldest run first, each with what is `behind` it.

    `since`: a date (of the runs that began on it or later, in UTC), or the run_id of the first run; None: the last run.
    StoreError where nothing was published yet, and where no run has that run_id.
    """
    return with_behind(folder, warehouse, changed_since(warehouse, _first_run(warehouse, since)))


def _first_run(warehouse: Path, since: str | None) -> int:
    """The number of the first run that is asked about; one that never was, where there is none."""
    if since is None:
        return last_run(warehouse)
    if _is_date(since):
        sql = "SELECT min(run_number) FROM run WHERE started_at >= ?::TIMESTAMP AT TIME ZONE 'UTC'"
    else:
        sql = "SELECT run_number FROM run WHERE run_id = ? AND outcome IS DISTINCT FROM 'killed'"
    rows = query_published(warehouse, sql, [since])[1]
    if not rows:
        raise StoreError(f"--since {since}: no such run; give a date such as 2026-03-09, or a run_id of relation run")
    return rows[0][0] or 2**31 - 1


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def show(lines: Sequence[Line]) -> None:
    """A line a change: `P05 P05-steps week 2: cannot be said -> missed (late_data): P05/garmin/2026-03-05.fit`."""
    say(*(in_words(lines) or [NONE_CHANGED]))


def show_last_run(folder: Path, warehouse: Path, most: int) -> None:
    """What the last run changed: the lines that tell most on a terminal. What cron reads, it sends by mail: counts."""
    if not sys.stdout.isatty():
        say(*(f"    {_turned(before, after, ended)}: {n:,}" for before, after, ended, n in counted(warehouse)))
        return
    lines, n = of_last_run(folder, warehouse, most)
    say(*(f"    {line}" for line in in_words(lines)))
    if n > len(lines):
        say(f"    ... and {n - len(lines):,} more: `stepwindow changes`")


def of_last_run(folder: Path, warehouse: Path, most: int | None = None) -> tuple[list[Line], int]:
    """What the last run changed, those lines first that tell most, at most so many; and how many there are."""
    lines, n = most_telling(warehouse, most)
    return with_behind(folder, warehouse, lines), n


def as_json(line: Line) -> Line:
    """One change for machines."""
    return {name: line[name] for name in (*COLUMNS, "behind")}


def in_words(lines: Sequence[Line]) -> list[str]:
    """Each change. Of a goal with weeks after several infusions in these lines it says after which."""
    infusions = Counter(goal for goal, _ in {(line["goal_id"], line["infusion_id"]) for line in lines})
    return [_in_words(line, infusions[line["goal_id"]] > 1) for line in lines]


def _in_words(change: Line, is_of_several: bool) -> str:
    """Where the verdict stays, the number behind it (which may stay, too, where its days are others)."""
    before, after = change["status_before"], change["status_after"]
    where = f"{change['participant_id']} {change['goal_id']} week {change['week']}"
    where += f" after {change['infusion_id']}" if is_of_several else ""
    what = _turned(before, after, change["has_ended"])
    if before == after:
        values = dict.fromkeys(change[name] for name in ("value_before", "value_after"))
        figures = " -> ".join(number(value) or "nothing" for value in values)
        what += f", {figures}" if figures != "nothing" else ""
    behind = f": {some(change['behind'])}" if change["behind"] else ""
    return f"{where}: {what} ({change['cause']}){behind}"


def _turned(before: str | None, after: str, has_ended: bool) -> str:
    if before == after:
        return f"{VERDICTS[after]} as before"  # on other figures, or other days
    now = "no longer judged" if has_ended else VERDICTS[after]
    return f"{VERDICTS[before] if before else 'no verdict'} -> {now}"
