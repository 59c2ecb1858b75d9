"""Reading processes: what a file does to the one that reads it costs that file, and nobody else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from connectors import Context
from flows.night import begin, bounds, reading
from flows.night import processes as reader
from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile
from models.clock import ZoneLog
from models.fault import StoreError
from models.store.file_result import FileResult
from tests.dying import PATIENCE, until
from tests.studies import StudyFolder, garmin_day
from tests.test_bad_input import zipped

FOLDER = Folder(Context(ZoneLog("participant_home", "America/New_York"), date(2026, 12, 31), b"secret"), {})
# What a reading process runs instead of `flows.night.reading_process`: the same, but a connector does
# what a file says.
CHILD = """
import os, sys
import polars as pl
sys.argv = sys.argv[1:]
from connectors import connectors
from flows.night import bounds
from flows.night import reading_process as reader
real = connectors()["diary"].extract
def extract(export, context):
    said = export.read().decode()
    if "die" in said: os.kill(os.getpid(), 9)
    if "crash" in said: os.kill(os.getpid(), 11)
    if "spin" in said:
        while True: pass
    if "eat" in said: held = [bytes(10_000_000) for _ in range(1000)]
    if "panic" in said: raise pl.exceptions.PanicException("a value")
    return real(export, context)
connectors()["diary"].extract = extract
bounds.SECONDS = 0.5
reader.main()
"""


@contextmanager
def lost_over_a_word() -> Iterator[None]:
    """While it lasts, reading processes do what diaries say."""
    started = subprocess.Popen
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_idle", [])
        patch.setattr(
            subprocess, "Popen", lambda words, **how: started([words[0], "-c", CHILD, "reader", words[-1]], **how)
        )
        yield
        for one in reader._idle:
            one.close()


def entry(word: str = "", minutes: int = 20) -> bytes:
    return f"date,activity,minutes\n2026-03-05,yoga,{minutes}\n".encode() + f"{word}\n".encode() * bool(word)


def drop(path: Path, content: bytes) -> InboxFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return InboxFile("P1", f"P1/{path.name}", str(path), len(content), path.stat().st_mtime_ns)


def read(*drops: InboxFile) -> dict[str, FileResult]:
    chunks = iter([[(FOLDER, one) for one in drops]])
    return {
        result.path: result
        for batches in reader.read_chunks(chunks, 1)
        for batch in batches
        for result in batch.results()
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileResult]:
    """What came of files that each do something else to the process that reads them, with good ones in between."""
    contents = {
        "diary-a.csv": entry(minutes=10),
        "diary-die.csv": entry("die"),
        "diary-spin.csv": entry("spin"),
        "diary-b.csv": entry(minutes=11),
        "member.zip": zipped(
            **{"1/diary.csv": entry(minutes=12), "2/diary.csv": entry("crash"), "3/diary.csv": entry()}
        ),
        "c.fit": garmin_day("2026-03-05"),
        "diary-eat.csv": entry("eat"),
        "diary-panic.csv": entry("panic"),
        "many.zip": zipped(**{f"{n}/diary.csv": entry("die" + " " * n) for n in range(8)}),
        "diary-d.csv": entry(minutes=13),
    }
    folder = tmp_path_factory.mktemp("inbox")
    with lost_over_a_word():
        return read(*(drop(folder / name, content) for name, content in contents.items()))


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("die", "over 1 GB of memory"),  # as the system ends what takes too much
        ("spin", "seconds of processor time"),
        ("eat", "over 1 GB of memory"),
        ("panic", "not made for (PanicException)"),
    ],
)
def test_the_file_that_a_process_is_lost_over_is_rejected(word: str, said: str, found: dict[str, FileResult]) -> None:
    why = found[f"P1/diary-{word}.csv"].rejected
    assert why is not None
    assert said in why.found
    assert "\n" not in str(why)


def test_the_files_around_those_that_processes_are_lost_over_are_read_in_order(found: dict[str, FileResult]) -> None:
    loaded = [path for path, result in found.items() if result.extract and "!/" not in path]
    assert loaded == ["P1/diary-a.csv", "P1/diary-b.csv", "P1/c.fit", "P1/diary-d.csv"]


def test_of_an_archive_only_the_member_is_rejected_that_the_process_is_lost_over(found: dict[str, FileResult]) -> None:
    assert found["P1/member.zip!/1/diary.csv"].extract
    assert "the process that read it died" in str(found["P1/member.zip!/2/diary.csv"].rejected)
    assert found["P1/member.zip!/3/diary.csv"].extract
    assert found["P1/member.zip"].rejected is None


def test_an_archive_that_costs_too_many_processes_is_rejected_as_a_whole(found: dict[str, FileResult]) -> None:
    assert found["P1/many.zip"].rejected
    assert [path for path in found if path.startswith("P1/many.zip!/")] == []


def test_a_content_that_stands_in_an_archive_many_times_is_read_once(tmp_path: Path) -> None:
    archive = zipped(**{f"{n}/diary.csv": entry() for n in range(50)})
    found = read(drop(tmp_path / "drop.zip", archive))
    assert sum(result.extract is not None for result in found.values()) == 1
    assert sum(result.is_known for result in found.values()) == 49


def test_results_come_in_order_and_piece_by_piece_whoever_read_them(monkeypatch, tmp_path) -> None:
    """Also where a chunk has more rows than travel at a time, and an archive more than that."""
    days = {f"{day:02}.fit": garmin_day(f"2026-03-{day:02}") for day in range(3, 12)}
    drops = [drop(tmp_path / name, content) for name, content in days.items()]
    drops.insert(4, drop(tmp_path / "all.zip", zipped(**{f"in/{name}": content for name, content in days.items()})))
    chunks = [[(FOLDER, one)] * 1 for one in drops[:2]] + [[(FOLDER, one) for one in drops[2:]]]
    here = [result for chunk in chunks for result in reading.read_chunk(chunk).results()]
    away = [r for batches in reader.read_chunks(iter(chunks), 2) for batch in batches for r in batch.results()]
    assert [(r.path, r.sha256, r.extract is None) for r in away] == [
        (r.path, r.sha256, r.extract is None) for r in here
    ]
    for one, other in zip(away, here, strict=True):
        if one.extract and other.extract:
            assert one.extract.readings.equals(other.extract.readings)


def test_a_file_that_is_still_being_written_is_told_of_by_nobody(tmp_path: Path) -> None:
    growing = drop(tmp_path / "growing.fit", garmin_day("2026-03-03"))
    (tmp_path / "growing.fit").write_bytes(garmin_day("2026-03-03") + b"more")
    assert list(read(growing, drop(tmp_path / "diary.csv", entry()))) == ["P1/diary.csv"]


def test_where_no_process_can_be_started_the_night_says_so(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reader, "_idle", [])
    started = subprocess.Popen
    monkeypatch.setattr(
        subprocess, "Popen", lambda words, **how: started([sys.executable, "-c", "raise MemoryError"], **how)
    )
    with pytest.raises(StoreError, match="no process that reads can be started"):
        read(drop(tmp_path / "diary.csv", entry()))


def test_a_process_that_is_ended_once_for_no_fault_of_the_file_is_begun_again(tmp_path: Path) -> None:
    """As the machine does it where memory is short, whoever took it."""
    first = drop(tmp_path / "diary-a.csv", entry())
    read(first)
    process = reader._idle[-1]._process
    assert process is not None
    process.kill()
    found = read(first, drop(tmp_path / "diary-b.csv", entry(minutes=9)))
    assert [result.rejected for result in found.values()] == [None, None]


def test_a_process_that_is_started_ahead_is_the_one_that_reads(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reader, "_idle", [])
    reader.start_ahead()
    reader.start_ahead()
    (ahead,) = reader._idle
    process = ahead._process
    assert read(drop(tmp_path / "diary.csv", entry()))["P1/diary.csv"].rejected is None
    assert reader._idle == [ahead]
    assert ahead._process is process
    ahead.close()


def test_only_a_night_to_which_all_is_new_starts_a_process_ahead(monkeypatch, tmp_path: Path) -> None:
    started: list[int] = []
    monkeypatch.setattr(begin, "start_ahead", lambda: started.append(1))
    study = StudyFolder(tmp_path).write()
    for nights in (1, 1):
        study.night()
        assert len(started) == nights


def test_a_reading_process_ends_with_who_asked_it(tmp_path: Path) -> None:
    """Killed or not: no process stays behind."""
    script = f"""
import os, sys
from datetime import date
from connectors import Context
from flows.night import processes as reader
from flows.night.inbox_file import InboxFile
from flows.night.folder import Folder
from models.clock import ZoneLog
found = os.stat({str(tmp_path / "diary.csv")!r})
drop = InboxFile("P1", "P1/diary.csv", {str(tmp_path / "diary.csv")!r}, found.st_size, found.st_mtime_ns)
reader.read_in_a_process([(Folder(Context(ZoneLog("assumed", "UTC"), date(2026, 12, 31), b"s"), {{}}), drop)])
print(reader._idle[0]._process.pid, flush=True)
os.kill(os.getpid(), {int(signal.SIGKILL)})
"""
    (tmp_path / "diary.csv").write_bytes(entry())
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=PATIENCE
    )
    child = int(done.stdout)
    until(lambda: not Path(f"/proc/{child}").exists() or "zombie" in Path(f"/proc/{child}/status").read_text("utf-8"))


def test_a_large_file_may_take_longer_than_a_small_one() -> None:
    assert bounds.allow(0) == 60
    assert bounds.allow(1_000_000_000) > 200
