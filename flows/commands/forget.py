"""Withdrawal: remove a person everywhere, and leave a tombstone so that no later run brings them back.

stepwindow forget P07
stepwindow forget P07 --confirm
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from flows.commands import CANNOT, CLEAN, with_study
from flows.output import print_json, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Who."""
    with_study(parser)
    parser.add_argument("participant")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--confirm", action="store_true", help="of somebody forgotten: what is the clinic's own is deleted, too"
    )


def call(arguments: argparse.Namespace) -> int:
    """Remove, then search: 2 where anything was found left in the warehouse."""
    who = arguments.participant
    if not arguments.confirm:
        return remove(arguments.study, who, is_agreed=arguments.yes, as_json=arguments.json)
    from flows.removal import confirm
    from models.store.lock import held
    from models.study.folder import read_study

    with held(read_study(arguments.study).warehouse, "forget"):
        confirm(read_study(arguments.study), who)
    print_json({"participant": who, "confirmed": True}) if arguments.json else say(f"{who}: confirmed")
    return CLEAN


def remove(folder: Path, who: str, *, is_agreed: bool, as_json: bool) -> int:
    """Remove somebody from a study, if that is agreed, and print what was done."""
    from flows.removal import check, forget
    from models.fault import StudyError
    from models.store.lock import held
    from models.study.folder import read_study

    study = read_study(folder)
    if not study.warehouse.exists():
        check(study, who)  # before it is made
    if not is_agreed and not _agreed(who):
        raise StudyError(f"{who}: nothing was removed")
    study.warehouse.mkdir(parents=True, exist_ok=True, mode=0o700)
    with held(study.warehouse, "forget"):  # from the check to the search: no other run has a moment in between
        done = forget(read_study(folder), who)
    print_json(done) if as_json else _show(done)
    return CANNOT if done["left"] else CLEAN


def _agreed(who: str) -> bool:
    from models.fault import StudyError

    if not sys.stdin.isatty():
        raise StudyError(f"{who}: this cannot be undone, so it asks on a terminal; elsewhere say --yes")
    return input(f"Remove {who} from everything in the warehouse? This cannot be undone. Type the id: ").strip() == who


def _show(done: dict[str, Any]) -> None:
    who, columns = done["participant"], sum(place["text_columns"] for place in done["searched"])
    say(f"{who} was removed: {sum(done['rows_removed'].values())} rows of {len(done['rows_removed'])} tables")
    if done["files_removed"]:
        say(f"  removed    {', '.join(done['files_removed'])}")
    say(f"  searched   {len(done['searched'])} files of the warehouse, {columns} text columns, for")
    for needle in done["searched_for"]:
        say(f"             {needle}")
    for name, found in done["left"].items():
        say(f"  LEFT       {name}: {'; '.join(found)}", to=sys.stderr)
    if done["left"]:
        say(
            "  Run this again. Delete what is named then, but never store.duckdb, which has the history.", to=sys.stderr
        )
    else:
        say("  found      nothing")
    say("Yours to delete (stepwindow only reads it, and no later run will):")
    for own in done["for_the_clinic_to_delete"]:
        say(f"  {own}")
    say(f"Once it is deleted: stepwindow forget {who} --confirm (`status` names it until then)")
    say(f"The id {who} stays closed: somebody else needs another participant_id.")
