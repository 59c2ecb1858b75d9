"""One Fault says that something was not used: from the reader over the store to whoever asks, as itself."""

from __future__ import annotations

import os
import pickle
from dataclasses import FrozenInstanceError, fields, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.answers.finding import NOW, SOON, of_fault
from models.fault import ALARM, CONTROL_FILE, INBOX, LOST_ROWS, UNKNOWN_FOLDER, Fault, Rejected
from models.store.ledger import is_gone
from models.store.load import AS_FAULT
from models.store.store import open_store
from tests.studies import StudyFolder, garmin_day
from tests.test_upgrades import OLD, old_store

SEEN = Fault("line 4, column steps", "another figure", "0 to 500000", "export again", "-9", "P1/a.csv", "P1")
ROW = Fault("line 3, set_on", "is no date", "2026-03-09", "correct the row", "x" * 61, "goals.csv", kind=CONTROL_FILE,
            line=3, hint="did you mean 2026?")  # fmt: skip


def test_a_fault_is_one_sentence_and_the_published_part_of_it_holds_nothing_that_the_file_says() -> None:
    assert str(SEEN) == (
        "P1/a.csv, line 4, column steps: found another figure, expected 0 to 500000 (the file says '-9'); export again"
    )
    assert SEEN.reason == "found another figure, expected 0 to 500000"
    assert str(ROW) == (
        f"goals.csv line 3, set_on: '{'x' * 59}…' is no date (expected 2026-03-09): did you mean 2026?; correct the row"
    )
    assert ROW.reason == "is no date (expected 2026-03-09)"
    assert replace(SEEN, expected="", found="it is gone").reason == "it is gone"
    with pytest.raises(FrozenInstanceError):
        SEEN.place = "line 5"  # type: ignore[misc]


def test_a_rejection_carries_its_fault_to_another_process() -> None:
    rejected = Rejected("whole\nfile", "a", "b", "c", "w" * 200).until(date(2026, 3, 9))
    fault = pickle.loads(pickle.dumps(rejected)).fault
    assert fault == rejected.fault
    assert (fault.place, len(fault.words), fault.holds.until) == ("whole\\nfile", 120, date(2026, 3, 9) - timedelta(1))


def test_what_is_written_down_comes_back_as_the_fault_that_it_was(study: StudyFolder) -> None:
    study.infusions.append("I2,P1,2026-13-01,,")
    study.write()
    study.put("P1/cut.fit", garmin_day("2026-03-07")[:-40])
    study.put("P9/x.csv", "1")
    os.symlink("/etc/hostname", study.folder / "inbox/P1/link.csv")
    told = study.night().new_faults
    assert {fault.kind for fault in told} == {"rejected_file", CONTROL_FILE, INBOX, UNKNOWN_FOLDER}
    stored = {Fault(*row) for row in study.ask_store(f"SELECT {AS_FAULT} FROM rejection")}
    kept = [replace(f, line=0, hint="", words=None) if f.kind == CONTROL_FILE else f for f in told]  # no cell is kept
    assert stored == set(kept)


def test_each_kind_of_fault_is_a_finding_of_that_kind() -> None:
    gone = is_gone(3, 1)
    lost = Fault(
        "whole file", "3 of 4 goals in goals.csv are gone", "", "put them back", file="goals.csv", kind=LOST_ROWS
    )
    link = Fault("whole file", "a link", "the file itself", "remove it", file="P1/x", participant_id="P1", kind=INBOX)
    found = [of_fault(fault) for fault in (SEEN, ROW, lost, gone, link, replace(link, file="P1", kind=UNKNOWN_FOLDER))]
    assert [(finding.urgency, finding.kind) for finding in found] == [
        (SOON, "rejected_file"), (SOON, CONTROL_FILE), (NOW, LOST_ROWS), (NOW, ALARM), (SOON, INBOX),
        (SOON, UNKNOWN_FOLDER),
    ]  # fmt: skip
    assert found[2].what == "3 of 4 goals in goals.csv are gone"
    assert (
        found[3].what
        == "inbox, whole folder: found nothing in it, expected what was loaded from it (3 files of 1 person)"
    )
    assert found[4].what == "P1/x in the folder of P1: found a link, expected the file itself"
    assert found[5].what == "inbox/P1: found a link, expected the file itself"
    assert [finding.remedy for finding in found[:2]] == ["export again", "correct the row"]


def test_the_sentences_of_an_older_store_are_split_once_and_those_that_cannot_be_stay_one_field(tmp_path: Path) -> None:
    study = old_store(tmp_path / "old", next(form for form in OLD if form.stem == "018_run_number"))
    older = [
        (None, "goals.csv", "line 3, set_on", "is no date (expected 2026-03-09 (or none))", None),
        (None, "goals.csv", "whole file", "3 of 4 goals in goals.csv are gone; its rows stand", True),
        (None, "inbox", "whole folder", "found nothing in it, expected what was loaded (1 file)", True),
        ("P9", "P9", "whole file", "found the folder of an unknown participant, expected a participant_id", None),
        ("P1", "P1/link", "whole file", "found a link, expected the file itself", None),
        ("P1", "P1/odd", "whole file", "something else", None),
    ]
    with duckdb.connect(str(study.folder / "warehouse/store.duckdb")) as con:
        con.execute("DELETE FROM rejection")
        for who, path, place, reason, is_alarm in older:
            con.execute(
                "INSERT INTO rejection (participant_id, path, place, reason, what_to_do, run_id, is_alarm) "
                "VALUES (?, ?, ?, ?, 'mend it', 'a run', ?)", [who, path, place, reason, is_alarm],
            )  # fmt: skip
    open_store(study.folder / "warehouse").close()
    faults = [Fault(*row) for row in study.ask_store(f"SELECT {AS_FAULT} FROM rejection ORDER BY rowid")]
    assert [fault.reason for fault in faults] == [reason for _, _, _, reason, _ in older]
    assert [(fault.kind, fault.expected) for fault in faults] == [
        (CONTROL_FILE, "2026-03-09 (or none)"), (LOST_ROWS, ""), (ALARM, "what was loaded (1 file)"),
        (UNKNOWN_FOLDER, "a participant_id"), (INBOX, "the file itself"), (INBOX, ""),
    ]  # fmt: skip


def test_the_store_keeps_the_fields_under_the_names_that_a_fault_has(study: StudyFolder) -> None:
    study.night()
    names = [column.split()[-1] for column in AS_FAULT.split(", ")]
    assert names == [field.name for field in fields(Fault)][: len(names)]
