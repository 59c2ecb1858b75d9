"""Check the installation and the study, and say what to do about each finding.

stepwindow doctor
stepwindow doctor --study riverside --json
"""

from __future__ import annotations

import argparse
import sys

from flows.commands import CANNOT, CLEAN, REJECTED, with_study
from flows.output import print_json, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which study; how much is printed."""
    with_study(parser)
    parser.add_argument("--all", action="store_true", help="every finding, however many there are")


def call(arguments: argparse.Namespace) -> int:
    """0: all well; 1: there are findings; 2: there is no study that can be read."""
    from flows.answers.doctor import examine, show

    found = examine(arguments.study)
    print_json(found.as_json()) if arguments.json else show(found, everything=arguments.all)
    if found.no_study:
        say(f"stepwindow: {found.no_study}", to=sys.stderr)
        return CANNOT
    return REJECTED if found.findings else CLEAN
