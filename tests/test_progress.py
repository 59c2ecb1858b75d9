"""What long work says of itself: files, bytes, rate and time left; a line every half minute, no list of all files."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from flows.night import chunks as cut
from flows.night.chunks import chunks
from flows.night.folder import Folder
from flows.night.inbox_file import Found, InboxFile, Lying, Seen
from flows.night.progress import Progress
from tests.dying import PATIENCE
from tests.studies import StudyFolder, garmin_day

ROOT = Path(__file__).parents[1]
NOWHERE = Path("/nowhere")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def chunks_of_400_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "FIRST_FILES", 400)
    monkeypatch.setattr(cut, "CHUNK_FILES", 400)


def drops(count: int) -> Iterator[InboxFile]:
    return (InboxFile("P1", f"P1/{n}", NOWHERE, 1000, 0) for n in range(count))


def folders(files: Sequence[InboxFile]) -> dict[str, Folder]:
    return {"P1": Folder(None, {})}  # type: ignore[arg-type]


def read_slowly(told: Progress, clock: Clock, files: int, seconds: float) -> None:
    """What `load_exports` does, at so many seconds for a chunk of 400 files."""
    reading = told.of_reading(files, files * 1000)
    for _ in reading.marked(chunks(drops(files), folders)):
        clock.now += seconds
        reading.advance()


def test_long_reading_says_every_half_minute_how_far_it_is_and_how_long_it_will_take() -> None:
    said: list[str] = []
    clock = Clock()
    with Progress(said.append, clock) as told:
        told.step("load exports")
        read_slowly(told, clock, files=4000, seconds=13)
    assert said == [
        "load exports: 1,200 of 4,000 files, 1.2 MB of 4.0 MB, 31 files/s, about 2 min left",
        "load exports: 2,400 of 4,000 files, 2.4 MB of 4.0 MB, 31 files/s, about 1 min left",
        "load exports: 3,600 of 4,000 files, 3.6 MB of 4.0 MB, 31 files/s, about 13 s left",
    ]


def test_a_night_that_is_soon_over_says_nothing() -> None:
    said: list[str] = []
    clock = Clock()
    with Progress(said.append, clock) as told:
        told.step("load exports")
        reading = told.of_reading(300, 300_000)
        for _ in reading.marked(chunks(drops(300), folders)):
            clock.now += 29
            reading.advance()
    assert said == []


def test_a_million_files_take_two_hundred_bytes_each() -> None:
    """Where each lies is kept until the ledger was brought up to it, and nothing else."""
    clock = Clock()
    peaks = []
    for files in (2_000, 12_000):
        tracemalloc.start()
        found = Found()
        for who in range(files // 1000):
            lying = Lying()
            for n in range(1000):
                lying.add(f"P{who}/2026/03/garmin/{n:012d}.fit", Seen(1000, 1_780_000_000_000_000_000 + n))
            found.take(f"P{who}", lying)
        with Progress(lambda line: None, clock) as told:
            read_slowly(told, clock, files, seconds=1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 10_000 * 200


def test_a_terminal_shows_a_bar_and_the_verdicts_a_pipe_neither(study: StudyFolder) -> None:
    for n in range(60):
        study.goals.append(f"GOAL{n},,P1,,1,1,daily_mean,steps,5000,,,2026-03-02,,,")
    study.write()
    study.put("P1/jane.doe.fit", garmin_day("2026-03-03"))
    command = [sys.executable, "-m", "flows.cli", "nightly", "--no-engine", "--study", str(study.folder)]
    piped = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, check=True)
    assert piped.stderr == ""
    assert "insufficient_data  61" in piped.stdout
    assert not re.search("P1|GOAL|jane", piped.stdout)
    study.put("P1/jane.doe.2.fit", garmin_day("2026-03-04"))
    status, shown = on_a_terminal(command)
    assert status == 0
    assert "load exports" in shown
    assert "publish" in shown
    assert "P1 G1 week 1: cannot be said as before (late_data): P1/jane.doe.2.fit" in shown
    assert "... and 21 more: `stepwindow changes`" in shown
    assert sum("cannot be said" in line for line in shown.splitlines()) == 40


def on_a_terminal(command: list[str]) -> tuple[int, str]:
    """The exit code and what a person sees, control codes and all."""
    shown = b""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execve(command[0], command, {**os.environ, "TERM": "xterm-256color", "COLUMNS": "150"})
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()
