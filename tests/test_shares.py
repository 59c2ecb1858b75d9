"""A large zip is read in shares by all processors, and what comes of it is what comes of it read by one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors import Share
from flows.night import processes, shares
from flows.night.inbox_file import InboxFile
from models.store.batch import Batch
from models.store.file_result import FileResult
from models.store.load import load
from models.store.store import open_store
from tests.test_bad_input import zipped
from tests.test_reader import FOLDER, drop, entry, lost_over_a_word
from tests.writers import fitbit_json


@pytest.fixture(autouse=True)
def _every_zip_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "LARGE", 1)


def read(inbox_file: InboxFile, workers: int) -> list[FileResult]:
    batches: Iterator[Batch] = (
        batch for some in processes.read_chunks([[(FOLDER, inbox_file)]], workers) for batch in some
    )
    return [result for batch in batches for result in batch.results()]


def told(results: list[FileResult]) -> list[tuple]:
    return [(r.path, r.size, r.sha256, r.status, r.connector, r.zones, r.kind, r.export, r.rejected, r.ignored,
             r.extract and r.extract.rows) for r in results]  # fmt: skip


@pytest.mark.parametrize("costs", [[], [5], [1] * 7, [100, 1, 1, 1], [1, 1, 1, 100], [0, 0, 3], [2**40, 1]])
def test_shares_are_runs_that_together_are_everything(costs: list[int]) -> None:
    for of in (1, 2, 3, 8):
        runs = [list(range(len(costs)))[Share(number, of).part(costs)] for number in range(of)]
        assert [member for run in runs for member in run] == list(range(len(costs)))


def test_equal_members_are_shared_out_evenly() -> None:
    assert [len(range(2000)[Share(number, 4).part([9] * 2000)]) for number in range(4)] == [500] * 4


def test_what_comes_of_an_archive_is_the_same_in_the_same_order_whoever_read_it(tmp_path: Path) -> None:
    """With archives in it, members that are refused or nobody's, and files of every kind."""
    inner = zipped(**{f"inner/{n}/diary.csv": entry(minutes=60 + n) for n in range(5)})
    files = {f"{n}/diary.csv": entry(minutes=1 + n) for n in range(30)}
    files |= {"more.zip": inner, "../out.csv": entry(), "empty.csv": b"", "letter.doc": b"\xd0\xcf\x11\xe0" * 9}
    files |= {f"Takeout/Fitbit/{name}": content for name, content in fitbit_json.sample().items()}
    files |= {f"{n}/diary.csv": entry(minutes=1 + n) for n in range(30, 40)}
    archive = drop(tmp_path / "drop.zip", zipped(**files))
    one, many = read(archive, 1), read(archive, 2)
    assert told(many) == told(one)
    assert len(one) == 55
    assert one[-1].ignored == "an archive: its 54 files are listed by themselves"
    for mine, other in zip(many, one, strict=True):
        if mine.extract and other.extract:
            assert all(mine.extract.frames()[name].equals(frame) for name, frame in other.extract.frames().items())


@pytest.mark.parametrize("content", [zipped(), zipped(**{"a/diary.csv": entry()})[:-30], b"PK\x03\x04 no zip at all"])
def test_a_zip_with_nothing_in_it_or_a_damaged_one_is_refused_once(tmp_path: Path, content: bytes) -> None:
    archive = drop(tmp_path / "drop.zip", content)
    assert [result.status for result in read(archive, 2)] == ["rejected"]
    assert told(read(archive, 2)) == told(read(archive, 1))


def test_the_ledger_says_the_same_of_what_stands_twice_in_an_archive_whoever_read_it(tmp_path: Path) -> None:
    refused = b"date,activity,minutes\n2026-03-05,yoga,many\n"
    files = {f"{n}/diary.csv": entry(minutes=1 + n) for n in range(12)}
    files |= {"0/again.csv": refused, "11/again.csv": refused, "12/diary.csv": entry(minutes=1)}
    archive = drop(tmp_path / "drop.zip", zipped(**files))
    ledgers = []
    for workers in (1, 2):
        (folder := tmp_path / str(workers)).mkdir()
        with closing(open_store(folder)) as store:
            for batch in processes.read_chunks([[(FOLDER, archive)]], workers):
                for part in batch:
                    load(store, part, "1", "run")
            ledger = "SELECT * EXCLUDE (zones, first_seen_at, loaded_at) FROM source_file ORDER BY file_id"
            ledgers.append(store.rows(ledger))
            named = store.rows("SELECT connector, status FROM source_file WHERE path LIKE '%again.csv' ORDER BY path")
    assert ledgers[0] == ledgers[1]
    assert named == [("diary", "rejected"), ("diary", "duplicate")]


def test_only_the_member_is_rejected_that_a_process_is_lost_over(tmp_path: Path) -> None:
    files = {f"{n}/diary.csv": entry(minutes=1 + n) for n in range(12)} | {"5/diary.csv": entry("crash")}
    with lost_over_a_word():
        found = read(drop(tmp_path / "drop.zip", zipped(**files)), 2)
    assert [result.path for result in found if result.rejected] == ["P1/drop.zip!/5/diary.csv"]
    assert [result.status for result in found] == ["loaded"] * 5 + ["rejected"] + ["loaded"] * 6 + ["ignored"]


def test_an_archive_of_which_a_share_costs_too_many_processes_is_rejected_as_a_whole(tmp_path: Path) -> None:
    files = {f"{n}/diary.csv": entry("crash" + " " * n if n < 5 else "", 1 + n) for n in range(12)}
    with lost_over_a_word():
        found = read(drop(tmp_path / "drop.zip", zipped(**files)), 2)
    assert [(result.path, result.status) for result in found] == [("P1/drop.zip", "rejected")]


def test_an_archive_that_is_still_being_written_is_told_of_by_nobody(tmp_path: Path) -> None:
    growing = drop(tmp_path / "drop.zip", zipped(**{f"{n}/diary.csv": entry(minutes=1 + n) for n in range(9)}))
    os.utime(str(growing.place), (1, 1))
    assert read(growing, 2) == []
