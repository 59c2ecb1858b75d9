"""What is read from the workouts of a WHOOP export."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connectors import Context, Ignored, extract, identify
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import columns_reversed, export, survives
from tests.writers import whoop as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
WALK = ("UTC-04:00", "2026-03-10 23:50:00", "2026-03-11 00:20:30", 30, "Walking")


def read(content: bytes, name: str = "workouts.csv"):
    assert identify(export(content, name)) == "whoop"
    return extract("whoop", export(content, name), CONTEXT)


def test_a_workout_is_told_in_the_time_of_its_cycle():
    (session,) = read(writer.workouts([WALK])).sessions.to_dicts()
    assert session["start_time"] == datetime(2026, 3, 11, 3, 50, tzinfo=UTC)
    assert (session["activity"], session["local_date"], session["timer_ms"]) == (
        "walking",
        date(2026, 3, 10),
        1_800_000,
    )
    assert session["steps"] is None
    assert [part["local_date"].day for part in session["parts"]] == [10, 11]


def test_utc_is_written_utcz_and_elsewhere_is_believed():
    result = read(writer.workouts([("UTCZ", "2026-03-09 01:00:00", "2026-03-09 01:45:00", 45, "Yoga")]))
    (session,) = result.sessions.to_dicts()
    assert session["start_time"] == datetime(2026, 3, 9, 1, tzinfo=UTC)
    assert (session["local_date"], result.tz_source) == (date(2026, 3, 9), "record_offset")


@pytest.mark.parametrize(
    ("name", "activity"),
    [
        *[("Functional Fitness", "aerobics"), ("Weightlifting", "strength"), ("Hiking/Rucking", "hiking")],
        *[("Activity", "other"), ("Lawn Darts", "other"), ("Massage Therapy", "massage"), ("Meditation", "meditation")],
    ],
)
def test_activities_are_mapped_and_unknown_ones_kept_as_other(name, activity):
    (session,) = read(writer.workouts([(*WALK[:4], name)])).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == (activity, name)


def test_minutes_that_are_not_told_are_from_start_to_end_and_a_row_twice_is_one():
    row = ("UTC-04:00", "2026-03-08 18:00:00", "2026-03-08 18:20:00", "", "Running")
    assert read(writer.workouts([row, row])).sessions["timer_ms"].to_list() == [1_200_000]


@pytest.mark.parametrize(
    ("minutes", "noted"), [(30, True), ("", False), (31, False), (25, False)], ids=["cut", "none", "up", "pauses"]
)
def test_minutes_that_were_cut_down_are_kept_and_said_beside_the_exact_start_and_end(minutes, noted):
    result = read(writer.workouts([(*WALK[:3], minutes, "Walking")]))
    (session,) = result.sessions.to_dicts()
    length = session["end_time"] - session["start_time"]
    assert length == timedelta(minutes=30, seconds=30)
    assert session["timer_ms"] == (min(minutes * 60, 1830) if minutes else 1830) * 1000
    assert [note.startswith("minutes are full ones, cut down by WHOOP") for note in result.notes] == [True] * noted


def test_the_same_file_without_a_clock_change_reads_the_same_whatever_the_order_of_columns():
    content = writer.workouts([WALK])
    assert read(columns_reversed(content)).sessions.equals(read(content).sessions)


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (("CEST", *WALK[1:]), "line 2, column Cycle timezone"),
        (("UTC-04:00", "2026-03-10 25:61:00", *WALK[2:]), "line 2, column Workout start time"),
        (("UTC-04:00", WALK[2], WALK[1], 30, "Walking"), "line 2, column Workout end time"),
        (("UTC-04:00", "2031-03-10 10:00:00", "2031-03-10 11:00:00", 30, ""), "line 2, column Workout start time"),
        ((*WALK[:3], -3, "Walking"), "line 2, column Duration (min)"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(row, place):
    with pytest.raises(Rejected) as caught:
        read(writer.workouts([row]))
    assert caught.value.fault.place == place


def test_a_renamed_column_is_rejected_naming_it():
    with pytest.raises(Rejected) as caught:
        read(writer.workouts([WALK]).replace(b"Activity name", b"Sport"))
    assert caught.value.fault.place == "line 1, column Activity name"


@pytest.mark.parametrize(
    "header",
    [
        "Cycle start time,Cycle end time,Cycle timezone,Recovery score %,Sleep onset,Wake onset",
        "Cycle start time,Cycle end time,Cycle timezone,Sleep onset,Wake onset,Nap",
        "Cycle start time,Cycle end time,Cycle timezone,Question text,Answered yes,Notes",
    ],
)
def test_other_files_of_the_export_are_ignored_with_a_reason(header):
    verdict = identify(export(header.encode() + b"\n", "my_whoop_data/x.csv"))
    assert isinstance(verdict, Ignored)
    assert verdict.why


def test_damage_is_refused_cleanly_or_read():
    ((name, content),) = writer.sample().items()
    survives(content, name, CONTEXT, lambda result: result.sessions.rows())
