"""SQL on the published database, read-only; without SQL: what is in it, and how to open it elsewhere.

stepwindow query "SELECT status, count(*) FROM goal_week GROUP BY ALL"
stepwindow query --question adherence_by_week

The SQL, one statement, can read the published relations and nothing else: no other file, no write, no setting. It has
2 GB of memory, and an answer at most 128 MB.
"""

from __future__ import annotations

import argparse
import textwrap

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
    from flows.answers import database
    from flows.output import print_csv, print_json
    from flows.terminal import show
    from models.fault import StoreError
    from models.store.analytics import questions
    from models.store.ask import ask
    from models.warehouse import warehouse_of

    warehouse, name, known = warehouse_of(arguments.study), arguments.question, questions()
    form = "json" if arguments.json else arguments.format
    if not (name or arguments.sql):
        print_json(database.as_json(warehouse)) if form == "json" else database.show(warehouse)
        return CLEAN
    if name and name not in known:
        raise StoreError(f"--question {name}: not a worked question; there are {', '.join(known)}")
    columns, rows = ask(warehouse, known[name].sql if name else arguments.sql)
    if name and form == "table":
        print(known[name].words, textwrap.fill(known[name].reading, 100), sep="\n")
    print_csv(columns, rows) if form == "csv" else show(columns, rows, form == "json")
    return CLEAN
