"""What is read from a Zepp export."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import columns_reversed, export, survives
from tests.writers import zepp as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "zepp"
MONDAY = date(2026, 3, 9)


def read(content: bytes, name: str = "any.csv"):
    assert identify(export(content, name)) == "zepp"
    return extract("zepp", export(content, name), CONTEXT)


@pytest.mark.parametrize("synced", [False, True])
def test_a_day_has_steps_and_metres_run_are_no_session(synced):
    result = read(writer.days([(MONDAY, 8000)], synced))
    assert result.daily_totals.select("local_date", "steps", "walking_ms").rows() == [(MONDAY, 8000, None)]
    assert result.sessions.height == 0
    assert result.notes == []


def test_minutes_are_local_and_zero_is_a_minute_without_steps():
    rows = [("2026-03-09 23:59", 100), ("2026-03-10 00:00", 0)]
    minutes = read(writer.minutes(rows)).minutes
    assert minutes["start_time"].to_list() == [
        datetime(2026, 3, 10, 3, 59, tzinfo=UTC),
        datetime(2026, 3, 10, 4, tzinfo=UTC),
    ]
    assert minutes["local_date"].to_list() == [MONDAY, date(2026, 3, 10)]
    assert minutes["value"].to_list() == [100, 0]


def test_the_hour_that_happens_twice_is_told_by_the_order_of_the_minutes():
    times = [f"2025-11-02 {h:02}:{m:02}" for h in (0, 1, 1, 2) for m in range(60)]
    result = read(writer.minutes([(at, n) for n, at in enumerate(times)]))
    assert result.minutes.height == 240
    starts = result.minutes["start_time"].to_list()
    assert all(b - a == timedelta(minutes=1) for a, b in pairwise(starts))
    assert result.minutes["value"].to_list() == list(range(240))
    assert result.notes


def test_of_a_pulse_only_is_kept_that_it_was_felt():
    minutes = read(writer.minutes([("2026-03-09 10:00", 88), ("2026-03-09 10:01", 0)], "heartRate")).minutes
    assert minutes.select("metric", "value").rows() == [("heart_rate", 1)]


def test_a_session_is_in_utc_and_a_code_that_is_not_sure_is_other():
    at = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)
    sessions = read(writer.sessions([(6, at, 1800), (60, at, 600)])).sessions
    assert sessions.select("activity", "vendor_activity", "timer_ms").rows() == [
        ("walking", "6", 1_800_000),
        ("other", "60", 600_000),
    ]
    assert sessions["local_date"].to_list() == [MONDAY, MONDAY]


def test_a_session_without_its_length_is_left_out_and_the_others_are_read():
    at = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)
    result = read(writer.sessions([(1, at, -1), (6, at, 1800)]))
    assert result.sessions["vendor_activity"].to_list() == ["6"]
    assert result.notes == ["1 sessions that do not tell how long they were: left out"]


def test_a_file_with_nothing_but_a_header_is_read_and_empty():
    for content in (writer.days([]), writer.minutes([]), writer.sessions([])):
        assert read(content).rows == 0


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (writer.days([(MONDAY, -3)]), "line 2, column steps"),
        (writer.minutes([("2026-03-09 25:61", 3)]), "line 2, column time"),
        (writer.minutes([("2026-02-30 10:00", 3)]), "line 2, column date"),
        (writer.sessions([(6, datetime(2026, 3, 9, tzinfo=UTC), -2)]), "line 2, column sportTime(s)"),
        (writer.days([(MONDAY, 3)]).replace(b",steps", b",paces"), "line 1, column steps"),
        (writer.sessions([]).replace(b"sportTime(s)", b"sportTime(min)"), "line 1, column sportTime(s)"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(content, place):
    with pytest.raises(Rejected) as caught:
        read(content)
    assert caught.value.fault.place == place


def test_other_families_are_ignored_with_a_reason():
    for kind in ("SLEEP", "BODY", "USER", "ACTIVITY_STAGE"):
        verdict = identify(export(b"userId,name\n1,Anna\n", writer.path(kind)))
        assert isinstance(verdict, Ignored)
        assert "Anna" not in verdict.why


@pytest.mark.parametrize(
    "header",
    [
        "date,lastSyncTime,deepSleepTime,shallowSleepTime,wakeTime,start,stop",
        "date,lastSyncTime,heartRate,timestamp",
        "date,start,stop,distance,calories,steps",
        "time,weight,height,bmi,fatRate,bodyWaterRate",
        "userId,gender,height,weight,nickName,avatar,birthday",
    ],
)
def test_files_of_old_mi_fit_that_are_not_needed_are_known_by_their_columns_whatever_they_are_called(header):
    verdict = identify(export(f"\ufeff{header}\n".encode(), "my band.csv"))
    assert isinstance(verdict, Ignored)
    assert verdict.by == "zepp"


def test_files_of_old_mi_fit_are_read_under_any_name_with_quoted_cells_and_fewer_columns():
    days = (
        b'\xef\xbb\xbfdate,lastSyncTime,steps,distance,runDistance,calories\n"2020-02-05","2020-02-05",52,10,5,123 \n'
    )
    assert read(days, "activity.csv").daily_totals["steps"].to_list() == [52]
    walk = b"type,startTime,sportTime(s),distance(m),calories(kcal)\n6,2019-07-07 10:00:00+0000,1800,1,1"
    assert read(walk, "SPORT.csv").sessions["activity"].to_list() == ["walking"]


def test_the_order_of_columns_does_not_matter():
    for name, content in writer.sample().items():
        turned, straight = read(columns_reversed(content), name), read(content, name)
        assert all(straight.frames()[key].equals(frame) for key, frame in turned.frames().items())


@pytest.mark.parametrize("name", sorted(writer.sample()))
def test_damage_is_refused_cleanly_or_read(name):
    survives(writer.sample()[name], name, CONTEXT, lambda result: [f.rows() for f in result.frames().values()])


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_collected_layouts_are_read():
    found = {path.parent.name: read(path.read_bytes(), str(path)) for path in COLLECTED.rglob("*.csv")}
    assert found["ACTIVITY"].daily_totals["steps"].to_list() == [8000]
    assert found["ACTIVITY_MINUTE"].minutes["value"].to_list() == [100, 0]
    assert found["SPORT"].sessions["activity"].to_list() == ["running", "other"]
