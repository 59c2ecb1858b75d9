"""What is read from answers of the Google Health API."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors import Context, Ignored, extract, identify
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Rejected
from tests.hostile_files import zipped
from tests.mutating import export, survives
from tests.together import Person, people, study
from tests.writers import fitbit
from tests.writers import google_health_api as writer
from tests.writers.google_health_api import at, page, sums, written

__all__ = ["people", "study"]  # the fixtures

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 12, 31), b"secret")
COLLECTED = Path(__file__).parents[2] / "shared/data/exports2/google_health_api"
MORNING = at("2026-09-21 12:00")


def read(content: Any, name: str = "steps.json") -> Extract:
    content = content if isinstance(content, bytes) else written(content)
    assert identify(export(content, name)) == "google_health_api"
    return extract("google_health_api", export(content, name), CONTEXT)


def refused(content: Any) -> str:
    with pytest.raises(Rejected) as caught:
        read(content)
    return str(caught.value)


def counted(result: Extract, metric: str = "steps") -> list[tuple[str, int]]:
    """Source and sum of each."""
    found = result.minutes.filter(metric=metric).select("source", "value")
    return found.group_by("source").sum().sort("source").rows()


def lines(*points: dict) -> bytes:
    return "\n".join(json.dumps(point) for point in points).encode()


def test_one_page_a_list_of_pages_a_list_of_points_and_a_point_a_line_say_the_same() -> None:
    points = writer.minutes(MORNING, [90, 0, 70])
    whole = read(page(points))
    for content in ([page(points[:1], "more"), page(points[1:])], points, lines(*points)):
        result = read(content)
        assert result.minutes.equals(whole.minutes)
        assert result.notes == []
    assert whole.minutes.filter(metric="steps")["value"].to_list() == [90, 0, 70]


def test_a_page_that_another_one_follows_is_read_and_says_so() -> None:
    (note,) = read(page(writer.minutes(MORNING, [90]), "token")).notes
    assert note == "another page follows the last one of this file: hand in all pages"


def test_a_minute_that_a_tracker_lists_was_worn_and_no_other_was() -> None:
    phone = writer.minutes(MORNING, [90, 0], writer.PHONE)
    merged = writer.minutes(MORNING, [90, 0], None)
    assert not counted(read(page(phone)), "heart_rate")
    assert not counted(read(page(merged)), "heart_rate")
    worn = read(page(writer.minutes(MORNING, [0, 0, 90]))).minutes.filter(metric="heart_rate")
    assert worn["start_time"].to_list() == [MORNING + timedelta(minutes=n) for n in range(3)]


def test_every_source_is_one_of_its_own_and_the_tracker_is_that_of_a_takeout() -> None:
    own_phone = writer.TRACKER | {"device": {"displayName": "MobileTrack", "formFactor": "PHONE"}}
    sources = (writer.TRACKER, own_phone, writer.PHONE, writer.WATCH)
    minutes = read(page(writer.steps(MORNING, 50, source) for source in sources)).minutes
    steps = minutes.filter(metric="steps").sort("source", "device")
    assert steps["source"].to_list() == ["fitbit", "fitbit_mirror", "fitbit_phone", "fitbit_phone"]
    assert steps["device"].n_unique() == 4
    assert CONTEXT.pseudonym("fitbit", "Jane’s Charge 6") in steps["device"].to_list()


def test_a_point_that_comes_twice_counts_once_and_steps_typed_in_by_hand_do_not_count() -> None:
    points = [*writer.minutes(MORNING, [90, 0]) * 2, writer.steps(MORNING, 4000, writer.TYPED, 1800)]
    result = read(page(points))
    assert counted(result) == [("fitbit", 90)]
    assert result.notes == ["1 points of steps typed in by hand: left out"]


def test_longer_points_are_steps_without_a_cadence_laid_over_their_time() -> None:
    result = read(page([writer.steps(MORNING, 700, writer.PHONE, 600)]))
    assert counted(result) == []
    assert counted(result, "steps_spread") == [("fitbit_phone", 700)]
    assert result.minutes.height == 10


def test_a_day_is_that_of_the_points_own_offset() -> None:
    evening = at("2026-09-22 03:30")  # 23:30 at home
    assert read(page([writer.steps(evening, 9)])).minutes["local_date"].unique().to_list() == [date(2026, 9, 21)]
    east = read(page([writer.steps(evening, 9, offset=7200)]))
    assert east.minutes["local_date"].unique().to_list() == [date(2026, 9, 22)]
    assert east.tz_source == "record_offset"


def test_zone_minutes_are_counted_and_their_doubled_figure_is_not() -> None:
    zones = [writer.zone(MORNING, "FAT_BURN"), writer.zone(MORNING + timedelta(minutes=1), "PEAK", 2)]
    assert read(page(zones)).minutes.select("metric", "value").rows() == [("zone_minutes", 1), ("zone_minutes", 2)]
    day = writer.day_sum(date(2026, 9, 21), "activeZoneMinutes", {"sumInPeakHeartZone": "2"})
    assert "activeZoneMinutes of list or reconcile" in refused(sums([day]))


def test_active_minutes_are_placed_where_they_fill_their_time_and_refused_elsewhere() -> None:
    result = read(page([writer.active(MORNING, "VIGOROUS", 5, 300)]))
    assert result.minutes["value"].to_list() == [2] * 5
    assert "a time longer than its minutes" in refused(page([writer.active(MORNING, "VIGOROUS", 5, 900)]))


def test_a_state_lasts_over_its_time_and_sitting_is_none() -> None:
    states = [writer.state(MORNING, "VERY_ACTIVE", 180), writer.state(MORNING + timedelta(hours=1), "SEDENTARY", 600)]
    assert read(page(states)).minutes.select("metric", "value").rows() == [("active_minutes", 2)] * 3


def test_a_heart_beat_is_a_sign_of_wear_unless_a_phone_or_nobody_felt_it() -> None:
    beats = [writer.beat(MORNING), writer.beat(MORNING, 61, writer.PHONE), writer.beat(MORNING + timedelta(hours=1), 0)]
    assert read(page(beats)).minutes.select("metric", "start_time", "value").rows() == [("heart_rate", MORNING, 1)]


def test_exercises_keep_their_timer_and_their_kind_and_never_a_text() -> None:
    kinds = [
        ("WALKING", "Walk"),
        ("WORKOUT", "Dance"),
        ("WORKOUT", "with Anna"),
        ("BALLOONING", "x"),
        ("OTHER", "Yoga"),
    ]
    points = [
        writer.exercise(MORNING + timedelta(hours=n), kind, 1800, "1500.501s", name, identity=f"e{n}")
        for n, (kind, name) in enumerate(kinds)
    ]
    points.append(writer.exercise(MORNING + timedelta(hours=9), "YOGA", source=writer.TYPED, identity="e9"))
    sessions = read(page(points)).sessions
    assert sessions["activity"].to_list() == ["walking", "dance", "aerobics", "other", "yoga", "yoga"]
    assert sessions["timer_ms"][0] == 1_500_501
    assert sessions["modality"].to_list() == ["sensed"] * 5 + ["self_reported"]
    assert "Anna" not in str(sessions.to_dicts())


def test_an_exercise_that_was_changed_between_two_pulls_of_a_file_is_one_as_it_is_now() -> None:
    before = writer.exercise(MORNING, "WALKING", 3600, "3600s")
    after = writer.exercise(MORNING, "YOGA", 1800, "1800s")
    sessions = read(lines(before, after, after)).sessions
    assert sessions.select("activity", "timer_ms").rows() == [("yoga", 1_800_000)]
    nameless = [{key: value for key, value in point.items() if key != "name"} for point in (before, after, after)]
    assert read(lines(*nameless)).sessions.height == 2


def test_a_sum_without_a_figure_is_not_known_and_0_is_none() -> None:
    days = [writer.day_sum(date(2026, 9, day), value=v) for day, v in ((3, None), (2, {}), (1, {"countSum": "0"}))]
    assert read(sums(days)).daily_totals.select("local_date", "steps").rows() == [(date(2026, 9, 1), 0)]


def test_sums_of_a_day_give_active_minutes_by_level_and_time_in_zones_as_one_figure() -> None:
    active = read(sums([writer.day_sum(date(2026, 9, 21), "activeMinutes", writer.levels(LIGHT=141, VIGOROUS=12))]))
    levels = active.daily_totals.select("light_ms", "moderate_ms", "vigorous_ms", "mvpa_ms").rows()
    assert levels == [(8_460_000, 0, 720_000, None)]
    twice = writer.levels(VIGOROUS=12)
    twice["activeMinutesRollupByActivityLevel"] *= 2
    assert (
        read(sums([writer.day_sum(date(2026, 9, 21), "activeMinutes", twice)])).daily_totals["vigorous_ms"][0]
        == 720_000
    )
    zones = writer.zones(LIGHT=5400, MODERATE=1080, VIGOROUS=420.5, PEAK=60)
    timed = read(sums([writer.day_sum(date(2026, 9, 21), "timeInHeartRateZone", zones)]))
    assert timed.daily_totals.select("moderate_ms", "vigorous_ms", "mvpa_ms").rows() == [(None, None, 1_560_500)]


def test_a_sum_that_does_not_begin_at_midnight_is_of_no_date() -> None:
    shifted = writer.day_sum(date(2026, 9, 21), value={"countSum": "5000"})
    for window, clock in (("civilStartTime", {"hours": 4}), ("civilEndTime", {"minutes": 30})):
        told = refused(sums([shifted | {window: shifted[window] | {"time": clock}}]))
        assert f"field {window}" in told
    for clock in ({}, None, {"hours": 0, "minutes": 0}):
        midnight = shifted | {"civilStartTime": shifted["civilStartTime"] | {"time": clock}}
        assert read(sums([midnight])).daily_totals["steps"].to_list() == [5000]


def test_windows_of_time_are_steps_without_a_cadence_and_longer_ones_are_refused() -> None:
    result = read(sums([writer.window_sum(MORNING, 620), writer.window_sum(MORNING + timedelta(minutes=15), 0)]))
    assert counted(result, "steps_spread") == [("fitbit_mirror", 620)]
    assert result.minutes.height == 30
    assert "longer than an hour" in refused(sums([writer.window_sum(MORNING, 620, 86_400)]))


@pytest.mark.parametrize(
    "content",
    ["{}", '{"dataPoints": []}', '{"rollupDataPoints":[]}', '{"nextPageToken": "x", "dataPoints": []}', " { }\n"],
)
def test_an_empty_page_is_ignored(content: str) -> None:
    kind = identify(export(content.encode(), "steps.json"))
    assert kind == Ignored("an empty page", "google_health_api")


def test_a_stored_failure_is_refused_with_its_number_and_word_and_never_its_message() -> None:
    error = {"code": 403, "message": "Anna Muster may not", "status": "PERMISSION_DENIED"}
    told = refused({"error": error})
    assert "(403 PERMISSION_DENIED)" in told
    told += refused([page(writer.minutes(MORNING, [9])), {"error": error | {"status": "ANNA_MUSTER"}}])
    assert "anna" not in told.casefold()


def test_a_key_to_an_account_is_never_read() -> None:
    for content in ({"access_token": "ya29.secret", "expires_in": 3599}, {"scope": "x", "refresh_token": "1//secret"}):
        kind = identify(export(written(content), "token.json"))
        assert isinstance(kind, Ignored)
        assert "key to an account" in kind.why
        assert "secret" not in kind.why


def test_figures_of_other_kinds_are_ignored_and_unknown_ones_refused_by_name() -> None:
    sleep = page([writer.point("sleep", {"interval": writer.interval(MORNING, 3600)})])
    assert identify(export(written(sleep), "sleep.json")) == Ignored(
        "figures of a kind not needed here", "google_health_api"
    )
    told = refused(page([writer.point("leaps", {"interval": writer.interval(MORNING), "count": "4"})]))
    assert "none of these kinds of figures" in told


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"count": "many"}, "field steps, field count"),
        ({"count": "-3"}, "field steps, field count"),
        ({"interval": {"startTime": "soon"}}, "field interval, field startTime"),
        ({"interval": writer.interval(MORNING, -60)}, "field interval, field endTime"),
        ({"interval": writer.interval(MORNING) | {"startUtcOffset": "2h"}}, "field startUtcOffset"),
        ({"interval": writer.interval(at("1980-01-01 00:00"))}, "field interval, field startTime"),
    ],
)
def test_bad_input_is_rejected_naming_the_point_and_its_field(change: dict, place: str) -> None:
    value = {"interval": writer.interval(MORNING), "count": "9"} | change
    told = refused(page([writer.point("steps", value)]))
    assert told.startswith("point 1, ")
    assert place in told


def test_damage_is_refused_cleanly_or_read() -> None:
    content = lines(*writer.minutes(MORNING, [90, 0, 70]))
    survives(content, "steps.jsonl", CONTEXT, lambda result: result.minutes.rows())


def test_a_walk_that_tracker_phone_and_takeout_saw_counts_once_and_a_gap_is_filled(study: Person) -> None:
    """12 hours worn without a step but a walk; the phone saw the walk, too, and more while the tracker lay at home."""
    start = datetime(2026, 3, 5, 13, tzinfo=UTC)
    tracker = [100 if 60 <= n < 90 else 0 for n in range(720)]
    home = -18_000
    mine = [writer.steps(start + timedelta(minutes=n), count, offset=home) for n, count in enumerate(tracker)]
    phone = [
        writer.steps(start + timedelta(minutes=62), 2500, writer.PHONE, 1500, home),
        writer.steps(start + timedelta(minutes=760), 300, writer.PHONE, 180, home),
    ]
    merged = [{key: value for key, value in point.items() if key != "dataSource"} for point in mine]
    takeout = fitbit.steps({"Jane’s Charge 6": [(start + timedelta(minutes=n), c) for n, c in enumerate(tracker)]})
    study.put("P1/a/page1.json", written(page([*phone, *mine[400:]], "next")))
    study.put("P1/a/page2.json", written(page(mine[:400])))
    study.put("P1/a/merged.json", written(page(merged)))
    study.put("P1/a/steps_2026-03-05.csv", takeout)
    assert study.night().is_clean
    day = study.day("2026-03-05")
    assert (day["steps"], day["day_state"], day["wear_method"]) == (3300, "valid", "hr")
    assert day["wear_minutes"] == 720


def test_pages_of_steps_alone_take_no_exercise_out_of_an_older_pull(study: Person) -> None:
    """A program asks for what it needs; its pull of one kind of figures says nothing of the others."""
    start = datetime(2026, 3, 5, 13, tzinfo=UTC)
    yoga = writer.exercise(start + timedelta(hours=4), "YOGA", source=writer.TRACKER)
    older = {"steps.json": writer.page(writer.minutes(start, [90] * 600)), "exercise.json": writer.page([yoga])}
    newer = {"steps.json": writer.page(writer.minutes(start, [100] * 900)), "none.json": {}}
    for name, pages in (("older.zip", older), ("newer.zip", newer)):
        study.put(f"P1/{name}", zipped(*((page, written(content)) for page, content in pages.items())))
    study.night()
    day = study.day("2026-03-05")
    assert (day["steps"], day["yoga_minutes"]) == (90_000, 30)


def test_a_days_walking_is_not_known_where_a_phone_that_tells_no_pace_fills_a_gap(study: Person) -> None:
    start = datetime(2026, 3, 5, 13, tzinfo=UTC)
    tracker = writer.minutes(start, [70] * 30 + [0] * 700)
    study.put("P1/tracker.json", written(page(tracker)))
    study.night()
    assert study.day("2026-03-05")["walking_minutes"] == 30
    study.put("P1/phone.json", written(page([writer.steps(start + timedelta(hours=13), 50, writer.PHONE, 600)])))
    study.night()
    day = study.day("2026-03-05")
    assert (day["steps"], day["day_state"]) == (2150, "valid")
    assert (day["walking_minutes"], day["walking_method"], day["movement_minutes"]) == (None, "none", None)


@pytest.mark.skipif(not COLLECTED.exists(), reason="the collected exports are not beside this checkout")
def test_the_collected_answers_are_read_ignored_or_refused() -> None:
    outcomes: dict[str, Any] = {}
    for path in sorted(COLLECTED.iterdir()):
        content = path.read_bytes()
        try:
            kind = identify(export(content, path.name))
            outcomes[path.stem] = kind.why if isinstance(kind, Ignored) else read(content)
        except Rejected as rejected:
            outcomes[path.stem] = str(rejected)
    assert outcomes.pop("steps_empty") == outcomes.pop("exercise_empty") == "an empty page"
    assert "403 PERMISSION_DENIED" in outcomes.pop("steps_error")
    assert "sums of which it is not sure" in outcomes.pop("active-zone-minutes_dailyRollUp")
    assert all(isinstance(result, Extract) and result.rows for result in outcomes.values())
    for name in ("steps_list", "steps_list_all_pages"):
        assert counted(outcomes[name]) == [("fitbit", 620)]
        assert counted(outcomes[name], "steps_spread") == [("fitbit_phone", 1280)]
    assert counted(outcomes["steps_list_page1"]) == counted(outcomes["steps_list_page2"]) == [("fitbit", 310)]
    merged = outcomes["steps_reconcile"].minutes["value"].sum()  # the sum gives a point over midnight to the first day
    assert merged == outcomes["steps_dailyRollUp"].daily_totals["steps"][0]
    assert outcomes["exercise_list"].sessions["activity"].to_list() == ["walking", "yoga", "strength", "dance"]
