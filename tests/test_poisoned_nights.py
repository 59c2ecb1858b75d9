"""A few of the poisoned nights of tests/poisoned_nights.py, a kind of poison each; the long run is by hand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests import poisoned_nights as poison
from tests.studies import garmin_day, rows_of
from tests.test_apart import poisoned as fails_where
from tests.test_reader import close_readers, entry, lost_over_a_word


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[poison.Files, poison.Files], list[poison.Rows]]:
    """Ordinary people's files, and what is published of them after each of two nights."""
    files = poison.healthy(random.Random(5))
    return files, poison.without_poison(tmp_path_factory.mktemp("healthy") / "study", files)


def test_the_others_rows_are_those_of_nights_without_a_poison_of_every_kind(healthy, tmp_path: Path) -> None:
    poisons = {who: (kind, random.Random(1)) for who, kind in zip(("P3", "P5", "P6", "P7"), poison.KINDS, strict=True)}
    poison.poisoned(tmp_path / "study", *healthy, poisons)


def test_a_difference_is_found(healthy) -> None:
    """The check can fail."""
    _, (first, second) = healthy
    assert all(first[table] for table in ("daily_activity", "goal_week", "goal_week_history", "session"))
    other = {**first, "daily_activity": first["daily_activity"][1:]}
    with pytest.raises(AssertionError, match="other rows of people who are not poisoned in the first night: daily_act"):
        poison.assert_same(first, other, "the first night")
    with pytest.raises(AssertionError, match="in the second night"):
        poison.assert_same(first, second, "the second night")


def test_five_poisons_of_five_kinds_for_five_people_leave_the_others_a_night_of_their_own(
    healthy, monkeypatch, tmp_path
):
    """Objects without an end, a diary of days in one, what a process dies of, a day that cannot be resolved, and
    weeks that cannot be judged: one person each."""
    (files, _), (expected, _) = healthy
    poison_of = {
        "P3/steps-2026-03-05.json": b'[{"dateTime": ' * 20_000,
        "P5/diary.csv": b"date,activity,minutes\n" + b"2026-03-05,yoga,1440\n" * 700,
        "P6/diary.csv": entry("die"),
        "P7/2026-03-05.fit": garmin_day("2026-03-05"),
        "P8/2026-03-05.fit": garmin_day("2026-03-05"),
    }
    study = poison.a_study(tmp_path / "study", (*poison.HEALTHY, "P3", "P5", "P6", "P7", "P8"), files | poison_of)
    lost_over_a_word(monkeypatch)
    with fails_where(resolve="P7", judge="P8"):
        run = study.night()
    close_readers()
    assert {fault.participant_id for fault in run.new_faults} == {"P3", "P5", "P6"}
    assert {who: why.step for who, why in run.held.items()} == {"P7": "resolve", "P8": "judge"}
    poison.assert_same(rows_of(study, *poison.HEALTHY), expected, "the first night")
