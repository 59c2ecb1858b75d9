"""What is read from the database of a Health Connect export."""

from __future__ import annotations

import io
import random
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest

from connectors import Context, extract, identify
from connectors._export import Export
from models.clock import ZoneLog
from models.rejection import Rejected
from tests.writers import health_connect as writer
from tests.writers.health_connect import Record

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
NOON = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def export(content: bytes, name: str = writer.NAME) -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes, name: str = writer.NAME):
    assert identify(export(content, name)) == "health_connect"
    return extract("health_connect", export(content, name), CONTEXT)


def walk(code: int, hour: int = 0) -> Record:
    return Record(NOON + hour * HOUR, NOON + (hour + 1) * HOUR, code)


def test_steps_are_summed_per_day_and_app_and_apps_are_never_added():
    steps = [
        Record(NOON, NOON + HOUR, 4000),
        Record(NOON + HOUR, NOON + 2 * HOUR, 1200),
        Record(NOON, NOON + HOUR, 3900, "com.example.phone"),
    ]
    totals = read(writer.database(steps)).daily_totals
    assert sorted(totals["steps"]) == [3900, 5200]
    assert totals["device"].n_unique() == 2
    assert totals["local_date"].unique().to_list() == [date(2026, 3, 5)]
    assert "example" not in str(totals.to_dicts())


def test_records_of_one_app_that_overlap_are_counted_once():
    steps = [
        Record(NOON, NOON + HOUR, 4000),
        Record(NOON, NOON + HOUR, 4000),
        Record(NOON + HOUR / 2, NOON + 2 * HOUR, 9),
    ]
    result = read(writer.database(steps))
    assert result.daily_totals["steps"].to_list() == [4000]
    assert result.notes == ["2 step records that overlap others of the same app: counted once"]


def test_a_record_belongs_to_the_date_where_the_person_was():
    tokyo = timedelta(hours=9)
    steps = [Record(NOON, NOON + HOUR, 7, offset=tokyo), Record(NOON + 12 * HOUR, NOON + 13 * HOUR, 8, offset=None)]
    totals = read(writer.database(steps)).daily_totals
    assert totals.select("local_date", "steps").rows() == [(date(2026, 3, 6), 15)]


def test_a_session_is_one_of_an_app_and_its_title_is_never_read():
    (session,) = read(writer.database(sessions=[walk(53)])).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == ("walking", "exercise type 53")
    assert (session["start_time"], session["timer_ms"], session["steps"]) == (NOON, 3_600_000, None)
    assert "Anna" not in str(session)


@pytest.mark.parametrize(
    ("codes", "ours"),
    [
        ([33, 53, 57, 37, 48], ["running", "walking", "other", "other", "other"]),  # a run or yoga, a hike or skating
        ([33, 45, 53, 57, 10, 48], ["running", "strength", "walking", "yoga", "dance", "swimming"]),
        ([79, 37, 57, 53, 16], ["walking", "hiking", "running", "aerobics", "dance"]),
        ([79, 45, 57], ["other", "strength", "other"]),  # neither the one nor the other
        ([83, 999], ["yoga", "other"]),
    ],
)
def test_a_number_is_read_only_where_reports_agree_or_the_file_shows_which_it_follows(codes, ours):
    sessions = read(writer.database(sessions=[walk(code, n) for n, code in enumerate(codes)])).sessions
    assert sessions["activity"].to_list() == ours


def test_the_session_that_stands_twice_is_one():
    assert read(writer.database(sessions=[walk(53), walk(53)])).sessions.height == 1


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("ALTER TABLE steps_record_table RENAME COLUMN count TO total", "column count"),
        ("DROP TABLE steps_record_table", "table steps_record_table"),
        ("UPDATE steps_record_table SET count = -3", "count"),
        ("UPDATE steps_record_table SET count = 1000000000", "count"),
        ("UPDATE steps_record_table SET count = 'many'", "count"),
        ("UPDATE steps_record_table SET end_time = start_time - 1", "start_time"),
        ("UPDATE steps_record_table SET start_time = NULL", "start_time"),
        ("UPDATE steps_record_table SET local_date = 30000", "date"),
        ("UPDATE exercise_session_record_table SET exercise_type = 'walk'", "exercise_type"),
        ("DELETE FROM application_info_table", "app_info_id"),
    ],
)
def test_a_database_that_says_what_cannot_be_is_rejected_naming_the_place(statement, place):
    content = writer.database([Record(NOON, NOON + HOUR, 5)], [walk(53)], [statement])
    with pytest.raises(Rejected) as caught:
        read(content)
    assert place in caught.value.place


def test_a_view_in_the_place_of_a_table_is_not_run():
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x AS start_time FROM n"
    then = ["DROP TABLE steps_record_table", f"CREATE VIEW steps_record_table AS {endless}"]
    with pytest.raises(Rejected, match="steps_record_table"):
        read(writer.database(then=then))


def test_a_database_that_keeps_a_journal_is_read_as_it_lies():
    assert read(writer.database([Record(NOON, NOON + HOUR, 5)], wal=True)).daily_totals["steps"].to_list() == [5]


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
