"""The current verdicts, and what each rests on.

stepwindow goals --participant P07
stepwindow goals --why P07-steps 2 --infusion P07-1
"""

from __future__ import annotations

import argparse

from flows.commands import CLEAN, a_date, with_study
from flows.output import print_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose verdicts, of when."""
    with_study(parser)
    parser.add_argument("--participant", metavar="ID", help="only this person's")
    parser.add_argument("--infusion", metavar="ID", help="only the weeks after this infusion")
    parser.add_argument("--as-of", type=a_date, metavar="DATE", help="judge as of this date instead; nothing is kept")
    parser.add_argument("--all", action="store_true", help="every line; without it at most 200")
    parser.add_argument("--why", nargs=2, metavar=("GOAL", "WEEK"), help="what one verdict rests on")


def call(arguments: argparse.Namespace) -> int:
    """The table, or one verdict explained."""
    if arguments.why:
        return _why(arguments)
    from flows.answers.verdicts import print_verdicts
    from models.warehouse import warehouse_of

    if arguments.participant or arguments.infusion:
        _check(arguments)
    most, warehouse = None if arguments.all else 200, warehouse_of(arguments.study)
    print_verdicts(warehouse, arguments.json, arguments.participant, arguments.infusion, arguments.as_of, most)
    return CLEAN


def _check(arguments: argparse.Namespace) -> None:
    """An id that the control files do not have is a slip of the hand, not a person without goals."""
    from models.fault import StudyError
    from models.store.read import query_published
    from models.study.folder import read_study

    study = read_study(arguments.study)
    if arguments.participant and arguments.participant not in study.homes:
        raise StudyError(f"--participant: participants.csv has no {arguments.participant}; check the spelling")
    if not arguments.infusion:
        return
    sql = "SELECT participant_id FROM infusion WHERE infusion_id = ?"
    if study.is_recorded and any(
        who in study.homes for (who,) in query_published(study.warehouse, sql, [arguments.infusion])[1]
    ):
        return  # and no row is read for it
    if arguments.infusion not in {i.infusion_id for i in study.rows.infusions}:
        raise StudyError(f"--infusion: infusions.csv has no {arguments.infusion}; check the spelling")


def _why(arguments: argparse.Namespace) -> int:
    from flows.answers.why import explain, show
    from models.fault import StudyError
    from models.warehouse import warehouse_of

    goal, week = arguments.why
    if not (week.isascii() and week.isdigit()):
        raise StudyError(f"--why {goal} {week}: the week is a number, such as --why {goal} 1")
    found = explain(warehouse_of(arguments.study), goal, int(week), arguments.infusion, arguments.as_of)
    print_json(found) if arguments.json else show(found)
    return CLEAN
