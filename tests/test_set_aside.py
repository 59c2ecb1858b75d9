"""Single records that cannot be: set aside and named where they are few, and looked at again by the right clock."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors import Context
from flows.night import reading
from flows.night.inbox_file import InboxFile
from flows.night.run import Run
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Fault
from models.set_aside import MUCH, ONE_IN
from models.store.file_result import Known
from tests.fuzzing import read
from tests.studies import StudyFolder

HERE = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 12, 31), b"the secret of these tests")
GOOD = 250
FIRST = datetime(2026, 3, 2, 15)  # of a good record a minute, or a day
ODD = date(2026, 9, 5)  # the date of which a record says what cannot be
FAR = date(2030, 1, 5)


def minutes(many: int = GOOD) -> list[datetime]:
    return [FIRST + timedelta(minutes=n) for n in range(many)]


def days(many: int = GOOD) -> list[date]:
    return [date(2025, 6, 1) + timedelta(days=n) for n in range(many)]


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17)


def takeout(records: list[tuple[datetime, int]]) -> bytes:
    return "\n".join(["timestamp,steps", *(f"{t:%Y-%m-%dT%H:%M:%S}Z,{n}" for t, n in records), ""]).encode()


def fitabase(records: list[tuple[datetime, int]]) -> bytes:
    rows = (f"7,{t.month}/{t.day}/{t.year} {t:%I:%M:%S %p},{n}" for t, n in records)
    return "\n".join(["Id,ActivityMinute,Steps", *rows, ""]).encode()


def apple(records: list[tuple[datetime, int]]) -> bytes:
    rows = (
        f'<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Phone" unit="count" startDate="{t} +0000" '
        f'endDate="{t + timedelta(minutes=1)} +0000" value="{n}"/>'
        for t, n in records
    )
    return "\n".join(['<?xml version="1.0"?>', "<HealthData>", *rows, "</HealthData>"]).encode()


def fitbit(records: list[tuple[datetime, int]]) -> bytes:
    return json.dumps([{"dateTime": f"{t:%m/%d/%y %H:%M:%S}", "value": str(n)} for t, n in records]).encode()


def auto_export(records: list[tuple[datetime, int]]) -> bytes:
    entries = [{"date": f"{t:%Y-%m-%d %H:%M:%S} +0000", "qty": n} for t, n in records]
    metric = {"name": "step_count", "units": "count", "data": entries}
    return json.dumps({"data": {"metrics": [metric]}}).encode()


def auto_table(records: list[tuple[datetime, int]]) -> bytes:
    return "\n".join(["Date,Step Count (count)", *(f"{t},{n}" for t, n in records), ""]).encode()


def withings(records: list[tuple[date, int]]) -> bytes:
    return "\n".join(["date,value", *(f"{day},{n}" for day, n in records), ""]).encode()


def garmin(records: list[tuple[date, int]]) -> bytes:
    told = [{"calendarDate": f"{d}", "totalSteps": n, "includesWellnessData": True, "uuid": "x"} for d, n in records]
    return json.dumps(told).encode()


BY_MINUTE = {
    "steps_2026-03-01.csv": takeout,
    "minuteStepsNarrow_merged.csv": fitabase,
    "export.xml": apple,
    "steps-2026-03-01.json": fitbit,
    "HealthAutoExport.json": auto_export,
    "HealthAutoExport-2026-03-02-2026-03-03.csv": auto_table,
}
BY_DAY = {"aggregates_steps.csv": withings, "UDSFile_2025-06-01_2026-02-05.json": garmin}


@pytest.mark.parametrize("name", [*BY_MINUTE, *BY_DAY])
@pytest.mark.parametrize(
    ("odd", "steps", "note", "doubted"),
    [
        (FAR, 55, "dated after tomorrow (2030-01-05)", []),
        (ODD, -3, "with a value that cannot be (2026-09-05)", [ODD]),
        (ODD, 1_000_000_000, "with a value that cannot be (2026-09-05)", [ODD]),
    ],
)
def test_one_record_that_cannot_be_costs_no_other_record(name, odd, steps, note, doubted) -> None:
    write = (BY_MINUTE | BY_DAY)[name]
    good = [(when, 30) for when in (minutes() if name in BY_MINUTE else days())]
    bad = (noon(odd) if name in BY_MINUTE else odd, steps)
    alone, among = (read(name, write(records), HERE) for records in (good, [*good[:100], bad, *good[100:]]))
    assert isinstance(alone, Extract), alone
    assert isinstance(among, Extract), among
    for frame, rows in alone.frames().items():
        assert among.frames()[frame].equals(rows), frame
    assert among.notes == [*alone.notes, f"set aside: 1 record {note}"]
    assert among.doubted == doubted
    assert (among.holds.until is None) == (odd != FAR)


def test_a_workout_that_cannot_be_is_set_aside_with_all_its_parts() -> None:
    walk = '<Workout workoutActivityType="HKWorkoutActivityTypeWalking" sourceName="Phone" startDate="{} +0000" '
    walk += 'endDate="{} +0000"/>'
    odd = walk.format("2026-09-05 17:00:00", "2026-09-05 16:00:00")
    late = walk.format("2030-01-05 17:00:00", "2030-01-05 18:00:00")
    steps = apple([(when, 30) for when in minutes(MUCH)])
    result = read("export.xml", steps.replace(b"</HealthData>", f"{odd}{late}</HealthData>".encode()), HERE)
    assert isinstance(result, Extract), result
    assert result.sessions.is_empty()
    assert result.notes == [
        "set aside: 1 record with a value that cannot be (2026-09-05)",
        "set aside: 1 record dated after tomorrow (2030-01-05)",
    ]


@given(good=st.integers(0, 700), bad=st.integers(1, 9))
@example(good=MUCH - 1, bad=1)
@example(good=MUCH - 2, bad=1)
@example(good=299, bad=3)
@example(good=297, bad=3)
@example(good=296, bad=3)
def test_at_most_one_in_a_hundred_of_two_hundred_or_more_is_set_aside(good: int, bad: int) -> None:
    records = [(when, 30) for when in minutes(good)] + [(noon(FAR) + timedelta(minutes=n), 5) for n in range(bad)]
    result = read("steps_2026-03-01.csv", takeout(records), HERE)
    if good + bad >= MUCH and bad * ONE_IN <= good + bad:
        assert isinstance(result, Extract)
        assert result.minutes.height == good
    else:
        assert isinstance(result, Fault)
        assert f"in {bad:,} of {good + bad:,} records" in result.reason
        assert result.holds.until == FAR - timedelta(days=1)


@pytest.mark.parametrize("cell", ["thirty", "", "1e3 or so"])
def test_a_wrong_form_is_no_record_that_could_be_set_aside(cell: str) -> None:
    lines = takeout([(when, 30) for when in minutes()]).splitlines()
    result = read(
        "steps_2026-03-01.csv", b"\n".join([*lines[:50], f"2026-03-02T14:00:00Z,{cell}".encode(), *lines[50:]])
    )
    assert isinstance(result, Fault)
    assert "line 51" in result.place
    assert result.holds.until is None


def test_rows_that_mean_something_by_their_place_are_not_left_out() -> None:
    head = (
        "------------ Data File Created By ActiGraph GT3X+ ActiLife v6.5.4 Firmware v2.2.1 date format M/d/yyyy "
        "Filter Normal -----------\nSerial Number: NEO1\nStart Time 09:00:00\nStart Date 3/2/2026\n"
        "Epoch Period (hh:mm:ss) 00:01:00\nDownload Time 09:00:00\nDownload Date 3/9/2026\n"
        "Current Memory Address: 0\nCurrent Battery Voltage: 4.2     Mode = 12\n"
        "--------------------------------------------------\nAxis1,Axis2,Axis3,Steps\n"
    )
    rows = ["100,0,0,12"] * GOOD
    assert isinstance(read("recording.csv", (head + "\n".join(rows)).encode(), HERE), Extract)
    rows[100] = "100,0,0,-12"
    assert isinstance(read("recording.csv", (head + "\n".join(rows)).encode(), HERE), Fault)


# By which clock ------------------------------------------------------------------------------------------------------
class Clocked:
    """A study whose nights happen when the test says."""

    def __init__(self, study: StudyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
        self.study, self.monkeypatch = study, monkeypatch

    def night(self, today: str) -> Run:
        self.monkeypatch.setattr("flows.environment.today", lambda study: date.fromisoformat(today))
        return self.study.night()

    def days(self) -> list[tuple]:
        return self.study.ask(
            "SELECT * EXCLUDE (first_seen_at, loaded_at) FROM source_file ORDER BY ALL"
        ) + self.study.ask("SELECT * FROM daily_activity ORDER BY ALL")


@pytest.fixture
def clocked(study: StudyFolder, monkeypatch: pytest.MonkeyPatch) -> Clocked:
    return Clocked(study, monkeypatch)


def fresh(clocked: Clocked, tmp_path, today: str) -> list[tuple]:
    """What a new study over the same inbox says."""
    new = StudyFolder(tmp_path / "new").write()
    for path in (clocked.study.folder / "inbox").rglob("*.*"):
        new.put(str(path.relative_to(clocked.study.folder / "inbox")), path.read_bytes())
    other = Clocked(new, clocked.monkeypatch)
    other.night(today)
    return other.days()


def read_files(run: Run) -> int:
    return sum(run.files.values())


def test_a_file_of_the_future_is_looked_at_when_that_can_matter_and_reddens_the_nights_that_look(
    clocked: Clocked, tmp_path
) -> None:
    nine = [(date(2026, 3, day), 4000) for day in range(1, 10)]
    clocked.study.put("P1/aggregates_steps.csv", withings(nine))
    first = clocked.night("2026-03-02")
    assert [fault.file for fault in first.new_faults] == ["P1/aggregates_steps.csv"]
    again = clocked.night("2026-03-02")
    assert (read_files(again), again.is_clean, again.standing) == (0, True, 1)
    found_anew = clocked.night("2026-03-05")
    assert (found_anew.files["rejected"], found_anew.is_clean) == (1, False)
    healed = clocked.night("2026-03-11")
    assert healed.is_clean
    assert clocked.study.ask("SELECT count(*) FROM rejection") == [(0,)]
    assert clocked.days() == fresh(clocked, tmp_path, "2026-03-11")
    assert read_files(clocked.night("2026-03-12")) == 0


def test_what_was_set_aside_counts_when_its_day_has_come_and_until_then_nothing_is_read(
    clocked: Clocked, tmp_path
) -> None:
    records = [(when, 30) for when in minutes()] + [(noon(date(2026, 3, 20)), 55)]
    clocked.study.put("P1/takeout/steps_2026-03-01.csv", takeout(records))
    assert clocked.night("2026-03-12").is_clean
    assert clocked.study.ask("SELECT sum(steps) FROM daily_activity") == [(30 * GOOD,)]
    assert read_files(clocked.night("2026-03-18")) == 0
    assert read_files(clocked.night("2026-03-19")) == 1
    assert clocked.study.day("2026-03-20")["steps"] == 55
    assert clocked.study.ask_store("SELECT note FROM source_file") == [("",)]
    assert clocked.days() == fresh(clocked, tmp_path, "2026-03-19")


def test_what_a_clock_a_year_ahead_let_in_is_judged_by_the_right_one(clocked: Clocked, tmp_path) -> None:
    clocked.study.put("P1/good/aggregates_steps.csv", withings([(date(2026, 3, 8), 4000)]))
    clocked.study.put("P1/ahead/aggregates_steps.csv", withings([(date(2026, 8, 8), 5000)]))
    assert not clocked.night("2026-03-10").is_clean
    assert clocked.night("2027-03-10").is_clean
    assert clocked.study.day("2026-08-08")["steps"] == 5000
    right = clocked.night("2026-03-11")
    assert (right.files["loaded"], right.files["rejected"], right.is_clean) == (0, 1, False)
    assert clocked.study.day("2026-08-08") == {}
    assert clocked.days() == fresh(clocked, tmp_path, "2026-03-11")
    assert read_files(clocked.night("2026-03-12")) == 0


# Dates in doubt ------------------------------------------------------------------------------------------------------
def walked(day: int, hours: int = 12) -> list[tuple[datetime, int]]:
    """Steps in every tenth minute of so many hours: worn, and walked."""
    return [(datetime(2026, 3, day, 12) + timedelta(minutes=10 * n), 60) for n in range(6 * hours)]


def test_a_date_of_which_a_record_was_set_aside_is_a_lower_bound_until_a_newer_export_is_whole(
    clocked: Clocked,
) -> None:
    three = [record for day in (4, 5, 6) for record in walked(day)]
    old = [*three, (datetime(2026, 3, 5, 13, 1), -3)]
    clocked.study.put("P1/old/steps_2026-03-01.csv", takeout(old))
    assert clocked.night("2026-03-10").is_clean
    state = "SELECT day(local_date), steps, day_state FROM daily_activity ORDER BY 1"
    assert clocked.study.ask(state) == [(4, 4320, "valid"), (5, 4320, "insufficient_wear"), (6, 4320, "valid")]
    assert "2026-03-05" in clocked.study.ask_store("SELECT note FROM source_file")[0][0]
    clocked.study.put("P1/new/steps_2026-03-01.csv", takeout([*three, *walked(7)]))
    clocked.night("2026-03-10")
    assert [row[2] for row in clocked.study.ask(state)] == ["valid"] * 4


def test_a_date_in_doubt_of_one_device_is_valid_by_another(clocked: Clocked) -> None:
    records = [*(record for day in (4, 5, 6) for record in walked(day)), (datetime(2026, 3, 5, 13, 1), -3)]
    clocked.study.put("P1/takeout/steps_2026-03-01.csv", takeout(records))
    watch = "\n".join(["date,value", "2026-03-04,4000", "2026-03-05,4100", "2026-03-06,4000", ""])
    clocked.study.put("P1/aggregates_steps.csv", watch)
    clocked.night("2026-03-10")
    assert clocked.study.day("2026-03-05")["day_state"] == "valid"
    assert clocked.study.day("2026-03-05")["steps"] == 4100


def test_an_archive_is_looked_into_again_for_what_in_it_is_due_and_for_nothing_else(tmp_path) -> None:
    def known(sha256: str, status: str, is_due: bool = False) -> Known:
        return Known(9, 9, sha256, status, HERE.zones.fingerprint, "1", is_due)

    folder = reading.Folder(
        HERE,
        {
            "P1/a.zip": known("a", "ignored"),
            "P1/a.zip!/due.csv": known("b", "loaded", is_due=True),
            "P1/a.zip!/settled.csv": known("c", "loaded"),
            "P1/d.csv": known("d", "loaded"),
        },
    )
    looked_at = {
        path: reading.is_new(InboxFile("P1", path, path, 9, 9), folder, "1") for path in ("P1/a.zip", "P1/d.csv")
    }
    assert looked_at == {"P1/a.zip": True, "P1/d.csv": False}
    assert folder.loaded_at.keys() == {"c", "d"}
