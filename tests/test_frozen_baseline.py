"""What a derived target rests on stands beside it, and stays as it was frozen; what was agreed stands beside both."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.judging import day_of
from tests.test_history import Books

BASELINE = "baseline_value, baseline_days, baseline_as_of, target_agreed, target, per_day"
# goal: kind, target in goals.csv, derivation; then what it rests on, of how many days, what is agreed, what is issued,
# and what a day needs
GOALS: dict[str, tuple[str, int | None, str | None, tuple[Any, ...]]] = {
    "mean": ("daily_mean", None, "baseline_pct:10", (Decimal("10.4"), 4, None, 11, None)),
    "more": ("daily_mean", None, "baseline_plus:5", (Decimal("10.4"), 4, None, 15, None)),
    "total": ("weekly_total", None, "baseline_pct:10", (Decimal("10.4"), 4, None, 80, None)),
    "days": ("days_with", 2, "baseline_plus:5", (Decimal("10.4"), 4, 2, 2, 15)),
    "too few": ("daily_mean", None, "percentile:60", (None, None, None, None, None)),
    "fixed": ("daily_mean", 20, None, (None, None, 20, 20, None)),
    "rising": ("weekly_total", 60, "step_up:10", (None, None, 60, 60, None)),
}


@pytest.fixture
def books() -> Books:
    """P1, infused on 3 March, walked 10.4 minutes on each of the four days before."""
    books = Books(weeks=2)
    books.participant()
    books.infusion(infusion_id="I1")
    for name, (kind, target, derivation, _) in GOALS.items():
        books.goal(kind, [] if target is None else target, goal_id=name, derivation=derivation, to_week=2,
                   set_on=day_of(0))  # fmt: skip
    for number in (-4, -3, -2, -1):
        books.day(day_of(number), "10.4")
    return books


def standing(books: Books, relation: str = "goal_week WHERE week = 1") -> dict[str, tuple[Any, ...]]:
    return {row.pop("goal_id"): tuple(row.values()) for row in books.ask(f"SELECT goal_id, {BASELINE} FROM {relation}")}


def frozen_on(day: int) -> dict[str, tuple[Any, ...]]:
    return {
        name: (value, n, None if value is None else day_of(day), *targets)
        for name, (*_, (value, n, *targets)) in GOALS.items()
    }


def test_the_baseline_is_what_the_target_was_derived_from_and_no_later_file_moves_it(books: Books) -> None:
    books.night(day_of(1))
    assert standing(books) == frozen_on(1)
    assert standing(books, "verdict WHERE week = 1") == frozen_on(1)
    for number in range(-14, 0):
        books.day(day_of(number), 30)
    for number in range(1, 10):
        books.day(day_of(number), 20)
    books.night(day_of(30))
    after = standing(books)
    assert after.pop("too few") == (30, 9, day_of(30), None, 30, None)  # the day at its place, once there are nine
    assert after == {name: row for name, row in frozen_on(1).items() if name != "too few"}
    week_2 = {row["goal_id"]: row for row in books.ask("FROM goal_week WHERE week = 2")}
    assert (week_2["rising"]["target_agreed"], week_2["rising"]["target"]) == (60, 70)
    current = f"SELECT goal_id, week, {BASELINE} FROM {{}} ORDER BY ALL"
    assert books.ask(current.format("verdict WHERE is_current")) == books.ask(current.format("goal_week"))
    assert books.night(day_of(30), only_changed=False) == 0
    assert standing(books) == after | {"too few": (30, 9, day_of(30), None, 30, None)}


def test_before_its_version_is_in_force_and_in_a_run_that_freezes_nothing_no_date_is_named(books: Books) -> None:
    books.night(day_of(-1))
    assert standing(books)["mean"] == (None,) * 6  # three days are no baseline
    books.night(day_of(3), freeze=False)
    assert {row[2] for row in standing(books).values()} == {None}
    assert standing(books)["mean"][:2] == (Decimal("10.4"), 4)
    books.night(day_of(4))
    assert standing(books) == frozen_on(4)


def test_a_target_taken_over_from_an_earlier_version_rests_on_no_baseline(books: Books) -> None:
    books.goal("daily_mean", goal_id="fixed", version=2, derivation="percentile:60", to_week=2, set_on=day_of(1))
    for day in (1, 2):
        books.night(day_of(day))
        assert standing(books)["fixed"] == (None, None, None, None, 20, None)


def test_what_a_store_of_before_had_frozen_is_filled_in_where_the_days_still_say_the_same(books: Books) -> None:
    books.night(day_of(1))
    books.con.execute("UPDATE frozen_target SET baseline_value = NULL")
    books.night(day_of(2), code="2")
    assert standing(books) == frozen_on(1)
    books.con.execute("UPDATE frozen_target SET baseline_value = NULL")
    books.day(day_of(-5), 100)
    books.night(day_of(3), code="3")
    assert standing(books)["mean"] == (None, 4, day_of(1), None, 11, None)
