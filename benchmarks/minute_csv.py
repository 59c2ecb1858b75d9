"""What reading a minute CSV of millions of rows costs: `python -m benchmarks.minute_csv [ROWS]` (5,000,000 by default).

Printed for each layout, as ratios within this run: the CPU time of the whole extract to that of a bare Polars read of
the same file into text and numbers, and to one that parses the times as well where Polars can; and the peak resident
memory. Every figure is the smallest of three, each from a process of its own that has loaded its code before the clock
starts. The files are made for it.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from connectors import Context, connectors, extract
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


def bare(path: Path) -> None:
    """Nothing but Polars."""
    pl.read_csv(path)


def dated(path: Path) -> None:
    """Polars, with times."""
    pl.read_csv(path, try_parse_dates=True)


def whole(path: Path) -> None:
    """What a night does with the file."""
    context = Context(ZoneLog("participant_home", "America/New_York"), date.today() + timedelta(days=1), b"benchmark")
    extract(READER[path.name], Export(path.name, path.stat().st_size, lambda: path.open("rb")), context)


def measured(what: str, path: Path) -> tuple[float, float]:
    """CPU seconds and peak megabytes of one of the above, in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.minute_csv", what, str(path)]
    told = [subprocess.run(words, check=True, capture_output=True, text=True).stdout.split() for _ in range(3)]
    return min(float(seconds) for seconds, _ in told), min(float(megabytes) for _, megabytes in told)


def main(arguments: list[str]) -> None:
    """The command line."""
    if len(arguments) == 2:
        connectors()
        before = time.process_time()
        {"bare": bare, "dated": dated, "whole": whole}[arguments[0]](Path(arguments[1]))
        print(time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    rows = int(arguments[0]) if arguments else 5_000_000
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), rows)
        for name, connector in READER.items():
            (read, _), (parsed, _), (ours, peak) = (
                measured(w, Path(folder) / name) for w in ("bare", "dated", "whole")
            )
            print(
                f"{connector}: {rows:,} rows: {ours / read:.1f}x a bare read, {ours / parsed:.1f}x one with times, "
                f"{peak:.0f} MB"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
