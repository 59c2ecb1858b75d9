"""Files and names made to harm: each costs a rejection, bounded time and memory, and nothing outside the warehouse."""

from __future__ import annotations

import io
import os
import resource
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

import connectors
from connectors import Context
from connectors.kit import archive as _archive
from connectors.kit import zip as _zip
from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile
from flows.night.reading import read_chunk
from flows.night.run import Run
from models.fault import Fault, StudyError
from tests.goldens import export_of
from tests.studies import StudyFolder, garmin_day, read_here
from tests.test_bad_input import zipped


def nested(depth: int, day: str) -> bytes:
    content = zipped(a=garmin_day(day))
    for _ in range(depth):
        content = zipped(**{"in.zip": content})
    return content


def test_a_zip_of_a_million_members_is_rejected_before_it_is_listed(monkeypatch) -> None:
    monkeypatch.setattr(_zip, "MOST_LISTED", 10_000)  # the same with fewer members
    many = export_of("many.zip", zipped(**{f"member{n}.csv": b"" for n in range(300)}))
    (fault,) = connectors.members(many) or ()
    assert isinstance(fault, Fault)
    assert (fault.file, "members" in fault.reason) == ("many.zip", True)


def test_members_of_zips_inside_zips_count_together() -> None:
    inner = zipped(a=b"1", b=b"2")
    outer = zipped(**{"1.zip": inner, "2.zip": inner})
    export = _archive.Export("drop.zip", len(outer), lambda: io.BytesIO(outer))
    found = list(_archive._members(export, 0, _archive.Budget(10**9, members=5), None))
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


NAMES = (b"not \xff utf8.csv", b"\x1b[31mred\n.csv", b"[bold]'; DROP TABLE day; --.csv", b"n" * 250 + b".csv")


def a_view_where_a_table_belongs() -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.executescript(
            "CREATE TABLE application_info_table (row_id INTEGER, package_name TEXT);"
            "CREATE VIEW steps_record_table AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT i AS start_time, i AS end_time, i AS count, 1 AS app_info_id FROM n;"
        )
        return database.serialize()


@dataclass
class Hostile:
    """A study after a night over all this, beside a good file; its warehouse is a link."""

    study: StudyFolder
    faults: dict[str, Fault]
    again: Run  # of the night after
    seconds: float  # of the processor
    memory: int  # kB
    outside: list[dict[Path, int]]  # when what is not in the warehouse was changed, before and after

    def of(self, who: str) -> dict[str, Fault]:
        return {name.removeprefix(who): fault for name, fault in self.faults.items() if name.startswith(who)}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    folder = tmp_path_factory.mktemp("hostile")
    study = StudyFolder(folder / "study", ["P1,,,", "P2,,,", "P3,,,"]).write()
    (folder / "disk").mkdir()
    (study.folder / "warehouse").symlink_to(folder / "disk")
    for name, content in HOSTILE.items():
        study.put(f"P1/{name}", content)
    study.put("P1/good.fit", garmin_day("2026-03-03"))
    for raw in NAMES:
        study.put(f"P2/{os.fsdecode(raw)}", "when,what\n" + raw[:9].hex())
    study.put("P2/names.zip", zipped(**{"\x1b[2J" + "n" * 60_000: b"when,what,how\n"}))
    study.put("P3/climbs.zip", zipped(**{"../../../../warehouse/store.duckdb": b"x", "device.key": b"x"}))
    study.put("P3/deep.zip", nested(5, "2026-03-05"))
    study.put("P3/less.zip", nested(4, "2026-03-07"))
    study.put("P3/health_connect_export.db", a_view_where_a_table_belongs())
    study.put("P3/" + "d/" * 60 + "a.fit", garmin_day("2026-03-06"))

    def outside() -> dict[Path, int]:
        found = (path for path in folder.rglob("*") if path.relative_to(folder).parts[0] != "disk")
        return {path: path.lstat().st_mtime_ns for path in found}

    before, begin, most = outside(), time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run = study.night()
    seconds, memory = time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most
    again = study.night()
    return Hostile(study, {f.file: f for f in run.new_faults}, again, seconds, memory, [before, outside()])


def test_hostile_files_are_rejected_in_bounded_time_and_memory(hostile: Hostile) -> None:
    assert hostile.of("P1/").keys() == HOSTILE.keys()
    assert not any("not made for" in fault.reason for fault in hostile.faults.values())  # each was foreseen
    assert hostile.study.day("2026-03-03")["steps"] == 6000
    assert hostile.seconds < 30
    assert hostile.memory < 700_000  # the largest has 70 MB


def test_names_from_an_inbox_are_kept_printable_and_never_break_a_night(hostile: Hostile) -> None:
    paths = hostile.of("P2/")
    assert len(paths) == 5
    assert all(path.isprintable() for path in paths)
    assert any("not \\udcff utf8" in path for path in paths)
    assert hostile.again.is_clean


def test_zips_nested_more_than_four_deep_are_rejected_and_less_deep_ones_read(hostile: Hostile) -> None:
    (deep,) = (fault for name, fault in hostile.of("P3/").items() if name.startswith("deep.zip"))
    assert "more than 4 archives inside each other" in deep.reason
    assert hostile.study.day("2026-03-05", "P3").get("steps") is None
    assert hostile.study.day("2026-03-07", "P3")["steps"] == 6000


def test_a_database_with_a_view_where_a_table_belongs_is_rejected(hostile: Hostile) -> None:
    assert "no such table" in hostile.faults["P3/health_connect_export.db"].reason


def test_folders_without_end_are_rejected_and_the_rest_is_read(hostile: Hostile) -> None:
    (endless,) = (fault for name, fault in hostile.of("P3/").items() if name.startswith("d/"))
    assert "folders more than 40 deep" in endless.reason


def test_nothing_is_written_outside_the_warehouse(hostile: Hostile) -> None:
    """The warehouse may be a link, and everything the inbox names stays a name."""
    before, after = hostile.outside
    assert after == before
    warehouse = hostile.study.folder / "warehouse"
    assert {path.name for path in warehouse.iterdir() if not path.name.startswith("analytics-")} == {
        "store.duckdb", "store.lock", "device.key", "analytics.duckdb", "health.json", "logs", "spill", "control",
        "changes.csv", "metrics.prom",
    }  # fmt: skip


def test_what_may_not_be_read_is_named_and_read_as_soon_as_it_may(study: StudyFolder, monkeypatch) -> None:
    shut = study.put("P1/shut.fit", garmin_day("2026-03-05"))
    study.put("P1/closed/a.fit", garmin_day("2026-03-06"))
    open_file, open_folder = Path.open, os.open

    def forbidden_file(path, *arguments, **named):
        if path == shut:
            raise PermissionError(13, "Permission denied", str(path))
        return open_file(path, *arguments, **named)

    def forbidden_folder(path, *how, **named):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return open_folder(path, *how, **named)

    read_here(monkeypatch)
    monkeypatch.setattr(Path, "open", forbidden_file)  # not by chmod: root may read everything
    monkeypatch.setattr(os, "open", forbidden_folder)
    run = study.night()
    assert sorted((f.file, "Permission denied" in f.reason) for f in run.new_faults) == [
        ("P1/closed", True),
        ("P1/shut.fit", True),
    ]
    assert study.night().is_clean
    monkeypatch.undo()
    assert study.night().files["loaded"] == 2
    assert study.ask("SELECT count(*) FROM rejection") == [(0,)]


def test_a_reader_that_fails_in_an_unforeseen_way_costs_one_file(tmp_path: Path, context: Context, monkeypatch) -> None:
    def stumble(export, context):
        raise IndexError("a text with a measured value in it")

    monkeypatch.setattr(connectors.connectors()["diary"], "extract", stumble)
    study = StudyFolder(tmp_path)
    chunk = []
    for name, content in (
        ("diary.csv", "date,activity,minutes\n2026-03-05,yoga,20\n"),
        ("good.fit", garmin_day("2026-03-05")),
    ):
        path = study.put(name, content)
        chunk.append(
            (Folder(context, {}), InboxFile("P1", name, str(path), path.stat().st_size, path.stat().st_mtime_ns))
        )
    bad, good = read_chunk(chunk).results()
    assert "IndexError" in str(bad.rejected)
    assert "measured" not in str(bad.rejected)
    assert good.extract


def test_a_warehouse_in_the_inbox_is_refused(study: StudyFolder) -> None:
    study.settings = '[warehouse]\npath = "inbox/P1/warehouse"\n'
    study.write()
    with pytest.raises(StudyError, match="warehouse"):
        study.night()
    assert not (study.folder / "inbox/P1").exists()
