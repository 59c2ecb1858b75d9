"""A de-identified copy in a new folder: study days, random keys, small cells suppressed.

stepwindow share out
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.commands import CLEAN, with_study
from flows.output import print_json, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, on what terms."""
    with_study(parser)
    parser.add_argument("out", type=Path, metavar="OUT", help="a new folder")
    parser.add_argument(
        "--k", type=int, default=11, metavar="N", help="no number of fewer people is shown (default: %(default)s)"
    )
    parser.add_argument("--tables-only", action="store_true", help="only counts and means, no rows of people")
    parser.add_argument("--same-keys", action="store_true", help="keep the random keys, so that later copies fit")
    parser.add_argument(
        "--unfinished", action="store_true", help="also infusions whose weeks are not over, which date them"
    )


def call(arguments: argparse.Namespace) -> int:
    """Write the copy, and say what is in it."""
    from flows.handover.share_readme import readme
    from flows.version import CODE_VERSION
    from models.fault import StudyError
    from models.store.share import Terms, share
    from models.study.folder import read_study

    if arguments.k < 2:
        raise StudyError(f"--k {arguments.k}: at least 2, or nothing is suppressed")
    said = {"only_tables": arguments.tables_only, "same_keys": arguments.same_keys, "unfinished": arguments.unfinished}
    terms = Terms(arguments.k, **said)
    shared = share(read_study(arguments.study), arguments.out, terms, readme(terms), CODE_VERSION)
    if arguments.json:
        found = {"out": str(arguments.out), "k": terms.k, "people": shared.people, "rows": shared.rows}
        print_json(found | {"cells_suppressed": shared.suppressed})
        return CLEAN
    who = "people with an infusion, finished or not" if terms.unfinished else "people with a finished follow-up"
    say(f"{arguments.out}: {shared.people} {who}, {shared.suppressed} cells suppressed")
    for relation, count in shared.rows.items():
        say(f"  {relation:16} {count} rows")
    if shared.people < terms.k:
        say(f"Fewer than {terms.k} people: the tables tell next to nothing, and that is right. Rows of so few")
        say("people stay within the team, or go under an agreement.")
    say("README.md says what was done and what remains: read it before the folder goes anywhere.")
    return CLEAN
