"""What needs a person, most urgent first; then the last run, and the files of each participant.

stepwindow status
stepwindow status --all --json
"""

from __future__ import annotations

import argparse

from flows.commands import CLEAN, with_study
from flows.output import print_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which study."""
    with_study(parser)
    parser.add_argument("--all", action="store_true", help="every line, however many there are")


def call(arguments: argparse.Namespace) -> int:
    """All of it; how much of it is printed is bounded."""
    from flows.answers.status import look, show
    from models.study.folder import read_study

    found = look(read_study(arguments.study))
    print_json(found.as_json()) if arguments.json else show(found, everything=arguments.all)
    return CLEAN
