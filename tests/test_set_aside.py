"""Single records that cannot be: set aside and named where they are few, and looked at again by the right clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from connectors import Context
from flows.night.begin import begin
from flows.night.folder import Folder
from flows.night.run import Run, Scope
from flows.night.steps import load_exports, read_control_files
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


AROUND = [(n - bad, bad) for bad in range(1, 10) for n in (bad, MUCH - 1, MUCH, ONE_IN * bad - 1, ONE_IN * bad)]


@pytest.mark.parametrize(("good", "bad"), AROUND)
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
def walked(day: int) -> list[tuple[datetime, int]]:
    """Steps in every tenth minute of twelve hours of February: worn, and walked."""
    return [(datetime(2026, 2, day, 12) + timedelta(minutes=10 * n), 60) for n in range(6 * 12)]


THREE = [record for day in (4, 5, 6) for record in walked(day)]
IN_DOUBT = takeout([*THREE, (datetime(2026, 2, 5, 13, 1), -3)])
FILES = {
    "P1/aggregates_steps.csv": withings([(date(2026, 3, day), 4000) for day in range(1, 10)]),
    "P2/takeout/steps_2026-03-01.csv": takeout([*((when, 30) for when in minutes()), (noon(date(2026, 3, 20)), 55)]),
    "P3/good/aggregates_steps.csv": withings([(date(2026, 3, 1), 4000)]),
    "P3/ahead/aggregates_steps.csv": withings([(date(2026, 8, 8), 5000)]),
    "P4/old/steps_2026-02-01.csv": IN_DOUBT,
    "P5/takeout/steps_2026-02-01.csv": IN_DOUBT,
    "P5/aggregates_steps.csv": withings([(date(2026, 2, day), 4000 + day) for day in (4, 5, 6)]),
}
NEWER = {"P4/new/steps_2026-02-01.csv": takeout([*THREE, *walked(7)])}


@dataclass
class Clocked:
    """A study after a night that took place on a certain day."""

    study: StudyFolder
    run: Run

    @property
    def read(self) -> tuple[int, int]:
        """How many files were loaded and rejected; there are no others."""
        assert sum(self.run.files.values()) == self.run.files["loaded"] + self.run.files["rejected"]
        return self.run.files["loaded"], self.run.files["rejected"]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Clocked]:
    """The same study, night after night; for one night the clock is a year ahead. "fresh": a new one at the end."""
    folder, found = tmp_path_factory.mktemp("clocked"), {}
    people = [f"P{n},,," for n in range(1, 6)]
    study, new = (StudyFolder(folder / name, people).write() for name in ("study", "fresh"))

    def night(study: StudyFolder, today: str, name: str, *, only_reads: bool = False, **files: bytes) -> None:
        for path, content in files.items():
            study.put(path, content)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("flows.environment.today", lambda study: date.fromisoformat(today))
            if only_reads:
                run = begin(study.folder, Scope())
                for step in (read_control_files, load_exports):
                    step(run)
                run.store.close()
            else:
                run = study.night()
        found[name] = Clocked(study.copied(folder / name), run)

    night(study, "2026-03-02", "03-02", **FILES)
    night(study, "2026-03-02", "03-02 again", only_reads=True)
    night(study, "2026-03-05", "03-05", **NEWER)
    night(study, "2026-03-18", "03-18", only_reads=True)
    night(study, "2026-03-19", "03-19", only_reads=True)
    night(study, "2027-03-10", "2027-03-10")
    night(study, "2026-03-20", "03-20")
    night(study, "2026-03-21", "03-21", only_reads=True)
    night(new, "2026-03-20", "new", **FILES, **NEWER)
    return found


def test_a_file_of_the_future_is_looked_at_when_that_can_matter_and_reddens_the_nights_that_look(nights) -> None:
    first, again, found_anew, healed = (nights[name] for name in ("03-02", "03-02 again", "03-05", "03-18"))
    future = ["P1/aggregates_steps.csv", "P3/ahead/aggregates_steps.csv"]
    assert [fault.file for fault in first.run.new_faults] == future
    assert (again.read, again.run.is_clean, again.run.standing) == ((0, 0), True, 2)
    assert (found_anew.read, found_anew.run.is_clean) == ((1, 1), False)  # the newer one of P4 was loaded
    assert [fault.file for fault in found_anew.run.new_faults] == future[:1]
    assert (healed.read, healed.run.is_clean, healed.run.standing) == ((1, 0), True, 1)


def test_what_was_set_aside_counts_when_its_day_has_come_and_until_then_nothing_is_read(nights) -> None:
    steps = "SELECT sum(steps) FROM daily_activity WHERE participant_id = 'P2'"
    assert nights["03-02"].study.ask(steps) == [(30 * GOOD,)]
    assert nights["03-18"].read == (1, 0)  # that of P1, not this one
    assert nights["03-19"].read == (1, 0)
    assert nights["2027-03-10"].study.day("2026-03-20", "P2")["steps"] == 55
    assert nights["03-19"].study.ask_store("SELECT note FROM source_file WHERE participant_id = 'P2'") == [("",)]


def test_what_a_clock_a_year_ahead_let_in_is_judged_by_the_right_one(nights) -> None:
    ahead, right, next_day = (nights[name] for name in ("2027-03-10", "03-20", "03-21"))
    assert (ahead.read, ahead.run.is_clean) == ((1, 0), True)
    assert ahead.study.day("2026-08-08", "P3")["steps"] == 5000
    assert (right.read, right.run.is_clean) == ((0, 1), False)
    assert right.study.day("2026-08-08", "P3") == {}
    assert next_day.read == (0, 0)


@pytest.mark.parametrize(
    "rows", ["* EXCLUDE (first_seen_at, loaded_at) FROM source_file", "* FROM daily_activity"], ids=["files", "days"]
)
def test_after_all_these_clocks_everything_is_as_in_a_new_study(nights, rows: str) -> None:
    after, new = (nights[name].study.ask(f"SELECT {rows} ORDER BY ALL") for name in ("03-20", "new"))
    assert after == new


# Dates in doubt ------------------------------------------------------------------------------------------------------
def test_a_date_of_which_a_record_was_set_aside_is_a_lower_bound_until_a_newer_export_is_whole(nights) -> None:
    state = "SELECT day(local_date), steps, day_state FROM daily_activity WHERE participant_id = 'P4' ORDER BY 1"
    old, new = (nights[name].study for name in ("03-02", "03-05"))
    assert old.ask(state) == [(4, 4320, "valid"), (5, 4320, "insufficient_wear"), (6, 4320, "valid")]
    assert "2026-02-05" in old.ask_store("SELECT note FROM source_file WHERE participant_id = 'P4'")[0][0]
    assert [row[2] for row in new.ask(state)] == ["valid"] * 4


def test_a_date_in_doubt_of_one_device_is_valid_by_another(nights) -> None:
    day = nights["03-02"].study.day("2026-02-05", "P5")
    assert (day["day_state"], day["steps"]) == ("valid", 4005)


def test_of_an_archive_that_is_looked_into_again_only_what_is_due_is_read_again() -> None:
    def known(sha256: str, status: str, is_due: bool = False) -> Known:
        return Known(9, 9, sha256, status, HERE.zones.fingerprint, "1", is_due)

    folder = Folder(
        HERE,
        {
            "P1/a.zip": known("a", "ignored"),
            "P1/a.zip!/due.csv": known("b", "loaded", is_due=True),
            "P1/a.zip!/settled.csv": known("c", "loaded"),
            "P1/d.csv": known("d", "loaded"),
        },
    )
    assert folder.loaded_at.keys() == {"c", "d"}
