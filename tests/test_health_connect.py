"""What is read from the database of a Health Connect export."""

from __future__ import annotations

import csv
import io
import random
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from connectors import Context, extract, identify
from connectors.kit.export import Export
from models.clock import ZoneLog
from models.fault import Rejected
from tests.together import Person, people, study
from tests.writers import fitbit
from tests.writers import health_connect as writer
from tests.writers.health_connect import PHONE, UNTOLD, WATCH, Record, minutes

__all__ = ["people", "study"]  # the fixtures

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
NOON = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports2" / "health_connect"


def export(content: bytes, name: str = writer.NAME) -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes, name: str = writer.NAME):
    assert identify(export(content, name)) == "health_connect"
    return extract("health_connect", export(content, name), CONTEXT)


def walk(code: int, hour: int = 0) -> Record:
    return Record(NOON + hour * HOUR, NOON + (hour + 1) * HOUR, code)


def steps_of(content: bytes) -> list[tuple[str, str, int]]:
    """Metric, time of day in UTC, and steps of each minute."""
    told = read(content).minutes.filter(pl.col("metric").is_in(["steps", "steps_spread"]))
    return [(metric, f"{start:%H:%M}", steps) for metric, start, steps in told["metric", "start_time", "value"].rows()]


def steps_in_all(content: bytes, day: date = date(2026, 3, 5)) -> int:
    told = read(content).minutes.filter(pl.col("metric").is_in(["steps", "steps_spread"]))
    return told.filter(pl.col("local_date") == day)["value"].sum()


@pytest.mark.parametrize(
    ("table", "cannot_be"),
    [
        ("steps_record_table", "count = 600000"),
        ("steps_record_table", "count = -1"),
        ("steps_record_table", "end_time = end_time + 172800001"),
        ("exercise_session_record_table", "end_time = end_time + 604800001"),
        ("exercise_session_record_table", "exercise_type = -1"),
    ],
)
def test_one_record_that_cannot_be_is_set_aside_among_many_and_its_day_is_in_doubt(table, cannot_be):
    content = writer.database(
        minutes(NOON, [100] * 300), [walk(53)], then=[f"UPDATE {table} SET {cannot_be} WHERE row_id = 1"]
    )
    result = read(content)
    assert result.notes == ["set aside: 1 record with a value that cannot be (2026-03-05)"]
    assert result.doubted == [date(2026, 3, 5)]
    left = (29_900, 1) if table == "steps_record_table" else (30_000, 0)
    assert (result.minutes["value"].sum(), result.sessions.height) == left
    with pytest.raises(Rejected):
        read(
            writer.database(
                minutes(NOON, [100] * 9), [walk(53)], then=[f"UPDATE {table} SET {cannot_be} WHERE row_id = 1"]
            )
        )


def test_two_apps_fill_each_others_gaps_and_one_walk_is_not_added():
    steps = [
        *minutes(NOON, [30, 30, 30], device=WATCH),
        *minutes(NOON + 2 * MINUTE, [50, 50], app="com.example.phone", device=PHONE),
    ]
    assert steps_of(writer.database(steps)) == [
        ("steps", "17:00", 30),
        ("steps", "17:01", 30),
        ("steps", "17:02", 30),  # of the watch, though the phone counted more
        ("steps", "17:03", 50),
    ]
    assert "example" not in str(read(writer.database(steps)).minutes.to_dicts())


@pytest.mark.parametrize(
    ("first", "steps"),
    [
        ([], 100),  # the watch before the phone
        (["com.example.phone", "com.example.watch"], 70),  # as Android's own list has it
        (["com.example.watch", "com.example.phone"], 100),
        (["com.example.phone"], 70),  # what has no place there does not count there
        (["com.example.another"], 100),  # a list of other apps says nothing of these
    ],
)
def test_the_app_that_goes_first_on_the_phone_goes_first_here(first, steps):
    told = [*minutes(NOON, [100], device=WATCH), *minutes(NOON, [70], app="com.example.phone", device=PHONE)]
    assert steps_in_all(writer.database(told, first=first)) == steps


def test_an_app_without_a_place_in_the_list_is_left_out_and_named():
    told = [*minutes(NOON, [100]), *minutes(NOON + HOUR, [70], app="com.example.other")]
    result = read(writer.database(told, first=["com.example.watch"]))
    assert result.minutes["value"].to_list() == [100]
    assert result.notes == ["1 step records of apps without a place in Health Connect's own list: left out"]


@pytest.mark.parametrize("kind", ["UPDATE device_info_table SET device_type = 4", "SELECT 1"])
def test_a_ring_or_an_untold_device_goes_before_a_phone(kind):
    told = [*minutes(NOON, [10], device=WATCH), *minutes(NOON, [70], app="android", device=UNTOLD)]
    content = writer.database(told, then=[kind + " WHERE 1" if "UPDATE" in kind else kind])
    assert steps_in_all(content) == (10 if "SELECT" in kind else 70)


@pytest.mark.parametrize(("all_day", "walk", "steps"), [(1, 2, 6000 + 7200 * 23 // 24), (2, 1, 7200)])
def test_of_records_of_one_app_that_overlap_the_one_written_last_counts(all_day, walk, steps):
    midnight = NOON - 12 * HOUR
    told = [Record(midnight, midnight + 24 * HOUR, 7200, modified=all_day)]
    assert steps_in_all(writer.database([*told, *minutes(NOON, [100] * 60, device=WATCH, modified=walk)])) == steps


def test_of_records_of_one_app_written_at_one_time_a_minute_takes_the_most():
    steps = [
        Record(NOON - HOUR, NOON + HOUR, 120, device=PHONE),  # one a minute
        *minutes(NOON, [100, 0, 90], device=WATCH),
    ]
    told = dict((at, count) for _, at, count in steps_of(writer.database(steps)))
    assert (told["17:00"], told["17:01"], told["17:02"], told["17:03"]) == (100, 1, 90, 1)
    assert sum(told.values()) == 120 - 2 + 190


def test_short_records_that_follow_each_other_in_a_minute_are_added():
    ten = timedelta(seconds=10)
    steps = [Record(NOON + n * ten, NOON + (n + 1) * ten, 17) for n in range(6)]
    assert steps_of(writer.database(steps)) == [("steps", "17:00", 102)]


def test_a_long_record_is_laid_over_its_time_in_whole_steps_and_has_no_cadence():
    told = steps_of(writer.database([Record(NOON, NOON + 4 * MINUTE, 210)]))
    assert told == [("steps_spread", f"17:0{n}", count) for n, count in enumerate([52, 53, 52, 53])]
    day = [Record(NOON, NOON + 24 * HOUR - timedelta(seconds=1), 5245)]
    assert steps_in_all(writer.database(day)) + steps_in_all(writer.database(day), date(2026, 3, 6)) == 5245


def test_a_moment_counts_once_and_an_end_before_the_start_is_skipped():
    steps = [Record(NOON, NOON, 500), Record(NOON + HOUR, NOON, 400), *minutes(NOON + HOUR, [60])]
    inside = Record(NOON + HOUR + MINUTE / 2, NOON + HOUR + MINUTE / 2, 25)
    content = writer.database([*steps, inside])
    assert steps_of(content) == [("steps", "18:00", 60), ("steps_spread", "17:00", 500)]
    assert read(content).notes == ["1 step records that end before they begin: left out"]


def test_what_was_typed_in_by_hand_is_a_source_of_its_own_and_fills_what_nothing_counted():
    typed = Record(NOON, NOON + 4 * MINUTE, 400, by_hand=True, modified=9)
    result = read(writer.database([typed, *minutes(NOON, [30, 30])], [replace(walk(53), by_hand=True)]))
    assert result.minutes["source", "metric", "value"].rows() == [
        *[("health_connect", "steps", 30)] * 2,
        *[("health_connect_by_hand", "steps_spread", 100)] * 2,
    ]
    assert any("1 step records typed in by hand" in note for note in result.notes)
    assert result.sessions["modality"].to_list() == ["self_reported"]


def test_a_day_with_steps_typed_in_has_them_is_flagged_and_not_valid_by_them(study: Person) -> None:
    study.participants.append("P2,,,")
    around = [*minutes(NOON - 48 * HOUR, [9]), *minutes(NOON + 72 * HOUR, [9])]
    typed = Record(NOON + HOUR, NOON + 2 * HOUR, 4000, by_hand=True)
    next_day = [*minutes(NOON + 24 * HOUR, [120] * 10, app="android"), replace(typed, start=NOON + 25 * HOUR)]
    study.put("P1/export.db", writer.database([*around, *minutes(NOON, [90] * 10, app="android"), typed]))
    study.put("P2/export.db", writer.database([*around, replace(next_day[-1], end=NOON + 26 * HOUR), *next_day[:-1]]))
    study.night()
    day, other = study.day("2026-03-05"), study.day("2026-03-06", "P2")
    assert (day["steps"], day["day_state"], day["flags"]) == (4900, "insufficient_wear", "gap_filled;typed_in")
    assert (other["steps"], other["day_state"], other["flags"]) == (5200, "valid", "gap_filled;typed_in")
    assert (day["walking_minutes"], day["brisk_minutes"], other["brisk_minutes"]) == (10, 0, 10)
    assert day["sources"] == "health_connect;health_connect_by_hand"


def test_steps_typed_in_do_not_count_beside_a_watch_that_was_read_itself(study: Person) -> None:
    study.put("P1/export.db", writer.database([Record(NOON + HOUR, NOON + 2 * HOUR, 4000, by_hand=True)]))
    walked = {"Charge 6": [(NOON + n * MINUTE, 100) for n in range(10)]}
    study.put(f"P1/{fitbit.path('steps', date(2026, 3, 5))}", fitbit.steps(walked))
    study.night()
    assert (study.day("2026-03-05")["steps"], study.day("2026-03-05")["flags"]) == (1000, None)


def test_a_heart_beat_of_what_is_worn_is_a_sign_of_wear_and_its_rate_is_not_kept():
    beats = [Record(NOON, NOON + HOUR, 71, device=WATCH), Record(NOON + 2 * HOUR, NOON + 3 * HOUR, 80, device=PHONE)]
    told = read(writer.database(beats=beats)).minutes
    assert set(told["metric", "value"].rows()) == {("heart_rate", 1)}
    assert told["start_time"].to_list() == [NOON + n * 10 * MINUTE for n in range(7)]


def test_intensity_is_by_the_minute_and_the_app_that_goes_first_judges():
    intensities = [
        Record(NOON, NOON + 3 * MINUTE, 0, device=WATCH),
        Record(NOON + 2 * MINUTE, NOON + 4 * MINUTE + MINUTE / 3, 1, "com.example.phone", device=PHONE),
        Record(NOON + HOUR, NOON + 2 * HOUR, 7),
    ]
    result = read(writer.database(intensities=intensities))
    told = {f"{start:%H:%M}": value for start, value in result.minutes["start_time", "value"].rows()}
    assert told == {"17:00": 1, "17:01": 1, "17:02": 1, "17:03": 2}
    assert result.notes == ["1 records of an unknown intensity: left out"]


def test_of_records_of_intensity_of_one_app_the_one_written_last_judges():
    intensities = [Record(NOON, NOON + 3 * MINUTE, 1), Record(NOON, NOON + MINUTE, 0, modified=1)]
    assert read(writer.database(intensities=intensities)).minutes["value"].to_list() == [1, 2, 2]


def test_intensity_and_sessions_of_an_app_without_a_place_in_the_list_do_not_count_either():
    other = {"app": "com.example.other"}
    both = [Record(NOON, NOON + MINUTE, 0), Record(NOON, NOON + 2 * MINUTE, 1, **other)]
    content = writer.database([], [walk(53), replace(walk(57, 2), **other)], intensities=both, first=[both[0].app])
    result = read(content)
    assert result.minutes["value"].to_list() == [1]
    assert result.sessions["activity"].to_list() == ["walking"]
    assert [note.split(" ", 1) for note in result.notes] == [
        ["1", "records of intensity of apps without a place in Health Connect's own list: left out"],
        ["1", "sessions of apps without a place in Health Connect's own list: left out"],
    ]


def test_a_minute_belongs_to_the_date_where_the_person_was():
    tokyo = timedelta(hours=9)
    steps = [Record(NOON, NOON + MINUTE, 7, offset=tokyo), Record(NOON + 12 * HOUR, NOON + 13 * HOUR, 8, offset=None)]
    result = read(writer.database(steps))
    assert set(result.minutes["local_date"]) == {date(2026, 3, 6)}
    assert result.tz_source == "record_offset"


def test_an_export_of_an_older_phone_lacks_tables_and_columns():
    dropped = ["device_info", "health_data_category_priority", "activity_intensity_record", "heart_rate_record"]
    then = [f"DROP TABLE {table}_table" for table in dropped]
    then += [f"ALTER TABLE steps_record_table DROP COLUMN {c}" for c in ("recording_method", "device_info_id")]
    assert steps_in_all(writer.database(minutes(NOON, [20, 30]), then=then)) == 50


def test_a_worn_watch_is_read_by_the_minute_in_the_night(study: Person) -> None:
    steps = [*minutes(NOON, [110] * 20, device=WATCH), *minutes(NOON + HOUR, [30] * 10, app="android")]
    beats = [Record(NOON - 4 * HOUR, NOON + 8 * HOUR, 66, device=WATCH)]
    study.put("P1/health_connect_export.db", writer.database(steps, beats=beats))
    study.night()
    day = study.day("2026-03-05")
    assert (day["steps"], day["day_state"], day["wear_method"]) == (2500, "valid", "hr")
    assert (day["walking_minutes"], day["brisk_minutes"], day["wear_minutes"]) == (20, 20, 721)


def test_a_newer_export_that_corrects_a_walk_replaces_it(study: Person) -> None:
    later = minutes(NOON + 24 * HOUR, [50])
    study.put("P1/older.db", writer.database(minutes(NOON, [100, 100, 100])))
    study.night()
    study.put("P1/newer.db", writer.database([*minutes(NOON, [100, 40]), *later]))
    study.night()
    assert (study.day("2026-03-05")["steps"], study.day("2026-03-06")["steps"]) == (140, 50)


def test_a_session_is_one_of_an_app_and_its_title_is_never_read():
    (session,) = read(writer.database(sessions=[walk(53)])).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == ("walking", "exercise type 53")
    assert (session["start_time"], session["timer_ms"], session["steps"]) == (NOON, 3_600_000, None)
    assert "Anna" not in str(session)


def test_the_numbers_of_exercises_are_androids_own_and_above_61_not_known():
    codes = {33: "running", 45: "strength", 53: "walking", 57: "yoga", 10: "dance", 48: "swimming", 21: "hiking"}
    codes |= {56: "other", 61: "aerobics", 62: "other", 79: "other", 999: "other"}
    sessions = read(writer.database(sessions=[walk(code, n) for n, code in enumerate(codes)])).sessions
    assert sessions["activity"].to_list() == list(codes.values())
    assert sessions["vendor_activity"].to_list()[-2:] == ["exercise type 79", "exercise type 999"]


def test_rests_and_pauses_of_a_session_are_no_part_of_it():
    def at(minute):
        return NOON + minute * MINUTE

    still = (
        (at(-5), at(5), 66),
        (at(20), at(30), 67),
        (at(25), at(35), 67),
        (at(40), at(45), 24),
        (at(55), at(90), 66),
    )
    (session, other) = read(
        writer.database(sessions=[replace(walk(53), segments=still), walk(57, 3)])
    ).sessions.to_dicts()
    assert [(part["start_time"], part["end_time"]) for part in session["parts"]] == [(at(5), at(20)), (at(35), at(55))]
    assert (session["timer_ms"], other["timer_ms"]) == (35 * 60_000, 60 * 60_000)
    nothing_else = replace(walk(53), segments=((at(0), at(60), 67),))
    assert read(writer.database(sessions=[nothing_else])).sessions["timer_ms"].to_list() == [0]


def test_the_session_that_stands_twice_is_one():
    assert read(writer.database(sessions=[walk(53), walk(53)])).sessions.height == 1


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("ALTER TABLE steps_record_table RENAME COLUMN count TO total", "column count"),
        ("DROP TABLE steps_record_table; DROP TABLE exercise_session_record_table", "table steps_record_table"),
        ("UPDATE steps_record_table SET count = -3", "count"),
        ("UPDATE steps_record_table SET count = 1000000000", "count"),
        ("UPDATE steps_record_table SET count = 'many'", "count"),
        ("UPDATE steps_record_table SET end_time = start_time + 999999999", "start_time"),
        ("UPDATE steps_record_table SET start_time = NULL", "start_time"),
        ("INSERT INTO health_data_category_priority_table VALUES (1, 1, 'first')", "app_id_priority_order"),
        ("INSERT INTO heart_rate_record_series_table VALUES (1, 60, 'noon')", "epoch_millis"),
        ("DROP TABLE heart_rate_record_series_table", "heart_rate_record_series_table"),
        ("UPDATE exercise_session_record_table SET exercise_type = 'walk'", "exercise_type"),
        ("DELETE FROM application_info_table", "app_info_id"),
    ],
)
def test_a_database_that_says_what_cannot_be_is_rejected_naming_the_place(statement, place):
    content = writer.database([Record(NOON, NOON + HOUR, 5)], [walk(53)], statement.split(";"))
    with pytest.raises(Rejected) as caught:
        read(content)
    assert place in caught.value.fault.place


@pytest.mark.parametrize(("gone", "named"), [("steps", "steps"), ("exercise_session", "sessions")])
def test_without_a_table_of_steps_or_sessions_an_export_is_complete_for_the_rest_only(gone, named):
    drop = [f"DROP TABLE {gone}_record_table"]
    result = read(writer.database([Record(NOON, NOON + HOUR, 5)], [walk(53)], drop))
    assert (result.minutes.is_empty(), result.sessions.is_empty()) == (named == "steps", named == "sessions")
    assert (result.export, result.notes) == ("report", [f"no table of {named}: none were read"])


@pytest.mark.parametrize("version", [8, 23, 26, 40])
def test_every_version_of_the_database_is_read_by_the_names_of_its_columns(version):
    then = [f"PRAGMA user_version = {version}"]
    then += [
        "ALTER TABLE steps_record_table ADD COLUMN local_date_time_start_time INTEGER "
        "AS (start_time + 1000 * start_zone_offset)"
    ] * (version >= 10)
    then += ["ALTER TABLE steps_record_table ADD COLUMN device_data_provider_id TEXT"] * (version >= 26)
    then += ["UPDATE steps_record_table SET uuid = '0d8f'"] * (version < 9)
    then += ["UPDATE application_info_table SET app_icon = zeroblob(300000)"]
    result = read(writer.database(minutes(NOON, [20, 30]), then=then))
    assert (result.minutes["value"].to_list(), result.notes) == ([20, 30], [])


def test_the_collected_database_gives_what_the_phone_shows():
    if not COLLECTED.is_dir():
        pytest.skip("the collected exports are not beside this checkout")
    berlin = replace(CONTEXT, zones=ZoneLog("participant_home", "Europe/Berlin"), today=date(2026, 11, 29))
    result = extract("health_connect", export((COLLECTED / "health_connect_export.db").read_bytes()), berlin)
    steps = result.minutes.filter(pl.col("metric").is_in(["steps", "steps_spread"]))
    days = dict(steps.group_by("local_date").agg(pl.col("value").sum()).rows())
    expected = list(csv.DictReader((COLLECTED / "expected_daily_steps.csv").open(encoding="utf-8")))
    assert days == {date.fromisoformat(row["date"]): int(row["sweep_over_instants"]) for row in expected}
    differs = [row["date"] for row in expected if row["sweep_over_instants"] != row["health_connect_total_local_time"]]
    assert differs == ["2026-10-25"]  # the hour that comes twice, of which the phone loses one
    (first, *_) = result.sessions.to_dicts()
    assert first["timer_ms"] == 35 * 60_000  # 40 minutes with a pause of five


def tried(content: bytes):
    """What is read, or the place that is refused."""
    try:
        return read(content)
    except Rejected as rejected:
        return rejected.fault.place


# what is known of a record where an older export lacks the column
LESS = {"recording_method", "device_info_id", "start_zone_offset", "last_modified_time"}


@pytest.mark.parametrize("table", ["steps", "exercise_session", "heart_rate", "activity_intensity"])
def test_a_renamed_column_is_named_and_its_new_name_remarked_on(table):
    (content,) = writer.sample().values()
    whole = read(content)
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(content)
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table}_record_table)")]
    for column in columns:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(content)
            database.execute(f"ALTER TABLE {table}_record_table RENAME COLUMN {column} TO qqq")
            renamed = database.serialize()
        result = tried(renamed)
        if isinstance(result, str):
            assert column in result
            continue
        assert "new column 'qqq': not read" in result.notes
        assert column in LESS or result.frames()["minutes"].equals(whole.minutes)
        assert column in LESS or result.frames()["sessions"].equals(whole.sessions)


def test_a_view_in_the_place_of_a_table_is_not_run():
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x AS start_time FROM n"
    then = ["DROP TABLE steps_record_table", f"CREATE VIEW steps_record_table AS {endless}"]
    with pytest.raises(Rejected, match="steps_record_table"):
        read(writer.database(then=then))


def test_a_database_that_keeps_a_journal_is_read_as_it_lies():
    assert read(writer.database([Record(NOON, NOON + HOUR, 5)], wal=True)).minutes["value"].sum() == 5


def test_another_database_is_not_taken():
    content = writer.database(then=["DROP TABLE steps_record_table", "DROP TABLE exercise_session_record_table"])
    content = content.replace(b"application_info_table", b"applicatiom_info_table").replace(
        b"_record_table", b"_rekord_table"
    )
    with pytest.raises(Rejected, match="no reader knows"):
        identify(export(content, "contacts.db"))


def test_a_damaged_database_is_rejected_or_read_right_and_never_breaks_the_reader():
    content = writer.sample()[writer.NAME]
    dice = random.Random(11)
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(dice.choice((1, 3, 40))):
            damaged[dice.randrange(16, len(content))] = dice.randrange(256)
        damaged = damaged[: dice.choice((len(content), len(content), dice.randrange(16, len(content))))]
        with suppress(Rejected):
            extract("health_connect", export(bytes(damaged)), CONTEXT)


def test_where_some_steps_hide_their_pace_walking_and_movement_are_not_known_and_a_recorded_walk_is(
    study: Person,
) -> None:
    """R2.4: what was seen of them in the other minutes is no figure of the day."""
    study.participants.append("P2,,,")
    steps = [*minutes(NOON, [110] * 30, device=WATCH), Record(NOON + 3 * HOUR, NOON + 4 * HOUR, 3000, device=WATCH)]
    beats = [Record(NOON - 3 * HOUR, NOON + 9 * HOUR, 70, device=WATCH)]
    study.put("P1/a.db", writer.database(steps, beats=beats))
    study.put("P2/a.db", writer.database(steps, [walk(53, 1)], beats=beats))
    study.night()
    alone, recorded = study.day("2026-03-05"), study.day("2026-03-05", "P2")
    assert (alone["day_state"], alone["steps"], recorded["steps"]) == ("valid", 6300, 6300)
    paced = ("walking_minutes", "walking_method", "brisk_minutes", "moderate_minutes", "movement_minutes")
    assert [alone[name] for name in paced] == [None, "none", None, None, None]
    assert [recorded[name] for name in paced] == [60, "session", None, None, 60]
