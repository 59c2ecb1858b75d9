"""SQL on the published database, read-only; without SQL: what is in it, and how to open it elsewhere.

stepwindow query "SELECT status, count(*) FROM goal_week GROUP BY ALL"
stepwindow query --question adherence_by_week

The SQL, one statement, can read the published relations and nothing else: no other file, no write, no setting. It has
2 GB of memory, and an answer at most 128 MB.
"""

from __future__ import annotations

import argparse
import json
import shlex
import textwrap
from pathlib import Path

from flows.commands import CLEAN, with_study


def arguments(parser: argparse.ArgumentParser) -> None:
    """The question, and how its answer is printed."""
    with_study(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("sql", nargs="?", metavar="SQL")
    what.add_argument("--question", metavar="NAME", help="a worked question instead; without SQL all are named")
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: %(default)s")


def call(arguments: argparse.Namespace) -> int:
    """Rows, or what there is to ask and how to open the file."""
    from models.fault import StoreError
    from models.store.analytics import questions
    from models.store.ask import ask
    from models.warehouse import warehouse_of

    warehouse = warehouse_of(arguments.study)
    form = "json" if arguments.json else arguments.format
    known = questions()
    if arguments.question is None:
        if not arguments.sql:
            _tell(warehouse, form)
            return CLEAN
        columns, rows = ask(warehouse, arguments.sql)
    elif arguments.question in known:
        columns, rows = ask(warehouse, known[arguments.question].sql)
        if form == "table":
            print(known[arguments.question].words, textwrap.fill(known[arguments.question].reading, 100), sep="\n")
    else:
        raise StoreError(f"--question {arguments.question}: not a worked question; there are {', '.join(known)}")
    _print(columns, rows, form)
    return CLEAN


def _print(columns: list[str], rows: list[tuple], form: str) -> None:
    from flows.terminal import show, show_csv

    if form == "csv":
        show_csv(columns, rows)
    else:
        show(columns, rows, form == "json")


def ways_in(path: Path, is_encrypted: bool = False) -> dict[str, str]:
    """A line per client that opens the published database, read-only, ready to be pasted."""
    where = str(path)
    if is_encrypted:
        quoted = where.replace("'", "''")
        return {"DuckDB": f"ATTACH '{quoted}' AS analytics (ENCRYPTION_KEY '...', READ_ONLY); USE analytics;"}
    return {
        "DuckDB CLI": f"duckdb -readonly {shlex.quote(where)}",
        "Python": f"import duckdb; con = duckdb.connect({where!r}, read_only=True); con.sql('FROM goal_week').pl()",
        "R": f"con <- DBI::dbConnect(duckdb::duckdb({json.dumps(where, ensure_ascii=False)}, read_only = TRUE))",
        "DBeaver": f"New connection, DuckDB, path {where}; driver property duckdb.read_only = true",
        "marimo": f"STEPWINDOW_DATABASE={shlex.quote(where)} marimo edit docs/start.py",
    }


def _tell(warehouse: Path, form: str) -> None:
    from flows.terminal import show
    from models.store.analytics import questions, relations
    from models.store.key import key_of
    from models.store.publish import NAME

    found = relations(warehouse)
    path = (warehouse / NAME).absolute()
    if form == "json":
        told = {
            "path": str(path),
            "open": ways_in(path, key_of(warehouse) is not None),
            "relations": {r.name: {"meaning": r.meaning, "columns": [c.name for c in r.columns]} for r in found},
            "questions": {q.name: q.words for q in questions().values()},
        }
        print(json.dumps(told, indent=2))
        return
    print(f"The published database is {path}\nIt is never locked by a run; open it anew to see the next night's.\n")
    for client, line in ways_in(path, key_of(warehouse) is not None).items():
        print(f"# {client}\n{line}")
    print()
    show(["relation", "holds"], [(r.name, r.meaning) for r in found], False, "Relations")
    print()
    show(["--question", "asks"], [(q.name, q.words) for q in questions().values()], False, "Worked questions")
