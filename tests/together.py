"""One night for all tests of a module: each hands in for a person of its own, and looks at that person's numbers.

A test is written as if it had a study to itself. It is called twice: until it asks for the night, to see what it hands
in; then, after one night over everybody, to its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.studies import StudyFolder

_PUBLISHED = ("daily_activity", "goal_week", "infusion_window", "session")


class _NightIsDue(Exception):
    """The test has handed in all it wants to."""


class Person:
    """What a test has in the place of a study: somebody who is P1 in it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.participants, self.zones = ["P1,,,"], list[str]()
        self.files: dict[str, bytes | str] = {}
        self.study: StudyFolder | None = None

    def write(self) -> None:
        """The control files are written for everybody."""

    def put(self, path: str, content: bytes | str) -> None:
        self.files[path.replace("P1/", f"{self.name}/", 1)] = content

    def night(self) -> None:
        if self.study is None:
            raise _NightIsDue

    def day(self, local_date: str) -> dict:
        assert self.study
        return self.study.day(local_date, self.name)

    def ask(self, sql: str) -> list[tuple]:
        """Rows from the published database, in which there is nobody else."""
        assert self.study
        own = (f"{name} AS (FROM main.{name} WHERE participant_id = '{self.name}')" for name in _PUBLISHED)
        return self.study.ask(f"WITH {', '.join(own)} {sql}")


def one_night(tests: Iterable[pytest.Item], folder: Path) -> dict[str, Person]:
    """The people of some tests after their night, by the test's id."""
    people: dict[str, Person] = {}
    for test in tests:
        person = people[test.nodeid] = Person(f"T{len(people)}")
        parameters = test.callspec.params if hasattr(test, "callspec") else {}
        with suppress(Exception):  # what is wrong with it shows when it is called again
            test.obj(study=person, **parameters)
    study = StudyFolder(folder, [], [], [])
    for who, person in ((person.name, person) for person in people.values()):
        study.participants += [row.replace("P1", who) for row in person.participants]
        study.zones += [row.replace("P1", who) for row in person.zones]
        study.infusions.append(f"{who}-1,{who},2026-03-02,,")
        study.goals.append(f"{who}-steps,,{who},,1,1,daily_mean,steps,5000,,,2026-03-02,,,")
    study.write()
    for person in people.values():
        for path, content in person.files.items():
            study.put(path, content)
    assert study.night().is_clean
    for person in people.values():
        person.study = study
    return people
