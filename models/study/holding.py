"""Whom a row that cannot be used holds, which rows are used in its place, and when a control file is not believed.

Held is who or what a bad row names: of goals.csv the goal with all its versions, of the other files the person. For
what is held the rows of the last good version are used (models/study/versions.py), so that the rest of the study fits;
the verdicts that there are stay as they are (models/store/held.py). A file that lost a large part of its rows is not
believed at all: then every file is what it was for the last run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models.fault import LOST_ROWS, Fault
from models.study.control_file import Sheet
from models.study.rows import COVARIATES, FILES
from models.study.study import Study

OF_DAYS = ("participants", "zones")  # files whose rows the days rest on as well; of the others the weeks alone
# The files whose rows hold somebody: who is held by several is held by the first of these. What is never judged (the
# scores of outcomes.csv) holds nobody.
HOLDING = (*OF_DAYS, "infusions", "holds", "attendance", "goals")
IDS = {"infusions": "infusion_id", "goals": "goal_id"}


@dataclass
class Ids:
    """The ids that control files name, whether their rows are good or not."""

    participants: set[str] = field(default_factory=set)
    infusions: dict[str, str] = field(default_factory=dict)  # infusion_id: participant_id
    goals: dict[str, set[tuple[str, str]]] = field(default_factory=dict)  # goal_id: (participant_id, infusion_id)

    @classmethod
    def of(cls, sheets: Iterable[Sheet], but: frozenset[str] = frozenset()) -> Ids:
        """The ids in sheets, but those of some people."""
        found = cls()
        for sheet in sheets:
            rows = [cells for _, cells in sheet.all_rows if cells.get("participant_id", "") not in but]
            if sheet.stem == "participants":
                found.participants.update(cells["participant_id"] for cells in rows if cells.get("participant_id"))
            elif sheet.stem == "infusions":
                for cells in rows:
                    if infusion := cells.get("infusion_id"):
                        found.infusions.setdefault(infusion, cells.get("participant_id", ""))
            elif sheet.stem == "goals":
                for cells in rows:
                    if goal := cells.get("goal_id"):
                        whose = cells.get("participant_id", ""), cells.get("infusion_id", "")
                        found.goals.setdefault(goal, set()).add(whose)
        return found


# Held ---------------------------------------------------------------------------------------------------------------
def held(study: Study, before: Ids) -> tuple[dict[str, Fault], dict[str, Fault]]:
    """The people and the goals that rows of today hold, each with the first fault that does (R13.1).

    `before`: the ids of the last run. Somebody who is neither in participants.csv nor was there then is nobody.
    """
    now = Ids.of(study.rows.sheets, study.forgotten)
    known = (now.participants | before.participants) - study.forgotten
    usable = {i.infusion_id for i in study.rows.infusions}
    people: dict[str, Fault] = {}
    goals: dict[str, Fault] = {}
    holding = [sheet for sheet in study.rows.sheets if sheet.stem in HOLDING]
    for sheet in sorted(holding, key=lambda sheet: HOLDING.index(sheet.stem)):
        cells = dict(sheet.all_rows)
        for fault in sorted(sheet.faults, key=lambda fault: fault.line):
            row = cells.get(fault.line, {})
            if sheet.stem == "goals" and row.get("goal_id"):
                goals.setdefault(row["goal_id"], fault)
                continue
            infusion = row.get("infusion_id", "")  # and who had it, where it has no other row
            had = before.infusions.get(infusion, "") if infusion not in usable else ""
            for who in (row.get("participant_id", ""), had):
                if who in known:
                    people.setdefault(who, fault)
    return people, goals


def with_earlier(study: Study, people: Mapping[str, Fault], stem: str) -> set[str]:
    """Of people who are held those for whom an earlier version's rows of one file are used.

    Where days go on, they go on with what is said of the person today, as far as it can be used.
    """
    if stem in OF_DAYS or stem == "attendance":
        bad = _named_by_bad_rows(study, stem) if stem == "attendance" else set()
        return {who for who, why in people.items() if concerns_days(why) or who in bad}
    return set(people) if stem in HOLDING else set()


def _named_by_bad_rows(study: Study, stem: str) -> set[str]:
    named = set()
    for sheet in study.rows.sheets:
        cells = dict(sheet.all_rows) if sheet.stem == stem else {}
        named |= {cells[fault.line].get("participant_id", "") for fault in sheet.faults if fault.line in cells}
    return named


def concerns_days(fault: Fault) -> bool:
    """Whether the days of who is held rest on the row, too."""
    return Path(fault.file).stem in OF_DAYS


# Not believed -------------------------------------------------------------------------------------------------------
def losses(now: Ids, before: Ids, files: dict[str, str]) -> list[Fault]:
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
    remedy = (
        "put the rows back (`stepwindow control --diff` names them), or, where they are gone on purpose, run once "
        "with --accept-loss"
    )
    found = []
    for what, (these, those) in gone.items():
        if len(these) > 2 and 4 * len(these) > len(those):
            lost = f"{len(these)} of {len(those)} {what} in {files[what]} are gone since the last run; its rows stand"
            found.append(Fault("whole file", lost, "", remedy, file=files[what], kind=LOST_ROWS))
    return found


# What is used ---------------------------------------------------------------------------------------------------------
def in_use(today: Study, before: Ids, earlier: Iterator[Study], accept_loss: bool) -> Study:
    """The study as runs use it: with today's rows, and those of earlier versions for those that cannot be used.

    `before`: the ids of the last run; `earlier`: the study by each version of the control files, the last one first.
    """
    files = {sheet.stem: sheet.file for sheet in today.rows.sheets}
    lost = [] if accept_loss else losses(Ids.of(today.rows.sheets, today.forgotten), before, files)
    people, goals = held(today, before)
    if lost and (last := next(earlier, None)):
        used = _with_earlier_rows(last, *held(last, Ids()), earlier)
        rows = replace(used.rows, sheets=today.rows.sheets)
        return replace(
            used, name=today.name, timezone=today.timezone, settings=today.settings, read=lambda: rows,
            faults=today.faults, notes=today.notes, unpublished=today.unpublished, losses=lost,
            held_people={who: people.get(who, fault) for who, fault in used.held_people.items()},
            held_goals={goal: goals.get(goal, fault) for goal, fault in used.held_goals.items()},
        )  # fmt: skip
    return _with_earlier_rows(today, people, goals, earlier) if people or goals else today


def _with_earlier_rows(
    today: Study, people: dict[str, Fault], goals: dict[str, Fault], earlier: Iterable[Study]
) -> Study:
    """A study with the rows of the last good version for what is held; where there is none, with its good rows."""
    rows: dict[str, list[Any]] = {stem: list(getattr(today.rows, stem)) for stem in FILES}
    missing_people, missing_goals = set(people), set(goals)
    # an id that a good row of today gives to somebody who is not held is theirs now
    taken = {
        stem: {getattr(row, key) for row in rows[stem] if row.participant_id not in people} for stem, key in IDS.items()
    }
    earlier_of = {stem: with_earlier(today, people, stem) for stem in FILES}
    columns = {sheet.stem: {name for name, _ in sheet.others} for sheet in today.rows.sheets}
    for version in earlier:
        if not (missing_people or missing_goals):
            break
        bad_people, bad_goals = held(version, Ids())
        good = version.homes.keys() - bad_people.keys()
        found = missing_people & good
        for stem in FILES:
            of = found & earlier_of[stem]
            mine = [row for row in getattr(version.rows, stem) if row.participant_id in of]
            mine = [row for row in mine if stem not in IDS or getattr(row, IDS[stem]) not in taken[stem]]
            rows[stem] = [row for row in rows[stem] if row.participant_id not in of]
            rows[stem] += [_with_columns_of(columns.get(stem, set()), row) for row in mine]
        agreed = {g.goal_id for g in version.rows.goals if g.participant_id in good} - bad_goals.keys()
        agreed &= missing_goals
        theirs = [g for g in version.rows.goals if g.goal_id in agreed and g.participant_id not in people]
        rows["goals"] = [g for g in rows["goals"] if g.goal_id not in {g.goal_id for g in theirs}] + theirs
        missing_people -= found
        missing_goals -= agreed
    there = {p.participant_id for p in rows["participants"]}
    owners = {goal: who for goal, who in _owners(goals, today, rows).items() if who in there}
    goals = {goal: fault for goal, fault in goals.items() if goal in owners}
    people = {who: fault for who, fault in people.items() if who in there}
    replaced = (people.keys() - missing_people) | (goals.keys() - missing_goals)
    tables: dict[str, Any] = {stem: tuple(found) for stem, found in rows.items()}
    used = replace(today.rows, **tables)
    update: dict[str, Any] = {"read": lambda: used, **used.in_short}
    update |= {"held_people": people, "held_goals": goals, "owners": owners, "replaced": frozenset(replaced)}
    return replace(today, **update)


def _with_columns_of(columns: set[str], row: Any) -> Any:
    """A row of an earlier version with those of the clinic's own columns that are used today (R18.2)."""
    had = getattr(row, COVARIATES, ())
    left = tuple((name, value) for name, value in had if name in columns)
    return row if left == had else row.model_copy(update={COVARIATES: left})


def _owners(goals: Iterable[str], today: Study, rows: dict[str, list[Any]]) -> dict[str, str]:
    """Whose each of these goals is: by a good row, else as a bad one says."""
    named = Ids.of(today.rows.sheets).goals
    good = {version.goal_id: version.participant_id for version in rows["goals"]}
    return {goal: good.get(goal) or min(named.get(goal, {("", "")}))[0] for goal in goals}
