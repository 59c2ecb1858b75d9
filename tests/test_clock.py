"""Local times become instants by the column, exactly as the rule has it for one row after the other."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from connectors.kit.offsets import wall_to_utc
from models.activity import session_row
from models.clock import INSTANT, Clock, FixedOffset, SuspectClock, ZoneLog

LOGS = {
    "New York": ZoneLog("home", "America/New_York"),
    "a gap at midnight": ZoneLog("home", "America/Santiago"),
    "half an hour": ZoneLog("home", "Australia/Lord_Howe"),
    "a minute after midnight": ZoneLog("home", "America/St_Johns"),
    "moves": ZoneLog(
        "home", "Europe/Berlin", ((date(2010, 3, 10), "America/Chicago"), (date(2010, 11, 9), "Asia/Tokyo"))
    ),
}
CHANGES = [
    datetime(2010, 3, 13),
    datetime(2010, 3, 27),
    datetime(2010, 4, 3),
    datetime(2010, 10, 9),
    datetime(2010, 11, 6),
]
CHANGES += [datetime(2010, 3, 9), datetime(2010, 11, 8), datetime(2010, 4, 2), datetime(2010, 10, 30)]


def by_rows(log: ZoneLog, local: list[datetime]) -> list[tuple[datetime, str | None]]:
    """R3.5, one row after the other."""
    out: list[tuple[datetime, str | None]] = []
    previous, fold = None, 0
    for naive in local:
        zone = [s.zone for s in log._stays() if s.since <= naive.replace(tzinfo=s.zone).astimezone(UTC)][-1]
        first, flag = naive.replace(tzinfo=zone), None
        if first.utcoffset() == naive.replace(tzinfo=zone, fold=1).utcoffset():
            fold = 0
        elif first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive:
            flag, fold = "nonexistent_local_time", 0
        else:
            flag = "ambiguous_local_time"
            fold = 1 if fold or (previous is not None and naive < previous) else 0
        out.append((naive.replace(tzinfo=zone, fold=fold).astimezone(UTC), flag))
        previous = naive
    return out


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("order", ["rising", "falling", "mixed", "the hour twice"])
def test_a_column_of_local_times_is_read_as_one_row_after_the_other(name: str, order: str) -> None:
    log, rng = LOGS[name], random.Random(name + order)
    local = [at + timedelta(minutes=n) for at in sorted(CHANGES) for n in range(0, 2 * 1440, 13)]
    if order == "the hour twice":
        local = [t for at in local[::9] for t in (at, at + timedelta(minutes=40), at)]
    local = {"falling": local[::-1], "mixed": rng.sample(local, len(local))}.get(order, local)
    assert log.to_utc(local) == by_rows(log, local)


@pytest.mark.parametrize("name", LOGS)
def test_a_long_column_of_instants_is_dated_as_one_instant_after_the_other(name: str) -> None:
    log = LOGS[name]
    instants = [at.replace(tzinfo=UTC) + timedelta(minutes=n) for at in sorted(CHANGES) for n in range(0, 2 * 1440, 13)]
    column = pl.Series([*instants, None], dtype=pl.Datetime("ms", "UTC"))
    assert log.local_dates(column).to_list() == [*map(log.date_of, instants), None]


@pytest.mark.parametrize("log", [*LOGS.values(), FixedOffset("record_offset", timedelta(hours=9))], ids=str)
def test_the_offsets_of_a_column_of_instants_are_those_of_one_instant_after_the_other(log: Clock) -> None:
    instants = [(day + n * timedelta(minutes=30)).replace(tzinfo=UTC) for day in CHANGES for n in range(96)]
    column = pl.Series([*instants, None], dtype=INSTANT)
    assert log.offsets_at(column).to_list() == [*map(log.offset_at, instants), None]


def test_minutes_inside_a_quarter_in_which_the_clocks_change_are_read_one_by_one() -> None:
    log = LOGS["a minute after midnight"]  # Newfoundland, 7 November 2010, 00:01: back to 23:01 of the day before
    local = [datetime(2010, 11, 6, 23, 0) + timedelta(minutes=n) for n in range(62)]
    assert log.to_utc(local) == by_rows(log, local)
    assert {flag for _, flag in log.to_utc(local)} == {None, "ambiguous_local_time"}


def test_a_fixed_offset_and_an_empty_column_are_read() -> None:
    fixed = FixedOffset("record_offset", timedelta(hours=-5))
    assert fixed.to_utc([datetime(2026, 3, 8, 2, 30)]) == [(datetime(2026, 3, 8, 7, 30, tzinfo=UTC), None)]
    assert fixed.to_utc([]) == []


def test_the_hour_that_happens_twice_is_told_by_the_order_whichever_end_comes_first() -> None:
    zone = ZoneInfo("America/New_York")
    instants = [datetime(2025, 11, 2, 4, tzinfo=UTC) + timedelta(minutes=20 * n) for n in range(12)]
    local = pl.Series([t.astimezone(zone).replace(tzinfo=None) for t in instants], dtype=pl.Datetime("ms"))
    assert wall_to_utc(local, LOGS["New York"])[0].to_list() == instants
    assert wall_to_utc(local.reverse(), LOGS["New York"])[0].to_list() == instants[::-1]
    unordered = pl.concat([local, local])
    told, notes = wall_to_utc(unordered, LOGS["New York"])
    assert told.n_unique() == 9  # the hour is taken for the first one
    assert notes


def test_a_date_ends_where_the_zone_that_skips_the_next_one_begins() -> None:
    log = ZoneLog("zone_log", "Pacific/Pago_Pago", ((date(2026, 3, 6), "Pacific/Kiritimati"),))
    move = datetime(2026, 3, 5, 10, tzinfo=UTC)  # 23:00 of 4 March on Pago Pago
    assert log.day_bounds(date(2026, 3, 4)) == (datetime(2026, 3, 4, 11, tzinfo=UTC), move)
    assert log.day_bounds(date(2026, 3, 5)) == (move, move)
    assert log.day_bounds(date(2026, 3, 6))[0] == move
    hour = timedelta(hours=1)
    pieces = log.split(move - hour, move + hour)
    assert pieces == [(move - hour, move, date(2026, 3, 4)), (move, move + hour, date(2026, 3, 6))]


def session(log: ZoneLog | FixedOffset, start: datetime, lasts: timedelta) -> tuple[date, int, date]:
    """When it began on the wall, and the date on which it ended."""
    made = session_row(log, source="garmin", device=None, activity="walking", vendor_activity=None, start=start,
                       end=start + lasts)  # fmt: skip
    return made["local_date"], made["local_start_minute"], made["local_end_date"]


def test_a_session_begins_at_the_minute_that_the_clock_on_the_wall_showed_and_ends_on_the_date_of_its_last_moment() -> (
    None
):
    log, hour, moment = LOGS["New York"], timedelta(hours=1), timedelta(milliseconds=1)
    spring, autumn = date(2010, 3, 14), date(2010, 11, 7)
    assert session(log, datetime(2010, 3, 14, 7, 30, tzinfo=UTC), hour) == (spring, 3 * 60 + 30, spring)
    first, second = datetime(2010, 11, 7, 5, 30, tzinfo=UTC), datetime(2010, 11, 7, 6, 30, tzinfo=UTC)
    assert session(log, first, hour) == session(log, second, hour) == (autumn, 90, autumn)
    late = datetime(2010, 7, 5, 3, 59, 59, tzinfo=UTC)
    fourth, fifth = date(2010, 7, 4), date(2010, 7, 5)
    assert session(log, late, timedelta(seconds=1)) == (fourth, 1439, fourth)  # to midnight sharp
    assert session(log, late, timedelta(seconds=1) + moment) == (fourth, 1439, fifth)
    assert session(log, late + timedelta(seconds=1), timedelta(0)) == (fifth, 0, fifth)
    # the day before a flight west is long, and its clock goes on past midnight
    before = datetime(2010, 3, 10, 1, tzinfo=UTC)
    assert session(LOGS["moves"], before, hour) == (date(2010, 3, 9), 120, date(2010, 3, 9))


def test_where_a_session_lies_on_the_wall_makes_no_further_date_suspect() -> None:
    clock = SuspectClock("record_offset", timedelta(hours=9))
    begins = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    assert session(clock, begins, timedelta(minutes=30)) == (date(2026, 3, 5), 23 * 60 + 30, date(2026, 3, 5))
    assert clock.gave == {date(2026, 3, 5)}
