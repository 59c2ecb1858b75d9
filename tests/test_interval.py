"""How often the interval of an estimate holds what it is of (R11.12), over simulated people whose every day is known.

The second judge computes it (tests/reference_judge.py), which tests/test_judge.py compares with the SQL.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from random import Random

import pytest

from tests.reference_judge import T, interval

# Eligible days and valid ones among them: all that an estimate can rest on.
CASES = [(4, 3), (5, 3), (5, 4), (6, 4), (6, 5), (7, 4), (7, 5), (7, 6)]
Days = Callable[[int], float]  # what is done on the day of the week


def normal(chance: Random) -> Days:
    mean, spread = chance.uniform(3000, 12000), chance.uniform(0.15, 0.4)
    return lambda _: chance.gauss(mean, spread * mean)


def log_normal(chance: Random) -> Days:
    mean, spread = chance.uniform(8, 9), chance.uniform(0.25, 0.6)
    return lambda _: chance.lognormvariate(mean, spread)


def other_weekends(chance: Random) -> Days:
    mean, spread = chance.uniform(4000, 10000), chance.uniform(0.15, 0.35)
    weekend = chance.choice([chance.uniform(0.4, 0.8), chance.uniform(1.2, 1.8)])
    return lambda weekday: chance.gauss(mean * (weekend if weekday > 4 else 1), spread * mean)


def minutes_and_days_without(chance: Random) -> Days:
    none, mean, spread = chance.uniform(0.2, 0.5), chance.uniform(2.7, 3.9), chance.uniform(0.3, 0.6)
    return lambda _: 0 if chance.random() < none else chance.lognormvariate(mean, spread)


def minutes_from_few_to_many(chance: Random) -> Days:
    shape, mean = chance.uniform(1.5, 6), chance.uniform(20, 70)
    return lambda _: chance.gammavariate(shape, mean / shape)


def like_the_day_before(chance: Random) -> Days:
    mean, spread, last = chance.uniform(4000, 9000), chance.uniform(0.25, 0.5), [0.0]

    def day(_: int) -> float:
        last[0] = 0.4 * last[0] + chance.gauss(0, spread * math.sqrt(1 - 0.4**2))
        return mean * math.exp(last[0])

    return day


def a_long_walk_now_and_then(chance: Random) -> Days:
    mean, often = chance.uniform(2000, 6000), chance.uniform(0.1, 0.3)
    return lambda _: mean * chance.lognormvariate(0, 0.3) * (chance.uniform(2, 3) if chance.random() < often else 1)


USUAL = [
    normal, log_normal, other_weekends, minutes_and_days_without, minutes_from_few_to_many, like_the_day_before,
]  # fmt: skip
KINDS = [*USUAL, a_long_walk_now_and_then]


def at_random(chance: Random, days: Sequence[int], v: int) -> list[int]:
    return chance.sample(days, v)


def the_most_active(_: Random, days: Sequence[int], v: int) -> list[int]:
    return sorted(days)[-v:]


@cache
def coverage(
    kind: Callable[[Random], Days], seen_are: Callable[..., list[int]] = at_random, people: int = 240
) -> float:
    """Of how many weeks in 100 the interval holds the total: for each case as many people of a kind, one week each."""
    chance, held = Random(11), 0
    for e, v in CASES:
        for _ in range(people):
            day, first = kind(chance), chance.randrange(7)
            days = [max(0, round(day((first + n) % 7))) for n in range(e)]
            seen = seen_are(chance, days, v)
            low, high = (max(end, sum(seen)) for end in interval(seen, e))
            held += low <= sum(days) <= high
    return 100 * held / people / len(CASES)


def test_it_holds_nine_times_in_ten() -> None:
    assert 88 <= sum(map(coverage, KINDS)) / len(KINDS) <= 92


@pytest.mark.parametrize("kind", USUAL, ids=lambda kind: kind.__name__)
def test_it_does_so_for_people_of_each_usual_kind(kind: Callable[[Random], Days]) -> None:
    assert 87 <= coverage(kind) <= 92


def test_it_holds_less_often_where_some_days_are_far_longer_than_the_others() -> None:
    assert 84 <= coverage(a_long_walk_now_and_then) < 88


@pytest.mark.parametrize("kind", [normal, log_normal, other_weekends], ids=lambda kind: kind.__name__)
def test_it_does_not_hold_where_days_are_unseen_for_what_was_done_on_them(kind: Callable[[Random], Days]) -> None:
    assert coverage(kind, the_most_active, people=60) < 80


@pytest.mark.parametrize("freedom", T)
def test_the_percentiles_are_those_of_students_t(freedom: int) -> None:
    scale = math.gamma((freedom + 1) / 2) / math.sqrt(freedom * math.pi) / math.gamma(freedom / 2)

    def below(t: float, steps: int = 400) -> float:
        """By Simpson's rule from 0, below which lies one half."""
        weights = [1, *[4, 2] * (steps // 2 - 1), 4, 1]
        density = [(1 + (t * n / steps) ** 2 / freedom) ** (-(freedom + 1) / 2) for n in range(steps + 1)]
        return 0.5 + scale * t / steps / 3 * sum(map(math.prod, zip(weights, density, strict=True)))

    t = float(T[freedom])
    assert below(t - 0.0005) < 0.95 < below(t + 0.0005)
