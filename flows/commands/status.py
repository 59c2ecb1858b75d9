"""The worklist: whom to ask, for what, in which words, what is to be mended; then each one's files.

stepwindow status
stepwindow status --csv > worklist.csv
"""

from __future__ import annotations

import argparse

from flows.commands import CLEAN, with_study
from flows.output import print_csv, print_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which study."""
    with_study(parser)
    parser.add_argument("--all", action="store_true", help="every line, and every file of the inbox, however many")
    parser.add_argument("--csv", action="store_true", help="the worklist alone, for a spreadsheet")


def call(arguments: argparse.Namespace) -> int:
    """All of it; how much of it is printed is bounded."""
    from flows.answers.status import look, show
    from flows.answers.worklist_item import COLUMNS
    from models.study.folder import read_study

    found = look(read_study(arguments.study), everything=arguments.all)
    if arguments.json:
        print_json(found.as_json())
    elif arguments.csv:
        print_csv(COLUMNS, [tuple(getattr(item, name) for name in COLUMNS) for item in found.worklist])
    else:
        show(found, everything=arguments.all)
    return CLEAN
