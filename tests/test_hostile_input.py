"""Files and names made to harm: each costs a rejection, bounded time and memory, and nothing outside the warehouse."""

from __future__ import annotations

import io
import os
import resource
import sqlite3
import time
from pathlib import Path

import pytest

import connectors
from connectors.kit import archive as _archive
from connectors.kit import zip as _zip
from models.fault import Fault, StudyError
from tests.studies import StudyFolder, garmin_day, read_here
from tests.test_bad_input import beside_good, only_fault, zipped

__all__ = ["beside_good"]  # the fixture


def nested(depth: int, day: str) -> bytes:
    content = zipped(a=garmin_day(day))
    for _ in range(depth):
        content = zipped(**{"in.zip": content})
    return content


def test_zips_nested_more_than_four_deep_are_rejected_and_less_deep_ones_read(beside_good: StudyFolder) -> None:
    beside_good.put("P1/deep.zip", nested(5, "2026-03-05"))
    beside_good.put("P1/less.zip", nested(4, "2026-03-07"))
    assert "more than 4 archives inside each other" in only_fault(beside_good).reason
    assert beside_good.day("2026-03-05").get("steps") is None
    assert beside_good.day("2026-03-07")["steps"] == 6000


def test_a_zip_of_a_million_members_is_rejected_before_it_is_listed(beside_good: StudyFolder, monkeypatch) -> None:
    read_here(monkeypatch)
    monkeypatch.setattr(_zip, "MOST_LISTED", 10_000)  # the same with fewer members
    beside_good.put("P1/many.zip", zipped(**{f"member{n}.csv": b"" for n in range(300)}))
    fault = only_fault(beside_good)
    assert (fault.file, "members" in fault.reason) == ("P1/many.zip", True)


def test_members_of_zips_inside_zips_count_together() -> None:
    inner = zipped(a=b"1", b=b"2")
    outer = zipped(**{"1.zip": inner, "2.zip": inner})
    export = _archive.Export("drop.zip", len(outer), lambda: io.BytesIO(outer))
    found = list(_archive._members(export, 0, _archive.Budget(10**9, members=5)))
    assert [getattr(item, "name", None) or item.file for item in found] == [
        "drop.zip/1.zip/a",
        "drop.zip/1.zip/b",
        "drop.zip/2.zip",
    ]
    assert isinstance(found[-1], Fault)


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
    assert sorted(fault.file for fault in run.new_faults) == sorted(f"P1/{name}" for name in HOSTILE)
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
    paths = sorted(fault.file for fault in beside_good.night().new_faults)
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

    read_here(monkeypatch)
    monkeypatch.setattr(Path, "open", forbidden_file)  # not by chmod: root may read everything
    monkeypatch.setattr(os, "scandir", forbidden_folder)
    run = beside_good.night()
    assert sorted((f.file, "Permission denied" in f.reason) for f in run.new_faults) == [
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

    read_here(monkeypatch)
    reader = connectors.connectors()["diary"]
    monkeypatch.setattr(reader, "extract", stumble)
    beside_good.put("P1/diary.csv", "date,activity,minutes\n2026-03-05,yoga,20\n")
    fault = only_fault(beside_good)
    assert "IndexError" in fault.reason
    assert "measured" not in str(fault)


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
        "store.duckdb", "store.lock", "device.key", "analytics.duckdb", "health.json", "logs", "spill", "control",
    }  # fmt: skip


def test_a_warehouse_in_the_inbox_is_refused(study: StudyFolder) -> None:
    study.settings = '[warehouse]\npath = "inbox/P1/warehouse"\n'
    study.write()
    with pytest.raises(StudyError, match="warehouse"):
        study.night()
    assert not (study.folder / "inbox/P1").exists()
