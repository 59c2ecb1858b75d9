"""The same nights for all tests of a module: each hands in for people of its own, and looks at their numbers.

A test is written as if it had a study to itself: P1, P2, I1 and G1 are its own. It is called again and again: until it
asks for a night, to see what it hands in; after that night, over everybody, until it asks for the next; and to its end.
A module that imports `people` and `study` has its tests that take nothing but a `study` (and parameters) taken so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from flows.night.run import Run
from models.fault import Fault
from tests.studies import StudyFolder

_PUBLISHED = (
    "daily_activity", "goal_week", "goal_week_history", "weekly_activity", "infusion_window", "session", "rejection",
    "participant", "attendance", "outcome", "hourly_activity",
)  # fmt: skip
_SHEETS = ("participants", "infusions", "goals", "zones", "attendance", "outcomes")


class _NightIsDue(Exception):
    """The test has handed in all it wants to."""


@dataclass
class Night:
    """What a night was for somebody."""

    new_faults: list[Fault]
    is_clean: bool


class Person:
    """What a test has in the place of a study: people who are P1, P2 in it."""

    def __init__(self, name: str, inbox: Path, nights: list[tuple[StudyFolder, Run]]) -> None:
        self.mark, self.inbox, self.nights = f"{name}-", inbox, nights
        self.begin()

    def begin(self) -> None:
        """As before the first night."""
        self.participants, self.infusions, self.zones = ["P1,,,"], ["I1,P1,2026-03-02,,"], list[str]()
        self.goals = ["G1,,P1,,1,1,daily_mean,steps,5000,,,2026-03-02,,,"]
        self.attendance, self.outcomes = list[str](), list[str]()
        self.files: dict[str, bytes | str | None] = {}
        self.passed = 0

    def own(self, text: str) -> str:
        return re.sub(r"\b(?=[PIG]\d\b)", self.mark, text)

    def write(self) -> None:
        """The control files are written for everybody."""

    def put(self, path: str, content: bytes | str) -> Path:
        self.files[self.own(path)] = content
        return self.inbox / self.own(path)

    def take_out(self, path: str) -> None:
        """A file out of the inbox."""
        self.files[self.own(path)] = None

    def night(self) -> Night:
        if self.passed == len(self.nights):
            raise _NightIsDue
        self.passed += 1
        run = self.nights[self.passed - 1][1]
        theirs = [fault for fault in run.new_faults if self.mark in f"{fault.participant_id}, {fault.file}"]
        faults = [replace(fault, file=fault.file.replace(self.mark, "")) for fault in theirs]
        return Night(faults, not faults and not any(who.startswith(self.mark) for who in run.held))

    @property
    def study(self) -> StudyFolder:
        """Everybody's, as it was after the night before now."""
        return self.nights[self.passed - 1][0]

    @property
    def folder(self) -> Path:
        return self.study.folder

    def day(self, local_date: str, who: str = "P1") -> dict:
        return self.study.day(local_date, self.own(who))

    def ask(self, sql: str) -> list[tuple]:
        """Rows from the published database, in which there is nobody else."""
        return self._in_own_words(self.study.ask(self._alone(sql, _PUBLISHED)))

    def ask_store(self, sql: str) -> list[tuple]:
        """Rows from the store, in which there is nobody else."""
        return self._in_own_words(self.study.ask_store(self._alone(sql, ("source_file", "minutes"))))

    def _alone(self, sql: str, relations: Iterable[str]) -> str:
        theirs = f"WHERE starts_with(participant_id, '{self.mark}')"
        return f"WITH {', '.join(f'{name} AS (FROM main.{name} {theirs})' for name in relations)} {self.own(sql)}"

    def _in_own_words(self, rows: list[tuple]) -> list[tuple]:
        def of(value: Any) -> Any:
            return value.replace(self.mark, "") if isinstance(value, str) else value

        return [tuple(map(of, row)) for row in rows]


def _wants_a_night(test: pytest.Function, person: Person) -> bool:
    person.begin()
    try:
        test.obj(study=person, **(test.callspec.params if hasattr(test, "callspec") else {}))
    except _NightIsDue:
        return True
    except Exception:  # what is wrong with it shows when it is called for the last time
        return False
    return False


@pytest.fixture(scope="module")
def people(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Person]:
    """Everybody, by the test's id, after all the nights that the tests want."""
    nights: list[tuple[StudyFolder, Run]] = []
    tests = [test for test in request.session.items if test.path == request.path and "study" in test.fixturenames]
    study = StudyFolder(tmp_path_factory.mktemp("together") / "study")
    people = {test.nodeid: Person(f"T{n}", study.folder / "inbox", nights) for n, test in enumerate(tests)}
    waiting = tests
    while waiting := [test for test in waiting if _wants_a_night(test, people[test.nodeid])]:
        for sheet in _SHEETS:
            setattr(study, sheet, [p.own(row) for p in people.values() for row in getattr(p, sheet)])
        study.write()
        for path, content in [file for p in people.values() for file in p.files.items()]:
            if content is None:
                (study.folder / "inbox" / path).unlink(missing_ok=True)
            else:
                study.put(path, content)
        run = study.night()
        nights.append((study.copied(study.folder.with_name(f"after-{len(nights)}")), run))
    return people


@pytest.fixture
def study(request: pytest.FixtureRequest, people: dict[str, Person]) -> Person:
    """A study of its own, as far as the test can see."""
    person = people[request.node.nodeid]
    person.begin()
    return person


@pytest.fixture
def alone(tmp_path: Path) -> StudyFolder:
    """A study that is the test's own indeed."""
    return StudyFolder(tmp_path / "study").write()
