"""`stepwindow day`: where the numbers of a day come from."""

from __future__ import annotations

import json

import pytest

from flows.cli import main
from tests.studies import StudyFolder, at, minutes, worn_from
from tests.writers import diary, fitbit, google_fit

DAY = "2026-03-05"


def told(study: StudyFolder, capsys) -> dict:
    assert main(["day", "P1", DAY, "--json", "--study", str(study.folder)]) == 0
    return json.loads(capsys.readouterr().out)


def test_sources_stand_side_by_side_with_what_was_used_and_why(study: StudyFolder, capsys) -> None:
    watch = [*minutes(at(f"{DAY} 10:00"), [10] * 120), *minutes(at(f"{DAY} 14:00"), [10] * 360)]
    study.put("P1/s.csv", fitbit.steps({"Charge 6": watch, "MobileTrack": minutes(at(f"{DAY} 10:00"), [9] * 600)}))
    beats = [*worn_from(at(f"{DAY} 09:00"), 3), *worn_from(at(f"{DAY} 14:00"), 8)]
    study.put("P1/heart_rate_x.csv", fitbit.heart_rate({"Charge 6": beats}))
    study.put("P1/g.csv", google_fit.daily([google_fit.Day(at(f"{DAY} 00:00").date(), steps=7000)]))
    study.put("P1/diary.csv", diary.diary([(DAY, "yoga", 10, "18:00")]))
    study.attendance = [f"P1,{DAY},yoga,25,,nurse"]
    study.write().night()
    found = told(study, capsys)
    assert [(s["source"], s["role"].split(":")[0]) for s in found["sources"]] == [
        ("fitbit", "480 minutes with steps used"),
        ("google_fit", "set aside"),
        ("fitbit_phone", "119 minutes with steps used"),
    ]
    assert found["sources"][1]["why"] == "a total is never combined with minutes"
    assert [(m["source"], m["steps"]) for m in found["minutes"]] == [
        ("fitbit", 1200), ("fitbit_phone", 1071), ("fitbit", 3600),
    ]  # fmt: skip
    assert found["day"][0]["steps"] == sum(m["steps"] for m in found["minutes"]) == study.day(DAY)["steps"]
    assert [(s["source"], s["activity"], s["from_utc"] is None, s["minutes"]) for s in found["sessions"]] == [
        ("attendance", "yoga", True, 25), ("diary", "yoga", False, 10),
    ]  # fmt: skip
    assert found["day"][0]["yoga_minutes"] == 25
    assert len(found["files"]) == 4


def test_asking_changes_nothing_and_prints_within_a_hundred_columns(study: StudyFolder, capsys) -> None:
    study.put("P1/s.csv", fitbit.steps({None: minutes(at(f"{DAY} 10:00"), [90] * 30)}))
    study.night()
    before = (study.folder / "warehouse/store.duckdb").read_bytes()
    assert main(["day", "P1", DAY, "--study", str(study.folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    assert any("fitbit: 30 minutes with steps used (best source that day)" in line for line in lines)
    assert (study.folder / "warehouse/store.duckdb").read_bytes() == before


@pytest.mark.after_a_night
def test_a_day_of_which_nothing_is_known_is_one_sentence(study: StudyFolder, capsys) -> None:
    assert main(["day", "P2", DAY, "--study", str(study.folder)]) == 2
    assert "nothing is known of that day" in capsys.readouterr().err
