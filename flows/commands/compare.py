"""Days of an export beside the vendor's own daily totals, FIT files beside fitparse; needs no study.

stepwindow compare --timezone Europe/Berlin 2026-03.zip steps_by_day.csv
stepwindow compare --timezone Europe/Berlin 2026-03.zip --totals typed.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.commands import CLEAN, REJECTED, with_json, with_timezone
from flows.output import print_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which files, and what they are held against."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="exports of one person: detail, and totals")
    parser.add_argument(
        "--totals", action="append", default=[], type=Path, metavar="TABLE",
        help="a table of daily totals of one's own: date, and any of steps, moderate_minutes, vigorous_minutes, "
        "mvpa_minutes",
    )  # fmt: skip
    with_timezone(parser)
    with_json(parser)


def call(arguments: argparse.Namespace) -> int:
    """Every day that both tell, and every value of every FIT file."""
    from flows.answers.compare import compare, show

    found = compare(arguments.files, arguments.totals, arguments.timezone)
    print_json(found.as_json()) if arguments.json else show(found)
    return REJECTED if found.refused or found.fit_differences else CLEAN
