"""What is read from the CSV files of Fitabase."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from connectors.kit.export import Export
from models.clock import ZoneLog
from models.fault import Rejected
from tests.writers import fitabase as writer
from tests.writers.fitabase import Day

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "fitabase"
TUESDAY = date(2016, 4, 12)


def export(content: bytes, name: str = "merged.csv") -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes, name: str = "merged.csv"):
    assert identify(export(content, name)) == "fitabase"
    return extract("fitabase", export(content, name), CONTEXT)


def test_a_day_has_steps_and_light_moderate_and_vigorous_minutes():
    (day,) = read(writer.daily([Day(TUESDAY, 13_162, very=25, fairly=13, lightly=328)])).daily_totals.to_dicts()
    assert day == {
        "source": "fitbit",
        "device": None,
        "local_date": TUESDAY,
        "steps": 13_162,
        "walking_ms": None,
        "light_ms": 328 * 60_000,
        "moderate_ms": 780_000,
        "vigorous_ms": 1_500_000,
        "mvpa_ms": None,
        "day_basis": "local",
    }


def test_a_day_of_nothing_but_sitting_is_one_without_the_tracker():
    result = read(writer.daily([Day(TUESDAY, 5), Day(date(2016, 4, 13), lightly=0, sedentary=1440)]))
    assert result.daily_totals["local_date"].to_list() == [TUESDAY]
    assert result.notes == ["1 days without the tracker: not known"]


def test_minutes_are_local_time_and_dated_so():
    rows = [(datetime(2016, 4, 12, 0, 34), 41), (datetime(2016, 4, 12, 12, 0), 0), (datetime(2016, 4, 12, 23, 59), 7)]
    minutes = read(writer.minutes("Steps", rows)).minutes
    assert minutes.select("start_time", "local_date", "value").rows() == [
        (datetime(2016, 4, 12, 4, 34, tzinfo=UTC), TUESDAY, 41),
        (datetime(2016, 4, 12, 16, 0, tzinfo=UTC), TUESDAY, 0),
        (datetime(2016, 4, 13, 3, 59, tzinfo=UTC), TUESDAY, 7),
    ]


def test_intensities_are_light_moderate_and_vigorous_and_sitting_is_not_kept():
    start = datetime(2016, 4, 12, 8)
    rows = [(start + timedelta(minutes=n), n) for n in range(4)]
    minutes = read(writer.minutes("Intensity", rows)).minutes
    assert minutes.select("metric", "value").rows() == [("active_minutes", n) for n in (0, 1, 2)]


def test_the_hour_that_happens_twice_is_told_apart_by_the_order_of_the_rows():
    night = [datetime(2016, 11, 6, 0, 59), *[datetime(2016, 11, 6, 1, m) for m in (0, 59, 0, 59)]]
    minutes = read(writer.minutes("Steps", [(t, n) for n, t in enumerate(night)])).minutes
    assert minutes.height == 5
    assert minutes["start_time"][4] - minutes["start_time"][0] == timedelta(hours=2)


def test_the_minutes_that_the_clock_skips_in_spring_are_no_minutes():
    day = [datetime(2016, 3, 13) + timedelta(minutes=n) for n in range(1440)]
    minutes = read(writer.minutes("Steps", [(t, 0 if t.hour == 2 else 7) for t in day])).minutes
    assert (minutes.height, minutes["value"].sum()) == (1380, 1380 * 7)


def test_an_hour_told_twice_is_refused_unless_the_clocks_went_back_over_it():
    day = [(datetime(2016, 4, 12, n), 100) for n in range(24)]
    with pytest.raises(Rejected, match="ActivityHour"):
        read(writer.hours([*day, day[3]]))
    autumn = [(datetime(2016, 11, 6, n), 100) for n in (0, 1, 1, *range(2, 24))]
    assert read(writer.hours(autumn)).daily_totals["steps"].to_list() == [2500]


def test_hours_are_summed_for_days_that_are_whole():
    hours = [(datetime(2016, 4, 12, 12) + timedelta(hours=n), n) for n in range(40)]
    for resaved in (False, True):
        result = read(writer.hours(hours, resaved))
        assert result.daily_totals.select("local_date", "steps").rows() == [(date(2016, 4, 13), sum(range(12, 36)))]
        assert result.notes == ["2 days of which hours are missing: left out"]


def test_several_people_in_one_file_are_refused_without_naming_them():
    with pytest.raises(Rejected) as caught:
        read(writer.daily([Day(TUESDAY, 5), Day(TUESDAY, 9, person="2000000002")]))
    assert "split the file per participant" in str(caught.value)
    assert "2000000002" not in str(caught.value)


@pytest.mark.parametrize("form", ["%m/%d/%y", "%m/%d/%Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"])
def test_dates_saved_again_by_a_spreadsheet_are_read_where_they_leave_no_doubt(form):
    days = [Day(date(2016, 4, n), 100 * n) for n in (11, 12, 13)]
    totals = read(writer.daily(days, lambda d: d.strftime(form))).daily_totals
    assert totals.select("local_date", "steps").rows() == [(d.day, d.steps) for d in days]


def test_dates_that_can_be_read_in_two_orders_are_refused():
    days = [Day(date(2016, 4, n), 100) for n in (10, 11, 12)]
    with pytest.raises(Rejected, match="two orders"):
        read(writer.daily(days, lambda d: d.strftime("%d/%m/%Y")))
    mixed = writer.daily([*days, Day(date(2016, 4, 13), 5)]).replace(b"4/10/2016", b"14/4/2016")
    with pytest.raises(Rejected, match="two orders"):
        read(mixed)


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        (b"Steps\r", b"Stepps\r", "line 1, column Steps"),
        (b"12:34:00 AM", b"25:61:00 AM", "line 2, column ActivityMinute"),
        (b"12:34:00 AM", b"13:34:00 PM", "line 2, column ActivityMinute"),
        (b"12:34:00 AM", b"12:34:30 AM", "line 2, column ActivityMinute"),
        (b"4/12/2016", b"4/31/2016", "line 2, column ActivityMinute"),
        (b"4/12/2016", b"4/12/2036", "line 2, column ActivityMinute"),
        (b"4/12/2016 12:34:00 AM", b"-inf", "line 2, column ActivityMinute"),
        (b",41", b",-3", "line 2, column Steps"),
        (b",41", b",1000000000", "line 2, column Steps"),
        (b",41\r\n", b"\r\n", "line 2"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(before, after, place):
    content = writer.minutes("Steps", [(datetime(2016, 4, 12, 0, 34), 41)])
    assert before in content
    with pytest.raises(Rejected) as caught:
        read(content.replace(before, after), "minuteStepsNarrow_merged.csv")
    assert caught.value.fault.place == place


def test_a_minute_twice_is_one_and_with_two_figures_none():
    at = datetime(2016, 4, 12, 8)
    assert read(writer.minutes("Steps", [(at, 5), (at, 5)])).minutes.height == 1
    with pytest.raises(Rejected, match="line 3"):
        read(writer.minutes("Steps", [(at, 5), (at, 6)]))


@pytest.mark.parametrize(("name", "content"), writer.sample().items())
def test_a_damaged_file_is_rejected_or_read_right_and_never_breaks_the_reader(name, content):
    whole = extract("fitabase", export(content, name), CONTEXT).rows
    start = content.index(b"\r\n")
    for at in range(start, len(content), 17):
        for damaged in (content[:at], content[:at] + b"\xfe" + content[at + 1 :], content[:at] + content[at + 4 :]):
            with suppress(Rejected):
                assert extract("fitabase", export(damaged, name), CONTEXT).rows <= whole


@pytest.mark.parametrize(
    "head",
    ["Id,ActivityHour,Steps00,Steps01", "Id,SleepDay,TotalSleepRecords,TotalMinutesAsleep", "Id,Time,Value"],
)
def test_what_travels_with_an_export_is_ignored_with_a_reason(head):
    assert isinstance(identify(export(f"{head}\r\n".encode())), Ignored)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_files_seen_in_the_wild_are_read():
    found = {path.stem: read(path.read_bytes()) for path in SHARED.glob("*.csv")}
    assert found["minuteStepsNarrow_merged"].minutes["value"].sum() == 185
    assert found["minuteIntensitiesNarrow_merged"].minutes["value"].to_list() == [0, 0]
    days = found["dailyActivity_merged_resaved"].daily_totals
    assert days.select("local_date", "steps").row(0) == (TUESDAY, 13_162)
    assert days.height == 7
    hours = found["hourlySteps_merged_resaved"]
    assert (hours.rows, hours.notes) == (0, ["1 days of which hours are missing: left out"])
