"""What is read from the JSON files of a Fitbit account export."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from connectors.kit.export import Export
from models.clock import ZoneLog
from models.fault import Rejected
from tests.writers import fitbit_json as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "google_health_takeout_2026"
NIGHT = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)  # 23:30 of the 9th in New York
MONDAY = date(2026, 3, 9)


def export(content: bytes, name: str) -> Export:
    return Export(f"{writer.FOLDER}/{name}", len(content), lambda: io.BytesIO(content))


def read(content: bytes, name: str):
    file = export(content, name)
    assert identify(file) == "fitbit_json"
    return extract("fitbit_json", file, CONTEXT)


def minute(n: int) -> datetime:
    return NIGHT + timedelta(minutes=n)


def test_steps_are_minutes_in_utc_of_one_merged_source_dated_where_the_person_was():
    result = read(writer.steps({minute(0): 41, minute(1): 0, minute(30): 90}), "steps-2026-03-01.json")
    assert result.minutes.select("start_time", "local_date", "value").rows() == [
        (minute(0), MONDAY, 41),
        (minute(1), MONDAY, 0),
        (minute(30), date(2026, 3, 10), 90),
    ]
    assert result.minutes.select("source", "device", "metric").unique().rows() == [("fitbit", None, "steps")]


def test_an_instant_that_stands_twice_counts_once():
    entry = {"dateTime": "03/10/26 03:30:00", "value": "50"}
    doubled = json.dumps([entry, entry, entry | {"value": "40"}]).encode()
    assert read(doubled, "steps-2026-03-01.json").minutes["value"].to_list() == [50]


@pytest.mark.parametrize(
    ("family", "column", "other"),
    [
        ("lightly_active_minutes", "light_ms", "moderate_ms"),
        ("moderately_active_minutes", "moderate_ms", "light_ms"),
        ("very_active_minutes", "vigorous_ms", "moderate_ms"),
    ],
)
def test_daily_minutes_fill_one_column_and_leave_the_others_unknown(family, column, other):
    content = writer.daily({MONDAY: 30, date(2026, 3, 10): 0}, [writer.PADDING, writer.PADDING])
    result = read(content, f"{family}-2026-03-01.json")
    assert result.daily_totals.select("local_date", column).rows() == [(MONDAY, 1_800_000), (date(2026, 3, 10), 0)]
    empty = result.daily_totals.select(other, "steps", "walking_ms", "mvpa_ms", "device")
    assert set(empty.row(0)) == {None}
    assert result.notes == ["2 zeros of days to come: padding, left out"]


def test_zeros_of_days_to_come_are_padding_and_figures_of_days_to_come_are_wrong():
    days = {date(2026, 10, 6): 5, date(2026, 10, 8): 0, date(2026, 10, 9): 0}
    result = read(writer.daily(days), "very_active_minutes-2026-10-01.json")
    assert result.daily_totals["local_date"].to_list() == [date(2026, 10, 6)]
    with pytest.raises(Rejected, match="entry 3, dateTime"):
        read(writer.daily(days | {date(2026, 10, 9): 3}), "very_active_minutes-2026-10-01.json")


def test_a_pulse_is_a_sign_of_wear_and_its_rate_is_not_kept():
    beats = {minute(0): 71, minute(0) + timedelta(seconds=9): 72, minute(1): 0}
    result = read(writer.heart_rate(beats), "heart_rate-2026-03-10.json")
    assert result.minutes.select("metric", "start_time", "value").rows() == [("heart_rate", minute(0), 1)]
    guessed = read(writer.heart_rate({minute(0): 70}, confidence=0), "heart_rate-2026-03-10.json")
    assert guessed.minutes.height == 0


def test_an_exercise_is_read_as_local_and_says_that_this_is_assumed():
    start = datetime(2026, 3, 9, 23, 50)
    entries = [writer.exercise(start, 20, "Outdoor Walk", steps=1575, activeDuration=900_000)]
    result = read(writer.exercises(entries * 2), "exercise-0.json")
    (session,) = result.sessions.to_dicts()
    assert (session["start_time"], session["local_date"]) == (datetime(2026, 3, 10, 3, 50, tzinfo=UTC), MONDAY)
    assert (session["timer_ms"], session["steps"], session["modality"]) == (900_000, 1575, "sensed")
    assert session["end_time"] - session["start_time"] == timedelta(minutes=20)
    assert (session["activity"], session["vendor_activity"]) == ("walking", "Outdoor Walk")
    assert result.tz_source == "assumed"
    assert result.notes == ["the zone of startTime is not certain: read as local time"]


@pytest.mark.parametrize(
    ("vendor", "ours"), [("Weights", "strength"), ("YOGA", "yoga"), ("Tai Chi", "tai_chi"), ("Quidditch", "other")]
)
def test_activities_are_mapped_and_unknown_ones_are_kept_as_other(vendor, ours):
    entry = writer.exercise(datetime(2026, 3, 9, 8), 30, vendor, logType="manual")
    (session,) = read(writer.exercises([entry]), "exercise-100.json").sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == (ours, vendor)
    assert (session["steps"], session["modality"]) == (None, "self_reported")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"dateTime": "2026-03-09 08:00:00"}, "entry 2, dateTime"),
        ({"dateTime": "13/40/26 08:00:00"}, "entry 2, dateTime"),
        ({"dateTime": "03/09/26 25:61:00"}, "entry 2, dateTime"),
        ({"value": "-3"}, "entry 2, value"),
        ({"value": "1000000000"}, "entry 2, value"),
        ({"value": None}, "entry 2, value"),
        ({"value": True}, "entry 2, value"),
    ],
)
def test_a_wrong_entry_is_rejected_naming_it(change, place):
    entries = json.loads(writer.steps({minute(0): 5, minute(1): 6}))
    with pytest.raises(Rejected) as caught:
        read(json.dumps([entries[0], entries[1] | change]).encode(), "steps-2026-03-01.json")
    assert caught.value.fault.place == place


@pytest.mark.parametrize(
    "change", [{"duration": None}, {"duration": 1e30}, {"startTime": "noon"}, {"steps": -1}, {"activityName": ["x"]}]
)
def test_a_damaged_exercise_is_rejected(change):
    entry = writer.exercise(datetime(2026, 3, 9, 8), 30, "Walk") | change
    with pytest.raises(Rejected):
        read(writer.exercises([entry]), "exercise-0.json")


@pytest.mark.parametrize(("name", "content"), writer.sample().items())
def test_a_damaged_file_is_rejected_or_read_right_and_never_breaks_the_reader(name, content):
    whole = extract("fitbit_json", export(content, name), CONTEXT).rows
    for cut in range(7, len(content), max(1, len(content) // 60)):
        for damaged in (
            content[:cut],
            content[:cut] + b"\xff" + content[cut + 1 :],
            content[:cut] + content[cut + 9 :],
        ):
            with suppress(Rejected):
                assert extract("fitbit_json", export(damaged, name), CONTEXT).rows <= whole


def test_sedentary_minutes_are_ignored_with_a_reason():
    verdict = identify(export(writer.daily({MONDAY: 200}), "sedentary_minutes-2026-03-01.json"))
    assert isinstance(verdict, Ignored)


def test_lists_of_other_things_are_not_taken():
    resting = b'[{"dateTime": "03/09/26 00:00:00", "value": {"date": "03/09/26", "value": 58.0, "error": 6.0}}]'
    assert isinstance(identify(export(resting, "resting_heart_rate-2026-03-01.json")), Ignored)
    assert isinstance(identify(export(b"[]", "exercise-200.json")), Ignored)
    distance = writer.steps({minute(0): 5})
    assert isinstance(identify(export(distance, "distance-2026-03-01.json")), Ignored)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_layouts_seen_in_the_wild_are_read():
    folder = SHARED / "Global Export Data"
    paths = [path for family in ("steps", "moder", "very", "exercise") for path in folder.glob(f"{family}*.json")]
    found = {path.name: read(path.read_bytes(), path.name) for path in paths}
    assert found["steps-2026-09-11.json"].minutes["value"].to_list() == [2900, 15]
    assert found["very_active_minutes-2026-09-11.json"].daily_totals["vigorous_ms"].to_list() == [1_800_000]
    assert found["moderately_active_minutes-2026-09-11.json"].daily_totals["moderate_ms"].to_list() == [1_200_000]
    (session,) = found["exercise-0.json"].sessions.to_dicts()
    assert (session["activity"], session["timer_ms"], session["steps"]) == ("cycling", 2_560_000, None)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_merged_minutes_are_in_the_same_zone_as_those_of_the_table():
    path = next(SHARED.glob("**/steps_2026-09-01.csv"))
    rows = extract("fitbit_takeout", export(path.read_bytes(), path.name), CONTEXT).minutes
    merged = read((SHARED / "Global Export Data" / "steps-2026-09-11.json").read_bytes(), "steps-2026-09-11.json")
    assert merged.minutes["start_time"][0] in rows["start_time"].to_list()
