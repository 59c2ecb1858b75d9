"""What is read from Peloton's list of workouts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, extract, identify
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import export, survives
from tests.writers import peloton as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[2] / "shared/data/exports2/peloton"


def read(content: bytes) -> Extract:
    assert identify(export(content, "a_workouts.csv")) == "peloton"
    return extract("peloton", export(content, "a_workouts.csv"), CONTEXT)


@pytest.mark.parametrize(
    ("time", "hour", "source"),
    [
        ("2026-03-09 07:05 (EDT)", 11, "participant_home"),
        ("2026-03-09 07:05 (PDT)", 11, "participant_home"),  # the name of a zone is not believed
        ("2026-03-09 07:05", 11, "participant_home"),
        ("2026-03-09 07:05 (-07)", 14, "record_offset"),
        ("2026-03-09 07:05 (UTC)", 7, "record_offset"),
        ("2026-03-09 07:05 (-04)", 11, "participant_home"),
    ],
)
def test_a_distance_from_utc_is_believed_and_the_name_of_a_zone_is_not(time: str, hour: int, source: str) -> None:
    result = read(writer.workouts([(time, 20, "Walking", "Walk")]))
    (session,) = result.sessions.to_dicts()
    assert session["start_time"] == datetime(2026, 3, 9, hour, 5, tzinfo=UTC)
    assert (session["activity"], session["timer_ms"], result.tz_source) == ("walking", 1_200_000, source)
    assert session["end_time"] - session["start_time"] == timedelta(minutes=20)


def test_a_class_of_no_minutes_is_no_session_and_of_titles_only_pilates_is_read() -> None:
    rows = [
        ("2026-03-09 07:05 (EDT)", 0, "Strength", "10 min Core"),
        ("2026-03-09 08:05 (EDT)", 10, "Strength", "10 min Pilates with Anna"),
        ("2026-03-09 08:15 (EDT)", 45, "Bike Bootcamp", "45 min Bootcamp"),
        ("2026-03-09 09:15 (EDT)", 5, "Something new", "x"),
    ]
    sessions = read(writer.workouts(rows)).sessions
    assert sessions["activity"].to_list() == ["pilates", "hiit", "other"]
    assert "Anna" not in str(sessions.to_dicts())


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (("yesterday", 20, "Yoga", "x"), "line 2, column Workout Timestamp"),
        (("2026-13-09 07:05 (EDT)", 20, "Yoga", "x"), "line 2, column Workout Timestamp"),
        (("2026-03-09 07:05 (EDT)", "long", "Yoga", "x"), "line 2, column Length (minutes)"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(row: tuple, place: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(writer.workouts([row]))
    assert caught.value.fault.place == place


def test_miles_and_kilometres_make_no_difference() -> None:
    rows = [("2026-03-09 07:05 (EDT)", 20, "Walking", "Walk")]
    miles = writer.HEADER.replace("kph", "MPH").replace("(km)", "(miles)").replace("min/km", "min/mile")
    assert read(writer.workouts(rows, miles)).sessions.equals(read(writer.workouts(rows)).sessions)
    assert read(writer.workouts(rows, miles)).notes == []


def test_damage_is_refused_cleanly_or_read() -> None:
    survives(writer.sample()["workouts.csv"], "workouts.csv", CONTEXT, lambda result: result.sessions.rows())


@pytest.mark.skipif(not COLLECTED.exists(), reason="the collected exports are not beside this checkout")
def test_the_collected_lists_are_read() -> None:
    found = {path.name: read(path.read_bytes()) for path in COLLECTED.glob("*.csv")}
    assert {name: result.sessions.height for name, result in found.items()} == {
        "workouts_kph_2018.csv": 6,
        "workouts_layout_mph.csv": 7,
    }
    assert not any(result.notes for result in found.values())
    assert "other" not in found["workouts_layout_mph.csv"].sessions["activity"].to_list()
