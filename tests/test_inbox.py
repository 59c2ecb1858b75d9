"""The inbox is looked at entry by entry: one that is broken in any way is named or passed, and the next is read."""

from __future__ import annotations

import os

import pytest

from flows.night.inbox import scan
from models.study.forgotten import bury
from tests.studies import StudyFolder, garmin_day


@pytest.fixture
def beside_good(study: StudyFolder) -> StudyFolder:
    study.put("P1/good.fit", garmin_day("2026-03-03"))
    (study.folder / "warehouse").mkdir()
    return study


def test_no_single_entry_of_the_inbox_stops_the_scan(beside_good: StudyFolder, monkeypatch) -> None:
    inbox = beside_good.folder / "inbox"
    os.symlink("loop.csv", inbox / "P1/loop.csv")
    os.symlink("b", inbox / "P1/a")
    os.symlink("a", inbox / "P1/b")
    os.symlink("..", inbox / "P1/up")
    os.symlink("nowhere", inbox / "P1/dangling")
    os.symlink("round", inbox / "round")
    (inbox / os.fsdecode(b"\xff\xfe")).mkdir()
    (inbox / "P1" / os.fsdecode(b"\xff.csv")).write_text("x")
    deep = inbox / "P1" / "/".join(["d"] * 60)
    deep.mkdir(parents=True)
    bury(beside_good.folder / "warehouse", "somebody")  # names are compared with tombstones, too
    run = beside_good.night()
    assert beside_good.ask("SELECT count(*) > 0 FROM daily_activity WHERE steps > 0") == [(True,)]
    circles = [fault.file for fault in run.new_faults if "in a circle" in fault.reason]
    assert circles == ["P1/a", "P1/b", "P1/loop.csv", "round"]
    assert any("deep" in fault.reason for fault in run.new_faults)


def test_what_vanishes_or_cannot_be_looked_at_is_passed_by_alone(beside_good: StudyFolder, monkeypatch) -> None:
    inbox = beside_good.folder / "inbox"
    for name in ("P1/0-gone", "P1/0-odd", "P1/z-gone"):
        (inbox / name).mkdir()
    whole = os.open

    def failing(folder, *how):
        if str(folder).endswith("gone"):
            raise FileNotFoundError(2, "No such file or directory")
        if str(folder).endswith("odd"):
            raise OSError(5, "Input/output error")
        return whole(folder, *how)

    monkeypatch.setattr("flows.night.inbox.os.open", failing)
    found = scan(inbox, {"P1", "P2"})
    assert [fault.found for fault in found.refused] == ["an unreadable folder (Input/output error)"]
    assert list(found.path) == ["P1/good.fit"]
