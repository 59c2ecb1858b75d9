"""Unknown stays NULL (R1.1, R1.2): through each `least` and `greatest`, which ignore NULL, and up to the hand-over."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from models.store.store import open_store
from tests.studies import StudyFolder

ROOT = Path(__file__).parents[1]

TOLD = "the larger of those that are told: whoever saw it, it was done"
NEVER = "no argument is ever NULL"
ONE = "of two rows that may stand alone: the date of the one that is there"
# Every use there is, by file, and why NULL is not lost in it. Elsewhere a CASE keeps it.
NO_LIST = "of no list, and of an empty one, any element is NULL"
ASKED = "asked first: both are there"
LENGTH = "greatest(0, epoch_ms(end_time) - epoch_ms(greatest(start_time, coalesce(reached, start_time))))"
FURTHER = "greatest(start_time, coalesce(reached, start_time))"
MOVING = "least( ceil(coalesce(timed_ms, 0) / 60000)::BIGINT, "
MOVING += "date_diff('minute', coalesce(was_end, l.begins), end_time))"
JUDGED = "least(getvariable('as_of')::DATE, getvariable('judged_as_of')::DATE)"
UNTIMED = "greatest(0, coalesce(extra_workout, 0) + coalesce(extra_yoga, 0) - coalesce(unlabelled, 0))"
MOVED = "greatest( coalesce(movement, 0) + coalesce(walking_ms, 0) "
MOVED += f"- coalesce(greatest(walking_placed, walking_reported), 0) + {UNTIMED}, walking_ms, exercise_ms)"
ALLOWED = {
    "publish/noted/025_baseline.sql": {"least(j.as_of, p.as_of)": ONE},
    "day/050_foot.sql": {f"greatest(1, {MOVING})": NEVER, MOVING: NEVER},
    "day/060_wear.sql": {"greatest(i.start_time, t.begins)": NEVER, "least(i.end_time, t.ends)": NEVER},
    "day/090_candidate.sql": {LENGTH: NEVER, FURTHER: NEVER},
    "day/100_label.sql": {
        "greatest(epoch_ms(a.start_time), epoch_ms(b.start_time))": NEVER,
        "least(epoch_ms(a.end_time), epoch_ms(b.end_time))": NEVER,
        "greatest(length, other_length)": NEVER,
    },
    "day/120_measured.sql": {
        "greatest(s.start_time, t.start_time)": NEVER,
        "least(s.end_time, t.end_time)": NEVER,
    },
    "day/130_written.sql": {"greatest(0, ms - others_ms)": NEVER},
    "day/150_resolved_day.sql": {
        "greatest(walking_placed, walking_reported, walking_total)": TOLD,
        "greatest(walking_placed, walking_reported)": TOLD,
        "greatest(mvpa_reported, workouts)": TOLD,
        "greatest(strength, strength_total)": TOLD,
        "greatest(yoga, yoga_total)": TOLD,
        "greatest(dance, dance_total)": TOLD,
        "greatest(massage, massage_total)": TOLD,
        MOVED: TOLD + "; where none is told it is not asked",
        UNTIMED: NEVER,
        "greatest(0, coalesce(extra_workout, 0) - coalesce(unlabelled, 0))": NEVER,
        "greatest(0, epoch_ms(ends) - epoch_ms(begins))": NEVER,
    },
    "day/160_resolved_hours.sql": {
        "least(last, (k + 1) * 3600000)": NEVER,
        "greatest(first, k * 3600000)": NEVER,
    },
    "week/050_goal_version.sql": {"greatest(effective_from, set_on)": "a date that is not given delays nothing"},
    "week/060_anchor.sql": {
        "greatest(s.weeks, every_one.to_week, this_one.to_week)": "the study's is told; no goal asks for no more"
    },
    "week/065_person_judged_anew.sql": {
        JUDGED: ASKED,
        "greatest(before_date, effective_from)": "of no infusion, no date",
    },
    "week/066_week_to_judge.sql": {JUDGED: ASKED},
    "week/070_infusion_window.sql": {
        "greatest(h.from_date, s.begins)": NEVER,
        "least(coalesce(h.to_date, s.ends), s.ends)": NEVER,
    },
    "week/130_week_case.sql": {"least(w.week, len(d.targets))": NO_LIST, "least(w.week, len(v.targets))": NO_LIST},
    "migrations/028_baseline.sql": {"least(goal_week.week, len(g.targets))": NO_LIST},
    "questions/18_hour_of_first_activity.sql": {"least(1, sqrt(y * y + x * x))": NEVER},
    "questions/21_verdicts_by_missing_rule.sql": {
        "greatest(coalesce(g.amount, 0), s.usual)": "rows without it are unknown"
    },
    "questions/24_time_to_last_day.sql": {
        "least(any_value(s.as_of) - 1, any_value(p.left_on))": "who has not left is followed to as_of",
        "greatest(0, f.ends - f.first_on + 1)": NEVER,
    },
    "week/190_goal_week_measure.sql": {
        "greatest(w.eligible_days, 1)": NEVER,
        "greatest(w.seen_total * w.valid_days, w.valid_total * w.eligible_days)": NEVER,
        "greatest(w.valid_days, 1)": NEVER,
    },
    "week/210_goal_week_now.sql": {
        "least((100 * s.value_n * s.target_d) // (s.target_n * s.value_d), 9223372036854775807)": ASKED,
        "greatest(half_up((s.middle - s.half) // s.parts, 1000), s.sure)": ASKED,
        "greatest(half_up((s.middle + s.half + s.parts - 1) // s.parts, 1000), s.sure)": ASKED,
    },
    "week/230_infusion_change.sql": {"least(a.infused_on, j.infused_on)": ONE},
    "week/250_goal_week_turn.sql": {"greatest(n.week_end, b.week_end)": ONE},
    "publish/view/010_person_day.sql": {"least(s.as_of, coalesce(p.left_on, s.as_of))": NEVER},
    "report/sections/2_days.sql": {"least(infused_on, $as_of)": NEVER},
    "letter/4_goal.sql": {"greatest(effective_from, set_on)": "a date that is not given delays nothing"},
    "worklist/030_followed.sql": {"greatest(s.grace_days, 1)": NEVER},
    "worklist/040_silent.sql": {"greatest(s.grace_days, 1)": NEVER},
}


def uses(text: str) -> Iterator[str]:
    """Every call of `least` and `greatest`, those within one another too, comments aside, blanks folded."""
    text = re.sub(r"--.*", "", text)
    for call in re.finditer(r"\b(?:least|greatest)\(", text, re.IGNORECASE):
        depth, end = 1, call.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        yield " ".join(text[call.start() : end].split())


def test_every_use_of_least_and_greatest_says_why_it_loses_no_null() -> None:
    found = {}
    for path in sorted([*ROOT.glob("models/**/*.sql"), *ROOT.glob("models/*.py"), *ROOT.glob("flows/**/*.py")]):
        name = path.relative_to(ROOT).as_posix().removeprefix("models/sql/")
        if calls := set(uses(path.read_text(encoding="utf-8"))):
            found[name] = calls
    assert found == {name: set(calls) for name, calls in ALLOWED.items()}


# The metrics of a day as the store has them, and as they are published.
MINUTES = (
    "walking brisk moderate vigorous mvpa mvpa_equivalent exercise workout strength yoga dance movement massage wear"
)
METRICS = {"steps": "steps"} | {f"{name}_ms": f"{name}_minutes" for name in MINUTES.split()}
WEEKLY = ("steps", "walking_minutes", "movement_minutes", "exercise_minutes", "mvpa_equivalent_minutes")
METHODS = dict.fromkeys(["wear_method", "walking_method", "intensity_method", "exercise_method"], "none")


def unknown(columns: Iterable[str]) -> str:
    return ", ".join(f"{column} IS NULL" for column in columns)


@pytest.fixture(scope="module")
def patchy(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A week of three people of whom any figure may be unknown on any day, whatever else is known."""
    study = StudyFolder(tmp_path_factory.mktemp("patchy") / "study", settings="weeks = 1\n")
    study.participants = ["P1,,,", "P2,,,", "P3,,,"]
    study.infusions = [f"I{n},P{n},2026-03-02,," for n in (1, 2, 3)]
    study.write()
    study.night()
    chance = random.Random(7)
    store = open_store(study.folder / "warehouse")
    for n in range(3 * 7):
        told = {name: chance.choice([None, 0, 90_000, 5_400_000]) for name in METRICS}
        if n < 7:  # a person of whom all but the steps are unknown, all the time
            told = dict.fromkeys(METRICS) | {"steps": told["steps"]}
        row = told | METHODS | {
            "participant_id": f"P{1 + n // 7}", "local_date": date(2026, 3, 3) + timedelta(n % 7), "day_state": "valid",
            "is_partial": False, "is_logged": False, "day_ms": 86_400_000,
        }  # fmt: skip
        marks = ", ".join(f"${name}" for name in row)
        store.con.execute(f"INSERT INTO day ({', '.join(row)}) VALUES ({marks})", row)
    store.con.execute(
        "INSERT INTO unjudged_day (participant_id, local_date) SELECT participant_id, local_date FROM day"
    )
    store.close()
    study.night()
    return study


def test_what_is_not_known_of_a_day_is_published_as_not_known_and_nothing_else_is(patchy: StudyFolder) -> None:
    kept = patchy.ask_store(f"SELECT {unknown(METRICS)} FROM day ORDER BY participant_id, local_date")
    said = patchy.ask(f"SELECT {unknown(METRICS.values())} FROM daily_activity ORDER BY participant_id, local_date")
    assert (said, len(said)) == (kept, 21)


def test_what_is_known_of_no_day_of_a_week_is_not_known_of_the_week(patchy: StudyFolder) -> None:
    for name in WEEKLY:
        said = patchy.ask(
            f"""SELECT DISTINCT w.{name}_total IS NULL = (d.n = 0), w.{name}_mean IS NULL = (d.n = 0)
                FROM weekly_activity w JOIN (
                    SELECT participant_id, count({name}) AS n FROM daily_activity GROUP BY ALL
                ) d USING (participant_id)"""
        )
        assert said == [(True, True)]


def test_what_is_not_known_is_shared_as_not_known(patchy: StudyFolder, tmp_path: Path) -> None:
    assert main(["share", str(tmp_path / "copy"), "--k", "2", "--study", str(patchy.folder)]) == 0
    shared = ["wear_hours" if name == "wear_minutes" else name for name in METRICS.values()]
    with duckdb.connect(str(tmp_path / "copy/rows.duckdb"), read_only=True) as con:
        rows = con.execute(f"SELECT {unknown(shared)} FROM daily_activity WHERE study_day > 0 ORDER BY ALL").fetchall()
    assert rows == patchy.ask(f"SELECT {unknown(METRICS.values())} FROM daily_activity ORDER BY ALL")
