"""The verdicts as a table: what `goals`, a run and a replay print."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from flows.terminal import number, show

VERDICTS = """
    SELECT participant_id, infusion_id, goal_id, week, week_start, kind, metric, status, reason, value,
           target_effective, percent, basis, valid_days, eligible_days, as_of
    FROM goal_week
    WHERE ($who IS NULL OR participant_id = $who) AND ($infusion IS NULL OR infusion_id = $infusion)
    ORDER BY participant_id, week_start, infusion_id, goal_id, week"""


def print_verdicts(
    warehouse: Path,
    as_json: bool,
    who: str | None = None,
    infusion: str | None = None,
    as_of: date | None = None,
    most: int | None = None,
) -> None:
    """The current verdicts, or those of another date (nothing is kept then). StoreError where none can be read.

    `most`: how many lines; the rest is counted.
    """
    from models.store_read import query_published, verdicts_as_of

    parameters = {"who": who, "infusion": infusion}
    if as_of:
        columns, rows = verdicts_as_of(warehouse, as_of, VERDICTS, parameters)
    else:
        columns, rows = query_published(warehouse, VERDICTS, parameters)
    show_verdicts(columns, rows[:most], as_json)
    if most and len(rows) > most:
        print(f"... and {len(rows) - most} more: `stepwindow goals` shows all")


def show_verdicts(columns: list[str], rows: list[tuple], as_json: bool) -> None:
    """The columns of `VERDICTS`, a line per goal-week."""
    if as_json:
        show(columns, rows, True)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("person", "infusion", "goal", "wk", "from", "verdict", "", "seen", "of", "%", "days"):
        table.add_column(name, justify="right" if name in ("wk", "seen", "of", "%", "days") else "left")
    style = {"met": "green", "partly_met": "yellow", "missed": "red"}
    for row in rows:
        r = dict(zip(columns, row, strict=True))
        basis = "~" if r["basis"] == "estimated" else ""
        days = "" if r["valid_days"] is None else f"{r['valid_days']}/{r['eligible_days']}"
        table.add_row(
            r["participant_id"], r["infusion_id"], r["goal_id"], str(r["week"]), str(r["week_start"]), r["status"],
            r["reason"] or "", basis + number(r["value"]), number(r["target_effective"]), number(r["percent"]), days,
            style=style.get(r["status"]),
        )  # fmt: skip
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    console.print(table)
    if rows:
        console.print("~ estimated: mean of the valid days times the eligible days. days: valid/eligible.", style="dim")
