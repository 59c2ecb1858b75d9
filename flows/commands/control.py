"""The control files beside those that the last run used, and what is held because a row cannot be used.

stepwindow control --diff
stepwindow control --diff --json
stepwindow control
"""

from __future__ import annotations

import argparse

from flows.commands import CLEAN, REJECTED, with_study
from flows.output import print_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which study; the differences, or the copies."""
    with_study(parser)
    parser.add_argument(
        "--diff", action="store_true",
        help="rows added, removed, changed, and what is held; exit code 1 where there is any (without --diff: which "
        "copies are kept, and since when each was in use)",
    )  # fmt: skip


def call(arguments: argparse.Namespace) -> int:
    """What differs, or the list of copies. Nothing is written."""
    from flows.answers.control_diff import compare, show, show_copies
    from models.study import versions
    from models.study.folder import read_study

    study = read_study(arguments.study)
    if not arguments.diff:
        copies = versions.copies(study.warehouse)
        print_json(copies) if arguments.json else show_copies(copies)
        return CLEAN
    found = compare(study)
    print_json(found.as_json()) if arguments.json else show(found)
    return CLEAN if found.is_none else REJECTED
