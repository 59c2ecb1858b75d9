"""What is read from answers of Garmin's server, and which of them are refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import export, survives
from tests.studies import StudyFolder, read_here
from tests.writers import garmin_account
from tests.writers import garmin_api as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[2] / "shared/data/exports2/garmin_api"
AT = datetime(2026, 3, 9, 22, 30, tzinfo=UTC)
MONDAY = date(2026, 3, 9)
DAY = timedelta(days=1)


def read(content: bytes, name: str = "any.json") -> Extract:
    assert identify(export(content, name)) == "garmin_api"
    return extract("garmin_api", export(content, name), CONTEXT)


def refused(content: bytes) -> str:
    with pytest.raises(Rejected) as caught:
        read(content)
    return str(caught.value.fault)


@pytest.mark.parametrize("make", [writer.activity, writer.details])
@pytest.mark.parametrize("is_list", [True, False])
def test_an_activity_is_its_timer_in_seconds_on_the_day_where_it_was(make, is_list: bool) -> None:
    walk = make("walking", AT, 2223.327, offset=timedelta(hours=9), steps=5310)
    result = read(writer.written([walk] if is_list else walk))
    (session,) = result.sessions.to_dicts()
    assert (session["activity"], session["timer_ms"], session["steps"]) == ("walking", 2_223_327, 5310)
    assert (session["start_time"], session["local_date"]) == (AT, date(2026, 3, 10))
    assert session["end_time"] - session["start_time"] == timedelta(seconds=2283.327)
    assert (session["source"], result.tz_source, result.export) == ("garmin_api", "record_offset", None)
    assert "Anna" not in str(session)
    assert result.notes == []


@pytest.mark.parametrize(
    ("key", "activity"),
    [("stand_up_paddleboarding_v2", "sport"), ("trail_running", "running"), ("lawn_darts", "other")],
)
def test_keys_of_activities_are_those_of_the_account(key: str, activity: str) -> None:
    (session,) = read(writer.written(writer.activity(key, AT, 60.0))).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == (activity, key)


def test_one_entered_by_hand_is_self_reported_and_one_that_stands_twice_is_one() -> None:
    walk = writer.activity("walking", AT, 60.0, manualActivity=True)
    (session,) = read(writer.written([walk, walk])).sessions.to_dicts()
    assert session["modality"] == "self_reported"


def test_the_start_may_be_told_in_milliseconds_alone() -> None:
    result = read(writer.written(writer.activity("walking", AT, 60.0, startTimeGMT=None)))
    assert result.sessions["start_time"].to_list() == [AT]


def test_an_activity_of_the_account_export_is_not_read_as_seconds() -> None:
    name = "someone_0_summarizedActivities.json"
    content = garmin_account.activities([garmin_account.activity("walking", AT, timedelta(hours=1))])
    assert identify(export(content, "any.json")) == identify(export(content, name)) == "garmin_account"


def test_a_pulse_is_evidence_of_wear_and_never_a_number() -> None:
    result = read(writer.written(writer.heart_rate(AT, [61, None, 0, -1, 63], timedelta(hours=9))))
    rows = result.minutes["metric", "start_time", "local_date", "value"].rows()
    later = AT + timedelta(minutes=8)
    assert rows == [("heart_rate", AT, date(2026, 3, 10), 1), ("heart_rate", later, date(2026, 3, 10), 1)]
    assert read(writer.written(writer.heart_rate(AT, []) | {"heartRateValues": None})).minutes.height == 0


def test_intensity_minutes_are_not_doubled_and_what_is_null_is_not_known() -> None:
    said = writer.intensity([(MONDAY, 13, 4), (MONDAY + DAY, None, 4)])
    days = read(writer.written(said)).daily_totals["source", "steps", "moderate_ms", "vigorous_ms", "mvpa_ms"].rows()
    assert days == [
        ("garmin_account", None, 780_000, 240_000, 1_020_000),
        ("garmin_account", None, None, 240_000, None),
    ]


@pytest.mark.parametrize("count", [1, 2, 12])
def test_weeks_are_refused_by_name(count: int) -> None:
    weeks = [MONDAY - n * 7 * DAY for n in range(count)]
    assert "intensity minutes of weeks" in refused(writer.written(writer.intensity([(day, 79, 172) for day in weeks])))
    steps = [{"calendarDate": f"{day}", "values": {"totalSteps": 55744.0, "averageSteps": 7963.4}} for day in weeks]
    assert "sums of weeks" in refused(writer.written(steps))


def test_a_lone_day_that_begins_no_week_is_a_day() -> None:
    assert read(writer.written(writer.intensity([(MONDAY + DAY, 13, 4)]))).daily_totals.height == 1


def test_steps_by_quarter_of_an_hour_are_refused_by_name() -> None:
    quarter = {"startGMT": "2026-03-09T04:00:00.0", "endGMT": "2026-03-09T04:15:00.0", "steps": 7}
    assert "quarter of an hour" in refused(writer.written([quarter | {"primaryActivityLevel": "sedentary"}]))


@pytest.mark.parametrize(
    ("said", "place"),
    [
        (writer.activity("walking", AT, -1), "activity 1, field duration"),
        (writer.activity("walking", AT, 3_600_000), "activity 1, field duration"),
        (writer.activity("walking", AT, 60, startTimeGMT=5.0), "activity 1, field startTimeGMT"),
        (writer.activity("walking", AT, 60, steps="many"), "activity 1, field steps"),
        (writer.activity("walking", AT, 60, activityType={}), "activity 1, field activityType.typeKey"),
        (writer.heart_rate(AT, []) | {"heartRateValues": [[1]]}, "day 1, field heartRateValues"),
        (writer.intensity([(MONDAY, -1, 4)]), "day 1, field moderateValue"),
        (writer.intensity([(MONDAY, 5, 4)])[:1] * 2 + [7], "day 3"),
    ],
)
def test_bad_input_is_rejected_whole_naming_the_place(said: object, place: str) -> None:
    assert refused(writer.written(said)).startswith(place)


def test_other_figures_of_the_folder_are_ignored_with_a_reason() -> None:
    for name in ("Sleep/sleep_2026-03-09.json", "RHR/rhr_2026-03-09.json"):
        assert isinstance(identify(export(b'{"sleepTimeSeconds": 1}', f"x/HealthData/{name}")), Ignored)


@pytest.mark.parametrize("name", sorted(writer.sample()))
def test_damage_is_refused_cleanly_or_read(name: str) -> None:
    survives(writer.sample()[name], name, CONTEXT, lambda result: [f.rows() for f in result.frames().values()])


def test_a_day_has_its_steps_of_one_answer_and_its_minutes_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = StudyFolder(tmp_path).write()
    read_here(monkeypatch)
    days = [date(2026, 3, 4) + n * DAY for n in range(3)]
    study.put("P1/steps.json", garmin_account.days([garmin_account.day(day, 5000) for day in days]))
    study.put("P1/minutes.json", writer.written(writer.intensity([(day, 20, 10) for day in days])))
    beats = writer.heart_rate(datetime(2026, 3, 5, 12, tzinfo=UTC), [60] * 400)
    study.put("P1/heart_rate_2026-03-05.json", writer.written(beats))
    study.night()
    day = study.day("2026-03-05")
    assert (day["steps"], day["moderate_minutes"], day["vigorous_minutes"]) == (5000, 20, 10)
    assert day["day_state"] == "valid"


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collected answers are not beside this checkout")
def test_the_collected_answers_are_read() -> None:
    found = {path.name: path.read_bytes() for path in COLLECTED.rglob("*.json")}
    walks = read(found["activities_list.json"]).sessions.sort("start_time", descending=True)
    assert walks["activity", "timer_ms", "steps"].rows() == [
        ("running", 2_223_327, 5310), ("hiking", 2_145_942, 4042), ("sport", 3_227_382, None),
    ]  # fmt: skip
    assert read(found["activity_20000000001.json"]).sessions.rows() == walks[:1].rows()
    assert read(found["heart_rate_2026-01-07.json"]).minutes.height == 200
    days = read(found["daily_intensity_minutes_2023-07-01_2023-07-20.json"]).daily_totals
    week = days.filter(days["local_date"].is_between(date(2023, 7, 3), date(2023, 7, 9)))
    assert (week["moderate_ms"].sum(), week["vigorous_ms"].sum()) == (177 * 60_000, 48 * 60_000)
    for name in ("weekly_intensity_minutes_2023.json", "weekly_steps_2022-2023.json"):
        assert "weeks" in refused(found[name])
    for name in ("daily_summary_2025-06-13.json", "daily_steps_2023-07-01_2023-07-20.json"):
        assert identify(export(found[name], name)) == "garmin_account"
