"""What rows of one control file say together: good one by one, they need not fit each other."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date
from typing import TYPE_CHECKING

from models.study.control_file import Sheet

if TYPE_CHECKING:
    from models.study.folder import GoalVersion, Infusion, Zone

ANCHORING = ("completed", "stopped_early")  # infusions that happened: only these begin and cut weeks


def one_a_day(infusions: list[tuple[int, Infusion]], sheet: Sheet) -> list[tuple[int, Infusion]]:
    """Two infusions that happened on one local date: which one is real is for a person to say (R8.1)."""
    kept, taken = [], dict[tuple[str, date], int]()
    for line, infusion in infusions:
        happened = infusion.status in ANCHORING
        first = taken.setdefault((infusion.participant_id, infusion.infused_on), line) if happened else line
        if first == line:
            kept.append((line, infusion))
        else:
            problem = (f"is the date of line {first} too", "one infusion of a participant on a date")
            remedy = "correct one of the two rows, or its status"
            sheet.fault(line, "infused_on", str(infusion.infused_on), *problem, remedy)
    return kept


MOST_MOVES = 500  # of one person


def moves(zones: list[tuple[int, Zone]], sheet: Sheet) -> list[Zone]:
    """The rows of zones.csv that a life can have: every date is looked up among a person's moves."""
    kept, counted = [], Counter[str]()
    for line, zone in zones:
        counted[zone.participant_id] += 1
        if counted[zone.participant_id] <= MOST_MOVES:
            kept.append(zone)
        elif counted[zone.participant_id] == MOST_MOVES + 1:
            problem = (f"comes after {MOST_MOVES} rows of that person", f"at most {MOST_MOVES} moves of one person")
            remedy = "take this row and those after it out"
            sheet.fault(line, "participant_id", zone.participant_id, *problem, remedy)
    return kept


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
