"""The verdicts that changed in the last run, or since then, and why.

stepwindow changes
stepwindow changes --since 2026-03-09 --csv
"""

from __future__ import annotations

import argparse

from flows.commands import CLEAN, with_study
from flows.output import print_csv, print_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Since when, and in which form."""
    with_study(parser)
    parser.add_argument("--since", metavar="DATE|RUN", help="of all runs since a date, or since a run_id")
    parser.add_argument("--csv", action="store_true", help="for a spreadsheet or a program")


def call(arguments: argparse.Namespace) -> int:
    """A line a change."""
    from flows.answers.changes import as_json, changes, show
    from models.store.changes import COLUMNS
    from models.warehouse import warehouse_of

    lines = changes(arguments.study, warehouse_of(arguments.study), arguments.since)
    if arguments.json:
        print_json([as_json(line) for line in lines])
    elif arguments.csv:
        print_csv(COLUMNS, [tuple(line[name] for name in COLUMNS) for line in lines])
    else:
        show(lines)
    return CLEAN
