"""A lake through the years: `python -m benchmarks.lake_years [--nights 3000] [--sites 20]`

Every night each site has one other file of one relation, and the night is over when it is committed and swept. Measured
is, as processor time, what a night costs the lake's tables, and opening them, on some nights; and what has gathered.
Files are named and never written. A day passes by making what lies there a day older.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from unittest import mock

from models.lake.lake import Lake
from models.lake.part import Columns, Part

COLUMNS: Columns = (("participant_id", "VARCHAR"), ("local_date", "DATE"))
SHOWN, DAY = (10, 30, 100, 300, 1000, 3000), 24 * 60 * 60


def night(lake: Lake, n: int, sites: int) -> None:
    """What a run does to the tables of a lake."""
    given = {f"S{site:04}": [Part(f"site=S{site:04}/0-1-{n:x}.parquet", 3, 1000)] for site in range(sites)}
    lake.commit({"daily_activity": lake.take("daily_activity", [COLUMNS], given)}, "all")
    lake.sweep(at_once=False)


@contextmanager
def as_of(moment: float) -> Iterator[None]:
    """Another clock for the lake."""
    clock = mock.Mock(now=lambda zone: datetime.fromtimestamp(moment, zone))
    with (
        mock.patch("models.lake.lake.time.time", return_value=moment),
        mock.patch("models.lake.version.datetime", clock),
    ):
        yield


def cost(call: Callable[[], object]) -> float:
    """In milliseconds of the processor."""
    begun = time.process_time()
    call()
    return (time.process_time() - begun) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description="A lake through the years.")
    parser.add_argument("--nights", type=int, default=3000)
    parser.add_argument("--sites", type=int, default=20)
    asked, now = parser.parse_args(), time.time()
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as scratch:
        lake, root, spent = Lake(scratch), Path(scratch), 0.0
        for n in range(1, asked.nights + 1):
            with as_of(now - (asked.nights - n) * DAY):
                spent += cost(lambda at=n: night(lake, at, asked.sites))  # type: ignore[misc]
            for path in root.rglob("*"):
                if path.is_file():
                    os.utime(path, (path.stat().st_mtime - DAY,) * 2)
            if n in SHOWN:
                opening = min(cost(lambda: lake.standing("daily_activity")) for _ in range(5))
                state = min(cost(lake.current) for _ in range(5))
                log = [path.stat().st_size for path in (root / "daily_activity" / "_delta_log").iterdir()]
                opened = f"{spent / n:.0f} ms a night, a table opens in {opening:.1f} ms, the state in {state:.1f}"
                print(f"{n} nights: {opened}; {len(log)} files in its log, {sum(log) / 1000:.0f} kB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
