"""Evidence that moves or leaves: the ledger follows the inbox, and a coordinator can take a file out."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path

import pytest

from flows.answers.status import look
from flows.cli import main
from flows.night.run import Run
from models.fault import StudyError
from models.store import memory as store_memory
from models.study.folder import read_study
from tests.studies import StudyFolder, fitbit_day, garmin_day, read_here

DAY = "2026-03-03"


@pytest.fixture(autouse=True, scope="module")
def _here() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        read_here(patched)
        yield


def a_day(study: StudyFolder) -> None:
    """Of P1, and of P2 in an archive."""
    study.participants.append("P3,,,")
    with_a_goal(study, "P2")
    study.put("P1/garmin/day.fit", garmin_day(DAY))
    study.put("P1/garmin/photo.jpg", b"\xff\xd8\xff")
    study.put("P2/takeout.zip", zipped(**{"a.fit": garmin_day(DAY, serial=2)}))


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


def ledger(study: StudyFolder, *people: str) -> list[tuple]:
    rows = study.ask_store("SELECT participant_id, path, status FROM source_file ORDER BY ALL")
    return [row for row in rows if row[0] in people]


def loaded(study: StudyFolder, *people: str) -> list[str]:
    return [who for who, _, status in ledger(study, *people) if status == "loaded"]


def kinds(study: StudyFolder) -> set[tuple[str, str]]:
    return {(finding.urgency, finding.kind) for finding in look(read_study(study.folder)).findings}


def causes(study: StudyFolder, who: str) -> list[str]:
    sql = f"SELECT cause FROM goal_week_history WHERE participant_id = '{who}' ORDER BY evaluated_at"
    return [why for (why,) in study.ask(sql)]


def steps(study: StudyFolder, who: str = "P1") -> int | None:
    return study.day(DAY, who).get("steps")


def with_a_goal(study: StudyFolder, *people: str) -> StudyFolder:
    study.infusions += [f"{who}-1,{who},2026-03-02,," for who in people]
    study.goals += [f"{who}-steps,,{who},,1,1,daily_mean,steps,5000,,,2026-03-02,,," for who in people]
    return study.write()


# One clinic, four nights ----------------------------------------------------------------------------------------------

WITHIN = {"renamed": "b.fit", "deeper": "c/day.fit", "packed": "e.zip", "unpacked": "x.fit"}
FROM_TO = ("moved", "newcomer", "packer", "keeper", "left", "right", "gone", "lost")
Nights = list[tuple[StudyFolder, Run]]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """A study after each of four nights: the first; paths change; folders change; one file comes back, some are gone.

    Every content is another watch's, but for one that lies in two folders.
    """
    folder = tmp_path_factory.mktemp("moves")
    study = StudyFolder(folder / "study", [f"{who},,," for who in (*WITHIN, *FROM_TO)], [], [])
    with_a_goal(study, *WITHIN, "moved")
    after: Nights = []

    def a_night() -> None:
        run = study.night()
        after.append((study.copied(folder / str(len(after))), run))

    contents = {who: garmin_day(DAY, serial=n) for n, who in enumerate((*WITHIN, *FROM_TO), start=1)}
    for who in WITHIN:
        study.put(f"{who}/day.fit", zipped(**{"x.fit": contents[who]}) if who == "unpacked" else contents[who])
    study.put("moved/garmin/day.fit", contents["moved"])
    study.put("packer/export.zip", zipped(**{"a.fit": contents["packer"], "photo.jpg": b"\xff\xd8"}))
    for who in ("left", "right"):
        study.put(f"{who}/day.fit", contents["left"])
    study.put("gone/day.fit", contents["gone"])
    study.put("gone/note.xyz", b"what is this")
    study.put("lost/day.fit", contents["lost"])
    study.put("lost/stays.fit", garmin_day("2026-03-05"))
    a_night()
    for who, path in WITHIN.items():
        (study.folder / f"inbox/{who}/day.fit").unlink()
        study.put(f"{who}/{path}", zipped(**{"x.fit": contents[who]}) if who == "packed" else contents[who])
    a_night()
    move(study, "moved/garmin/day.fit", "newcomer/other name.fit")
    move(study, "packer/export.zip", "keeper/sub/export.zip")
    (study.folder / "inbox/left/day.fit").unlink()
    a_night()
    move(study, "newcomer/other name.fit", "moved/garmin/day.fit")
    for name in ("day.fit", "note.xyz"):
        (study.folder / "inbox/gone" / name).unlink()
    move(study, "lost/day.fit", "P9/day.fit")  # nobody the study knows
    a_night()
    return after


def test_a_file_that_was_moved_leaves_the_first_person_and_comes_back_when_it_does(nights: Nights) -> None:
    (study, run), (later, afterwards) = nights[2:]
    assert (run.moved, run.is_clean, steps(study, "moved"), steps(study, "newcomer")) == (3, True, None, 6000)
    assert causes(study, "moved") == ["first_verdict", "file_moved"]
    assert loaded(study, "moved", "newcomer") == ["newcomer"]
    assert ("moved", "moved/garmin/day.fit", "withdrawn") in ledger(study, "moved")
    assert afterwards.moved == 1  # the others once only
    assert (steps(later, "moved"), steps(later, "newcomer")) == (6000, None)
    assert loaded(later, "moved", "newcomer") == ["moved"]


def test_what_lies_in_both_folders_counts_in_both_and_is_named(nights: Nights) -> None:
    for study, _ in nights[:2]:
        assert (steps(study, "left"), steps(study, "right")) == (6000, 6000)
        assert ("soon", "same_file") in kinds(study)
    study, _ = nights[2]
    assert (steps(study, "left"), steps(study, "right")) == (None, 6000)
    assert ("soon", "same_file") not in kinds(study)


def test_an_archives_files_go_where_it_goes(nights: Nights) -> None:
    study, _ = nights[2]
    assert (steps(study, "packer"), steps(study, "keeper")) == (None, 6000)
    assert {who for who, _, status in ledger(study, "packer", "keeper") if status != "withdrawn"} == {"keeper"}


def test_within_one_folder_only_the_path_changes(nights: Nights) -> None:
    (before, _), (study, run) = nights[:2]
    assert (run.days, run.changes, run.moved) == (0, 0, 0)
    for relation in ("daily_activity", "goal_week_history"):
        rows = f"FROM {relation} WHERE participant_id IN {tuple(WITHIN)} ORDER BY ALL"
        assert study.ask(rows) == before.ask(rows)
    assert len(study.ask(f"FROM goal_week_history WHERE participant_id IN {tuple(WITHIN)}")) == len(WITHIN)
    files = f"FROM source_file WHERE status = 'loaded' AND participant_id IN {tuple(WITHIN)} ORDER BY ALL"
    assert study.ask(files) == before.ask(files)
    paths = {who: path.partition("!/")[0] for who, path, _ in ledger(study, *WITHIN)}
    assert paths == {who: f"{who}/{path}" for who, path in WITHIN.items()}
    assert ("note", "gone") not in kinds(study)


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_part_of_an_export_that_is_put_back_is_a_part_of_it_again(study: StudyFolder, seconds: int) -> None:
    parts = "P1/Takeout/Fitbit/Global Export Data"
    was = fitbit_day("2026-03-08")["steps_2026-03-08.csv"]
    other = fitbit_day(DAY, 600)[f"steps_{DAY}.csv"]
    asked = "SELECT covers_from, export FROM source_file WHERE path LIKE '%/steps.csv' ORDER BY ALL"
    began = time.time() - 3600
    for content, at in [(was, began), (other, began + 30), (was, began + seconds)]:
        os.utime(study.put(f"{parts}/steps.csv", content), (at, at))
        study.night()
    assert study.ask_store(asked) == [(date(2026, 3, 3), None), (date(2026, 3, 8), "/Takeout")]
    assert study.night().files["loaded"] == 0  # and stays so


def test_what_was_packed_is_followed_also_by_a_backfill_of_other_readers(study: StudyFolder) -> None:
    loose = study.put("P1/a.fit", garmin_day(DAY))
    study.night()
    study.put("P1/all.zip", zipped(**{"a.fit": loose.read_bytes()}))
    study.night(connectors=frozenset({"fitbit_takeout"}))
    loose.unlink()
    study.night()
    assert study.ask_store("SELECT path FROM source_file WHERE status = 'loaded'") == [("P1/all.zip!/a.fit",)]


def test_what_is_merely_gone_stays_counted_and_is_noted(nights: Nights) -> None:
    assert not nights[0][1].is_clean
    study, run = nights[3]
    assert (run.moved, steps(study, "gone"), steps(study, "lost")) == (1, 6000, 6000)  # the one that came back
    assert study.ask("SELECT count(*) FROM rejection WHERE participant_id = 'gone'") == [(0,)]
    assert ("note", "gone") in kinds(study)


def test_whoever_is_forgotten_is_forgotten_where_their_file_once_lay(nights: Nights, tmp_path: Path) -> None:
    study = nights[2][0].copied(tmp_path / "study")
    assert len(ledger(study, "moved", "newcomer")) == 2
    assert main(["forget", "newcomer", "--yes", "--study", str(study.folder)]) == 0
    assert ledger(study, "moved", "newcomer") == []
    assert study.ask_store("FROM device WHERE participant_id IN ('moved', 'newcomer')") == []


# Inboxes --------------------------------------------------------------------------------------------------------------


@pytest.mark.after_a_night(over=a_day)
def test_an_inbox_that_is_gone_is_a_fault_until_it_is_back(study: StudyFolder) -> None:
    (study.folder / "inbox").rename(study.folder / "away")
    for _ in range(2):
        run = study.night()
        assert not run.is_clean
        assert "2 files of 2 people" in run.problems
        assert steps(study) == 6000
    assert ("now", "alarm") in kinds(study)
    assert ("note", "gone") not in kinds(study)
    (study.folder / "away").rename(study.folder / "inbox")
    assert study.night().is_clean
    assert ("now", "alarm") not in kinds(study)
    assert study.ask("FROM rejection") == []


@pytest.mark.after_a_night(over=a_day)
def test_an_inbox_at_an_address_that_is_empty_is_a_fault_too(study: StudyFolder) -> None:
    pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'stepwindow[dask]'")
    toml = study.folder / "study.toml"
    toml.write_text(f'{toml.read_text("utf-8")}\n[inbox]\npath = "{(study.folder / "inbox").as_uri()}"\n')
    shutil.rmtree(study.folder / "inbox")
    assert "2 files of 2 people" in study.night().problems


# Taken out, and made anew ---------------------------------------------------------------------------------------------


def unload(study: StudyFolder, *words: str) -> int:
    return main(["unload", *words, "--study", str(study.folder)])


@pytest.fixture(scope="module")
def unloaded(begun: Callable[..., StudyFolder], tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, dict]:
    """After a night over `a_day`, P2's archive was unloaded; a copy of what is in it and a late day of P1 were loaded.

    With what `unload` printed.
    """
    study = begun(a_day).copied(tmp_path_factory.mktemp("unloaded") / "study")
    with redirect_stdout(io.StringIO()) as printed:
        assert unload(study, "P2", "P2/takeout.zip", "--json") == 0
    study.put("P2/copy.fit", garmin_day(DAY, serial=2))
    study.put("P1/late.fit", garmin_day("2026-03-04", 9000))
    study.night()
    return study, json.loads(printed.getvalue())


def test_a_file_that_was_unloaded_stays_out_until_it_is_taken_back(
    unloaded: tuple[StudyFolder, dict], tmp_path: Path
) -> None:
    study, told = unloaded[0].copied(tmp_path / "study"), unloaded[1]
    assert (told["unloaded"], told["verdicts_changed"]) == (1, 1)
    assert causes(study, "P2") == ["first_verdict", "file_unloaded"]
    assert steps(study, "P2") is None
    study.night(command="backfill", reload=True)
    assert steps(study, "P2") is None
    assert ("note", "unloaded") in kinds(study)
    assert ("P2", "unloaded") in study.ask("SELECT participant_id, status FROM source_file")
    assert unload(study, "P2", "inbox/P2/takeout.zip") == 0  # again: nothing more to do
    assert unload(study, "P2", told["files"][0]["sha256"][:8].upper(), "--undo") == 0
    assert steps(study, "P2") == 6000
    assert study.ask_store("FROM unloaded") == []
    assert study.ask("SELECT count(*) FROM audit WHERE what LIKE 'files were ta%'") == [(2,)]


def test_what_was_taken_out_of_an_archive_is_taken_back_from_it(
    begun: Callable[..., StudyFolder], tmp_path: Path
) -> None:
    study = begun(a_day).copied(tmp_path / "study")
    study.put("P2/lone.fit.gz", gzip.compress(garmin_day("2026-03-04", serial=2), mtime=0))
    study.put(
        "P2/two.zip", zipped(**{name: garmin_day(f"2026-03-0{name[0]}", serial=2) for name in ("5.fit", "6.fit")})
    )
    study.night()
    before = ledger(study, "P2")
    for path in ("P2/takeout.zip", "P2/lone.fit.gz", "P2/two.zip!/6.fit"):
        assert unload(study, "P2", path) == 0
    assert [status for _, path, status in ledger(study, "P2") if "!/" in path].count("unloaded") == 3
    for path in ("P2/takeout.zip", "P2/lone.fit.gz", "P2/two.zip!/6.fit"):
        assert unload(study, "P2", path, "--undo") == 0
    assert ledger(study, "P2") == before
    assert [study.day(f"2026-03-0{day}", "P2")["steps"] for day in (3, 4, 5, 6)] == [6000] * 4


def test_a_rebuild_refuses_to_lose_and_keeps_what_was_said(unloaded: tuple[StudyFolder, dict], tmp_path: Path) -> None:
    study = unloaded[0].copied(tmp_path / "study")
    said = study.ask("FROM goal_week_history ORDER BY ALL")
    loaded_at = study.ask("SELECT loaded_at FROM source_file WHERE status = 'loaded' ORDER BY ALL")
    runs = study.ask("SELECT count(*) FROM run")[0][0]
    run = study.night(command="backfill", rebuild=True)
    assert (run.changes, run.is_clean, steps(study, "P2")) == (0, True, None)
    assert study.ask("FROM goal_week_history ORDER BY ALL") == said
    assert study.ask("SELECT loaded_at FROM source_file WHERE status = 'loaded' ORDER BY ALL") == loaded_at
    assert study.ask("SELECT count(*) FROM run") == [(runs + 1,)]
    (study.folder / "inbox/P1/late.fit").unlink()
    with pytest.raises(StudyError, match=r"1 file of 1 person.*--accept-loss"):
        study.night(command="backfill", rebuild=True)
    assert study.ask("FROM goal_week_history ORDER BY ALL") == said
    study.night(command="backfill", rebuild=True, accept_loss=True)
    assert causes(study, "P1") == ["first_verdict", "late_data", "file_unloaded"]
    kept = {path.name for path in (study.folder / "warehouse").glob("store.before-*.duckdb")}
    assert kept == {"store.before-rebuild.duckdb", "store.before-rebuild-2.duckdb"}
    assert study.night().changes == 0


def test_a_rebuild_of_a_damaged_store_keeps_the_history_that_was_published(
    unloaded: tuple[StudyFolder, dict], tmp_path: Path
) -> None:
    study = unloaded[0].copied(tmp_path / "study")
    shutil.rmtree(study.folder / "inbox/P2")  # a store that cannot be read does not say what was unloaded
    said = study.ask("FROM goal_week_history ORDER BY ALL")
    (study.folder / "warehouse/store.duckdb").write_bytes(b"hello" * 9000)
    assert study.night(command="backfill", rebuild=True).changes == 0
    assert study.ask("FROM goal_week_history ORDER BY ALL") == said
    (study.folder / "warehouse/store.duckdb").write_bytes(b"hello" * 9000)
    shutil.rmtree(study.folder / "inbox/P1")
    with pytest.raises(StudyError, match="2 files of 1 person"):
        study.night(command="backfill", rebuild=True)


DERIVED = """source_file rejection device coverage minutes readings session session_part daily_total attestation study
participant infusion goal hold stale_day local_day standing_session day day_hours source_day unjudged_day suspect_day
doubted_day unusable attendance attendance_part outcome covariate loaded_before published unpublished written_control
looked migration audit forgotten division"""


@pytest.mark.after_a_night(over=a_day)
def test_of_every_table_it_is_said_whether_a_rebuild_keeps_it(study: StudyFolder) -> None:
    known = {*DERIVED.split(), *store_memory.MEMORY, *store_memory.LAST_TIME}
    tables = {name for (name,) in study.ask_store("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")}
    assert tables == known, "say in models/store/memory.py, or in DERIVED here, what a rebuild does with each"


@pytest.mark.after_a_night(over=a_day)
def test_what_cannot_be_unloaded_is_one_line_that_says_what_is_near(study: StudyFolder, capsys) -> None:
    for words, said in (
        (("P7", "P7/day.fit"), "no participant P7"),
        (("P1", "P1/garmin/dya.fit"), "is P1/garmin/day.fit meant?"),
        (("P1", "day.fit"), "is P1/garmin/day.fit meant?"),
        (("P3", "P3/day.fit"), "nothing of theirs is loaded"),
        (("P1", "P1"), "stepwindow forget P1"),
        (("P1", "P1/garmin/photo.jpg"), "nothing of it counts (it is ignored)"),
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
        assert [row["status"] for row in json.loads(capsys.readouterr().out)] == ["upcoming"] * 2
    after = {path: path.read_bytes() for path in warehouse.rglob("*") if path.is_file() and "log" not in str(path)}
    changed = {path.name for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert changed <= {"store.lock"}
