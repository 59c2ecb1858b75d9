"""What reading a minute CSV of millions of rows costs: `python -m benchmarks.minute_csv [ROWS]` (5,000,000 by default).

Of each layout the whole extract, beside a bare Polars read of the same file that parses the times where Polars can, and
the least, which is to read and hash it; the least of three each, from processes that have loaded their code before the
clock starts. The files are made for it.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from benchmarks.cost import of_function
from benchmarks.figure import Beside, Figure, tell
from connectors import Context, extract
from connectors.kit.export import Export
from models.clock import ZoneLog

STEPS, NARROW = "steps_2016-01-01.csv", "minuteStepsNarrow_merged.csv"
READER = {STEPS: "fitbit_takeout", NARROW: "fitabase"}


def make(folder: Path, rows: int) -> None:
    """One person's minutes of some years, as Google Takeout and as Fitabase write them."""
    start = datetime(2016, 1, 1)
    last = start + timedelta(minutes=rows - 1)
    minutes = pl.DataFrame({"t": pl.datetime_range(start, last, "1m", eager=True)}).with_row_index("n")
    steps = (pl.col("n") % 150).alias("steps")
    minutes.select(
        timestamp=pl.col("t").dt.strftime("%Y-%m-%dT%H:%M:%SZ"), steps=steps, source=pl.lit("Charge 6")
    ).rename({"source": "data source"}).write_csv(folder / STEPS)
    local = minutes.filter(
        pl.col("t").dt.replace_time_zone("America/New_York", non_existent="null", ambiguous="null").is_not_null()
    )
    local.select(
        Id=pl.lit("1503960366"), ActivityMinute=pl.col("t").dt.strftime("%-m/%-d/%Y %-I:%M:%S %p"), Steps=steps
    ).write_csv(folder / NARROW)


def dated(path: str) -> None:
    """Polars, with times, where it can."""
    pl.read_csv(path, try_parse_dates=True)


def whole(file: str) -> None:
    """What a night does with the file."""
    path = Path(file)
    context = Context(ZoneLog("participant_home", "America/New_York"), date.today() + timedelta(days=1), b"benchmark")
    extract(READER[path.name], Export(path.name, path.stat().st_size, lambda: path.open("rb")), context)


def hashed(path: str) -> None:
    """The least: every byte read once."""
    with open(path, "rb") as stream:
        hashlib.file_digest(stream, "sha256")  # type: ignore[arg-type]


def figures(rows: int = 5_000_000) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), rows)
        for name, connector in READER.items():
            ours, parsed, read = (of_function(f, Path(folder) / name, times=3) for f in (whole, dated, hashed))
            what = f"{rows:,} minutes of a CSV of {connector}"
            floor = Beside("reading and hashing it", read.cpu)
            yield Figure(what, ours.cpu, Beside("a Polars read that parses the times", parsed.cpu), floor, ours.peak)


if __name__ == "__main__":
    tell(figures(*map(int, sys.argv[1:])))
