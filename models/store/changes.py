"""What runs changed (R12.8): asked of what is published, and left beside it for a machine as `changes.csv`.

The file is written before the store knows that the run came to its end. A run that dies in between leaves verdicts that
the next one takes for its own: whoever reads the file after each run misses none.
"""

from __future__ import annotations

import csv
from operator import itemgetter
from pathlib import Path
from typing import Any

from models.shown import in_a_spreadsheet
from models.store.file import draft, put_in_place
from models.store.read import published, query_published
from models.store.sql import statement
from models.store.store import Store
from models.system.files import private

Row = dict[str, Any]
CHANGES = "changes.csv"
COLUMNS = [
    "run_id", "participant_id", "goal_id", "infusion_id", "week", "status_before", "status_after", "value_before",
    "value_after", "cause",
]  # fmt: skip
_AT_A_TIME = 10_000  # lines held in memory
# The last run, by its number. Who only forgets somebody judges nothing.
LAST_RUN = "SELECT coalesce(max(run_number), 0) AS run_number FROM run WHERE command <> 'forget'"
_ALL = statement("ask/changes")
# A verdict that was given, or was, tells more than a week that begins or goes on, and those more than first ones.
# Parameters: first, most. `n`: how many there are.
MOST_TELLING = f"""
    SELECT *, count(*) OVER () AS n FROM ({_ALL})
    ORDER BY cause = 'first_verdict', status_after IN ('upcoming', 'in_progress', 'superseded'),
             status_before IS NOT DISTINCT FROM status_after, participant_id, goal_id, infusion_id, week
    LIMIT $most"""
COUNTED = f"SELECT status_before, status_after, has_ended, count(*) AS n FROM ({_ALL}) GROUP BY ALL ORDER BY ALL"


def changed_since(warehouse: Path, first: int) -> list[Row]:
    """What the runs from number `first` on changed, the oldest run first."""
    return _rows(warehouse, _ALL, {"first": first})


def most_telling(warehouse: Path, most: int | None) -> tuple[list[Row], int]:
    """What the last run changed: the lines that tell most (None: all), and how many there are."""
    rows = _rows(warehouse, MOST_TELLING, {"first": last_run(warehouse), "most": most})
    return rows, rows[0]["n"] if rows else 0


def counted(warehouse: Path) -> list[tuple[str | None, str, bool, int]]:
    """What the last run changed: from which verdict, to which, whether the week is no longer judged, how many."""
    return query_published(warehouse, COUNTED, {"first": last_run(warehouse)})[1]


def last_run(warehouse: Path) -> int:
    """The number of the last run; 0 where there was none."""
    return query_published(warehouse, LAST_RUN)[1][0][0]


def _rows(warehouse: Path, sql: str, given: Row) -> list[Row]:
    names, rows = query_published(warehouse, sql, given)
    return [dict(zip(names, row, strict=True)) for row in rows]


def take_over(store: Store, run_id: str) -> int:
    """The verdicts of runs that died before they published are this run's; returns how many there were."""
    unpublished = """run_id <> $run AND run_id NOT IN (SELECT run_id FROM run)
        AND evaluated_at > (SELECT coalesce(max_by(ended_at, run_number), TIMESTAMP '-infinity')
                            FROM run WHERE command <> 'forget')"""
    count = store.rows(f"SELECT count(*) FROM verdict WHERE {unpublished}", {"run": run_id})[0][0]
    if count:
        store.con.execute(f"UPDATE verdict SET run_id = $run WHERE {unpublished}", {"run": run_id})
    return count


def write_changes(warehouse: Path) -> None:
    """Write `changes.csv` of the last run that is published, in one step; only its owner may read it."""
    made = draft(warehouse, CHANGES)
    with open(made, "w", encoding="utf-8", newline="", opener=private) as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(COLUMNS)
        with published(warehouse) as ask:
            first = ask(LAST_RUN)[1][0][0]
            answer = ask.con.execute(_ALL, {"first": first})
            names = [column for column, *_ in answer.description]
            told = itemgetter(*map(names.index, COLUMNS))
            while rows := answer.fetchmany(_AT_A_TIME):  # after a first night they are all the verdicts there are
                out.writerows([_cell(value) for value in told(row)] for row in rows)
    put_in_place(made, warehouse / CHANGES)


def _cell(value: Any) -> Any:
    return in_a_spreadsheet(value) if isinstance(value, str) else value
