"""What is noted of a look into the inbox: people as they were are not compared again, and whatever changed is seen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from flows.answers import status
from flows.answers.status import look
from flows.night.inbox import scan
from flows.night.inbox_file import Before
from models.store.ledger import Now, compare, new_files
from models.store.looked import note, noted
from models.store.scan import Scan
from models.store.store import Store, open_store
from models.study.folder import read_study
from tests.studies import StudyFolder, garmin_day

NOW = Now(date(2026, 3, 5), {"P1": "here", "P2": "here"}, "iso", ["garmin"], "2.0")
WHO = {"P1", "P2"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "warehouse")) as opened:
        yield opened


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    for name in ("P1/a.fit", "P1/deep/b.fit", "P2/a.fit"):
        path = tmp_path / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    age(tmp_path / "inbox")
    return tmp_path / "inbox"


def age(inbox: Path, since: int = 1_770_000_000 * 10**9) -> None:
    """Let every folder have changed long ago."""
    for folder in [path for path in inbox.rglob("*") if path.is_dir() and not path.is_symlink()]:
        os.utime(folder, ns=(since, since))


def known(store: Store, found: Scan) -> None:
    """The ledger has what was found."""
    files = zip(found.path, found.size, found.modified_ns, strict=True)
    rows = [
        {"file_id": number, "participant_id": path.partition("/")[0], "path": path, "size_bytes": size,
         "modified_ns": changed, "sha256": path, "status": "loaded", "connector": "garmin", "zones": "here"}
        for number, (path, size, changed) in enumerate(files, 1)
    ]  # fmt: skip
    store.con.execute("DELETE FROM source_file")
    store.insert("source_file", pl.DataFrame(rows))


def noting(store: Store, inbox: Path, before: Before = Before(), now: Now = NOW) -> Scan:  # noqa: B008
    """A look, and what a night notes of it."""
    found = scan(inbox, WHO, before=before)
    left = {found.whose(number) for number in new_files(store, found, now)}
    compare(store, found)
    note(store, found, now, left)
    return found


@pytest.fixture
def settled(store: Store, inbox: Path) -> Store:
    known(store, scan(inbox, WHO))
    noting(store, inbox)
    return store


def test_of_whom_all_is_as_it_was_no_file_is_compared(settled: Store, inbox: Path) -> None:
    found = noting(settled, inbox, Before(noted(settled, NOW)))
    assert (found.as_noted, list(found.path), found.files) == ({"P1": 2, "P2": 1}, [], 3)
    assert settled.rows("FROM absent") == []


@pytest.mark.parametrize("change", ["size", "time", "name", "gone", "link"])
def test_whatever_changed_in_a_folder_is_seen_whatever_its_times_say(settled: Store, inbox: Path, change: str) -> None:
    file = inbox / "P1/deep/b.fit"
    was = file.stat()
    if change == "size":
        file.write_text("longer than it was")
        os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
    elif change == "time":
        os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns + 1))
    elif change == "name":
        file.rename(inbox / "P1/deep/c.fit")
    elif change == "gone":
        file.unlink()
    else:
        os.symlink("/", inbox / "P1/deep/c.fit")
    age(inbox)
    found = scan(inbox, WHO, before=Before(noted(settled, NOW)))
    assert found.as_noted == {"P2": 1}
    assert set(found.new) == {"P1"}


def test_a_note_does_not_stand_where_the_ledger_says_something_else(settled: Store) -> None:
    settled.con.execute("UPDATE source_file SET status = 'unloaded' WHERE path = 'P1/a.fit'")
    assert set(noted(settled, NOW)) == {"P2"}


def test_a_note_does_not_stand_by_other_zones_readers_settings_or_another_date(settled: Store) -> None:
    assert set(noted(settled, replace(NOW, zones=NOW.zones | {"P1": "there"}))) == {"P2"}
    for other in ({"readers": "2.1"}, {"settings": "mdy"}, {"installed": ["garmin", "fitbit"]}):
        assert noted(settled, replace(NOW, **other)) == {}
    settled.con.execute("UPDATE source_file SET holds_until = '2026-03-09' WHERE participant_id = 'P2'")
    settled.con.execute("UPDATE looked SET ledger = (SELECT hash(f) FROM source_file f WHERE participant_id = 'P2')")
    assert set(noted(settled, NOW)) == {"P2"}
    assert noted(settled, replace(NOW, today=date(2026, 3, 9))) == {}


def test_who_has_something_left_to_read_is_not_noted(store: Store, inbox: Path) -> None:
    found = scan(inbox, WHO)
    known(store, found)
    store.con.execute("UPDATE source_file SET sha256 = NULL WHERE path = 'P1/deep/b.fit'")
    noting(store, inbox)
    assert set(noted(store)) == {"P2"}


def test_what_is_gone_from_an_inbox_stays_known_as_gone(settled: Store, inbox: Path) -> None:
    (inbox / "P1/a.fit").unlink()
    noting(settled, inbox, Before(noted(settled, NOW)))
    gone = settled.rows("FROM absent")
    found = noting(settled, inbox, Before(noted(settled, NOW)))
    assert found.as_noted == {"P1": 1, "P2": 1}
    assert settled.rows("FROM absent") == gone == [(1, "P1/a.fit", True)]


def test_where_folders_keep_no_times_they_are_relied_on_no_more(settled: Store, inbox: Path) -> None:
    (inbox / "P1/new.fit").write_text("new")
    age(inbox)
    assert scan(inbox, WHO, before=Before(noted(settled), by_times=True)).as_noted == {"P1": 2, "P2": 1}
    known(settled, scan(inbox, WHO))
    settled.con.execute("UPDATE looked SET ledger = (SELECT bit_xor(hash(f)) FROM source_file f "
                        "WHERE f.participant_id = looked.participant_id)")  # fmt: skip
    noting(settled, inbox, Before(noted(settled, NOW)))
    age(inbox, 1_780_000_000 * 10**9)
    noting(settled, inbox, Before(noted(settled, NOW)))
    assert [seen.folders for seen in noted(settled).values()] == [{}, {}]
    (inbox / "P2/new.fit").write_text("new")
    found = scan(inbox, WHO)
    known(settled, found)
    noting(settled, inbox)
    assert [seen.folders for seen in noted(settled).values()] == [{}, {}]
    assert set(scan(inbox, WHO, before=Before(noted(settled), by_times=True, most=9)).as_noted) == {"P1", "P2"}


def test_a_folder_that_changed_just_now_may_change_again_unseen(settled: Store, inbox: Path) -> None:
    os.utime(inbox / "P1/deep")
    settled.con.execute("DELETE FROM looked")
    noting(settled, inbox)
    assert noted(settled)["P1"].folders["P1/deep"] == -1
    found = scan(inbox, WHO, before=Before({**noted(settled), "P1": replace(noted(settled)["P1"], lies=b"")}, True))
    assert (set(found.new), set(found.as_noted)) == ({"P1"}, {"P2"})


def a_day_each(study: StudyFolder) -> None:
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.put("P2/a.fit", garmin_day("2026-03-03", 3000))
    study.put("P2/b.fit", garmin_day("2026-03-04", 3000))
    age(study.folder / "inbox")


@pytest.mark.after_a_night(over=a_day_each)
def test_what_lies_in_another_folder_now_moves_though_nothing_changed_in_the_first(study: StudyFolder) -> None:
    content = (study.folder / "inbox/P1/a.fit").read_bytes()
    (study.folder / "inbox/P1/a.fit").unlink()
    study.night()
    study.put("P2/of_p1.fit", content)
    assert study.night().moved == 1
    assert study.ask_store("SELECT status FROM source_file WHERE participant_id = 'P1'") == [("withdrawn",)]
    assert (study.night().moved, study.day("2026-03-03", "P1")) == (0, {})


@pytest.mark.after_a_night(over=a_day_each)
def test_of_very_many_files_status_looks_at_folders_that_changed(study: StudyFolder, monkeypatch) -> None:
    monkeypatch.setattr(status, "MOST_FILES", 2)
    study.put("P1/new.fit", garmin_day("2026-03-05"))
    (study.folder / "inbox/P2/b.fit").write_bytes(b"changed in place: the night sees it")
    told = look(read_study(study.folder))
    assert told.waiting == 1
    assert look(read_study(study.folder), everything=True).waiting == 2
    study.put("P1/newer.fit", garmin_day("2026-03-06"))
    told = look(read_study(study.folder))
    assert told.waiting is None
    assert [f.what for f in told.findings if f.kind == "not_looked_at"] == [
        "Too much is new in the inbox to be looked at here: 1 folder of people are left"
    ]
    assert study.night().files["loaded"] == 2


@pytest.mark.after_a_night(over=a_day_each)
def test_a_file_that_is_gone_is_told_of_a_folder_that_is_not_looked_at(study: StudyFolder, monkeypatch) -> None:
    (study.folder / "inbox/P2/a.fit").unlink()
    age(study.folder / "inbox")
    study.night()
    monkeypatch.setattr(status, "MOST_FILES", 1)
    told = look(read_study(study.folder))
    assert [f.participant_id for f in told.findings if f.kind == "gone"] == ["P2"]
    assert told.waiting == 0
