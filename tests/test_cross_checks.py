"""What the collected files say twice must agree: the readers' numbers against other columns and other files.

The files are excerpts of real exports, so only what lies in them is compared; without them these tests are skipped.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
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
