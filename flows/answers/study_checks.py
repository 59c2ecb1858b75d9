"""The checks of `doctor` on what people wrote and handed over: what makes a night say less than it could.

`status` names single files; here are rows that cannot be used, and people for whom something is missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from connectors import connectors
from flows.answers.control_findings import changed_goals, unknown_sources
from flows.answers.finding import NOTE, NOW, SOON, Finding, of_fault, some
from flows.answers.reader_findings import missing_readers
from flows.answers.untold import untold
from flows.environment import as_of
from flows.night.inbox import entries
from models.fault import Fault
from models.store.sql import statement
from models.store.status import ask
from models.study.study import Study
from models.taxonomy import INFUSED


def control_files(study: Study) -> Iterator[Finding]:
    """The control files."""
    yield from map(of_fault, [*study.losses, *study.faults])
    for note in study.notes:
        yield Finding(NOTE, "control_file", note, "correct the column's name, or leave it: it is not read")
    ruled = ask(study.warehouse, {"ruled": statement("ask/status/ruled")}, {}).answers["ruled"]
    yield from changed_goals(study, ruled)
    yield from unknown_sources(study)
    today = as_of(study)
    everyone = [p.participant_id for p in study.participants if p.participant_id not in study.held_people]
    if not study.participants:
        yield Finding(NOTE, "nobody", "participants.csv has nobody yet.", "add a line per person: P01 is enough")
    infused = {i.participant_id for i in study.infusions}
    yield from _people("no_infusion", NOTE, (p for p in everyone if p not in infused), "no infusion",
                       "add them to infusions.csv: weeks begin with an infusion")  # fmt: skip
    agreed = {g.participant_id for g in study.goals}
    yield from _people("no_goal", NOTE, (p for p in everyone if p in infused and p not in agreed), "no goal",
                       "add them to goals.csv: days are read, no week is judged")  # fmt: skip
    past = [i for i in study.infusions if i.status == "scheduled" and i.infused_on < today]
    if past:
        what = f"over and still scheduled: {some([i.infusion_id for i in past])}."
        yield Finding(SOON, "scheduled", what, "set the status: completed (or empty), stopped_early, cancelled")
    early = [i for i in study.infusions if i.status in INFUSED and i.infused_on > today]
    if early:
        what = f"given in the future: {some([i.infusion_id for i in early])}."
        yield Finding(SOON, "future", what, "correct the date, or set the status: scheduled")


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
    everyone = {p.participant_id for p in study.participants}
    closed = [p for p in sorted(everyone) if (folder / p).is_dir() and not os.access(folder / p, os.R_OK | os.X_OK)]
    yield from _people(
        "closed_folder", NOW, closed, "a folder in the inbox that cannot be read", "check its permissions"
    )
    yield from _people("no_folder", NOTE, (p for p in sorted(everyone) if not (folder / p).is_dir()),
                       "no folder in the inbox", "make it when the first export comes")  # fmt: skip
    if not closed:
        yield from _refused(study)


def _refused(study: Study) -> Iterator[Finding]:
    for entry in entries(study):
        if isinstance(entry, Fault):
            yield Finding(SOON, "inbox", f"inbox/{entry.file}: {entry.reason}", entry.remedy)


def held_people(study: Study) -> Iterator[Finding]:
    """People whose numbers could not be brought up to date."""
    people = "SELECT participant_id, reason, what_to_do FROM known_held ORDER BY participant_id"
    goals = "SELECT goal_id, participant_id, reason, what_to_do FROM known_held_goal ORDER BY goal_id"
    answers = ask(study.warehouse, {"people": people, "goals": goals}, {}).answers
    for row in answers["people"]:
        what = f"{row['participant_id']} is held, and their last published numbers stand: {row['reason']}."
        yield Finding(NOW, "held", what, row["what_to_do"], row["participant_id"])
    for row in answers["goals"]:
        what = f"Goal {row['goal_id']} of {row['participant_id']} is held, its verdicts stand: {row['reason']}."
        yield Finding(NOW, "held_goal", what, row["what_to_do"], row["participant_id"])


def infusions_without_data(study: Study) -> Iterator[Finding]:
    """Data after the infusions."""
    today = as_of(study)
    due = today - timedelta(days=max(study.settings.grace_days, 1))
    sql = "SELECT participant_id, max(covers_to) AS data_until FROM known_file GROUP BY participant_id"
    known = ask(study.warehouse, {"until": sql}, {})
    until = {row["participant_id"]: row["data_until"] for row in known.answers["until"]}
    last: dict[str, date] = {}
    for i in study.infusions:
        if i.status in INFUSED and i.infused_on < due:
            last[i.participant_id] = max(i.infused_on, last.get(i.participant_id, i.infused_on))
    silent = [who for who, day in last.items() if (seen := until.get(who)) is None or seen <= day]
    if until:  # before the first night nobody has data
        remedy = "ask for an export, or say in infusions.csv what became of it"
        yield from _people("infusion_without_data", SOON, silent, "an infusion and no data after it", remedy)


def untold_goals(study: Study) -> Iterator[Finding]:
    """Goals that nothing handed over can tell."""
    yield from (one.finding for one in untold(study.warehouse))


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
