"""What is read from Strava's list of activities."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import export, survives
from tests.writers import strava as writer
from tests.writers.strava import Activity

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "strava"


def read(content: bytes, name: str = "activities.csv"):
    assert identify(export(content, name)) == "strava"
    return extract("strava", export(content, name), CONTEXT)


@pytest.mark.parametrize(
    ("language", "told"),
    [
        *[("en", "Mar 9, 2026, 11:40:12\u202fPM"), ("en", "9 Mar 2026, 23:40:12"), ("en", "2026-03-09 23:40:12")],
        *[("de", "09.03.2026, 23:40:12"), ("fr", "9 mars 2026 à 23:40:12"), ("fr", "9 mars 2026, 23:40:12")],
        *[("en", "9 de mar. de 2026, 23:40:12"), ("de", "9. März 2026, 23:40:12")],
    ],
)
def test_a_date_is_read_in_the_forms_of_its_language_and_is_utc(language, told):
    (session,) = read(writer.listing([Activity(told)], language)).sessions.to_dicts()
    assert session["start_time"] == datetime(2026, 3, 9, 23, 40, 12, tzinfo=UTC)
    assert session["local_date"] == date(2026, 3, 9)


def test_in_a_language_that_is_not_known_columns_are_told_by_their_places_and_seconds_may_have_a_comma():
    walk = '9001,"9 mar 2026, 23:40:12",Con Anna,Camminata,"Sole,\ncaldo",1800,"2,81",,,false,,,a.fit.gz,,'
    rows = [
        walk + ',"1800,0","1700,5","2810,0",',
        '9002,"9 mar 2026, 10:00:00",Con Anna,Xyz,,600,0,,,false,,,,,,600.0,,0.0,',
    ]
    content = "\n".join([writer.ITALIAN, *rows, ""]).encode()
    result = read(content)
    assert result.sessions.select("activity", "timer_ms", "modality").rows() == [
        ("walking", 1_700_500, "sensed"),
        ("other", 600_000, "self_reported"),
    ]
    assert result.sessions["start_time"][0] == datetime(2026, 3, 9, 23, 40, 12, tzinfo=UTC)
    assert "Anna" not in str(result.sessions.to_dicts())


@pytest.mark.parametrize(("told", "hour"), [("12:05:00 AM", 0), ("12:05:00 PM", 12), ("1:05:00 PM", 13)])
def test_noon_and_midnight_are_told_apart(told, hour):
    assert read(writer.listing([Activity(f"Mar 9, 2026, {told}")])).sessions["start_time"][0].hour == hour


def test_slashes_are_read_only_where_a_date_in_the_file_settles_the_order():
    both = [Activity("03/04/2026, 10:00:00"), Activity("25/04/2026, 10:00:00")]
    assert [t.month for t in read(writer.listing(both)).sessions["start_time"]] == [4, 4]
    with pytest.raises(Rejected, match="cannot be told apart"):
        read(writer.listing(both[:1]))


def test_minutes_are_the_timer_else_the_time_in_motion_else_all():
    rows = [
        Activity("2026-03-09 10:00:00", timer=1500),
        Activity("2026-03-09 12:00:00"),
        Activity("2026-03-09 14:00:00", moving=0),
        Activity("2026-03-09 16:00:00", moving=""),
    ]
    sessions = read(writer.listing(rows)).sessions
    assert sessions["timer_ms"].to_list() == [1_500_000, 1_700_000, 1_800_000, 1_800_000]
    assert set(sessions.select(length="end_time")["length"] - sessions["start_time"]) == {timedelta(minutes=30)}


def test_what_was_entered_by_hand_has_no_file_and_steps_are_rarely_told():
    rows = [Activity("2026-03-09 10:00:00", file=""), Activity("2026-03-09 12:00:00", steps="3104.0")]
    sessions = read(writer.listing(rows)).sessions
    assert sessions.select("modality", "steps").rows() == [("self_reported", None), ("sensed", 3104)]
    assert "Anna" not in str(sessions.to_dicts())


@pytest.mark.parametrize(
    ("language", "kind", "activity"),
    [
        *[("en", "Weight Training", "strength"), ("en", "E-Bike Ride", "cycling"), ("en", "Trail Run", "running")],
        *[("de", "Gewichtstraining", "strength"), ("de", "Spaziergang", "walking"), ("fr", "Course à pied", "running")],
        *[("fr", "Randonnée", "hiking"), ("en", "Workout", "aerobics"), ("en", "Lawn Darts", "other")],
    ],
)
def test_activities_are_mapped_and_unknown_ones_kept_as_other(language, kind, activity):
    (session,) = read(writer.listing([Activity("2026-03-09 10:00:00", kind)], language)).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == (activity, kind)


def test_the_layout_of_2018_has_only_the_whole_time():
    (session,) = read(writer.old_listing([Activity("2018-03-09 16:54:28", "Ride", 9462)])).sessions.to_dicts()
    assert (session["activity"], session["timer_ms"]) == ("cycling", 9_462_000)


def test_an_activity_that_stands_twice_is_one():
    rows = [Activity("2026-03-09 10:00:00", number="7"), Activity("2026-03-09 10:00:00", number="7")]
    assert read(writer.listing(rows)).sessions.height == 1


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (Activity("2026-02-30 10:00:00"), "line 2, column Activity Date"),
        (Activity("Brumaire 9, 2026, 10:00:00 AM"), "line 2, column Activity Date"),
        (Activity("Mar 9, 2031, 10:00:00 AM"), "line 2, column Activity Date"),
        (Activity("Mar 9, 2026, 13:00:00 PM"), "line 2, column Activity Date"),
        (Activity("2026-03-09 10:00:00", elapsed=-3), "line 2, column Elapsed Time"),
        (Activity("2026-03-09 10:00:00", moving="soon"), "line 2, column Moving Time"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(row, place):
    with pytest.raises(Rejected) as caught:
        read(writer.listing([row]))
    assert caught.value.fault.place == place


def test_a_renamed_column_is_rejected_naming_it():
    content = writer.listing([Activity("09.03.2026, 10:00:00")], "de").replace(b"Verstrichene Zeit", b"Dauer")
    with pytest.raises(Rejected) as caught:
        read(content)
    assert caught.value.fault.place == "line 1, column Elapsed Time"


@pytest.mark.parametrize(("name", "content"), [("export_1/profile.csv", b"Athlete ID,Email\n1,anna@example.org\n")])
def test_account_data_is_ignored_with_a_reason(name, content):
    verdict = identify(export(content, name))
    assert isinstance(verdict, Ignored)
    assert "anna" not in verdict.why


@pytest.mark.parametrize("name", sorted(writer.sample()))
def test_damage_is_refused_cleanly_or_read(name):
    survives(writer.sample()[name], name, CONTEXT, lambda result: result.sessions.rows())


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collected exports are not beside this checkout")
def test_the_collected_lists_are_read():
    found = {path.name: read(path.read_bytes()) for path in COLLECTED.iterdir()}
    assert all(result.notes == [] for result in found.values())
    assert found["activities_2018.csv"].sessions["activity"].unique().to_list() == ["cycling"]
    (run,) = found["activities_header_de_92.csv"].sessions.to_dicts()
    assert (run["activity"], run["timer_ms"], run["start_time"].hour) == ("running", 1_380_000, 15)
