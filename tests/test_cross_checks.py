"""What the collected files say twice must agree: the readers' numbers against other columns and other files.

The files are excerpts of real exports, so only what lies in them is compared; without them these tests are skipped, and
one whose two sides meet in none of them says why. Not to be checked on excerpts: Fitbit's merged JSON against its UTC
table, and the cadence of its "very active" minutes (steps and judgements at hand are of different years); Zepp's and
Polar's minutes against their days, Garmin's days against its weeks (the values at hand are invented).
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from models.activity import Extract
from tests.fuzzing import read

HERE = Path(__file__).parents[1].parent / "shared" / "data" / "exports"
pytestmark = pytest.mark.skipif(not HERE.is_dir(), reason="the collected exports are not beside this checkout")


def extract(path: str) -> Extract:
    result = read(path, (HERE / path).read_bytes())
    assert isinstance(result, Extract), result
    return result


def rows(path: str, skip: int = 0) -> list[dict[str, str]]:
    text = (HERE / path).read_text(encoding="utf-8-sig").splitlines()[skip:]
    return list(csv.DictReader(text))


def test_google_fits_quarters_of_an_hour_sum_to_its_daily_file() -> None:
    quarters = rows("google_fit/2025-01-30.csv")
    daily = extract("google_fit/Daily activity metrics_2025.csv").daily_totals
    (day,) = daily.filter(pl.col("local_date") == date(2025, 1, 30)).to_dicts()
    counts = ("Step count", "Walking duration (ms)", "Heart Minutes", "Heart Points")
    sums = {name: sum(float(row[name] or 0) for row in quarters) for name in counts}
    assert len(quarters) == 96
    assert day["steps"] == sums["Step count"]
    assert day["walking_ms"] == sums["Walking duration (ms)"]
    assert day["mvpa_ms"] == 60_000 * sums["Heart Minutes"]
    assert day["moderate_ms"] + 2 * day["vigorous_ms"] == 60_000 * sums["Heart Points"]


def test_google_fits_heart_points_are_one_or_two_a_heart_minute_on_every_day() -> None:
    days = [row for row in rows("google_fit/Daily activity metrics_2025.csv") if row["Heart Minutes"]]
    assert len(days) > 10
    assert all(1 <= float(row["Heart Points"]) / float(row["Heart Minutes"]) <= 2 for row in days)
    assert all(float(row["Heart Minutes"]) <= float(row["Move Minutes count"]) for row in days)
    totals = extract("google_fit/Daily activity metrics_2025.csv").daily_totals.drop_nulls("mvpa_ms")
    assert (totals["moderate_ms"] + totals["vigorous_ms"] == totals["mvpa_ms"]).all()


def test_fitbit_says_one_thing_of_each_active_minute() -> None:
    said = rows("fitbit_takeout_2024/active_minutes_2023-07-01.csv")
    assert all(sum(int(row[name]) for name in ("light", "moderate", "very")) == 1 for row in said)
    minutes = extract("fitbit_takeout_2024/active_minutes_2023-07-01.csv").minutes
    told = Counter(minutes["value"].to_list())
    assert [told[n] for n in range(3)] == [sum(int(r[name]) for r in said) for name in ("light", "moderate", "very")]


def test_fitbits_zone_minutes_are_rows_and_its_totals_double_the_high_zones() -> None:
    said = rows("fitbit_takeout_2024/active_zone_minutes_2024-08-01.csv")
    points = {"fat burn": "1", "cardio": "2", "peak": "2"}
    assert all(row["total minutes"] == points[row["heart rate zone"]] for row in said)
    minutes = extract("fitbit_takeout_2024/active_zone_minutes_2024-08-01.csv").minutes
    assert minutes.height == len(said)
    assert minutes["value"].sum() == sum(int(row["total minutes"]) for row in said)


def test_samsungs_active_time_is_walking_running_and_the_rest() -> None:
    path = "samsung_health/com.samsung.shealth.activity.day_summary.20260607134546.csv"
    (row,) = rows(path, skip=1)
    parts = [int(row[name]) for name in ("walk_time", "run_time", "others_time")]
    assert sum(parts) == int(row["active_time"])
    assert extract(path).daily_totals["walking_ms"].to_list() == parts[:1]


def test_google_fits_walking_time_is_no_part_of_its_move_minutes_nor_the_other_way_round() -> None:
    said = [row for row in rows("google_fit/Daily activity metrics_2025.csv") if row["Walking duration (ms)"]]
    longer = [float(row["Walking duration (ms)"]) > 60_000 * float(row["Move Minutes count"]) for row in said]
    assert {True, False} == set(longer)
    walked = extract("google_fit/Daily activity metrics_2025.csv").daily_totals["walking_ms"].drop_nulls().to_list()
    assert sorted(walked) == sorted(int(row["Walking duration (ms)"]) for row in said)


@pytest.mark.parametrize(
    ("kind", "count", "merged"),
    [
        ("step_daily_trend", "count", lambda row: row["source_type"] == "-2"),
        ("tracker.pedometer_day_summary", "step_count", lambda row: row["source_info"]),
    ],
)
def test_samsungs_merged_row_is_the_largest_of_its_devices(
    kind: str, count: str, merged: Callable[[dict[str, str]], object]
) -> None:
    path = f"samsung_health/com.samsung.shealth.{kind}.20260607134546.csv"
    days: dict[str, list[dict[str, str]]] = {}
    for row in rows(path, skip=1):
        days.setdefault(row["day_time"], []).append(row)
    several = [day for day in days.values() if len(day) > 1]
    assert several
    for day in several:
        (whole,) = [row for row in day if merged(row)]
        assert int(whole[count]) == max(int(row[count]) for row in day)
    best = sorted(max(int(row[count]) for row in day) for day in days.values())
    assert sorted(extract(path).daily_totals["steps"]) == best


def test_samsungs_files_tell_the_same_steps_of_a_day() -> None:
    folder = "samsung_health/com.samsung.shealth."
    days = [extract(f"{folder}{kind}.20260607134546.csv").daily_totals for kind in (
        "tracker.pedometer_day_summary", "activity.day_summary")]  # fmt: skip
    both = days[0].join(days[1], on="local_date")
    assert both.height
    assert (both["steps"] == both["steps_right"]).all()


def test_withings_walks_hold_the_steps_of_their_minutes() -> None:
    minutes = extract("withings/raw_tracker_steps.csv").minutes
    assert minutes["start_time"].is_unique().all()
    (walk, *_) = extract("withings/activities.csv").sessions.to_dicts()
    inside = minutes.filter(pl.col("start_time").is_between(walk["start_time"], walk["end_time"], closed="left"))
    assert abs(inside["value"].sum() - walk["steps"]) < 0.15 * walk["steps"]


def test_withings_minutes_make_up_its_days() -> None:
    minutes = extract("withings/raw_tracker_steps.csv").minutes.group_by("local_date").agg(pl.col("value").sum())
    days = extract("withings/aggregates_steps.csv").daily_totals.filter(pl.col("steps") > 0)
    both = days.join(minutes, on="local_date")
    if not both.height:
        seen = f"minutes of {minutes['local_date'].min()}, days from {days['local_date'].min()}"
        pytest.skip(f"no date has both its minutes and its day ({seen})")
    near = (both["value"] - both["steps"]).abs() <= 0.01 * both["steps"]
    assert near.sum() >= 0.95 * both.height


def test_withings_names_one_stretch_of_time_twice_and_it_is_one_session() -> None:
    said = Counter((row["von"], row["bis"]) for row in rows("withings/activities.csv"))
    assert max(said.values()) == 2
    sessions = extract("withings/activities.csv").sessions
    assert sessions.height == len(said)
    assert not sessions.select("start_time", "end_time").is_duplicated().any()


def test_hours_of_healthexport_and_qs_access_are_no_more_than_their_days() -> None:
    for hourly, daily in (
        ("apple_healthexport_app/cumulative_hours.csv", "apple_healthexport_app/cumulative_days.csv"),
        ("apple_qs_access/Health Data_hourly.csv", "apple_qs_access/Health Data_daily.csv"),
    ):
        both = extract(hourly).daily_totals.join(extract(daily).daily_totals, on="local_date")
        assert both.height, hourly
        assert (both["steps"] <= both["steps_right"] + 1).all(), hourly


def test_activpals_strides_are_two_steps_and_its_day_is_the_sum_of_its_intervals() -> None:
    said = rows("activpal/Test_Events.csv")
    strides = [row for row in said if row["ActivityCode (0=sedentary, 1= standing, 2=stepping)"] == "2"]
    result = extract("activpal/Test_Events.csv")
    assert result.minutes["value"].sum() == 2 * len(strides)
    assert int(said[-1]["CumulativeStepCount"]) - int(said[0]["CumulativeStepCount"]) == len(strides)


def test_fitbits_json_minutes_are_the_text_of_the_file() -> None:
    path = "google_health_takeout_2026/Global Export Data/steps-2026-09-11.json"
    said = json.loads((HERE / path).read_text(encoding="utf-8"))
    minutes = extract(path).minutes
    assert minutes["value"].sum() == sum(int(entry["value"]) for entry in said)
    first = datetime.strptime(said[0]["dateTime"], "%m/%d/%y %H:%M:%S")
    assert minutes["start_time"].min().replace(tzinfo=None) == first  # type: ignore[union-attr]
    apart = pairwise(minutes["start_time"].to_list())
    assert all((b - a) % timedelta(minutes=1) == timedelta(0) for a, b in apart)
