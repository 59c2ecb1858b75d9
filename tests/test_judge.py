"""The judge: worked examples, a second judge on random weeks, every pattern of seven days, what may never happen."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from math import floor
from pathlib import Path
from typing import Any

import pytest

from models import taxonomy
from tests.judging import MONDAY, Judging, day_of
from tests.reference_judge import Day, Week
from tests.reference_judge import judge as judged_by_hand

AS_OF = date(2025, 6, 30)
CONFORMANCE = Path(__file__).parents[1].parent / "shared" / "conformance" / "goal_weeks.json"
Row = dict[str, Any]


# Many weeks in one run: each is a participant of their own, whose infusion lies where `as_of` falls on the right day.


def judge_weeks(weeks: list[Week], metric: str = "walking_minutes") -> list[Row]:
    study = weeks[0]
    judging = Judging(truncation=study.truncation, estimate=study.estimate, grace_days=study.grace, weeks=1)
    for number, week in enumerate(weeks):
        name = f"P{number:06}"
        infused_on = AS_OF - timedelta(days=week.as_of)
        first = infused_on + timedelta(days=7 * (week.week - 1) + 1)
        left_on = None if week.left_on is None else infused_on + timedelta(days=week.left_on)
        judging.participant(name, left_on=left_on)
        judging.infusion(infused_on, f"{name}-a", name)
        if week.next_infusion is not None:
            judging.infusion(infused_on + timedelta(days=week.next_infusion), f"{name}-b", name)
        for held in week.holds:
            on = infused_on + timedelta(days=held)
            judging.hold(on, on, name)
        for skipped in week.skipped:
            on = infused_on + timedelta(days=skipped)
            midnight = datetime.combine(on, time())
            judging.put("local_day", participant_id=name, local_date=on, begins=midnight, ends=midnight)
        begins = None if week.effective_from is None else infused_on + timedelta(days=week.effective_from)
        judging.goal(
            week.kind, _plain(week.target), None if week.per_day is None else _plain(week.per_day),
            "yoga_minutes" if week.is_logged else metric, goal_id=name, participant_id=name, infusion_id=f"{name}-a",
            from_week=week.week, to_week=week.week, set_on=begins or date(2024, 1, 1),
        )  # fmt: skip
        for offset, day in enumerate(week.days):
            if day.value is not None or day.state != "no_data" or day.has_entry:
                judging.day(
                    first + timedelta(days=offset), None if day.value is None else _plain(day.value), day.state,
                    "yoga_minutes" if week.is_logged else metric, name, is_logged=day.has_entry,
                    is_morning_unseen=day.morning_unseen,
                )  # fmt: skip
    rows = {row["goal_id"]: row for row in judging.judge(AS_OF)}
    return [rows[f"P{number:06}"] for number in range(len(weeks))]


def _plain(number: Fraction) -> str:
    return str(Decimal(number.numerator) / Decimal(number.denominator))


def says(row: Row) -> tuple[Any, ...]:
    names = ("status", "reason", "basis", "percent", "target_effective", "eligible_days", "valid_days")
    return tuple(row[name] for name in names)


def micro(number: Fraction | None) -> Decimal | None:
    """Rounded half up to six decimals, as shown."""
    return None if number is None else Decimal(floor(number * 1000000 + Fraction(1, 2))).scaleb(-6)


# The worked examples --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """`days`: 20 a valid day, ~20 a poorly worn one, !20 an implausible one, . no data; logged: 20 an entry, . none."""

    name: str
    days: str
    expected: str  # status · reason · percent · basis · valid of eligible days · effective target where it differs
    kind: str = "weekly_total"
    target: str = "150"
    per_day: str | None = None
    log_open: bool | None = None
    given: tuple[tuple[str, Any], ...] = ()


def total(name: str, days: str, expected: str, target: str = "150", **given: Any) -> Example:
    return Example(name, days, expected, target=target, given=tuple(given.items()))


def mean(name: str, days: str, expected: str, target: str = "7000") -> Example:
    return Example(name, days, expected, "daily_mean", target)


def count(
    name: str, target: str, per_day: str, days: str, expected: str, log_open: bool | None = None, **given: Any
) -> Example:
    return Example(name, days, expected, "days_with", target, per_day, log_open, tuple(given.items()))


def streak(name: str, days: str, expected: str, target: str = "3", **given: Any) -> Example:
    return Example(name, days, expected, "streak", target, "10", None, tuple(given.items()))


EXAMPLES = [
    total("G01", "20 20 20 20 20 25 25", "met 100 observed 7/7"),
    total("G02", "20 20 20 20 20 25 24.6", "partly_met 99 observed 7/7"),
    total("G03", "10 10 10 10 10 12 12", "missed 49 observed 7/7"),
    total("G04", "10 10 10 10 10 12 13", "partly_met 50 observed 7/7"),
    total("G05", "24 24 24 24 24 . .", "met 112 estimated 5/7"),
    total("G06", "20 20 20 20 20 . .", "partly_met 93 estimated 5/7"),
    total("G07", "30 30 40 . . . .", "insufficient_data too_few_valid_days 3/7"),
    total("G08", "50 50 55 . . . .", "met lower_bound 103 observed 3/7"),
    total("G09", ". . . . . . .", "insufficient_data no_data 0/7"),
    total("G10", "0 0 0 0 0 0 0", "missed 0 observed 7/7"),
    total("G11", "20 20 20 !60 20 20 20", "partly_met 93 estimated 6/7"),
    mean("G12", "8000 7500 6000 6800 . . .", "met 101 estimated 4/7"),
    mean("G13", "7200 7200 7200 7200 7200 7200 ~900", "met 102 estimated 6/7"),
    mean("G14", "7200 7200 7200 7200 7200 7200 900", "partly_met 90 observed 7/7"),
    mean("G15", "5866.9 5866.9 5866.9 5866.9 5866.9 5866.9 5866.9", "partly_met 99 observed 7/7", target="5867"),
    count("G16", "5", "10", "10 12 . 15 10 . 20", "met 100 observed 7/7", log_open=True),
    count("G17", "5", "10", "10 12 . 15 10 . .", "partly_met 80 observed 7/7", log_open=True),
    count("G18", "5", "10", ". . . . . . .", "insufficient_data no_log 0/7", log_open=False),
    count("G19", "5", "10", ". . . . . . .", "missed 0 observed 7/7", log_open=True),
    count("G20", "5", "10", "12 12 . 15 10 . 20", "met 100 observed 7/7", log_open=True),
    count("G21", "1", "1", ". . 60 . . . .", "met 100 observed 7/7", log_open=True),
    count("G22", "5", "7000", "7100 7100 7100 7100 3000 . .", "insufficient_data undecidable_missing_days 5/7"),
    count("G23", "5", "7000", "7100 7100 3000 3000 3000 3000 3000", "missed 40 observed 7/7"),
    count("G24", "5", "7000", "7100 7100 3000 3000 3000 3000 .", "insufficient_data not_met_degree_unknown 6/7"),
    count("G25", "5", "7000", "7100 7100 7100 3000 3000 3000 .", "partly_met 60 observed 6/7"),
    count("G26", "5", "7000", "7100 7100 7100 7100 ~7400 . .", "met lower_bound 100 observed 4/7"),
    count("G27", "1", "10", "12 0 . . . . .", "met lower_bound 100 observed 2/7"),
    count("G28", "1", "10", "9.9 5 0 0 8 0 0", "missed 0 observed 7/7"),
    count("G29", "1", "10", "0 5 0 0 8 . .", "insufficient_data undecidable_missing_days 5/7"),
    streak("G30", "10 0 10 10 10 0 0", "met 100 observed 7/7"),
    streak("G31", "10 . 10 0 10 0 10", "insufficient_data undecidable_missing_days 6/7"),
    streak("G32", "10 0 10 0 10 0 10", "missed 33 observed 7/7"),
    total("G33", ". . . . . . .", "upcoming -/7", as_of=0),
    total("G34", "20 20 20 . . . .", "in_progress 40 observed 3/7", as_of=4),
    total("G35", "50 50 55 . . . .", "met lower_bound 103 observed 3/7", as_of=4),
    count("G36", "5", "7000", "0 0 0 . . . .", "in_progress unreachable 0 observed 3/7", as_of=4),
    total("G37", "20 20 20 20 20 . .", "in_progress awaiting_data 66 observed 5/7", as_of=9),
    total("G38", "20 20 20 20 20 20 20", "partly_met 93 observed 7/7", as_of=8),
    total("G39", "30 30 40 30 30 . .", "met lower_bound 106 observed 5/7", as_of=20),
    total("G40", "20 20 20 26 50 . .", "met 100 observed 4/4 85.714286", next_infusion=5),
    total("G41", "20 20 20 25 50 . .", "partly_met 99 observed 4/4 85.714286", next_infusion=5),
    total("G42", "30 30 0 . . . .", "insufficient_data window_too_short 2/2", next_infusion=3),
    total("G43", "75 75 . . . . .", "met 100 observed 2/2", next_infusion=3),
    total("G44", ". . . . . . .", "superseded next_infusion -/0", week=2, next_infusion=5),
    total("left on the fourth day", "20 20 20 26 50 . .", "met 100 observed 4/4 85.714286", left_on=4),
    total("left on the second", "30 30 90 90 90 90 90", "insufficient_data window_too_short 2/2", left_on=2),
    total("left, and met before", "75 75 . . . . .", "met 100 observed 2/2", left_on=2),
    total("left on the last day of the week", "20 20 20 20 20 25 25", "met 100 observed 7/7", left_on=7),
    total("left the day before the week", "50 50 50 50 50 50 50", "superseded left -/0", week=2, left_on=7),
    total("left on day 0", "50 50 50 50 50 50 50", "superseded left -/0", left_on=0),
    total("left before the infusion", "50 50 50 50 50 50 50", "superseded left -/0", left_on=-30),
    total("left before the next infusion", "50 . . . . . .", "superseded left -/0", week=3, left_on=9,
          next_infusion=12),
    total("left after the next infusion", ". . . . . . .", "superseded next_infusion -/0", week=2, next_infusion=8,
          left_on=10),
    total("on hold until they left", "50 50 . . . . .", "superseded left -/0", holds=frozenset({1, 2}), left_on=2),
    total("on hold the day before they left", "30 40 . 50 30 . .", "met 175 observed 4/4 85.714286",
          holds=frozenset({3}), left_on=5),
    total("leaves in days to come", "75 . . . . . .", "in_progress 70 observed 1/5 107.142857", left_on=5, as_of=2),
    count("G45", "7", "10", "10 10 10 10 10 10 0", "met 100 observed 6/6 6", next_infusion=7),
    count("G46", "5", "10", "10 10 10 10 0 0 10", "partly_met 80 observed 6/6", next_infusion=7),
    count("G47", "5", "10", "10 10 10 0 . . .", "met 100 observed 4/4 3", next_infusion=5),
    total("G48", "30 30 20 20 20 20 .", "insufficient_data window_truncated 6/6", next_infusion=7, truncation="flag"),
    total("G49", "50 50 18 18 18 18 18", "partly_met 84 observed 5/5 107.142857", effective_from=3),
    total("G50", "22 22 0 0 22 21 21", "met 100 observed 5/5 107.142857", holds=frozenset({3, 4})),
    total("G51", "20 20 20 20 20 20 20", "partly_met 93 observed 7/7"),
    total("G56", "24 24 24 24 24 . .", "insufficient_data undecidable_missing_days 5/7", estimate="none"),
    count("G57", "5", "10", ". . . . . . .", "in_progress awaiting_data 0 observed 0/7", log_open=False, as_of=9),
    # beyond the table
    total("as much as G06, unevenly", "0 0 0 0 100 . .", "partly_met 93 estimated 5/7"),
    streak("a hold breaks the run", "10 10 10 10 10 0 0", "missed 40 observed 6/6", "5", holds=frozenset({3})),
    streak("a streak longer than the window", "10 10 10 10 . . .", "in_progress unreachable 60 observed 3/4", "5",
           next_infusion=5, as_of=4),
    streak("the same, over", "10 10 10 10 . . .", "insufficient_data window_too_short 4/4", "5", next_infusion=5),
    total("a skipped date is no day of the week", "25 25 25 . 25 25 25", "met 116 observed 6/6 128.571429",
          skipped=frozenset({4})),
    total("a poorly worn week that is enough was seen", "~50 ~50 ~50 ~0 ~0 ~0 ~0", "met 100 observed 0/7"),
    total("an implausible day adds nothing", "50 50 49 !900 . . .", "insufficient_data too_few_valid_days 3/7"),
    total("files after the date of the judgement are not known", "50 50 40 90 90 90 90", "in_progress 93 observed 3/7",
          as_of=4),
    total("a goal that begins after the week", "20 20 20 20 20 20 20", "insufficient_data goal_not_in_force -/0",
          effective_from=8),
    total("a week on hold", "20 20 20 20 20 20 20", "insufficient_data on_hold -/0", holds=frozenset(range(1, 8))),
    mean("a mean is never below what was seen", "1000 1000 1000 1000 ~9500 ~9500 ~9500", "partly_met 66 estimated 4/7"),
]  # fmt: skip


def as_week(example: Example) -> Week:
    days = []
    for word in example.days.split():
        state = {"~": "insufficient_wear", "!": "implausible", ".": "no_data"}.get(word[0], "valid")
        days.append(Day(None if word == "." else Fraction(word.lstrip("~!")), state, example.log_open or False))
    return Week(
        example.kind, Fraction(example.target), days, None if example.per_day is None else Fraction(example.per_day),
        is_logged=example.log_open is not None, **dict(example.given),
    )  # fmt: skip


def expected_of(example: Example) -> tuple[Any, ...]:
    words = example.expected.split()
    status = words.pop(0)
    effective: Decimal | None = Decimal(words.pop()) if "/" not in words[-1] else Decimal(example.target)
    valid, eligible = words.pop().split("/")
    basis = words.pop() if words and words[-1] in ("observed", "estimated") else None
    percent = int(words.pop()) if words and words[-1].isdigit() else None
    shown = None if valid == "-" else effective
    return (
        status,
        words[0] if words else None,
        basis,
        percent,
        shown,
        int(eligible),
        None if valid == "-" else int(valid),
    )


SIX_OF_SEVEN = [Day(Fraction(1440), "valid")] * 6 + [Day(None, "no_data")]
EXTREME = {
    "shortened": Week("weekly_total", Fraction(150), [Day(None, "no_data")] * 7, next_infusion=6, effective_from=2,
                      holds=frozenset({3, 6}), skipped=frozenset({4})),
    **{f"{name} {kind}": Week(kind, target, SIX_OF_SEVEN, next_infusion=7)
       for kind in ("weekly_total", "daily_mean")
       for name, target in (("huge", Fraction("999999999999999.999")), ("zero", Fraction(0)))},
}  # fmt: skip


@pytest.fixture(scope="module")
def weeks() -> dict[str, Week]:
    """All weeks of this module that one run can judge together, by name."""
    shared = json.loads(CONFORMANCE.read_text("utf-8")) if CONFORMANCE.exists() else []
    return {
        **{example.name: as_week(example) for example in EXAMPLES},
        **{f"shared {case['id']}": _shared(case["input"]) for case in shared},
        **random_weeks(),
        **weeks_with_more(),
        **EXTREME,
    }


@pytest.fixture(scope="module")
def rows(weeks: dict[str, Week]) -> dict[str, Row]:
    """Judged, with one run per set of study settings."""
    judged: dict[str, Row] = {}
    for settings in {(week.truncation, week.estimate, week.grace) for week in weeks.values()}:
        names = [name for name, week in weeks.items() if (week.truncation, week.estimate, week.grace) == settings]
        judged.update(zip(names, judge_weeks([weeks[name] for name in names]), strict=True))
    return judged


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_worked_example_is_judged_as_printed(example: Example, rows: dict[str, Row]) -> None:
    assert says(rows[example.name]) == expected_of(example)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_second_judge_says_the_same_of_it(example: Example) -> None:
    assert _by_hand(as_week(example))[:7] == expected_of(example)


def ends(row: Row) -> tuple[str, str]:
    return str(row["interval_low"].normalize()), str(row["interval_high"].normalize())


def test_an_interval_comes_from_how_much_the_seen_days_differ_and_decides_nothing(rows: dict[str, Row]) -> None:
    alike, uneven = rows["G06"], rows["as much as G06, unevenly"]
    assert says(alike) == says(uneven)
    assert (ends(alike), ends(uneven)) == (("1.4E+2", "1.4E+2"), ("1E+2", "299.545"))  # 100 were seen for sure


def test_there_is_an_interval_beside_each_estimate_and_nothing_else(rows: dict[str, Row]) -> None:
    estimated = [row for row in rows.values() if row["basis"] == "estimated"]
    assert len(estimated) > 200
    assert all(0 <= row["interval_low"] <= row["value"] <= row["interval_high"] for row in estimated)
    found = {(row["interval_low"], row["interval_high"]) for row in rows.values() if row["basis"] != "estimated"}
    assert found == {(None, None)}


def test_the_same_week_in_steps_is_judged_alike() -> None:
    steps = [e for e in EXAMPLES if e.name in ("G12", "G13", "G14", "G22", "G23", "G24", "G25", "G26")]
    rows = judge_weeks([as_week(example) for example in steps], metric="steps")
    assert [says(row) for row in rows] == [expected_of(example) for example in steps]


@pytest.mark.skipif(not CONFORMANCE.exists(), reason="the shared table of worked verdicts is not beside this project")
def test_every_case_of_the_shared_table(rows: dict[str, Row]) -> None:
    for case in json.loads(CONFORMANCE.read_text("utf-8")):
        expected, row = case["expected"], rows[f"shared {case['id']}"]
        if expected["target_effective"] is not None:
            expected = {**expected, "target_effective": micro(Fraction(expected["target_effective"]))}
        assert {name: row[name] for name in expected} == expected, case["id"]


def _shared(given: Row) -> Week:
    return Week(
        given["kind"],
        Fraction(str(given["target"])),
        [
            Day(None if day["value"] is None else Fraction(str(day["value"])), day["state"], given["log_open"])
            for day in given["days"]
        ],
        None if given["per_day"] is None else Fraction(str(given["per_day"])),
        given["week"],
        given["as_of_day"],
        given["next_infusion_day"],
        given["effective_from_day"],
        frozenset(given["hold_days"]),
        truncation=given["truncation"],
        estimate=given["estimate"],
        is_logged=given["logged"],
    )


# A second judge, on weeks nobody thought of ---------------------------------------------------------------------------


def random_week(rng: random.Random, truncation: str, estimate: str, grace: int) -> Week:
    kind = rng.choice(["weekly_total", "daily_mean", "days_with", "streak"])
    is_logged = rng.random() < 0.25
    number = rng.choice([1, 1, 1, 2, 3])
    first = 7 * (number - 1) + 1
    per_day = Fraction(rng.choice([1, 10, 12])) if kind in ("days_with", "streak") else None
    target = Fraction(rng.randint(1, 7)) if per_day else Fraction(rng.choice([7, 12, 70, 75, 150]))
    usual = per_day or (target if kind == "daily_mean" else target / 7)
    richness, states = rng.choice([0.4, 0.7, 1, 1.3]), rng.choice(["v", "vvvn", "vvwni", "vvvvvvw", "wn", "n"])

    def day() -> Day:
        state = {"v": "valid", "w": "insufficient_wear", "n": "no_data", "i": "implausible"}[rng.choice(states)]
        share = rng.choice([0, 0.5, 1, 1, 1, 2, 7, rng.random() * 2])
        value = Fraction(round(usual * Fraction(richness * share) * 60000), 60000)
        has_entry = rng.random() < 0.1
        if is_logged:
            entered = rng.random() < 0.4
            return Day(value if entered else None, state, has_entry or entered)
        if state == "no_data" or (state == "implausible" and rng.random() < 0.5):
            return Day(None, state, has_entry)
        return Day(value, state, has_entry, morning_unseen=rng.random() < 0.1)

    return Week(
        kind, target, [day() for _ in range(7)], per_day, number,
        as_of=first + rng.choice([-1, *range(9), *[13, 14, 30] * 5]),
        next_infusion=rng.choice([None, None, None, rng.randint(max(1, first - 2), first + 8)]),
        effective_from=rng.choice([None, None, None, rng.randint(first - 3, first + 8)]),
        holds=frozenset(d for d in range(first, first + 7) if rng.random() < rng.choice([0, 0, 0, 0, 0.1, 0.9])),
        skipped=frozenset({rng.randint(first, first + 6)} if rng.random() < 0.05 else ()),
        left_on=rng.choice([None, None, None, None, rng.randint(first - 2, first + 8)]),
        truncation=truncation, estimate=estimate, grace=grace, is_logged=is_logged,
    )  # fmt: skip


def _by_hand(week: Week) -> tuple[Any, ...]:
    verdict = judged_by_hand(week)
    return (
        verdict.status, verdict.reason, verdict.basis, verdict.percent, micro(verdict.target_effective),
        verdict.eligible_days, verdict.valid_days, micro(verdict.value), micro(verdict.low), micro(verdict.high),
    )  # fmt: skip


def _exact(week: Week) -> bool:
    """Values that milliseconds and the target's three decimals hold exactly, as the store keeps them."""
    return all(day.value is None or (day.value * 60000).denominator == 1 for day in week.days)


def random_weeks() -> dict[str, Week]:
    rng = random.Random()
    studies = [*product(["prorate", "flag"], ["scale", "none"], [7]), ("prorate", "none", 0), ("flag", "scale", 0),
               ("prorate", "scale", 3), ("flag", "none", 3)]  # fmt: skip
    weeks = {f"random {n}": random_week(rng, *studies[n % len(studies)]) for n in range(4800)}
    return weeks | {f"random estimate {n}": random_estimate(rng) for n in range(400)}


def random_estimate(rng: random.Random) -> Week:
    """A total or a mean of 4 to 7 days that are over, of which some were not seen, or not in full."""
    e = rng.randint(4, 7)
    unseen = rng.sample(range(e), rng.randint(1, e * 3 // 7))
    days = [Day(Fraction(rng.choice([0, 600000, 600001, rng.randint(0, 7200000)]), 60000), "valid") for _ in range(7)]
    for day in unseen:
        days[day] = rng.choice([Day(None, "no_data"), replace(days[day], state="insufficient_wear")])
    kind, target = rng.choice([("weekly_total", 900), ("daily_mean", 130)])
    return Week(kind, Fraction(target), days, as_of=30, next_infusion=None if e == 7 else e + 1)


def test_a_second_judge_agrees_on_random_weeks(weeks: dict[str, Week], rows: dict[str, Row]) -> None:
    for name, week in weeks.items():
        if name.startswith("random"):
            assert _exact(week)
            found = [rows[name][column] for column in ("value", "interval_low", "interval_high")]
            assert (*says(rows[name]), *found) == _by_hand(week), week


def weeks_with_more() -> dict[str, Week]:
    """Weeks, and each with more activity on some days that were seen."""
    rng = random.Random(6)
    made = {}
    for number in range(1500):
        week = random_week(rng, "prorate", "scale", 7)
        seen = [i for i, day in enumerate(week.days) if day.value is not None]
        if not seen:
            continue
        days = list(week.days)
        for i in rng.sample(seen, rng.randint(1, len(seen))):
            more = Fraction(rng.choice([1, 100, 60000, 600000, 6000000]), 60000)
            days[i] = replace(days[i], value=(days[i].value or Fraction(0)) + more)
        made[f"before {number}"] = week
        made[f"more {number}"] = replace(week, days=days)
    return made


def test_more_activity_never_worsens_a_verdict(weeks: dict[str, Week], rows: dict[str, Row]) -> None:
    for name, week in weeks.items():
        if name.startswith("more"):
            old, new = rows[name.replace("more", "before")], rows[name]
            assert new["status"] == "met" or old["status"] != "met", week
            assert new["status"] != "missed" or old["status"] == "missed", week


# Every week of seven successes, failures and unknown days -------------------------------------------------------------


@cache
def every_pattern() -> dict[tuple[str, int, str], str]:
    judging = Judging(weeks=1)
    patterns = ["".join(pattern) for pattern in product("yn?", repeat=7)]
    for pattern in patterns:
        judging.participant(pattern)
        judging.infusion(participant_id=pattern, infusion_id=pattern)
        for kind, target in product(("days_with", "streak"), range(1, 8)):
            judging.goal(kind, target, 10, goal_id=f"{kind}|{target}|{pattern}", participant_id=pattern)
        for number, mark in enumerate(pattern, start=1):
            if mark != "?":
                judging.day(day_of(number), 10 if mark == "y" else 9, participant_id=pattern)
    rows = judging.judge(day_of(40))
    assert len(rows) == 14 * 3**7
    keyed = {}
    for row in rows:
        kind, target, pattern = row["goal_id"].split("|")
        keyed[kind, int(target), pattern] = row["status"]
    return keyed


@pytest.mark.parametrize("kind", ["days_with", "streak"])
@pytest.mark.parametrize("target", range(1, 8))
def test_no_verdict_depends_on_a_day_nobody_saw(kind: str, target: int) -> None:
    """A verdict is given exactly if every completion of the unknown days gives it."""
    verdicts = every_pattern()

    @cache
    def completions(pattern: str) -> frozenset[str]:
        if "?" not in pattern:
            return frozenset({verdicts[kind, target, pattern]})
        return completions(pattern.replace("?", "y", 1)) | completions(pattern.replace("?", "n", 1))

    for pattern in map("".join, product("yn?", repeat=7)):
        possible = completions(pattern)
        expected = next(iter(possible)) if len(possible) == 1 else "insufficient_data"
        assert verdicts[kind, target, pattern] == expected, (pattern, possible)


# Infusions and their weeks --------------------------------------------------------------------------------------------

INDUCTION = [date(2025, 3, day) for day in (3, 5, 7, 10, 12, 14)]


@cache
def windows(anchor: str) -> Judging:
    """People with infusions on other days each, in a study of this anchor."""
    judging = Judging(anchor=anchor)
    for who, days in {
        "once": [MONDAY], "induction": INDUCTION, "weekly": [day_of(7 * week) for week in range(4)],
        "21 days": [MONDAY, day_of(21)], "24 days": [MONDAY, day_of(24)],
    }.items():  # fmt: skip
        judging.participant(who)
        for number, day in enumerate(days, start=1):
            judging.infusion(day, f"{who} I{number}", who)
    judging.participant("named")
    for number, course in ((0, "first"), (14, "first"), (16, None), (30, "second"), (60, None)):
        judging.infusion(day_of(number), f"named I{number}", "named", course_id=course)
    judging.judge(date(2025, 12, 31))
    return judging


def window(who: str) -> str:
    return f"(FROM infusion_window WHERE participant_id = '{who}')"


def owned(judging: Judging, who: str) -> dict[str, int]:
    rows = judging.ask(
        "SELECT infusion_id, count(*) n FROM infusion_window "
        f"WHERE is_eligible AND participant_id = '{who}' GROUP BY 1 ORDER BY 1"
    )
    return {row["infusion_id"].removeprefix(f"{who} "): row["n"] for row in rows}


def test_i01_weeks_begin_the_day_after_the_infusion() -> None:
    weeks = windows("until_next").ask(
        f"SELECT week, min(local_date) a, max(local_date) b FROM {window('once')} GROUP BY 1 ORDER BY 1"
    )
    assert [(w["week"], w["a"], w["b"]) for w in weeks] == [
        (1, date(2025, 3, 4), date(2025, 3, 10)),
        (2, date(2025, 3, 11), date(2025, 3, 17)),
        (3, date(2025, 3, 18), date(2025, 3, 24)),
        (4, date(2025, 3, 25), date(2025, 3, 31)),
        (None, MONDAY, MONDAY),
    ]
    assert windows("until_next").ask(f"SELECT why_not, is_eligible FROM {window('once')} WHERE day_number = 0") == [
        {"why_not": "day_0", "is_eligible": False}
    ]


def test_i02_the_last_infusion_of_an_induction_owns_the_weeks() -> None:
    assert owned(windows("until_next"), "induction") == {"I1": 1, "I2": 1, "I3": 2, "I4": 1, "I5": 1, "I6": 28}


def test_i03_overlapping_windows_share_a_day_but_no_infusion_day() -> None:
    rows = windows("overlapping").ask(
        f"SELECT day_number, week FROM {window('induction')} WHERE local_date = '2025-03-15' ORDER BY infusion_id"
    )
    assert [(row["day_number"], row["week"]) for row in rows] == [(12, 2), (10, 2), (8, 2), (5, 1), (3, 1), (1, 1)]
    why = windows("overlapping").ask(
        f"SELECT local_date FROM {window('induction')} WHERE infusion_id LIKE '% I1' AND why_not = 'infusion_day'"
    )
    assert sorted(row["local_date"] for row in why) == INDUCTION[1:]


def test_i04_a_course_counts_from_its_last_infusion() -> None:
    assert owned(windows("course"), "induction") == {"I6": 28}


@pytest.mark.parametrize("anchor", ["until_next", "course"])
def test_i05_i06_weekly_infusions_own_six_days_and_are_no_course(anchor: str) -> None:
    assert owned(windows(anchor), "weekly") == {"I1": 6, "I2": 6, "I3": 6, "I4": 28}


def test_a_named_course_spans_any_gap_and_its_unnamed_followers() -> None:
    assert owned(windows("course"), "named") == {"I16": 13, "I30": 28, "I60": 28}


def test_i07_a_moved_infusion_moves_the_end_of_the_weeks_before() -> None:
    def eligible(who: str) -> tuple[int, int]:
        rows = windows("until_next").ask(f"FROM {window(who)} WHERE infusion_id LIKE '% I1' AND is_eligible")
        return sum(row["week"] == 3 for row in rows), sum(row["week"] == 4 for row in rows)

    assert eligible("21 days") == (6, 0)
    assert eligible("24 days") == (7, 2)


def test_i08_cancelled_and_scheduled_infusions_cut_nothing_and_have_no_weeks() -> None:
    judging = Judging()
    judging.participant()
    judging.infusion(MONDAY, "I1", status="stopped_early")
    judging.infusion(day_of(4), "I2", status="cancelled")
    judging.infusion(day_of(9), "I3", status="scheduled")
    judging.goal(target=150, to_week=2)
    rows = judging.judge(day_of(40))
    assert [(row["infusion_id"], row["week"], row["eligible_days"]) for row in rows] == [("I1", 1, 7), ("I1", 2, 7)]


def test_i09_days_are_dates_whatever_the_clocks_do() -> None:
    numbered = windows("until_next").ask(f"SELECT day_number FROM {window('once')} WHERE local_date = '2025-03-10'")
    assert numbered == [{"day_number": 7}]


def test_a_completed_infusion_after_as_of_cuts_as_recorded() -> None:
    judging = Judging()
    judging.participant()
    judging.infusion(MONDAY, "I1")
    judging.infusion(day_of(5), "I2")
    judging.goal(target=150)
    (first, second) = judging.judge(day_of(3))
    assert (first["eligible_days"], first["truncated_by"], first["status"]) == (4, "next_infusion", "in_progress")
    assert (second["eligible_days"], second["status"]) == (7, "upcoming")


def test_what_shortened_a_week_is_named_in_order(rows: dict[str, Row]) -> None:
    row = rows["shortened"]
    assert row["truncated_by"] == "next_infusion;hold;goal_not_in_force;date_skipped"
    assert (row["is_truncated"], row["eligible_days"]) == (True, 2)


def test_who_left_has_no_later_days_whatever_infusions_follow() -> None:
    for anchor in ("until_next", "overlapping", "course"):
        judging = Judging(anchor=anchor, weeks=2)
        judging.participant(left_on=day_of(9))
        for number in (0, 5, 20):
            judging.infusion(day_of(number), f"I{number}")
        judging.goal(target=150, to_week=2)
        verdicts = {(row["infusion_id"], row["week"]): row for row in judging.judge(day_of(60))}
        assert {row["reason"] for (infusion, _), row in verdicts.items() if infusion == "I20"} == {"left"}
        later = judging.ask(f"SELECT DISTINCT why_not FROM infusion_window WHERE local_date > '{day_of(9)}'")
        assert {row["why_not"] for row in later} == {"left", "day_0"}
        cut = verdicts["I5", 1]
        assert (cut["eligible_days"], cut["truncated_by"]) == (4, "left")
        assert verdicts["I5", 2]["truncated_by"] == "left"


def test_a_goal_may_reach_further_than_the_study() -> None:
    judging = Judging(weeks=1)
    judging.participant()
    judging.infusion()
    judging.goal(target=["10", "12", "15"], from_week=2, to_week=5)
    rows = judging.judge(day_of(0))
    assert [(row["week"], row["target"]) for row in rows] == [(2, 12), (3, 15), (4, 15), (5, 15)]


# Versions of a goal ---------------------------------------------------------------------------------------------------


def version(target: int, day: int, **row: Any) -> Row:
    return {"target": target, "set_on": day_of(day), **row}


CORRECTED = version(200, 10, correction=True)
DATED_BACK = version(200, 10, effective_from=day_of(1))
CANCELLED = version(150, 8, status="cancelled")
VERSIONS = {  # what is agreed one after the other, and which version rules which week
    "G52 the version of the first eligible day rules the week":
        ([version(150, 0), version(200, 4)], [(1, 1), (2, 2), (3, 2)]),
    "G53 nobody raises a target for a week begun":
        ([version(150, 0), DATED_BACK], [(1, 1), (2, 1), (3, 2)]),
    "G54 a correction with a date reaches back":
        ([version(150, 1), {**DATED_BACK, "correction": True}], [(1, 2), (2, 2), (3, 2)]),
    "G54 a correction without a date reaches back":
        ([version(150, 0), CORRECTED], [(1, 2), (2, 2), (3, 2)]),
    "G54 of two corrections the last":
        ([version(150, 0), CORRECTED, {**CORRECTED, "target": 210}], [(1, 3), (2, 3), (3, 3)]),
    "G54 a correction without a date takes that of the version before it":
        ([version(150, 0), version(200, 4), version(210, 25, correction=True)], [(1, 1), (2, 3), (3, 3)]),
    "G55 a goal set inside a week counts from that day":
        ([version(150, 3)], [(1, 1), (2, 1), (3, 1)]),
    "a cancelled goal has no rows from then on":
        ([version(150, 0), CANCELLED], [(1, 1)]),
    "a cancelled goal comes back with a new version":
        ([version(150, 0), CANCELLED, version(90, 15)], [(1, 1), (3, 3)]),
}  # fmt: skip


@pytest.fixture(scope="module")
def rows_of_versions() -> list[Row]:
    """All of them in one run, each a goal of its own."""
    judging = Judging()
    judging.participant()
    judging.infusion()
    for name, (rows, _) in VERSIONS.items():
        for number, row in enumerate(rows, start=1):
            judging.goal(goal_id=name, version=number, to_week=3, **row)
    return judging.judge(day_of(30))


@pytest.mark.parametrize("name", VERSIONS)
def test_the_version_that_rules_a_week(name: str, rows_of_versions: list[Row]) -> None:
    assert [(row["week"], row["version"]) for row in rows_of_versions if row["goal_id"] == name] == VERSIONS[name][1]


def test_g55_a_goal_set_inside_a_week_counts_from_that_day(rows_of_versions: list[Row]) -> None:
    rows = [row for row in rows_of_versions if row["goal_id"].startswith("G55")]
    assert [(row["week"], row["eligible_days"], row["truncated_by"]) for row in rows] == [
        (1, 5, "goal_not_in_force"),
        (2, 7, None),
        (3, 7, None),
    ]


def test_a_correction_can_move_a_goal_to_the_right_person() -> None:
    judging = Judging()
    for name in ("P1", "P2"):
        judging.participant(name)
        judging.infusion(participant_id=name)
    judging.goal(target=150, set_on=day_of(0))
    judging.goal(target=150, set_on=day_of(3), version=2, participant_id="P2", correction=True)
    assert [(row["participant_id"], row["version"]) for row in judging.judge(day_of(9))] == [("P2", 2)]


def test_goals_that_cannot_be_judged_say_why_and_a_baseline_may_still_come_before_the_week() -> None:
    judging = Judging()
    judging.participant(foot_step_goals=False)
    judging.infusion()
    judging.goal(target=150, goal_id="on hold", status="on_hold")
    judging.goal(target=7000, metric="steps", goal_id="steps")
    judging.goal(goal_id="unmeasured", derivation="baseline_pct:10")
    judging.goal("days_with", 5, goal_id="unmeasured days", derivation="baseline_plus:10")
    for as_of, unmeasured in ((-3, ("upcoming", None)), (4, ("insufficient_data", "baseline_unavailable"))):
        rows = {row["goal_id"]: (row["status"], row["reason"]) for row in judging.judge(day_of(as_of))}
        assert rows == {
            "on hold": ("insufficient_data", "on_hold"),
            "steps": ("insufficient_data", "not_applicable"),
            "unmeasured": unmeasured,
            "unmeasured days": unmeasured,
        }


def test_a_week_without_a_day_says_so_whatever_the_goal() -> None:
    judging = Judging()
    judging.participant(foot_step_goals=False)
    judging.infusion()
    judging.goal(target=150, goal_id="on hold", status="on_hold", set_on=day_of(9))
    judging.goal(target=7000, metric="steps", goal_id="steps", set_on=day_of(9))
    judging.goal(goal_id="unmeasured", derivation="baseline_pct:10", set_on=day_of(9))
    first = [row for row in judging.judge(day_of(9)) if row["week"] == 1]
    assert [(row["status"], row["reason"]) for row in first] == 3 * [("insufficient_data", "goal_not_in_force")]


# Baselines ------------------------------------------------------------------------------------------------------------


SIX_DAYS: dict[int, int | str] = {-14: 5000, -13: 5200, -10: 5800, -6: 5000, -3: 5000, -1: 6000, -2: "~900"}
FOUR_DAYS: dict[int, int | str] = {-4: 5000, -3: 5000, -2: 5000, -1: 5001}
NINE_DAYS: dict[int, int | str] = {-number: 1000 * number for number in range(1, 10)}
EIGHT_DAYS = {number: steps for number, steps in NINE_DAYS.items() if number != -9}
HALVES: dict[int, int | str] = {-4: 1, -3: 1, -2: 2, -1: 2}
NOT_OF_THE_BASELINE: dict[int, int | str] = {-15: 90000, 0: 90000, -5: "/90000"}
DERIVED: dict[str, tuple[str, str, dict[int, int | str], int | None, int]] = {
    # kind, derivation, steps by day number (`~900` was poorly worn, `/900` is a partial day), target, valid days
    "B01 the baseline is kept unrounded and the target rounded once": ("mean", "baseline_pct:10", SIX_DAYS, 5867, 6),
    "B01 so many more": ("mean", "baseline_plus:1500", SIX_DAYS, 6833, 6),
    "B01 1.5 is rounded half up": ("mean", "baseline_pct:0", HALVES, 2, 4),
    "B01 only full valid days of the fourteen before the infusion count":
        ("mean", "baseline_pct:10", {**SIX_DAYS, **NOT_OF_THE_BASELINE}, 5867, 6),
    "B02 three valid days are no baseline": ("mean", "baseline_pct:10", {-3: 5000, -2: 5000, -1: 5000}, None, 3),
    "B03 the adaptive target is the sixth smallest of nine":
        ("mean", "percentile:60", {**NINE_DAYS, -20: 99000}, 6000, 9),
    "B03 or the fourth": ("mean", "percentile:40", NINE_DAYS, 4000, 9),
    "B04 eight days give no target": ("mean", "percentile:60", EIGHT_DAYS, None, 8),
    "a weekly total is derived as seven days: 38,501.925": ("total", "baseline_pct:10", FOUR_DAYS, 38502, 4),
    "a weekly total of so many more": ("total", "baseline_plus:1500", FOUR_DAYS, 45502, 4),
    "an adaptive weekly total": ("total", "percentile:60", NINE_DAYS, 42000, 9),
}  # fmt: skip


@pytest.fixture(scope="module")
def derived() -> dict[str, tuple[Any, ...]]:
    """All of them in one run, each a participant of their own."""
    judging = Judging()
    for name, (kind, derivation, steps, *_) in DERIVED.items():
        judging.participant(name)
        judging.infusion(participant_id=name)
        judging.goal({"mean": "daily_mean", "total": "weekly_total"}[kind], metric="steps", derivation=derivation,
                     goal_id=name, participant_id=name, set_on=day_of(0))  # fmt: skip
        for number, value in steps.items():
            judging.day(
                day_of(number), int(str(value).strip("~/")), "insufficient_wear" if str(value)[0] == "~" else "valid",
                "steps", name, is_partial=str(value)[0] == "/",
            )  # fmt: skip
    judging.judge(day_of(0))
    return {row["goal_id"]: (row["target"], row["n_valid"]) for row in judging.ask("FROM derived_target")}


@pytest.mark.parametrize("name", DERIVED)
def test_a_target_is_derived_from_the_days_before(name: str, derived: dict[str, tuple[Any, ...]]) -> None:
    assert derived[name] == DERIVED[name][3:]


def test_b04_with_eight_days_the_last_issued_target_stays() -> None:
    judging = Judging()
    judging.participant()
    judging.infusion()
    judging.goal("daily_mean", 4321, metric="steps", set_on=day_of(-2))
    judging.goal("daily_mean", metric="steps", set_on=day_of(0), version=2, derivation="percentile:60")
    for number, value in EIGHT_DAYS.items():
        judging.day(day_of(number), value, metric="steps")
    (row,) = judging.judge(day_of(1))
    assert (row["version"], row["target"]) == (2, 4321)


def test_a_derivation_gives_day_counts_their_day_and_leaves_the_number_of_days() -> None:
    judging = Judging()
    judging.participant()
    judging.infusion()
    judging.goal("days_with", 2, derivation="baseline_plus:5")
    for number in (-4, -3, -2, -1):
        judging.day(day_of(number), "10.4")
    for number in range(1, 8):
        judging.day(day_of(number), 15 if number < 3 else 14)
    (row,) = judging.judge(day_of(30))
    assert (row["target"], row["per_day"], row["status"], row["percent"]) == (2, 15, "met", 100)


def test_a_frozen_target_does_not_move_with_later_files() -> None:
    judging = Judging()
    judging.participant()
    judging.infusion()
    judging.goal("daily_mean", metric="steps", derivation="baseline_pct:10")
    judging.put("frozen_target", goal_id="G1", version=1, target=Decimal(5867), n_valid=6, as_of=day_of(0))
    for number in range(-14, 0):
        judging.day(day_of(number), 9000, metric="steps")
    (row,) = judging.judge(day_of(1))
    assert row["target"] == 5867


def test_a_later_course_has_a_baseline_of_its_own_only_if_named_and_free_of_earlier_weeks() -> None:
    judging = Judging()
    for who, course_day, course_id in (
        ("named", 60, "second"), ("unnamed", 60, None), ("overlaps", 42, "second"), ("just after", 43, "second")
    ):  # fmt: skip
        judging.participant(who)
        judging.infusion(MONDAY, f"{who}-1", who)
        judging.infusion(day_of(course_day), f"{who}-2", who, course_id=course_id)
        judging.goal("daily_mean", metric="steps", derivation="baseline_pct:0", goal_id=who, participant_id=who,
                     infusion_id=f"{who}-2", set_on=day_of(0))  # fmt: skip
        for number in range(1, 15):
            judging.day(day_of(-number), 1000, metric="steps", participant_id=who)
            judging.day(day_of(course_day - number), 2000, metric="steps", participant_id=who)
    targets = {row["goal_id"]: row["target"] for row in judging.judge(day_of(60))}
    # the first baseline day of who overlaps is the last of the weeks before
    assert targets == {"named": 2000, "unnamed": 1000, "overlaps": 1000, "just after": 2000}


# Beside the verdict ---------------------------------------------------------------------------------------------------


def test_another_device_than_in_the_baseline_is_flagged() -> None:
    judging = Judging()
    for who, before, during in (("other", "watch", "phone"), ("same", "watch", "watch"), ("unknown", None, "phone")):
        judging.participant(who)
        judging.infusion(participant_id=who)
        judging.goal(target=150, goal_id=who, participant_id=who)
        for number in range(-14, 8):
            source = during if number > 2 else before
            judging.day(day_of(number), 20, participant_id=who, primary_source=source)
    rows = {row["goal_id"]: row["device_changed"] for row in judging.judge(day_of(30))}
    assert rows == {"other": True, "same": False, "unknown": False}


def test_a_metric_the_day_does_not_know_is_not_zero() -> None:
    judging = Judging()
    judging.participant()
    judging.infusion()
    judging.goal(target=150, metric="brisk_minutes")
    for number in range(1, 8):
        judging.day(day_of(number), 8000, metric="steps")
    (row,) = judging.judge(day_of(30))
    assert (row["status"], row["reason"], row["valid_days"]) == ("insufficient_data", "no_data", 0)


def test_an_entry_opens_the_log_only_of_its_own_week_and_on_an_eligible_day() -> None:
    judging = Judging()
    judging.participant()
    judging.infusion()
    judging.goal("days_with", 1, 10, "yoga_minutes", to_week=3)
    judging.hold(day_of(9), day_of(9))
    judging.day(day_of(1), 5, metric="yoga_minutes", is_logged=True)
    judging.day(day_of(9), 5, metric="yoga_minutes", is_logged=True)
    reasons = [(row["status"], row["reason"]) for row in judging.judge(day_of(60))]
    assert reasons == [("missed", None), ("insufficient_data", "no_log"), ("insufficient_data", "no_log")]


def test_a_study_of_nobody_is_judged() -> None:
    assert Judging().judge(MONDAY) == []


@pytest.mark.parametrize("kind", ["weekly_total", "daily_mean"])
def test_huge_targets_and_zero_targets_do_not_break_the_arithmetic(kind: str, rows: dict[str, Row]) -> None:
    huge, zero = rows[f"huge {kind}"], rows[f"zero {kind}"]
    assert [(row["status"], row["percent"]) for row in (huge, zero)] == [("missed", 0), ("met", None)]


def test_each_metric_of_the_taxonomy_names_a_column_of_a_day() -> None:
    amounts = ", ".join(str(n) for n in range(len(taxonomy.METRICS)))
    rows = windows("until_next").ask(
        f"SELECT metric, amount_of(metric, {amounts}) AS amount, is_logged_metric FROM metric_unit"
    )
    assert [row["metric"] for row in rows] == list(taxonomy.METRICS)
    assert [row["amount"] for row in rows] == list(range(len(taxonomy.METRICS)))
    assert [row["metric"] for row in rows if row["is_logged_metric"]] == list(taxonomy.LOGGED_METRICS)


def test_weekly_activity_gives_each_mean_its_days_and_never_a_zero_for_nothing() -> None:
    judging = Judging()
    judging.participant()
    judging.infusion()
    judging.infusion(day_of(14), "I2")
    judging.day(day_of(0), 99, metric="steps")
    judging.day(day_of(1), 5000, metric="steps", walking_ms=90000)
    judging.day(day_of(2), 6001, metric="steps")
    judging.day(day_of(3), 1000, "insufficient_wear", metric="steps")
    judging.day(day_of(4), 61000, "implausible", metric="steps")
    judging.day(day_of(6), 77777, metric="steps")
    judging.judge(day_of(6))
    first, second = judging.ask("SELECT * FROM weekly_activity WHERE week <= 2 AND infusion_id <> 'I2' ORDER BY week")
    assert (first["eligible_days"], first["days_over"], first["valid_days"], first["weekend_days"]) == (7, 5, 2, 2)
    assert (first["steps_total"], first["steps_mean"], first["steps_mean_days"]) == (12001, Decimal("5500.5"), 2)
    assert (first["walking_minutes_total"], first["walking_minutes_mean_days"]) == (Decimal("1.5"), 1)
    assert (first["yoga_minutes_total"], first["movement_minutes_total"]) == (None, None)
    assert (second["eligible_days"], second["days_over"]) == (6, 0)
    assert (second["steps_total"], second["steps_mean"]) == (None, None)


def test_weekly_activity_says_how_the_movement_of_a_week_is_spread() -> None:
    judging = Judging()
    judging.participant()
    judging.infusion()
    judging.hold(day_of(11), day_of(11))
    seen: dict[int, tuple[float, str]] = {n: (20, "valid") for n in (1, 2, 3, 5, 8, 9, 10, 12, 13, 14)}
    seen |= {4: (9.999, "valid"), 6: (40, "insufficient_wear"), 7: (300, "implausible"), 11: (500, "valid")}
    seen |= {15: (60, "valid"), 16: (0, "valid"), 22: (0, "valid"), 23: (0, "valid"), 24: (0, "valid")}
    for number, (value, state) in seen.items():
        judging.day(day_of(number), value, state, metric="movement_minutes")
    judging.judge(day_of(30))
    rows = judging.ask("SELECT active_days, longest_run_days, top2_share FROM weekly_activity ORDER BY week")
    assert [tuple(row.values()) for row in rows] == [
        (5, 3, Decimal("0.461542")),  # 60 of 129.999; the day over 45,000 steps counts nowhere
        (6, 3, Decimal("0.333333")),  # the day on hold ends a run
        (1, 1, None),  # two days say nothing of a spread
        (0, 0, None),  # nor do three of nothing
    ]
    judging = Judging(weeks=1)
    judging.participant()
    judging.infusion()
    judging.day(day_of(1), 5000, metric="steps")
    judging.judge(day_of(30))
    (week,) = judging.ask("SELECT active_days, longest_run_days, top2_share FROM weekly_activity")
    assert set(week.values()) == {None}


def test_every_file_makes_one_relation_or_says_that_it_changes_one() -> None:
    for relation in _relations():
        makes = relation.read_text("utf-8").count("CREATE OR REPLACE TEMP")
        assert makes == 1 or (makes == 0 and "which this changes" in relation.read_text("utf-8")), relation.name


def _relations() -> Iterator[Path]:
    yield from sorted((Path(__file__).parents[1] / "models" / "sql" / "week").glob("*.sql"))


def test_a_column_that_goals_get_later_makes_no_other_agreement() -> None:
    def agreements(judging: Judging) -> list[Row]:
        judging.participant()
        judging.infusion()
        judging.goal()
        judging.judge(AS_OF)
        return judging.ask("SELECT goal_id, version, goal_fingerprint FROM goal_version")

    later = Judging()
    later.con.execute("ALTER TABLE goal ADD COLUMN therapist TEXT DEFAULT 'somebody'")
    assert agreements(Judging()) == agreements(later) != []
