"""What a derived target rests on stands beside it, and stays as it was frozen; what was agreed stands beside both."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.judging import day_of
from tests.test_history import Books

# goal: kind, target in goals.csv, derivation; then what it rests on, of how many days, what is agreed, what is issued,
# and what a day needs
GOALS: dict[str, tuple[str, int | None, str | None, tuple[Any, ...]]] = {
    "mean": ("daily_mean", None, "baseline_pct:10", (Decimal("10.4"), 4, None, 11, None)),
    "more": ("daily_mean", None, "baseline_plus:5", (Decimal("10.4"), 4, None, 15, None)),
    "total": ("weekly_total", None, "baseline_pct:10", (Decimal("10.4"), 4, None, 80, None)),
    "days": ("days_with", 2, "baseline_plus:5", (Decimal("10.4"), 4, 2, 2, 15)),
    "too few": ("daily_mean", None, "percentile:60", (None, None, None, None, None)),
    "fixed": ("daily_mean", 20, None, (None, None, 20, 20, None)),
    "taken over": ("daily_mean", 20, None, (None, None, None, 20, None)),  # by a version with too few days
    "rising": ("weekly_total", 60, "step_up:10", (None, None, 60, 60, None)),
}

COLUMNS = "goal_id, baseline_value, baseline_days, baseline_as_of, target_agreed, target, per_day"


def agreed() -> Books:
    """P1, infused on 3 March, walked 10.4 minutes on each of the four days before."""
    books = Books(weeks=2)
    books.participant()
    books.infusion(infusion_id="I1")
    for name, (kind, target, derivation, _) in GOALS.items():
        books.goal(kind, [] if target is None else target, goal_id=name, derivation=derivation, to_week=2,
                   set_on=day_of(0))  # fmt: skip
    books.goal("daily_mean", goal_id="taken over", version=2, derivation="percentile:60", to_week=2, set_on=day_of(1))
    for number in (-4, -3, -2, -1):
        books.day(day_of(number), "10.4")
    return books


def standing(books: Books, relation: str = "goal_week") -> dict[str, tuple[Any, ...]]:
    rows = books.ask(f"SELECT {COLUMNS} FROM {relation} WHERE week = 1")
    return {row.pop("goal_id"): tuple(row.values()) for row in rows}


def frozen_on(day: int | None) -> dict[str, tuple[Any, ...]]:
    """What is to stand there."""
    return {
        name: (value, n, None if day is None or value is None else day_of(day), *targets)
        for name, (*_, (value, n, *targets)) in GOALS.items()
    }


def test_the_baseline_is_what_the_target_was_derived_from_and_no_later_file_moves_it() -> None:
    books = agreed()
    books.night(day_of(3), freeze=False)
    assert standing(books) == frozen_on(None)
    books.night(day_of(4))
    frozen = frozen_on(4)
    assert standing(books) == frozen
    for number in (*range(-14, 0), *range(1, 10)):
        books.day(day_of(number), 30)
    books.night(day_of(30))
    frozen["too few"] = (30, 9, day_of(30), None, 30, None)  # the day at its place, once there are nine
    assert standing(books) == standing(books, "(FROM verdict WHERE is_current)") == frozen
    (second,) = books.ask("SELECT target_agreed, target FROM goal_week WHERE week = 2 AND goal_id = 'rising'")
    assert second == {"target_agreed": 60, "target": 70}

    books.con.execute("UPDATE frozen_target SET baseline_value = NULL")  # a store of before did not keep it
    assert books.night(day_of(30), code="2") == 0
    of_other_days = ("mean", "more", "total", "days")  # which said something else when it was frozen
    assert standing(books) == frozen | {name: (None, *frozen[name][1:]) for name in of_other_days}
    kept = books.ask("SELECT goal_id, baseline_value FROM frozen_target WHERE baseline_value IS NOT NULL")
    assert kept == [{"goal_id": "too few", "baseline_value": 30}]


def test_what_was_agreed_otherwise_is_in_the_history_also_where_the_verdict_is_the_same() -> None:
    books = Books()
    books.participant()
    books.infusion(infusion_id="I1")
    books.goal("days_with", 2, per_day=10, goal_id="days")
    books.goal("weekly_total", 60, goal_id="rising", derivation="step_up:10")
    for number in range(1, 8):
        books.day(day_of(number), 20)
    books.night(day_of(20))
    books.say("UPDATE goal SET per_day = 15 WHERE goal_id = 'days'")
    books.say("UPDATE goal SET targets = [40] WHERE goal_id = 'rising'")
    assert (books.night(day_of(20)), books.night(day_of(20))) == (2, 0)
    now = standing(books)
    assert (now["days"][-1], now["rising"][3:5]) == (15, (40, 60))
    assert standing(books, "(FROM verdict WHERE is_current)") == now
    assert books.ask("SELECT DISTINCT cause FROM verdict WHERE is_current") == [{"cause": "goal_changed"}]
