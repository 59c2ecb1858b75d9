"""What is asked of a programme: how its sites stand, and what is in its database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.output import say, several
from flows.programme import standing
from flows.terminal import show
from models.fault import StoreError
from models.programme import Programme
from models.store import programme_file
from models.store.analytics import questions
from models.store.ask import ask_file
from models.store.programme_file import PROGRAMME
from models.store.read import Answers, Rows


def ask(programme: Programme, sql: str) -> Rows:
    """What SQL answers on programme.duckdb: it can read that and the lake, and do nothing else.

    StoreError where there is none yet, or the query is wrong.
    """
    return ask_file(database(programme), None, sql, f"{programme.lake}/")


def answers(programme: Programme, questions: Mapping[str, str]) -> Answers:
    """The rows of each of our own questions to programme.duckdb. StoreError as above."""
    return programme_file.answers(database(programme), f"{programme.lake}/", questions)


def database(programme: Programme) -> Path:
    """programme.duckdb. StoreError where there is none yet."""
    path = programme.folder / PROGRAMME
    if not path.exists():
        raise StoreError(f"{PROGRAMME}: not there yet; run `stepwindow programme run` first")
    return path


def sites(programme: Programme) -> list[dict[str, Any]]:
    """The sites as the last run left them, and those that no run has seen."""
    columns, rows = ask(programme, "FROM programme_site ORDER BY site")
    seen = {row[0]: dict(zip(columns, row, strict=True)) for row in rows}
    empty = dict.fromkeys(columns)
    return [seen.get(site.id) or {**empty, "site": site.id, "outcome": "skipped"} for site in programme.sites]


def show_sites(found: list[dict[str, Any]]) -> None:
    """A line a site, what needs a person first."""
    now = datetime.now(UTC)
    rows = [
        (row["site"], row["outcome"], row["as_of"], _age(row["contributed_at"], now), row["people"], row["reason"])
        for row in sorted(found, key=standing.pressing)
    ]
    show(["site", "outcome", "as of", "gave", "people", "what needs somebody"], rows, False)
    failed, others = _count(found, failed=True), _count(found, failed=False)
    say(f"{several(len(found), 'site')}: {failed} failed, {others} to look at")


def show_database(programme: Programme) -> None:
    """What there is to ask, and how to open it."""
    path = str(database(programme))
    say(f"The programme's database is {path}\nOpen it anew to see the next run's.\n")
    say(f"# DuckDB CLI\nduckdb -readonly {path}")
    say(f"# Python\nimport duckdb, polars; con = duckdb.connect({path!r}, read_only=True)")
    say("polars.DataFrame(con.sql('FROM goal_week'))")
    say(f"# Polars\nimport polars as pl; pl.scan_delta({json.dumps(programme.lake + '/goal_week')}).collect()\n")
    show(["relation", "holds"], _relations(programme), False, "Relations")
    show(
        ["--question", "asks"], [(q.name, q.words) for q in questions("programme").values()], False, "Worked questions"
    )


def database_as_json(programme: Programme) -> dict[str, Any]:
    """The same, for machines."""
    asked = {q.name: q.words for q in questions("programme").values()}
    return {"path": str(database(programme)), "relations": dict(_relations(programme)), "questions": asked}


def _relations(programme: Programme) -> list[tuple]:
    names = "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND comment IS NOT NULL"
    return ask(programme, f"{names} UNION ALL SELECT table_name, comment FROM duckdb_tables() ORDER BY 1")[1]


def _age(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    days = (now - moment).days
    return f"{several(days, 'day')} ago" if days else "today"


def _count(found: list[dict[str, Any]], failed: bool) -> int:
    return sum((row["outcome"] == "failed") is failed and (failed or bool(row["reason"])) for row in found)
