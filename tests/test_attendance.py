"""What the clinic keeps: sessions (attendance.csv), scores (outcomes.csv), and who left (`left_on`)."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from flows.report.outcomes import outcomes
from flows.report.site import template
from models.store.control import write_control
from models.store.replay import replay
from models.store.share import Terms, share
from models.store.store import open_store
from models.study.folder import read_study
from models.study.frames import control_frames
from tests.studies import StudyFolder, garmin_day, rows_of
from tests.together import Person, alone, people, study
from tests.writers import diary

__all__ = ["alone", "people", "study"]  # the fixtures

DAY, YOGA_A_WEEK = "2026-03-03", "G1,,P1,,1,1,days_with,yoga_minutes,2,20,,2026-03-02,,,"


def minutes(study: Person, day: str = DAY) -> dict[str, Decimal]:
    return {name.removesuffix("_minutes"): value for name, value in study.day(day).items() if name.endswith("_minutes")}


# Beside the watch and the diary -----------------------------------------------------------------------------------
def test_a_led_dance_beside_the_watch_counts_each_minute_once(study: Person) -> None:
    study.put("P1/a.fit", garmin_day(DAY))  # walks from 10:00 to 11:00 at 100 steps a minute
    study.attendance = [f"P1,{DAY},dance,45,10:30,therapist"]
    study.night()
    day = minutes(study)
    assert (day["dance"], day["walking"], day["exercise"], day["movement"]) == (45, 30, 45, 75)
    assert study.day(DAY)["steps"] == 6000
    assert (study.day(DAY)["sources"], study.day(DAY)["primary_source"]) == ("garmin;attendance", "garmin")
    assert study.ask("SELECT modality, source, activity, timer_minutes, local_date FROM session") == [
        ("clinic_recorded", "attendance", "dance", 45, date(2026, 3, 3))
    ]
    kept = "SELECT date, a.activity, minutes, led_by, a.start_time = s.start_time FROM attendance a JOIN session s"
    assert study.ask(f"{kept} USING (session_id)") == [(date(2026, 3, 3), "dance", 45, "therapist", True)]


@pytest.mark.parametrize(
    ("written", "kept", "yoga", "movement"),
    [
        (["20,"], ["35,"], 35, 35),  # of two without a time the larger counts
        (["50,"], ["35,"], 50, 50),
        (["20,", "20,"], ["35,"], 40, 40),  # two entries of one diary both count
        (["30,"], ["35,18:00"], 35, 35),  # the one without a time covers what the clinic placed
        (["50,"], ["35,18:00"], 50, 50),
        (["20,18:00"], ["35,"], 35, 35),
        (["20,18:00"], ["35,18:00"], 35, 35),  # the same time is one session
        (["20,08:00"], ["35,18:00"], 55, 55),  # two times are two
        (["20,08:00", "10,"], ["35,18:00"], 55, 55),
        (["40,"], ["10,08:00", "35,"], 45, 45),
    ],
)
def test_what_diary_and_clinic_tell_of_one_activity(study: Person, written, kept, yoga, movement) -> None:
    entries = [(DAY, "yoga", *entry.split(",")) for entry in written]
    study.put("P1/diary.csv", diary.diary(entries))
    study.attendance = [f"P1,{DAY},Yoga,{row}," for row in kept]
    study.night()
    assert (minutes(study)["yoga"], minutes(study)["movement"]) == (yoga, movement)


def test_who_tells_another_activity_of_a_minute_does_not_tell_the_one_it_counts_as(study: Person) -> None:
    study.put("P1/diary.csv", diary.diary([(DAY, "dance", 45, "18:00")]))
    study.attendance = [f"P1,{DAY},yoga,45,18:00,", f"P1,{DAY},dance,30,,"]  # the 30 are among the 45 of the diary
    study.night()
    day = minutes(study)
    assert (day["dance"], day["yoga"], day["movement"]) == (45, None, 45)


def test_a_session_without_a_time_covers_first_what_the_watch_and_the_diary_do_not_explain(study: Person) -> None:
    study.put("P1/diary.csv", diary.diary([(DAY, "dance", 30, "09:00")]))
    study.attendance = [f"P1,{DAY},dance,50,,", f"P1,{DAY},strength,20,,"]
    study.night()
    day = minutes(study)
    assert (day["dance"], day["strength"], day["workout"], day["movement"]) == (50, 20, 70, 70)


def test_massage_at_the_clinic_is_never_movement_and_opens_the_log_of_its_week(study: Person) -> None:
    study.goals = [YOGA_A_WEEK, YOGA_A_WEEK.replace("G1", "G2").replace("P1", "P2")]
    study.participants.append("P2,,,")
    study.infusions.append("I2,P2,2026-03-02,,")
    study.attendance = [f"P1,{DAY},massage,30,,nurse", f"P1,{DAY},massage,20,12:00,"]
    study.night()
    day = minutes(study)
    assert (study.day(DAY)["sources"], study.day(DAY)["primary_source"]) == ("attendance", None)
    assert (day["massage"], day["movement"], day["exercise"], day["walking"]) == (50, None, None, None)
    assert study.ask("SELECT goal_id, status, reason FROM goal_week ORDER BY goal_id") == [
        ("G1", "missed", None), ("G2", "insufficient_data", "no_log"),
    ]  # fmt: skip


def test_a_start_time_is_on_the_clinics_clock_and_the_date_where_the_person_was(study: Person) -> None:
    study.participants = ["P1,America/Los_Angeles,,"]
    study.attendance = ["P1,2026-03-05,yoga,60,00:30,", "P1,2026-03-06,dance,240,01:00,"]
    study.night()
    session = "SELECT local_date, start_time, local_start_minute, local_end_date FROM session ORDER BY start_time"
    assert [(day, str(start)[:16], *wall) for day, start, *wall in study.ask(session)] == [
        (date(2026, 3, 4), "2026-03-05 05:30", 21 * 60 + 30, date(2026, 3, 4)),
        (date(2026, 3, 5), "2026-03-06 06:00", 22 * 60, date(2026, 3, 6)),
    ]  # fmt: skip
    assert [minutes(study, f"2026-03-0{n}")["yoga"] for n in (4, 5)] == [60, None]
    assert [minutes(study, f"2026-03-0{n}")["dance"] for n in (5, 6)] == [120, 120]
    assert study.ask("SELECT date FROM attendance ORDER BY 1") == [(date(2026, 3, 5),), (date(2026, 3, 6),)]


# What changes between two nights -----------------------------------------------------------------------------------
def test_a_row_that_comes_changes_or_goes_judges_again_and_says_why(study: Person) -> None:
    other = {"comes": "P1", "changes": "P2", "goes": "P3", "is led by another": "P4"}
    study.participants = [f"{who},,," for who in other.values()]
    study.infusions = [f"{who.replace('P', 'I')},{who},2026-03-02,," for who in other.values()]
    study.goals = [YOGA_A_WEEK.replace("G1", who.replace("P", "G")).replace("P1", who) for who in other.values()]
    study.attendance = [f"{who},2026-03-0{n},yoga,25,,nurse" for who in other.values() for n in (3, 4)]
    study.attendance.remove("P1,2026-03-04,yoga,25,,nurse")
    study.night()
    before = dict(study.ask("SELECT goal_id, status FROM goal_week"))
    assert before == {"G1": "partly_met", "G2": "met", "G3": "met", "G4": "met"}
    study.attendance.append("P1,2026-03-04,yoga,25,,nurse")
    study.attendance[study.attendance.index("P2,2026-03-04,yoga,25,,nurse")] = "P2,2026-03-04,yoga,15,,nurse"
    study.attendance.remove("P3,2026-03-04,yoga,25,,nurse")
    study.attendance[study.attendance.index("P4,2026-03-04,yoga,25,,nurse")] = "P4,2026-03-04,yoga,25,,therapist"
    study.night()
    assert study.ask("SELECT goal_id, status, cause FROM goal_week_history WHERE is_current ORDER BY 1") == [
        ("G1", "met", "late_data"), ("G2", "partly_met", "corrected_data"), ("G3", "partly_met", "corrected_data"),
        ("G4", "met", "first_verdict"),
    ]  # fmt: skip
    assert study.day("2026-03-04", "P3") == {}
    assert study.ask("SELECT led_by FROM attendance WHERE participant_id LIKE '%P4' ORDER BY date") == [
        ("nurse",), ("therapist",),
    ]  # fmt: skip


def test_the_rows_of_a_store_made_anew_are_of_no_other_zone(tmp_path: Path) -> None:
    clinic = StudyFolder(tmp_path / "study", attendance=[f"P1,{DAY},yoga,25,18:30,"])

    def causes() -> list[tuple]:
        write_control(store, control_frames(read_study(clinic.write().folder)))
        store.con.execute("CREATE OR REPLACE TEMP TABLE stale AS SELECT DISTINCT cause FROM stale_day")
        store.con.execute("DELETE FROM stale_day")
        return store.rows("FROM stale")

    with closing(open_store(tmp_path / "warehouse")) as store:
        assert causes() == [("late_data",)]
        assert causes() == []
        clinic.participants[0] = "P1,Asia/Tokyo,,"
        assert causes() == [("zone_changed",)]


def test_a_bad_row_holds_its_person_alone_whose_days_go_on_with_the_rows_of_before(study: Person) -> None:
    study.participants += ["P2,,,", "P3,,,"]
    study.infusions += ["I2,P2,2026-03-02,,", "I3,P3,2026-03-02,,"]
    study.goals = [YOGA_A_WEEK.replace("G1", f"G{n}").replace("P1", f"P{n}") for n in (1, 2, 3)]
    study.attendance = [f"{who},2026-03-0{n},yoga,25,,nurse" for who in ("P1", "P2", "P3") for n in (3, 4)]
    assert study.night().is_clean
    study.attendance = ["P1,2026-03-03,yogga,25,,nurse", "P2,2026-03-03,yoga,25,,nurse", "P3,2026-03-03,yoga,9,,"]
    study.infusions[2] = "I3,P3,soon,,"  # days go on with what is said of the person today
    study.put("P1/a.fit", garmin_day("2026-03-05"))
    assert not study.night().is_clean
    assert study.ask("SELECT goal_id, status, is_held FROM goal_week ORDER BY 1") == [
        ("G1", "met", True), ("G2", "partly_met", False), ("G3", "met", True),
    ]  # fmt: skip
    assert (minutes(study, "2026-03-04")["yoga"], study.day("2026-03-05")["steps"]) == (25, 6000)
    assert (study.day("2026-03-03", "P3")["yoga_minutes"], study.day("2026-03-04", "P3")) == (9, {})
    study.attendance[0], study.infusions[2] = "P1,2026-03-03,yoga,25,,nurse", "I3,P3,2026-03-02,,"
    study.night()
    assert study.ask("SELECT goal_id, status, is_held FROM goal_week ORDER BY 1") == [
        ("G1", "partly_met", False), ("G2", "partly_met", False), ("G3", "missed", False),
    ]  # fmt: skip


# Scores ------------------------------------------------------------------------------------------------------------
def test_scores_are_published_as_they_are_and_a_bad_one_holds_nobody(study: Person) -> None:
    study.outcomes = [
        "P1,2026-03-02,PHQ-9,14",
        "P1,9.3.2026,PHQ-9,7.5",
        "P1,2026-03-09,mood,-2",
        "P1,2026-03-16,PHQ-9,many",
    ]
    study.night()
    assert study.ask("SELECT date, scale, score FROM outcome ORDER BY scale, date") == [
        (date(2026, 3, 2), "PHQ-9", 14), (date(2026, 3, 9), "PHQ-9", Decimal("7.5")), (date(2026, 3, 9), "mood", -2),
    ]  # fmt: skip
    assert study.ask("SELECT status, is_held FROM goal_week") == [("insufficient_data", False)]


def test_a_score_stands_at_the_noon_of_its_day_and_the_highest_on_top() -> None:
    scores = [
        {"scale": scale, "date": date(2026, 3, day), "score": Decimal(score)}
        for scale, day, score in (("GAD-7", 4, 5), ("PHQ-9", 1, 20), ("PHQ-9", 10, 10), ("PHQ-9", 31, 0))
    ]
    stretches = [
        {"first": date(2026, 3, 11), "last": date(2026, 3, 20)},
        {"first": date(2026, 3, 1), "last": date(2026, 3, 10)},
    ]
    found = outcomes(scores, stretches)
    (part,) = found["parts"]  # days without a score have no drawing
    assert [(o["name"], o["low"], o["high"], [(p["x"], p["y"]) for p in o["points"]]) for o in part["scales"]] == [
        ("GAD-7", 5, 5, [(35.0, 22.0)]), ("PHQ-9", 0, 20, [(5.0, 7.0), (95.0, 22.0)]),
    ]  # fmt: skip
    drawn = template("outcomes.html").render(outcomes=found)
    assert (drawn.count("<circle"), drawn.count('<tr><th scope="row">'), drawn.count("10 Mar 2026: 10")) == (3, 4, 1)
    assert "Nothing is computed between them and movement" in drawn
    assert template("outcomes.html").render(outcomes=outcomes([], stretches)).strip() == ""


# Who left ----------------------------------------------------------------------------------------------------------
def test_days_after_leaving_are_published_and_do_not_count(study: Person) -> None:
    study.participants = ["P1,,,,2026-03-06"]
    for day in ("2026-03-06", "2026-03-07"):
        study.put(f"P1/{day}.fit", garmin_day(day))
    study.goals = ["G1,,P1,,1,2,daily_mean,steps,5000,,,2026-03-02,,,"]
    study.night()
    assert study.ask("SELECT local_date, steps FROM daily_activity") == [
        (date(2026, 3, 6), 6000), (date(2026, 3, 7), 6000),
    ]  # fmt: skip
    why = "SELECT why_not, min(local_date), count(*) FROM infusion_window GROUP BY 1 ORDER BY 2"
    assert study.ask(why) == [
        ("day_0", date(2026, 3, 2), 1),
        (None, date(2026, 3, 3), 4),
        ("left", date(2026, 3, 7), 24),
    ]
    assert study.ask("SELECT week, status, reason, truncated_by FROM goal_week ORDER BY 1") == [
        (1, "insufficient_data", "too_few_valid_days", "left"), (2, "superseded", "left", "left"),
    ]  # fmt: skip
    assert study.ask("SELECT left_on FROM participant") == [(date(2026, 3, 6),)]


# The way of a row through everything -------------------------------------------------------------------------------
def test_a_row_is_in_the_copies_the_past_the_shared_and_no_more_once_its_person_is_forgotten(
    alone: StudyFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone.goals = [YOGA_A_WEEK, YOGA_A_WEEK.replace("G1", "G2").replace("P1", "WITHDRAWN")]
    alone.participants = ["P1,,,", "WITHDRAWN,,,"]
    alone.infusions.append("I2,WITHDRAWN,2026-03-02,,")
    alone.attendance = [f"{who},2026-03-0{n},yoga,25,18:00,nurse" for who in ("P1", "WITHDRAWN") for n in (3, 4)]
    alone.outcomes = [f"{who},2026-03-09,PHQ-9,{n}" for n, who in enumerate(("P1", "WITHDRAWN"))]
    alone.write().night()
    then = datetime.now(UTC)
    del alone.attendance[0]
    alone.attendance += ["P1,2026-03-05,dance,20,,Jane Doe", "P1,2062-03-05,dance,20,,"]
    alone.write()
    main(["control", "--diff", "--json", "--study", str(alone.folder)])
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert [(c["change"], c["row"]) for c in changes if c["file"] == "attendance.csv"] == [
        ("added", "P1 2026-03-05 dance"), ("added", "P1 2062-03-05 dance"), ("removed", "P1 2026-03-03 yoga 18:00"),
    ]  # fmt: skip
    alone.night()
    grown = rows_of(alone)
    assert ("P1", "partly_met") in alone.ask("SELECT participant_id, status FROM goal_week")
    assert alone.ask("SELECT max(local_date) FROM daily_activity") == [(date(2026, 3, 5),)]
    main(["status", "--json", "--study", str(alone.folder)])
    told = json.loads(capsys.readouterr().out)
    assert {item["participant_id"] for item in told["worklist"] if item["kind"] == "silent"} == {"P1", "WITHDRAWN"}
    assert "attendance.csv: 1 row of days after tomorrow" in str(told)
    # as it was known before
    known = replay(read_study(alone.folder), alone.as_of, then, "SELECT goal_id, status FROM goal_week ORDER BY 1")
    assert known.rows == [("G1", "met"), ("G2", "met")]
    come = replay(read_study(alone.folder), alone.as_of, None, "SELECT max(local_date) FROM attendance")
    assert come.rows == [(date(2026, 3, 5),)]  # days after tomorrow have not come there, either
    # made anew
    alone.night(rebuild=True)
    assert {name: rows for name, rows in rows_of(alone).items() if grown[name] != rows} == {}
    # shared
    share(read_study(alone.folder), tmp_path / "copy", Terms(k=1, unfinished=True), "", "1")
    with duckdb.connect(str(tmp_path / "copy/rows.duckdb")) as copy:
        assert copy.sql("SELECT study_day, activity, minutes, led_by FROM attendance ORDER BY ALL").fetchall() == [
            (1, "yoga", 25, "nurse"), (2, "yoga", 25, "nurse"), (2, "yoga", 25, "nurse"), (3, "dance", 20, "other"),
        ]  # fmt: skip
        assert copy.sql("SELECT study_day, scale, score FROM outcome ORDER BY ALL").fetchall() == [
            (7, "PHQ-9", 0), (7, "PHQ-9", 1),
        ]  # fmt: skip
    # forgotten
    assert main(["forget", "WITHDRAWN", "--yes", "--study", str(alone.folder)]) == 0
    copies = [path.read_text("utf-8") for path in (alone.folder / "warehouse/control").glob("*/*.csv")]
    assert copies
    assert not [text for text in copies if "WITHDRAWN" in text or "Jane" in text]
    who = "SELECT participant_id FROM"
    assert alone.ask(f"{who} attendance UNION {who} outcome") == [("P1",)]
