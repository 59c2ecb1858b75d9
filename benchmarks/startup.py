"""What starting a command costs, beside importing what nearly all of them need: `python -m benchmarks.startup`

Each command answers a small question of the sample study after a night. Its processor time from start to end beside
that of `python -c "import polars, duckdb"`, and beside the floor, an empty Python; each the least of seven, in turns.
Importing Prefect, which only runs on the engine and `serve` pay for, stands with them. All of them find their modules
compiled, as after the first use of an installation.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cost import of_command
from benchmarks.figure import Beside, Figure, tell

SAMPLE = Path(__file__).parents[1] / "sample_data" / "study"
_FEW = 7


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as place:
        compiled = {"PYTHONPYCACHEPREFIX": f"{place}/compiled", "PYTHONDONTWRITEBYTECODE": ""}
        study = ["--study", str(Path(place) / "study")]
        shutil.copytree(SAMPLE, study[1], ignore=shutil.ignore_patterns("warehouse"))
        cli = [sys.executable, "-m", "flows.cli"]
        of_command([*cli, "nightly", "--no-engine", *study], environment=compiled)
        commands = {
            "`--help`": [*cli, "--help"],
            "`goals`": [*cli, "goals", *study],
            "`query`": [*cli, "query", *study, "SELECT 1"],
            "`identify`": [*cli, "identify", f"{study[1]}/infusions.csv"],
            "`status`": [*cli, "status", *study],
            "importing Prefect": [sys.executable, "-c", "import prefect"],
            "importing Polars and DuckDB": [sys.executable, "-c", "import polars, duckdb"],
            "an empty Python": [sys.executable, "-c", ""],
        }
        found: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(1 + _FEW):  # in turns; the first one compiles, and is never the least
            for name, command in commands.items():
                found[name].append(of_command(command, environment=compiled, fails=True).cpu)
    floor, peer = (Beside(name, min(found.pop(name))) for name in list(found)[:-3:-1])
    for name, costs in found.items():
        yield Figure(name, min(costs), peer, floor)


if __name__ == "__main__":
    tell(figures())
