"""SQL on the published database, read-only; without SQL: what is in it, and how to open it elsewhere.

stepwindow query "SELECT status, count(*) FROM goal_week GROUP BY ALL"
stepwindow query --question adherence_by_week

The SQL, one statement, can read the published relations and nothing else: no other file, no write, no setting. It has
2 GB of memory, and an answer at most 128 MB.
"""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING

from flows.commands import CLEAN, with_study

if TYPE_CHECKING:
    from models.store.analytics import Question


def arguments(parser: argparse.ArgumentParser) -> None:
    """The question, and how its answer is printed."""
    with_study(parser)
    of_question(parser)


def of_question(parser: argparse.ArgumentParser) -> None:
    """SQL or a worked question, and how the answer is printed."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("sql", nargs="?", metavar="SQL")
    what.add_argument("--question", metavar="NAME", help="a worked question instead; without SQL all are named")
    parser.add_argument("--format", choices=("table", "csv", "json"), default="table", help="default: %(default)s")


def call(arguments: argparse.Namespace) -> int:
    """Rows, or what there is to ask and how to open the file."""
    from flows.answers import database
    from flows.output import print_json
    from models.store.analytics import question
    from models.store.ask import ask
    from models.warehouse import warehouse_of

    warehouse, form = warehouse_of(arguments.study), "json" if arguments.json else arguments.format
    asked = question(arguments.question) if arguments.question else None
    if not (asked or arguments.sql):
        print_json(database.as_json(warehouse)) if form == "json" else database.show(warehouse)
        return CLEAN
    print_answer(*ask(warehouse, asked.sql if asked else arguments.sql), form, asked)
    return CLEAN


def print_answer(columns: list[str], rows: list[tuple], form: str, asked: Question | None) -> None:
    """An answer as a table, csv or json; above a table the worked question, and how to read it."""
    from flows.output import print_csv
    from flows.terminal import show

    if asked and form == "table":
        print(asked.words, textwrap.fill(asked.reading, 100), sep="\n")
    print_csv(columns, rows) if form == "csv" else show(columns, rows, form == "json")
