"""What is read from a Mi Fitness export, in every form it comes in."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from connectors import Context, Ignored, extract, identify
from connectors.kit.bundle import bundle_of
from connectors.testing.damage import table, written
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Rejected
from tests.fuzzing import figures
from tests.mutating import export, survives
from tests.writers import mi_fitness as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports2" / "mi_fitness"
AT = datetime(2026, 3, 9, 14, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)
MINUTE = timedelta(minutes=1)


def read(content: bytes, name: str = "any.csv", context: Context = CONTEXT) -> Extract:
    assert identify(export(content, name)) == "mi_fitness"
    return extract("mi_fitness", export(content, name), context)


def steps_of(result: Extract) -> list[tuple]:
    return result.minutes.filter(pl.col("metric") == "steps").select("source", "start_time", "value").rows()


def mvpa_of(result: Extract) -> list[tuple]:
    return result.daily_totals.select("local_date", pl.col("mvpa_ms") // 60_000).rows()


def test_a_minute_that_several_devices_saw_is_the_larger_count_and_the_phone_is_a_source_of_its_own():
    seen = [("1", writer.steps(AT, 60)), ("2", writer.steps(AT, 98)), ("2", writer.steps(AT + MINUTE, 5)),
            ("1", writer.steps(AT + MINUTE, 7)), ("default", writer.steps(AT, 110))]  # fmt: skip
    assert steps_of(read(writer.of_devices(seen))) == [
        ("mi_fitness", AT, 98), ("mi_fitness", AT + MINUTE, 7), ("mi_fitness_phone", AT, 110)
    ]  # fmt: skip


def test_a_row_that_stands_twice_counts_once_and_two_of_one_minute_are_added():
    half = AT + timedelta(seconds=30)
    rows = [writer.steps(AT, 40), writer.steps(AT, 40), writer.steps(half, 9), writer.steps(AT + MINUTE, 1)]
    assert steps_of(read(writer.minutes(rows))) == [("mi_fitness", AT, 49), ("mi_fitness", AT + MINUTE, 1)]


def test_minutes_of_intensity_are_the_mvpa_of_their_day_and_a_day_without_one_had_none():
    late = datetime(2026, 3, 10, 3, 59, tzinfo=UTC)  # Monday in New York
    rows = [writer.intensity(late), writer.intensity(late), writer.intensity(late - MINUTE), writer.steps(late, 90),
            writer.steps(late + MINUTE, 20)]  # fmt: skip
    assert mvpa_of(read(writer.minutes(rows))) == [(MONDAY, 2), (TUESDAY, 0)]


def test_a_device_that_never_judged_a_minute_says_nothing_of_intensity():
    assert read(writer.minutes([writer.steps(AT, 90)])).daily_totals.is_empty()


def test_of_a_pulse_only_is_stored_that_it_was_felt():
    minutes = read(writer.minutes([writer.beat(AT, 88), writer.beat(AT + MINUTE, 0)])).minutes
    assert minutes.select("metric", "start_time", "value").rows() == [("heart_rate", AT, 1)]


def test_the_date_of_a_day_is_that_of_utc_as_it_is_printed_also_west_of_greenwich():
    rows = [("steps", MONDAY, {"steps": 4000}), ("intensity", MONDAY, {"duration": 9}), ("calories", MONDAY, {"x": 1})]
    totals = read(writer.days(rows)).daily_totals
    assert totals.select("local_date", "steps", "mvpa_ms", "day_basis").rows() == [(MONDAY, 4000, 540_000, "local")]


def test_marks_of_days_are_no_figures():
    assert read(writer.days([("steps", MONDAY, {"has_data": True})], "daily_mark")).rows == 0


def test_a_session_has_its_timer_and_tells_its_offset_in_quarter_hours():
    sessions = read(
        writer.sessions([("outdoor_walking", AT, 1800, 2400, 8), ("chess", AT + MINUTE, 60, 60, 8)])
    ).sessions
    assert sessions.select("activity", "vendor_activity", "timer_ms", "end_time", "steps").rows() == [
        ("walking", "outdoor_walking", 1_800_000, AT + timedelta(minutes=40), 2100),
        ("other", "chess", 60_000, AT + 2 * MINUTE, 2100),
    ]
    chinese = writer.sessions([("yoga", AT, 60, 60, 8)]).replace(b',yoga,"', ',瑜伽,"'.encode())
    assert read(chinese).sessions["vendor_activity"].to_list() == ["yoga"]
    late = datetime(2026, 3, 9, 22, 30, tzinfo=UTC)
    result = read(writer.sessions([("yoga", late, 60, 60, 8)]))
    assert (result.sessions["local_date"][0], result.tz_source) == (TUESDAY, "record_offset")


@pytest.mark.parametrize("name", sorted(writer.sample()))
def test_a_copy_in_utf_7_gbk_or_with_a_byte_order_mark_gives_the_same(name):
    content = writer.sample()[name]
    plain = figures(read(content, name))
    chinese = content.replace(b"1000000001,", "小米,".encode(), 1)
    assert figures(read(writer.in_utf7(content))) == plain
    assert figures(read(b"\xef\xbb\xbf" + writer.in_utf7(content))) == plain
    assert figures(read(chinese.decode().encode("gbk"))) == plain
    assert figures(read(b"\xef\xbb\xbf" + chinese)) == plain


def test_a_copy_without_account_and_device_is_read():
    rows = list(csv.reader(writer.minutes([writer.steps(AT, 90)]).decode().splitlines()))
    out = [",".join(rows[0][2:]), ",".join([*rows[1][2:4], '"' + rows[1][4].replace('"', '""') + '"', rows[1][5]])]
    assert steps_of(read("\n".join(out).encode())) == [("mi_fitness", AT, 90)]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (writer.minutes([("steps", AT, {"time": 1, "paces": 3})]), "line 2, column Value"),
        (writer.minutes([writer.steps(AT, -1)]), "line 2, field steps"),
        (writer.minutes([writer.steps(AT, 9)]).replace(b'"{', b'"['), "line 2, column Value"),
        (writer.days([("steps", MONDAY, {"steps": 4})]).replace(b"00,", b"01,"), "line 2, column Time"),
        (writer.sessions([("yoga", AT, 60, -60, 0)]), "line 2, field end_time"),
        (writer.minutes([writer.steps(AT, 9)]).replace(b",steps,", b",0x1F,"), "line 2, column Key"),
        (writer.minutes([]).replace(b"Value", b"Data"), "line 1, column Value"),
        (writer.minutes([writer.steps(AT, 9)]).replace(b"Sid", b"S\xff\xff"), "whole file"),
    ],
)
def test_bad_input_is_rejected_naming_the_place(content, place):
    with pytest.raises(Rejected) as caught:
        read(content, writer.path("fitness_data"))
    assert caught.value.fault.place == place


def test_other_files_of_the_export_are_ignored_with_a_reason():
    for kind in ("data_source", "sport_track_data"):
        assert isinstance(identify(export(b"Uid,Name\n1,Anna\n", writer.path(kind))), Ignored)
    for name in ("20260320_1_MiFitness_user_member_profile.csv", "20260320_1_MiWear_user_device.csv"):
        assert isinstance(identify(export(b"Uid,Name\n1,Anna\n", name)), Ignored)


def test_an_unpacked_account_folder_is_one_export():
    name = writer.path("fitness_data")
    assert bundle_of(f"P01/{name}") == f"/{name.partition('/')[0]}"


def test_the_order_of_columns_does_not_matter():
    for name, content in writer.sample().items():
        top, rows, separator = table(content, name)
        turned = written(top, [row[::-1] for row in rows], separator)
        assert figures(read(turned, name)) == figures(read(content, name))


@pytest.mark.parametrize("name", sorted(writer.sample()))
def test_damage_is_refused_cleanly_or_read(name):
    survives(writer.sample()[name], name, CONTEXT, lambda result: [f.rows() for f in result.frames().values()])


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collected copies are not beside this checkout")
def test_minutes_of_the_collected_copies_add_up_to_the_vendors_days():
    berlin = Context(ZoneLog("participant_home", "Europe/Berlin"), date(2026, 10, 7), b"secret")
    truth = list(csv.DictReader((COLLECTED / "expected_days.csv").open()))
    for name in ("original", "resaved_utf7"):
        found = {p.stem.partition("hlth_center_")[2]: read(p.read_bytes(), p.name, berlin)
                 for p in (COLLECTED / name).rglob("*.csv")}  # fmt: skip
        minutes, days = found["fitness_data"], found["aggregated_fitness_data"]
        by_day = minutes.minutes.group_by("local_date", "metric").agg(pl.col("value").sum()).rows()
        counted = {(str(day), metric): value for day, metric, value in by_day}
        for day in truth:
            assert counted[day["date"], "steps"] == int(day["steps_from_minutes"])
            assert counted[day["date"], "heart_rate"] == int(day["heart_rate_rows"])
        assert mvpa_of(minutes) == [(date.fromisoformat(d["date"]), int(d["intensity_rows"])) for d in truth]
        assert days.daily_totals.select("local_date", "steps", pl.col("mvpa_ms") // 60_000).rows() == [
            (date.fromisoformat(d["date"]), int(d["steps_daily_report"]), int(d["intensity_daily_report"]))
            for d in truth
        ]
        assert {"sport"} <= set(found["sport_record"].sessions["activity"]) <= {"sport", "walking"}
