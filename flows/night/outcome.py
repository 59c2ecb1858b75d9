"""What a run did, in counts: for logs, artifacts and mail, which hold no participant, file name or value."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flows.night import log
from flows.night.run import Run
from flows.output import several
from models.fault import CONTROL_FILE, PLUG_IN, Fault
from models.store.changes import counted
from models.store.held import in_counts
from models.store.read import query_published
from models.store.store import StoreError

Table = list[dict[str, str | int]]


@contextmanager
def logged(run: Run) -> Iterator[None]:
    """Log that a run began, and how it ended."""
    before = time.monotonic()
    log.logger.info("%s begins, as of %s", run.scope.command, run.as_of)
    if run.killed_before:
        log.logger.warning("killed since one published: %s, see relation run", several(run.killed_before, "run"))
    with log.stopped(run.scope.command):
        yield
    for row in not_used(run.new_faults):
        log.logger.warning("not used: %s", in_words(row))
    for file, columns in run.study.unpublished.items():  # what such a column is called may be a name
        log.logger.warning("%s: columns of the clinic's own that are not published: %s", file, columns)
    if run.held:
        log.logger.warning("%s", in_counts(run.held))
    if run.held_goals:
        log.logger.warning("%s goals held: a row of goals.csv cannot be used", len(run.held_goals))
    ended = "clean" if run.is_clean else f"{run.problems}: `stepwindow status` names each"
    log.logger.info("%s ends after %.1f s: %s", run.scope.command, time.monotonic() - before, ended)


def loaded(run: Run) -> Table:
    """How many files each reader decoded."""
    return [{"reader": kind, "files": files} for kind, files in sorted(run.kinds.items())]


def not_used(faults: list[Fault]) -> Table:
    """Faults without names: where, what was expected, what to do, how often.

    A row of a control file keeps its line. What was found stays out: it is the value, or part of it.
    """
    counted = sorted(Counter(map(_without_names, faults)).items())
    rows: Table = [
        {"where": where, "expected": expected, "what to do": remedy, "how many": n}
        for (where, expected, remedy), n in counted[:100]
    ]
    if rest := sum(n for _, n in counted[100:]):
        rows.append({"where": "elsewhere", "expected": "...", "what to do": "repair these first", "how many": rest})
    return rows


def in_words(row: dict[str, str | int]) -> str:
    """A row of `not_used`."""
    return f"{row['how many']} x {row['where']}: expected {row['expected']}; {row['what to do']}"


def _without_names(fault: Fault) -> tuple[str, str, str]:
    expected = fault.expected or "something else"
    if fault.kind == CONTROL_FILE:
        return f"{fault.file} {fault.place}", expected, fault.remedy
    if fault.kind == PLUG_IN:
        return fault.place, "a reader as docs/plugins.md says", fault.remedy
    anywhere = re.sub(r"\s*\b\d+\b", "", fault.place)
    return f"an export: {anywhere}", re.sub(r"(?<![\w-])\d+", "...", expected), fault.remedy


def verdict_changes(warehouse: Path) -> Table:
    """What the last run changed: from which verdict, to which, how many weeks.

    A verdict that stays `met` while its figures move is a change, too.
    """
    weeks: Counter[tuple[str, str]] = Counter()
    for was, now, _, n in counted(warehouse):
        weeks[was or "none yet", now] += n
    return [{"from": was, "to": now, "goal-weeks": n} for (was, now), n in weeks.items()]


def verdict_counts(warehouse: Path) -> dict[str, int]:
    """How many goal-weeks stand at each verdict."""
    return dict(query_published(warehouse, "SELECT status, count(*) FROM goal_week GROUP BY ALL ORDER BY ALL")[1])


def last_night(warehouse: Path) -> datetime | None:
    """When the last night that reached its end began (UTC, naive); None where there was none.

    The last by its number: a night by a clock that was ahead is forgotten with the next one.
    """
    try:
        sql = "SELECT arg_max(started_at, run_number) FROM run WHERE command = 'nightly'"
        return query_published(warehouse, sql)[1][0][0]
    except StoreError:
        return None
