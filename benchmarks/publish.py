"""What publishing costs beside a plain copy of a file: `python -m benchmarks.publish [YEARS]`

A store with years of days of many people is published. Printed is, in CPU time and in time by the clock, publishing as
a ratio to a plain copy (with fsync) of the store and of the published file, and the part of it that is waiting for the
disk. The published database is no copy: minutes stay in the store, so it is far smaller, and it is written by SQL. All
of it is generated, in this run.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from benchmarks.night import FIRST, ZONES, a_run, study_of, take_in
from models.control_frames import control_frames
from models.store import Store, open_store, write_control
from models.store_days import resolve
from models.store_file import to_disk
from models.store_publish import publish
from models.store_verdicts import judge

BASE = 20  # days
_AGAIN = (
    """INSERT INTO minute SELECT * REPLACE (start_time + to_days($by) AS start_time, local_date + $by AS local_date)
       FROM minute WHERE local_date < $until""",
    "INSERT INTO day SELECT * REPLACE (local_date + $by AS local_date) FROM day WHERE local_date < $until",
    """INSERT INTO source_file SELECT * REPLACE (file_id + $n AS file_id, path || $by AS path, sha256 || $by AS sha256)
       FROM source_file WHERE file_id <= $files""",
)


def filled(store: Store, study, people: list[str], days: int) -> None:
    """Some days by way of the loader; the rest of the history as copies of them in SQL."""
    write_control(store, control_frames(study))
    take_in(store, people, [FIRST + timedelta(days=n) for n in range(BASE)])
    resolve(store, dict.fromkeys(people, ZONES))
    for shift in range(BASE, days, BASE):
        given = {
            "by": shift,
            "until": FIRST + timedelta(days=BASE),
            "files": BASE * len(people),
            "n": shift * len(people),
        }
        for sql in _AGAIN:
            store.con.execute(sql, {name: value for name, value in given.items() if f"${name}" in sql})
    judge(store, FIRST + timedelta(days=days), "0", "c", "r")
    store.con.execute("CHECKPOINT")


def cost(work: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Seconds by the clock and of CPU, the smallest of several."""
    found = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(w for w, _ in found), min(c for _, c in found)


def main() -> int:
    years = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    people = [f"P{n:03d}" for n in range(30)]
    with tempfile.TemporaryDirectory() as folder:
        study = study_of(Path(folder) / "study", people)
        store = open_store(study.warehouse)
        filled(store, study, people, 365 * years)
        numbers = iter(range(100))
        publishing = cost(lambda: publish(store, a_run(f"r{next(numbers)}")))
        published = (study.warehouse / "analytics.duckdb").resolve()
        print(
            f"{len(people)} people, {years} years: store {size(study.warehouse / 'store.duckdb')} MB, published ",
            end="",
        )
        print(f"{size(published)} MB; the smallest of 3")
        for name, file in (("the store", study.warehouse / "store.duckdb"), ("the published file", published)):
            copying = cost(lambda file=file: plain_copy(file, Path(folder) / "copy"))  # type: ignore[misc]
            print(f"  publishing / a plain copy of {name:18}  {publishing[0] / copying[0]:5.1f} x by the clock")
        store.close()
    return 0


def plain_copy(file: Path, to: Path) -> None:
    """A copy that would survive a loss of power, as the published file does."""
    shutil.copyfile(file, to)
    to_disk(to)


def size(file: Path) -> int:
    """Whole megabytes."""
    return round(file.stat().st_size / 2**20)


if __name__ == "__main__":
    sys.exit(main())
