"""Evidence that moves or leaves: the ledger follows the inbox, and a coordinator can take a file out."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from flows.answers.status import look
from flows.cli import main
from models.fault import StudyError
from models.store import memory as store_memory
from models.study.folder import read_study
from tests.studies import StudyFolder, garmin_day, read_here

DAY = "2026-03-03"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def a_day(study: StudyFolder) -> None:
    study.put("P1/day.fit", garmin_day(DAY))


def a_days_folder(study: StudyFolder) -> None:
    study.put("P1/garmin/day.fit", garmin_day(DAY))


def a_day_and_a_late_one(study: StudyFolder) -> None:
    a_day(study)
    study.night()
    study.put("P1/late.fit", garmin_day("2026-03-04", 9000))


def move(study: StudyFolder, old: str, new: str) -> None:
    target = study.folder / "inbox" / new
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(study.folder / "inbox" / old, target)


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def ledger(study: StudyFolder) -> list[tuple]:
    return study.ask_store("SELECT participant_id, path, status FROM source_file ORDER BY ALL")


def kinds(study: StudyFolder) -> set[tuple[str, str]]:
    return {(finding.urgency, finding.kind) for finding in look(read_study(study.folder)).findings}


def causes(study: StudyFolder) -> list[str]:
    return [why for (why,) in study.ask("SELECT cause FROM goal_week_history ORDER BY evaluated_at")]


def steps(study: StudyFolder, who: str = "P1") -> int | None:
    return study.day(DAY, who).get("steps")


@pytest.mark.after_a_night(over=a_days_folder)
def test_a_file_that_was_moved_leaves_the_first_person_and_comes_back_when_it_does(study: StudyFolder) -> None:
    move(study, "P1/garmin/day.fit", "P2/other name.fit")
    run = study.night()
    assert (run.moved, run.is_clean, steps(study), steps(study, "P2")) == (1, True, None, 6000)
    assert causes(study) == ["first_verdict", "file_moved"]
    assert study.ask("SELECT participant_id, status FROM source_file") == [("P2", "loaded")]
    assert ("P1", "P1/garmin/day.fit", "withdrawn") in ledger(study)
    assert study.night().moved == 0
    move(study, "P2/other name.fit", "P1/garmin/day.fit")
    study.night()
    assert (steps(study), steps(study, "P2")) == (6000, None)
    assert study.ask("SELECT participant_id, status FROM source_file") == [("P1", "loaded")]


def test_what_lies_in_both_folders_counts_in_both_and_is_named(study: StudyFolder) -> None:
    for who in ("P1", "P2"):
        study.put(f"{who}/day.fit", garmin_day(DAY))
    study.night()
    study.night()
    assert (steps(study), steps(study, "P2")) == (6000, 6000)
    assert ("soon", "same_file") in kinds(study)
    (study.folder / "inbox/P1/day.fit").unlink()
    study.night()
    assert (steps(study), steps(study, "P2")) == (None, 6000)
    assert ("soon", "same_file") not in kinds(study)


def test_an_archives_files_go_where_it_goes(study: StudyFolder) -> None:
    study.put("P1/export.zip", zipped(**{"a.fit": garmin_day(DAY), "photo.jpg": b"\xff\xd8"}))
    study.night()
    move(study, "P1/export.zip", "P2/sub/export.zip")
    assert study.night().moved == 1
    assert (steps(study), steps(study, "P2")) == (None, 6000)
    assert {who for who, _, status in ledger(study) if status != "withdrawn"} == {"P2"}


@pytest.mark.parametrize("how", ["renamed", "into a folder", "packed", "unpacked"])
def test_within_one_folder_only_the_path_changes(study: StudyFolder, how: str) -> None:
    content = garmin_day(DAY)
    study.put("P1/day.fit", zipped(**{"x.fit": content}) if how == "unpacked" else content)
    study.night()
    before = study.ask("FROM source_file"), study.ask("FROM daily_activity"), study.ask("FROM goal_week_history")
    (study.folder / "inbox/P1/day.fit").unlink()
    there = {"renamed": "P1/b.fit", "into a folder": "P1/c/day.fit", "packed": "P1/e.zip", "unpacked": "P1/x.fit"}[how]
    study.put(there, zipped(**{"x.fit": content}) if how == "packed" else content)
    run = study.night()
    assert (run.days, run.changes, run.moved) == (0, 0, 0)
    assert study.ask("FROM daily_activity") == before[1]
    assert study.ask("FROM goal_week_history") == before[2]
    assert [row for row in study.ask("FROM source_file WHERE status = 'loaded'") if row not in before[0]] == []
    assert {path.partition("!/")[0] for _, path, _ in ledger(study)} == {there}
    assert ("note", "gone") not in kinds(study)


def test_what_is_merely_gone_stays_counted_and_is_noted(study: StudyFolder) -> None:
    study.put("P1/day.fit", garmin_day(DAY))
    study.put("P1/note.xyz", b"what is this")
    study.put("P2/day.fit", garmin_day("2026-03-04"))
    study.put("P2/stays.fit", garmin_day("2026-03-05"))
    assert not study.night().is_clean
    for name in ("day.fit", "note.xyz"):
        (study.folder / "inbox/P1" / name).unlink()
    move(study, "P2/day.fit", "P9/day.fit")  # nobody the study knows
    run = study.night()
    assert (run.moved, steps(study), study.day("2026-03-04", "P2")["steps"]) == (0, 6000, 6000)
    assert study.ask("SELECT count(*) FROM rejection WHERE participant_id = 'P1'") == [(0,)]
    assert ("note", "gone") in kinds(study)


@pytest.mark.after_a_night(over=a_day)
def test_an_inbox_that_is_gone_is_a_fault_until_it_is_back(study: StudyFolder) -> None:
    (study.folder / "inbox").rename(study.folder / "away")
    for _ in range(2):
        run = study.night()
        assert not run.is_clean
        assert "1 file of 1 person" in run.problems
        assert steps(study) == 6000
    assert ("now", "alarm") in kinds(study)
    assert ("note", "gone") not in kinds(study)
    (study.folder / "away").rename(study.folder / "inbox")
    assert ("now", "alarm") not in kinds(study)
    assert study.night().is_clean
    assert study.ask("FROM rejection") == []


def test_an_inbox_at_an_address_that_is_empty_is_a_fault_too(study: StudyFolder) -> None:
    pytest.importorskip("fsspec")
    study.put("P1/day.fit", garmin_day(DAY))
    toml = study.folder / "study.toml"
    toml.write_text(f'{toml.read_text()}\n[inbox]\npath = "{(study.folder / "inbox").as_uri()}"\n')
    assert study.night().is_clean
    shutil.rmtree(study.folder / "inbox")
    assert not study.night().is_clean


@pytest.mark.after_a_night(over=a_day_and_a_late_one)
def test_a_rebuild_refuses_to_lose_and_keeps_what_was_said(study: StudyFolder) -> None:
    said = study.ask("FROM goal_week_history ORDER BY ALL")
    loaded = study.ask("SELECT loaded_at FROM source_file ORDER BY ALL")
    runs = study.ask("SELECT count(*) FROM run")[0][0]
    run = study.night(command="backfill", rebuild=True)
    assert (run.changes, run.is_clean) == (0, True)
    assert study.ask("FROM goal_week_history ORDER BY ALL") == said
    assert study.ask("SELECT loaded_at FROM source_file ORDER BY ALL") == loaded
    assert study.ask("SELECT count(*) FROM run") == [(runs + 1,)]
    (study.folder / "inbox/P1/late.fit").unlink()
    with pytest.raises(StudyError, match=r"1 file of 1 person.*--accept-loss"):
        study.night(command="backfill", rebuild=True)
    assert study.ask("FROM goal_week_history ORDER BY ALL") == said
    study.night(command="backfill", rebuild=True, accept_loss=True)
    assert causes(study) == ["first_verdict", "late_data", "file_unloaded"]
    kept = {path.name for path in (study.folder / "warehouse").glob("store.before-*.duckdb")}
    assert kept == {"store.before-rebuild.duckdb", "store.before-rebuild-2.duckdb"}
    assert study.night().changes == 0


@pytest.mark.after_a_night(over=a_day_and_a_late_one)
def test_a_rebuild_of_a_damaged_store_keeps_the_history_that_was_published(study: StudyFolder) -> None:
    said = study.ask("FROM goal_week_history ORDER BY ALL")
    (study.folder / "warehouse/store.duckdb").write_bytes(b"hello" * 9000)
    assert study.night(command="backfill", rebuild=True).changes == 0
    assert study.ask("FROM goal_week_history ORDER BY ALL") == said
    (study.folder / "warehouse/store.duckdb").write_bytes(b"hello" * 9000)
    shutil.rmtree(study.folder / "inbox/P1")
    with pytest.raises(StudyError, match="2 files of 1 person"):
        study.night(command="backfill", rebuild=True)


DERIVED = """source_file rejection device coverage minute reading session session_part daily_total attestation study
participant infusion goal hold stale_day local_day standing_session day source_day unjudged_day suspect_day
doubted_day unusable loaded_before published migration audit forgotten"""


@pytest.mark.after_a_night
def test_of_every_table_it_is_said_whether_a_rebuild_keeps_it(study: StudyFolder) -> None:
    known = {*DERIVED.split(), *store_memory.MEMORY, *store_memory.LAST_TIME}
    tables = {name for (name,) in study.ask_store("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")}
    assert tables == known, "say in models/store/memory.py, or in DERIVED here, what a rebuild does with each"


@pytest.mark.after_a_night(over=a_days_folder)
def test_whoever_is_forgotten_is_forgotten_where_their_file_once_lay(study: StudyFolder) -> None:
    move(study, "P1/garmin/day.fit", "P2/day.fit")
    study.night()
    assert main(["forget", "P2", "--yes", "--study", str(study.folder)]) == 0
    assert ledger(study) == []
    assert study.ask_store("FROM device") == []


def unload(study: StudyFolder, *words: str) -> int:
    return main(["unload", *words, "--study", str(study.folder)])


def test_a_file_that_was_unloaded_stays_out_until_it_is_taken_back(study: StudyFolder, capsys) -> None:
    study.put("P1/takeout.zip", zipped(**{"a.fit": garmin_day(DAY)}))
    study.night()
    assert unload(study, "P1", "P1/takeout.zip", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["unloaded"], told["verdicts_changed"]) == (1, 1)
    assert causes(study) == ["first_verdict", "file_unloaded"]
    for scope in ({}, {"command": "backfill", "reload": True}, {"command": "backfill", "rebuild": True}):
        study.put("P1/copy.fit", garmin_day(DAY))
        study.night(**scope)
        assert steps(study) is None, scope
    assert ("note", "unloaded") in kinds(study)
    assert ("P1", "unloaded") in study.ask("SELECT participant_id, status FROM source_file")
    assert unload(study, "P1", "inbox/P1/takeout.zip") == 0  # again: nothing more to do
    assert unload(study, "P1", told["files"][0]["sha256"][:8].upper(), "--undo") == 0
    assert steps(study) == 6000
    assert study.ask_store("FROM unloaded") == []
    assert study.ask("SELECT count(*) FROM audit WHERE what LIKE 'files were ta%'") == [(2,)]


def test_what_cannot_be_unloaded_is_one_line_that_says_what_is_near(study: StudyFolder, capsys) -> None:
    study.put("P1/garmin/day.fit", garmin_day(DAY))
    study.put("P1/photo.jpg", b"\xff\xd8")
    study.night()
    for words, said in (
        (("P7", "P7/day.fit"), "no participant P7"),
        (("P1", "P1/garmin/dya.fit"), "is P1/garmin/day.fit meant?"),
        (("P1", "day.fit"), "is P1/garmin/day.fit meant?"),
        (("P2", "P2/day.fit"), "nothing of theirs is loaded"),
        (("P1", "P1"), "stepwindow forget P1"),
        (("P1", "P1/photo.jpg"), "nothing of it counts (it is ignored)"),
        (("P1", "0123456789"), "no such file of P1"),
    ):
        assert unload(study, *words) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert said in err
    assert steps(study) == 6000


@pytest.mark.after_a_night(over=a_day)
def test_an_earlier_as_of_shows_the_verdicts_and_keeps_nothing(study: StudyFolder, capsys) -> None:
    warehouse: Path = study.folder / "warehouse"
    before = {path: path.read_bytes() for path in warehouse.rglob("*") if path.is_file() and "log" not in str(path)}
    study.put("P1/late.fit", garmin_day("2026-03-04"))
    for command in ("backfill", "nightly"):
        words = [command, "--as-of", "2026-03-01", "--no-engine", "--json", "--study", str(study.folder)]
        assert main(words) == 0
        assert [row["status"] for row in json.loads(capsys.readouterr().out)] == ["upcoming"]
    after = {path: path.read_bytes() for path in warehouse.rglob("*") if path.is_file() and "log" not in str(path)}
    changed = {path.name for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed <= {"store.lock"}
