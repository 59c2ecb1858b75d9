"""The checks of `doctor` on what people wrote and handed over: what makes a night say less than it could.

`status` names single files; here are rows that cannot be used, and people for whom something is missing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator

from connectors import connectors
from flows.answers.control_findings import changed_goals, days_to_come, unknown_sources
from flows.answers.finding import NOTE, NOW, SOON, Finding, some
from flows.answers.reader_findings import missing_readers
from flows.answers.since_last_run import changed_rows, new_faults
from flows.answers.worklist import as_published, summary
from flows.answers.worklist_item import KINDS
from flows.night.alert import is_set_by_anybody
from flows.night.inbox import look_into
from models.fault import StoreError
from models.store.sql import statement
from models.store.status import ask
from models.study.settings import TOML, alert_command
from models.study.study import Study


def control_files(study: Study) -> Iterator[Finding]:
    """The control files."""
    yield from new_faults(study, [*study.losses, *study.faults])
    yield from changed_rows(study)
    for note in study.notes:
        yield Finding(NOTE, "control_file", note, "correct it, or leave it as it is: all else is read")
    asked = {"ruled": statement("ask/status/ruled")}
    ruled = ask(study.warehouse, asked, {"control": study.print}).answers["ruled"]
    yield from changed_goals(study, ruled)
    yield from unknown_sources(study)
    yield from days_to_come(study)
    everyone = [who for who in study.people if who not in study.held_people]
    if not study.homes:
        yield Finding(NOTE, "nobody", "participants.csv has nobody yet.", "add a line per person: P01 is enough")
    infused = {i.participant_id for i in study.rows.infusions}
    yield from _people("no_infusion", NOTE, (p for p in everyone if p not in infused), "no infusion",
                       "add them to infusions.csv: weeks begin with an infusion")  # fmt: skip
    agreed = {g.participant_id for g in study.rows.goals}
    yield from _people("no_goal", NOTE, (p for p in everyone if p in infused and p not in agreed), "no goal",
                       "add them to goals.csv: days are read, no week is judged")  # fmt: skip


def inbox(study: Study) -> Iterator[Finding]:
    """The inbox: there, readable, a folder for everybody."""
    folder = study.inbox
    if isinstance(folder, str):  # an address: what cannot be reached stops the look into it
        yield from _refused(study)
        return
    if not folder.is_dir():
        yield Finding(SOON, "inbox", f"There is no folder {folder}.", "make it, with a folder per participant in it")
        return
    if not os.access(folder, os.R_OK | os.X_OK):
        yield Finding(NOW, "inbox", f"{folder} cannot be read.", "check its permissions, and that it is mounted")
        return
    everyone = study.people
    closed = [p for p in sorted(everyone) if (folder / p).is_dir() and not os.access(folder / p, os.R_OK | os.X_OK)]
    yield from _people(
        "closed_folder", NOW, closed, "a folder in the inbox that cannot be read", "check its permissions"
    )
    yield from _people("no_folder", NOTE, (p for p in sorted(everyone) if not (folder / p).is_dir()),
                       "no folder in the inbox", "make it when the first export comes")  # fmt: skip
    if not closed:
        yield from _refused(study)


def _refused(study: Study) -> Iterator[Finding]:
    return new_faults(study, look_into(study).refused)


def worklist(study: Study) -> Iterator[Finding]:
    """The worklist."""
    try:
        items = as_published(study.warehouse)
    except StoreError:  # there is none yet, or it is of an older form: `published` says so
        return
    if items:
        urgency = KINDS[items[0].kind].urgency
        yield Finding(urgency, "worklist", f"As of the last run: {summary(items)}.", "`stepwindow status` names them")


def older_readers(study: Study) -> Iterator[Finding]:
    """What older versions of the readers read."""
    known = ask(study.warehouse, {"read": statement("ask/status/readers")}, {}).answers["read"]
    yield from missing_readers(known)
    readers = connectors()
    older = [row for row in known if row["connector"] in readers and row["version"] < readers[row["connector"]].VERSION]
    if older:
        names = some(sorted({row["connector"] for row in older}))
        what = f"{sum(row['files'] for row in older):,} files were read by an older version of their reader ({names})."
        remedy = "`stepwindow backfill --reload` reads them again; what it changes stands in goal_week_history"
        yield Finding(NOTE, "older_reader", what, remedy)


def _people(kind: str, urgency: str, who: Iterable[str], have: str, remedy: str) -> Iterator[Finding]:
    names = list(who)
    if names:
        verb = "has" if len(names) == 1 else "have"
        yield Finding(urgency, kind, f"{some(names)} {verb} {have}.", remedy)


def called(study: Study) -> Iterator[Finding]:
    """Whom a night calls: the command of [alert]."""
    command = alert_command(study.folder / TOML)
    if not command:
        return
    program = command[0]
    if not shutil.which(study.folder / program if "/" in program else program):
        what = f"study.toml, [alert] command: {program} is no program that this user may run."
        yield Finding(SOON, "alert", what, "install it, or correct the line: nobody is called")
    if is_set_by_anybody(study.folder):
        what = "study.toml can be written to by everybody, so its [alert] command is not run."
        yield Finding(SOON, "alert", what, "chmod o-w study.toml")
