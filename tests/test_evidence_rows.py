"""`person_day` and `verdict_evidence`: who handed nothing over is there, and `goals --why` is also SQL."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from flows.answers.why import exact, explain
from models.store.read import query_published, week_again
from models.store.sql import queries
from tests.studies import StudyFolder, garmin_day

BEGINS = date(2026, 3, 2)
SETTINGS = 'lock_date = 2026-03-12\nanchor = "overlapping"\n'


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """P1 goes quiet (later: leaves), P3 has no infusion and P4 no file, P5's infusions overlap, P6's is moved later.

    Tests only read it.
    """
    study = StudyFolder(tmp_path_factory.mktemp("rows") / "study", settings=SETTINGS, as_of=date(2026, 4, 20))
    study.participants = ["P1,,,", "P3,,,", "P4,,,", "P5,,,", "P6,,,"]
    study.infusions = [f"I1,P1,{BEGINS},,", f"I4,P4,{BEGINS},,", f"I5,P5,{BEGINS},,", "I6,P5,2026-03-12,,"]
    study.infusions.append(f"I7,P6,{BEGINS},,")
    study.goals = [
        "G,,P1,,1,1,days_with,steps,5,6000,,2026-03-05,,,",
        "T,,P5,,1,2,weekly_total,steps,9000,,,2026-03-02,,,",
        "M,,P6,,1,1,days_with,steps,1,1000,,2026-03-02,,,",
    ]
    for who in ("P1", "P3", "P5", "P6"):
        study.put(f"{who}/a.fit", garmin_day("2026-03-04", steps=5000))
        study.put(f"{who}/b.fit", garmin_day("2026-03-06", steps=7000))
    study.write().night()
    return study


@pytest.fixture(scope="module")
def later(study: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """P1 left, late data of P5 came, and rows that cannot be used hold P3 and a goal of P5. Tests only read it."""
    later = study.copied(tmp_path_factory.mktemp("later") / "study")
    later.infusions[4] = "I7,P6,2026-03-03,,"
    later.participants[0] = "P1,,,,2026-03-05"
    later.put("P5/c.fit", garmin_day("2026-03-05", steps=9000))
    later.infusions.append("I9,P3,in spring,,")
    later.goals.append("B,,P5,,1,1,weekly_total,steps,a lot,,,2026-03-02,,,")
    later.as_of = date(2026, 4, 21)
    later.write().night()
    return later


def rows(study: StudyFolder, sql: str) -> list[dict]:
    names, found = query_published(study.folder / "warehouse", sql)
    return [dict(zip(names, row, strict=True)) for row in found]


def test_everybody_is_there_on_every_date_and_once(sample: StudyFolder, study: StudyFolder) -> None:
    for one in (sample, study):
        [(as_of,)] = one.ask("SELECT as_of FROM study")
        given = "SELECT participant_id, min(infused_on) FROM infusion WHERE status NOT IN ('scheduled', 'cancelled')"
        for who, first in one.ask(f"{given} GROUP BY ALL"):
            days = one.ask(f"SELECT local_date FROM person_day WHERE participant_id = '{who}' ORDER BY 1")
            assert days == [(first + timedelta(n),) for n in range(-14, (as_of - first).days + 1)]
    assert study.ask("SELECT DISTINCT day_state FROM person_day WHERE participant_id = 'P4'") == [("no_data",)]
    quiet = "SELECT DISTINCT day_state FROM person_day WHERE participant_id = 'P1' AND local_date > '2026-03-06'"
    assert study.ask(quiet) == [("no_data",)]


def test_who_had_no_infusion_has_their_days_and_no_phase(study: StudyFolder) -> None:
    found = "SELECT min(local_date), max(local_date) FROM person_day WHERE participant_id = 'P3'"
    assert study.ask(found) == [(date(2026, 3, 4), date(2026, 4, 20))]
    found = (
        "SELECT DISTINCT infusion_id, day_number, phase, counts, why_not FROM person_day WHERE participant_id = 'P3'"
    )
    assert study.ask(found) == [(None, None, None, False, "no_infusion")]


def test_a_day_says_where_it_stands_and_of_two_infusions_it_is_the_last_ones(study: StudyFolder) -> None:
    found = rows(study, "FROM person_day WHERE participant_id = 'P5' ORDER BY local_date")
    on = {day["local_date"]: day for day in found}
    told = ("infusion_id", "day_number", "week", "phase", "counts", "why_not", "steps")
    expected = {
        date(2026, 2, 16): ("I5", -14, None, "before", False, "before_infusion", None),
        date(2026, 3, 2): ("I5", 0, None, "infusion_day", False, "day_0", None),
        date(2026, 3, 4): ("I5", 2, 1, "window", True, None, 5000),
        date(2026, 3, 12): ("I6", 0, None, "infusion_day", False, "day_0", None),
        date(2026, 3, 14): ("I6", 2, 1, "window", True, None, None),
        date(2026, 4, 20): ("I6", 39, None, "after", False, "not_followed", None),
    }
    assert {day: tuple(on[day][name] for name in told) for day in expected} == expected
    assert Counter(day["counts"] for day in found) == {True: 9 + 28, False: 14 + 2 + 11}


def test_who_left_is_there_until_the_last_date_that_counts(later: StudyFolder) -> None:
    last = "SELECT max(local_date) FROM person_day WHERE participant_id = 'P1'"
    assert later.ask(last) == [(date(2026, 3, 5),)]


def test_days_that_a_frozen_verdict_does_not_rest_on_are_no_evidence(study: StudyFolder, later: StudyFolder) -> None:
    """Late data: what the first week would be now is another verdict."""
    weeks = (
        "SELECT week, count(*) FROM verdict_evidence WHERE goal_id = 'T' AND infusion_id = 'I5' GROUP BY 1 ORDER BY 1"
    )
    assert study.ask(weeks) == [(1, 7), (2, 7)]
    assert later.ask("SELECT count(*) FROM post_lock_difference WHERE goal_id = 'T'") == [(1,)]
    assert later.ask(weeks) == [(2, 7)]


def test_a_frozen_week_whose_infusion_was_moved_has_no_days_of_the_week_that_it_would_be_now(study, later) -> None:
    begins = "SELECT status, week_start FROM goal_week WHERE goal_id = 'M'"
    assert study.ask(begins) == later.ask(begins) == [("met", date(2026, 3, 3))]
    assert study.ask("SELECT count(*) FROM verdict_evidence WHERE goal_id = 'M'") == [(7,)]
    assert later.ask("SELECT count(*) FROM verdict_evidence WHERE goal_id = 'M'") == [(0,)]


def test_of_who_is_held_a_day_after_the_last_one_published_is_not_known(later: StudyFolder) -> None:
    held = "SELECT participant_id FROM participant WHERE held_at IS NOT NULL ORDER BY 1"
    assert later.ask(held) == [("P3",), ("P5",)]  # of P5 a goal alone
    states = "SELECT participant_id, day_state FROM person_day WHERE local_date = '2026-04-21' ORDER BY 1"
    assert later.ask(states) == [("P3", None), ("P4", "no_data"), ("P5", "no_data"), ("P6", "no_data")]


def test_of_a_course_the_last_infusion_has_the_weeks(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path / "study", settings='anchor = "course"\n', as_of=date(2026, 3, 12))
    study.participants.append("P3,,,")
    study.infusions += ["I2,P1,2026-03-05,,", "I3,P1,2026-03-08,cancelled,", "I4,P2,2026-03-20,scheduled,"]
    study.infusions += ["I5,P3,2026-03-11,stopped_early,"]
    study.goals = [
        "G1,,P1,,1,1,daily_mean,steps,5000,,,2026-03-02,,,",
        "G3,,P3,I5,1,1,daily_mean,steps,5000,,,2026-03-11,,,",
    ]
    study.holds = ["P1,2026-03-07,2026-03-07,ill"]
    study.put("P2/a.fit", garmin_day("2026-03-10", steps=5000))
    study.write().night()
    found = rows(study, "FROM person_day")
    on = {(day["participant_id"], day["local_date"].day): day for day in found if day["local_date"].month == 3}
    told = ("infusion_id", "day_number", "week", "phase", "why_not")
    expected = {
        ("P1", 2): ("I1", 0, None, "infusion_day", "day_0"),
        ("P1", 3): ("I1", 1, None, "after", "not_followed"),
        ("P1", 5): ("I2", 0, None, "infusion_day", "day_0"),
        ("P1", 6): ("I2", 1, 1, "window", None),
        ("P1", 7): ("I2", 2, 1, "window", "hold"),
        ("P1", 8): ("I2", 3, 1, "window", None),  # cancelled
        ("P1", 12): ("I2", 7, 1, "window", "not_over"),
        ("P2", 10): (None, None, None, None, "no_infusion"),  # scheduled
        ("P3", 10): ("I5", -1, None, "before", "before_infusion"),
        ("P3", 12): ("I5", 1, 1, "window", "not_over"),
    }
    assert {key: tuple(on[key][name] for name in told) for key in expected} == expected
    assert Counter(day["participant_id"] for day in found) == {"P1": 14 + 11, "P2": 3, "P3": 14 + 2}
    evidence = rows(study, "FROM verdict_evidence ORDER BY goal_id, local_date")
    assert [day["local_date"].day for day in evidence] == [6, 7, 8, 9, 10, 11, 12, *range(12, 19)]
    whys = Counter((day["goal_id"], day["why_not"]) for day in evidence)
    assert whys == {("G1", None): 5, ("G1", "hold"): 1, ("G1", "not_over"): 1, ("G3", "not_over"): 7}


def test_evidence_is_what_why_says_in_every_week_of_the_sample(sample: StudyFolder) -> None:
    warehouse = sample.folder / "warehouse"
    [(as_of,)] = sample.ask("SELECT as_of FROM study")
    published = {(r["goal_id"], r["infusion_id"], r["local_date"]): r for r in rows(sample, "FROM verdict_evidence")}
    compared = set()
    for (who,) in sample.ask("SELECT DISTINCT participant_id FROM goal_week"):
        asked = {  # the questions of the command, about all weeks at once
            name: re.sub(r"\w\.(goal_id|week) = \$\w+", "TRUE", queries("ask/why")[name])
            for name in ("days", "verdict")
        }
        answers = week_again(warehouse, who, as_of, asked, {})
        verdicts = {row["case_key"]: row for row in answers["verdict"]}
        for day in answers["days"]:
            verdict = verdicts[day["case_key"]]
            key = (verdict["goal_id"], verdict["infusion_id"], day["local_date"])
            row = published[key]
            known = day["amount"] is not None and verdict["can_see"] and not day["why_not"]
            value = round(Fraction(day["amount"], day["unit"]), 3) if known else None
            why_not = day["why_not"] or (None if day["is_over"] else "not_over")
            assert (row["value"], row["why_not"], row["counts"]) == (value, why_not, not why_not), key
            assert (row["day_state"], row["threshold"]) == (day["day_state"] or "no_data", verdict["per_day"]), key
            compared.add(key)
    assert compared == published.keys()
    assert len(compared) > 300


def test_evidence_is_what_the_command_shows_and_adds_up_to_the_verdict(sample: StudyFolder, study: StudyFolder) -> None:
    told = explain(study.folder / "warehouse", "G", 1)
    found = rows(study, "FROM verdict_evidence WHERE goal_id = 'G' ORDER BY local_date")
    assert [row["local_date"] for row in found] == [day["local_date"] for day in told["days"]]
    assert [row["value"] and exact(Fraction(row["value"])) for row in found] == [day["value"] for day in told["days"]]
    gave = [day["gave"].removeprefix("not counted: ") if not day["is_eligible"] else None for day in told["days"]]
    assert [row["why_not"] for row in found] == gave
    assert "goal_not_in_force" in gave
    assert {row["threshold"] for row in found} == {6000}
    for one in (sample, study):
        differ = """SELECT g.goal_id, g.infusion_id, g.week FROM goal_week g JOIN verdict_evidence e USING
            (goal_id, infusion_id, week)
            WHERE g.kind = 'weekly_total' AND g.basis = 'observed' AND g.status = 'met' GROUP BY ALL
            HAVING abs(sum(e.value) - any_value(g.value)) > 0.01"""
        assert one.ask(differ) == []
        uneven = """SELECT g.goal_id, g.infusion_id, g.week FROM goal_week g JOIN verdict_evidence e USING
            (goal_id, infusion_id, week)
            GROUP BY ALL HAVING count_if(e.counts OR e.why_not = 'not_over') <> any_value(g.eligible_days)"""
        assert one.ask(uneven) == []
