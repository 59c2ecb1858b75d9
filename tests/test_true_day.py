"""A day's numbers: worked cases (S, T, V, A) of docs/rules.md, sections 2 to 5: exports in, `daily_activity` out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from connectors import google_fit as google_fit_reader
from connectors.kit.rows import totals
from tests.studies import MINUTE, StudyFolder, at, garmin_day, minutes, read_here, worn_from
from tests.together import Person, alone, people, study
from tests.writers import diary, fit, fitbit, fitbit_json, google_fit

__all__ = ["alone", "people", "study"]  # the fixtures

DAY = "2026-03-05"
WATCH, PHONE = "Charge 6", "MobileTrack"


def put_steps(study: StudyFolder, watch: list, phone: list, day: str = DAY) -> None:
    study.put("P1/steps_2026-03-01.csv", fitbit.steps({WATCH: watch, PHONE: phone}))


def put_wear(study: StudyFolder, *spans: tuple[str, float]) -> None:
    beats = [beat for start, hours in spans for beat in worn_from(at(f"{DAY} {start}"), hours)]
    study.put(f"P1/heart_rate_{DAY}.csv", fitbit.heart_rate({WATCH: beats}))


# Sources ------------------------------------------------------------------------------------------------------------


def test_s01_two_devices_on_one_walk_are_not_added(study: StudyFolder) -> None:
    put_steps(study, minutes(at(f"{DAY} 10:00"), [10] * 600), minutes(at(f"{DAY} 10:00"), [9] * 600))
    put_wear(study, ("08:00", 14))
    study.night()
    assert study.day(DAY)["steps"] == 6000


def test_s02_a_watch_taken_off_is_filled_from_the_phone_minute_by_minute(study: StudyFolder) -> None:
    watch = [*minutes(at(f"{DAY} 10:00"), [10] * 120), *minutes(at(f"{DAY} 14:00"), [10] * 360)]
    put_steps(study, watch, minutes(at(f"{DAY} 10:00"), [9] * 600))
    put_wear(study, ("09:00", 2 + 50 / 60), ("14:00", 8))
    study.night()
    day = study.day(DAY)
    assert day["steps"] == 4800 + 1080
    assert day["flags"] == "gap_filled"
    assert day["sources"] == "fitbit;fitbit_phone"


def test_s03_minute_stamps_one_minute_apart_are_one_walk(study: StudyFolder) -> None:
    put_steps(study, minutes(at(f"{DAY} 10:00"), [20, 0] * 300), minutes(at(f"{DAY} 10:00"), [0, 18] * 300))
    put_wear(study, ("10:00", 10))
    study.night()
    assert study.day(DAY)["steps"] == 6000


def test_s04_a_diary_walk_and_what_the_watch_saw_are_united(study: StudyFolder) -> None:
    watch = [*minutes(at(f"{DAY} 10:05"), [80] * 23), *minutes(at(f"{DAY} 10:40"), [80] * 10)]
    put_steps(study, watch, [])
    put_wear(study, ("08:00", 14))
    study.put("P1/diary.csv", diary.diary([(DAY, "walking", 30, "10:00")]))
    study.night()
    assert study.day(DAY)["walking_minutes"] == 40


def test_s05_the_steps_of_a_recorded_walk_are_already_in_the_day(study: StudyFolder) -> None:
    study.put("P1/day.fit", garmin_day(DAY))
    walk = fit.Session(at(f"{DAY} 10:10"), 20 * MINUTE, 11, cycles=1175)
    study.put("P1/walk.fit", fit.activity([walk]))
    study.night()
    assert study.ask("SELECT steps FROM session") == [(2350,)]
    assert study.day(DAY)["steps"] == 6000


def test_s06_a_worn_watch_that_counts_nothing_is_a_value_not_a_gap(study: StudyFolder) -> None:
    watch = [*minutes(at(f"{DAY} 10:00"), [10] * 120), *minutes(at(f"{DAY} 13:00"), [10] * 420)]
    put_steps(study, watch, minutes(at(f"{DAY} 12:00"), [9] * 60))
    put_wear(study, ("10:00", 10))
    study.night()
    assert study.day(DAY)["steps"] == 5400


def test_a_copy_of_the_watch_that_comes_another_way_adds_nothing(study: StudyFolder) -> None:
    study.put("P1/day.fit", garmin_day(DAY))  # an hour from 10:00; the watch was on until 22:00
    copied = minutes(at(f"{DAY} 23:00"), [100] * 30)  # what another app says of a time the watch was off
    study.put("P1/steps_2026-03-01.csv", fitbit.steps({"Phone Health Kit": copied}))
    study.night()
    assert (study.day(DAY)["steps"], study.day(DAY)["sources"]) == (6000, "garmin")


def test_a_copy_is_read_where_there_is_nothing_more_direct(study: StudyFolder) -> None:
    study.put("P1/steps_2026-03-01.csv", fitbit.steps({"Phone Health Kit": minutes(at(f"{DAY} 10:00"), [100] * 30)}))
    study.night()
    assert study.day(DAY)["steps"] == 3000


def test_recorded_steps_fill_a_date_only_where_there_are_no_others(study: StudyFolder) -> None:
    study.put("P1/walk.fit", fit.activity([fit.Session(at(f"{DAY} 10:10"), 20 * MINUTE, 11, cycles=1175)]))
    study.night()
    day = study.day(DAY)
    assert (day["steps"], day["day_state"], day["walking_minutes"]) == (2350, "insufficient_wear", 20)
    assert day["walking_method"] == "session"


def test_a_dance_at_a_walking_pace_is_dance_and_steps_not_walking(study: StudyFolder) -> None:
    study.put("P1/day.fit", garmin_day(DAY, steps=3000))  # 30 minutes at 100 a minute from 10:00
    study.put("P1/dance.fit", fit.activity([fit.Session(at(f"{DAY} 10:00"), 20 * MINUTE, 83, 0)]))
    study.night()
    day = study.day(DAY)
    assert (day["dance_minutes"], day["walking_minutes"], day["steps"]) == (20, 10, 3000)
    assert day["movement_minutes"] == 30


def test_a_labelled_walk_counts_at_any_pace(study: StudyFolder) -> None:
    put_steps(study, minutes(at(f"{DAY} 10:00"), [40] * 20), [])
    exercise = fitbit.Exercise(at(f"{DAY} 10:00"), at(f"{DAY} 10:20"), "Walk", timedelta(hours=-5))
    study.put("P1/UserExercises_2026-03-01.csv", fitbit.exercises([exercise]))
    study.night()
    assert study.day(DAY)["walking_minutes"] == 20


def test_massage_is_never_movement(study: StudyFolder) -> None:
    study.put("P1/diary.csv", diary.diary([(DAY, "massage", 60, "15:00"), (DAY, "yoga", 10, "18:00")]))
    study.night()
    day = study.day(DAY)
    assert (day["massage_minutes"], day["yoga_minutes"], day["movement_minutes"]) == (60, 10, 10)
    assert (day["exercise_minutes"], day["walking_minutes"], day["steps"]) == (None, None, None)


@pytest.mark.parametrize(("steps", "hours"), [([50] * 10, 1), ([100] * 60, 3)])
def test_a_valid_phone_total_wins_whether_a_badly_worn_watch_saw_less_or_more(
    study: StudyFolder, steps: list[int], hours: int
) -> None:
    put_steps(study, minutes(at(f"{DAY} 10:00"), steps), [])
    put_wear(study, ("10:00", hours))
    rows = [google_fit.Day(date(2026, 3, n), steps=4000, walking_minutes=30) for n in (4, 5, 6)]
    study.put("P1/Daily activity metrics.csv", google_fit.daily(rows))
    study.night()
    day = study.day(DAY)
    assert (day["steps"], day["day_state"], day["primary_source"]) == (4000, "valid", "google_fit")
    assert (day["walking_minutes"], day["wear_minutes"], day["wear_method"]) == (30, None, "none")
    assert "total_preferred" in day["flags"]


def test_a_watch_whose_steps_did_not_come_does_not_hide_what_a_phone_counted(study: StudyFolder) -> None:
    put_wear(study, ("08:00", 14))
    study.put("P1/Daily activity metrics.csv", google_fit.daily([google_fit.Day(date(2026, 3, 5), steps=900)]))
    study.night()
    day = study.day(DAY)
    assert (day["steps"], day["day_state"], day["primary_source"]) == (900, "insufficient_wear", "google_fit")


def test_s02_holds_on_a_whole_day_of_the_phone_whose_count_makes_it_valid(study: StudyFolder) -> None:
    watch = [*minutes(at(f"{DAY} 10:00"), [10] * 120), *minutes(at(f"{DAY} 14:00"), [10] * 360)]
    phone = [*minutes(at("2026-03-04 12:00"), [9]), *minutes(at(f"{DAY} 10:00"), [9] * 600)]
    put_steps(study, watch, [*phone, *minutes(at("2026-03-06 12:00"), [9])])
    put_wear(study, ("10:00", 1 + 50 / 60), ("14:00", 6))
    study.night()
    day = study.day(DAY)
    assert (day["steps"], day["day_state"], day["flags"]) == (4800 + 1080, "valid", "gap_filled;total_preferred")


def test_what_a_paused_timer_did_not_count_does_not_count(study: StudyFolder) -> None:
    start = at(f"{DAY} 10:00")
    session = fit.Session(start, 30 * MINUTE, 10, 20, pauses=[(start + 10 * MINUTE, 45 * MINUTE)])
    study.put("P1/strength.fit", fit.activity([session]))
    study.night()
    assert study.day(DAY)["strength_minutes"] == 30
    assert study.ask("SELECT timer_minutes, date_diff('minute', start_time, end_time) FROM session") == [(30, 75)]


# Clocks -------------------------------------------------------------------------------------------------------------


def test_t01_a_session_across_midnight_is_split_by_minutes_and_stays_one_session(study: StudyFolder) -> None:
    study.put("P1/walk.fit", fit.activity([fit.Session(at("2026-03-05 23:40"), 40 * MINUTE, 11)]))
    study.night()
    assert [study.day(d)["walking_minutes"] for d in ("2026-03-05", "2026-03-06")] == [20, 20]
    assert study.ask("SELECT local_date, timer_minutes FROM session") == [(date(2026, 3, 5), 40)]


def test_t02_a_walk_over_the_spring_gap_lasts_as_long_as_it_lasted(study: StudyFolder) -> None:
    walk = fit.Session(at("2025-03-09 01:30"), 60 * MINUTE, 11)
    study.put("P1/walk.fit", fit.activity([walk]))
    study.night()
    assert study.day("2025-03-09")["walking_minutes"] == 60
    begin, end = study.ask("SELECT start_time::TIMESTAMP, end_time::TIMESTAMP FROM session")[0]
    assert (begin, end) == (datetime(2025, 3, 9, 6, 30), datetime(2025, 3, 9, 7, 30))


def test_t03_a_walk_over_the_autumn_hour_lasts_sixty_minutes(study: StudyFolder) -> None:
    walk = fit.Session(datetime(2025, 11, 2, 5, 30, tzinfo=UTC), 60 * MINUTE, 11)
    study.put("P1/walk.fit", fit.activity([walk], offset=timedelta(hours=-4)))
    study.night()
    assert study.day("2025-11-02")["walking_minutes"] == 60


@pytest.mark.parametrize(("day", "length"), [("2025-03-09", 1380), ("2025-11-02", 1500), ("2025-11-03", 1440)])
def test_t04_a_date_has_the_minutes_it_has(study: StudyFolder, day: str, length: int) -> None:
    study.put("P1/day.fit", garmin_day(day))
    study.night()
    found = study.day(day)
    assert (found["day_minutes"], found["day_state"], found["steps"]) == (length, "valid", 6000)


def test_a_watch_day_with_a_clock_change_keeps_its_midnight_total(study: StudyFolder) -> None:
    for day in ("2025-11-01", "2025-11-02", "2025-11-03"):
        study.put(f"P1/{day}.fit", garmin_day(day))
    study.night()
    steps = study.ask("SELECT local_date, steps FROM daily_activity ORDER BY ALL")
    assert [s for _, s in steps] == [6000, 6000, 6000]


def test_t05_travel_days_have_27_and_21_hours_and_say_so(study: StudyFolder) -> None:
    study.zones = ["P1,2026-03-12,America/Los_Angeles", "P1,2026-03-20,America/New_York"]
    study.write()
    west, east = minutes(at("2026-03-11 12:00"), [80] * 30), minutes(at("2026-03-19 17:00"), [80] * 30)
    study.put("P1/steps_2026-03-01.csv", fitbit.steps({None: [*west, *east]}))
    study.night()
    for day, length in (("2026-03-11", 1620), ("2026-03-19", 1260)):
        found = study.day(day)
        assert (found["day_minutes"], found["flags"], found["walking_minutes"]) == (length, "tz_changed", 30)
    assert study.day("2026-03-12")["day_minutes"] == 1440


def test_a_date_that_was_skipped_is_no_data_and_not_eligible(study: StudyFolder) -> None:
    study.participants[0] = "P1,Pacific/Pago_Pago,,"
    study.zones = ["P1,2026-03-06,Pacific/Kiritimati"]
    study.write()
    pago, kiritimati = ZoneInfo("Pacific/Pago_Pago"), ZoneInfo("Pacific/Kiritimati")
    rows = minutes(at("2026-03-04 12:00", pago), [80] * 10) + minutes(at("2026-03-06 12:00", kiritimati), [80] * 10)
    study.put("P1/steps_2026-03-01.csv", fitbit.steps({None: rows}))
    study.night()
    found = study.day("2026-03-05")
    assert (found["day_state"], found["day_minutes"], found["flags"]) == ("no_data", 0, "date_skipped")
    assert study.ask("SELECT is_eligible, why_not FROM infusion_window WHERE local_date = '2026-03-05'") == [
        (False, "date_skipped")
    ]


def test_a_date_that_was_skipped_is_not_eligible_where_nothing_was_seen_either(study: StudyFolder) -> None:
    study.participants[0] = "P1,Pacific/Pago_Pago,,"
    study.zones = ["P1,2026-03-06,Pacific/Kiritimati"]
    study.write()
    study.night()
    assert study.ask("SELECT local_date FROM infusion_window WHERE why_not = 'date_skipped'") == [(date(2026, 3, 5),)]
    assert study.ask("SELECT eligible_days FROM goal_week") == [(6,)]


def test_t06_t07_naive_times_in_a_gap_or_an_overlap_are_read_by_the_rule(study: StudyFolder) -> None:
    entries = [("2025-11-02", "yoga", 20, "01:30"), ("2025-03-09", "yoga", 20, "02:30")]
    study.put("P1/diary.csv", diary.diary(entries))
    study.night()
    starts = [start for (start,) in study.ask("SELECT start_time::TIMESTAMP FROM session ORDER BY start_time")]
    assert starts == [datetime(2025, 3, 9, 7, 30), datetime(2025, 11, 2, 5, 30)]


def test_a_utc_export_is_dated_where_the_person_was(study: StudyFolder) -> None:
    study.put("P1/steps_2026-03-01.csv", fitbit.steps({None: minutes(at(f"{DAY} 22:00"), [80] * 30)}))
    study.night()
    assert study.ask("SELECT local_date, steps FROM daily_activity") == [(date(2026, 3, 5), 2400)]


def test_a_watch_that_was_elsewhere_is_believed(study: StudyFolder) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    walks = fit.counters([(at(f"{DAY} 23:00", berlin), 30 * MINUTE, 3000)])
    study.put("P1/day.fit", fit.monitoring_day(at(f"{DAY} 00:00", berlin), counters=walks))
    study.night()
    assert study.day(DAY)["steps"] == 3000


# Wear and state -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("beats", "state", "wear"), [(599, "insufficient_wear", 599), (600, "valid", 600)])
def test_v01_ten_hours_of_wear_make_a_day(study: StudyFolder, beats: int, state: str, wear: int) -> None:
    put_steps(study, minutes(at(f"{DAY} 10:00"), [80] * 100), [])
    rows = [(t, 60.0) for t, _ in minutes(at(f"{DAY} 08:00"), [1] * beats)]
    study.put(f"P1/heart_rate_{DAY}.csv", fitbit.heart_rate({WATCH: rows}))
    study.night()
    assert (study.day(DAY)["day_state"], study.day(DAY)["wear_minutes"]) == (state, wear)


def test_v02_a_very_quiet_day_with_a_heart_rate_is_a_day(study: StudyFolder) -> None:
    put_steps(study, minutes(at(f"{DAY} 10:00"), [60]), [])
    put_wear(study, ("08:00", 14))
    study.night()
    assert (study.day(DAY)["day_state"], study.day(DAY)["steps"]) == ("valid", 60)


def test_v03_sixty_steps_with_wear_from_steps_are_not_enough(study: StudyFolder) -> None:
    put_steps(study, [(at(f"{DAY} 09:00") + n * 11 * MINUTE, 1) for n in range(60)], [])
    study.night()
    day = study.day(DAY)
    assert (day["steps"], day["wear_method"], day["day_state"]) == (60, "steps", "insufficient_wear")
    assert day["wear_minutes"] == 650


@pytest.mark.parametrize(
    ("steps", "state"), [(999, "insufficient_wear"), (1000, "valid"), (45_000, "valid"), (45_001, "implausible")]
)
def test_v04_a_total_alone_needs_a_thousand_steps(study: StudyFolder, steps: int, state: str) -> None:
    rows = [google_fit.Day(date(2026, 3, n), steps=steps) for n in (4, 5, 6)]
    study.put("P1/Daily activity metrics.csv", google_fit.daily(rows))
    study.night()
    assert study.day(DAY)["day_state"] == state
    assert study.day(DAY)["steps"] == steps


def test_a_total_of_a_utc_day_makes_valid_only_what_begins_within_an_hour_of_it(
    alone: StudyFolder, monkeypatch
) -> None:
    """No reader gives such totals: the one of Google Fit is let say of its own that they are."""
    monkeypatch.setattr(google_fit_reader, "totals", partial(totals, day_basis="utc"))
    read_here(monkeypatch)
    states = {
        "Africa/Abidjan": "valid", "Europe/Berlin": "valid", "Atlantic/Azores": "valid",  # 60 minutes before and after
        "Europe/Athens": "insufficient_wear", "Asia/Kathmandu": "insufficient_wear",
        "America/New_York": "insufficient_wear",
    }  # fmt: skip
    homes = dict(zip(map("P{}".format, range(1, 7)), states, strict=True))
    alone.participants = [f"{who},{zone},," for who, zone in homes.items()]
    rows = [google_fit.Day(date(2026, 3, n), steps=4000) for n in (4, 5, 6)]
    for who in homes:
        alone.write().put(f"{who}/Daily activity metrics.csv", google_fit.daily(rows))
    assert alone.night().files["loaded"] == len(homes)
    days = {zone: alone.day(DAY, who) for who, zone in homes.items()}
    assert {zone: day["day_state"] for zone, day in days.items()} == states
    assert {(day["steps"], day["flags"]) for day in days.values()} == {(4000, "utc_day")}


def test_v05_no_row_is_not_known_and_a_worn_watch_without_a_step_is_zero(study: StudyFolder) -> None:
    others = [(at(f"2026-03-{n:02d} 10:00"), 50) for n in (3, 7)]
    put_steps(study, others, [])
    put_wear(study, ("08:00", 15))
    study.night()
    assert (study.day(DAY)["day_state"], study.day(DAY)["steps"], study.day(DAY)["walking_minutes"]) == ("valid", 0, 0)
    assert (study.day("2026-03-04")["day_state"], study.day("2026-03-04")["steps"]) == ("no_data", None)


def test_v06_the_first_day_of_an_export_is_a_part_of_a_day(study: StudyFolder) -> None:
    rows = [google_fit.Day(date(2026, 3, n), steps=4000) for n in (5, 6, 7)]
    study.put("P1/Daily activity metrics.csv", google_fit.daily(rows))
    study.night()
    states = study.ask("SELECT day_state, is_partial FROM daily_activity ORDER BY local_date")
    assert states == [("insufficient_wear", True), ("valid", False), ("insufficient_wear", True)]


def test_a_seam_inside_another_export_makes_no_partial_day(study: StudyFolder) -> None:
    for name, days in (("a", (4, 5)), ("b", (5, 6)), ("c", (3, 4, 5, 6, 7))):
        rows = [google_fit.Day(date(2026, 3, n), steps=4000) for n in days]
        study.put(f"P1/{name}/Daily activity metrics.csv", google_fit.daily(rows))
    study.night()
    assert study.day(DAY)["day_state"] == "valid"


def test_a_watch_without_heart_rate_left_in_a_drawer_is_not_worn(study: StudyFolder) -> None:
    moved = [(at(f"{DAY} 08:00") + n * 30 * MINUTE, 20) for n in range(8)]  # until 11:30, then a jolt at 16:00
    put_steps(study, [*moved, (at(f"{DAY} 11:31"), 0), (at(f"{DAY} 16:00"), 5)], [])
    study.night()
    assert study.day(DAY)["wear_minutes"] == 3 * 60 + 31


def test_wear_runs_over_midnight(study: StudyFolder) -> None:
    study.put("P1/a.fit", garmin_day("2026-03-04"))
    beats = [(t, 60.0) for t, _ in worn_from(at("2026-03-05 20:00"), 8)]
    study.put("P1/heart_rate_x.csv", fitbit.heart_rate({WATCH: beats}))
    put_steps(study, [(at(f"{DAY} 21:00"), 30)], [])
    study.night()
    assert study.day(DAY)["wear_minutes"] == 240
    assert study.day("2026-03-06")["wear_minutes"] == 241


# Intensity ----------------------------------------------------------------------------------------------------------


def test_a01_bands_begin_at_their_bound(study: StudyFolder) -> None:
    put_steps(study, minutes(at(f"{DAY} 10:00"), [0, 1, 19, 20, 59, 60, 79, 80, 99, 100, 119, 120, 129, 130]), [])
    study.night()
    day = study.day(DAY)
    assert day["walking_minutes"] == 9
    assert day["brisk_minutes"] == 5
    assert (day["moderate_minutes"], day["vigorous_minutes"], day["intensity_method"]) == (4, 1, "cadence")


def test_a05_intense_minutes_are_clock_minutes_and_the_equivalent_counts_vigorous_twice(
    study: StudyFolder,
) -> None:
    start = at(f"{DAY} 10:00")
    judged = [(t, "moderate") for t, _ in minutes(start, [1] * 30)]
    judged += [(t, "very") for t, _ in minutes(start + 30 * MINUTE, [1] * 20)]
    study.put("P1/active_minutes_2026-03-01.csv", fitbit.active_minutes({None: judged}))
    study.put("P1/steps_2026-03-01.csv", fitbit.steps({None: minutes(start, [70] * 50)}))
    study.night()
    day = study.day(DAY)
    assert (day["moderate_minutes"], day["vigorous_minutes"]) == (30, 20)
    assert (day["mvpa_minutes"], day["mvpa_equivalent_minutes"]) == (50, 70)
    assert day["intensity_method"] == "device"


def test_a06_zone_minutes_are_not_doubled_again(study: StudyFolder) -> None:
    start = at(f"{DAY} 10:00")
    zones = [(t, "fat burn") for t, _ in minutes(start, [1] * 15)]
    zones += [(t, "cardio") for t, _ in minutes(start + 15 * MINUTE, [1] * 15)]
    study.put("P1/active_zone_minutes_2026-03-01.csv", fitbit.zone_minutes({None: zones}))
    study.put("P1/steps_2026-03-01.csv", fitbit.steps({None: minutes(start, [120] * 40)}))
    study.night()
    day = study.day(DAY)
    assert (day["mvpa_minutes"], day["mvpa_equivalent_minutes"]) == (30, 45)


def test_a_watchs_own_intensity_total_is_taken_and_a_workout_is_not_added_to_it(study: StudyFolder) -> None:
    start = at(f"{DAY} 10:00")
    intensity = [(start + 30 * MINUTE, 20, 5)]
    study.put("P1/day.fit", garmin_day(DAY, intensity=intensity))
    study.put("P1/gym.fit", fit.activity([fit.Session(start, 40 * MINUTE, 10, 20)]))
    study.night()
    day = study.day(DAY)
    assert (day["moderate_minutes"], day["vigorous_minutes"], day["mvpa_equivalent_minutes"]) == (20, 5, 30)
    assert (day["exercise_minutes"], day["exercise_method"]) == (40, "session")
    assert "exercise_larger_of_two" in day["flags"]


def test_exercise_is_the_union_of_intense_minutes_and_workouts(study: StudyFolder) -> None:
    start = at(f"{DAY} 10:00")
    put_steps(study, minutes(start, [110] * 30), [])
    exercise = fitbit.Exercise(start + 20 * MINUTE, start + 50 * MINUTE, "Weights", timedelta(hours=-5))
    study.put("P1/UserExercises_2026-03-01.csv", fitbit.exercises([exercise]))
    study.night()
    day = study.day(DAY)
    assert (day["exercise_minutes"], day["workout_minutes"], day["walking_minutes"]) == (50, 30, 20)
    assert day["movement_minutes"] == 50


def test_yoga_is_movement_and_no_exercise(study: StudyFolder) -> None:
    put_steps(study, minutes(at(f"{DAY} 09:00"), [70] * 10), [])
    put_wear(study, ("08:00", 14))
    study.put("P1/yoga.fit", fit.activity([fit.Session(at(f"{DAY} 18:00"), 25 * MINUTE, 10, 43)]))
    study.night()
    day = study.day(DAY)
    assert (day["yoga_minutes"], day["exercise_minutes"], day["movement_minutes"]) == (25, 0, 35)


def test_entries_without_a_time_add_to_each_other_but_not_to_what_a_device_saw_of_the_same(study: StudyFolder) -> None:
    put_steps(study, minutes(at(f"{DAY} 09:00"), [70] * 25), [])
    put_wear(study, ("08:00", 14))
    entries = [(DAY, "walking", 30), (DAY, "yoga", 6), (DAY, "yoga", 6)]
    study.put("P1/diary.csv", diary.diary(entries))
    study.night()
    day = study.day(DAY)
    assert (day["walking_minutes"], day["yoga_minutes"], day["movement_minutes"]) == (30, 12, 42)
    assert "entry_without_time" in day["flags"]


def test_entries_of_one_diary_with_and_without_a_time_both_count(study: StudyFolder) -> None:
    entries = [(DAY, "yoga", 20, "07:00"), (DAY, "yoga", 6), (DAY, "dance", 30, "20:00"), (DAY, "dance", 10)]
    entries += [(DAY, "hiking", 40, "12:00"), (DAY, "walking", 15), (DAY, "massage", 50, "15:00"), (DAY, "massage", 10)]
    study.put("P1/diary.csv", diary.diary(entries))
    study.night()
    day = study.day(DAY)
    assert [day[f"{name}_minutes"] for name in ("yoga", "dance", "workout", "walking", "massage")] == [
        26,
        40,
        40,
        55,
        60,
    ]
    assert (day["exercise_minutes"], day["movement_minutes"]) == (40, 26 + 40 + 55)


def test_what_a_source_cannot_tell_is_not_known(study: StudyFolder) -> None:
    rows = [google_fit.Day(date(2026, 3, n), steps=4000, walking_minutes=35) for n in (4, 5, 6)]
    study.put("P1/Daily activity metrics.csv", google_fit.daily(rows))
    study.night()
    day = study.day(DAY)
    assert (day["walking_minutes"], day["walking_method"]) == (35, "device")
    unknown = ["brisk", "moderate", "vigorous", "mvpa", "exercise", "wear", "yoga"]
    assert [day[f"{name}_minutes"] for name in unknown] == [None] * len(unknown)


def test_minutes_a_vendor_pads_with_zeros_are_none_only_where_something_else_was_seen(study: StudyFolder) -> None:
    zeros = {date(2026, 3, n): 0 for n in range(3, 12)}
    study.put("P1/very_active_minutes-2026-03-03.json", fitbit_json.daily(zeros | {date(2026, 3, 4): 12}))
    study.put("P1/moderately_active_minutes-2026-03-03.json", fitbit_json.daily(zeros))
    study.put("P1/steps_2026-03-01.csv", fitbit.steps({None: minutes(at("2026-03-05 09:00"), [20] * 700)}))
    study.night()
    told = study.ask("SELECT day(local_date), moderate_minutes, vigorous_minutes FROM daily_activity ORDER BY 1")
    assert [(n, float(m), float(v)) for n, m, v in told] == [(4, 0, 12), (5, 0, 0)]


def test_an_exercise_that_fitbit_lists_twice_is_where_the_list_with_offsets_has_it(study: StudyFolder) -> None:
    start = at(f"{DAY} 18:00")
    in_utc = start.astimezone(UTC).replace(tzinfo=None)  # what is read as local time, five hours late
    study.put("P1/exercise-0.json", fitbit_json.exercises([fitbit_json.exercise(in_utc, 30, "Weights")]))
    told = fitbit.Exercise(start, start + 30 * MINUTE, "Weights", timedelta(hours=-5))
    study.put("P1/UserExercises_2026-03-01.csv", fitbit.exercises([told]))
    study.night()
    assert study.ask("SELECT start_time, local_date FROM session") == [(start, start.date())]
    assert study.day(DAY)["workout_minutes"] == 30


def test_a_replaced_watch_keeps_its_counters_apart(study: StudyFolder) -> None:
    old = fit.counters([(at(f"{DAY} 09:00"), 30 * MINUTE, 3000)])
    new = fit.counters([(at(f"{DAY} 16:00"), 10 * MINUTE, 1000)])
    worn = [t for t, _ in worn_from(at(f"{DAY} 08:00"), 14)]
    noon = at(f"{DAY} 12:00")
    early, late = [t for t in worn if t < noon], [t for t in worn if t >= noon]
    study.put("P1/old.fit", fit.monitoring(at(f"{DAY} 00:00"), noon, counters=old, heart=early, serial=1_000_001))
    study.put("P1/new.fit", fit.monitoring(noon, at("2026-03-06 00:00"), counters=new, heart=late, serial=1_000_002))
    study.night()
    day = study.day(DAY)
    assert (day["steps"], day["wear_minutes"] > 600) == (4000, True)


def test_nothing_that_these_tests_hand_in_is_rejected(people: dict[str, Person]) -> None:
    assert all(run.is_clean for person in people.values() for _, run in person.nights)
