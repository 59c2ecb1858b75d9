"""What a whole backfill costs, beside GarminDB's import of the same files: `python -m benchmarks.garmindb PYTHON`

PYTHON is that of an environment of its own with GarminDB in it (`pip install garmindb==3.7.0`). The files are those of
`benchmarks.backfill`. GarminDB's own command imports the first twenty days of one person, walks included, into its
SQLite databases (`garmindb_cli.py --import`: nothing is downloaded, nothing analysed); its time is scaled to all files
by their bytes. The backfill takes all of them through all steps, up to published verdicts. Printed is the ratio of CPU
time in this run.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.backfill import FIRST, PEOPLE, a_study, adopt_orphans, timed
from tests.writers import fit_volume

DAYS = 20
SETTINGS = {
    "db": {"type": "sqlite"},
    "directories": {"relative_to_home": True, "base_dir": "HealthData"},
    "settings": {"metric": True},
}


def main() -> int:
    """Make the files, time both, print the ratio."""
    parser = argparse.ArgumentParser(description="A whole backfill, beside GarminDB's import.")
    parser.add_argument("python", type=Path, help="of the environment that GarminDB is installed in")
    parser.add_argument("--files", type=int, default=5000)
    arguments = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as folder:
        inbox = Path(folder) / "inbox"
        fit_volume.inbox(inbox, PEOPLE, max(arguments.files * 4 // (5 * len(PEOPLE)), DAYS), FIRST)
        files = sorted(inbox.rglob("*.fit"))
        size = sum(path.stat().st_size for path in files)
        print(f"{len(files):,} files, {size / 1e6:.0f} MB", flush=True)
        sample = [path for path in files if path.parent.name == PEOPLE[0]][: DAYS + DAYS // 4]
        share = sum(path.stat().st_size for path in sample) / size
        seconds, rows = garmindb(arguments.python, sample, Path(folder) / "home")
        print(f"GarminDB: {len(sample)} of the files, {share:.2%} of the bytes; {rows:,} rows came of them", flush=True)
        command = [sys.executable, "-m", "flows.cli", "backfill", "--no-engine", "--json", "--study"]
        ours, _ = timed([*command, str(a_study(Path(folder) / "study", inbox))], 1)
        print(f"backfill: {seconds / share / ours:.1f} times as fast as GarminDB's import (CPU time)")
    return 0


def garmindb(python: Path, files: list[Path], home: Path) -> tuple[float, int]:
    """CPU seconds of GarminDB's import of files, and how many rows its databases have then. RuntimeError: none."""
    (home / ".GarminDb").mkdir(parents=True)
    (home / ".GarminDb" / "GarminConnectConfig.json").write_text(json.dumps(SETTINGS))
    for number, file in enumerate(files):
        kind = "Monitoring" if "WELLNESS" in file.name else "Activities"
        folder = home / "HealthData" / "FitFiles" / kind
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / f"{number}_{file.stem.rpartition('_')[2]}.fit")
    command = [python, python.parent / "garmindb_cli.py", "--import", "--monitoring", "--activities"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"HOME": str(home)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    rows = 0
    for database, table in (("garmin_monitoring", "monitoring"), ("garmin_activities", "activity_records")):
        with closing(sqlite3.connect(home / "HealthData" / "DBs" / f"{database}.db")) as con:
            found = con.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        if not found:
            raise RuntimeError(f"GarminDB imported nothing into {table}: {ended.stderr[-500:]}")
        rows += found
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, rows


if __name__ == "__main__":
    sys.exit(main())
