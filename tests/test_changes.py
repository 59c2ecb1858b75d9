"""`stepwindow changes`: which verdicts changed, in the last run or since then."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.cli import main
from tests.studies import StudyFolder, garmin_day

FIRST = date(2026, 3, 3)
LATE = f"P1/{FIRST + timedelta(days=1)}.fit and 5 more"
NAMES = [
    "run_id", "participant_id", "goal_id", "infusion_id", "week", "status_before", "status_after", "value_before",
    "value_after", "cause",
]  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A night that sees too little of the week, one with the rest, one with a corrected day, one with nothing new."""
    study = StudyFolder(tmp_path_factory.mktemp("changes") / "study").write()
    days = [str(FIRST + timedelta(days=n)) for n in range(7)]
    for names, steps in ((days[:1], 6000), (days[1:], 6000), ([], 0)):
        for day in names:
            study.put(f"P1/{day}.fit", garmin_day(day, steps))
        study.night()
    return study


def changes(study: StudyFolder, capsys, *words: str) -> str:
    assert main(["changes", "--study", str(study.folder), *words]) == 0
    return capsys.readouterr().out


def runs(study: StudyFolder) -> list[str]:
    return [run for (run,) in study.ask("SELECT run_id FROM run ORDER BY run_number")]


def test_a_run_without_changes_says_so_in_one_line(study: StudyFolder, capsys) -> None:
    assert changes(study, capsys) == "no verdict changed\n"
    assert json.loads(changes(study, capsys, "--json")) == []
    assert changes(study, capsys, "--csv") == ",".join(NAMES) + "\n"


def test_since_a_run_each_change_is_a_line_with_its_cause(study: StudyFolder, capsys) -> None:
    first, second, third = runs(study)
    assert changes(study, capsys, "--since", second) == f"P1 G1 week 1: cannot be said -> met (late_data): {LATE}\n"
    assert changes(study, capsys, "--since", first).splitlines() == [
        "P1 G1 week 1: no verdict -> cannot be said (first_verdict)",
        f"P1 G1 week 1: cannot be said -> met (late_data): {LATE}",
    ]
    assert changes(study, capsys, "--since", third) == "no verdict changed\n"


def test_since_a_date_are_the_runs_that_began_on_it_or_later(study: StudyFolder, capsys) -> None:
    began = study.ask("SELECT min(started_at AT TIME ZONE 'UTC')::DATE FROM run")[0][0]
    assert len(changes(study, capsys, "--since", str(began)).splitlines()) == 2
    assert changes(study, capsys, "--since", str(began + timedelta(days=2))) == "no verdict changed\n"


def test_for_machines_it_is_what_the_history_says(study: StudyFolder, capsys) -> None:
    second = runs(study)[1]
    (row,) = json.loads(changes(study, capsys, "--since", second, "--json"))
    assert list(row) == [*NAMES, "behind"]
    assert row["behind"] == [f"P1/{FIRST + timedelta(days=n)}.fit" for n in range(1, 7)]
    assert (row["run_id"], row["status_before"], row["status_after"]) == (second, "insufficient_data", "met")
    assert (row["value_after"], row["cause"]) == (6000, "late_data")
    (read,) = csv.DictReader(io.StringIO(changes(study, capsys, "--since", second, "--csv")))
    assert read["goal_id"] == "G1"
    assert float(read["value_after"]) == 6000


def test_a_figure_that_moves_under_the_same_verdict_is_a_change(study: StudyFolder, tmp_path: Path, capsys) -> None:
    again = study.copied(tmp_path / "study")
    again.put("P1/again.fit", garmin_day(str(FIRST), 13_000))
    again.night()
    assert changes(again, capsys) == "P1 G1 week 1: met as before, 6000 -> 7000 (late_data): P1/again.fit\n"


def test_a_moved_infusion_is_one_line_a_week(study: StudyFolder, tmp_path: Path, capsys) -> None:
    again = study.copied(tmp_path / "study")
    again.infusions = ["I1,P1,2026-03-04,,"]
    again.write().night()
    place = "infusions.csv line 2 (infused_on: 2026-03-02 -> 2026-03-04)"
    assert changes(again, capsys) == f"P1 G1 week 1: met as before, 6000 (infusion_moved): {place}\n"


def test_a_run_that_never_was_is_one_sentence(study: StudyFolder, capsys) -> None:
    assert main(["changes", "--study", str(study.folder), "--since", "yesterday"]) == 2
    error = capsys.readouterr().err
    assert "--since yesterday: no such run" in error
    assert len(error.splitlines()) == 1
