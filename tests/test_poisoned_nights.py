"""A few of the poisoned nights of tests/poisoned_nights.py, a kind of poison each; the long run is by hand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests import poisoned_nights as poison
from tests.studies import garmin_day
from tests.test_apart import poisoned as fails_where
from tests.test_reader import entry, lost_over_a_word


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[poison.Files, poison.Files], list[poison.Rows]]:
    """Ordinary people's files, and what is published of them after each of two nights."""
    files = poison.healthy(random.Random(5))
    return files, poison.without_poison(tmp_path_factory.mktemp("healthy") / "study", files)


def test_poisoned_people_leave_the_others_nights_of_their_own(healthy, tmp_path: Path) -> None:
    """One with odd frames; one with damaged and hostile files, objects without an end, days of a diary in one, and
    what a process dies of; one whose days cannot be resolved, and one whose weeks cannot be judged."""
    files, expected = healthy
    rng = random.Random(1)
    lethal = {
        "steps-2026-03-06.json": b'[{"dateTime": ' * 20_000,
        "diary.csv": b"date,activity,minutes\n" + b"2026-03-05,yoga,1440\n" * 700,
        "diary-2.csv": entry("crash"),
    }
    made = {kind: make(rng) for kind, make in poison.KINDS.items()}
    a_day = {"2026-03-05.fit": garmin_day("2026-03-05")}
    files_of_one = made["damaged"] | made["hostile"] | lethal
    poisons = {"Days": a_day, "Frames": made["extremes"] + made["faulty reader"], "Files": files_of_one, "Aims": a_day}
    with lost_over_a_word():
        with fails_where(resolve="Days", judge="Aims"):
            study, run = poison.first_night(tmp_path / "study", files[0], expected[0], poisons, rng)
        assert {fault.file for fault in run.new_faults} >= {f"Files/{name}" for name in lethal}
        assert {who: why.step for who, why in run.held.items()} == {"Days": "resolve", "Aims": "judge"}
        assert poison.second_night(study, files[1], expected[1]).is_clean


def test_a_difference_is_found(healthy) -> None:
    """The check can fail."""
    _, (first, second) = healthy
    assert all(first[table] for table in ("daily_activity", "goal_week", "goal_week_history", "session"))
    other = {**first, "daily_activity": first["daily_activity"][1:]}
    with pytest.raises(AssertionError, match="other rows of people who are not poisoned in the first night: daily_act"):
        poison.assert_same(first, other, "the first night")
    with pytest.raises(AssertionError, match="in the second night"):
        poison.assert_same(first, second, "the second night")
