"""A study as one of its shards sees it: some of its people, and all that the control files say of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from models.fault import AWAY, StudyError
from models.study.folder import read_study
from models.study.study import Rows, Study

_BY_ROW = ("participants", "infusions", "goals", "holds", "zones", "attendance", "outcomes")


def part(study: Study, people: Collection[str]) -> Study:
    """The study of these people alone. It can be sent to another process: rows that nobody has read are read there."""
    own = frozenset(people)
    again = partial(_read_again, study.folder, study.print, own)
    rows: Callable[[], Rows] = again if study.is_recorded and own else _Known(_of(study.rows, own) if own else Rows())
    return replace(
        study, read=rows, print=study.print if study.is_recorded else "", is_recorded=True,
        homes={who: zone for who, zone in study.homes.items() if who in own},
        moves={who: moves for who, moves in study.moves.items() if who in own},
        priorities={who: names for who, names in study.priorities.items() if who in own},
        by_hour=study.hourly, faults=[fault for fault in study.faults if fault.participant_id in own],
        held_people={who: fault for who, fault in study.held_people.items() if who in own},
        held_goals={goal: fault for goal, fault in study.held_goals.items() if study.owners[goal] in own},
    )  # fmt: skip


class _Known:
    """Rows that were read: a function that gives them, and can be sent."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def __call__(self) -> Rows:
        return self.rows


def _of(rows: Rows, people: frozenset[str]) -> Rows:
    """What is about some people."""
    own: dict[str, Any] = {
        name: tuple(row for row in getattr(rows, name) if row.participant_id in people) for name in _BY_ROW
    }
    return Rows(**own)


def _read_again(folder: Path, fingerprint: str, people: frozenset[str]) -> Rows:
    found = read_study(folder)
    if found.print != fingerprint:
        raise StudyError("the control files were changed while they were read", "run again", AWAY)
    return _of(found.rows, people)
