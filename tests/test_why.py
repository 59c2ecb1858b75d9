"""`goals --why`: the seven days, the arithmetic, the rule and one sentence."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from flows.answers.why import SENTENCES, exact, explain, show
from flows.report.goals import remark
from models.store.read import query_published
from models.store.sql import statement
from models.store.store import StoreError
from tests.judging import MONDAY, Judging
from tests.studies import StudyFolder, garmin_day
from tests.writers import diary

LONG = "[bold]" + "g" * 60


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """Three people with five worn days of week 1, 6000, 6100, ... steps, and a diary entry. Tests only read it.

    P1 has one infusion. P2 has a day on hold, and P3 none; both have a second infusion.
    """
    study = StudyFolder(tmp_path_factory.mktemp("why") / "study", settings="lock_date = 2026-03-12\n")
    study.participants = ["P1,,,", "P2,,,", "P3,,,"]
    study.infusions = ["I1,P1,2026-03-02,,"]
    study.infusions += ["I2,P2,2026-03-02,,", "I3,P2,2026-03-09,,", "I4,P3,2026-03-02,,", "I5,P3,2026-03-12,,"]
    study.holds = ["P2,2026-03-04,2026-03-04,"]
    study.goals = [
        "G,,P1,,1,1,daily_mean,steps,6500,,,2026-03-02,,,",
        "B,,P1,,1,1,daily_mean,steps,,,baseline_pct:10,2026-03-02,,,",
        f"{LONG},,P1,,1,1,days_with,mvpa_equivalent_minutes,5,10,,2026-03-02,,,",
        "T,,P2,,1,1,weekly_total,steps,50000,,,2026-03-02,,,",
        "D,,P2,,1,1,days_with,steps,5,6200,,2026-03-02,,,",
        "Y,,P3,,1,1,days_with,yoga_minutes,2,10,,2026-03-02,,,",
    ]
    for who in ("P1", "P2", "P3"):
        for number, day in enumerate(("2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-08")):
            study.put(f"{who}/{day}.fit", garmin_day(day, steps=6000 + 100 * number))
        study.put(f"{who}/diary.csv", diary.diary([(date(2026, 3, 4), "yoga", 20)]))
    assert study.write().night().is_clean
    return study


def why(study: StudyFolder, goal: str, infusion: str | None = None) -> dict[str, Any]:
    return explain(study.folder / "warehouse", goal, 1, infusion)


def test_a_mean_is_told_with_its_days_its_sum_and_its_estimate(study: StudyFolder) -> None:
    told = why(study, "G")
    assert told["goal"]["in_words"] == "6500 steps a day, on average"
    assert told["window"]["infused_on"] == date(2026, 3, 2)
    assert [(day["day_number"], day["value"], day["gave"]) for day in told["days"]] == [
        (1, "6000", "counted"),
        (2, "6100", "counted"),
        (3, "6200", "counted"),
        (4, "6300", "counted"),
        (5, None, "unknown"),
        (6, "6400", "counted"),
        (7, None, "unknown"),
    ]
    assert told["arithmetic"] == [
        "target 6500",
        "seen: 6000 + 6100 + 6200 + 6300 + 6400 = 31000",
        "lower bound: 31000 / 7 days that count = 4428 4/7",
        "estimate: 31000 / 5 valid days = 6200",
        "had every day been seen: 6119.417 to 6280.583, 9 times in 10 (decides nothing)",
        "compared: 6200 with 6500, 95 % (rounded down)",
    ]
    assert told["rule"] == {
        "name": "partly met by estimate",
        "written_in": "models/sql/week/200_goal_week_decided.sql",
        "sentence": "The valid days, taken for the whole week, reach at least half of the target.",
    }
    assert (told["verdict"]["status"], told["verdict"]["basis"], told["log"]) == ("partly_met", "estimated", None)


def test_the_interval_is_published_with_the_verdict_and_stands_on_the_page(study: StudyFolder) -> None:
    ends = "SELECT interval_low, interval_high FROM"
    found = study.ask(f"{ends} goal_week WHERE goal_id = 'G'")
    assert found == study.ask(f"{ends} goal_week_history WHERE goal_id = 'G' AND is_current")
    assert [tuple(map(str, row)) for row in found] == [("6119.417000", "6280.583000")]
    columns, rows = query_published(study.folder / "warehouse", statement("report/sections/4_verdicts"))
    week = next(row for row in (dict(zip(columns, row, strict=True)) for row in rows) if row["goal_id"] == "G")
    assert remark(week) == "had every day been seen, 6,119.4 to 6,280.6, 9 times in 10"


def test_a_shortened_week_shows_how_its_target_shrank_and_which_days_do_not_count(study: StudyFolder) -> None:
    total, days = why(study, "T", "I2"), why(study, "D", "I2")
    assert total["arithmetic"][0] == "target 50000 x 5/7 = 35714 2/7, because 5 of 7 days count"
    assert days["arithmetic"] == [
        "target 5 x 5/7, rounded up, at most 5 = 4, because 5 of 7 days count",
        "seen: 3 days; with every unknown day a success: 4",
    ]
    assert [day["gave"] for day in days["days"]] == [
        "failure", "not counted: hold", "success", "success", "unknown", "success", "not counted: next_infusion",
    ]  # fmt: skip
    assert days["rule"]["name"] == "undecidable"


def test_a_logged_metric_says_whether_the_log_is_open(study: StudyFolder) -> None:
    first, second = why(study, "Y", "I4"), why(study, "Y", "I5")
    assert (first["log"], first["verdict"]["status"]) == ("open", "partly_met")
    assert [day["gave"] for day in first["days"]].count("failure") == 6
    assert (second["log"], second["verdict"]["reason"]) == ("closed", "awaiting_data")
    assert {day["gave"] for day in second["days"]} == {"unknown"}


def test_a_derived_goal_says_what_it_was_derived_from(study: StudyFolder) -> None:
    told = why(study, "B")
    assert (told["goal"]["derivation"], told["goal"]["derived_from_days"]) == ("baseline_pct:10", 0)
    assert (told["rule"]["name"], told["arithmetic"]) == ("no baseline", [])


def test_a_frozen_week_says_what_stands(study: StudyFolder, tmp_path: Path) -> None:
    late = study.copied(tmp_path / "study")
    late.put("P1/late.fit", garmin_day("2026-03-07", steps=30000))
    late.night()
    told = why(late, "G")
    assert (told["verdict"]["status"], told["frozen"]["status"]) == ("met", "partly_met")


def test_several_infusions_are_named_and_one_has_to_be_chosen(study: StudyFolder) -> None:
    with pytest.raises(StoreError, match="choose one with --infusion: I2, I3"):
        why(study, "T")
    assert why(study, "T", "I3")["window"]["week_start"] == date(2026, 3, 10)


def test_what_is_not_there_is_said_in_a_sentence(study: StudyFolder) -> None:
    with pytest.raises(StoreError, match="goal nobody: there is none"):
        why(study, "nobody")
    with pytest.raises(StoreError, match="goal G, week 1: not judged"):
        why(study, "G", "I9")


def test_it_prints_within_100_columns_and_as_json(study: StudyFolder, capsys) -> None:
    told = why(study, LONG)
    show(told)
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert "[bold]ggg" in text
    for part in (
        "5 days with at least 10 minutes of mvpa equivalent",
        "2026-03-03",
        "Rule: missed by count, in models/sql/week/200_goal_week_decided.sql",
    ):
        assert part in text
    assert f"'{told['rule']['name']}'" in (Path(__file__).parents[1] / told["rule"]["written_in"]).read_text("utf-8")
    assert json.loads(json.dumps(told, default=str))["rule"] == told["rule"]


def test_every_rule_of_the_judge_has_its_sentence() -> None:
    judging = Judging()
    judging.judge(MONDAY)
    assert {row["rule"] for row in judging.ask("SELECT rule FROM verdict_rule")} == set(SENTENCES)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(120), "120"), (Fraction(0), "0"), (Fraction(25, 2), "12.5"), (Fraction(1, 1000), "0.001"),
        (Fraction(900, 7), "128 4/7"), (Fraction(1, 3), "1/3"), (Fraction(1496, 10), "149.6"),
    ],
)  # fmt: skip
def test_numbers_are_told_exactly(number: Fraction, text: str) -> None:
    assert exact(number) == text
