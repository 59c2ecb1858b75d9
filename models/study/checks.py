"""Which rows of a control file can be used: each alone, and those of one file together."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import ValidationError

from models.study import cells as cell
from models.study import written
from models.study.control_file import Sheet
from models.study.rows import COVARIATES, Attendance, Context, ControlRow, GoalVersion, Infusion, Participant, Zone
from models.taxonomy import INFUSED, ROLES

Model = TypeVar("Model", bound=ControlRow)


def checked(sheet: Sheet, model: type[Model], context: Context) -> list[tuple[int, Model]]:
    """(line, row) of each good row; a Fault in the sheet for each problem of the others.

    Of two rows with one key the second is the bad one, also where the first is bad for another reason: which of them
    is meant cannot be told.
    """
    good, seen = [], dict[tuple[str, ...], int]()
    key, required = model.KEY, model.required()
    for line, cells in sheet.rows:
        before = len(sheet.faults)
        names = tuple([_plain(k, cells[k], context.dates) for k in key])
        if key and all(names) and (first := seen.setdefault(names, line)) != line:
            problem, expected = f"is there already, on line {first}", f"one row for each {' and '.join(key)}"
            remedy = "remove one of the two rows or correct it"
            sheet.fault(line, key[-1], cells[key[-1]], problem, expected, remedy)
        failed = [column for column, value in cells.items() if value and value[0] in "#E" and written.is_error(value)]
        for column in failed:
            why = ("is an error of the spreadsheet", "a value", "mend the formula, or write the value in its place")
            sheet.fault(line, column, cells[column], *why)
        filled = {column: value for column, value in cells.items() if value or column in required}
        try:
            row = model.model_validate(filled | _covariates(sheet, line) if sheet.others else filled, context=context)
        except ValidationError as errors:
            for error in errors.errors(include_url=False):
                column = str(error["loc"][0])
                problem, expected, hint = cell.problem_of(error)
                if not cells[column] and not problem.startswith("is empty"):
                    problem = "is empty"
                if column not in failed:
                    sheet.fault(line, column, cells[column], problem, expected, hint=hint)
        if len(sheet.faults) == before:
            good.append((line, row))
    return good


def _covariates(sheet: Sheet, line: int) -> dict[str, Any]:
    """What a row of these has beside our columns (models/study/covariates.py), as its field."""
    found = tuple(sheet.others_of(line).items())
    return {COVARIATES: found} if found else {}


def only_roles(sheet: Sheet, model: type[ControlRow]) -> None:
    """A cell that is for a role and holds anything else is `other` from here on: no name is stored or published."""
    for column in model.OF_ROLES:
        lines = []
        for line, cells in sheet.rows:
            if cells[column] and cell.word_of(cells[column]) not in ROLES:
                cells[column] = "other"
                lines.append(line)
        if lines:
            places = f"line{'s' * (len(lines) > 1)} {', '.join(map(str, lines[:5]))}{' ...' * (len(lines) > 5)}"
            known = f"{column} is one of {', '.join(ROLES)}, never a name"
            sheet.notes.append(f"{sheet.file} {places}: no role that is known, read as other; {known}")


def _plain(column: str, text: str, order: str) -> str:
    """What a cell of the key is compared by: a version may be empty or 01, and a date has many forms."""
    if column == "version":
        return text.lstrip("0") or "1"
    if column == "activity":
        return cell.word_of(text)
    if column == "start_time":
        return written.clock(text) or text
    days = written.dates(written.apart(text)[0], order) if column in ("from_date", "date") else ()
    return str(days[0]) if len(days) == 1 else text


def with_unusable(participants: list[tuple[int, Participant]], sheet: Sheet) -> list[Participant]:
    """The participants; also those whose row is bad and whose id can be read, of whom nothing else is known then."""
    found = {row.participant_id: row for _, row in participants}
    for _, cells in sheet.all_rows:
        who = cells.get("participant_id", "")
        if who not in found and re.fullmatch(cell.PARTICIPANT_ID, who):
            found[who] = Participant.model_construct(participant_id=who)
    return list(found.values())


def one_a_day(infusions: list[tuple[int, Infusion]], sheet: Sheet) -> list[Infusion]:
    """Two infusions that happened on one local date: which one is real is for a person to say (R8.1)."""
    good, taken = [], dict[tuple[str, date], int]()
    for line, infusion in infusions:
        happened = infusion.status in INFUSED
        first = taken.setdefault((infusion.participant_id, infusion.infused_on), line) if happened else line
        if first == line:
            good.append(infusion)
        else:
            problem = (f"is the date of line {first} too", "one infusion of a participant on a date")
            remedy = "correct one of the two rows, or its status"
            sheet.fault(line, "infused_on", str(infusion.infused_on), *problem, remedy)
    return good


MOST_MOVES = 500  # of one person


def moves(zones: list[tuple[int, Zone]], sheet: Sheet) -> list[Zone]:
    """The rows of zones.csv that a life can have: every date is looked up among a person's moves."""
    good, counted = [], Counter[str]()
    for line, zone in zones:
        counted[zone.participant_id] += 1
        if counted[zone.participant_id] <= MOST_MOVES:
            good.append(zone)
        elif counted[zone.participant_id] == MOST_MOVES + 1:
            problem = (f"comes after {MOST_MOVES} rows of that person", f"at most {MOST_MOVES} moves of one person")
            remedy = "take this row and those after it out"
            sheet.fault(line, "participant_id", zone.participant_id, *problem, remedy)
    return good


MOST_A_DATE = 50  # rows of one person


def within_a_day(attendance: list[tuple[int, Attendance]], sheet: Sheet) -> list[Attendance]:
    """The rows of attendance.csv that a date has room for (R7.5)."""
    good, of_date = [], defaultdict[tuple[str, date], list[Decimal]](list)
    for line, row in attendance:
        on_date = of_date[row.participant_id, row.date]
        if sum(on_date) + row.minutes > cell.MINUTES_OF_A_DATE:
            problem = "makes more minutes of that person and date than a day has, with the rows above it"
            sheet.fault(line, "minutes", str(row.minutes), problem, "at most 1440 on a date, all activities together")
        elif len(on_date) == MOST_A_DATE:
            problem = f"comes after {MOST_A_DATE} rows of that person and date"
            sheet.fault(line, "date", str(row.date), problem, f"at most {MOST_A_DATE} of them")
        else:
            on_date.append(row.minutes)
            good.append(row)
    return good


def histories(goals: list[tuple[int, GoalVersion]], sheet: Sheet) -> list[GoalVersion]:
    """The goals whose versions fit together: one person throughout, and a correction has something to correct."""
    listed = defaultdict(set)
    for _, cells in sheet.rows:
        if re.fullmatch("[0-9]{0,9}", cells["version"]):
            listed[cells["goal_id"]].add(int(cells["version"] or 1))
    good: dict[tuple[str, int], tuple[int, GoalVersion]] = {}
    owner: dict[str, str] = {}
    for line, goal in sorted(goals, key=lambda item: (item[1].goal_id, item[1].version)):
        before = max((v for v in listed[goal.goal_id] if v < goal.version), default=None) if goal.correction else None
        if owner.setdefault(goal.goal_id, goal.participant_id) != goal.participant_id:
            expected = "the participant of the earlier versions, or another goal_id"
            problem = ("participant_id", goal.participant_id, "is not whose goal it was", expected)
        elif goal.correction and before is None:
            expected = "false, or a later version that corrects an earlier one"
            problem = ("correction", "true", "has no earlier version to correct", expected)
        elif goal.correction and goal.effective_from is None and (goal.goal_id, before) not in good:
            missing = f"is empty, and version {before} has no usable row to take it from"
            problem = ("effective_from", "", missing, "a good row of that version, or a date")
        else:
            good[goal.goal_id, goal.version] = line, goal
            continue
        sheet.fault(line, *problem)
    return [goal for _, goal in sorted(good.values(), key=lambda item: item[0])]
