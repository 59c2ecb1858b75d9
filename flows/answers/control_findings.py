"""What a person should know of control files that can be read: `status` and `doctor` say the same of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from flows import environment
from flows.answers.finding import NOTE, SOON, Finding
from flows.output import several
from models.shown import shown
from models.study.strays import COPY, LOCK, PLACEHOLDER, strays
from models.study.study import Study

# What was agreed. Whoever changes it writes a new version with its own date; what a version says that has ruled stays,
# or weeks that are over are judged by something nobody had agreed to then (R9.7).
_AGREED = (
    "infusion_id", "from_week", "kind", "metric", "targets", "per_day", "derivation", "effective_from", "correction",
    "status",
)  # fmt: skip


# What lies beside the control files and looks like one of them: what it is, and what to do about it.
_STRAYS = {
    COPY: (SOON, "looks like a copy of {of}, and is not read", "take over what {of} lacks, then move the copy away"),
    LOCK: (NOTE, "somebody has {of} open in a program", "save and close it there: what is not saved is not read"),
    PLACEHOLDER: (
        SOON, "is a placeholder of iCloud: not downloaded to this machine, and not read",
        "tap the cloud beside its name (Download Now), or move it away where {of} is complete",
    ),
}  # fmt: skip


def copies_of_control_files(study: Study) -> Iterator[Finding]:
    """Files that somebody may take for a control file: each may hold what was meant to count."""
    for name, kind, of in strays(study.folder):
        urgency, what, remedy = _STRAYS[kind]
        yield Finding(urgency, "control_file_copy", f"{shown(name)}: {what.format(of=of)}", remedy.format(of=of))


def changed_goals(study: Study, ruled: Iterable[dict[str, Any]]) -> Iterator[Finding]:
    """Goals that were changed in place after they had ruled a week. `ruled`: ask/status/ruled.sql.

    One that is longer in force than it was rules no week anew.
    """
    ruled = list(ruled)
    if not ruled:
        return  # and no row is read for it
    goals, places = {(goal.goal_id, goal.version): goal for goal in study.rows.goals}, study.rows.goal_places
    for was in ruled:
        goal = goals.get((was["goal_id"], was["version"]))
        if goal is None:
            continue
        columns = [name for name in _AGREED if _plain(getattr(goal, name)) != _plain(was[name])]
        if goal.to_week < was["to_week"] and goal.to_week != study.settings.weeks:  # which an empty cell stands for
            columns.append("to_week")
        if columns:
            place = places.get((goal.goal_id, goal.version), "goals.csv")  # of who is held: an earlier row
            names = ", ".join("target" if name == "targets" else name for name in columns)
            what = (
                f"{place}: {goal.goal_id}, version {goal.version}, was changed without a new version after it had ruled"
            )
            remedy = (
                f"put the line back as it was and add one with version {goal.version + 1} and the date it was set on "
                "(correction true, if the earlier one was a mistake)"
            )
            yield Finding(SOON, "changed_goal", f"{what} a week ({names})", remedy, goal.participant_id)


def days_to_come(study: Study) -> Iterator[Finding]:
    """Rows about what happened that are of days after tomorrow (R14.5)."""
    latest = environment.today(study) + timedelta(days=1)
    if study.latest <= latest:
        return
    for file, rows in (("attendance", study.rows.attendance), ("outcomes", study.rows.outcomes)):
        if ahead := sorted((row.date, row.participant_id) for row in rows if row.date > latest):
            what = f"{file}.csv: {several(len(ahead), 'row')} of days after tomorrow, left out as yet; the first: "
            day, who = ahead[0]
            yield Finding(
                NOTE, "day_to_come", f"{what}{who}, {day}", "correct the date; else it counts once it has come"
            )


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def unknown_sources(study: Study) -> Iterator[Finding]:
    """Names in source_priority that no reader gives: they change nothing, and one may be a typing error."""
    if not study.priorities:
        return  # nor are all readers loaded to say so
    from connectors import connectors

    known = sorted({source for connector in connectors().values() for source in connector.SOURCES})
    for who, preferred in study.priorities.items():
        for name in (name for name in preferred if name not in known):
            near = difflib.get_close_matches(name, known, 1)
            what = f"participants.csv, source_priority of {who}: no reader knows {name!r}"
            what += f"; did you mean {near[0]}?" if near else ""
            yield Finding(NOTE, "unknown_source", what, f"the sources are {', '.join(known)}", who)
