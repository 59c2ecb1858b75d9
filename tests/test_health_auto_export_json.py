"""What is read from the JSON of Health Auto Export."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from models.activity import Extract
from models.fault import Fault
from tests.fuzzing import read
from tests.writers import health_auto_export_json as writer

THURSDAY, FRIDAY = "2026-08-20 00:00:00 -0400", "2026-08-21 00:00:00 -0400"
WALK = ("2026-08-20 23:50:00 +0200", "2026-08-21 00:10:00 +0200")


def extract(metrics=(), workouts=()) -> Extract:
    result = read("export.json", writer.export(metrics, workouts))
    assert isinstance(result, Extract), result
    return result


def steps(*entries):
    return writer.metric("step_count", "count", entries)


def test_days_are_the_dates_that_the_app_printed_and_exercise_counts_as_none_only_with_a_watch():
    exercise = writer.metric("apple_exercise_time", "min", [(THURSDAY, 0), (FRIDAY, 0)])
    stood = writer.metric("apple_stand_hour", "count", [(FRIDAY, 3)])
    totals = extract([steps((THURSDAY, 900.4), (FRIDAY, 20)), exercise, stood]).daily_totals
    assert totals.select("local_date", "steps", "mvpa_ms").rows() == [
        (date(2026, 8, 20), 900, None),
        (date(2026, 8, 21), 20, 0),
    ]


def test_hours_are_summed_and_minutes_are_steps_without_a_cadence():
    hours = [(f"2026-08-20 {h:02}:00:00 -0400", 100.5) for h in (8, 9, 23)]
    assert extract([steps(*hours)]).daily_totals["steps"].to_list() == [302]
    minutes = extract([steps(*((f"2026-08-20 23:{m}:00 -0400", 60.5) for m in (58, 59)))]).minutes
    assert minutes.select("metric", "start_time", "local_date", "value").rows() == [
        ("steps_spread", datetime(2026, 8, 21, 3, 58, tzinfo=UTC), date(2026, 8, 20), 60),
        ("steps_spread", datetime(2026, 8, 21, 3, 59, tzinfo=UTC), date(2026, 8, 20), 61),
    ]


def test_a_workout_elsewhere_is_dated_there_and_its_route_and_pulse_are_not_read():
    result = extract(workouts=[writer.workout("Caminata al Aire Libre", *WALK, duration=1100)])
    session = result.sessions.row(0, named=True)
    assert (session["activity"], session["timer_ms"], session["local_date"]) == (
        "walking",
        1_100_000,
        date(2026, 8, 20),
    )
    assert [part["local_date"].day for part in session["parts"]] == [20, 21]
    assert result.tz_source == "record_offset"
    assert result.notes == []


@pytest.mark.parametrize(
    ("metrics", "workouts", "place"),
    [
        ([steps((THURSDAY, 5), (THURSDAY, 6))], [], "metric step_count, entry 2"),
        ([steps(("2026-08-20 08:00:07 -0400", 5))], [], "metric step_count, entry 1"),
        ([steps((THURSDAY, -5))], [], "metric step_count, entry 1, field qty"),
        ([steps(("2026-08-20", 5))], [], "metric step_count, entry 1, field date"),
        ([writer.metric("step_count", "km", [(THURSDAY, 5)])], [], "metric step_count, field units"),
        ([steps((THURSDAY, 5), ("2026-08-27 00:00:00 -0400", 5))], [], "metric of steps"),
        ([], [writer.workout("Walk", *WALK, duration=20)], "workout 1, field duration"),
        ([], [writer.workout("Walk", *WALK[::-1])], "workout 1, field end"),
        ([], [writer.workout("", *WALK)], "workout 1, field name"),
    ],
    ids=["copies", "a sample", "negative", "no offset", "unit", "weeks", "minutes", "backwards", "no name"],
)
def test_what_is_not_certain_is_refused_naming_the_place(metrics, workouts, place):
    result = read("export.json", writer.export(metrics, workouts))
    assert isinstance(result, Fault)
    assert result.place == place


def test_a_file_of_other_figures_is_read_and_says_that_it_holds_nothing():
    assert extract([writer.metric("vo2_max", "ml/(kg·min)", [(THURSDAY, 5)])]).notes
    assert isinstance(read("export.json", json.dumps({"data": {"metrics": 5}}).encode()), Fault)
