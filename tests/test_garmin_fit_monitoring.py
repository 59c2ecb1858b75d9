"""Garmin's all-day counters: whose day, which steps, how long, and when the watch was worn."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

import connectors
from connectors import garmin_fit_monitoring
from models.activity import Extract
from tests.test_fit_reader import an_export, public_files, refusal, taken
from tests.writers import fit

__all__ = ["public_files"]  # a fixture

BERLIN = ZoneInfo("Europe/Berlin")
HOME = "Europe/Berlin"
DAY = date(2026, 3, 2)
MINUTES = timedelta(minutes=1)


def at(hour: int, minute: int = 0, second: int = 0, day: date = DAY, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)


def walked(*walks: tuple[datetime, int, int]) -> list[fit.Counter]:
    return fit.counters([(start, minutes * MINUTES, steps) for start, minutes, steps in walks])


def most(extract: Extract, column: str = "steps") -> dict[tuple[date, int], int]:
    """The largest total per day and kind: what a day is made of."""
    rows = extract.readings.drop_nulls(["activity_type", column])
    largest = rows.group_by("local_date", "activity_type").agg(pl.col(column).max())
    return {(day, kind): value for day, kind, value in largest.iter_rows()}


def a_low_row(records: fit.Records, **fields: int) -> None:
    records.put(55, {int(name[1:]): value for name, value in fields.items()})


def begun(begin: datetime, local_time: bool = True) -> fit.Records:
    records = fit.Records()
    records.put(0, {0: 32, 1: 1, 2: 3290, 3: 77})
    if local_time:
        offset = begin.utcoffset()
        assert offset is not None
        records.put(103, {253: fit.seconds(begin), 0: fit.seconds(begin) + int(offset.total_seconds())})
    return records


def test_a_days_totals_belong_to_the_day_that_ends_at_their_midnight() -> None:
    got = taken(fit.monitoring_day(at(0), counters=walked((at(10), 30, 3000))), HOME)
    assert set(got.readings["local_date"]) == {DAY}
    assert most(got) == {(DAY, 6): 3000}
    last = got.readings.filter(pl.col("steps").is_not_null()).row(-1, named=True)
    assert last["end_time"] == at(0, day=DAY + timedelta(days=1))


def test_totals_repeated_at_the_first_instant_of_a_file_are_of_the_day_before() -> None:
    records = begun(at(0))
    a_low_row(records, _253=fit.seconds(at(0)), _5=6, _3=8000)
    a_low_row(records, _253=fit.seconds(at(0)), _37=0, _38=0)
    got = taken(records.file(), HOME)
    assert most(got) == {(DAY - timedelta(days=1), 6): 8000}
    assert got.readings.height == 1


def test_steps_are_the_raw_count_of_walking_and_running_and_not_of_turning_cranks() -> None:
    counters = [(at(9), 6, 1000, 10 * MINUTES), (at(10), 1, 400, 3 * MINUTES), (at(11), 2, 900, 20 * MINUTES)]
    got = taken(fit.monitoring_day(at(0), counters=counters), HOME)
    assert most(got) == {(DAY, 6): 1000, (DAY, 1): 400}
    assert most(got, "active_ms") == {(DAY, 6): 600_000, (DAY, 1): 180_000, (DAY, 2): 1_200_000}


def test_a_kind_of_movement_no_profile_knows_is_kept_as_its_number() -> None:
    got = taken(fit.monitoring_day(at(0), counters=[(at(9), 9, 50, 4 * MINUTES)]), HOME)
    assert most(got, "active_ms") == {(DAY, 9): 240_000}
    assert most(got) == {}


def test_a_file_that_begins_at_noon_carries_the_totals_of_the_morning() -> None:
    got = taken(fit.monitoring(at(11, 39), at(18), counters=[(at(11, 45), 6, 7675, 80 * MINUTES)], summary=False), HOME)
    assert most(got) == {(DAY, 6): 7675}


def test_a_missing_file_between_two_syncs_loses_no_steps_and_no_intensity() -> None:
    morning = fit.monitoring(at(0), at(8), counters=walked((at(7), 10, 900)), intensity=[(at(7, 10), 5, 1)])
    evening = fit.monitoring(
        at(18), at(0, day=date(2026, 3, 3)), counters=[(at(19), 6, 5200, 60 * MINUTES)], before=(30, 4)
    )
    got = [taken(data, HOME) for data in (morning, evening)]
    assert max(most(one)[DAY, 6] for one in got) == 5200
    days = pl.concat(one.readings for one in got).filter(local_date=DAY)
    assert days["moderate_total_min"].max() == 30
    assert days["vigorous_total_min"].max() == 4


def test_the_same_rows_at_the_seam_of_two_files_change_nothing() -> None:
    row = (at(12), 6, 4000, 40 * MINUTES)
    first, second = fit.monitoring(at(0), at(12), counters=[row]), fit.monitoring(at(12), at(13), counters=[row])
    assert most(taken(first, HOME)) == most(taken(second, HOME)) == {(DAY, 6): 4000}


def test_intensity_minutes_are_of_the_whole_day_and_not_of_a_kind() -> None:
    got = taken(fit.monitoring_day(at(0), intensity=[(at(9), 22, 2), (at(15), 4, 0)]), HOME)
    rows = got.readings.filter(pl.col("moderate_increment_min").is_not_null())
    assert rows["activity_type"].null_count() == 2
    assert rows["moderate_increment_min"].to_list() == [22, 4]
    assert rows["vigorous_increment_min"].to_list() == [2, 0]
    assert got.readings["moderate_total_min"].drop_nulls().to_list() == [22, 26, 26]


def test_an_old_watch_without_running_totals_has_only_the_increments() -> None:
    got = taken(fit.monitoring_day(at(0), intensity=[(at(9), 22, 2)], totals=False), HOME)
    assert got.readings["moderate_total_min"].null_count() == got.readings.height
    assert got.readings["moderate_increment_min"].sum() == 22


def test_times_of_16_bits_are_counted_on_from_row_to_row() -> None:
    beats = [at(0, 1) + n * 10 * MINUTES for n in range(140)]  # 23 hours: the 16 bits begin anew on the way
    got = taken(fit.monitoring_day(at(0), heart=beats), HOME)
    assert got.minutes["start_time"].to_list() == beats
    assert set(got.minutes["local_date"]) == {DAY}


def test_rows_without_anything_of_use_still_carry_the_time_forward() -> None:
    records = begun(at(0))
    for hour in (8, 16, 23):  # metres climbed: not wanted, but the clock
        records.put(55, {26: fit.seconds(at(hour)) & 0xFFFF, 35: 1})
    records.put(55, {26: fit.seconds(at(23, 59)) & 0xFFFF, 27: 60})
    got = taken(records.file(), HOME)
    assert got.minutes["start_time"].to_list() == [at(23, 59)]


def test_a_row_that_is_written_late_lies_where_its_low_bits_say() -> None:
    """The nearest time, up to nine hours either way: never 18 hours ahead for a row of a minute ago."""
    records = begun(at(0))
    for hour, minute in ((8, 0), (9, 30), (9, 29), (0, 40), (9, 31)):
        a_low_row(records, _26=fit.seconds(at(hour, minute)) & 0xFFFF, _27=60)
    got = taken(records.file(), HOME)
    told = [at(8), at(9, 30), at(9, 29), at(0, 40), at(9, 31)]
    assert got.minutes["start_time"].to_list() == told


def test_times_in_minutes_of_8_bits_are_counted_on() -> None:
    records = begun(at(0))
    for minutes in (200, 400, 600):
        a_low_row(records, _25=(fit.seconds(at(0)) // 60 + minutes) & 0xFF, _27=60)
    got = taken(records.file(), HOME)
    assert got.minutes["start_time"].to_list() == [at(0) + n * MINUTES for n in (200, 400, 600)]


def test_a_row_before_any_full_time_is_refused() -> None:
    records = begun(at(0), local_time=False)
    a_low_row(records, _26=77, _27=60)
    assert refusal(records.file()).place == "FIT monitoring"


def test_a_file_without_its_information_is_dated_by_the_log() -> None:
    got = taken(fit.monitoring(at(0), at(8), counters=walked((at(7), 10, 900)), info=False), HOME)
    assert (got.tz_source, most(got)) == ("participant_home", {(DAY, 6): 900})


def test_low_16_bits_of_counters_are_counted_on_per_kind() -> None:
    records = begun(at(0))
    a_low_row(records, _253=fit.seconds(at(9)), _5=6, _3=65_500, _4=65_500_000)
    a_low_row(records, _253=fit.seconds(at(10)), _5=6, _9=64, _10=63)
    a_low_row(records, _253=fit.seconds(at(11)), _5=1, _9=200, _10=100)
    got = taken(records.file(), HOME)
    assert most(got) == {(DAY, 6): 65_600, (DAY, 1): 200}
    assert most(got, "active_ms") == {(DAY, 6): 65_599_000, (DAY, 1): 100_000}


def test_the_low_16_bits_begin_anew_with_the_day() -> None:
    records = begun(at(9))
    a_low_row(records, _253=fit.seconds(at(20)), _5=6, _9=5000)
    a_low_row(records, _253=fit.seconds(at(8, day=date(2026, 3, 3))), _5=6, _9=100)
    assert most(taken(records.file(), HOME)) == {(DAY, 6): 5000, (date(2026, 3, 3), 6): 100}


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_totals_of_a_day_with_a_clock_change_stay_on_it(day: date, hours: int) -> None:
    beats = [at(0, day=day).astimezone(UTC) + timedelta(hours=n) for n in range(hours)]
    got = taken(fit.monitoring_day(at(0, day=day), counters=walked((at(10, day=day), 30, 3000)), heart=beats), HOME)
    assert got.tz_source == "participant_home"
    assert most(got) == {(day, 6): 3000}
    assert set(got.minutes["local_date"]) == {day}


def test_a_day_far_from_home_is_dated_by_the_file() -> None:
    midnight = at(0, zone=ZoneInfo("Asia/Tokyo"))
    walks = walked((midnight + timedelta(hours=1), 10, 700), (midnight + timedelta(hours=23), 10, 300))
    got = taken(fit.monitoring_day(midnight, counters=walks), "America/New_York")
    assert (got.tz_source, most(got)) == ("record_offset", {(DAY, 6): 1000})


def test_the_heart_rate_is_kept_as_presence_only_and_once_a_minute() -> None:
    beats = [at(9), at(9, 0, 20), at(9, 0, 59), at(9, 1)]
    got = taken(fit.monitoring_day(at(0), heart=beats), HOME)
    assert got.minutes["start_time"].to_list() == [at(9), at(9, 1)]
    assert set(got.minutes["value"]) == {1}
    assert set(got.minutes["metric"]) == {"heart_rate"}
    assert got.readings.drop_nulls("steps").is_empty()


def test_a_heart_rate_of_nought_is_a_watch_that_is_not_worn() -> None:
    records = begun(at(0))
    a_low_row(records, _253=fit.seconds(at(9)), _27=0)
    assert taken(records.file(), HOME).minutes.is_empty()


def test_the_beat_at_midnight_is_of_the_new_day() -> None:
    got = taken(fit.monitoring_day(at(0), heart=[at(0), at(23, 59)]), HOME)
    assert got.minutes["local_date"].to_list() == [DAY, DAY]


def test_activities_and_counters_of_one_watch_are_of_one_device() -> None:
    counted = taken(fit.monitoring_day(at(0), counters=walked((at(9), 10, 900)), serial=5), HOME)
    recorded = taken(fit.activity([fit.Session(at(9), 10 * MINUTES)], serial=5), HOME)
    assert set(counted.readings["device"]) == set(recorded.sessions["device"])
    assert set(counted.readings["source"]) == {"garmin"}


@pytest.mark.parametrize("kind", [15, 28, 32])
def test_the_three_kinds_of_monitoring_file_are_read(kind: int) -> None:
    data = fit.monitoring(at(0), at(8), counters=walked((at(7), 10, 900)), kind=kind)
    assert connectors.identify(an_export(data)) == "garmin_fit_monitoring"
    assert most(taken(data, HOME)) == {(DAY, 6): 900}


def test_a_damaged_monitoring_file_is_claimed_and_refused() -> None:
    data = fit.monitoring_day(at(0), heart=[at(9)])[:-20]
    assert garmin_fit_monitoring.identify(an_export(data))
    assert "cut off" in refusal(data).found


@pytest.mark.parametrize("field", [{"_3": 1_000_000_000}, {"_4": 180_000_001}, {"_33": 2000}, {"_37": 2000}])
def test_totals_that_no_day_has_are_refused(field: dict[str, int]) -> None:
    records = begun(at(0))
    a_low_row(records, _253=fit.seconds(at(9)), _5=6, **field)
    assert "cannot be" in refusal(records.file()).found


def test_chained_days_are_both_read() -> None:
    days = [date(2026, 3, 2), date(2026, 3, 3)]
    data = b"".join(fit.monitoring_day(at(0, day=d), counters=walked((at(9, day=d), 10, 900))) for d in days)
    assert most(taken(data, HOME)) == {(d, 6): 900 for d in days}


def test_the_watch_of_the_public_sample_walked_3142_steps_and_ran_31(public_files: list[Path]) -> None:
    for path in (path for path in public_files if path.name.startswith("MonitoringFile")):
        got = taken(path.read_bytes(), "Europe/Berlin")
        day = date(2014, 12, 27)
        assert most(got) == {(day, 6): 3142, (day, 1): 31}
        assert most(got, "active_ms") == {(day, 6): 607_000, (day, 1): 3000}
        assert got.minutes.is_empty()
