"""What a run prints at its end: for machines, for people, and for the mail of cron, which names nobody."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from flows.answers.changes import NONE_CHANGED, show_last_run
from flows.answers.next_step import lacking
from flows.night.outcome import in_words, not_used, verdict_counts
from flows.night.run import Run
from flows.output import say, several
from models.fault import CONTROL_FILE, Fault


def as_json(run: Run) -> dict[str, Any]:
    """For machines."""
    return {
        "study": run.study.name, "as_of": str(run.as_of), "files_found": run.found, **run.files,
        "rejections_standing": run.standing, "days_resolved": run.days, "verdicts_changed": run.changes,
        "files_moved": run.moved,
        "published": str(run.published), "report": str(run.report_page) if run.report_page else None,
        "forgotten": len(run.study.forgotten),
        "faults": [_sentence(fault) for fault in run.new_faults], "held": sorted(run.held),
        "held_goals": sorted(run.held_goals), "alarms": [str(alarm) for alarm in run.alarms], "next": _next(run),
    }  # fmt: skip


def show(run: Run) -> None:
    """Counts; the verdicts themselves only on a terminal: what cron reads, it sends by mail."""
    f = run.files
    news = f"{f['loaded']} loaded, {f['duplicate']} duplicate, {f['ignored']} ignored, {f['rejected']} rejected"
    say(f"{run.study.name}, as of {run.as_of}")
    say(f"  inbox      {several(run.found, 'file')}; new: {news}")
    say(f"  days       {run.days:,} resolved")
    say(f"  verdicts   {f'{run.changes:,} changed' if run.changes else NONE_CHANGED}")
    say(f"  published  {_short(run.published)}")
    if run.report_page:
        say(f"  report     {_short(run.report_page)}")
    if gone := len(run.study.forgotten):
        say(f"  {several(gone, 'participant')} forgotten: their folder and rows were not read")
    if run.moved:
        say(f"  moved      {several(run.moved, 'file')} to another folder, taken out where it lay before")
    if run.held:
        say(f"  held       {several(len(run.held), 'participant')}, their numbers stand as before: `stepwindow status`")
    if run.held_goals:
        say(f"  held       {several(len(run.held_goals), 'goal')}, verdicts stand as before: `stepwindow status`")
    if run.standing:
        say(f"  {several(run.standing, 'rejection')} from before: `stepwindow status` names what is not used")
    if columns := sum(run.study.unpublished.values()):
        say(f"  {several(columns, 'column')} of the clinic's own not published: `stepwindow status` says why")
    if run.changes:
        show_last_run(run.study.folder, run.study.warehouse, most=40)
    if run.study.counts["goals"] and not sys.stdout.isatty():
        for status, number in verdict_counts(run.study.warehouse).items():
            say(f"  {status:<18} {number}")
    if step := _next(run):
        say(f"next: {step}")
    _show_faults(run)


def _show_faults(run: Run) -> None:
    """A line each, to whoever can repair it. Where nobody watches, exports are not named: their names are people's."""
    watched = sys.stderr.isatty()
    lines = [f"alarm: {alarm}" for alarm in run.alarms]
    faults = [fault for fault in run.new_faults if fault not in run.alarms]
    # a row of a control file is named with its value wherever it is shown
    lines += [f"not used: {_sentence(fault)}" for fault in faults if watched or fault.kind == CONTROL_FILE]
    lines += [
        f"held: {who}: {why.reason}; {why.what_to_do}" for who, why in run.held.items() if watched or why.is_by_row
    ]
    lines += [
        f"held: goal {goal} of {held.participant_id}: {held.reason}; {held.what_to_do}"
        for goal, held in run.held_goals.items()
    ]
    if not watched:
        counted = not_used([fault for fault in faults if fault.kind != CONTROL_FILE])
        lines += [f"not used: {in_words(row)} (`stepwindow status` names each)" for row in counted]
    for line in lines:
        say(line, to=sys.stderr)


def _sentence(fault: Fault) -> str:
    """Rows of control files stand in one list with exports here: the name, a comma, the place."""
    return f"{fault.summary(', ')}; {fault.remedy}"


def _next(run: Run) -> str | None:
    """What a new study still lacks."""
    return None if run.alarms else lacking(run.study, run.found)


def _short(path: Path | None) -> str:
    """As a path from here, where it lies below."""
    if path is None:
        return ""
    short = os.path.relpath(path)
    return str(path) if short.startswith("..") else short
