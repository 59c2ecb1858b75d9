"""What is read from a diary."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest

from connectors import Context, extract, identify
from connectors._export import Export
from models.clock import ZoneLog
from models.rejection import Rejected
from models.taxonomy import ACTIVITIES
from tests.writers.diary import diary

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 3, 31), b"secret")
MONDAY = date(2026, 3, 9)


def export(content: bytes | str, name: str = "diary.csv") -> Export:
    content = content.encode() if isinstance(content, str) else content
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes | str, name: str = "diary.csv"):
    file = export(content, name)
    assert identify(file) == "diary"
    return extract("diary", file, CONTEXT)


def rejection(content: bytes | str) -> Rejected:
    with pytest.raises(Rejected) as caught:
        read(content)
    return caught.value


def test_an_entry_without_a_time_adds_minutes_to_its_day():
    result = read(diary([(MONDAY, "yoga", "20.5")]))
    assert result.sessions.to_dicts() == [
        {
            "source": "diary",
            "device": None,
            "activity": "yoga",
            "vendor_activity": None,
            "start_time": None,
            "end_time": None,
            "local_date": MONDAY,
            "timer_ms": 1_230_000,
            "steps": None,
            "modality": "self_reported",
            "parts": [],
        }
    ]
    assert result.attestations.height == 0


def test_an_entry_with_a_time_lies_where_the_clock_on_the_wall_was():
    (session,) = read(diary([(MONDAY, "walking", 30, "18:30")])).sessions.to_dicts()
    start, end = datetime(2026, 3, 9, 22, 30, tzinfo=UTC), datetime(2026, 3, 9, 23, 0, tzinfo=UTC)
    assert (session["start_time"], session["end_time"], session["local_date"]) == (start, end, MONDAY)
    assert session["parts"] == [{"start_time": start, "end_time": end, "local_date": MONDAY}]


def test_an_entry_across_midnight_belongs_to_its_start_and_its_minutes_to_both_days():
    (session,) = read(diary([(MONDAY, "dance", 60, "23:30:00")])).sessions.to_dicts()
    assert session["local_date"] == MONDAY
    assert [part["local_date"].day for part in session["parts"]] == [9, 10]


def test_none_says_the_log_was_kept():
    result = read(diary([(MONDAY, "none", None), (date(2026, 3, 10), "None", 0), (MONDAY, "none", 0)]))
    assert result.attestations["local_date"].to_list() == [MONDAY, date(2026, 3, 10)]
    assert result.sessions.height == 0


def test_every_activity_of_the_list_can_be_written_in_any_case():
    entries = [(MONDAY, activity.replace("_", " ").title(), 10) for activity in ACTIVITIES]
    assert read(diary(entries)).sessions["activity"].to_list() == list(ACTIVITIES)


@pytest.mark.parametrize("form", [{"separator": ";"}, {"newline": "\r\n"}, {"bom": True}, {"start_times": False}])
def test_what_spreadsheets_do_to_a_diary_is_forgiven(form):
    plain = read(diary([(MONDAY, "yoga", 20), (MONDAY, "none", None)]))
    other = read(diary([(MONDAY, "yoga", 20), (MONDAY, "none", None)], **form))
    assert plain.sessions.equals(other.sessions)
    assert plain.attestations.equals(other.attestations)


def test_blank_lines_and_a_decimal_comma_are_forgiven():
    content = "date;activity;minutes;start_time\r\n\r\n2026-03-09;yoga;7,5;\r\n;;;\r\n\r\n"
    assert read(content).sessions["timer_ms"].to_list() == [450_000]


def test_two_like_entries_without_a_time_are_two_and_with_the_same_time_are_one():
    assert read(diary([(MONDAY, "yoga", 20), (MONDAY, "yoga", 20)])).sessions.height == 2
    assert read(diary([(MONDAY, "yoga", 20, "18:30"), (MONDAY, "yoga", 20, "18:30")])).sessions.height == 1


def test_notes_are_never_loaded():
    result = read("date,activity,minutes,notes\n2026-03-09,yoga,20,slept badly\n")
    assert result.notes == ["new column 'notes': not read"]
    assert "slept" not in str(result.sessions.rows())


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [
        ("2026-03-09,yoga,2000,", "minutes", "'2000'"),
        ("2026-03-09,yoga,0,", "minutes", "'0'"),
        ("2026-03-09,yoga,-5,", "minutes", "'-5'"),
        ("2026-03-09,yoga,,", "minutes", "nothing"),
        ("2026-03-09,yoga,NaN,", "minutes", "text"),
        ("2026-03-09,yoga,١٢,", "minutes", "text"),
        ("2026-03-09,yoga,half an hour,", "minutes", "text"),
        ("2026-03-09,none,20,", "minutes", "minutes of nothing"),
        ("2026-03-09,yoga,20,25:61", "start_time", "'25:61'"),
        ("2026-03-09,yoga,20,evening", "start_time", "text"),
        ("2026-03-09,none,,18:30", "start_time", "'18:30'"),
        ("09.03.2026,yoga,20,", "date", "'09.03.2026'"),
        ("3/9/2026,yoga,20,", "date", "'3/9/2026'"),
        ("2026-04-09,yoga,20,", "date", "'2026-04-09'"),
        (",yoga,20,", "date", "nothing"),
        ("2026-03-09,hikking,20,", "activity", "a word not in the list (close to 'hiking')"),
        ("2026-03-09,visit to Dr Miller,20,", "activity", "a word not in the list"),
        ("2026-03-09,,20,", "activity", "a word not in the list"),
    ],
)
def test_a_wrong_entry_is_named_by_line_and_column(row, column, found):
    why = rejection(f"date,activity,minutes,start_time\n2026-03-09,yoga,20,\n{row}\n")
    figure = found.strip("'") if found.startswith("'") else None  # it is no part of what is published
    assert (why.place, why.words) == (f"line 3, column {column}", figure)
    assert why.found.removesuffix(" in 1 of 2 records") == ("another figure or time" if figure else found)
    assert why.remedy == "correct the line and put the diary in the inbox again"


def test_a_renamed_column_is_named():
    why = rejection("date,activity,minuts\n2026-03-09,yoga,20\n")
    assert (why.place, why.found) == ("line 1, column minutes", "no such column, but one like 'minutes'")
    assert why.words == "minuts"


def test_a_diary_is_known_by_its_columns_and_not_by_its_name():
    assert read(diary([(MONDAY, "yoga", 20)]), "march.csv").sessions.height == 1
    with pytest.raises(Rejected, match="no reader knows"):
        identify(export("date,mood\n2026-03-09,fine\n"))


def test_a_time_that_happened_twice_is_told_by_the_order_of_the_lines():
    """T06: New York, 2025-11-02, 01:30 is 05:30Z or 06:30Z."""
    autumn = date(2025, 11, 2)
    result = read(diary([(autumn, "walking", 10, "01:30")]))
    assert result.sessions["start_time"].to_list() == [datetime(2025, 11, 2, 5, 30, tzinfo=UTC)]
    assert result.notes == [
        "line 2: this start time happened twice, the clocks going back; read by the order of the lines"
    ]
    result = read(diary([(autumn, "walking", 10, "01:45"), (autumn, "walking", 10, "01:30")]))
    assert [start.hour for start in result.sessions["start_time"]] == [5, 6]


def test_a_time_that_did_not_exist_is_read_as_an_hour_later():
    """T07: New York, 2025-03-09, 02:30 is 07:30Z, shown as 03:30."""
    result = read(diary([(date(2025, 3, 9), "walking", 10, "02:30")]))
    assert result.sessions["start_time"].to_list() == [datetime(2025, 3, 9, 7, 30, tzinfo=UTC)]
    assert result.notes == ["line 2: the clocks went forward over this start time; read as one hour later"]


def test_an_hour_written_down_over_a_clock_change_is_an_hour():
    """T02: 01:30 to 03:30 on the wall, 2025-03-09 in New York, is 60 minutes."""
    (session,) = read(diary([(date(2025, 3, 9), "walking", 60, "01:30")])).sessions.to_dicts()
    assert session["end_time"] == datetime(2025, 3, 9, 7, 30, tzinfo=UTC)
    assert session["timer_ms"] == 3_600_000
    assert {part["local_date"] for part in session["parts"]} == {date(2025, 3, 9)}


def test_the_entries_of_one_date_make_a_whole_day_at_most_over_all_activities():
    day = "date,activity,minutes\n2026-03-03,yoga,720\n2026-03-04,yoga,1000\n2026-03-03,massage,720\n"
    assert read(day).sessions.height == 3
    found = rejection(day + "2026-03-03,dance,0.1\n")
    assert (found.place, "more minutes than a day" in found.found) == ("line 5, column minutes", True)
    placed = "date,activity,minutes,start_time\n" + "2026-03-03,yoga,900,08:00\n" * 2
    assert read(placed).sessions.height == 1  # written twice
    assert rejection(placed + "2026-03-03,yoga,900,09:00\n").place == "line 4, column minutes"
