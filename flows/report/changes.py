"""What the last run changed, for the top of the page over everybody. A person's last thirty days are one of their
sections (models/sql/report)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows.answers.behind import with_published
from models.store.changes import MOST_TELLING
from models.store.sql import queries

Row = dict[str, Any]
SHOWN = 40  # lines; how many more there are is said
RUNS = queries("report/cohort")["runs"]


def of_last_run(ask: Callable[..., list[Row]]) -> Row:
    """What the macro `last_run` of changes.html shows: the lines that tell most, how many there are, for which date the
    run and the one before it were (None: there was none)."""
    runs = ask(RUNS)
    lines = ask(MOST_TELLING, first=runs[0]["run_number"], most=SHOWN) if runs else []
    dates = [run["as_of"] for run in runs] + [None, None]
    lines = with_published(ask, lines)
    return {"lines": lines, "n": lines[0]["n"] if lines else 0, "as_of": dates[0], "since": dates[1]}
