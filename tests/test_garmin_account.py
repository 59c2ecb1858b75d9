"""What is read from the JSON files of a Garmin account export."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import export, survives
from tests.writers import garmin_account as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "garmin" / "DI_CONNECT"
MONDAY = date(2026, 3, 9)
AT = datetime(2026, 3, 9, 22, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def read(content: bytes, name: str = "any.json"):
    assert identify(export(content, name)) == "garmin_account"
    return extract("garmin_account", export(content, name), CONTEXT)


def test_a_day_has_steps_and_minutes_that_are_not_doubled():
    (day,) = read(writer.days([writer.day(MONDAY, 8234, 35, 20)])).daily_totals.to_dicts()
    assert (day["local_date"], day["steps"], day["walking_ms"]) == (MONDAY, 8234, None)
    assert (day["moderate_ms"], day["vigorous_ms"], day["mvpa_ms"]) == (35 * 60_000, 20 * 60_000, 55 * 60_000)


def test_a_day_before_the_watch_is_no_day_and_what_is_not_told_is_not_zero():
    result = read(writer.days([writer.day(date(2026, 3, 8)), writer.day(MONDAY, 0)]))
    (day,) = result.daily_totals.to_dicts()
    assert (day["local_date"], day["steps"], day["moderate_ms"], day["mvpa_ms"]) == (MONDAY, 0, None, None)
    assert read(writer.days([writer.day(MONDAY)])).notes == ["no day of a watch in it"]


def test_a_day_that_is_not_whole_is_kept_and_noted_but_a_short_spring_day_is_whole():
    spring = writer.day(date(2026, 3, 8), 100, durationInMilliseconds=82_800_000)
    part = writer.day(MONDAY, 100, durationInMilliseconds=82_800_000)
    result = read(writer.days([spring, part]))
    assert result.daily_totals.height == 2
    assert result.notes == ["1 days that are not whole"]


def test_a_file_of_one_full_day_is_of_a_day_that_was_over():
    """GarminDB keeps a file a day: no other day of it can say so, but its length can."""
    assert read(writer.days([writer.day(MONDAY, 8005)])).days_are_over
    for lasted in (82_800_000, None):
        assert not read(writer.days([writer.day(MONDAY, 8005, durationInMilliseconds=lasted)])).days_are_over
    assert not read(writer.days([writer.day(MONDAY, 8005), writer.day(date(2026, 3, 10), 900)])).days_are_over


@pytest.mark.parametrize("hours", [49, 50])
def test_a_date_as_long_as_a_flight_west_makes_it_is_a_day(hours: int) -> None:
    result = read(writer.days([writer.day(MONDAY, 8005, durationInMilliseconds=hours * 3_600_000)]))
    assert (result.daily_totals["steps"].to_list(), result.notes) == ([8005], [])
    with pytest.raises(Rejected):
        read(writer.days([writer.day(MONDAY, 8005, durationInMilliseconds=50 * 3_600_000 + 1)]))


def test_a_day_told_twice_counts_once_in_its_later_state():
    result = read(writer.days([writer.day(MONDAY, 900, 5, 0), writer.day(MONDAY, 4000, 12, 0)]))
    assert result.daily_totals.select("steps", "moderate_ms").rows() == [(4000, 720_000)]


def test_dates_of_older_exports_are_read():
    record = writer.day(MONDAY, 5) | {"calendarDate": {"date": "Mar 09, 2026 12:00:00 AM"}}
    assert read(writer.days([record])).daily_totals["local_date"].to_list() == [MONDAY]


def test_an_activity_is_its_timer_in_milliseconds_on_the_day_where_it_was():
    walk = writer.activity("walking", AT, HOUR, offset=timedelta(hours=9), steps=6200)
    result = read(writer.activities([walk]))
    (session,) = result.sessions.to_dicts()
    assert (session["activity"], session["timer_ms"], session["steps"]) == ("walking", 3_600_000, 6200)
    assert session["end_time"] - session["start_time"] == timedelta(minutes=61)
    assert session["local_date"] == date(2026, 3, 10)
    assert result.tz_source == "record_offset"
    assert "Anna" not in str(session)


@pytest.mark.parametrize(
    ("key", "activity"),
    [
        *[("treadmill_running", "running"), ("tennis_v2", "sport"), ("cross_country_skiing_ws", "sport")],
        *[("indoor_cardio", "aerobics"), ("mobility", "stretching"), ("lawn_darts", "other"), ("hiit", "hiit")],
    ],
)
def test_activity_keys_are_mapped_and_unknown_ones_kept_as_other(key, activity):
    for told in (key, {"typeId": 9, "typeKey": key}):
        (session,) = read(writer.activities([writer.activity(told, AT, HOUR)])).sessions.to_dicts()
        assert (session["activity"], session["vendor_activity"]) == (activity, key)


def test_an_activity_entered_by_hand_is_self_reported_and_one_told_twice_is_one():
    walk = writer.activity("walking", AT, HOUR, manualActivity=True)
    (session,) = read(writer.activities([walk, walk])).sessions.to_dicts()
    assert session["modality"] == "self_reported"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (writer.days([writer.day(MONDAY, -3)]), "day 1, field totalSteps"),
        (writer.days([writer.day(MONDAY, 3, 9000)]), "day 1, field moderateIntensityMinutes"),
        (writer.days([writer.day(MONDAY, 3) | {"calendarDate": "2026-02-30"}]), "day 1, field calendarDate"),
        (writer.days([writer.day(MONDAY, includesWellnessData=True)]), "field totalSteps"),
        (writer.activities([writer.activity("walking", AT, HOUR, steps="6200")]), "activity 1, field steps"),
        (writer.activities([writer.activity("walking", AT, HOUR, duration=None)]), "activity 1, field duration"),
        (writer.activities([writer.activity("walking", AT, timedelta(days=30))]), "activity 1, field duration"),
        (writer.days([writer.day(MONDAY, 3)])[:-4], "whole file"),
        (writer.days([writer.day(MONDAY, 3)]) + b"[", "whole file"),
        (writer.days([writer.day(MONDAY, 3)]).replace(b'"totalSteps": 3', b'"totalSteps": NaN'), "whole file"),
        (writer.days([writer.day(MONDAY, 3)]).replace(b'"uuid"', b'"totalSteps": 4, "uuid"'), "whole file"),
        (writer.days([writer.day(MONDAY, 3)]).replace(b'"u"', b"[" * 100_000), "whole file"),
    ],
)  # fmt: skip
def test_bad_input_is_rejected_whole_naming_the_place(content, place):
    with pytest.raises(Rejected) as caught:
        read(content)
    assert caught.value.fault.place == place


def test_a_renamed_key_is_not_passed_over():
    for name, content in writer.sample().items():
        renamed = content.replace(b"summarizedActivitiesExport", b"activities").replace(b"calendarDate", b"day")
        with pytest.raises(Rejected, match=r"summarizedActivitiesExport|calendarDate"):
            read(renamed, name)


def test_other_files_of_the_account_are_ignored_with_a_reason():
    verdict = identify(export(b'[{"sleepStartTimestampGMT": 1}]', "DI_CONNECT/DI-Connect-Wellness/1_sleepData.json"))
    assert isinstance(verdict, Ignored)
    assert verdict.why


def test_a_long_list_of_days_is_read_piece_by_piece():
    first = date(2000, 1, 1)
    records = [writer.day(first + timedelta(days=n), n, 1, 1, note="x" * 500) for n in range(4000)]
    content = json.dumps(records, indent=2).encode()
    assert len(content) > 3_000_000
    totals = read(content).daily_totals
    assert totals["steps"].to_list() == list(range(4000))


@pytest.mark.parametrize("name", sorted(writer.sample()))
def test_damage_is_refused_cleanly_or_read(name):
    survives(writer.sample()[name], name, CONTEXT, lambda result: [f.rows() for f in result.frames().values()])


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_collected_layouts_are_read():
    (days,) = COLLECTED.rglob("UDSFile*.json")
    assert read(days.read_bytes()).daily_totals.select("steps", "mvpa_ms").rows() == [(8234, 55 * 60_000)]
    (walks,) = COLLECTED.rglob("*summarizedActivities.json")
    (session,) = read(walks.read_bytes()).sessions.to_dicts()
    assert (session["activity"], session["timer_ms"], session["steps"]) == ("walking", 3_600_000, 6200)
