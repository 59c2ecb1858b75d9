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
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from benchmarks.figure import Beside, Figure, tell
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
    """INSERT INTO minutes SELECT * REPLACE (
           local_date + $by AS local_date, first_at + to_days($by) AS first_at, last_at + to_days($by) AS last_at,
           [{'start_time': s.start_time + to_days($by), 'value': s.value} FOR s IN samples] AS samples)
       FROM minutes WHERE local_date < $until""",
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


def figures(years: int = 5) -> Iterator[Figure]:
    people = [f"P{n:03d}" for n in range(30)]
    for what, of in (("minutes with steps", one_day), ("every minute", every_minute)):
        with tempfile.TemporaryDirectory() as folder:
            yield from compare(f"{years} years of {what}", of, Path(folder), people, 365 * years)


def compare(what: str, of: Callable[[date], Extract], folder: Path, people: list[str], days: int) -> Iterator[Figure]:
    """What publishing costs over a history of some days."""
    study = study_of(folder / "study", people)
    store = open_store(study.warehouse)
    filled(store, study, people, days, of)
    numbers = itertools.count()
    published, in_store = study.warehouse / "analytics.duckdb", study.warehouse / "store.duckdb"
    for n, kind in enumerate(("without hours", "with hours")):
        store.con.execute("UPDATE study SET hourly = ?", [kind == "with hours"])
        found = {
            "from nothing": cost(lambda: replace_published(store, a_run(f"r{next(numbers)}"), anew=True)),
            "after a night": after_nights(store, people, days + 3 * n, of),
        }
        copied = [cost(partial(plain_copy, file, folder / "copy")) for file in (in_store, published.resolve())]
        peer, floor = Beside("a copy of the store", copied[0]), Beside("a copy of what is published", copied[1])
        for way, seconds in found.items():
            yield Figure(f"publishing {way}, {what}, {kind}", seconds, peer, floor, by="by the clock")
    store.close()


def plain_copy(file: Path, to: Path) -> None:
    """A copy that would survive a loss of power, as the published file does."""
    shutil.copyfile(file, to)
    to_disk(to)


if __name__ == "__main__":
    tell(figures(*map(int, sys.argv[1:])))
