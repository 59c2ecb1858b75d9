"""What is read from the minutes and days of stepcount."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Ignored
from models.activity import Extract
from models.fault import Fault
from tests.fuzzing import read
from tests.studies import StudyFolder
from tests.writers import stepcount as writer

MINUTELY, DAILY = "P01/P01-Minutely.csv", "P01/P01-Daily.csv"
START = datetime(2026, 3, 9, 7, 58)
COLLECTED = Path(__file__).parents[2] / "shared/data/exports2/stepcount/P01"


def extracted(name: str, content: bytes) -> Extract:
    result = read(name, content)
    assert isinstance(result, Extract), result
    return result


def fault(name: str, content: bytes) -> Fault:
    result = read(name, content)
    assert isinstance(result, Fault)
    return result


def test_minutes_are_those_that_were_worn_and_a_zero_is_one_of_them() -> None:
    rows = extracted(MINUTELY, writer.minutely(START, [0.0, 104.0, None, 40.0])).minutes
    assert rows.select("start_time", "value").rows() == [
        (datetime(2026, 3, 9, 11, 58, tzinfo=UTC), 0),
        (datetime(2026, 3, 9, 11, 59, tzinfo=UTC), 104),
        (datetime(2026, 3, 9, 12, 1, tzinfo=UTC), 40),
    ]


def test_the_sensors_clock_runs_on_when_the_clocks_change() -> None:
    rows = extracted(MINUTELY, writer.minutely(datetime(2026, 3, 8, 1, 59), [5, 6, 7])).minutes
    first = datetime(2026, 3, 8, 6, 59, tzinfo=UTC)
    assert rows["start_time"].to_list() == [first + timedelta(minutes=n) for n in range(3)]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (writer.minutely(START, [1, 2, 3], apart=3600), "column Time"),
        (writer.minutely(START, [1, 2, 3], apart=90), "column Time"),
        (writer.minutely(START + timedelta(seconds=7), [1, 2]), "column Time"),
        (writer.minutely(START, [1]) + writer.minutely(START, [2]).split(b"\n")[1], "line 3, column Time"),
        (writer.minutely(START, [1, -2]), "line 3, column Steps"),
    ],
    ids=["hours", "90 seconds", "not on the minute", "one minute twice", "less than none"],
)
def test_rows_that_are_no_minutes_are_refused(content: bytes, place: str) -> None:
    assert fault(MINUTELY, content).place == place


def test_a_day_has_steps_and_walking_and_an_empty_one_is_not_known() -> None:
    result = extracted(DAILY, writer.daily([("2026-03-09", 88.5, 7634.0), ("2026-03-10", "", "")]))
    assert result.daily_totals.select("local_date", "steps", "walking_ms").rows() == [
        (date(2026, 3, 9), 7634, 5_310_000)
    ]
    assert result.notes == []


def test_only_days_inside_the_recording_are_valid_where_it_does_not_say_how_long_it_was_worn(
    study: StudyFolder,
) -> None:
    rows = [("2026-03-09", 44.2, 3510), ("2026-03-10", 88.5, 7634), ("2026-03-11", 61.3, 5021)]
    study.put("P1/P01-Daily.csv", writer.daily(rows))
    study.night()
    told = "SELECT steps, day_state FROM daily_activity WHERE participant_id = 'P1' AND steps > 0 ORDER BY local_date"
    assert study.ask(told) == [(3510, "insufficient_wear"), (7634, "valid"), (5021, "insufficient_wear")]


def test_where_the_file_says_how_long_it_was_worn_ten_hours_decide() -> None:
    rows = ["2026-03-08,44,3510,15.2", "2026-03-09,88,7634,24", "2026-03-10,9,900,9.9", "2026-03-11,61,5021,10"]
    content = "Filename,Date,Walk(mins),Steps,WearTime(hours)\n" + "".join(f"P01.cwa,{row}\n" for row in rows)
    result = extracted(DAILY, content.encode())
    assert result.daily_totals["steps"].to_list() == [3510, 7634, 5021]
    assert result.days_are_over
    assert result.notes == ["1 days worn less than ten hours: left out, the minutes tell them"]


@pytest.mark.parametrize("name", ["P01-DailyAdjusted.csv", "P01-MinutelyAdjusted.csv", "P01-HourlyAdjusted.csv"])
def test_time_that_was_filled_in_is_never_counted(name: str) -> None:
    content = writer.daily([("2026-03-09", 91, 7702)]) if "Daily" in name else writer.minutely(START, [1, 2])
    why = fault(name, content)
    assert "filled in from other days" in why.found
    assert "without Adjusted" in why.remedy


def test_a_file_of_several_recordings_is_refused_with_what_to_do() -> None:
    for name, content, more in (
        (DAILY, writer.daily([("2026-03-09", 9, 900)]), writer.daily([("2026-03-09", 8, 800)], "P02.cwa")),
        (MINUTELY, writer.minutely(START, [1, 2]), writer.minutely(START, [1, 2], recording="P02.cwa")),
    ):
        why = fault(name, content + more.split(b"\n", 1)[1])
        assert (why.place, why.expected) == ("column Filename", "one recording")
        assert "stepcount wrote for one recording" in why.remedy


def test_what_else_lies_in_the_folder_is_a_companion() -> None:
    info = b'{"StepCountVersion": "3.17.0", "Filename": "P01.cwa", "DeviceID": 10001, "TotalWalking(mins)": 132.7}'
    hourly = writer.minutely(START, [1, 2, 3], apart=3600)
    for name, content in (
        ("P01-Info.json", info),
        ("P01-Hourly.csv", hourly),
        ("P01-Bouts.csv", b"Filename,StartTime,EndTime\nP01.cwa,a,b\n"),
        ("P01-Steps.csv", b"time,Steps\n2026-03-09 07:58:00,3\n"),
    ):
        result = read(f"P01/{name}", content)
        assert isinstance(result, Ignored), name
        assert result.by == "stepcount"


def test_a_packed_folder_of_a_recording_is_read_by_minutes(study: StudyFolder) -> None:
    awake = [20.0 if n % 10 else 0.0 for n in range(16 * 60)]
    day = writer.minutely(datetime(2026, 3, 9), [0.0] * 420 + awake + [0.0] * 60)
    study.put("P1/P01-Minutely.csv.gz", gzip.compress(day))
    study.put("P1/P01-Daily.csv.gz", gzip.compress(writer.daily([("2026-03-09", 3, 17280)])))
    study.night()
    state = "SELECT day_state, steps FROM daily_activity WHERE participant_id = 'P1' AND local_date = DATE '2026-03-09'"
    assert study.ask(state) == [("valid", 17280)]


@pytest.mark.skipif(not COLLECTED.exists(), reason="the collected exports are not beside this checkout")
def test_the_collected_folder_is_read() -> None:
    files = {path.name.removesuffix(".gz"): path.read_bytes() for path in COLLECTED.iterdir()}
    files = {
        name: gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content for name, content in files.items()
    }
    assert extracted("P01-Daily.csv", files["P01-Daily.csv"]).daily_totals["steps"].to_list() == [3510, 7634]
    assert extracted("P01-Minutely.csv", files["P01-Minutely.csv"]).minutes["value"].sum() == 2896
    assert isinstance(read("P01-DailyAdjusted.csv", files["P01-DailyAdjusted.csv"]), Fault)
    assert isinstance(read("P01-Info.json", files["P01-Info.json"]), Ignored)
