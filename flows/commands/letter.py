"""Letters: a page for the patient in plain words and their language, as HTML and PDF.

stepwindow letter P07
stepwindow letter --all --out ../to-print
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from flows.commands import CLEAN, REJECTED, with_study
from flows.output import print_json, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """To whom, and where to."""
    with_study(parser)
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("participant", nargs="?", help="whose")
    whom.add_argument("--all", action="store_true", help="of everybody of whom a week ended in the last seven days")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to (default: letters in the warehouse)")


def call(arguments: argparse.Namespace) -> int:
    """As of the last run. A letter on which nothing changed is left alone."""
    from flows.extras import of_extra

    with of_extra("letter", "letter"):
        from flows.letter.write import write_letters
    from models.fault import StudyError
    from models.hand_over import place_for
    from models.store.letters import FOLDER
    from models.store.lock import held
    from models.store.read import published_file
    from models.study.folder import read_study

    study, who = read_study(arguments.study), arguments.participant
    published_file(study.warehouse)
    if who and who not in study.homes:
        raise StudyError(f"{who}: no usable row in participants.csv; check the spelling")
    place = study.warehouse / FOLDER
    out = place_for(arguments.out, study.folder, study.own_folders) if arguments.out else place
    with held(study.warehouse, "letter"):  # nobody is forgotten while their letter is written
        done = write_letters(study.warehouse, study.name, out, who)
    if arguments.json:
        print_json({"out": str(out), "written": done.written, "unchanged": done.unchanged, "without": done.without})
    else:
        say(f"{os.path.relpath(out)}: {len(done.written)} written, {len(done.unchanged)} unchanged")
        for one, why in done.without.items():
            say(f"{one}: no letter: {why}", to=sys.stderr)
    return REJECTED if done.without else CLEAN
