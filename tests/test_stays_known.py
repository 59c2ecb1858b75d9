"""What goes on being known while something is wrong: who is held, whose an id is, a diary under another name."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import NamedTuple

import pytest

from flows.night.run import Run
from flows.version import CODE_VERSION
from models.store.store import open_store
from models.store.unload import take_out
from tests.studies import StudyFolder, garmin_day
from tests.writers import diary

PEOPLE = ("infused", "moved", "heir", "writer", "owner", "stranger")


class Night(NamedTuple):
    run: Run
    study: StudyFolder


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[Night]:
    """A good night, and two in which rows are bad, a diary has another name and a file is gone."""
    folder = tmp_path_factory.mktemp("known")
    study = StudyFolder(folder / "0", participants=[f"{who},,," for who in PEOPLE])
    study.infusions = ["I1,infused,2026-03-02,,", "I2,moved,2026-03-02,,"]
    study.goals = [f"G-{who},,{who},,1,1,daily_mean,steps,5000,,,2026-03-02,,," for who in ("infused", "moved")]
    study.write()
    first = study.put("writer/diary.csv", diary.diary([(date(2026, 3, 3), "yoga", 20)]))
    for who in ("owner", "stranger"):
        study.put(f"{who}/a.fit", garmin_day("2026-03-05"))
    nights = [Night(study.night(), study.copied(folder / "1"))]
    with closing(open_store(study.folder / "warehouse")) as store:
        take_out(store, "stranger", "stranger/a.fit", CODE_VERSION)

    study.participants[1] = "moved,Nope/Nope,,"
    study.infusions = ["I1,???,2026-03-02,,", "I2,heir,2026-03-09,,"]
    study.write()
    first.rename(first.with_name("diary-march.csv"))
    study.put("writer/diary.csv", diary.diary([(date(2026, 3, 5), "yoga", 30)]))
    (study.folder / "inbox/owner/a.fit").unlink()
    return [*nights, *(Night(study.night(), study.copied(folder / str(number))) for number in (2, 3))]


def test_who_is_held_for_a_row_that_no_longer_names_them_is_held_every_night(nights: list[Night]) -> None:
    verdicts = "SELECT goal_id, week, status FROM goal_week WHERE participant_id = 'infused'"
    stood = nights[0].study.ask(verdicts)
    assert stood
    for run, study in nights[1:]:
        assert ("infused" in run.held, run.is_clean) == (True, False)
        assert study.ask(verdicts) == stood


def test_an_id_that_a_good_row_gives_to_somebody_else_holds_nobody_innocent(nights: list[Night]) -> None:
    """Where all is made from nothing, too: tests/test_apart.py."""
    for run, study in nights[1:]:
        assert {who: why.step for who, why in run.held.items()} == {"infused": "weeks", "moved": "days"}
        assert study.ask("SELECT participant_id FROM infusion WHERE infusion_id = 'I2'") == [("heir",)]


def test_a_diary_that_was_renamed_goes_on_counting_when_its_name_is_used_again(nights: list[Night]) -> None:
    for _, study in nights[1:]:
        assert [int(study.day(f"2026-03-0{day}", "writer")["yoga_minutes"]) for day in (3, 5)] == [20, 30]


def test_a_file_that_was_unloaded_from_somebody_else_is_merely_gone_when_it_goes(nights: list[Night]) -> None:
    for run, study in nights[1:]:
        assert run.moved == 0
        assert study.day("2026-03-05", "owner")["steps"] == 6000
