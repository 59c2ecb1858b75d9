"""What goes on being known while something is wrong: who is held, whose an id is, a diary under another name."""

from __future__ import annotations

from datetime import date

import pytest

from flows.cli import main
from tests.studies import StudyFolder, garmin_day
from tests.writers import diary


@pytest.mark.after_a_night
def test_who_is_held_for_a_row_that_no_longer_names_them_is_held_every_night(study: StudyFolder) -> None:
    stood = study.ask("SELECT goal_id, week, status FROM goal_week")
    study.infusions = ["I1,???,2026-03-02,,"]
    study.write()
    for _ in range(3):
        run = study.night()
        assert (list(run.held), run.is_clean) == (["P1"], False)
        assert study.ask("SELECT goal_id, week, status FROM goal_week") == stood


@pytest.mark.after_a_night
def test_an_id_that_a_good_row_gives_to_somebody_else_holds_nobody_innocent(study: StudyFolder) -> None:
    study.participants, study.infusions = ["P1,Nope/Nope,,", "P2,,,"], ["I1,P2,2026-03-09,,"]
    study.write()
    assert list(study.night().held) == ["P1"]
    run = study.night(command="backfill", rebuild=True)
    assert (list(run.held), run.held["P1"].step) == (["P1"], "days")
    assert study.ask("SELECT participant_id FROM infusion") == [("P2",)]


def test_a_diary_that_was_renamed_goes_on_counting_when_its_name_is_used_again(study: StudyFolder) -> None:
    first = study.put("P1/diary.csv", diary.diary([(date(2026, 3, 3), "yoga", 20)]))
    study.night()
    first.rename(first.with_name("diary-march.csv"))
    study.put("P1/diary.csv", diary.diary([(date(2026, 3, 5), "yoga", 30)]))
    for _ in range(2):
        study.night()
        assert [int(study.day(f"2026-03-0{day}")["yoga_minutes"]) for day in (3, 5)] == [20, 30]


def test_a_file_that_was_unloaded_from_somebody_else_is_merely_gone_when_it_goes(study: StudyFolder) -> None:
    for who in ("P1", "P2"):
        study.put(f"{who}/a.fit", garmin_day("2026-03-05"))
    study.night()
    assert main(["unload", "P2", "P2/a.fit", "--study", str(study.folder)]) == 0
    (study.folder / "inbox/P1/a.fit").unlink()
    assert study.night().moved == 0
    assert study.day("2026-03-05")["steps"] == 6000
