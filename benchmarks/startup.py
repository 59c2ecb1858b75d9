"""What starting a command costs, beside importing what nearly all of them need: `python -m benchmarks.startup`

Each command answers a small question of the sample study (a night must have run: `make night`). Printed is its
processor time, from start to end, as a ratio to that of `python -c "import polars, duckdb"`, each the smallest of
seven; and that of importing Prefect, which only runs on the engine and `serve` pay for. All of them find their modules
compiled, as after the first use of an installation.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile

STUDY = ["--study", "sample_data/study"]
COMMANDS = {
    "--help": ["--help"],
    "goals": ["goals", *STUDY],
    "query": ["query", *STUDY, "SELECT 1"],
    "identify": ["identify", "sample_data/study/infusions.csv"],
    "status": ["status", *STUDY],
}


def cost(command: list[str], compiled: str) -> float:
    """Seconds of processor time of a process. `compiled`: the folder where modules lie compiled."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    commands = {name: ["-m", "flows.cli", *words] for name, words in COMMANDS.items()}
    commands |= {"Prefect": ["-c", "import prefect"], "base": ["-c", "import polars, duckdb"]}
    found: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as compiled:
        for _ in range(1 + 7):  # in turns; the first one compiles, and is never the smallest
            for name, words in commands.items():
                found[name].append(cost([sys.executable, *words], compiled))
    base = min(found.pop("base"))
    for name, costs in found.items():
        print(f"{name:10} {min(costs) / base:.2f} x")


if __name__ == "__main__":
    main()
