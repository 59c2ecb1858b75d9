"""How long the report of a large study takes: whole, again with nothing new, again with one person in fifty changed.

    python -m benchmarks.report [PEOPLE]

The six people of the sample study, copied under other names until there are enough, beside writing all of it, and
beside the floor, which is to read and hash its pages.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.cost import least, walk_read_hash
from benchmarks.figure import Beside, Figure, tell
from flows.night.begin import begin
from flows.night.run import Scope
from flows.night.steps import run_steps
from flows.report.write import write_report

SAMPLE = Path(__file__).parents[1] / "sample_data" / "study"
RENAMED = ("participant_id", "infusion_id", "goal_id", "sha256")


def figures(people: int = 5_000) -> Iterator[Figure]:
    """Write the report three times."""
    with tempfile.TemporaryDirectory() as place:
        study = Path(place) / "study"
        shutil.copytree(SAMPLE, study, ignore=shutil.ignore_patterns("warehouse"))
        run_steps(begin(study, Scope()))
        warehouse = study / "warehouse"
        multiply(warehouse / "analytics.duckdb", people // 6)
        whole = Beside("writing all of it", least(lambda: write_report(warehouse, "Many"), 1))
        pages = Beside("reading and hashing its pages", least(lambda: walk_read_hash(warehouse / "report")))
        nothing = least(lambda: write_report(warehouse, "Many"), 1)
        yield Figure(f"the report of {people // 6 * 6:,} people when nothing changed", nothing, whole, pages)
        with duckdb.connect(str(warehouse / "analytics.duckdb")) as con:
            con.execute(
                "UPDATE daily_activity SET steps = steps + 1 WHERE split_part(participant_id, '-', 2)::INT % 50 = 0"
            )
        some = least(lambda: write_report(warehouse, "Many"), 1)
        yield Figure("the same when one in fifty changed", some, whole, pages)


def multiply(path: Path, copies: int) -> None:
    """Every row of every relation, once more for each copy of its person."""
    with duckdb.connect(str(path)) as con:
        columns = con.execute(
            """SELECT table_name, list(column_name)
               FROM duckdb_columns() SEMI JOIN duckdb_tables() USING (table_name) GROUP BY ALL"""
        ).fetchall()
        for table, names in columns:
            if "participant_id" in names:
                renamed = ", ".join(f"{name} || '-' || n AS {name}" for name in RENAMED if name in names)
                con.execute(
                    f"""CREATE OR REPLACE TABLE {table} AS SELECT t.* REPLACE ({renamed})
                        FROM {table} t, range({copies}) copy(n) ORDER BY participant_id"""
                )


if __name__ == "__main__":
    tell(figures(*map(int, sys.argv[1:])))
