"""What a whole backfill costs, beside a bare fitparse loop over the same files: `python -m benchmarks.backfill`

2,000 generated files of twenty people (whole days of a watch, and recorded walks) go through all steps: hashed, read,
stored, resolved, judged, published, by the command `backfill --no-engine` in a process of its own, first on one
processor and then on two. fitparse reads every n-th of the files, all their messages, and does nothing with them,
before and after each of the two, since a machine that others use too is not always as fast; its time is scaled to all
files by their bytes. The floor finds, reads and hashes every file. Of two processors it is also said how the time that
passes compares with that on one.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks.cost import least, of_command, walk_read_hash
from benchmarks.figure import Beside, Figure, tell
from benchmarks.inputs import fitparse_files
from tests.studies import StudyFolder
from tests.writers import fit_volume

PEOPLE = [f"P{number:02d}" for number in range(20)]
FIRST = datetime(2025, 6, 1, 5, tzinfo=UTC)
_SAMPLE = 25


def figures(count: int = 2_000, at: Path | None = None) -> Iterator[Figure]:
    """`at`: where the files are made, or lie from another time."""
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as folder:
        inbox = at or Path(folder) / "inbox"
        if not inbox.exists():
            fit_volume.inbox(inbox, PEOPLE, count * 4 // (5 * len(PEOPLE)), FIRST)
        files = sorted(inbox.rglob("*.fit"))
        size = sum(path.stat().st_size for path in files)
        sample = files[:: max(1, len(files) // _SAMPLE)]
        share = sum(path.stat().st_size for path in sample) / size
        loop = partial(least, partial(fitparse_files, sample), 1)
        floor = Beside("finding, reading, hashing them", least(partial(walk_read_hash, inbox)))
        what, loops, passed = f"{len(files):,} FIT files ({size / 1e6:.0f} MB) to verdicts", [loop() / share], {}
        for processors in (1, 2):
            study = a_study(Path(folder) / f"study{processors}", inbox)
            cost = of_command(backfill(study), processors=processors)
            shutil.rmtree(study)
            loops.append(loop() / share)
            passed[processors] = cost.passed
            fitparse = Beside(f"fitparse ({len(sample)} of them, scaled)", (loops[-2] + loops[-1]) / 2)
            yield Figure(f"{what}, {processors} processor{'s'[: processors - 1]}", cost.cpu, fitparse, floor, cost.peak)
        yield Figure("the same on two", passed[2], Beside("on one", passed[1]), by="by the clock")


def backfill(study: Path) -> list[str]:
    """The command."""
    return [sys.executable, "-m", "flows.cli", "backfill", "--study", str(study), "--no-engine", "--json"]


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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A whole backfill, in units of a bare fitparse loop.")
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--inbox", type=Path, help="where the files are made, or lie from another time")
    arguments = parser.parse_args()
    tell(figures(arguments.files, arguments.inbox))
