"""No sum, product or cast breaks on what canonical frames admit, and what they do not admit is refused."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.report.write import write_report
from models.activity import Extract
from models.check import check
from models.fault import Rejected
from models.ranges import DATE_MS, DAY_MS, EARLIEST, MOST, MOST_IN_MINUTE, MOST_STEPS, NEEDED
from models.store.sql import sql_files
from models.study.folder import read_study
from models.study.rows import MOST_WEEKS
from tests import extremes
from tests.extremes import FIRST, INFUSED, a_study, at_random, counted, extract, night, noon, walk, walked
from tests.studies import AS_OF, StudyFolder

DAY = INFUSED + timedelta(days=1)
ROW: dict[str, dict[str, Any]] = {
    "minutes": {"source": "garmin", "metric": "steps", "start_time": noon(DAY), "local_date": DAY, "value": 1},
    "readings": {"source": "garmin", "end_time": noon(DAY), "local_date": DAY, "activity_type": 6},
    "sessions": {"source": "garmin", "activity": "yoga", "local_date": DAY, "modality": "sensed"},
    "daily_totals": {"source": "oura", "local_date": DAY, "day_basis": "local"},
    "attestations": {"local_date": DAY},
}
LARGEST = [(name, column, most) for name, columns in MOST.items() for column, most in columns.items()]


@pytest.fixture(scope="module")
def random_people() -> extremes.People:
    rng = random.Random(1)
    return {f"R{n}": at_random(rng) for n in range(4)}


@pytest.fixture(scope="module")
def people(random_people: extremes.People) -> extremes.People:
    return extremes.the_enumerated() | random_people


@pytest.fixture(scope="module")
def enumerated(tmp_path_factory: pytest.TempPathFactory, people: extremes.People) -> StudyFolder:
    """After all steps over every combination of extremes, and a few people made at random: nothing on it broke."""
    return walk(tmp_path_factory.mktemp("extremes"), people, most=2)


def days_of(study: StudyFolder, who: str) -> list[tuple]:
    told = "steps, day_state, walking_minutes::DOUBLE"
    return study.ask(
        f"SELECT {told} FROM daily_activity WHERE participant_id = '{who}' AND steps IS NOT NULL ORDER BY local_date"
    )


def test_every_combination_of_extremes_is_published(enumerated: StudyFolder, people: extremes.People) -> None:
    assert {who for (who,) in enumerated.ask("SELECT DISTINCT participant_id FROM daily_activity")} == {
        who for who, files in people.items() if files
    }
    assert enumerated.ask("SELECT count(*) FROM goal_week WHERE status = 'met'")[0][0] >= 10
    assert enumerated.ask(
        "SELECT count(*) FROM daily_activity WHERE (steps > 45000) <> (day_state = 'implausible') OR steps < 0 "
        "OR least(walking_minutes, movement_minutes, exercise_minutes, mvpa_minutes, massage_minutes, wear_minutes) < 0"
    ) == [(0,)]


def test_an_enormous_day_is_counted_as_it_is_and_marked(enumerated: StudyFolder) -> None:
    assert days_of(enumerated, "counter") == [
        (36_000, "insufficient_wear", 360),
        (45_000, "insufficient_wear", 360),
        (45_001, "implausible", 360),
        (400_000, "implausible", None),  # more than a minute of feet can hold: its time says nothing
    ]
    by_minutes = [(n, "implausible" if n > 45_000 else "valid", 600 * (n < 400_000)) for n in extremes.THE_DAYS]
    assert days_of(enumerated, "stepper") == by_minutes


def test_files_together_say_more_than_32_bits_hold(enumerated: StudyFolder) -> None:
    assert {steps for steps, *_ in days_of(enumerated, "restarts")} == {5_000 * MOST_STEPS}
    assert days_of(enumerated, "trips") == [(4_320 * MOST_STEPS, "implausible", 4_320 * 7 * DAY_MS / 60_000)]
    assert enumerated.ask("SELECT max(massage_minutes) FROM daily_activity WHERE participant_id = 'diary'") == [
        (100 * 7 * DAY_MS / 60_000,)
    ]


def test_ten_years_of_weeks_that_overlap_are_judged_also_of_people_made_at_random(
    random_people: extremes.People, tmp_path: Path
) -> None:
    people = {"P1": [extract(minutes=walked(DAY, 36_000)), extract(readings=counted(FIRST, 45_000))], **random_people}
    study = a_study(tmp_path / "study", people, extremes.SETTINGS[1], to_week=MOST_WEEKS)
    night(study, people)
    write_report(study.folder / "warehouse", "Test")
    last = study.ask("SELECT max(week), max(week_end) FROM goal_week WHERE metric = 'steps'")
    assert last == [(MOST_WEEKS, date(2199, 12, 31) + timedelta(weeks=MOST_WEEKS))]


# What is refused -----------------------------------------------------------------------------------------------------
def refused(broken: Extract) -> str:
    with pytest.raises(Rejected) as fault:
        check(broken, AS_OF)
    assert "\n" not in str(fault.value)
    return fault.value.fault.place


@pytest.mark.parametrize(("name", "column", "most"), LARGEST)
def test_the_largest_is_read_and_one_more_is_refused(name: str, column: str, most: int) -> None:
    check(extract(**{name: [ROW[name] | {column: most}]}), AS_OF)
    assert refused(extract(**{name: [ROW[name] | {column: most + 1}]})) == f"{name}, {column}"
    assert refused(extract(**{name: [ROW[name] | {column: -1}]})) == f"{name}, {column}"


@pytest.mark.parametrize("metric", MOST_IN_MINUTE)
def test_every_metric_of_a_minute_has_its_own_range(metric: str) -> None:
    row = ROW["minutes"] | {"metric": metric}
    check(extract(minutes=[row | {"value": MOST_IN_MINUTE[metric]}]), AS_OF)
    for value in (MOST_IN_MINUTE[metric] + 1, -1):
        assert refused(extract(minutes=[row | {"value": value}])) == f"minutes, {metric}"


@pytest.mark.parametrize(("name", "column"), [(name, column) for name in ROW for column in NEEDED[name]])
def test_no_row_is_without_what_every_row_has(name: str, column: str) -> None:
    assert refused(extract(**{name: [ROW[name], ROW[name] | {column: None}]})).startswith(name)


def test_every_number_of_a_canonical_frame_has_a_range() -> None:
    for name, frame in Extract().frames().items():
        numbers = {column for column, kind in frame.schema.items() if kind.is_numeric()}
        assert numbers == set(MOST.get(name, {"value"} if name == "minutes" else ())), name


def test_a_day_of_400000_steps_is_read_and_one_of_a_thousand_million_is_refused() -> None:
    for steps in (36_000, 45_000, 45_001, 400_000, MOST_STEPS):
        check(extract(minutes=walked(DAY, steps)), AS_OF)
    for steps in (MOST_STEPS + 1, 10**9):
        assert refused(extract(minutes=walked(DAY, steps, long=1400))).startswith("minutes, steps")
    two_days = [*walked(DAY, 400_000), *walked(FIRST, 400_000)]
    check(extract(minutes=[*two_days, *walked(DAY, 400_000, source="oura")]), AS_OF)  # each day and device by itself


AT, LONG = noon(DAY), timedelta(milliseconds=DATE_MS)


def part(start: datetime | None, end: datetime | None, day: date | None = DAY) -> dict[str, Any]:
    return {"parts": [{"start_time": start, "end_time": end, "local_date": day}]}


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"start_time": AT}, "end_time"),
        ({"end_time": AT}, "end_time"),
        ({"start_time": AT, "end_time": AT - timedelta(seconds=1)}, "end_time"),
        (part(AT, AT - timedelta(seconds=1)), "parts"),
        (part(AT, AT + LONG + timedelta(milliseconds=1)), "parts"),
        (part(EARLIEST - timedelta(days=1), EARLIEST), "parts"),
        (part(AT, AT + timedelta(days=300)), "parts"),
        (part(AT, AT, date(9999, 12, 31)), "parts"),
        (part(AT, AT, None), "parts"),
        (part(None, AT), "parts"),
    ],
)
def test_a_session_that_cannot_be_is_refused(told: dict[str, Any], place: str) -> None:
    assert refused(extract(sessions=[ROW["sessions"] | told])) == f"sessions, {place}"


def test_a_session_at_its_limits_is_read() -> None:
    times = {"start_time": EARLIEST, "end_time": AT}
    for told in (times, part(AT, AT), part(AT - LONG, AT), {"parts": []}, {"parts": None}):
        check(extract(sessions=[ROW["sessions"] | told]), AS_OF)


@pytest.mark.parametrize("begins", [EARLIEST - timedelta(milliseconds=1), noon(AS_OF + timedelta(days=4))])
def test_a_count_that_began_when_none_can_have_is_refused(begins: datetime) -> None:
    assert refused(Extract(begins=begins)) == "the file, begins"
    check(Extract(begins=EARLIEST), AS_OF)


@pytest.mark.parametrize(
    ("target", "derivation", "column"),
    [
        ("", "baseline_pct:10000.001", "derivation"),
        ("", "baseline_pct:999999999", "derivation"),
        (";".join(["1"] * (MOST_WEEKS + 1)), "", "target"),
        ("1000000000", "", "target"),
        ("0.0001", "", "target"),
    ],
)
def test_a_goal_that_no_week_can_be_held_against_is_that_rows_fault(
    study: StudyFolder, target: str, derivation: str, column: str
) -> None:
    study.goals.append(f"G2,,P1,,1,1,daily_mean,steps,{target},,{derivation},2026-03-02,,,")
    found = read_study(study.write().folder)
    assert [fault.place for fault in found.faults] == [f"line 3, {column}"]
    assert [goal.goal_id for goal in found.rows.goals] == ["G1"]


def test_minutes_are_published_of_any_number_of_milliseconds() -> None:
    with duckdb.connect() as con:
        con.execute(dict(sql_files("publish"))["001_in_minutes.sql"])
        amounts = [0, 29, 30, 31, 60_000, 90_030, DAY_MS, 2**31 * 60_000, 2**63 - 1]
        told = con.execute("SELECT in_minutes(unnest(?::BIGINT[]))", [amounts]).fetchall()
    assert [float(minutes) for (minutes,) in told] == pytest.approx([ms / 60_000 for ms in amounts], abs=0.00051)
