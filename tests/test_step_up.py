"""Targets that rise with the weeks that were met: issued once, in the first night of the week, and never moved."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from flows.answers.why import explain, show
from flows.report.goals import remark
from flows.report.words import derived
from models.store.read import query_published
from models.store.sql import statement
from tests.judging import MONDAY, Judging, day_of
from tests.reference_judge import Day, StepUp, Week, issue
from tests.reference_judge import judge as judged_by_hand
from tests.studies import StudyFolder, garmin_day
from tests.test_history import Books

WEEKS = 6
FIRST_DAYS = [7 * week + 1 for week in range(WEEKS)]


def seven(mark: str, target: float) -> list[float | None]:
    """A week of 0s, of unknown days, or of what meets a weekly total."""
    return [{"y": target / 7 + 1, "n": 0, "?": None}[mark]] * 7


def goals_now(books: Judging, goal: str = "G1") -> list[tuple[Any, ...]]:
    rows = books.ask(f"SELECT target, target_reason FROM goal_week WHERE goal_id = '{goal}' ORDER BY week_start")
    return [(row["target"], row["target_reason"]) for row in rows]


# One week after the other ---------------------------------------------------------------------------------------------

# Weeks: met, not met, cannot be said; the rule; what is issued for each week that has begun.
CHAINS = {
    "each met week lifts it": ("yyn", "10", "60 70 80 80"),
    "a week that cannot be said changes nothing": ("y??y", "10", "60 70 70 70 80"),
    "nothing was ever seen": ("???", "10", "60 60 60 60"),
    "not met, then met": ("nyy", "10", "60 60 70 80"),
    "two in a row, a silent week between them": ("y?yy", "10;weeks=2", "60 60 60 70 80"),
    "two in a row begin again after one that was not met": ("ynyy", "10;weeks=2", "60 60 60 60 70"),
    "three in a row": ("yyyn", "10;weeks=3", "60 60 60 70 70"),
    "capped": ("yyyy", "10;up_to=75", "60 70 75 75 75"),
    "it may begin at its end": ("yy", "10;up_to=60", "60 60 60"),
    "in thousandths": ("yy", "0.125", "60 60.125 60.25"),
}
REASONS = {
    "each met week lifts it": [
        "to begin with", "because week 1 was met", "because week 2 was met", "as before: week 3 was not met",
    ],
    "a week that cannot be said changes nothing": [
        "to begin with", "because week 1 was met", "as before: week 2 could not be said",
        "as before: week 3 could not be said", "because week 4 was met",
    ],
    "two in a row, a silent week between them": [
        "to begin with", "as before: 1 of 2 weeks in a row met", "as before: week 2 could not be said",
        "because weeks 1 and 3 were met", "because weeks 3 and 4 were met",
    ],
    "three in a row": [
        "to begin with", "as before: 1 of 3 weeks in a row met", "as before: 2 of 3 weeks in a row met",
        "because weeks 1, 2 and 3 were met", "as before: week 4 was not met",
    ],
    "capped": [
        "to begin with", "because week 1 was met", "because week 2 was met", "as before: no more was agreed",
        "as before: no more was agreed",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def chains() -> Books:
    """All of `CHAINS`, each seen for the first time long after it ended; `weeks` says how long that is."""
    books = Books(weeks=5)
    for name, (marks, rule, targets) in CHAINS.items():
        books.participant(name)
        books.infusion(infusion_id=name, participant_id=name)
        books.goal(target=60, goal_id=name, participant_id=name, derivation=f"step_up:{rule}",
                   to_week=len(marks) + 1)  # fmt: skip
        for n, (mark, target) in enumerate(zip(marks, targets.split(), strict=False)):
            for number, value in enumerate(seven(mark, float(target)), start=7 * n + 1):
                books.day(day_of(number), value, "no_data" if value is None else "valid", participant_id=name)
    books.night(day_of(60))
    return books


@pytest.mark.parametrize("name", CHAINS)
def test_weeks_first_seen_together_get_their_targets_in_order(name: str, chains: Books) -> None:
    targets = [Decimal(target) for target in CHAINS[name][2].split()]
    assert [target for target, _ in goals_now(chains, name)] == targets
    kept = chains.ask(f"SELECT target FROM issued_target WHERE goal_id = '{name}' ORDER BY week")
    assert [row["target"] for row in kept] == targets
    told = chains.ask(f"SELECT target FROM verdict WHERE goal_id = '{name}' ORDER BY week")
    assert [row["target"] for row in told] == targets


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_names_the_weeks(name: str, chains: Books) -> None:
    assert [reason for _, reason in goals_now(chains, name)] == REASONS[name]


def test_days_rise_by_days_up_to_the_seven_of_a_week_and_a_mean_by_a_day_s_number() -> None:
    books = Books(weeks=4)
    books.participant()
    books.infusion(infusion_id="I1")
    books.goal("days_with", 6, 10, goal_id="days", derivation="step_up:1", to_week=4)
    books.goal("streak", 5, 10, goal_id="row", derivation="step_up:2", to_week=4)
    books.goal("daily_mean", 10, goal_id="mean", derivation="step_up:2.5;up_to=14", to_week=4)
    for number in range(1, 22):
        books.day(day_of(number), 20)
    books.night(day_of(40))
    assert {name: [int(10 * target) for target, _ in goals_now(books, name)] for name in ("days", "row", "mean")} == {
        "days": [60, 70, 70, 70],
        "row": [50, 70, 70, 70],
        "mean": [100, 125, 140, 140],
    }


def test_a_goal_for_every_infusion_begins_again_after_each_and_so_does_a_new_version() -> None:
    books = Books(weeks=2)
    books.participant()
    books.infusion(infusion_id="I1")
    books.infusion(day_of(14), infusion_id="I2")
    books.goal(target=60, derivation="step_up:10", to_week=3)
    books.goal(target=90, derivation="step_up:10", to_week=3, version=2, set_on=day_of(22), effective_from=day_of(22))
    for number in range(1, 40):
        books.day(day_of(number), 20)
    books.night(day_of(60))
    assert [target for target, _ in goals_now(books)] == [60, 70, 80, 60, 90, 100]  # I1 week 3 is taken by I2


# Night after night ----------------------------------------------------------------------------------------------------


def random_goals(rng: random.Random) -> dict[str, tuple[str, StepUp, Fraction | None]]:
    found = {}
    for n in range(72):
        kind = ["weekly_total", "daily_mean", "days_with", "streak"][n % 4]
        days = n % 4 > 1
        first = Fraction(rng.randint(1, 5) if days else rng.choice([10, 60]))
        up_to = Fraction(rng.randint(int(first), 7)) if days else rng.choice([None, first + 15])
        rule = StepUp(first, Fraction(rng.choice([1, 2])) * (1 if days else 5), rng.choice([1, 1, 2, 3]), up_to)
        found[f"R{n}"] = (kind, rule, Fraction(10) if days else None)
    return found


def agree(books: Books, goals: dict[str, tuple[str, StepUp, Fraction | None]]) -> None:
    for name, (kind, rule, per_day) in goals.items():
        books.participant(name)
        books.infusion(infusion_id=name, participant_id=name)
        step_up = f"step_up:{rule.rise};weeks={rule.weeks}" + (f";up_to={rule.up_to}" if rule.up_to else "")
        books.goal(kind, float(rule.first), per_day and float(per_day), goal_id=name, participant_id=name,
                   to_week=WEEKS, derivation=step_up)  # fmt: skip


def test_every_target_and_verdict_is_that_of_the_second_judge_whatever_comes_late() -> None:
    rng = random.Random(17)
    goals = random_goals(rng)
    books = Books(weeks=WEEKS)
    agree(books, goals)
    known: dict[str, dict[int, Day]] = {name: {} for name in goals}
    issued: dict[str, dict[int, Fraction]] = {name: {} for name in goals}
    moved = 0
    for as_of in [1, 8, 9, 15, 23, 29, 36, 37, 60]:
        for name, (kind, rule, per_day) in goals.items():
            usual = per_day or rule.first / (7 if kind == "weekly_total" else 1)
            for number in range(1, min(as_of, 7 * WEEKS + 1)):
                if (number in known[name] and rng.random() > 0.03) or rng.random() < 0.25:
                    continue  # comes with a later night, if at all; and few are told anew
                value = Fraction(round(usual * rng.choice([0, 1, 1, 2, 2, 3])))
                known[name][number] = Day(value, rng.choice(["valid"] * 6 + ["insufficient_wear"]))
                books.day(day_of(number), float(value), known[name][number].state, participant_id=name)
        books.night(day_of(as_of))
        found = books.ask("SELECT goal_id, week, target, status FROM goal_week")
        says = {(row["goal_id"], row["week"]): (row["target"], row["status"]) for row in found}
        for name, (kind, rule, per_day) in goals.items():
            before: list[tuple[Fraction, str]] = []
            for week, first_day in enumerate(FIRST_DAYS, start=1):
                if as_of < first_day:
                    assert says[name, week] == (None, "upcoming")
                    continue
                target = issued[name].setdefault(week, issue(rule, before))
                moved += target != issue(rule, before)
                days = [known[name].get(day, Day(None, "no_data")) for day in range(first_day, first_day + 7)]
                status = judged_by_hand(Week(kind, target, days, per_day, week, as_of)).status
                assert (Fraction(says[name, week][0]), says[name, week][1]) == (target, status), (name, week, as_of)
                before.append((target, status))
    assert moved > 20  # late files would have moved so many

    stand = "SELECT goal_id, week, target, target_reason, status, value FROM goal_week ORDER BY ALL"
    was = books.ask(stand)
    assert books.night(day_of(60), only_changed=False) == 0
    again = Books(weeks=WEEKS)  # as a store that is made anew
    agree(again, goals)
    for name, days in known.items():
        for number, day in days.items():
            again.day(day_of(number), float(day.value or 0), day.state, participant_id=name)
    columns = "goal_id, version, participant_id, infusion_id, week, week_start, target, reason, as_of, issued_at"
    rows = books.store.rows(f"SELECT {columns} FROM issued_target")
    again.con.executemany(f"INSERT INTO issued_target ({columns}) VALUES ({', '.join('?' * 10)})", rows)
    again.night(day_of(60))
    assert again.ask(stand) == was


@pytest.fixture
def books() -> Books:
    """P1, infused on 3 March: 60 a week, 10 more after each week that was met; nothing is known yet."""
    books = Books(weeks=4)
    books.participant()
    books.infusion(infusion_id="I1")
    books.goal(target=60, derivation="step_up:10", to_week=3)
    return books


def walk(books: Books, first: int, last: int, value: float = 20) -> None:
    for number in range(first, last + 1):
        books.day(day_of(number), value)


def test_a_later_file_changes_a_verdict_and_no_target_that_was_issued(books: Books) -> None:
    books.night(day_of(1))
    assert goals_now(books) == [(60, "to begin with"), (None, None), (None, None)]
    books.night(day_of(8))  # nothing was seen of week 1
    assert goals_now(books)[1] == (60, "as before: week 1 was not judged yet")
    walk(books, 1, 7)
    books.night(day_of(9))
    assert books.ask("SELECT status FROM goal_week ORDER BY week")[0] == {"status": "met"}
    assert goals_now(books)[1] == (60, "as before: week 1 was not judged yet")
    books.night(day_of(15))
    assert goals_now(books)[2] == (70, "because week 1 was met")
    books.day(day_of(1), 0)
    walk(books, 1, 7, 0)
    books.night(day_of(40))
    assert [row["status"] for row in books.ask("SELECT status FROM goal_week ORDER BY week")] == [
        "missed", "insufficient_data", "insufficient_data",
    ]  # fmt: skip
    assert [target for target, _ in goals_now(books)] == [60, 60, 70]
    told = books.ask("SELECT DISTINCT target, target_reason FROM verdict WHERE week = 3 AND target IS NOT NULL")
    assert told == [{"target": 70, "target_reason": "because week 1 was met"}]


def test_a_week_that_was_judged_after_the_next_had_begun_lifts_the_one_after_and_once(books: Books) -> None:
    """The usual case: files come days after a week ended, and the next target was issued by then."""
    books.goal(target=60, derivation="step_up:10", to_week=4, goal_id="G4")
    for week in range(1, 5):  # the files of a week come in the middle of the next one
        books.night(day_of(7 * week + 1))
        walk(books, 7 * week - 6, 7 * week)
        books.night(day_of(7 * week + 3))
    assert goals_now(books, "G4") == [
        (60, "to begin with"), (60, "as before: week 1 was not judged yet"), (70, "because week 1 was met"),
        (80, "because week 2 was met"),
    ]  # fmt: skip


def test_a_corrected_version_issues_anew_and_a_row_edited_in_place_moves_only_what_is_not_issued(books: Books) -> None:
    walk(books, 1, 14)
    books.night(day_of(8))
    books.say("UPDATE goal SET targets = [40], derivation = 'step_up:5'")
    books.night(day_of(15))
    assert [target for target, _ in goals_now(books)] == [60, 70, 75]
    books.goal(target=30, derivation="step_up:1", to_week=3, version=2, correction=True, set_on=day_of(15))
    books.night(day_of(16))
    assert [target for target, _ in goals_now(books)] == [30, 31, 32]
    assert len(books.ask("FROM issued_target")) == 6


def test_a_clock_that_was_ahead_for_a_night_leaves_no_target_behind(books: Books) -> None:
    walk(books, 1, 7, 20)
    books.night(day_of(8))
    books.night(day_of(400))
    assert [target for target, _ in goals_now(books)] == [60, 70, 70]
    walk(books, 8, 14)
    books.night(day_of(15))
    assert goals_now(books)[2] == (80, "because week 2 was met")
    issued = "SELECT week, target, reason, as_of FROM ({}) ORDER BY week"
    assert books.ask(issued.format(statement("store/issued_in_history"))) == books.ask(
        issued.format("FROM issued_target")
    )
    books.night(day_of(400))
    books.night(day_of(9))
    assert goals_now(books)[1:] == [(70, "because week 1 was met"), (None, None)]


def test_a_moved_infusion_has_weeks_of_its_own_and_one_put_back_finds_its_targets(books: Books) -> None:
    walk(books, 1, 14)
    books.night(day_of(14))
    books.say(f"UPDATE infusion SET infused_on = DATE '{day_of(2)}'")
    books.night(day_of(14))
    assert [target for target, _ in goals_now(books)] == [60, 70, None]
    books.day(day_of(1), 0)
    books.say(f"UPDATE infusion SET infused_on = DATE '{MONDAY}'")
    walk(books, 1, 7, 0)
    books.night(day_of(15))
    assert [target for target, _ in goals_now(books)] == [60, 70, 80]
    assert {row["week_start"] for row in books.ask("FROM issued_target WHERE week = 2")} == {
        MONDAY + timedelta(days=8), MONDAY + timedelta(days=10),
    }  # fmt: skip


def test_a_goal_that_is_held_is_issued_no_target_until_its_row_is_mended(books: Books) -> None:
    walk(books, 1, 7)
    books.night(day_of(7))
    books.put("unusable", participant_id="P1", goal_id="G1", stands=True)
    books.night(day_of(8))
    assert len(books.ask("FROM issued_target")) == 1
    books.say("DELETE FROM unusable")
    books.night(day_of(9))
    assert [target for target, _ in goals_now(books)] == [60, 70, None]


def test_a_goal_set_after_the_infusion_begins_with_the_first_week_it_is_in_force() -> None:
    books = Books(weeks=4)
    books.participant()
    books.infusion(infusion_id="I1")
    books.goal(target=60, derivation="step_up:10", to_week=4, set_on=day_of(10))
    walk(books, 1, 21)
    books.night(day_of(9))
    assert books.ask("FROM issued_target") == []
    books.night(day_of(11))
    assert goals_now(books) == [(None, None), (60, "to begin with"), (None, None), (None, None)]
    books.night(day_of(30))
    assert [target for target, _ in goals_now(books)] == [None, 60, 70, 80]


# In a study folder ----------------------------------------------------------------------------------------------------


def test_issued_targets_survive_a_store_made_anew_and_are_shown_with_their_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = StudyFolder(tmp_path / "study", as_of=date(2026, 3, 17)).write()
    study.goals = ["G1,,P1,,1,3,weekly_total,steps,30000,,step_up:5000;up_to=38000,2026-03-02,,,"]
    study.write()
    for day in range(3, 10):
        study.put(f"P1/{day}.fit", garmin_day(f"2026-03-{day:02}"))
    assert study.night().is_clean
    targets = [
        (30000, "to begin with"), (35000, "because week 1 was met"), (35000, "as before: week 2 was not judged yet"),
    ]  # fmt: skip
    published = "SELECT target, target_reason FROM goal_week ORDER BY week"
    assert study.ask(published) == targets
    for day in range(10, 17):
        study.put(f"P1/{day}.fit", garmin_day(f"2026-03-{day:02}"))
    assert study.night().is_clean
    met = (
        "SELECT target, target_reason, status FROM goal_week_history WHERE is_current AND status = 'met' ORDER BY week"
    )
    assert study.ask(met) == [(*row, "met") for row in targets[:2]]
    assert study.night(rebuild=True).is_clean
    assert study.ask(published) == targets
    for path in study.folder.glob("warehouse/store*"):
        path.unlink()  # what is published is all that is left
    assert study.night().is_clean
    assert study.ask(published) == targets

    told = explain(study.folder / "warehouse", "G1", 2)
    assert told["goal"]["target_reason"] == "because week 1 was met"
    show(told)
    assert "target: 35000, because week 1 was met (step_up:5000;up_to=38000;" in capsys.readouterr().out
    before = explain(study.folder / "warehouse", "G1", 3, as_of=date(2026, 3, 10))["goal"]
    assert before["in_words"].endswith("the target is issued when the week begins")
    columns, rows = query_published(study.folder / "warehouse", statement("report/sections/4_verdicts"))
    (week,) = [row for row in (dict(zip(columns, row, strict=True)) for row in rows) if row["week"] == 2]
    assert remark(week) == "35,000, because week 1 was met"


def test_a_page_says_how_a_target_rises() -> None:
    assert derived("step_up:10", "weekly_total") == "10 more after each week that was met"
    two = "10 more each time the last 2 weeks judged were met, at most 100"
    assert derived("step_up:10;weeks=2;up_to=100", "daily_mean") == two
