"""What holds over random small studies, through the judge's SQL and its books."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Any

import pytest

from tests.judging import day_of
from tests.test_history import Books, whole_chain

LENGTH = 30  # day numbers -14 ... 29 hold data
ORDER = {"missed": 0, "partly_met": 1, "met": 2}
PASSIVE, LOGGED = ("walking_minutes", "steps"), ("yoga_minutes",)
WORDS = (
    "version, week_start, week_end, target, target_effective, value, percent, status, reason, basis, eligible_days, "
)
WORDS += "valid_days, is_truncated, truncated_by, device_changed, interval_low, interval_high"
AGREED = {"set_on": day_of(-20)}

Cell = tuple[str, int | None]  # state, minutes (a thousandth of the steps)
Verdict = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    kind: str
    target: int
    per_day: int | None
    metric: str
    derivation: str | None = None
    infusion: str | None = None


@dataclass
class Clinic:
    """Some people: goals, infusions and days by day number. A night costs the same for two or for twenty of them."""

    goals: dict[str, list[Goal]] = field(default_factory=dict)
    infusions: dict[str, dict[str, int]] = field(default_factory=dict)  # person: infusion: day number
    days: dict[tuple[str, int], Cell] = field(default_factory=dict)
    holds: dict[str, int] = field(default_factory=dict)
    policy: dict[str, str] = field(default_factory=dict)

    def books(self) -> Books:
        books = Books(weeks=2, grace_days=3, **self.policy)
        for person, given_on in self.infusions.items():
            books.participant(person)
            for name, number in given_on.items():
                books.infusion(day_of(number), name, person)
            for number, goal in enumerate(self.goals[person]):
                self.agree(books, person, number, goal)
            if person in self.holds:
                books.hold(day_of(self.holds[person]), day_of(self.holds[person] + 1), person)
        for (person, number), cell in self.days.items():
            enter(books, person, number, cell)
        return books

    def agree_on(self, fits: Callable[[Goal], bool], otherwise: Goal) -> None:
        """Leave everybody the goals that fit, or one that does."""
        self.goals = {who: [goal for goal in goals if fits(goal)] or [otherwise] for who, goals in self.goals.items()}

    def agree(self, books: Books, person: str, number: int, goal: Goal) -> None:
        target: Any = () if goal.derivation and goal.per_day is None else goal.target
        per_day = None if goal.derivation else goal.per_day
        if goal.metric == "steps":
            target = () if target == () else target if goal.per_day else 1000 * target
            per_day = None if per_day is None else 1000 * per_day
        books.goal(goal.kind, target, per_day, goal.metric, goal_id=f"{person}-{number}", participant_id=person,
                   infusion_id=goal.infusion, to_week=2, derivation=goal.derivation, **AGREED)  # fmt: skip

    def add_twins(self) -> None:
        """Everybody gets a twin (of P1: Q1), whose days may then be made different."""
        for person in PEOPLE:
            twin = twin_of(person)
            self.goals[twin] = self.goals[person]
            self.infusions[twin] = {twin_of(name): on for name, on in self.infusions[person].items()}
            self.days |= {(twin, n): cell for (who, n), cell in self.days.items() if who == person}
            if person in self.holds:
                self.holds[twin] = self.holds[person]

    def verdicts_of_twins(self, as_of: date) -> Iterator[tuple[tuple, Verdict, Verdict]]:
        """Every goal-week with what is said of the person and of the twin."""
        verdicts = told(self.books(), as_of)
        twins = {(goal.replace("Q", "P"), infusion.replace("Q", "P"), week): verdict
                 for (goal, infusion, week), verdict in verdicts.items() if goal.startswith("Q")}  # fmt: skip
        assert twins.keys() == {key for key in verdicts if key[0].startswith("P")}
        return ((key, verdicts[key], twin) for key, twin in twins.items())


def twin_of(name: str) -> str:
    return name.replace("P", "Q")


def enter(books: Books, person: str, number: int, cell: Cell) -> None:
    state, minutes = cell
    known = state != "no_data"
    books.day(
        day_of(number), minutes if known else None, state, participant_id=person, is_logged=known and minutes == 7,
        steps=1000 * minutes if known and minutes is not None else None,
        yoga_ms=60000 * minutes if known and minutes and minutes % 2 else None,
        primary_source="watch" if known else None,
    )  # fmt: skip


def told(books: Books, as_of: date, **how: Any) -> dict[tuple, Verdict]:
    books.night(as_of, **how)
    rows = books.ask(f"SELECT goal_id, infusion_id, week, rule, {WORDS} FROM goal_week")
    return {(row.pop("goal_id"), row.pop("infusion_id"), row.pop("week")): row for row in rows}


PEOPLE = tuple(f"P{n}" for n in range(1, 11))
STATES = [*["valid"] * 7, "insufficient_wear", "implausible", "no_data"]


def random_clinic(chance: Random) -> Clinic:
    clinic = Clinic()
    for person in PEOPLE:
        clinic.goals[person] = [random_goal(chance) for _ in range(chance.randint(1, 3))]
        given_on = sorted(chance.sample(range(21), chance.randint(1, 3)))
        clinic.infusions[person] = {f"{person}-I{n}": number for n, number in enumerate(given_on)}
        known = chance.choice([0.4, 0.8, 1.0])
        for number in range(-14, LENGTH):
            if chance.random() < known:
                clinic.days[person, number] = random_cell(chance)
        if chance.random() < 0.5:
            clinic.holds[person] = chance.randint(0, 20)
    clinic.policy = {
        "anchor": chance.choice(["until_next", "overlapping", "course"]),
        "estimate": chance.choice(["scale", "none"]),
        "truncation": chance.choice(["prorate", "flag"]),
    }
    return clinic


def random_goal(chance: Random) -> Goal:
    kind = chance.choice(["weekly_total", "daily_mean", "days_with", "streak", "derived"])
    if kind == "derived":
        return Goal("daily_mean", 0, None, "steps", chance.choice(["baseline_pct:10", "percentile:60"]))
    if kind in ("days_with", "streak"):
        return Goal(kind, chance.randint(1, 7), chance.randint(5, 25), chance.choice([*PASSIVE, *LOGGED]))
    return Goal(kind, chance.randint(5, 60), None, chance.choice(PASSIVE))


def random_cell(chance: Random) -> Cell:
    return chance.choice(STATES), chance.randint(0, 30)


def random_day(chance: Random) -> int:
    return chance.randrange(-14, LENGTH)


def random_date(chance: Random) -> date:
    return day_of(chance.randint(10, 45))


@pytest.mark.parametrize("seed", [0, 1])
def test_more_observed_activity_never_worsens_a_verdict(seed: int) -> None:
    chance = Random(seed)
    clinic = random_clinic(chance)
    clinic.agree_on(lambda goal: not goal.derivation, Goal("weekly_total", 50, None, "steps"))
    more = {person: random_day(chance) for person in PEOPLE}
    for day in more.items():
        state, minutes = clinic.days.get(day, random_cell(chance))
        clinic.days[day] = "insufficient_wear" if state in ("no_data", "implausible") else state, minutes
    clinic.add_twins()
    for person, number in more.items():
        state, minutes = clinic.days[person, number]
        # an even step leaves the log as it is
        clinic.days[twin_of(person), number] = state, (minutes or 0) + chance.randrange(0, 31, 2)
    for key, was, now in clinic.verdicts_of_twins(random_date(chance)):
        if was["status"] == "met":
            assert now["status"] == "met", key
        if now["status"] == "missed":
            assert was["status"] == "missed", key
        if was["status"] in ORDER and now["status"] in ORDER:
            assert ORDER[now["status"]] >= ORDER[was["status"]], key


@pytest.mark.parametrize("seed", [2, 3])
def test_what_is_said_of_day_counts_does_not_depend_on_days_nobody_saw(seed: int) -> None:
    chance = Random(seed)
    clinic = random_clinic(chance)
    counts = ("days_with", "streak")
    clinic.agree_on(lambda goal: goal.kind in counts and goal.metric in PASSIVE, Goal("days_with", 3, 10, "steps"))
    clinic.add_twins()
    for person in PEOPLE:
        for number in range(-14, LENGTH):
            state, _ = clinic.days.get((person, number), ("no_data", None))
            if state == "no_data" and chance.random() < 0.5:
                clinic.days[twin_of(person), number] = "valid", chance.randint(0, 30)
    for key, was, now in clinic.verdicts_of_twins(random_date(chance)):
        if was["status"] in ORDER:
            assert now["status"] == was["status"], key


@pytest.mark.parametrize("seed", [4, 5])
def test_an_added_infusion_changes_only_the_neighbour_before_it(seed: int) -> None:
    chance = Random(seed)
    clinic, as_of = random_clinic(chance), random_date(chance)
    clinic.policy["anchor"] = "until_next"
    clinic.agree_on(lambda goal: not goal.derivation, Goal("weekly_total", 50, None, "steps"))
    clinic.days = {key: cell for key, cell in clinic.days.items() if key[1] >= 0}  # no baseline to move
    books = clinic.books()
    before = told(books, as_of)
    possible = set()
    for person, taken in clinic.infusions.items():
        number = chance.choice([number for number in range(29) if number not in taken.values()])
        books.infusion(day_of(number), f"{person}-new", person)
        possible.add((f"{person}-new", "first_verdict"))
        if earlier := [name for name, on in taken.items() if on < number]:
            possible.add((max(earlier, key=lambda name: taken[name]), "infusion_added"))
    after = told(books, as_of)
    changed = {key[1] for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert changed <= {infusion for infusion, _ in possible}
    causes = books.ask("SELECT DISTINCT infusion_id, cause FROM verdict WHERE run_id = 'run 2'")
    assert {(row["infusion_id"], row["cause"]) for row in causes} <= possible
    whole_chain(books)


@pytest.mark.parametrize("seed", [6, 7])
def test_late_data_changes_only_the_weeks_that_hold_those_days_or_rest_on_them(seed: int) -> None:
    chance = Random(seed)
    clinic, as_of = random_clinic(chance), random_date(chance)
    books = clinic.books()
    before = told(books, as_of)
    touched, resting = {}, set()
    for person in PEOPLE:
        late = chance.sample(range(-14, LENGTH), chance.randint(0, 3))
        for number in late:
            enter(books, person, number, random_cell(chance))
        touched[person] = {day_of(number) for number in late}
        first = min(clinic.infusions[person].values())
        rests = any(goal.derivation for goal in clinic.goals[person]) and any(number < first for number in late)
        if rests or any(first - 14 <= number < first for number in late):  # device_changed
            resting.add(person)
    after = told(books, as_of)
    assert before.keys() == after.keys()
    for key, was in before.items():
        if was != after[key]:
            person = key[0].partition("-")[0]
            assert person in resting or any(was["week_start"] <= day <= was["week_end"] for day in touched[person]), key
    causes = books.ask("SELECT DISTINCT cause FROM verdict WHERE run_id = 'run 2'")
    assert causes in ([], [{"cause": "late_data"}])
    whole_chain(books)


EDITS = ("day", "infusion", "cancel", "hold", "goal")
OF_ALL = ("nothing", "nothing", "as_of", "settings", "code")


@pytest.mark.parametrize("seed", [8, 9])
def test_judging_what_changed_equals_judging_everything(seed: int) -> None:
    chance = Random(seed)
    clinic, as_of, how = random_clinic(chance), random_date(chance), {"code": "1", "config": "c"}
    books = clinic.books()
    told(books, as_of)
    for number in range(2):
        for person in PEOPLE:
            for edit in chance.choice([[], ["day"], ["day"], chance.choices(EDITS, k=2)]):
                if edit == "day":
                    enter(books, person, random_day(chance), random_cell(chance))
                elif edit == "infusion":
                    name = f"{person}-later-{number}-{len(books.rows.get('infusion', ()))}"
                    books.infusion(day_of(31 + number), name, person)
                elif edit == "cancel":
                    books.say(f"UPDATE infusion SET status = 'cancelled' WHERE infusion_id = '{person}-I0'")
                elif edit == "hold":
                    books.hold(day_of(number), day_of(number + 2), person)
                else:
                    goal = replace(clinic.goals[person][0], target=3)
                    clinic.agree(books, person, 10 + number + 10 * len(books.rows.get("goal", ())), goal)
        of_all = chance.choice(OF_ALL)
        if of_all == "as_of":
            as_of = random_date(chance)
        elif of_all == "settings":
            how["config"] += "d"
            books.say("UPDATE study SET grace_days = grace_days + 1")
        elif of_all == "code":
            how["code"] += "1"
        compare_with_everything(books, told(books, as_of, **how))


def compare_with_everything(books: Books, grown: dict[tuple, dict[str, Any]]) -> None:
    """What is kept is what judging everything from the rows as they are would give, and the books agree with it."""
    whole_chain(books)
    books.con.execute("SET VARIABLE only_changed = FALSE")
    books.store.run_sql("week")
    rows = books.ask(f"SELECT goal_id, infusion_id, week, rule, {WORDS} FROM goal_week_now")
    assert {(row.pop("goal_id"), row.pop("infusion_id"), row.pop("week")): row for row in rows} == grown
    for kept, relation in (("kept_window", "infusion_window"), ("kept_activity", "weekly_activity")):
        names = ", ".join(row["name"] for row in books.ask(f"SELECT name FROM pragma_table_info('{kept}')"))
        again = books.ask(f"SELECT {names} FROM {relation}")
        assert sorted(map(str, books.ask(f"FROM {kept}"))) == sorted(map(str, again))
