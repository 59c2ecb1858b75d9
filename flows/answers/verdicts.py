"""The verdicts as a table: what `goals`, a run and a replay print."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from flows.output import number, say, several
from flows.terminal import cell, console, show
from models.store.read import query_published, verdicts_as_of
from models.store.sql import statement
from models.study.study import Study

if TYPE_CHECKING:
    from flows.night.run import BeforePublished

VERDICTS = statement("ask/verdicts")


def print_verdicts(
    warehouse: Path, as_json: bool, who: str | None = None, infusion: str | None = None, as_of: date | None = None,
    most: int | None = None,
) -> None:  # fmt: skip
    """The current verdicts, or those of another date (nothing is kept then). StoreError where none can be read.

    `most`: how many lines; the rest is counted.
    """
    parameters = {"who": who, "infusion": infusion}
    if as_of:
        columns, rows = verdicts_as_of(warehouse, as_of, VERDICTS, parameters)
    else:
        columns, rows = query_published(warehouse, VERDICTS, parameters)
    show_verdicts(columns, rows, as_json, most)


def show_verdicts(columns: list[str], rows: list[tuple], as_json: bool, most: int | None = None) -> None:
    """The columns of `VERDICTS`, a line per goal-week, at most `most` lines; how many there are of each verdict."""
    if as_json:
        show(columns, rows, True)
        return
    out = console()
    if not rows:
        out.print("no goal-week to show: no week is judged without a goal and an infusion")
        return
    verdicts = [dict(zip(columns, row, strict=True)) for row in rows]
    out.print(_table(verdicts[:most]))
    if most is not None and len(verdicts) > most:
        out.print(f"... and {len(verdicts) - most:,} more: `stepwindow goals --all`, or one person with --participant")
    sums = ", ".join(f"{n:,} {status}" for status, n in Counter(row["status"] for row in verdicts).most_common())
    out.print(f"{len(verdicts):,} goal-weeks: {sums}", style="dim")
    out.print("~ estimated: mean of the valid days times the eligible days. days: valid/eligible.", style="dim")


def _table(verdicts: list[dict]) -> Table:
    """Ids and reasons are folded where they are long, so that the rest stays on its line."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    numbers = ("wk", "seen", "of", "%", "days")
    for name in ("person", "infusion", "goal", "wk", "from", "verdict", "reason", "seen", "of", "%", "days"):
        folds = name in ("person", "infusion", "goal", "reason")
        table.add_column(name, justify="right" if name in numbers else "left", no_wrap=not folds, overflow="fold")
    style = {"met": "green", "partly_met": "yellow", "missed": "red"}
    for r in verdicts:
        basis = "~" if r["basis"] == "estimated" else ""
        days = "" if r["valid_days"] is None else f"{r['valid_days']}/{r['eligible_days']}"
        table.add_row(
            cell(r["participant_id"]), cell(r["infusion_id"]), cell(r["goal_id"]), str(r["week"]),
            str(r["week_start"]), r["status"], (r["reason"] or "").replace("_", " "), basis + number(r["value"]),
            number(r["target_effective"]), number(r["percent"]), days, style=style.get(r["status"]),
        )  # fmt: skip
    return table


def show_before_published(asked: BeforePublished, who: str | None, as_json: bool) -> None:
    """The verdicts as of an earlier date than what is published."""
    _show_replayed(asked.study, asked.as_of, None, who, as_json)
    if not as_json:
        say(f"As of {asked.as_of}, before what is published ({asked.published}): nothing was read, kept or published.")


def show_known_by(study: Study, as_of: date, known_by: datetime, who: str | None, as_json: bool) -> None:
    """The verdicts from what was known then."""
    if lost := _show_replayed(study, as_of, known_by, who, as_json):
        gone = "that counted then were written over, moved or unloaded since: what is shown is without them"
        say(f"{several(lost, 'file')} {gone}", to=sys.stderr)


def _show_replayed(study: Study, as_of: date, known_by: datetime | None, who: str | None, as_json: bool) -> int:
    """Judge on a copy, nothing is kept. Returns how many files are lost that counted then."""
    from models.store.replay import replay  # which takes Polars: `goals` starts without it

    then = replay(study, as_of, known_by, VERDICTS, {"who": who, "infusion": None})
    show_verdicts(then.columns, then.rows, as_json)
    return then.lost
