"""The sample study: reproducible, clean, and showing every kind of verdict."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.studies import StudyFolder
from tests.test_night import content_of
from tests.writers.study import write

SAMPLE = Path(__file__).parents[1] / "sample_data" / "study"


@pytest.fixture
def judged(sample: StudyFolder) -> StudyFolder:
    return sample


def test_its_writer_makes_it_again_byte_for_byte(tmp_path: Path) -> None:
    write(tmp_path)
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    kept = {
        p.relative_to(SAMPLE): p.read_bytes()
        for p in SAMPLE.rglob("*")
        if p.is_file() and "warehouse" not in p.relative_to(SAMPLE).parts
    }
    assert made.keys() == kept.keys()
    assert [name for name in made if made[name] != kept[name]] == []


def test_its_verdicts_are_of_every_kind(judged: StudyFolder) -> None:
    said = {status for (status,) in judged.ask("SELECT DISTINCT status FROM goal_week")}
    assert said >= {"met", "partly_met", "missed", "insufficient_data", "in_progress", "upcoming"}
    kinds = {kind for (kind,) in judged.ask("SELECT DISTINCT kind FROM goal_week")}
    assert kinds == {"weekly_total", "daily_mean", "days_with", "streak"}


def test_the_induction_series_is_followed_from_its_last_infusion(judged: StudyFolder) -> None:
    full = judged.ask(
        """SELECT infusion_id, count(*) FROM infusion_window
           WHERE participant_id = 'P01' AND is_eligible GROUP BY ALL ORDER BY ALL"""
    )
    assert full == [("P01-1", 1), ("P01-2", 1), ("P01-3", 2), ("P01-4", 1), ("P01-5", 1), ("P01-6", 28)]


def test_cancelled_and_scheduled_infusions_have_no_weeks(judged: StudyFolder) -> None:
    assert judged.ask("SELECT DISTINCT infusion_id FROM goal_week WHERE participant_id = 'P03'") == [("P03-1",)]


def test_the_clinics_own_columns_are_an_arm_and_a_dose(judged: StudyFolder) -> None:
    count = "SELECT name, infusion_id IS NULL, count(*), count(number) FROM covariate GROUP BY ALL ORDER BY ALL"
    assert judged.ask(count) == [("arm", True, 6, 0), ("dose_mg", False, 16, 16)]


def test_watch_phone_both_and_neither_are_there(judged: StudyFolder) -> None:
    sources = dict(
        judged.ask(
            """SELECT participant_id, string_agg(DISTINCT primary_source, ' ' ORDER BY primary_source)
               FROM daily_activity WHERE primary_source IS NOT NULL GROUP BY ALL"""
        )
    )
    assert sources == {
        "P01": "garmin",
        "P02": "google_fit",
        "P03": "fitbit fitbit_phone",
        "P04": "diary",
        "P05": "garmin",
        "P06": "fitbit",
    }
    activities = {a for (a,) in judged.ask("SELECT DISTINCT activity FROM session")}
    assert activities >= {"walking", "yoga", "dance", "strength", "massage", "cycling"}


def test_days_not_worn_are_missing_not_low(judged: StudyFolder) -> None:
    unworn = judged.day("2026-02-21", "P01")
    assert (unworn["day_state"], unworn["steps"], unworn["walking_minutes"]) == ("no_data", None, None)
    assert judged.day("2026-02-11", "P03")["day_state"] == "valid"
    assert judged.day("2026-02-11", "P03")["primary_source"] == "fitbit_phone"


def test_the_spring_clock_change_is_a_day_of_23_hours(judged: StudyFolder) -> None:
    assert {judged.day("2026-03-08", who)["day_minutes"] for who in ("P01", "P02", "P05")} == {1380}
    assert judged.day("2026-03-07", "P01")["day_minutes"] == 1440


def test_decoding_every_file_again_changes_no_day_and_no_verdict(judged: StudyFolder, tmp_path: Path) -> None:
    shutil.copytree(judged.folder, tmp_path / "study", symlinks=True)
    study = StudyFolder(tmp_path / "study")
    files = study.ask("SELECT count(*) FROM source_file WHERE status = 'loaded' AND connector <> 'zip'")[0][0]
    history = "SELECT * FROM goal_week_history ORDER BY ALL"
    before, verdicts = content_of(study), study.ask(history)
    assert all(before[relation] for relation in ("daily_activity", "goal_week", "session", "source_day"))
    assert study.night(command="backfill", reload=True).files["loaded"] == files
    assert content_of(study) == before
    assert study.ask(history) == verdicts
