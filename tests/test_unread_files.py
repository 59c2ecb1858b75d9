"""Files that no reader takes, over the nights: named once, silent beside what is read, the same in stores of before."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from flows.answers.finding import SOON
from flows.answers.status import look
from flows.cli import main
from models.study.folder import read_study
from tests.studies import StudyFolder, garmin_day, read_here
from tests.test_zip import packed
from tests.writers import fit
from tests.writers.wrong_files import LAPS, STRANGE, wrong_files

PHOTO = b"\xff\xd8\xff\xe0"
SLEEP = b"Sleep Score 4 Weeks,Score,Resting Heart Rate,Duration\nMar 27,80,50,7h 30min\n"
OLD_NOTE = "a page or picture: no steps, minutes or sessions in it"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


def handed_in(study: StudyFolder) -> None:
    """P1: a photographed diary beside a file and an archive with pictures of its own. P2: nothing that counts."""
    study.put("P1/diary.jpg", PHOTO)
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.put("P1/export.zip", packed({"b.fit": garmin_day("2026-03-04"), "c.jpg": PHOTO + b"c", "d.bin": b"d"}))
    study.put("P1/pages/1.heic", PHOTO + b"1")
    study.put("P1/pages/2.heic", PHOTO + b"2")
    study.put("P2/settings.fit", fit.other(2))
    study.put("P2/steps.csv", b"")


def ledger(study: StudyFolder) -> dict[str, tuple]:
    rows = study.ask_store("SELECT path, status, note FROM source_file WHERE connector IS NULL ORDER BY path")
    return {path: rest for path, *rest in rows}  # type: ignore[misc]


NAMED = {
    "P1/diary.jpg": ["rejected", None],
    "P1/export.zip!/c.jpg": ["ignored", "a photo or screenshot"],
    "P1/export.zip!/d.bin": ["unknown", "a kind of file that no reader knows"],
    "P1/pages/1.heic": ["rejected", None],
    "P1/pages/2.heic": ["ignored", "a photo or screenshot"],
}


@pytest.mark.after_a_night(over=handed_in)
def test_a_lone_photo_is_named_in_the_night_that_finds_it_and_reddens_no_other(study: StudyFolder) -> None:
    assert {path: row for path, row in ledger(study).items() if path.startswith("P1/")} == NAMED
    assert study.night().is_clean
    with duckdb.connect(str(study.folder / "warehouse/store.duckdb")) as con:  # looked at again by another version
        con.execute("UPDATE source_file SET code_version = 'of before'")
    assert study.night().is_clean
    assert {path: row for path, row in ledger(study).items() if path.startswith("P1/")} == NAMED
    said = study.ask("SELECT DISTINCT reason, what_to_do FROM rejection")
    assert said == [
        (
            "found a photo or screenshot, expected the export of the watch or app, or lines in the diary",
            "pictures and pages are not read: write what it shows in the diary (date, activity, minutes), or ask for "
            "the export by the lines in docs/exports.md",
        )
    ]


@pytest.mark.after_a_night(over=handed_in)
def test_photos_of_a_folder_speak_for_each_other_and_are_silent_once_an_export_lies_there(study: StudyFolder) -> None:
    (study.folder / "inbox/P1/pages/1.heic").unlink()
    assert [fault.file for fault in study.night().new_faults] == ["P1/pages/2.heic"]
    study.put("P1/pages/e.fit", garmin_day("2026-03-05"))
    assert study.night().is_clean
    assert ledger(study)["P1/pages/2.heic"] == ["ignored", "a photo or screenshot"]


@pytest.mark.after_a_night(over=handed_in)
def test_what_lies_loose_is_no_part_of_an_export_in_a_folder_beside_it(study: StudyFolder) -> None:
    study.put("P2/GARMIN/e.fit", garmin_day("2026-03-05"))
    study.put("P2/GARMIN/f.bin", b"f")
    study.put("P2/g.bin", b"g")
    assert [fault.file for fault in study.night().new_faults] == ["P2/g.bin"]


@pytest.mark.after_a_night(over=handed_in)
def test_what_a_store_of_before_called_unknown_or_a_picture_is_known_by_its_names_of_then(study: StudyFolder) -> None:
    study.put("P1/f.bin", b"f")
    study.night()
    with duckdb.connect(str(study.folder / "warehouse/store.duckdb")) as con:
        con.execute("DELETE FROM rejection WHERE path LIKE '%.heic' OR path LIKE '%.jpg'")
        con.execute("UPDATE rejection SET expected = 'one of: a, b', reason = concat('found ', found, ', ...')")
        con.execute(
            "UPDATE source_file SET status = 'ignored', note = ? WHERE path LIKE '%.heic' OR path LIKE '%.jpg'",
            [OLD_NOTE],
        )
    assert {fault.file for fault in study.night().new_faults} == {"P1/diary.jpg", "P1/pages/1.heic"}
    assert study.ask_store("SELECT DISTINCT found FROM rejection WHERE path LIKE 'P1/pages/%'") == [(OLD_NOTE,)]
    (study.folder / "inbox/P1/f.bin").rename(study.folder / "inbox/P1/pages/f.bin")
    study.put("P1/pages/e.fit", garmin_day("2026-03-05"))
    assert study.night().is_clean
    assert study.ask_store("SELECT path FROM rejection") == [("P1/diary.jpg",)]
    (study.folder / "inbox/P1/pages/e.fit").unlink()
    assert {fault.file for fault in study.night().new_faults} == {"P1/pages/f.bin", "P1/pages/1.heic"}


@pytest.mark.after_a_night(over=handed_in)
def test_whoever_handed_in_nothing_that_counts_is_named_with_what_to_hand_over(study: StudyFolder) -> None:
    empty, found = [f for f in look(read_study(study.folder)).findings if f.kind == "nothing_counts"]
    assert (found.urgency, found.participant_id) == (SOON, "P2")
    assert found.what == "P2/settings.fit: nothing in it counts (FIT settings file: holds no movement)"
    assert "GARMIN/Monitor" in found.remedy
    assert empty.what == "P2/steps.csv: nothing in it counts (an empty file: nothing came through)"
    assert empty.remedy.startswith("hand over an export with something in it")


@pytest.mark.after_a_night(over=handed_in)
def test_an_empty_file_by_itself_is_named_also_beside_what_counts_until_it_came_through(study: StudyFolder) -> None:
    def named() -> list[str]:
        found = look(read_study(study.folder)).findings
        return [f.what for f in found if f.kind == "nothing_counts" and f.participant_id == "P1"]

    study.put("P1/GARMIN/x.csv", b"")  # of an export of many files
    study.put("P1/steps.csv", b"")  # the same content
    assert study.night().is_clean
    assert named() == ["P1/steps.csv: nothing in it counts"]
    (study.folder / "inbox/P1/steps.csv").write_bytes(garmin_day("2026-03-05"))
    assert study.night().is_clean
    assert named() == []


def identified(capsys: pytest.CaptureFixture, *files: Path) -> tuple[int, list[dict]]:
    code = main(["identify", "--json", *map(str, files)])
    return code, json.loads(capsys.readouterr().out)


def test_identify_says_of_wrong_files_what_a_night_says(tmp_path: Path, capsys) -> None:
    wrong = {name: (looks, content) for looks, files in wrong_files().items() for name, content in files.items()}
    for name, (_, content) in wrong.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    code, found = identified(capsys, *(tmp_path / name for name in wrong))
    assert code == 1
    refused = [entry for entry in found if entry["connector"] != "gzip"]
    assert len(refused) == len(wrong) > 40
    for (looks, _), entry in zip(wrong.values(), refused, strict=True):
        assert entry["reason"].startswith(f"whole file: found {looks}"), entry
        assert entry["rejected"]


def test_an_archive_with_nothing_in_it_is_refused(tmp_path: Path, capsys) -> None:
    (tmp_path / "export.zip").write_bytes(packed({}))
    code, (found,) = identified(capsys, tmp_path / "export.zip")
    assert code == 1
    assert found["reason"].startswith("whole file: found an archive with nothing in it, expected an export with")


def test_identify_does_not_reject_what_lies_beside_known_files_nor_keep_quiet_of_lone_companions(
    tmp_path: Path, capsys
) -> None:
    files = {"a.fit": garmin_day("2026-03-03"), "b.jpg": PHOTO, "c.csv": STRANGE.encode(), "d.csv": LAPS.encode()}
    (tmp_path / "known.zip").write_bytes(packed(files))
    (tmp_path / "Sleep.csv").write_bytes(SLEEP)
    code, found = identified(capsys, tmp_path / "known.zip")
    assert (code, [entry["rejected"] for entry in found]) == (0, [False] * 5)
    assert "a table that no reader knows, beside files that are known" in [entry["reason"] for entry in found]
    code, (report,) = identified(capsys, tmp_path / "Sleep.csv")
    assert code == 0
    assert report["reason"].startswith("a Garmin report: sleep; hand over Garmin's list of activities or daily steps")
    (tmp_path / "empty.csv").touch()
    (empty,) = identified(capsys, tmp_path / "empty.csv")[1]
    assert empty["reason"].startswith("an empty file: nothing came through; hand over an export with something in it")
