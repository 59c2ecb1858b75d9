"""What a night costs on which nothing is new: `python -m benchmarks.quiet_night`

200,000 known files of a hundred people lie in an inbox and in the ledger. Timed are whole nights, each in a process of
its own, less one of a study with a single file (the start of a process, and what a night does however little there is).
The floor is a bare os.walk with a stat of every file; reading and hashing every file is what it would cost without a
ledger. The least of a few each. `--people 20000` has as many files of more people.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from benchmarks.cost import Cost, least, of_command, walk, walk_read_hash
from benchmarks.figure import Beside, Figure, tell
from flows.version import CODE_VERSION
from models.store.store import Store, open_store
from models.study.folder import read_study
from tests.studies import StudyFolder


def figures(files: int = 200_000, people: int = 100) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as name:
        single = known(Path(name) / "one", 1, 1)
        alone = min(night(single) for _ in range(3))
        empty = Beside("an empty Python", min(of_command([sys.executable, "-c", ""]) for _ in range(3)).cpu)
        imports = [sys.executable, "-c", "import polars, duckdb"]
        peer = Beside("importing Polars and DuckDB", min(of_command(imports) for _ in range(3)).cpu)
        yield Figure("a quiet night of one file", alone.cpu, peer, empty, alone.peak)
        folder = known(Path(name) / "many", files, people)
        floor = Beside("a walk with stat", least(lambda: walk(folder / "inbox")))
        read = Beside("reading and hashing them", least(lambda: walk_read_hash(folder / "inbox"), 1))
        quiet = min(night(folder) for _ in range(3))
        what = f"a quiet night over {files:,} files of {people:,} people, beyond that"
        yield Figure(what, quiet.cpu - alone.cpu, read, floor, quiet.peak)


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


def night(folder: Path) -> Cost:
    """A night in a process of its own. It loads nothing."""
    cost = of_command([sys.executable, "-m", "flows.cli", "nightly", "--no-engine", "--study", str(folder)])
    if StudyFolder(folder).ask("SELECT max(files_loaded) FROM run") != [(0,)]:
        raise AssertionError("nothing should be new")
    return cost


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What finding nothing new costs, in units of a bare walk.")
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--people", type=int, default=100)
    arguments = parser.parse_args()
    tell(figures(arguments.files, arguments.people))
