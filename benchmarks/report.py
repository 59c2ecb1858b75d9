"""How long the report of a large study takes: whole, again with nothing new, again with one person in fifty changed.

    python -m benchmarks.report [PEOPLE]

The six people of the sample study, copied under other names until there are enough. Times are given as ratios.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from flows.night.begin import begin
from flows.night.run import Scope
from flows.night.steps import run_steps
from flows.report.write import write_report

SAMPLE = Path(__file__).parents[1] / "sample_data" / "study"
RENAMED = ("participant_id", "infusion_id", "goal_id", "sha256")


def main(people: int) -> None:
    """Write the report three times."""
    with tempfile.TemporaryDirectory() as place:
        study = Path(place) / "study"
        shutil.copytree(SAMPLE, study, ignore=shutil.ignore_patterns("warehouse"))
        run_steps(begin(study, Scope()))
        warehouse = study / "warehouse"
        multiply(warehouse / "analytics.duckdb", people // 6)
        whole = timed("all pages", warehouse)
        nothing = timed("nothing new", warehouse)
        with duckdb.connect(str(warehouse / "analytics.duckdb")) as con:
            con.execute(
                "UPDATE daily_activity SET steps = steps + 1 WHERE split_part(participant_id, '-', 2)::INT % 50 = 0"
            )
        some = timed("one in fifty changed", warehouse)
        print(f"nothing new: {nothing / whole:.1%} of the whole; one in fifty changed: {some / whole:.1%}")
        pages = [path.stat().st_size for path in (warehouse / "report").rglob("*.html")]
        print(f"{len(pages)} pages, the largest {max(pages) // 1024} KiB")


def multiply(path: Path, copies: int) -> None:
    """Every row of every relation, once more for each copy of its person."""
    with duckdb.connect(str(path)) as con:
        columns = con.execute("SELECT table_name, list(column_name) FROM duckdb_columns() GROUP BY ALL").fetchall()
        for table, names in columns:
            if "participant_id" in names:
                renamed = ", ".join(f"{name} || '-' || n AS {name}" for name in RENAMED if name in names)
                con.execute(
                    f"""CREATE OR REPLACE TABLE {table} AS SELECT t.* REPLACE ({renamed})
                        FROM {table} t, range({copies}) copy(n) ORDER BY participant_id"""
                )


def timed(what: str, warehouse: Path) -> float:
    """Seconds of processor time."""
    begun = time.process_time()
    done = write_report(warehouse, "Many")
    spent = time.process_time() - begun
    print(f"{what}: {done.written} written, {done.unchanged} unchanged")
    return spent


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
