"""What lies beside what is read: copies of control files, placeholders, what operating systems leave."""

from __future__ import annotations

import json
import re

import pytest

from flows.answers.control_findings import copies_of_control_files
from flows.answers.status import look
from flows.cli import main
from models.fault import StudyError
from models.study.folder import read_study
from tests.studies import StudyFolder, garmin_day

COPIES = (
    "goals (conflicted copy).csv", "goals (1).csv", "Kopie von goals.csv", "Goals-DESKTOP-7.xlsx", "goals 2.csv",
    "goals.sync-conflict-20260301-120000-ABCDEFG.csv", "old_goals.csv", "study (1).toml",
)  # fmt: skip
NONE_OF_OURS = ("readme.txt", "mygoalsetting.csv", "budget.xlsx", "studying.toml", "notes on goals.docx")


def littered(study: StudyFolder) -> None:
    for name in (*COPIES, *NONE_OF_OURS, "~$goals.xlsx", ".~lock.goals.csv#", ".holds.csv.icloud", "goals.csv.icloud"):
        (study.folder / name).write_text("x")
    study.holds = ["P1,2026-03-08,2026-03-08,ill"]
    study.write()
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX/P1/._a.fit", "P1/Thumbs.db", "P1/.DS_Store"):
        study.put(name, b"of the system")
    study.put("P1/__MACOSX/._a.fit", b"\x00\x05\x16\x07\x00\x02\x00\x00")
    study.put("P1/.export.zip.icloud", b"bplist00 placeholder")
    for n in range(3):
        study.put(f"P1/{n}.fit", garmin_day(f"2026-03-0{n + 3}"))
        study.put(f"P2/{n}.fit", garmin_day(f"2026-03-0{n + 3}"))


@pytest.mark.after_a_night(over=littered)
def test_what_looks_like_a_control_file_is_named_and_what_systems_leave_is_passed_over(
    study: StudyFolder, capsys
) -> None:
    found = {finding.what.partition(": ")[0]: finding for finding in copies_of_control_files(read_study(study.folder))}
    assert set(found) == {*COPIES, "~$goals.xlsx", ".~lock.goals.csv#", ".holds.csv.icloud", "goals.csv.icloud"}
    assert {found[name].remedy for name in COPIES[:-1]} == {"take over what goals.csv lacks, then move the copy away"}
    assert "a copy of study.toml" in found["study (1).toml"].what
    assert "not downloaded" in found[".holds.csv.icloud"].what
    assert found["~$goals.xlsx"].what == "~$goals.xlsx: somebody has goals.csv open in a program"
    assert main(["status", "--json", "--study", str(study.folder)]) == 0
    told = json.loads(capsys.readouterr().out)["findings"]
    assert sum(finding["kind"] == "control_file_copy" for finding in told) == len(found)
    (refused,) = (finding["what"] for finding in told if finding["kind"] == "rejected_file")
    assert "P1/.export.zip.icloud" in refused
    assert "a placeholder of iCloud" in refused
    same = [finding.what for finding in look(read_study(study.folder)).findings if finding.kind == "same_file"]
    assert [re.sub(r"^P\d: ", "", what).partition(":")[0] for what in same] == [
        "3 files also in another person's folder"
    ] * 2
    assert not {"inbox", "unknown_folder"} & {finding["kind"] for finding in told}


def test_a_control_file_that_was_not_downloaded_is_no_absent_one(study: StudyFolder) -> None:
    """Optional ones, too: without holds.csv days would count that are excused."""
    for name in (".holds.csv.icloud", "zones.xlsx.icloud", ".goals.csv.icloud"):
        (study.folder / name).write_text("bplist00")
        if name == ".goals.csv.icloud":
            (study.folder / "goals.csv").unlink()
        with pytest.raises(StudyError, match="is a placeholder of iCloud, not downloaded"):
            read_study(study.folder)
        (study.folder / name).unlink()
