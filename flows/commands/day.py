"""Where the numbers of a day come from: sources side by side, what was used, what was set aside, why.

stepwindow day P07 2026-03-09
"""

from __future__ import annotations

import argparse

from flows.commands import CLEAN, a_date, with_study
from flows.output import print_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose day."""
    with_study(parser)
    parser.add_argument("participant", metavar="PARTICIPANT")
    parser.add_argument("date", type=a_date, metavar="DATE", help="such as 2026-03-09")


def call(arguments: argparse.Namespace) -> int:
    """One day explained."""
    from flows.answers.day import explain, show
    from models.fault import StudyError
    from models.store.store import StoreError
    from models.study.folder import read_study

    study = read_study(arguments.study)
    if arguments.participant not in study.homes:
        raise StudyError(f"participants.csv has no {arguments.participant}; check the spelling")
    found = explain(study.warehouse, arguments.participant, arguments.date)
    if not found["day"]:
        who = f"{arguments.participant}, {arguments.date}"
        raise StoreError(f"{who}: nothing is known of that day; `stepwindow status` shows what is")
    print_json(found) if arguments.json else show(found)
    return CLEAN
