"""The current verdicts, and what each rests on."""

from __future__ import annotations

import argparse
import json

from flows.commands import CLEAN, a_date, with_study


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose verdicts, of when."""
    with_study(parser)
    parser.add_argument("--participant")
    parser.add_argument("--infusion")
    parser.add_argument("--as-of", type=a_date, metavar="DATE", help="judge as of this date instead; nothing is kept")
    parser.add_argument("--why", nargs=2, metavar=("GOAL", "WEEK"), help="what one verdict rests on")


def call(arguments: argparse.Namespace) -> int:
    """The table, or one verdict explained."""
    if arguments.why:
        return _why(arguments)
    from flows.verdicts import print_verdicts
    from models.study import read_study

    warehouse = read_study(arguments.study).warehouse
    print_verdicts(warehouse, arguments.json, arguments.participant, arguments.infusion, arguments.as_of)
    return CLEAN


def _why(arguments: argparse.Namespace) -> int:
    from flows.why import explain, show
    from models.control_files import StudyError
    from models.study import read_study

    goal, week = arguments.why
    if not week.isdigit():
        raise StudyError(f"--why {goal} {week}: the week is a number, such as --why {goal} 1")
    told = explain(read_study(arguments.study).warehouse, goal, int(week), arguments.infusion, arguments.as_of)
    if arguments.json:
        print(json.dumps(told, default=str, indent=2))
    else:
        show(told)
    return CLEAN
