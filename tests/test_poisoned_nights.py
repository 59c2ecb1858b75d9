"""A few of the poisoned nights of tests/poisoned_nights.py, a kind of poison each; the long run is by hand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests import poisoned_nights as poison
from tests.studies import StudyFolder, garmin_day
from tests.test_apart import poisoned as fails_where
from tests.test_apart import rows_of, told_columns
from tests.test_reader import close_readers, entry, lost_over_a_word


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[poison.Files, poison.Files], list[poison.Rows]]:
    """Ordinary people's files, and what is published of them after each of two nights."""
    files = poison.healthy(random.Random(5))
    study = poison.a_study(tmp_path_factory.mktemp("healthy") / "study", poison.HEALTHY, files[0])
    poison.night(study, [])
    expected = [poison.of_the_others(study)]
    for path, content in files[1].items():
        study.put(path, content)
    poison.night(study, [])
    return files, [*expected, poison.of_the_others(study)]


@pytest.mark.parametrize("kind", poison.KINDS)
def test_the_others_rows_are_those_of_a_night_without_the_poisoned(kind, healthy, monkeypatch, tmp_path: Path):
    files, expected = healthy
    seed = 2 if kind == "faulty reader" else 1  # seed 1 of it costs as much as ten others
    monkeypatch.setattr(poison, "KINDS", {kind: poison.KINDS[kind]})
    poison.poisoned(tmp_path / "study", files, expected, random.Random(seed))


def test_a_difference_is_found(healthy, monkeypatch, tmp_path: Path) -> None:
    """The check can fail."""
    monkeypatch.setattr(poison, "KINDS", {"hostile": poison.KINDS["hostile"]})
    files, (first, second) = healthy
    other = {**first, "daily_activity": first["daily_activity"][1:]}
    with pytest.raises(AssertionError, match="other rows of people who are not poisoned in the first night"):
        poison.poisoned(tmp_path / "study", files, [other, second], random.Random(1))


def test_five_poisons_of_five_kinds_for_five_people_leave_the_sixth_a_night_of_their_own(monkeypatch, tmp_path: Path):
    """Objects without an end, a diary of days in one, what a process dies of, a day that cannot be resolved, and
    weeks that cannot be judged: one person each."""
    sixth = {f"P6/2026-03-{day:02}.fit": garmin_day(f"2026-03-{day:02}", 6000 + day) for day in range(3, 9)}
    alone = six(tmp_path / "alone", ["P6"], sixth)
    alone.night()
    poison_of = {
        "P1/steps-2026-03-05.json": b'[{"dateTime": ' * 20_000,
        "P2/diary.csv": b"date,activity,minutes\n" + b"2026-03-05,yoga,1440\n" * 700,
        "P3/diary.csv": entry("die"),
        "P4/2026-03-05.fit": garmin_day("2026-03-05"),
        "P5/2026-03-05.fit": garmin_day("2026-03-05"),
    }
    study = six(tmp_path / "study", [f"P{n}" for n in range(1, 7)], poison_of | sixth)
    lost_over_a_word(monkeypatch)
    marks = {
        "CREATE OR REPLACE TEMP TABLE resolved_day": "EXISTS (FROM asked WHERE participant_id = 'P4')",
        "CREATE OR REPLACE TEMP TABLE goal_week_now": "EXISTS (FROM asked WHERE participant_id = 'P5')",
    }
    with fails_where(monkeypatch, marks):
        run = study.night()
    close_readers()
    assert {fault.file.partition("/")[0] for fault in run.new_faults} == {"P1", "P2", "P3"}
    assert {who: why.step for who, why in run.held.items()} == {"P4": "resolve", "P5": "judge"}
    only = "WHERE participant_id = 'P6'"
    for table, rows in rows_of(alone).items():
        columns = told_columns(study, table)
        assert study.ask(f"SELECT {columns} FROM {table} {only} ORDER BY ALL") == rows, table


def six(folder: Path, people: list[str], files: dict[str, bytes]) -> StudyFolder:
    """People with an infusion and a goal each."""
    study = StudyFolder(
        folder,
        participants=people,
        infusions=[f"{who}-1,{who},2026-03-02" for who in people],
        goals=[f"{who}-steps,1,{who},,1,2,daily_mean,steps,5000,,,2026-03-01" for who in people],
    ).write()
    for path, content in files.items():
        study.put(path, content)
    return study
