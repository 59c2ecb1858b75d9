"""What a row that cannot be used holds, what stands in its place, and when a control file is not believed.

Held is who or what a bad row names: of goals.csv the goal with all its versions, of the other files the person. For
what is held the rows of the last good copy stand (models/study/versions.py), so that the rest of the study fits;
the verdicts that stood are not judged anew (models/store/held.py). A file that lost a large part of its rows is not
believed at all: then every file is what it was for the last run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.fault import LOST_ROWS, Fault, StudyError

if TYPE_CHECKING:
    from models.study.control_file import Sheet
    from models.study.folder import Study

OF_DAYS = ("participants", "zones")  # files whose rows the days rest on as well; of the others the weeks alone
_IN_ORDER = (*OF_DAYS, "infusions", "holds", "goals")  # who is held by several rows is held by the first file of these
_IDS = {"infusions": "infusion_id", "goals": "goal_id"}
_ROWS = ("participants", "infusions", "goals", "holds", "zones")


@dataclass
class Named:
    """The ids that control files name, whether their rows are good or not."""

    participants: set[str] = field(default_factory=set)
    infusions: dict[str, str] = field(default_factory=dict)  # infusion_id: participant_id
    goals: dict[str, set[tuple[str, str]]] = field(default_factory=dict)  # goal_id: (participant_id, infusion_id)

    def add(self, stem: str, rows: Iterable[dict[str, str]]) -> None:
        """The ids of one file's rows."""
        for cells in rows:
            who = cells.get("participant_id", "")
            if stem == "participants" and who:
                self.participants.add(who)
            elif stem == "infusions" and (infusion := cells.get("infusion_id")):
                self.infusions.setdefault(infusion, who)
            elif stem == "goals" and (goal := cells.get("goal_id")):
                self.goals.setdefault(goal, set()).add((who, cells.get("infusion_id", "")))


def named(sheets: Iterable[Sheet], but: frozenset[str] = frozenset()) -> Named:
    """The ids of sheets, but those of some people."""
    found = Named()
    for sheet in sheets:
        rows = [row.cells for row in (*sheet.rows, *sheet.unsplit)]
        found.add(stem(sheet.file), [cells for cells in rows if cells.get("participant_id") not in but])
    return found


def stem(file: str) -> str:
    """A control file's name without what says its form."""
    return Path(file).stem


# Held ---------------------------------------------------------------------------------------------------------------
def held(study: Study, before: Named) -> tuple[dict[str, Fault], dict[str, Fault]]:
    """The people and the goals that rows of today hold, each with the first fault that does (R13.1).

    `before`: the ids of the last run. Somebody who is neither in participants.csv nor was there then is nobody.
    """
    now = named(study.sheets, study.forgotten)
    known = (now.participants | before.participants) - study.forgotten
    usable = {i.infusion_id for i in study.infusions}
    people: dict[str, Fault] = {}
    goals: dict[str, Fault] = {}
    for sheet in sorted(study.sheets, key=lambda sheet: _IN_ORDER.index(stem(sheet.file))):
        cells = {row.line: row.cells for row in (*sheet.rows, *sheet.unsplit)}
        for fault in sorted(sheet.faults, key=lambda fault: fault.line):
            row = cells.get(fault.line, {})
            if stem(sheet.file) == "goals" and row.get("goal_id"):
                goals.setdefault(row["goal_id"], fault)
                continue
            for who in _of_row(row, before, usable):
                if who in known:
                    people.setdefault(who, fault)
    return people, goals


def _of_row(row: dict[str, str], before: Named, usable: set[str]) -> Iterator[str]:
    """Whom a row names; and whose infusion it was, where that infusion has no other row."""
    yield row.get("participant_id", "")
    infusion = row.get("infusion_id", "")
    if infusion not in usable and infusion in before.infusions:
        yield before.infusions[infusion]


def holds_days(fault: Fault) -> bool:
    """Whether the days of who is held stand, too."""
    return stem(fault.file) in OF_DAYS


# Not believed -------------------------------------------------------------------------------------------------------
def lost(now: Named, before: Named, files: dict[str, str]) -> list[Fault]:
    """The files that lost more than a quarter of their people, infusions or goals, and more than two (R13.3).

    What goes with its person is no loss of its own, nor is a goal that goes with its infusion.
    """
    left = before.participants - now.participants
    infusions = {i: who for i, who in before.infusions.items() if i not in now.infusions}
    goals = {goal: whose for goal, whose in before.goals.items() if goal not in now.goals}
    gone = {
        "participants": (left, before.participants),
        "infusions": ({i for i, who in infusions.items() if who not in left}, before.infusions),
        "goals": ({g for g, whose in goals.items() if not all(w in left or i in infusions for w, i in whose)},
                  before.goals),
    }  # fmt: skip
    return [
        _lost(files[what], f"{len(these)} of {len(those)} {what}")
        for what, (these, those) in gone.items()
        if len(these) > 2 and 4 * len(these) > len(those)
    ]


def _lost(file: str, rows: str) -> Fault:
    found = f"{rows} in {file} are gone since the last run; its rows stand"
    remedy = (
        "put the rows back (`stepwindow control --diff` names them), or, where they are gone on purpose, run once "
        "with --accept-loss"
    )
    return Fault("whole file", found, "", remedy, file=file, kind=LOST_ROWS)


# What stands --------------------------------------------------------------------------------------------------------
def believed(
    today: Study, used: list[Path], ids: Callable[[Path], Named], read: Callable[[Path], Study], accept_loss: bool
) -> Study:
    """The study as it is walked with: today's rows, or what stands in place of those that cannot be used.

    `used`: the kept sets of control files, the last one first; `ids` and `read` look into one.
    """
    before = ids(used[0]) if used else Named()
    files = {stem(sheet.file): sheet.file for sheet in today.sheets}
    losses = [] if accept_loss else lost(named(today.sheets, today.forgotten), before, files)
    people, goals = held(today, before)
    for last in _readable(used, read) if losses else ():
        stood = _stand_in(last, *held(last, Named()), _readable(used, read))
        told = {"faults": today.faults, "notes": today.notes, "sheets": today.sheets, "losses": losses}
        told |= {"settings": today.settings, "name": today.name, "timezone": today.timezone}
        told |= {"held_people": {who: people.get(who, fault) for who, fault in stood.held_people.items()}}
        told |= {"held_goals": {goal: goals.get(goal, fault) for goal, fault in stood.held_goals.items()}}
        return stood.model_copy(update=told)
    return _stand_in(today, people, goals, _readable(used, read)) if people or goals else today


def _readable(used: list[Path], read: Callable[[Path], Study]) -> Iterator[Study]:
    """The kept sets that this version can read."""
    for kept in used:
        try:
            yield read(kept)
        except StudyError:
            continue


def _stand_in(today: Study, people: dict[str, Fault], goals: dict[str, Fault], used: Iterable[Study]) -> Study:
    """Today's study with the rows of the last good copy for what is held; where there is none, with its good rows."""
    rows: dict[str, list[Any]] = {name: list(getattr(today, name)) for name in _ROWS}
    missing_people, missing_goals = set(people), set(goals)
    # an id that a good row of today gives to somebody who is not held is theirs now
    taken = {n: {getattr(row, key) for row in rows[n] if row.participant_id not in people} for n, key in _IDS.items()}
    for earlier in used:
        if not (missing_people or missing_goals):
            break
        bad_people, bad_goals = held(earlier, Named())
        good = {p.participant_id for p in earlier.participants} - bad_people.keys()
        found = missing_people & good
        for name in _ROWS:
            # where days go on, they go on with what is said of the person today
            of = {who for who in found if name not in OF_DAYS or holds_days(people[who])}
            mine = [row for row in getattr(earlier, name) if row.participant_id in of]
            mine = [row for row in mine if name not in _IDS or getattr(row, _IDS[name]) not in taken[name]]
            rows[name] = [row for row in rows[name] if row.participant_id not in of] + mine
        agreed = {g.goal_id for g in earlier.goals if g.participant_id in good} - bad_goals.keys()
        agreed &= missing_goals
        theirs = [g for g in earlier.goals if g.goal_id in agreed and g.participant_id not in people]
        rows["goals"] = [g for g in rows["goals"] if g.goal_id not in {g.goal_id for g in theirs}] + theirs
        missing_people -= found
        missing_goals -= agreed
    there = {p.participant_id for p in rows["participants"]}
    owners = {goal: who for goal, who in _owners(goals, today, rows).items() if who in there}
    goals = {goal: fault for goal, fault in goals.items() if goal in owners}
    people = {who: fault for who, fault in people.items() if who in there}
    update = {name: tuple(found) for name, found in rows.items()}
    stood = (people.keys() - missing_people) | (goals.keys() - missing_goals)
    return today.model_copy(
        update={**update, "held_people": people, "held_goals": goals, "owners": owners, "stood": frozenset(stood)}
    )


def _owners(goals: Iterable[str], today: Study, rows: dict[str, list[Any]]) -> dict[str, str]:
    """Whose each of these goals is: by a good row, else as a bad one says."""
    said = named(today.sheets).goals
    good = {version.goal_id: version.participant_id for version in rows["goals"]}
    return {goal: good.get(goal) or min(said.get(goal, {("", "")}))[0] for goal in goals}
