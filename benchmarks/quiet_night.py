"""What a night costs on which nothing is new: `python -m benchmarks.quiet_night`

200,000 known files of a hundred people lie in an inbox and in the ledger. Timed are what a night does to find that none
of them is new (the scan, and the ledger of each person), the floor, a bare os.walk with a stat of every file, and
reading and hashing every file, which is what it would cost without a ledger; the least of a few each.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from benchmarks.cost import least, walk, walk_read_hash
from benchmarks.figure import Beside, Figure, tell
from flows.night.run import Scope
from flows.night.steps import plan
from flows.version import CODE_VERSION
from models.store.store import Store, open_store
from models.study.folder import read_study
from tests.studies import StudyFolder


def figures(files: int = 200_000, count: int = 100) -> Iterator[Figure]:
    """Make the inbox and the ledger, time all three."""
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as name:
        people = [f"P{number:03d}" for number in range(count)]
        folder = (
            StudyFolder(Path(name), participants=[f"{who},,," for who in people], infusions=[], goals=[]).write().folder
        )
        fill(folder, people, files // len(people))
        study = read_study(folder)
        store = open_store(study.warehouse)
        enter(store, folder, {who: study.zone_log(who).fingerprint for who in people})
        store.close()
        bare = Beside("a walk with stat", least(lambda: walk(folder / "inbox")))
        read = Beside("reading and hashing them", least(lambda: walk_read_hash(folder / "inbox"), 1))
        yield Figure(f"finding nothing new among {files:,} files", least(lambda: expect_nothing(folder)), read, bare)


def fill(folder: Path, people: list[str], files: int) -> None:
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


def expect_nothing(folder: Path) -> None:
    if waiting := plan(folder, Scope()):
        raise AssertionError(f"{waiting}: nothing should be new")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What finding nothing new costs, in units of a bare walk.")
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--people", type=int, default=100)
    arguments = parser.parse_args()
    tell(figures(arguments.files, arguments.people))
