"""Contract section 6: what bad input gets. Each test puts a bad file beside a good one and walks the whole road."""

from __future__ import annotations

import io
import os
import resource
import signal
import sqlite3
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

import connectors
from connectors import _zip
from flows import inbox
from models.study import StudyError
from tests.studies import StudyFolder, at, fitbit_day, garmin_day, minutes
from tests.writers import fit, fitbit


@pytest.fixture
def beside_good(study: StudyFolder) -> StudyFolder:
    """A good file lies in the inbox already: whatever else happens, it must be loaded."""
    study.put("P1/good.fit", garmin_day("2026-03-03"))
    return study


def only_fault(study: StudyFolder):
    """Walk, and return the one fault that must have been found; the good file must have been loaded."""
    run = study.night()
    assert study.day("2026-03-03")["steps"] == 6000
    assert len(run.new_faults) == 1, run.new_faults
    assert study.ask("SELECT outcome FROM run") == [("with rejections",)]
    return run.new_faults[0]


def test_a_file_that_nobody_knows_is_named_and_the_night_goes_on(beside_good: StudyFolder) -> None:
    beside_good.put("P1/notes.csv", "when,what\n2026-03-03,slept\n")
    fault = only_fault(beside_good)
    assert fault.path == "P1/notes.csv"
    assert "garmin_fit_monitoring" in fault.reason
    assert fault.what_to_do
    assert beside_good.ask("SELECT participant_id, length(sha256) FROM rejection") == [("P1", 64)]


def test_companions_that_hold_nothing_for_us_are_ignored_not_rejected(study: StudyFolder) -> None:
    study.put("P1/steps_readme.txt", "Time Series Data Export\n")
    study.put("P1/photo.jpg", b"\xff\xd8\xff\xe0")
    study.put("P1/settings.fit", fit.other(2))
    study.put("P1/empty.csv", b"")
    run = study.night()
    assert run.is_clean
    assert run.files == {"loaded": 0, "duplicate": 0, "rejected": 0, "ignored": 4}
    notes = {path: note for path, note in study.ask_store("SELECT path, note FROM source_file")}
    assert all(notes.values()), notes


def test_two_readers_for_one_file_is_an_error_that_names_both(beside_good: StudyFolder, monkeypatch) -> None:
    greedy = SimpleNamespace(identify=lambda export: True, VERSION=1, SOURCES={}, METRICS={})
    both = {**connectors.connectors(), "greedy": greedy}
    monkeypatch.setattr(connectors, "connectors", lambda: both)
    run = beside_good.night()
    assert "garmin_fit_monitoring" in run.new_faults[0].reason
    assert "greedy" in run.new_faults[0].reason


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "checksum"),
        (lambda data: data[: len(data) // 2], ""),
        (lambda data: data[:8] + b"FIT." + data[12:], ""),
    ],
    ids=["bad checksum", "cut off", "wrong header"],
)
def test_a_damaged_fit_counts_not_at_all(beside_good: StudyFolder, damage, said: str) -> None:
    beside_good.put("P1/bad.fit", damage(garmin_day("2026-03-05")))
    fault = only_fault(beside_good)
    assert said in f"{fault.place} {fault.reason}".lower()
    assert beside_good.day("2026-03-05") == {}


def test_a_missing_column_is_named(beside_good: StudyFolder) -> None:
    content = fitbit.steps({None: minutes(at("2026-03-05 09:00"), [50] * 3)}).replace(
        b"timestamp,steps", b"timestamp,paces"
    )
    beside_good.put("P1/Takeout/Fitbit/Physical Activity_GoogleData/steps_2026-03-01.csv", content)
    fault = only_fault(beside_good)
    assert "steps" in str(fault)


def test_a_new_column_is_loaded_and_noted(study: StudyFolder) -> None:
    lines = fitbit.steps({None: minutes(at("2026-03-05 09:00"), [50] * 3)}).decode().splitlines()
    content = "\n".join([lines[0] + ",mood", *(line + ",7" for line in lines[1:])])
    study.put("P1/steps_2026-03-01.csv", content)
    run = study.night()
    assert run.is_clean
    assert study.day("2026-03-05")["steps"] == 150
    assert "mood" in study.ask_store("SELECT note FROM source_file")[0][0]


@pytest.mark.parametrize(
    ("cell", "place"),
    [("2026-03-05T14:01:00Z,-3", "steps"), ("2026-03-05T25:61:00Z,3", "timestamp"),
     ("2026-03-05T14:01:00Z,1000000000", "steps"),
     ("2031-03-05T14:01:00Z,3", ""), ("1970-01-01T00:00:00Z,3", "")],
    ids=["steps -3", "25:61", "1e9 steps", "the future", "before 1990"],
)  # fmt: skip
def test_a_value_that_cannot_be_rejects_the_whole_file(beside_good: StudyFolder, cell: str, place: str) -> None:
    beside_good.put("P1/steps_2026-03-01.csv", f"timestamp,steps\n2026-03-05T14:00:00Z,20\n{cell}\n")
    fault = only_fault(beside_good)
    assert place in fault.place
    assert beside_good.day("2026-03-05") == {}


def test_two_thousand_minutes_in_a_day_reject_the_diary(beside_good: StudyFolder) -> None:
    beside_good.put("P1/diary.csv", "date,activity,minutes\n2026-03-05,yoga,20\n2026-03-06,yoga,2000\n")
    fault = only_fault(beside_good)
    assert "line 3" in fault.place
    assert "minutes" in fault.place


def test_an_implausible_day_is_kept_and_marked(study: StudyFolder) -> None:
    for name, content in fitbit_day("2026-03-05", steps=61_000).items():
        study.put(f"P1/{name}", content)
    assert study.night().is_clean
    day = study.day("2026-03-05")
    assert (day["day_state"], day["steps"]) == ("implausible", 61_000)


def test_an_unknown_participants_folder_is_rejected_as_a_whole_and_named_once(beside_good: StudyFolder) -> None:
    left = beside_good.put("P9/a.fit", garmin_day("2026-03-05"))
    beside_good.put("P9/b.fit", garmin_day("2026-03-06"))
    fault = only_fault(beside_good)
    assert "unknown participant" in fault.reason
    assert left.exists()
    assert beside_good.ask("SELECT count(*) FROM source_file WHERE participant_id = 'P9'") == [(0,)]


def test_a_folder_becomes_readable_once_its_participant_is_known(study: StudyFolder) -> None:
    study.put("P9/a.fit", garmin_day("2026-03-05"))
    assert not study.night().is_clean
    study.participants.append("P9,,,")
    study.write()
    assert study.night().is_clean
    assert study.day("2026-03-05", "P9")["steps"] == 6000
    assert study.ask("SELECT count(*) FROM rejection") == [(0,)]


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


def test_the_same_content_under_another_name_and_in_a_zip_has_no_effect(study: StudyFolder) -> None:
    content = garmin_day("2026-03-03")
    study.put("P1/one.fit", content)
    study.put("P1/two.fit", content)
    study.put("P1/three.zip", zipped(a__b=content))
    run = study.night()
    assert run.is_clean
    assert run.files == {"loaded": 1, "duplicate": 2, "rejected": 0, "ignored": 1}
    assert study.day("2026-03-03")["steps"] == 6000


def test_the_same_file_in_two_peoples_folders_is_two_files_and_flagged(study: StudyFolder) -> None:
    study.put("P1/one.fit", garmin_day("2026-03-03"))
    study.put("P2/one.fit", garmin_day("2026-03-03"))
    assert study.night().files["loaded"] == 2
    assert study.day("2026-03-03", "P1")["steps"] == study.day("2026-03-03", "P2")["steps"] == 6000


def test_a_newer_export_of_the_same_days_replaces_them_and_the_older_rows_can_be_traced(study: StudyFolder) -> None:
    old = fitbit.steps(
        {None: [*minutes(at("2026-03-05 09:00"), [90] * 10), *minutes(at("2026-03-06 09:00"), [90] * 10)]}
    )
    new = fitbit.steps(
        {None: [*minutes(at("2026-03-05 09:00"), [80] * 5), *minutes(at("2026-03-07 09:00"), [70] * 10)]}
    )
    study.put("P1/b.csv", new)
    study.put("P1/a.csv", old)
    study.night()
    steps = {
        str(d): s for d, s in study.ask("SELECT local_date, steps FROM daily_activity WHERE participant_id = 'P1'")
    }
    assert steps == {"2026-03-05": 400, "2026-03-06": None, "2026-03-07": 700}
    assert study.ask_store("SELECT count(*) FROM minute") == [(35,)]


def test_an_encrypted_zip_is_rejected_and_says_what_to_do(beside_good: StudyFolder) -> None:
    data = bytearray(zipped(a=b"x" * 100))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        flags = data.find(mark) + (6 if mark == b"PK\x03\x04" else 8)
        data[flags] |= 1
    beside_good.put("P1/locked.zip", bytes(data))
    fault = only_fault(beside_good)
    assert "password" in str(fault) or "encrypted" in str(fault)


def test_a_zip_bomb_is_rejected(beside_good: StudyFolder) -> None:
    beside_good.put("P1/bomb.zip", zipped(big=b"timestamp,steps\n" + bytes(150_000_000)))
    assert "bomb.zip" in only_fault(beside_good).path


def test_a_member_that_climbs_out_of_its_zip_is_rejected(beside_good: StudyFolder) -> None:
    beside_good.put("P1/climbs.zip", zipped(**{"../../../etc/x.fit": garmin_day("2026-03-05")}))
    assert "climbs.zip" in only_fault(beside_good).path
    assert not (beside_good.folder.parent / "etc").exists()


def test_a_link_out_of_the_inbox_and_a_pipe_are_never_opened(beside_good: StudyFolder) -> None:
    outside = beside_good.folder.parent / "secret.fit"
    outside.write_bytes(garmin_day("2026-03-05"))
    os.symlink(outside, beside_good.folder / "inbox/P1/link.fit")
    os.mkfifo(beside_good.folder / "inbox/P1/pipe.fit")
    run = beside_good.night()
    assert sorted(f.reason.split(",")[0] for f in run.new_faults) == [
        "found a device or pipe",
        "found a link to a place outside the inbox",
    ]
    assert beside_good.day("2026-03-05") == {}


def test_an_empty_inbox_is_a_normal_night(study: StudyFolder) -> None:
    run = study.night()
    assert run.is_clean
    assert study.ask("SELECT count(*) FROM daily_activity") == [(0,)]


def test_a_fault_turns_the_night_red_once_and_stands_from_then_on(beside_good: StudyFolder) -> None:
    beside_good.put("P1/notes.csv", "when,what\n")
    beside_good.put("P9/a.fit", garmin_day("2026-03-05"))
    beside_good.goals.append("G2,,P1,,1,1,daily_mean,strides,5000,,,2026-03-02,,,")
    beside_good.write()
    assert len(beside_good.night().new_faults) == 3
    before = beside_good.ask("SELECT * FROM rejection ORDER BY ALL")
    again = beside_good.night()
    assert again.is_clean
    assert again.standing == 3
    assert beside_good.ask("SELECT * FROM rejection ORDER BY ALL") == before


def test_a_wrong_control_row_is_named_and_the_good_ones_are_used(beside_good: StudyFolder) -> None:
    beside_good.infusions.append("I2,P1,2026-13-01,,")
    beside_good.write()
    fault = only_fault(beside_good)
    assert str(fault).startswith("infusions.csv, line 3, infused_on: '2026-13-01'")
    assert beside_good.ask("SELECT infusion_id FROM infusion") == [("I1",)]
    assert "2026-13-01" not in str(beside_good.ask("SELECT * FROM rejection"))


# Hostile input ------------------------------------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    content = zipped(a=garmin_day("2026-03-05"))
    for _ in range(depth):
        content = zipped(**{"in.zip": content})
    return content


def test_zips_nested_more_than_four_deep_are_rejected_and_less_deep_ones_read(beside_good: StudyFolder) -> None:
    beside_good.put("P1/deep.zip", nested(5))
    assert "more than 4 zips inside each other" in only_fault(beside_good).reason
    assert beside_good.day("2026-03-05") == {}
    beside_good.put("P1/less.zip", nested(4))
    beside_good.night()
    assert beside_good.day("2026-03-05")["steps"] == 6000


def test_a_zip_of_a_million_members_is_rejected_before_it_is_listed(beside_good: StudyFolder, monkeypatch) -> None:
    monkeypatch.setattr(_zip, "MOST_LISTED", 10_000)  # the same with fewer members
    beside_good.put("P1/many.zip", zipped(**{f"member{n}.csv": b"" for n in range(300)}))
    fault = only_fault(beside_good)
    assert (fault.path, "members" in fault.reason) == ("P1/many.zip", True)


def test_members_of_zips_inside_zips_count_together() -> None:
    inner = zipped(a=b"1", b=b"2")
    outer = zipped(**{"1.zip": inner, "2.zip": inner})
    found = list(_zip._members(io.BytesIO(outer), "drop.zip", 0, _zip._Budget(10**9, members=5)))
    assert [item.name for item in found] == ["drop.zip/1.zip/a", "drop.zip/1.zip/b", "drop.zip/2.zip"]
    assert isinstance(found[-1], _zip.Refusal)


HOSTILE = {
    "laughs.xml": b'<!DOCTYPE HealthData [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
                  b'<HealthData><ExportDate value="&b;"/></HealthData>',
    "outside.xml": b'<!DOCTYPE HealthData [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
                   b'<HealthData><ExportDate value="&a;"/></HealthData>',
    "deep.xml": b"<HealthData>" + b"<a>" * 200_000,
    "deep.json": b'{"bucket":' * 100_000,
    "deep_list.json": b"[" * 5_000_000,
    "one_line.csv": b"timestamp,steps\n" + b"7" * 30_000_000,
    "no_end.json": b'{"data": "' + b"x" * 70_000_000,
    "sheet.xlsx": zipped(**{"xl/workbook.xml": b"<workbook/>"}),
    "binary.fit": b"\x0e\x10\xff\xff\xff\xff\xff\x7f.FIT" + bytes(range(256)) * 20,
}  # fmt: skip


def test_hostile_files_are_rejected_in_bounded_time_and_memory(beside_good: StudyFolder) -> None:
    for name, content in HOSTILE.items():
        beside_good.put(f"P1/{name}", content)
    begin, most = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run = beside_good.night()
    assert sorted(fault.path for fault in run.new_faults) == sorted(f"P1/{name}" for name in HOSTILE)
    assert not any("not made for" in fault.reason for fault in run.new_faults)  # each was foreseen
    assert beside_good.day("2026-03-03")["steps"] == 6000
    assert time.process_time() - begin < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most < 700_000  # kB; the largest has 70 MB


def test_a_database_with_a_view_where_a_table_belongs_is_rejected(beside_good: StudyFolder, tmp_path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE application_info_table (row_id INTEGER, package_name TEXT);"
            "CREATE VIEW steps_record_table AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT i AS start_time, i AS end_time, i AS count, 1 AS app_info_id FROM n;"
        )
    beside_good.put("P1/health_connect_export.db", path.read_bytes())
    assert "no such table" in only_fault(beside_good).reason


def test_names_from_an_inbox_are_kept_printable_and_never_break_a_night(beside_good: StudyFolder) -> None:
    folder = os.fsencode(beside_good.folder / "inbox/P1")
    for name in (b"not \xff utf8.csv", b"\x1b[31mred\n.csv", b"[bold]'; DROP TABLE day; --.csv", b"n" * 250 + b".csv"):
        with open(folder + b"/" + name, "wb") as out:
            out.write(b"when,what\n" + name[:9].hex().encode())
    beside_good.put("P1/names.zip", zipped(**{"\x1b[2J" + "n" * 60_000: b"when,what,how\n"}))
    paths = sorted(fault.path for fault in beside_good.night().new_faults)
    assert len(paths) == 5
    assert all(path.isprintable() for path in paths)
    assert any("not \\udcff utf8" in path for path in paths)
    assert beside_good.night().is_clean


def test_folders_without_end_are_rejected_and_the_rest_is_read(beside_good: StudyFolder) -> None:
    beside_good.put("P1/" + "d/" * 60 + "a.fit", garmin_day("2026-03-05"))
    assert "folders more than 40 deep" in only_fault(beside_good).reason


def test_what_may_not_be_read_is_named_and_read_as_soon_as_it_may(beside_good: StudyFolder, monkeypatch) -> None:
    shut = beside_good.put("P1/shut.fit", garmin_day("2026-03-05"))
    beside_good.put("P1/closed/a.fit", garmin_day("2026-03-06"))
    open_file, list_folder = Path.open, os.scandir

    def forbidden_file(path, *arguments, **named):
        if path == shut:
            raise PermissionError(13, "Permission denied", str(path))
        return open_file(path, *arguments, **named)

    def forbidden_folder(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return list_folder(path)

    monkeypatch.setattr(Path, "open", forbidden_file)  # not by chmod: root may read everything
    monkeypatch.setattr(os, "scandir", forbidden_folder)
    run = beside_good.night()
    assert sorted((f.path, "Permission denied" in f.reason) for f in run.new_faults) == [
        ("P1/closed", True),
        ("P1/shut.fit", True),
    ]
    assert beside_good.night().is_clean
    monkeypatch.undo()
    assert beside_good.night().files["loaded"] == 2
    assert beside_good.ask("SELECT count(*) FROM rejection") == [(0,)]


def test_a_reader_that_fails_in_an_unforeseen_way_costs_one_file_not_the_night(beside_good, monkeypatch) -> None:
    def stumble(export, context):
        raise IndexError("a text with a measured value in it")

    reader = connectors.connectors()["diary"]
    monkeypatch.setattr(reader, "extract", stumble)
    beside_good.put("P1/diary.csv", "date,activity,minutes\n2026-03-05,yoga,20\n")
    fault = only_fault(beside_good)
    assert "IndexError" in fault.reason
    assert "measured" not in str(fault)


def die_of(chunk: list) -> list:
    """A reading process that a file named killer.fit ends."""
    if any(drop.path.endswith("killer.fit") for _, drop in chunk):
        os.kill(os.getpid(), signal.SIGKILL)
    return inbox.read_chunk(chunk)


def test_a_file_that_kills_the_process_that_reads_it_costs_one_file_not_the_night(beside_good, monkeypatch) -> None:
    beside_good.put("P1/killer.fit", garmin_day("2026-03-05"))
    beside_good.put("P2/b.fit", garmin_day("2026-03-06"))
    monkeypatch.setattr(inbox, "CHUNK_FILES", 2)
    monkeypatch.setattr(inbox, "read_chunk", die_of)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert only_fault(beside_good).path == "P1/killer.fit"
    assert beside_good.day("2026-03-06", "P2")["steps"] == 6000


def test_nothing_is_written_outside_the_warehouse(beside_good: StudyFolder, tmp_path) -> None:
    """The warehouse may be a link, and everything the inbox names stays a name."""
    away = tmp_path / "disk"
    away.mkdir()
    (beside_good.folder / "warehouse").symlink_to(away)
    beside_good.put("P1/climbs.zip", zipped(**{"../../../../warehouse/store.duckdb": b"x", "device.key": b"x"}))

    def others() -> dict[Path, int]:
        found = {p: p.lstat().st_mtime_ns for p in tmp_path.rglob("*")}
        return {p: time for p, time in found.items() if p != away and away not in p.parents}

    before = others()
    beside_good.night()
    assert others() == before
    assert {p.name for p in away.iterdir() if not p.name.startswith("analytics-")} == {
        "store.duckdb", "store.lock", "device.key", "analytics.duckdb",
    }  # fmt: skip


def test_a_warehouse_in_the_inbox_is_refused(study: StudyFolder) -> None:
    study.settings = '[warehouse]\npath = "inbox/P1/warehouse"\n'
    study.write()
    with pytest.raises(StudyError, match="warehouse"):
        study.night()
    assert not (study.folder / "inbox/P1").exists()
