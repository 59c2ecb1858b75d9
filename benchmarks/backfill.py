"""What a whole backfill costs, beside a bare fitparse loop over the same files: `python -m benchmarks.backfill`

5,000 generated files of several people (whole days of a watch, and recorded walks) go the whole road: hashed, read,
stored, resolved, judged, published, by the command `backfill --no-engine` in a process of its own, once with one
process to read and once with two. fitparse reads a sample of the files (every kind in its share) and does nothing with
them; its time is scaled to all of them by their bytes. Printed are ratios of CPU time, that of child processes included, and of the time that
passes with one and two processes.

`--garmindb PYTHON`: a Python that has GarminDB 3.7; its import of the same files is timed as well, on a sample.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fitparse import FitFile

from tests.studies import StudyFolder
from tests.writers import fit_volume

PEOPLE = 20
FIRST = datetime(2025, 6, 1, 5, tzinfo=UTC)


def main() -> int:
    parser = argparse.ArgumentParser(description="A whole backfill, in units of a bare fitparse loop.")
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--inbox", type=Path, help="where the files are made, or lie from another time")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as folder:
        inbox = arguments.inbox or Path(folder) / "inbox"
        people = [f"P{number:02d}" for number in range(PEOPLE)]
        if not inbox.exists():
            fit_volume.inbox(inbox, people, arguments.files * 4 // (5 * PEOPLE), FIRST)
        files = sorted(inbox.rglob("*.fit"))
        size = sum(path.stat().st_size for path in files)
        print(f"{len(files):,} files, {size / 1e6:.0f} MB", flush=True)
        sample = [*files[:: len(files) // 20]]
        begin = time.process_time()
        for path in sample:
            for message in FitFile(path.read_bytes()).get_messages():
                message.get_values()
        share = sum(path.stat().st_size for path in sample) / size
        loop = (time.process_time() - begin) / share
        print(f"fitparse alone: a sample of {len(sample)} files, {share:.2%} of the bytes", flush=True)
        passed = {}
        for processes in (1, 2):
            study = a_study(Path(folder) / f"study{processes}", people, inbox)
            cpu, passed[processes] = backfill(study, processes)
            print(
                f"backfill, {processes} reading: {loop / cpu:.1f} times as fast as fitparse alone, CPU time", flush=True
            )
        print(f"two processes: {passed[1] / passed[2]:.2f} times as fast as one, time passed")
    return 0


def a_study(folder: Path, people: list[str], inbox: Path) -> Path:
    """A study in which everybody had an infusion in the first week, and two goals, over the files of the inbox."""
    infused = FIRST.date() + timedelta(days=7)
    goals = [f"G-{who}-{kind},,{who},,1,24,daily_mean,{kind},30,,,{infused},,," for who in people for kind in ("steps", "walking_minutes")]  # fmt: skip
    study = StudyFolder(
        folder,
        participants=[f"{who},,," for who in people],
        infusions=[f"I-{who},{who},{infused},," for who in people],
        goals=goals,
    ).write()
    (folder / "inbox").rmdir()
    (folder / "inbox").symlink_to(inbox.resolve())
    return study.folder


def backfill(study: Path, processes: int) -> tuple[float, float]:
    """CPU seconds of the whole command, children included, and seconds that passed."""
    cores = sorted(os.sched_getaffinity(0))[:processes]
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "flows.cli", "backfill", "--study", str(study), "--no-engine", "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, cores))
    passed, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, passed


if __name__ == "__main__":
    sys.exit(main())
