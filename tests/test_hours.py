"""What true minutes tell of a day (R2.16, R2.17), and days by the hour (R2.18)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from models.clock import ZoneLog
from models.study.folder import read_study
from tests.studies import MINUTE, StudyFolder, at, fitbit_day, garmin_day, minutes, worn_from
from tests.together import Person, alone, people, study
from tests.writers import diary, fitbit, fitbit_json, oura

__all__ = ["alone", "people", "study"]  # the fixtures

DAY = "2026-03-05"
BANDS = [
    "cadence_1_19_minutes", "cadence_20_39_minutes", "cadence_40_59_minutes", "cadence_60_79_minutes",
    "cadence_80_99_minutes", "cadence_100_119_minutes", "cadence_120_minutes",
]  # fmt: skip
OF_TRUE_MINUTES = ["peak_1_cadence", "peak_30_cadence", "longest_walking_bout_minutes", *BANDS]
COLUMNS = {"steps": "steps", "worn_minutes": "wear_minutes"}
COLUMNS |= {name: name for name in ("walking_minutes", "moderate_minutes", "vigorous_minutes")}


def put_day(study: Person, steps: list, day: str = DAY, hours: float = 15, begins: str = "08:00") -> None:
    study.put(f"P1/steps_{day}.csv", fitbit.steps({None: steps}))
    study.put(f"P1/heart_rate_{day}.csv", fitbit.heart_rate({None: worn_from(at(f"{day} {begins}"), hours)}))


def by_hour(study: Person, column: str, day: str = DAY) -> dict[int, float]:
    return dict(study.ask(f"SELECT local_hour, {column} FROM hourly_activity WHERE local_date = '{day}'"))


# What true minutes tell -------------------------------------------------------------------------------------------


def test_the_peaks_are_those_of_the_best_minutes_wherever_they_lie(study: StudyFolder) -> None:
    walks = [*minutes(at(f"{DAY} 09:00"), [90] * 10 + [118] * 12), *minutes(at(f"{DAY} 16:00"), [61] * 9 + [125] * 4)]
    put_day(study, [*walks, *minutes(at(f"{DAY} 20:00"), [1, 19, 20, 39, 40, 59, 60, 79, 80, 99, 100, 119, 120, 251])])
    study.night()
    day = study.day(DAY)
    all_minutes = [90] * 10 + [118] * 12 + [61] * 9 + [125] * 4 + [1, 19, 20, 39, 40, 59, 60, 79, 80, 99, 100, 119, 120]
    assert day["steps"] == sum(all_minutes) + 251
    assert day["peak_1_cadence"] == 125  # a minute above 250 is no pace
    assert float(day["peak_30_cadence"]) == pytest.approx(sum(sorted(all_minutes)[-30:]) / 30, abs=0.0005)
    assert [day[name] for name in BANDS] == [2, 2, 2, 11, 12, 14, 5]
    assert day["longest_walking_bout_minutes"] == 22
    assert sum(day[name] for name in BANDS[3:]) == day["walking_minutes"]


def test_with_fewer_than_thirty_minutes_of_steps_the_rest_of_the_thirty_are_none(study: StudyFolder) -> None:
    put_day(study, minutes(at(f"{DAY} 09:00"), [120] * 10))
    study.night()
    assert (study.day(DAY)["peak_1_cadence"], study.day(DAY)["peak_30_cadence"]) == (120, 40)


def test_a_recorded_walk_makes_one_bout_of_what_it_spans(study: StudyFolder) -> None:
    put_day(study, minutes(at(f"{DAY} 10:05"), [80] * 10 + [20] * 5 + [80] * 10))
    study.put("P1/diary.csv", diary.diary([(DAY, "walking", 12, "10:10")]))
    study.night()
    assert study.day(DAY)["longest_walking_bout_minutes"] == 25


def test_steps_by_the_quarter_of_an_hour_have_no_peak_no_bout_and_no_band(study: StudyFolder) -> None:
    put_day(study, [(at(f"{DAY} 09:00") + 15 * n * MINUTE, 900) for n in range(8)])
    study.night()
    assert {study.day(DAY)[name] for name in OF_TRUE_MINUTES} == {None}
    assert {hour: n for hour, n in by_hour(study, "steps").items() if n} == {9: 3600, 10: 3600}
    assert set(by_hour(study, "walking_minutes").values()) == {None}


def test_the_rows_of_a_counter_are_no_true_minutes(study: StudyFolder) -> None:
    study.put("P1/day.fit", garmin_day(DAY))
    study.night()
    assert study.day(DAY)["brisk_minutes"] == 60
    assert {study.day(DAY)[name] for name in OF_TRUE_MINUTES} == {None}


def test_light_minutes_are_those_that_a_device_tells_and_nobody_makes_them_up(study: StudyFolder) -> None:
    put_day(study, minutes(at(f"{DAY} 09:00"), [70] * 40))
    put_day(study, minutes(at("2026-03-06 09:00"), [70] * 40), "2026-03-06")
    words = ["light"] * 25 + ["moderate"] * 10 + ["very"] * 5
    told = [(t, word) for (t, _), word in zip(minutes(at(f"{DAY} 09:00"), [0] * 40), words, strict=True)]
    study.put(f"P1/active_minutes_{DAY}.csv", fitbit.active_minutes({None: told}))
    study.night()
    day = study.day(DAY)
    assert (day["light_minutes"], day["moderate_minutes"], day["vigorous_minutes"]) == (25, 10, 5)
    assert study.day("2026-03-06")["light_minutes"] is None
    assert {h: n for h, n in by_hour(study, "vigorous_minutes").items() if n} == {9: 5}


def test_a_total_of_light_activity_counts_only_where_no_minutes_were_judged_and_of_the_best_source(
    study: StudyFolder,
) -> None:
    judged, unjudged, ring_alone = date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 7)
    for day in (judged, unjudged):
        put_day(study, minutes(at(f"{day} 09:00"), [70] * 40), str(day))
    light = [(t, "light") for t, _ in minutes(at(f"{judged} 09:00"), [0] * 25)]
    study.put(f"P1/active_minutes_{judged}.csv", fitbit.active_minutes({None: light}))
    totals = fitbit_json.daily({judged: 190, unjudged: 180, ring_alone: 0})  # the 0 of a day without Fitbit is padding
    study.put("P1/lightly_active_minutes-2026-03-01.json", totals)
    days = [oura.Day(day, 9000, medium=2400, low=16_200) for day in (judged, unjudged, ring_alone)]
    study.put("P1/dailyactivity.csv", oura.daily_activity(days))
    study.night()
    assert [study.day(str(day))["light_minutes"] for day in (judged, unjudged, ring_alone)] == [25, 180, 270]


def test_light_minutes_show_that_the_tracker_was_worn_so_that_other_zeros_of_that_day_are_figures(
    study: StudyFolder,
) -> None:
    study.put("P1/lightly_active_minutes-2026-03-01.json", fitbit_json.daily({date(2026, 3, 5): 190}))
    zeros = fitbit_json.daily({date(2026, 3, 5): 0, date(2026, 3, 6): 0})
    study.put("P1/very_active_minutes-2026-03-01.json", zeros)
    study.night()
    day, padded = study.day(DAY), study.day("2026-03-06")
    assert (day["light_minutes"], day["vigorous_minutes"], day["steps"]) == (190, 0, None)
    assert padded.get("light_minutes") is None
    assert padded.get("vigorous_minutes") is None


# By the hour ------------------------------------------------------------------------------------------------------


def test_an_hour_is_what_one_source_a_minute_says_and_not_known_where_nothing_was_worn(study: StudyFolder) -> None:
    watch, phone = minutes(at(f"{DAY} 09:50"), [100] * 20), minutes(at(f"{DAY} 09:50"), [90] * 20)
    phone += minutes(at(f"{DAY} 14:55"), [80] * 10)  # the watch lies at home
    study.put("P1/steps.csv", fitbit.steps({"Charge 6": watch, "MobileTrack": phone}))
    beats = worn_from(at(f"{DAY} 08:00"), 5.5)
    study.put("P1/heart_rate.csv", fitbit.heart_rate({"Charge 6": beats}))
    study.night()
    assert study.day(DAY)["steps"] == 2800
    steps, worn = by_hour(study, "steps"), by_hour(study, "worn_minutes")
    assert len(steps) == 24
    assert {hour: n for hour, n in steps.items() if n is not None} == {
        8: 0, 9: 1000, 10: 1000, 11: 0, 12: 0, 13: 0, 14: 400, 15: 400,
    }  # fmt: skip
    assert {hour: n for hour, n in worn.items() if n} == {8: 60, 9: 60, 10: 60, 11: 60, 12: 60, 13: 31}
    assert {hour: n for hour, n in by_hour(study, "walking_minutes").items() if n} == {9: 10, 10: 10, 14: 5, 15: 5}


def test_the_hour_that_comes_twice_is_one_row_and_the_one_left_out_is_none(study: StudyFolder) -> None:
    twice = minutes(at("2025-11-02 00:30"), [10] * 180)  # 00:30 to 02:30, an hour of which came twice
    put_day(study, twice, "2025-11-02", begins="00:00", hours=12)
    put_day(study, minutes(at("2026-03-08 01:30"), [10] * 60), "2026-03-08", begins="00:00", hours=12)
    study.night()
    assert {h: n for h, n in by_hour(study, "steps", "2025-11-02").items() if n} == {0: 300, 1: 1200, 2: 300}
    assert by_hour(study, "worn_minutes", "2025-11-02")[1] == 120
    spring = by_hour(study, "steps", "2026-03-08")
    assert {hour: n for hour, n in spring.items() if n} == {1: 300, 3: 300}
    assert sorted(spring) == [0, 1, *range(3, 24)]


def test_a_diary_entry_without_a_time_lies_in_no_hour(study: StudyFolder) -> None:
    put_day(study, minutes(at(f"{DAY} 09:00"), [90] * 10))
    study.put("P1/diary.csv", diary.diary([(DAY, "walking", 30)]))
    study.night()
    assert study.day(DAY)["walking_minutes"] == 30
    assert set(by_hour(study, "walking_minutes").values()) == {None}
    assert by_hour(study, "steps")[9] == 900


def adds_up(ask: StudyFolder) -> int:
    """How many days have hours; that each column adds up to the day's figure or is not known all day."""
    sums = ", ".join(f"sum({name}) AS {name}" for name in COLUMNS)
    wrong = " OR ".join(
        f"(h.{name} IS NOT NULL AND h.{name} IS DISTINCT FROM d.{day})" for name, day in COLUMNS.items()
    )
    hours = f"(SELECT participant_id, local_date, {sums} FROM hourly_activity GROUP BY ALL) h"
    assert (
        ask.ask(f"SELECT d.* FROM {hours} JOIN daily_activity d USING (participant_id, local_date) WHERE {wrong}") == []
    )
    unplaced = f"SELECT 1 FROM {hours} JOIN daily_activity d USING (participant_id, local_date) WHERE "
    unlike = "(h.steps, h.worn_minutes) IS DISTINCT FROM (d.steps, d.wear_minutes)"
    assert ask.ask(f"{unplaced} d.peak_1_cadence IS NOT NULL AND {unlike}") == []
    return ask.ask("SELECT count(DISTINCT (participant_id, local_date)) FROM hourly_activity")[0][0]


def test_the_hours_of_every_day_add_up_to_it(people: dict[str, Person], sample: StudyFolder) -> None:
    assert adds_up(next(iter(people.values())).nights[-1][0]) > 8
    assert adds_up(sample) > 100
    assert sample.ask("SELECT count(*) FROM hourly_activity WHERE local_hour NOT BETWEEN 0 AND 23") == [(0,)]


def test_no_minute_of_a_day_is_more_than_its_best_one(sample: StudyFolder) -> None:
    days = sample.ask(
        f"""SELECT peak_1_cadence, peak_30_cadence, longest_walking_bout_minutes, walking_minutes,
                   {" + ".join(BANDS)} AS minutes, steps FROM daily_activity WHERE peak_1_cadence IS NOT NULL"""
    )
    assert len(days) > 20
    for peak, mean, bout, walking, counted, steps in days:
        assert Decimal(peak) >= mean >= 0
        assert bout <= walking
        assert 30 * mean <= steps <= 250 * counted or steps == counted == 0


@pytest.mark.parametrize(
    ("zone", "moves", "day", "hours"),
    [
        ("America/New_York", (), "2026-03-05", None),
        ("America/New_York", (), "2026-03-08", [0, 1, *range(3, 24)]),
        ("America/New_York", (), "2025-11-02", [0, 1, 1, *range(2, 24)]),
        ("America/Havana", (), "2026-03-08", [*range(1, 24)]),  # midnight is left out
        ("Australia/Lord_Howe", (), "2026-04-05", []),  # half an hour twice
        ("Europe/London", ((date(2026, 5, 5), "Asia/Tokyo"),), "2026-05-04", []),  # a day of 16 hours
        ("Europe/Berlin", ((date(2026, 5, 5), "Europe/London"),), "2026-05-04", [*range(24), 23]),
        ("Europe/London", ((date(2026, 5, 5), "Europe/Berlin"),), "2026-05-04", [*range(23)]),
    ],
)
def test_the_hours_of_a_date_are_those_that_its_clock_showed(zone: str, moves: tuple, day: str, hours: list) -> None:
    assert ZoneLog("home", zone, moves).hours_of(date.fromisoformat(day)) == hours


# What is published ------------------------------------------------------------------------------------------------


def test_hours_are_published_as_study_toml_asks_for_and_are_known_when_it_begins_to_ask(alone: StudyFolder) -> None:
    alone.settings = "[publish]\nhourly = false\n"
    alone.write().put(f"P1/steps_{DAY}.csv", fitbit_day(DAY)[f"steps_{DAY}.csv"])
    assert alone.night().days > 0
    assert alone.ask("FROM hourly_activity") == []
    alone.settings = ""
    run = alone.write().night()
    assert (run.days, run.changes) == (0, 0)
    assert len(alone.ask("FROM hourly_activity")) == 24


@pytest.mark.parametrize(
    ("count", "said", "hourly"), [(1000, "", True), (1001, "", False), (1001, "hourly = true", True)]
)
def test_above_a_thousand_people_hours_are_published_only_where_they_are_asked_for(
    tmp_path: Path, count: int, said: str, hourly: bool
) -> None:
    study = StudyFolder(tmp_path / "study", [f"N{n},,," for n in range(count)], [], [], settings=f"[publish]\n{said}\n")
    assert read_study(study.write().folder).hourly == hourly
