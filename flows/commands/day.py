"""Where the numbers of a day come from: sources side by side, what was used, what was set aside, why."""

from __future__ import annotations

import argparse
import json

from flows.commands import CLEAN, a_date, with_study


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose day."""
    with_study(parser)
    parser.add_argument("participant")
    parser.add_argument("date", type=a_date)


def call(arguments: argparse.Namespace) -> int:
    """One day explained."""
    from flows.day import explain, show
    from models.store import StoreError
    from models.study import read_study

    found = explain(read_study(arguments.study).warehouse, arguments.participant, arguments.date)
    if not found["day"]:
        who = f"{arguments.participant}, {arguments.date}"
        raise StoreError(f"{who}: nothing is known of that day; `stepwindow status` shows what is")
    if arguments.json:
        print(json.dumps(found, default=str, indent=2))
    else:
        show(found)
    return CLEAN
