"""What is read from a Samsung Health export."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import columns_reversed, export, survives
from tests.writers import samsung_health as writer
from tests.writers.samsung_health import Exercise

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "samsung_health"
ONE, TWO = date(2026, 6, 1), date(2026, 6, 2)
AT = datetime(2026, 6, 1, 13, tzinfo=UTC)


def read(content: bytes, name: str = "any.csv"):
    assert identify(export(content, name)) == "samsung_health"
    return extract("samsung_health", export(content, name), CONTEXT)


def steps_of(content: bytes) -> list[tuple]:
    return read(content).daily_totals.select("local_date", "steps").rows()


def test_the_merged_row_is_the_day_and_devices_are_never_added():
    assert steps_of(writer.trend([(ONE, 0, 5000), (ONE, -2, 8000), (ONE, 15, 7600)])) == [(ONE, 8000)]
    assert steps_of(writer.trend([(ONE, 0, 5000), (ONE, 15, 7600)])) == [(ONE, 7600)]
    assert steps_of(writer.summary([(ONE, None, 5200), (ONE, "s.json", 8410), (ONE, None, 8231)])) == [(ONE, 8410)]
    assert steps_of(writer.summary([(ONE, None, 5200), (ONE, None, 4000)])) == [(ONE, 5200)]


def test_the_merged_row_counts_even_where_one_device_says_more():
    assert steps_of(writer.trend([(ONE, 0, 9000), (ONE, -2, 8000)])) == [(ONE, 8000)]


def test_a_day_is_the_date_as_printed_in_utc_in_both_forms():
    for as_text in (False, True):
        assert steps_of(writer.trend([(ONE, -2, 1), (TWO, -2, 2)], as_text)) == [(ONE, 1), (TWO, 2)]


def test_a_day_that_is_no_midnight_in_utc_is_refused():
    with pytest.raises(Rejected) as caught:
        read(writer.trend([(ONE, -2, 1)]).replace(writer.day_time(ONE).encode(), b"1780264800000"))
    assert caught.value.fault.place == "line 3, column day_time"


def test_walk_time_is_walking_and_what_is_not_defined_is_not_read():
    (day,) = read(writer.activity([(ONE, 8410, 2_801_769)])).daily_totals.to_dicts()
    assert (day["steps"], day["walking_ms"], day["mvpa_ms"], day["moderate_ms"]) == (8410, 2_801_769, None, None)
    (day,) = read(writer.vitality([(ONE, 1_260_000), (TWO, None)])).daily_totals.to_dicts()
    assert (day["steps"], day["walking_ms"], day["mvpa_ms"]) == (None, None, 1_260_000)


def test_an_empty_cell_is_not_known_rather_than_zero():
    assert steps_of(writer.trend([(ONE, -2, None), (TWO, -2, 0)])) == [(TWO, 0)]


def test_minutes_belong_to_their_device_and_the_day_of_their_own_offset():
    late = datetime(2026, 6, 2, 3, 30, tzinfo=UTC)
    result = read(writer.minutes([(late, 104)], offset="UTC-0500"))
    (row,) = result.minutes.to_dicts()
    assert (row["start_time"], row["local_date"], row["value"]) == (late, ONE, 104)
    assert row["device"]
    assert "d1" not in row["device"]
    assert result.tz_source == "record_offset"
    (other,) = read(writer.minutes([(late, 104)], device="d2", offset="UTC+0200")).minutes.to_dicts()
    assert other["device"] != row["device"]
    assert other["local_date"] == TWO


def test_the_same_minute_twice_is_one_and_a_longer_row_is_left_to_the_day():
    twice = writer.minutes([(AT, 50), (AT, 60)])
    assert read(twice).minutes["value"].to_list() == [60]
    end = (AT + timedelta(minutes=1)).strftime("%H:%M:%S").encode()
    long = read(writer.minutes([(AT, 50)]).replace(end, b"13:10:00"))
    assert long.minutes.height == 0
    assert long.daily_totals["local_date", "steps"].rows() == [(ONE, 50)]
    beside = writer.minutes([(AT, 50), (AT + timedelta(hours=5), 30)]).replace(end, b"13:10:00")
    assert read(beside).daily_totals.is_empty()
    assert read(beside).notes == ["1 rows of more than a minute, on days with minutes: left out"]


def test_an_exercise_is_its_timer_at_its_offset_and_its_title_is_never_read():
    start = datetime(2026, 6, 1, 23, 10, tzinfo=UTC)
    walk = Exercise(1001, start, start + timedelta(minutes=26), timedelta(minutes=25), 2600, "UTC+0200")
    result = read(writer.exercises([walk], title="with Anna"))
    (session,) = result.sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"], session["steps"]) == ("walking", "1001", 2600)
    assert (session["local_date"], session["timer_ms"]) == (TWO, 25 * 60_000)
    assert "Anna" not in str(session)


@pytest.mark.parametrize(
    ("code", "activity"),
    [
        *[(1002, "running"), (13001, "hiking"), (9001, "pilates"), (8001, "dance"), (10013, "strength")],
        *[(10007, "hiit"), (10010, "other"), (0, "other"), (1007, "other"), (99999, "other")],
    ],
)
def test_codes_are_mapped_and_unknown_ones_kept_as_other(code, activity):
    (session,) = read(writer.exercises([Exercise(code, AT, AT + timedelta(hours=1), count=20)])).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == (activity, str(code))
    assert session["steps"] == (20 if activity in ("running", "hiking") else None)


def test_a_row_may_end_without_the_extra_comma_and_a_new_column_is_noted():
    names = ["day_time", "mood", "count", "source_type"]
    result = read(writer.table("step_daily_trend", names, [(writer.day_time(ONE), "x", 7, -2)], comma=""))
    assert result.daily_totals["steps"].to_list() == [7]
    assert result.notes == ["new column 'mood': not read"]


@pytest.mark.parametrize(
    ("names", "row", "place"),
    [
        (("day_time", "steps", "source_type"), (writer.day_time(ONE), 7, -2), "line 2, column count"),
        (("day_time", "count", "source_type"), (writer.day_time(ONE), -7, -2), "line 3, column count"),
        (("day_time", "count", "source_type"), ("2026-13-01", 7, -2), "line 3, column day_time"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(names, row, place):
    with pytest.raises(Rejected) as caught:
        read(writer.table("step_daily_trend", names, [row]))
    assert caught.value.fault.place == place


def test_an_exercise_that_ends_before_it_starts_is_rejected():
    with pytest.raises(Rejected, match="end before the start"):
        read(writer.exercises([Exercise(1001, AT, AT - timedelta(minutes=1), timedelta(0))]))


def test_other_families_are_ignored_with_a_reason():
    for kind in ("stress.histogram", "exercise.recovery_heart_rate", "tracker.heart_rate"):
        verdict = identify(export(writer.table(kind, ["a"], [("1",)]), writer.path(kind)))
        assert isinstance(verdict, Ignored)
        assert verdict.why


def test_the_order_of_columns_does_not_matter():
    content = writer.activity([(ONE, 8410, 2_801_769)]).replace(b",\n", b"\n")
    assert read(columns_reversed(content, skip=1)).daily_totals.equals(read(content).daily_totals)


@pytest.mark.parametrize("name", sorted(writer.sample()))
def test_damage_is_refused_cleanly_or_read(name):
    survives(writer.sample()[name], name, CONTEXT, lambda result: [f.rows() for f in result.frames().values()])


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_collected_layouts_are_read():
    found = {path.name: read(path.read_bytes(), path.name) for path in COLLECTED.iterdir()}
    assert all(result.rows for result in found.values())
    assert all(result.notes == [] for result in found.values())
    (walk,) = [r.sessions.row(0, named=True) for r in found.values() if r.sessions.height]
    assert walk["local_date"] == TWO  # 01:10 local: the times are UTC, the offset is the row's own
