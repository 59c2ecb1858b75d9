"""What a night costs on which nothing is new: `python -m benchmarks.quiet_night`

200,000 known files of a hundred people lie in an inbox and in the ledger. Timed are whole nights, each in a process of
its own, less one of a study with a single file (the start of a process, and what a night does however little there is);
and a bare os.walk with a stat of every file, which is the floor. Printed are the ratio of their CPU times, the smallest
of a few each, the seconds of both nights, and the most memory. `--people 20000` has as many files of more people.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import polars as pl

from flows.version import CODE_VERSION
from models.store.store import Store, open_store
from models.study.folder import read_study
from tests.studies import StudyFolder


def main() -> int:
    """Make the inboxes and the ledgers, time nights and walk."""
    parser = argparse.ArgumentParser(description="What finding nothing new costs, in units of a bare walk.")
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--people", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as name:
        single = known(Path(name) / "one", 1, 1)
        least_of_all = min(night(single) for _ in range(3))
        folder = known(Path(name) / "many", arguments.files, arguments.people)
        bare = min(walk(folder / "inbox") for _ in range(3))
        quiet = min(night(folder) for _ in range(3))
    beyond = quiet.seconds - least_of_all.seconds
    print(
        f"{arguments.files:,} known files of {arguments.people:,} people: a quiet night is "
        f"{beyond / bare:.1f} times a bare walk with stat ({bare:.2f} s) beyond a night of one file "
        f"({quiet.seconds:.2f} and {least_of_all.seconds:.2f} s of CPU), in {quiet.memory:.0f} MB"
    )
    return 0


def known(folder: Path, files: int, people: int) -> Path:
    """A study whose files are all in its ledger, after its first night."""
    names = [f"P{number:05d}" for number in range(people)]
    folder.mkdir()
    StudyFolder(folder, participants=[f"{who},,," for who in names], infusions=[], goals=[]).write()
    fill(folder, names, files // people)
    study = read_study(folder)
    store = open_store(study.warehouse)
    enter(store, folder, {who: study.zone_log(who).fingerprint for who in names})
    store.close()
    night(folder)
    return folder


def fill(folder: Path, people: list[str], files: int) -> None:
    """So many files of each, 500 to a folder."""
    for who in people:
        for number in range(files):
            path = folder / "inbox" / who / f"{number // 500:03d}" / f"{number:06d}.fit"
            if number % 500 == 0:
                path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")


def enter(store: Store, folder: Path, zones: dict[str, str]) -> None:
    """Every file as loaded, in the ledger."""
    inbox = folder / "inbox"
    rows = [
        (number, path.parts[len(inbox.parts)], str(path.relative_to(inbox)), 1, path.stat().st_mtime_ns)
        for number, path in enumerate(sorted(inbox.rglob("*.fit")))
    ]
    schema = dict.fromkeys(["file_id", "participant_id", "path", "size_bytes", "modified_ns"], pl.Int64)
    schema |= {"participant_id": pl.String, "path": pl.String}
    ledger = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        sha256=pl.format("{}", "file_id"),
        status=pl.lit("loaded"),
        code_version=pl.lit(CODE_VERSION),
        zones=pl.col("participant_id").replace_strict(zones),
        first_seen_at=pl.lit(datetime.now(UTC).replace(tzinfo=None)),
    )
    store.insert("source_file", ledger)


def walk(inbox: Path) -> float:
    """CPU seconds of a bare walk."""
    begin = time.process_time()
    for folder, _, names in os.walk(inbox):
        for name in names:
            os.stat(os.path.join(folder, name))
    return time.process_time() - begin


class Cost(NamedTuple):
    """Of a process: CPU seconds and the most memory (MB), with all processes that it started."""

    seconds: float
    memory: float


def night(folder: Path) -> Cost:
    """A night in a process of its own. It loads nothing."""
    command = [sys.executable, "-m", "flows.cli", "nightly", "--no-engine", "--json", "--study", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if '"loaded": 0' not in process.stdout.read():
            raise AssertionError("nothing should be new")
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    sys.exit(main())
