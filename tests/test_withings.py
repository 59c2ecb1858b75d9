"""What is read from a Withings export."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import columns_reversed, export, survives
from tests.studies import StudyFolder, at, minutes
from tests.writers import fitbit
from tests.writers import withings as writer
from tests.writers.withings import Activity

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "withings"
BERLIN = timezone(timedelta(hours=1))
START = datetime(2026, 3, 9, 12, 18, tzinfo=BERLIN)
RAW = "raw_tracker_steps.csv"


def read(content: bytes, name: str = "activities.csv"):
    assert identify(export(content, name)) == "withings"
    return extract("withings", export(content, name), CONTEXT)


def test_a_day_has_its_steps():
    result = read(writer.days([(date(2026, 3, 10), 611), (date(2026, 3, 9), 5563)]), "aggregates_steps.csv")
    days = result.daily_totals
    assert days.select("local_date", "steps").rows() == [(date(2026, 3, 9), 5563), (date(2026, 3, 10), 611)]
    assert days.select("walking_ms", "moderate_ms", "vigorous_ms", "mvpa_ms").row(0) == (None,) * 4


def test_a_minute_delivered_more_than_once_counts_once():
    rows = [
        ("2026-03-09T12:17:00+01:00", [60, 60, 60], [36, 88, 101]),
        ("2026-03-09T12:18:00+01:00", [60, 60], [88, 90]),
    ]
    minutes = read(writer.stretches(rows), RAW).minutes
    assert minutes["value"].to_list() == [36, 88, 101]
    assert minutes["start_time"].to_list()[0] == datetime(2026, 3, 9, 11, 17, tzinfo=UTC)


@pytest.mark.parametrize("seconds", [[61, 59, 60], [59, 61, 60]])
def test_a_second_too_many_or_too_few_moves_no_step_to_another_minute(seconds):
    minutes = read(writer.stretches([("2026-03-09T12:17:00+01:00", seconds, [1, 2, 3])]), RAW).minutes
    assert [(t.minute, n) for t, n in minutes.select("start_time", "value").rows()] == [(17, 1), (18, 2), (19, 3)]


def test_a_list_of_one_has_no_quotes_and_a_longer_piece_is_no_minute():
    rows = [("2026-03-09T12:17:00+01:00", [60], [14]), ("2026-03-09T13:17:00+01:00", [120], [90])]
    result = read(writer.stretches(rows), RAW)
    assert result.minutes["value"].to_list() == [14]
    assert result.notes == ["1 pieces that are not of one minute: they count in the days only"]


def test_pieces_of_a_quarter_of_an_hour_are_steps_without_a_cadence():
    result = read(writer.stretches([("2026-03-09T12:00:00+01:00", [900, 900], [150, 450])]), RAW)
    assert set(result.minutes["metric"]) == {"steps_spread"}
    assert (result.minutes.height, result.minutes["value"].sum(), result.minutes["value"].max()) == (30, 600, 30)
    assert result.notes == []


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> StudyFolder:
    """After two nights: days and minutes came in either order, or together and then newer days, or beside a phone's."""
    study = StudyFolder(
        tmp_path_factory.mktemp("withings"), [f"{who},,," for who in ("DAYS", "MINUTES", "BOTH", "PHONE")]
    )
    study.infusions, study.goals = [], []
    study.write()
    rows = [(f"2026-03-0{n}T10:00:00-05:00", [60] * 30, [100] * 30) for n in (4, 5)]
    rows.append(("2026-03-05T11:00:00-05:00", [120], [60]))
    days = ("aggregates_steps.csv", writer.days([(date(2026, 3, 5), 3060)]))
    pieces = (RAW, writer.stretches(rows))
    newer = ("newer/aggregates_steps.csv", writer.days([(date(2026, 3, 6), 10), (date(2026, 3, 5), 2900)]))
    beside = [
        ("aggregates_steps.csv", writer.days([(date(2026, 3, 5), 600)])),
        (RAW, writer.stretches([("2026-03-05T08:00:00-05:00", [60] * 5, [100] * 5)])),
        ("steps_2026-03-05.csv", fitbit.steps({"MobileTrack": minutes(at("2026-03-05 15:00"), [100] * 40)})),
    ]
    for night in (
        {"DAYS": [days], "MINUTES": [pieces], "BOTH": [days, pieces], "PHONE": beside},
        {"DAYS": [pieces], "MINUTES": [days], "BOTH": [newer]},
    ):
        for who, files in night.items():
            for name, content in files:
                study.put(f"{who}/{name}", content)
        study.night()
    return study


@pytest.mark.parametrize("who", ["DAYS", "MINUTES"])
def test_the_vendors_figure_is_the_day_and_its_minutes_tell_how_it_was_walked(study, who):
    days = [study.day(day, who) for day in ("2026-03-04", "2026-03-05")]
    assert [(day["steps"], day["walking_minutes"]) for day in days] == [(3000, 30), (3060, 30)]


def test_the_vendors_figure_of_a_newer_export_takes_the_place_of_the_older(study):
    assert study.day("2026-03-05", "BOTH")["steps"] == 2900


def test_another_devices_steps_fill_the_gaps_of_a_vendors_figure(study):
    assert study.day("2026-03-05", "PHONE")["steps"] == 4500


def test_a_minute_belongs_to_the_day_of_its_own_offset():
    result = read(writer.stretches([("2026-03-10T00:30:00+09:00", [60], [14])]), RAW)
    assert result.minutes["local_date"].to_list() == [date(2026, 3, 10)]
    assert result.tz_source == "record_offset"


def test_of_a_pulse_only_is_kept_that_it_was_felt():
    result = read(writer.stretches([("2026-03-09T12:17:30+01:00", [0, 60, 60], [71, 74, 0])]), "raw_tracker_hr.csv")
    assert result.minutes.select("metric", "value").unique().rows() == [("heart_rate", 1)]
    assert result.minutes.height == 1


@pytest.mark.parametrize("ends", [("from", "to"), ("von", "bis"), ("de", "à"), ("desde", "hasta"), ("da", "a")])
def test_the_first_two_columns_may_be_in_any_language_that_is_known(ends):
    walk = Activity("Walking", START, START + timedelta(minutes=22), {"steps": 2225, "pause_duration": 120})
    (session,) = read(writer.activities([walk], ends)).sessions.to_dicts()
    assert (session["activity"], session["timer_ms"], session["steps"]) == ("walking", 20 * 60_000, 2225)
    assert session["local_date"] == date(2026, 3, 9)
    assert "52.5" not in str(session)


def test_a_language_that_is_not_known_is_refused_naming_the_column():
    with pytest.raises(Rejected) as caught:
        read(writer.activities([Activity("Walking", START, START)], ("quelle", "ende")))
    assert caught.value.fault.place == "line 1, column from"


def test_multi_sport_beside_the_activity_itself_is_left_out_and_alone_is_kept():
    end = START + timedelta(minutes=10)
    both = [Activity("Rowing", START, end), Activity("Multi Sport", START, end)]
    assert read(writer.activities(both)).sessions["vendor_activity"].to_list() == ["Rowing"]
    assert read(writer.activities(both[1:])).sessions["vendor_activity"].to_list() == ["Multi Sport"]


def test_times_entered_by_hand_are_self_reported_and_no_steps_are_not_zero():
    entry = Activity("Lawn Darts", START, START + timedelta(minutes=10), {"steps": 0}, by_hand=True)
    (session,) = read(writer.activities([entry])).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"], session["steps"]) == ("other", "Lawn Darts", None)
    assert session["modality"] == "self_reported"


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        (RAW, b"start,duration,value\n2026-03-09T12:17:00+01:00,[60],[-3]\n", "line 2, column value"),
        (RAW, b'start,duration,value\n2026-03-09T12:17:00+01:00,"[60,60]",[3]\n', "line 2, column value"),
        (RAW, b"start,duration,value\n2026-03-09T25:61:00+01:00,[60],[3]\n", "line 2, column start"),
        (RAW, b"start,duration,value\n2026-03-09T12:17:00,[60],[3]\n", "line 2, column start"),
        (RAW, b"start,duration,value\n,[60],[3]\n", "line 2, column start"),
        (RAW, b"start,duration,value\n2031-03-09T12:17:00Z,[60],[3]\n", "line 2, column start"),
        ("aggregates_steps.csv", b"date,value\n2026-03-09,1e9\n", "line 2, column value"),
        ("aggregates_steps.csv", b"date,value\n2026-03-09,1\n2026-03-09,2\n", "line 3, column date"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(name, content, place):
    with pytest.raises(Rejected) as caught:
        read(content, name)
    assert caught.value.fault.place == place


@pytest.mark.parametrize(
    "name",
    ["aggregates_distance.csv", "raw_tracker_distance.csv", "data_ANN_1775000000/sleep.csv"],
)
def test_other_families_are_ignored_with_a_reason(name):
    content = b"date,value\n2026-03-09,5.5\n" if name.startswith("agg") else b"start,duration,value\n"
    verdict = identify(export(content, name))
    assert isinstance(verdict, Ignored)
    assert verdict.why


def test_the_order_of_columns_does_not_matter():
    content = writer.days([(date(2026, 3, 9), 5)])
    assert read(columns_reversed(content), "aggregates_steps.csv").daily_totals["steps"].to_list() == [5]
    turned = b"value,duration,start\n[14],[60],2026-03-09T12:17:00+01:00\n"
    assert read(turned, RAW).minutes["value"].to_list() == [14]


@pytest.mark.parametrize("name", sorted(writer.sample()))
def test_damage_is_refused_cleanly_or_read(name):
    survives(writer.sample()[name], name, CONTEXT, lambda result: [f.rows() for f in result.frames().values()])


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collected exports are not beside this checkout")
def test_the_collected_files_are_read():
    days = read((COLLECTED / "aggregates_steps.csv").read_bytes(), "aggregates_steps.csv").daily_totals
    assert days.row(-1, named=True)["steps"] == 611
    minutes = read((COLLECTED / RAW).read_bytes(), RAW).minutes
    assert minutes["start_time"].is_unique().all()
    sessions = read((COLLECTED / "activities.csv").read_bytes()).sessions
    assert sessions["activity"].to_list() == ["walking", "aerobics", "aerobics", "walking", "walking"]
    first = sessions.row(0, named=True)  # 12:18 to 12:40 with 2225 steps: the minutes of that time hold the same walk
    inside = minutes.filter(minutes["start_time"].is_between(first["start_time"], first["end_time"], closed="left"))
    assert abs(inside["value"].sum() - first["steps"]) < 0.15 * first["steps"]
