"""Removal: of a person from everything in the warehouse, or of one file from what counts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flows.answers.finding import some
from flows.answers.remains import UNSEEN, in_sight
from flows.night.begin import begin
from flows.night.progress import Progress
from flows.night.run import Scope
from flows.night.steps import run_steps
from flows.programme import membership
from flows.report import site, snapshots
from flows.report.write import write_report
from flows.version import CODE_VERSION
from models.fault import StudyError
from models.store import withdraw
from models.store.read import query_store
from models.store.search import Place, search
from models.store.withdraw import SHORTEST, Traces
from models.study import forgotten
from models.study.study import Study


def forget(study: Study, who: str) -> dict[str, Any]:
    """Remove a person, make the report anew, then search for them in all of it."""
    check(study, who)
    not_ours = _not_ours(study, who)
    traces, removed = withdraw.forget(study.warehouse, who, CODE_VERSION, study.config_hash)
    removed += snapshots.remove_with(study.warehouse / "report", _on_pages(traces))
    if site.remove(study.warehouse / "report"):  # made anew from what is published now, and searched like the rest
        write_report(study.warehouse, study.name)
        removed = sorted([*removed, "report"])
    places = [*search(study.warehouse, traces), *_of_programmes(study, traces)]
    left = {place.name: place.found for place in places if place.found}
    return {
        "participant": who, "rows_removed": traces.rows, "files_removed": removed,
        "searched": [{"file": p.name, "text_columns": p.columns, "bytes": p.size} for p in places],
        "searched_for": _needles(traces), "left": left, "for_the_clinic_to_delete": not_ours,
    }  # fmt: skip


def _of_programmes(study: Study, traces: Traces) -> list[Place]:
    """What is left of them in the programmes that this site gave to."""
    if not membership.entered(study.warehouse):
        return []
    from flows.programme.withdrawal import reach  # a site that is in no programme does without its packages

    return list(reach(study, traces))


def check(study: Study, who: str) -> None:
    """StudyError where nothing here has ever named the person: most likely the id is misspelt."""
    everyone = study.homes.keys() | study.forgotten
    if re.fullmatch("[A-Za-z0-9_-]{1,64}", who):
        if who in everyone or study.is_forgotten(who) or in_sight(study, who):
            return
        if (study.warehouse / "store.duckdb").exists():
            tables = "SELECT participant_id FROM source_file UNION SELECT participant_id FROM verdict"
            if query_store(study.warehouse, f"SELECT 1 FROM ({tables}) WHERE participant_id = ?", [who])[1]:
                return
    raise StudyError(f"{who}: neither the control files nor the inbox nor the store know them; check the spelling")


def _on_pages(traces: Traces) -> set[str]:
    """What a page over everybody with the person on it holds; `1` alone stands on every page."""
    who = traces.participant_id
    return {who, *traces.names} if traces.are_distinct else {f"participant/{who}.html", f'["{who}"'}


def _needles(traces: Traces) -> list[str]:
    """What the search was for, in words."""
    where = "in text columns and bytes"
    if len(traces.participant_id) < SHORTEST:
        where = f"in text columns (in bytes, fewer than {SHORTEST} characters turn up by chance)"
    if not traces.are_distinct:
        where = "in columns of ids (elsewhere such a word or number turns up by chance)"
    names = f"{len(traces.names)} names of files, goals, infusions, devices, in text columns"
    return [f"the id, {where}", f"{len(traces.contents)} SHA-256 of files, in text columns and bytes", names]


def _not_ours(study: Study, who: str) -> list[str]:
    """What is the clinic's own: stepwindow only reads it."""
    own = in_sight(study, who)
    if not isinstance(study.inbox, Path):
        own.insert(0, f"the folder {who} in {study.inbox}")
    return [*own, UNSEEN]


def confirm(study: Study, who: str) -> None:
    """Write down that what is the clinic's own of somebody is deleted.

    StudyError where some of it can be seen, or where a withdrawal that was killed left some of them in the warehouse.
    """
    if not study.is_forgotten(who):
        raise StudyError(f"{who}: was not forgotten here; check the spelling, or run `stepwindow forget {who}` first")
    if own := in_sight(study, who):
        raise StudyError(f"{who}: still there: {'; '.join(own)}; delete it first")
    unknown = frozenset[str]()  # names and files of theirs: the store knows them no more
    if left := [p.name for p in search(study.warehouse, Traces(who, unknown, unknown, {})) if p.found]:
        raise StudyError(f"{who}: still in the warehouse: {some(left)}; run `stepwindow forget {who}` again first")
    forgotten.confirm(study.warehouse, who)


def unload(folder: Path, who: str, name: str, undo: bool) -> tuple[dict[str, Any], bool]:
    """Take a file out of what counts (or let it count again), then run the steps; whether they ended clean."""
    run = begin(folder, Scope("unload", participant=who), Progress())
    try:
        files, count = (run.work.take_back if undo else run.work.take_out)(run, who, name)
    except BaseException:
        run.store.close()
        raise
    run.reads_inbox = undo
    run_steps(run)
    return {
        "participant": who, "undone" if undo else "unloaded": count, "files": [file._asdict() for file in files],
        "days_resolved": run.days, "verdicts_changed": run.changes, "loaded": run.files["loaded"],
        "held": sorted(run.held),
    }, run.is_clean  # fmt: skip
