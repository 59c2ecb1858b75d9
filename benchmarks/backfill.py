"""What a whole backfill costs, beside a bare fitparse loop over the same files: `python -m benchmarks.backfill`

5,000 generated files of twenty people (whole days of a watch, and recorded walks) go through all steps: hashed, read,
stored, resolved, judged, published, by the command `backfill --no-engine` in a process of its own, first on one
processor and then on two. fitparse reads every n-th of the files, all their messages, and does nothing with them,
before and after each of the two, since a machine that others use too is not always as fast; its time is scaled to all
files by their bytes. Printed are ratios of CPU time, that of child processes included, and of the time that passes on
one processor and on two.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fitparse import FitFile

from tests.studies import StudyFolder
from tests.writers import fit_volume

PEOPLE = [f"P{number:02d}" for number in range(20)]
FIRST = datetime(2025, 6, 1, 5, tzinfo=UTC)
_SAMPLE = 25


def main() -> int:
    """Make the files, time everything, print the ratios."""
    parser = argparse.ArgumentParser(description="A whole backfill, in units of a bare fitparse loop.")
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--inbox", type=Path, help="where the files are made, or lie from another time")
    arguments = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as folder:
        inbox = arguments.inbox or Path(folder) / "inbox"
        if not inbox.exists():
            fit_volume.inbox(inbox, PEOPLE, arguments.files * 4 // (5 * len(PEOPLE)), FIRST)
        files = sorted(inbox.rglob("*.fit"))
        size = sum(path.stat().st_size for path in files)
        print(f"{len(files):,} files, {size / 1e6:.0f} MB", flush=True)
        sample = files[:: max(1, len(files) // _SAMPLE)]
        share = sum(path.stat().st_size for path in sample) / size
        loops = [fitparse_loop(sample) / share]
        print(f"fitparse alone: {len(sample)} of the files, {share:.2%} of the bytes", flush=True)
        passed = {}
        for processors in (1, 2):
            study = a_study(Path(folder) / f"study{processors}", inbox)
            command = [sys.executable, "-m", "flows.cli", "backfill", "--study", str(study), "--no-engine", "--json"]
            cpu, passed[processors] = timed(command, processors)
            loops.append(fitparse_loop(sample) / share)
            loop = (loops[-2] + loops[-1]) / 2
            print(f"backfill on {processors}: {loop / cpu:.1f} times as fast as fitparse alone (CPU time)", flush=True)
            shutil.rmtree(study)
        print(f"two processors: {passed[1] / passed[2]:.2f} times as fast as one (time passed)")
    return 0


def fitparse_loop(files: list[Path]) -> float:
    """CPU seconds of the barest use of fitparse: every message's values, its default."""
    begin = time.process_time()
    for path in files:
        for message in FitFile(path.read_bytes()).get_messages():
            message.get_values()
    return time.process_time() - begin


def a_study(folder: Path, inbox: Path) -> Path:
    """A study over the files of the inbox in which everybody had an infusion in the second week, and two goals."""
    infused = FIRST.date() + timedelta(days=7)
    goal = "G-{who}-{metric},,{who},,1,24,daily_mean,{metric},30,,,{infused},,,"
    metrics = ("steps", "walking_minutes")
    study = StudyFolder(
        folder,
        participants=[f"{who},,," for who in PEOPLE],
        infusions=[f"I-{who},{who},{infused},," for who in PEOPLE],
        goals=[goal.format(who=who, metric=metric, infused=infused) for who in PEOPLE for metric in metrics],
    ).write()
    (folder / "inbox").rmdir()
    (folder / "inbox").symlink_to(inbox.resolve())
    return study.folder


def timed(command: list[str], processors: int) -> tuple[float, float]:
    """CPU seconds of a command and of every process it leaves behind, and the seconds that passed."""
    chosen = sorted(os.sched_getaffinity(0))[:processors]
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    here = os.sched_getaffinity(0)
    os.sched_setaffinity(0, chosen)
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    finally:
        os.sched_setaffinity(0, here)
    passed = time.perf_counter() - begin
    with suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, passed


def adopt_orphans() -> None:
    """The reading processes outlive the command by a moment; they become our children, so that their time counts."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER, on Linux


if __name__ == "__main__":
    sys.exit(main())
