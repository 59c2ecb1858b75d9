"""What is read from a diary."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from connectors import Context, extract, identify, members
from connectors.kit.export import Export
from flows.night.run import Scope
from flows.night.steps import plan
from models.clock import ZoneLog
from models.fault import Fault, Rejected
from models.taxonomy import ACTIVITIES
from tests.studies import StudyFolder, read_here
from tests.test_zip import packed
from tests.writers.diary import diary
from tests.writers.workbook import Error, Formula, workbook

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 3, 31), b"secret")
MONDAY = date(2026, 3, 9)


def export(content: bytes | str, name: str = "diary.csv") -> Export:
    content = content.encode() if isinstance(content, str) else content
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes | str, name: str = "diary.csv", dates: str = "iso"):
    file = export(content, name)
    assert identify(file) == "diary"
    return extract("diary", file, replace(CONTEXT, dates=dates))


def rejection(content: bytes | str, name: str = "diary.csv", dates: str = "iso") -> Fault:
    with pytest.raises(Rejected) as caught:
        read(content, name, dates)
    return caught.value.fault


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
            "local_start_minute": None,
            "local_end_date": None,
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
        ("2026-03-09T10:30,yoga,20,", "date", "'2026-03-09T10:30'"),
        ("31.02.2026,yoga,20,", "date", "'31.02.2026'"),
        ("last Monday,yoga,20,", "date", "text"),
        ("#N/A,yoga,20,", "date", "text"),
        ("2026-03-09,yoga,20,18:30Z", "start_time", "'18:30Z'"),
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


# As spreadsheets write dates and numbers -----------------------------------------------------------------------------
HEADER = "date;activity;minutes;start_time"


@pytest.mark.parametrize("written", ["28.03.2026", "3/28/2026", "28/3/2026", "28-Mar-2026", "2026-03-28 00:00:00"])
def test_a_date_that_means_one_day_alone_is_read(written):
    (session,) = read(f"{HEADER}\n{written};yoga;20;\n").sessions.to_dicts()
    assert session["local_date"] == date(2026, 3, 28)


def test_a_date_that_can_mean_two_days_is_refused_with_both_and_the_setting_that_says_which():
    content = f"{HEADER}\n03/04/2026;yoga;20;\n"
    why = rejection(content)
    assert (why.place, why.found) == ("line 2, column date", "a date that can mean two days")
    assert why.words == "03/04/2026: 2026-03-04 or 2026-04-03"
    assert 'dates = "month_first" or "day_first" in study.toml' in why.remedy
    assert read(content, dates="month_first").sessions["local_date"].to_list() == [date(2026, 3, 4)]
    assert rejection(content, dates="day_first").words == "03/04/2026"  # 3 April is still to come


def test_a_year_of_two_figures_is_refused_as_what_it_is():
    assert rejection(f"{HEADER}\n9.3.26;yoga;20;\n").found == "a year of two figures"


@pytest.mark.parametrize(("written", "minutes"), [("7,5", 7.5), ("7.5", 7.5), ("1 000", 1000), ("1'000,5", 1000.5)])
def test_minutes_that_mean_one_thing_are_read(written, minutes):
    assert read(f"{HEADER}\n9.3.2026;yoga;{written};\n").sessions["timer_ms"].to_list() == [minutes * 60_000]


def test_minutes_that_can_mean_two_things_are_refused_with_both():
    why = rejection(f"{HEADER}\n9.3.2026;yoga;1.200;\n")
    assert (why.place, why.found) == ("line 2, column minutes", "a number that can mean two things")
    assert why.words == "1.200: 1200 or 1.2"


@pytest.mark.parametrize("written", ["6:30 PM", "18:30", "06:30:00 pm", "18:30:00"])
def test_a_start_time_may_be_written_by_twelve_hours(written):
    (session,) = read(f"{HEADER}\n9.3.2026;yoga;20;{written}\n").sessions.to_dicts()
    assert session["start_time"] == datetime(2026, 3, 9, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text.replace(";", "\t").encode("utf-16"),
        lambda text: b"sep=;\r\n" + text.encode(),
        lambda text: ('"sep=\t"\n' + text.replace(";", "\t")).encode("utf-16"),
    ],
)
def test_the_other_ways_in_which_excel_saves_a_table_are_read(saved):
    content = saved(f"{HEADER}\n2026-03-09;yoga;20;\n")
    assert read(content).sessions["timer_ms"].to_list() == [1_200_000]
    lines_above = b"sep" in content or b"s\0e\0p" in content
    wrong = saved(f"{HEADER}\n2026-03-09;yogga;20;\n")
    assert rejection(wrong).place == f"line {3 if lines_above else 2}, column activity"


# Workbooks -----------------------------------------------------------------------------------------------------------
COLUMNS = ["Date", "Activity", "Minutes", "Start_time", "Notes"]


def test_a_workbook_is_a_diary_like_any_other_whatever_its_name():
    book = workbook([
        None, COLUMNS, [MONDAY, "Yoga", 20.5, time(18, 30), "a\nlong, note"], None, ["10.3.2026", "none", None],
        [datetime(2026, 3, 11), "dance", Formula(30)], ["2026-03-12", "massage", "7,5", "6:30 PM"],
    ])  # fmt: skip
    for name in ("diary.xlsx", "march", "Copy of my log.zip"):
        result = read(book, name)
        assert result.sessions["activity"].to_list() == ["yoga", "dance", "massage"]
        assert result.sessions["timer_ms"].to_list() == [1_230_000, 1_800_000, 450_000]
        assert [at.hour for at in result.sessions["start_time"] if at] == [22, 22]
        assert result.attestations["local_date"].to_list() == [date(2026, 3, 10)]
        assert result.notes == ["new column 'Notes': not read"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ([MONDAY, "yoga", Error("#REF!")], "minutes"),
        ([MONDAY, "yoga", Formula(None)], "minutes"),
        ([Error("#N/A"), "yoga", 20], "date"),
        ([MONDAY, "yoga", 20, Error("#N/A")], "start_time"),
        ([MONDAY, "none", 20], "minutes"),
    ],
)
def test_a_wrong_entry_of_a_workbook_is_named_by_its_line_in_the_sheet(row, column):
    why = rejection(workbook([COLUMNS, [MONDAY, "yoga", 20], None, None, row]), "diary.xlsx")
    assert why.place == f"line 5, column {column}"


def test_a_workbook_in_an_archive_is_no_archive_in_it():
    with zipfile.ZipFile(out := io.BytesIO(), "w") as drop:
        drop.writestr("from the phone/log.xlsx", workbook([COLUMNS, [MONDAY, "yoga", 20]]))
    (member,) = members(export(out.getvalue(), "drop.zip"))
    assert (identify(member), extract("diary", member, CONTEXT).sessions.height) == ("diary", 1)


def test_a_damaged_diary_is_named_and_a_workbook_of_something_else_is_none():
    assert (
        rejection(workbook([COLUMNS, [MONDAY, "yoga", 20]])[:900], "diary.xlsx").found == "a damaged workbook, or none"
    )
    with pytest.raises(Rejected, match="no reader knows"):
        identify(export(workbook([["date", "mood"], [MONDAY, "fine"]]), "mood.xlsx"))


def test_an_old_workbook_is_told_how_to_be_saved():
    with pytest.raises(Rejected, match=r"old \.xls form.*save it again as \.xlsx, or as CSV UTF-8"):
        identify(export(b"\xd0\xcf\x11\xe0" + bytes(600), "diary.xls"))


def test_one_long_text_in_many_cells_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr("connectors.kit.sheet._MOST_TEXT", 1_000_000)
    book = workbook([COLUMNS, *([MONDAY, "yoga", 20, None, "x" * 30_000] for _ in range(40))])
    assert len(book) < 10_000
    assert "texts of over 1 MB" in rejection(book, "diary.xlsx").found


def test_a_diary_that_waits_for_the_setting_is_read_when_it_is_made_and_again_when_it_changes(tmp_path, monkeypatch):
    read_here(monkeypatch)
    study = StudyFolder(tmp_path).write()
    with zipfile.ZipFile(out := io.BytesIO(), "w") as drop:
        drop.writestr("diary.csv", "date,activity,minutes\n03/02/2026,yoga,20\n")
    study.put("P1/drop.zip", out.getvalue())
    assert [fault.file for fault in study.night().new_faults] == ["P1/drop.zip!/diary.csv"]
    toml = (tmp_path / "study.toml").read_text("utf-8")
    for order, meant in (("day_first", date(2026, 2, 3)), ("month_first", date(2026, 3, 2))):
        (tmp_path / "study.toml").write_text(f'dates = "{order}"\n{toml}')
        assert study.night().is_clean
        assert study.ask("SELECT local_date FROM session") == [(meant,)]
    assert plan(tmp_path, Scope()) == {}


def test_one_diary_in_two_places_counts_once(study: StudyFolder) -> None:
    content = b"date,activity,minutes\n2026-03-09,yoga,10\n"
    study.put("P1/export.zip", packed({"a/diary.csv": content, "b/diary.csv": content}))
    study.put("P2/diary.csv", content)
    study.put("P2/diary (copy).csv", content)
    study.night()
    assert study.ask("SELECT participant_id, yoga_minutes FROM daily_activity WHERE yoga_minutes > 0 ORDER BY ALL") == [
        ("P1", 10), ("P2", 10),
    ]  # fmt: skip
    diaries = "SELECT status, count(*) FROM source_file WHERE connector = 'diary' GROUP BY ALL ORDER BY ALL"
    assert study.ask(diaries) == [("duplicate", 2), ("loaded", 2)]


# One bad row ---------------------------------------------------------------------------------------------------------
MANY = [(date(2025, 6, 1) + timedelta(days=n), "dance", 5) for n in range(220)]
BAD = [(MONDAY, "yogga", 20), (MONDAY, "yoga", 2000), (MONDAY, "yoga", "some"), (MONDAY, "none", 20),
       (MONDAY, "yoga", 20, "half past")]  # fmt: skip


@pytest.mark.parametrize("row", BAD)
def test_one_bad_row_among_many_is_left_out_and_its_date_named_in_csv_and_in_a_workbook(row):
    """Of fewer than 200 the whole diary is rejected, and the line named (R7.2)."""
    columns = ["date", "activity", "minutes", "start_time"]
    for content, name in (
        (diary([*MANY, row]), "diary.csv"), (workbook([columns, *map(list, MANY), list(row)]), "diary.xlsx"),
    ):  # fmt: skip
        result = read(content, name)
        assert result.sessions.height == len(MANY)
        assert result.notes == ["set aside: 1 record with a value that cannot be (2026-03-09)"]
        assert result.doubted == [MONDAY]
    assert rejection(diary([*MANY[:150], row])).place.startswith("line 152, column ")
    assert rejection(diary([*MANY, row, row, row])).place.startswith("line 222, column ")


def test_a_week_with_a_row_that_was_left_out_is_not_missed_for_want_of_it(study: StudyFolder) -> None:
    """Days with enough entries count; a week that its own row decides cannot be said; another week is what it is."""
    study.participants = ["LACKS,,,", "WHOLE,,,", "MET,,,"]
    study.infusions = [f"I{who[0]},{who},2026-03-02,," for who in ("LACKS", "WHOLE", "MET")]
    study.goals = [
        f"G{who[0]},,{who},,1,2,days_with,yoga_minutes,5,10,,2026-03-02,,," for who in ("LACKS", "WHOLE", "MET")
    ]
    study.write()
    five = [(date(2026, 3, day), "yoga", 20) for day in (3, 4, 5, 7, 8)]
    two = [(date(2026, 3, day), "yoga", 20) for day in (4, 5, 11, 12)]
    study.put("LACKS/diary.csv", diary([*MANY, *two, (date(2026, 3, 6), "yogga", 20)]))
    study.put("WHOLE/diary.csv", diary([*MANY, *two]))
    study.put("MET/diary.csv", diary([*MANY, *five, *two[2:], (date(2026, 3, 6), "yogga", 20)]))
    assert study.night().is_clean
    weeks = study.ask("SELECT goal_id, week, status, value, valid_days FROM goal_week ORDER BY ALL")
    assert weeks == [
        ("GL", 1, "insufficient_data", None, 6), ("GL", 2, "missed", 2, 7),
        ("GM", 1, "met", 5, 6), ("GM", 2, "missed", 2, 7),
        ("GW", 1, "missed", 2, 7), ("GW", 2, "missed", 2, 7),
    ]  # fmt: skip
