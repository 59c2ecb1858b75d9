"""What holds over random small studies, through the judge's SQL and its books."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.judging import day_of
from tests.test_history import Books, whole_chain

LENGTH = 30  # day numbers -14 ... 29 hold data
ORDER = {"missed": 0, "partly_met": 1, "met": 2}
PASSIVE, LOGGED = ("walking_minutes", "steps"), ("yoga_minutes",)
WORDS = (
    "version, week_start, week_end, target, target_effective, value, percent, status, reason, basis, eligible_days, "
)
WORDS += "valid_days, is_truncated, truncated_by, device_changed"
AGREED = {"set_on": day_of(-20)}

Cell = tuple[str, int | None]  # state, minutes (a thousandth of the steps)


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
    """A few people: infusions and days by day number, the same goals for everybody."""

    goals: list[Goal]
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
            for number, goal in enumerate(self.goals):
                self.agree(books, person, number, goal)
            if person in self.holds:
                books.hold(day_of(self.holds[person]), day_of(self.holds[person] + 1), person)
        for (person, number), cell in self.days.items():
            enter(books, person, number, cell)
        return books

    def agree(self, books: Books, person: str, number: int, goal: Goal) -> None:
        target: Any = () if goal.derivation and goal.per_day is None else goal.target
        per_day = None if goal.derivation else goal.per_day
        if goal.metric == "steps":
            target = () if target == () else target if goal.per_day else 1000 * target
            per_day = None if per_day is None else 1000 * per_day
        books.goal(goal.kind, target, per_day, goal.metric, goal_id=f"{person}-{number}", participant_id=person,
                   infusion_id=goal.infusion, to_week=2, derivation=goal.derivation, **AGREED)  # fmt: skip

    def verdicts(self, as_of: date) -> dict[tuple, dict[str, Any]]:
        return told(self.books(), as_of)


def enter(books: Books, person: str, number: int, cell: Cell) -> None:
    state, minutes = cell
    known = state != "no_data"
    books.day(
        day_of(number), minutes if known else None, state, participant_id=person, is_logged=known and minutes == 7,
        steps=1000 * minutes if known and minutes is not None else None,
        yoga_ms=60000 * minutes if known and minutes and minutes % 2 else None,
        primary_source="watch" if known else None,
    )  # fmt: skip


def told(books: Books, as_of: date, **how: Any) -> dict[tuple, dict[str, Any]]:
    books.night(as_of, **how)
    rows = books.ask(f"SELECT goal_id, infusion_id, week, rule, {WORDS} FROM goal_week")
    return {(row.pop("goal_id"), row.pop("infusion_id"), row.pop("week")): row for row in rows}


GOALS = st.one_of(
    st.builds(
        Goal, st.sampled_from(["weekly_total", "daily_mean"]), st.integers(5, 60), st.none(), st.sampled_from(PASSIVE)
    ),
    st.builds(
        Goal, st.sampled_from(["days_with", "streak"]), st.integers(1, 7), st.integers(5, 25),
        st.sampled_from([*PASSIVE, *LOGGED]),
    ),
    st.builds(
        Goal, st.just("daily_mean"), st.just(0), st.none(), st.just("steps"),
        st.sampled_from(["baseline_pct:10", "percentile:60"]),
    ),
)  # fmt: skip
CELLS = st.tuples(
    st.sampled_from(["valid", "valid", "valid", "insufficient_wear", "implausible", "no_data"]), st.integers(0, 30)
)
PEOPLE = ("P1", "P2")


@st.composite
def clinics(draw: st.DrawFn, density: int = 35) -> Clinic:
    clinic = Clinic(draw(st.lists(GOALS, min_size=1, max_size=3)))
    for person in PEOPLE:
        dates = draw(st.lists(st.integers(0, 20), min_size=1, max_size=3, unique=True))
        clinic.infusions[person] = {f"{person}-I{n}": number for n, number in enumerate(sorted(dates))}
        numbers = draw(st.lists(st.integers(-14, LENGTH - 1), max_size=density, unique=True))
        clinic.days |= {(person, number): draw(CELLS) for number in numbers}
        if draw(st.booleans()):
            clinic.holds[person] = draw(st.integers(0, 20))
    clinic.policy = {
        "anchor": draw(st.sampled_from(["until_next", "overlapping", "course"])),
        "estimate": draw(st.sampled_from(["scale", "none"])),
        "truncation": draw(st.sampled_from(["prorate", "flag"])),
    }
    return clinic


DATES = st.integers(0, 45).map(day_of)
FEW = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@FEW
@given(clinics(), DATES, st.sampled_from(PEOPLE), st.integers(-14, LENGTH), CELLS, st.integers(1, 30))
def test_more_observed_activity_never_worsens_a_verdict(
    clinic: Clinic, as_of: date, person: str, number: int, cell: Cell, more: int
) -> None:
    clinic.goals = [goal for goal in clinic.goals if not goal.derivation] or [Goal("weekly_total", 50, None, "steps")]
    poorly = ("insufficient_wear" if cell[0] in ("no_data", "implausible") else cell[0], cell[1])
    clinic.days[person, number] = poorly
    before = clinic.verdicts(as_of)
    clinic.days[person, number] = (
        poorly[0],
        (poorly[1] or 0) + more - (more % 2),
    )  # an even step leaves the log as it is
    after = clinic.verdicts(as_of)
    assert before.keys() == after.keys()
    for key, was in before.items():
        now = after[key]
        if was["status"] == "met":
            assert now["status"] == "met", key
        if now["status"] == "missed":
            assert was["status"] == "missed", key
        if was["status"] in ORDER and now["status"] in ORDER:
            assert ORDER[now["status"]] >= ORDER[was["status"]], key


@FEW
@given(clinics(), DATES, st.data())
def test_what_is_said_of_day_counts_does_not_depend_on_days_nobody_saw(clinic: Clinic, as_of: date, data: Any) -> None:
    counts = [goal for goal in clinic.goals if goal.kind in ("days_with", "streak") and goal.metric in PASSIVE]
    clinic.goals = counts or [Goal("days_with", 3, 10, "steps")]
    before = clinic.verdicts(as_of)
    unseen = [
        (person, number)
        for person in PEOPLE
        for number in range(-14, LENGTH)
        if clinic.days.get((person, number), ("no_data", None))[0] == "no_data"
    ]
    for key in data.draw(st.lists(st.sampled_from(unseen), max_size=20, unique=True)) if unseen else ():
        clinic.days[key] = data.draw(st.tuples(st.just("valid"), st.integers(0, 30)))
    after = clinic.verdicts(as_of)
    for key, was in before.items():
        now = after[key]["status"]
        if was["status"] == "met":
            assert now == "met", key
        elif was["status"] == "partly_met":
            assert now == "partly_met", key
        elif was["status"] == "missed":
            assert now == "missed", key


@FEW
@given(clinics(), DATES, st.sampled_from(PEOPLE), st.integers(0, 28))
def test_an_added_infusion_changes_only_the_neighbour_before_it(
    clinic: Clinic, as_of: date, person: str, number: int
) -> None:
    clinic.policy["anchor"] = "until_next"
    clinic.goals = [goal for goal in clinic.goals if not goal.derivation] or [Goal("weekly_total", 50, None, "steps")]
    clinic.days = {key: cell for key, cell in clinic.days.items() if key[1] >= 0}  # no baseline to move
    taken = clinic.infusions[person]
    if number in taken.values():
        return
    books = clinic.books()
    before = told(books, as_of)
    books.infusion(day_of(number), "new", person)
    after = told(books, as_of)
    earlier = [name for name, on in taken.items() if on < number]
    neighbour = max(earlier, key=lambda name: taken[name]) if earlier else None
    changed = {key[1] for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert changed <= {neighbour, "new"}
    causes = books.ask("SELECT DISTINCT infusion_id, cause FROM verdict WHERE run_id = 'run 2'")
    assert {(row["infusion_id"], row["cause"]) for row in causes} <= {
        (neighbour, "infusion_added"),
        ("new", "first_verdict"),
    }
    whole_chain(books)


@FEW
@given(
    clinics(),
    DATES,
    st.sampled_from(PEOPLE),
    st.lists(st.tuples(st.integers(-14, LENGTH), CELLS), min_size=1, max_size=4),
)
def test_late_data_changes_only_the_weeks_that_hold_those_days_or_rest_on_them(
    clinic: Clinic, as_of: date, person: str, late: list[tuple[int, Cell]]
) -> None:
    books = clinic.books()
    before = told(books, as_of)
    for number, cell in late:
        enter(books, person, number, cell)
    after = told(books, as_of)
    first = min(clinic.infusions[person].values())
    rests = any(goal.derivation for goal in clinic.goals) and any(number < first for number, _ in late)
    rests |= any(first - 14 <= number < first for number, _ in late)  # device_changed
    touched = {day_of(number) for number, _ in late}
    assert before.keys() == after.keys()
    for key, was in before.items():
        if was != after[key]:
            assert key[0].startswith(person)
            assert rests or any(was["week_start"] <= day <= was["week_end"] for day in touched), key
    causes = books.ask("SELECT DISTINCT cause FROM verdict WHERE run_id = 'run 2'")
    assert causes in ([], [{"cause": "late_data"}])
    whole_chain(books)


EDITS = ("day", "day", "as_of", "infusion", "cancel", "hold", "goal", "settings", "code")


@FEW
@given(clinics(density=25), st.data())
def test_judging_what_changed_equals_judging_everything(clinic: Clinic, data: Any) -> None:
    books, as_of, how = clinic.books(), data.draw(DATES), {"code": "1", "config": "c"}
    told(books, as_of)
    for number in range(data.draw(st.integers(1, 3))):
        for edit in data.draw(st.lists(st.sampled_from(EDITS), min_size=1, max_size=3)):
            person = data.draw(st.sampled_from(PEOPLE))
            if edit == "day":
                enter(books, person, data.draw(st.integers(-14, LENGTH)), data.draw(CELLS))
            elif edit == "as_of":
                as_of = data.draw(DATES)
            elif edit == "infusion":
                books.infusion(
                    day_of(31 + number), f"{person}-later-{number}-{len(books.rows.get('infusion', ()))}", person
                )
            elif edit == "cancel":
                books.say(f"UPDATE infusion SET status = 'cancelled' WHERE infusion_id = '{person}-I0'")
            elif edit == "hold":
                books.hold(day_of(number), day_of(number + 2), person)
            elif edit == "goal":
                goal = replace(deepcopy(clinic.goals[0]), target=3)
                clinic.agree(books, person, 10 + number + 10 * len(books.rows.get("goal", ())), goal)
            else:
                how = {
                    **how,
                    **({"config": how["config"] + "d"} if edit == "settings" else {"code": how["code"] + "1"}),
                }
                if edit == "settings":
                    books.say("UPDATE study SET grace_days = grace_days + 1")
        grown = told(books, as_of, **how)
        compare_with_everything(books, grown)


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
