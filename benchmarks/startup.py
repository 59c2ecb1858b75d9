"""What starting a command costs, beside importing what nearly all of them need: `python -m benchmarks.startup`

Each command answers a small question of the sample study (a night must have run: `make night`). Printed is its
processor time, from start to end, as a ratio to that of `python -c "import polars, duckdb"`, each the smallest of five;
and that of importing Prefect, which only runs on the engine and `serve` pay for.
"""

from __future__ import annotations

import resource
import subprocess
import sys

STUDY = ["--study", "sample_data/study"]
COMMANDS = {
    "--help": ["--help"],
    "goals": ["goals", *STUDY],
    "query": ["query", *STUDY, "SELECT 1"],
    "identify": ["identify", "sample_data/study/infusions.csv"],
    "status": ["status", *STUDY],
}


def cost(command: list[str]) -> float:
    """Seconds of processor time of a process, the smallest of five."""
    found = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found)


def main() -> None:
    base = cost([sys.executable, "-c", "import polars, duckdb"])
    for name, words in COMMANDS.items():
        print(f"{name:10} {cost([sys.executable, '-m', 'flows.cli', *words]) / base:.1f} x")
    print(f"{'Prefect':10} {cost([sys.executable, '-c', 'import prefect']) / base:.1f} x")


if __name__ == "__main__":
    main()
