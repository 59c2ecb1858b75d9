"""What is read from a Fitbit / Google Health Takeout."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from connectors import fitbit_takeout as fitbit
from connectors.kit.export import Export
from models.clock import ZoneLog
from models.fault import Rejected
from tests.writers import fitbit as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
TRACKER = CONTEXT.pseudonym("fitbit", "Google Fitbit Air")
SAMPLES = Path(__file__).parents[1].parent / "shared" / "data" / "exports"


def export(content: bytes | str, name: str = "steps_2026-09-01.csv") -> Export:
    content = content.encode() if isinstance(content, str) else content
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes | str, name: str = "steps_2026-09-01.csv", context: Context = CONTEXT):
    file = export(content, name)
    assert identify(file) == "fitbit_takeout"
    return extract("fitbit_takeout", file, context)


def at(hour: int, minute: int = 0, second: float = 0, day: int = 12) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC) + timedelta(seconds=second)


def rows(frame, *columns: str) -> list[tuple]:
    return frame.select(columns).rows()


def test_minute_steps_of_the_layout_without_data_source_belong_to_the_account():
    minutes = read(writer.steps({None: [(at(5), 9), (at(5, 1), 0)]})).minutes
    assert rows(minutes, "source", "device", "metric", "start_time", "local_date", "value") == [
        ("fitbit", None, "steps", at(5), date(2026, 9, 12), 9),
        ("fitbit", None, "steps", at(5, 1), date(2026, 9, 12), 0),
    ]


def test_more_steps_in_a_minute_than_32_bits_hold_are_refused():
    readings = [(at(5, second=n / 200), 500_000) for n in range(8_590)]  # in 32 bits they would come to 32,704
    with pytest.raises(Rejected, match="a minute of impossibly many steps"):
        read(writer.steps({None: readings, "Charge 6": readings}))


def test_the_copies_of_one_walk_are_kept_apart_by_who_counted():
    walk = {"MobileTrack": [(at(5), 30)], "Google Fitbit Air": [(at(5), 28)], "Fit Health Connect": [(at(5), 30)]}
    walk |= {"Phone Health Kit": [(at(5), 31)], "Live Pace": [(at(5), 28)]}
    minutes = read(writer.steps(walk)).minutes
    assert sorted(rows(minutes, "source", "value")) == [
        ("fitbit", 28),
        ("fitbit_mirror", 30),
        ("fitbit_mirror", 31),
        ("fitbit_phone", 30),
    ]
    assert minutes["device"].n_unique() == 4
    assert minutes.filter(source="fitbit")["device"].to_list() == [TRACKER]


def test_device_names_do_not_leave_the_connector():
    minutes = read(writer.steps({"Ann's Charge 6": [(at(5), 28)]})).minutes
    assert "Ann" not in str(minutes.rows())
    assert minutes["source"].to_list() == ["fitbit"]


def test_readings_within_a_minute_add_up_and_a_reading_written_twice_is_one():
    readings = [(at(5, 0, 3.552), 20), (at(5, 0, 41), 31), (at(5, 0, 41), 31), (at(5, 1), 7)]
    assert read(writer.steps({"MobileTrack": readings})).minutes["value"].to_list() == [51, 7]


def test_readings_that_share_a_minute_are_not_added_where_nothing_says_whose_they_are():
    copies = "2026-09-10T04:00:00Z,1000\n2026-09-10T04:00:09Z,1000\n"
    with pytest.raises(Rejected, match="data source"):
        read("timestamp,steps\n" + copies)
    with pytest.raises(Rejected, match="data source"):  # renamed
        read("timestamp,steps,source\n" + copies.replace("\n", ",MobileTrack\n"))


def test_the_older_spelling_of_utc_is_read():
    minutes = read("timestamp,steps\n2024-08-03 19:24:04+0000,5\n").minutes
    assert minutes["start_time"].to_list() == [datetime(2024, 8, 3, 19, 24, tzinfo=UTC)]


def test_utc_minutes_fall_on_the_persons_dates_on_both_sides_of_a_clock_change():
    before = datetime(2025, 11, 2, tzinfo=UTC)  # New York goes from UTC-4 to UTC-5 at 06:00Z
    stamps = [before + timedelta(hours=h, minutes=m) for h, m in ((3, 59), (4, 0), (28, 59), (29, 0))]
    minutes = read(writer.steps({None: [(t, 10) for t in stamps]})).minutes
    assert [d.day for d in minutes["local_date"]] == [1, 2, 2, 3]
    spring = datetime(2025, 3, 9, tzinfo=UTC)  # from UTC-5 to UTC-4 at 07:00Z
    stamps = [spring + timedelta(hours=h, minutes=m) for h, m in ((4, 59), (5, 0), (27, 59), (28, 0))]
    minutes = read(writer.steps({None: [(t, 10) for t in stamps]})).minutes
    assert [d.day for d in minutes["local_date"]] == [8, 9, 9, 10]


def test_active_minutes_are_light_moderate_or_vigorous_and_belong_to_the_tracker():
    judged = [(at(4), "light"), (at(4, 1), "moderate"), (at(4, 2), "very")]
    minutes = read(writer.active_minutes({"Google Health App": judged}), "active_minutes_2026-09-01.csv").minutes
    assert rows(minutes, "source", "device", "metric", "value") == [
        ("fitbit", None, "active_minutes", 0),
        ("fitbit", None, "active_minutes", 1),
        ("fitbit", None, "active_minutes", 2),
    ]
    assert rows(minutes, "value") == rows(read(writer.active_minutes({None: judged})).minutes, "value")


def test_a_row_of_several_active_minutes_is_not_taken_for_one():
    with pytest.raises(Rejected) as caught:
        read("timestamp,light,moderate,very\n2026-09-12T04:00:00Z,5,10,0\n", "active_minutes_2026-09-01.csv")
    assert caught.value.fault.place == "line 2, column light"


def test_activity_levels_say_the_same_in_words_and_sedentary_is_no_minute():
    levels = [(at(4), "SEDENTARY"), (at(4, 1), "LIGHTLY_ACTIVE"), (at(4, 2), "VERY_ACTIVE")]
    minutes = read(writer.activity_level({"Google Health App": levels}), "activity_level_2026-09-01.csv").minutes
    assert rows(minutes, "source", "metric", "start_time", "value") == [
        ("fitbit", "active_minutes", at(4, 1), 0),
        ("fitbit", "active_minutes", at(4, 2), 2),
    ]
    with pytest.raises(Rejected, match="line 2, column level"):
        read("timestamp,level\n2026-09-12T04:00:00Z,HEROIC\n", "activity_level_2026-09-01.csv")


@pytest.mark.parametrize("source", [None, "Google Fitbit Air"])
def test_zone_minutes_count_rows_and_never_the_doubled_total(source):
    zones = [(at(4), "fat burn"), (at(4, 1), "cardio"), (at(4, 2), "peak")]
    minutes = read(writer.zone_minutes({source: zones}), "active_zone_minutes_2026-09-01.csv").minutes
    assert minutes["metric"].unique().to_list() == ["zone_minutes"]
    assert minutes["value"].to_list() == [1, 2, 2]
    assert minutes["device"].unique().to_list() == [TRACKER if source else None]


def test_zone_minutes_of_older_exports_are_in_local_time_and_counted_by_the_row():
    rows = "2026-09-15T08:40,FAT_BURN,1\n2026-09-15T08:41,PEAK,1\n2026-09-15T08:42,CARDIO,2\n"
    content = "date_time,heart_zone_id,total_minutes\n" + rows
    minutes = read(content, "Active Zone Minutes - 2026-09-01.csv").minutes.sort("start_time")
    assert minutes.select("source", "device", "metric", "value").rows() == [
        ("fitbit", None, "zone_minutes", value) for value in (1, 2, 2)
    ]
    assert minutes["start_time"][0] == CONTEXT.zones.to_utc([datetime(2026, 9, 15, 8, 40)])[0][0]
    with pytest.raises(Rejected, match="line 3, column heart_zone_id"):
        read(content.replace("PEAK", "EXTREME"), "Active Zone Minutes - 2026-09-01.csv")
    with pytest.raises(Rejected, match="line 1, column heart_zone_id"):
        read(content.replace("heart_zone_id", "zone"), "Active Zone Minutes - 2026-09-01.csv")


def test_an_unknown_zone_is_rejected_by_line():
    with pytest.raises(Rejected) as caught:
        read(
            "timestamp,heart rate zone,total minutes\n2026-09-12T04:00:00Z,fat burn,1\n2026-09-12T04:01:00Z,extreme,2\n"
        )
    assert caught.value.fault.place == "line 3, column heart rate zone"


def test_of_heart_rate_only_its_presence_is_kept():
    beats = [(at(4, 0, s), 61 + s) for s in range(0, 60, 5)] + [(at(4, 1), 0.0), (at(4, 2), 140.0)]
    minutes = read(writer.heart_rate({"Google Fitbit Air": beats}), "heart_rate_2026-09-12.csv").minutes
    assert rows(minutes, "source", "device", "metric", "start_time", "value") == [
        ("fitbit", TRACKER, "heart_rate", at(4), 1),
        ("fitbit", TRACKER, "heart_rate", at(4, 2), 1),
    ]


def exercises(*given: writer.Exercise, context: Context = CONTEXT, wide: bool = True):
    return read(writer.exercises(given, wide), "UserExercises_2026-09-01.csv", context)


@pytest.mark.parametrize("wide", [True, False], ids=["46 columns", "33 columns"])
def test_an_exercise_becomes_a_session(wide):
    eastern = timedelta(hours=-4)
    result = exercises(writer.Exercise(at(12), at(13), "Outdoor Walk", eastern, "AUTO_DETECTED", 7100), wide=wide)
    (session,) = result.sessions.to_dicts()
    assert result.notes == []
    assert result.tz_source == "participant_home"
    assert session == {
        "source": "fitbit",
        "device": None,
        "activity": "walking",
        "vendor_activity": "Outdoor Walk",
        "start_time": at(12),
        "end_time": at(13),
        "local_date": date(2026, 9, 12),
        "local_start_minute": 8 * 60,
        "local_end_date": date(2026, 9, 12),
        "timer_ms": 3_600_000,
        "steps": 7100,
        "modality": "sensed",
        "parts": [{"start_time": at(12), "end_time": at(13), "local_date": date(2026, 9, 12)}],
    }


def test_an_exercise_elsewhere_is_dated_where_it_was():
    result = exercises(writer.Exercise(at(22, 30), at(23, 30), "Yoga", timedelta(hours=2)))
    assert result.tz_source == "record_offset"
    assert result.sessions["local_date"].to_list() == [date(2026, 9, 13)]
    assert (
        exercises(writer.Exercise(at(22, 30), at(23, 30), "Yoga", timedelta(hours=-4))).tz_source == "participant_home"
    )


def test_an_exercise_across_midnight_is_one_session_in_two_parts():
    (session,) = exercises(writer.Exercise(at(3, 40), at(4, 20), "Walk", timedelta(hours=-4))).sessions.to_dicts()
    assert session["local_date"] == date(2026, 9, 11)
    assert [(p["local_date"].day, p["end_time"] - p["start_time"]) for p in session["parts"]] == [
        (11, timedelta(minutes=20)),
        (12, timedelta(minutes=20)),
    ]


def test_activity_names_are_mapped_whatever_their_case_and_unknown_ones_are_kept():
    names = [
        "Weights",
        "TAI CHI",
        "Dancing",
        "Interval Workout",
        "Spinning",
        "Meditating",
        "Underwater Chess",
        "x" * 99,
    ]
    sessions = exercises(*(writer.Exercise(at(h), at(h, 30), name) for h, name in enumerate(names))).sessions
    assert sessions["activity"].to_list() == [
        *("strength", "tai_chi", "dance", "hiit", "cycling", "meditation"),
        *("other", "other"),
    ]
    assert sessions["vendor_activity"].to_list() == [*names[:-1], "x" * 60]


def test_manual_entries_are_self_reported_and_uncounted_steps_are_not_zero():
    manual = exercises(writer.Exercise(at(4), at(5), "Weights", log_type="MANUAL")).sessions
    assert rows(manual, "modality", "steps") == [("self_reported", None)]


def test_a_deleted_exercise_is_left_out_and_remarked_on():
    result = exercises(
        writer.Exercise(at(4), at(5), "Walk"),
        writer.Exercise(at(6), at(7), "Walk", deletion_reason="USER_DELETED"),
    )
    assert result.sessions.height == 1
    assert result.notes == ["1 exercises that were deleted in the app: left out"]


def test_an_exercise_that_ends_before_it_starts_is_rejected_by_line():
    with pytest.raises(Rejected) as caught:
        exercises(writer.Exercise(at(4), at(5), "Walk"), writer.Exercise(at(6), at(5), "Walk"))
    assert caught.value.fault.place == "line 3, column exercise_end"


@pytest.mark.parametrize(
    ("content", "name", "place"),
    [
        ("timestamp,steps\n2026-09-12T04:00:00Z,-3\n", "steps_2026-09-01.csv", "line 2, column steps"),
        ("timestamp,steps\n2026-09-12T25:61:00Z,3\n", "steps_2026-09-01.csv", "line 2, column timestamp"),
        ("timestamp,steps\n2026-09-12T04:00:00Z,1000000000\n", "steps_2026-09-01.csv", "line 2, column steps"),
        ("timestamp,step count,data source\n", "steps_2026-09-01.csv", "line 1, column steps"),
        ("time,steps,data source\n", "steps_2026-09-01.csv", "line 1, column timestamp"),
        ("timestamp,light,moderate,vigorous\n", "anything.csv", "line 1, column very"),
        ("timestamp,bpm,data source\n", "heart_rate_2026-09-01.csv", "line 1, column beats per minute"),
        ("timestamp,zone,total minutes\n", "active_zone_minutes_2026-09-01.csv", "line 1, column heart rate zone"),
        (
            "timestamp,beats per minute\n2026-09-12T04:00:00Z,fast\n",
            "heart_rate_2026-09-01.csv",
            "line 2, column beats",
        ),
    ],
)
def test_bad_input_is_rejected_whole_naming_line_and_column(content, name, place):
    with pytest.raises(Rejected) as caught:
        read(content, name)
    assert caught.value.fault.place.startswith(place)


def test_a_new_column_is_loaded_and_noted():
    result = read("timestamp,steps,data source,confidence\n2026-09-12T04:00:00Z,3,MobileTrack,high\n")
    assert result.minutes.height == 1
    assert result.notes == ["new column 'confidence': not read"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a/Live Pace/live_pace.csv", "timestamp,steps,distance millimeters,altitude gain millimeters,data source\n"),
        ("a/daily_resting_heart_rate.csv", "timestamp,beats per minute,data source\n2026-09-12T00:00:00Z,57,App\n"),
        ("a/resting_heart_rate_2026-09-01.csv", "timestamp,beats per minute,data source\n"),
        ("a/distance_2026-09-01.csv", "timestamp,distance,data source\n"),
        ("Takeout/Google Health/Health Fitness Data_GoogleData/UserSleeps_2026-09-01.csv", "sleep_id,sleep_type\n"),
        ("Takeout/Google Health/Health Fitness Data_GoogleData/CoachThreads.csv", "thread,text\n"),
        ("Takeout/Google Health/Physical Activity_GoogleData/Weather Forecast/weather.csv", "timestamp,place\n"),
        ("Takeout/Fitbit/Global Export Data/sleep-2026-09-01.json", "[]"),
        ("Takeout/Fitbit/Steps/steps_readme.txt", "Time Series Data Export\n"),
    ],
)
def test_what_travels_with_an_export_and_holds_nothing_is_ignored_with_a_reason(name, content):
    verdict = identify(export(content, name))
    assert isinstance(verdict, Ignored)
    assert verdict.why


def test_a_wide_file_that_also_has_a_timestamp_and_steps_is_another_vendors():
    assert not fitbit.identify(export("id,day,score,steps,target_calories,timestamp\n", "dailyactivity.csv"))


@pytest.mark.parametrize("name", ["steps-2026-09-11.json", "exercise-0.json", "very_active_minutes-2026-09-11.json"])
def test_the_json_of_the_older_export_is_neither_claimed_nor_ignored(name):
    file = export('[{"dateTime":"09/12/26 05:00:00","value":"2900"}]', f"Takeout/Fitbit/Global Export Data/{name}")
    assert not fitbit.identify(file)
    assert fitbit.companion(file) is None


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the layout samples are not beside this checkout")
def test_no_file_of_another_vendor_is_claimed_or_called_a_companion():
    others = [p for p in SAMPLES.rglob("*") if p.is_file() and "fitbit_t" not in str(p) and "google_h" not in str(p)]
    files = [export(path.read_bytes(), str(path.relative_to(SAMPLES))) for path in others]
    assert len(files) > 50
    assert [file.name for file in files if fitbit.identify(file) or fitbit.companion(file)] == []


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the layout samples are not beside this checkout")
@pytest.mark.parametrize(
    ("pattern", "frame", "count"),
    [
        ("fitbit_takeout_2024/steps_*.csv", "minutes", None),
        ("fitbit_takeout_2024/active_minutes_*.csv", "minutes", None),
        ("fitbit_takeout_2024/active_zone_*.csv", "minutes", None),
        ("google_health_takeout_2026/*/Steps/*.csv", "minutes", 5),
        ("google_health_takeout_2026/*/Active Minutes/*.csv", "minutes", 3),
        ("google_health_takeout_2026/*/Active Zone Minutes/*.csv", "minutes", 3),
        ("google_health_takeout_2026/*/UserExercises_*.csv", "sessions", 1),
    ],
)
def test_the_layouts_seen_in_the_wild_are_read(pattern, frame, count):
    (path,) = SAMPLES.glob(pattern)
    result = read(path.read_bytes(), path.name)
    lines = len(path.read_text("utf-8").strip().splitlines()) - 1
    assert getattr(result, frame).height == (lines if count is None else count)
    # Five rows of three sources at two instants of two days: whether they are minutes, nobody can say.
    are_no_minutes = "google_health" in pattern and frame == "minutes" and "Active" not in pattern
    assert ["not a minute apart" in note for note in result.notes] == ([True] if are_no_minutes else [])
