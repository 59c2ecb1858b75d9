"""What a whole backfill costs, beside GarminDB's import of the same files: `python -m benchmarks.garmindb`

GarminDB has an environment of its own (`make .venv-garmindb/ready`). The files are those of `benchmarks.backfill`. Its
own command imports the first twenty days of one person, walks included, into its SQLite databases (`garmindb_cli.py
--import`: nothing is downloaded, nothing analysed); its time is scaled to all files by their bytes. The backfill takes
all of them through all steps, up to published verdicts. The floor finds, reads and hashes every file.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks.backfill import FIRST, PEOPLE, a_study, backfill
from benchmarks.cost import least, of_command, walk_read_hash
from benchmarks.figure import Beside, Figure, tell
from tests.writers import fit_volume

DAYS = 20
PYTHON = Path(__file__).parents[1] / ".venv-garmindb" / "bin" / "python"
SETTINGS = {
    "db": {"type": "sqlite"},
    "directories": {"relative_to_home": True, "base_dir": "HealthData"},
    "settings": {"metric": True},
}


def figures(python: Path = PYTHON, count: int = 2_000) -> Iterator[Figure]:
    if not python.exists():
        print("needs an environment with GarminDB: make .venv-garmindb/ready")
        return
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as folder:
        inbox = Path(folder) / "inbox"
        fit_volume.inbox(inbox, PEOPLE, max(count * 4 // (5 * len(PEOPLE)), DAYS), FIRST)
        files = sorted(inbox.rglob("*.fit"))
        size = sum(path.stat().st_size for path in files)
        sample = [path for path in files if path.parent.name == PEOPLE[0]][: DAYS + DAYS // 4]
        share = sum(path.stat().st_size for path in sample) / size
        floor = Beside("finding, reading, hashing them", least(partial(walk_read_hash, inbox)))
        theirs = Beside(f"GarminDB's import ({len(sample)} of them, scaled)",
                        garmindb(python, sample, Path(folder) / "home") / share)  # fmt: skip
        ours = of_command(backfill(a_study(Path(folder) / "study", inbox)), processors=1)
        yield Figure(f"{len(files):,} FIT files to verdicts", ours.cpu, theirs, floor, ours.peak)


def garmindb(python: Path, files: list[Path], home: Path) -> float:
    """Processor seconds of GarminDB's import of files. RuntimeError: its databases have no rows then."""
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
    for database, table in (("garmin_monitoring", "monitoring"), ("garmin_activities", "activity_records")):
        with closing(sqlite3.connect(home / "HealthData" / "DBs" / f"{database}.db")) as con:
            if not con.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
                raise RuntimeError(f"GarminDB imported nothing into {table}: {ended.stderr[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A whole backfill, beside GarminDB's import.")
    parser.add_argument("python", type=Path, nargs="?", default=PYTHON, help="of the environment with GarminDB")
    parser.add_argument("--files", type=int, default=2_000)
    arguments = parser.parse_args()
    tell(figures(arguments.python, arguments.files))
