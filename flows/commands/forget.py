"""Withdrawal: remove a person everywhere, and leave a tombstone so that no later run brings them back.

stepwindow forget P07
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from flows.commands import CANNOT, CLEAN, with_study
from flows.say import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Who."""
    with_study(parser)
    parser.add_argument("participant")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def call(arguments: argparse.Namespace) -> int:
    """Remove, then search: 2 where anything was found left in the warehouse."""
    from models.fault import StudyError
    from models.store.lock import held
    from models.study.folder import read_study

    study, who = read_study(arguments.study), arguments.participant
    if not study.warehouse.exists():
        _check(study, who)  # before it is made
    if not arguments.yes and not _agreed(who):
        raise StudyError(f"{who}: nothing was removed")
    study.warehouse.mkdir(parents=True, exist_ok=True, mode=0o700)
    with held(study.warehouse, "forget"):  # from the check to the search: no other run has a moment in between
        told = _remove(read_study(arguments.study), who)
    if arguments.json:
        print(json.dumps(told, indent=2))
    else:
        _show(told)
    return CANNOT if told["left"] else CLEAN


def _remove(study: Any, who: str) -> dict[str, Any]:
    """Check, remove, make the report anew, search; what came of it."""
    from flows.night.steps import CODE_VERSION
    from flows.report.site import remove
    from flows.report.write import write_report
    from models.store.search import search
    from models.store.withdraw import forget

    _check(study, who)
    traces, removed = forget(study.warehouse, who, CODE_VERSION, study.config_hash)
    if remove(study.warehouse / "report"):  # made anew from what is published now, and searched like the rest
        write_report(study.warehouse, study.name)
        removed = sorted([*removed, "report"])
    places = list(search(study.warehouse, traces))
    left = {place.name: place.found for place in places if place.found}
    return {
        "participant": who, "rows_removed": traces.rows, "files_removed": removed,
        "searched": [{"file": p.name, "text_columns": p.columns, "bytes": p.size} for p in places],
        "searched_for": _needles(traces), "left": left, "for_the_clinic_to_delete": _not_ours(study, who),
    }  # fmt: skip


def _check(study: Any, who: str) -> None:
    """StudyError where nothing here has ever named the person: most likely the id is misspelt."""
    from models.fault import StudyError
    from models.store.read import query_store

    everyone = {p.participant_id for p in study.participants} | study.forgotten
    if re.fullmatch("[A-Za-z0-9_-]{1,64}", who):
        if who in everyone or study.is_forgotten(who) or _folder(study, who):
            return
        if (study.warehouse / "store.duckdb").exists():
            tables = "SELECT participant_id FROM source_file UNION SELECT participant_id FROM verdict"
            if query_store(study.warehouse, f"SELECT 1 FROM ({tables}) WHERE participant_id = ?", [who])[1]:
                return
    raise StudyError(f"{who}: neither the control files nor the inbox nor the store know them; check the spelling")


def _agreed(who: str) -> bool:
    from models.fault import StudyError

    if not sys.stdin.isatty():
        raise StudyError(f"{who}: this cannot be undone, so it asks on a terminal; elsewhere say --yes")
    return input(f"Remove {who} from everything in the warehouse? This cannot be undone. Type the id: ").strip() == who


def _needles(traces: Any) -> list[str]:
    """What the search was for, in words."""
    from models.store.search import SHORTEST

    where = "in text columns and bytes"
    if len(traces.participant_id) < SHORTEST:
        where = f"in text columns (in bytes, fewer than {SHORTEST} characters turn up by chance)"
    names = f"{len(traces.names)} names of files, goals, infusions, devices, in text columns"
    return [f"the id, {where}", f"{len(traces.contents)} SHA-256 of files, in text columns and bytes", names]


def _folder(study: Any, who: str) -> list[str]:
    """The person's folder in the inbox, where it is near and there."""
    near = isinstance(study.inbox, Path) and (study.inbox / who).exists()
    return [f"{study.inbox.name}/{who}"] if near else []


def _not_ours(study: Any, who: str) -> list[str]:
    """What is the clinic's own: stepwindow only reads it."""
    own = _folder(study, who)
    if not isinstance(study.inbox, Path):
        own = [f"the folder {who} in {study.inbox}"]
    for sheet in study.sheets:
        lines = [str(row.line) for row in sheet.rows if row.cells["participant_id"] == who]
        own += [f"{sheet.file}: line {', '.join(lines)}"] if lines else []
    return [*own, "backups; copies made with `share` or handed to others; files exported by hand"]


def _show(told: dict[str, Any]) -> None:
    who, columns = told["participant"], sum(place["text_columns"] for place in told["searched"])
    say(f"{who} was removed: {sum(told['rows_removed'].values())} rows of {len(told['rows_removed'])} tables")
    if told["files_removed"]:
        say(f"  removed    {', '.join(told['files_removed'])}")
    say(f"  searched   {len(told['searched'])} files of the warehouse, {columns} text columns, for")
    for needle in told["searched_for"]:
        say(f"             {needle}")
    for name, found in told["left"].items():
        say(f"  LEFT       {name}: {'; '.join(found)}", to=sys.stderr)
    if told["left"]:
        say("  Delete these files, or run this again.", to=sys.stderr)
    else:
        say("  found      nothing")
    say("Yours to delete (stepwindow only reads it, and no later run will):")
    for own in told["for_the_clinic_to_delete"]:
        say(f"  {own}")
    say(f"The id {who} stays closed: somebody else needs another participant_id.")
