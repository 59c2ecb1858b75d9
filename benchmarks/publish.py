"""What publishing costs beside a plain copy of a file: `python -m benchmarks.publish [YEARS]`

A store with years of days of many people is published: after a night that brought a new day of everybody, which begins
with the file before, and from nothing, as the first time. Printed is, by the clock, either as a ratio to a plain copy
(with fsync) of the store and of the published file. The published database is no copy: minutes stay in the store, so it
is far smaller, and it is written by SQL. So it matters how many minutes a day the store holds: there are two, one of a
tracker that tells only of minutes with steps, and one of a tracker that tells steps of every minute of the day and a
heart rate of every minute that it is worn. Either is published without days by the hour and with them. All of it is
generated, in this run.
"""

from __future__ import annotations

import itertools
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from benchmarks.night import FIRST, ZONES, a_day, a_run, one_day, study_of, take_in
from models.activity import Extract
from models.store.control import write_control
from models.store.file import to_disk
from models.store.judge import judge
from models.store.publish import replace_published
from models.store.resolve import resolve
from models.store.store import Store, open_store
from models.study.frames import control_frames
from models.study.study import Study

BASE = 20  # days
AGAIN = (  # minutes, days, their hours, files
    """INSERT INTO minute SELECT * REPLACE (start_time + to_days($by) AS start_time, local_date + $by AS local_date)
       FROM minute WHERE local_date < $until""",
    "INSERT INTO day SELECT * REPLACE (local_date + $by AS local_date) FROM day WHERE local_date < $until",
    "INSERT INTO day_hours SELECT * REPLACE (local_date + $by AS local_date) FROM day_hours WHERE local_date < $until",
    """INSERT INTO source_file SELECT * REPLACE (file_id + $n AS file_id, path || $by AS path, sha256 || $by AS sha256)
       FROM source_file WHERE file_id <= $files""",
)


def every_minute(day: date) -> Extract:
    """The day of a tracker that is worn from seven to eleven, and writes down zeros."""
    rng = random.Random(str(day))
    walked = {n for begin in rng.sample(range(900), 12) for n in range(begin, begin + rng.randrange(2, 30))}
    return a_day(day, [(n, rng.randrange(20, 130) if n in walked else 0) for n in range(1440)], range(960))


def filled(
    store: Store,
    study: Study,
    people: list[str],
    days: int,
    of: Callable[[date], Extract],
    again: tuple[str, ...] = AGAIN,
) -> None:
    """Some days by way of the loader; the rest of the history as copies of them in SQL."""
    write_control(store, control_frames(study))
    take_in(store, people, [FIRST + timedelta(days=n) for n in range(BASE)], of)
    resolve(store, dict.fromkeys(people, ZONES))
    for shift in range(BASE, days, BASE):
        given = {
            "by": shift,
            "until": FIRST + timedelta(days=BASE),
            "files": BASE * len(people),
            "n": shift * len(people),
        }
        for sql in again:
            store.con.execute(sql, {name: value for name, value in given.items() if f"${name}" in sql})
    judge(store, FIRST + timedelta(days=days), "0", "c", "r")
    store.con.execute("CHECKPOINT")


Clock = Callable[[], float]


def cost(work: Callable[[], object], times: int = 3, clock: Clock = time.perf_counter) -> float:
    """Seconds by the clock, the smallest of several."""
    found = []
    for _ in range(times):
        begin = clock()
        work()
        found.append(clock() - begin)
    return min(found)


def after_nights(
    store: Store, people: list[str], days: int, of: Callable[[date], Extract], clock: Clock = time.perf_counter
) -> float:
    """Seconds to publish after a new day of everybody, the smallest of several such nights after `days` of history."""
    found = []
    for day in (FIRST + timedelta(days=days + n) for n in range(3)):
        take_in(store, people, [day], of)
        resolve(store, dict.fromkeys(people, ZONES))
        judge(store, day, "0", "c", f"j{day}")
        store.con.execute("CHECKPOINT")
        found.append(cost(lambda day=day: replace_published(store, a_run(f"n{day}")), 1, clock))  # type: ignore[misc]
    return min(found)


def main() -> int:
    years = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    people = [f"P{n:03d}" for n in range(30)]
    for what, of in (("minutes with steps", one_day), ("every minute", every_minute)):
        with tempfile.TemporaryDirectory() as folder:
            compare(what, of, Path(folder), people, 365 * years)
    return 0


def compare(what: str, of: Callable[[date], Extract], folder: Path, people: list[str], days: int) -> None:
    """Print what publishing costs over a history of some days."""
    study = study_of(folder / "study", people)
    store = open_store(study.warehouse)
    filled(store, study, people, days, of)
    numbers = itertools.count()
    published, in_store = study.warehouse / "analytics.duckdb", study.warehouse / "store.duckdb"
    found: dict[str, dict[str, float]] = {}
    for n, kind in enumerate(("without hours", "with hours")):
        store.con.execute("UPDATE study SET hourly = ?", [kind == "with hours"])
        found[kind] = {
            "from nothing": cost(lambda: replace_published(store, a_run(f"r{next(numbers)}"), anew=True)),
            "after a night": after_nights(store, people, days + 3 * n, of),
        }
        sizes = f"store {size(in_store)} MB, published {size(published.resolve())} MB"
        print(f"{what}, {kind}: {len(people)} people, {days // 365} years: {sizes}")
        for name, file in (("the store", in_store), ("the published file", published.resolve())):
            copying = cost(partial(plain_copy, file, folder / "copy"))
            for way, publishing in found[kind].items():
                print(f"  publishing {way:13} / a plain copy of {name:18}  {publishing / copying:5.1f} x by the clock")
    for way, without in found["without hours"].items():
        print(f"  publishing {way:13} with hours / without  {found['with hours'][way] / without:5.1f} x by the clock")
    store.close()


def plain_copy(file: Path, to: Path) -> None:
    """A copy that would survive a loss of power, as the published file does."""
    shutil.copyfile(file, to)
    to_disk(to)


def size(file: Path) -> int:
    """Whole megabytes."""
    return round(file.stat().st_size / 2**20)


if __name__ == "__main__":
    sys.exit(main())
