"""What a night costs when there is more history: `python -m benchmarks.night`

Two stores, the second with eight times the history of the first, take in the same new day of every participant: the
night over the long history beside that over the short one, the least of several nights, and beside the floor, a bare
insert of the same rows. Everything is generated.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.cost import least
from benchmarks.figure import Beside, Figure, tell
from models.activity import MINUTES, Extract
from models.clock import INSTANT, ZoneLog
from models.store.batch import Batch
from models.store.control import write_control
from models.store.file_result import FileResult
from models.store.judge import judge
from models.store.load import load
from models.store.publish import replace_published
from models.store.resolve import resolve
from models.store.store import Store, open_store
from models.study.folder import read_study
from models.study.frames import control_frames
from models.study.study import Study
from tests.studies import StudyFolder

PEOPLE, SHORT, NIGHTS = 40, 30, 4
FIRST = date(2024, 1, 1)
ZONES = ZoneLog("participant_home", "America/New_York")


def one_day(day: date) -> Extract:
    """A worn tracker's day: 300 minutes with steps, a heart rate every ten minutes for fifteen hours."""
    return a_day(day, [(2 * n, 20 + n % 100) for n in range(300)], range(0, 900, 10))


def a_day(day: date, steps: Iterable[tuple[int, int]], beats: Iterable[int]) -> Extract:
    """A day of steps (minute, how many) and of minutes with a heart rate, from seven o'clock on."""
    begin = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    frames = []
    for metric, told in (("steps", list(steps)), ("heart_rate", [(n, 1) for n in beats])):
        times = pl.Series([begin + timedelta(minutes=n) for n, _ in told], dtype=INSTANT)
        values = [value for _, value in told]
        frame = pl.DataFrame({"start_time": times, "value": values}).with_columns(
            source=pl.lit("fitbit"), device=pl.lit("a"), metric=pl.lit(metric), local_date=pl.lit(day)
        )
        frames.append(frame.select(list(MINUTES)).cast(dict(MINUTES)))
    return Extract(minutes=pl.concat(frames))


def take_in(store: Store, people: list[str], days: list[date], of: Callable[[date], Extract] = one_day) -> None:
    for day in days:
        extract = of(day)
        results = [
            FileResult(
                who, f"{who}/{day}.csv", 1, 1, f"{who}{day}", ZONES.fingerprint, "x", 1, {"fitbit": "wrist"}, extract
            )
            for who in people
        ]
        load(store, Batch.of(results), "0", "r")


def study_of(folder: Path, people: list[str]) -> Study:
    """A study in which everybody had an infusion at the beginning, and one goal."""
    return read_study(
        StudyFolder(
            folder,
            participants=[f"{who},,," for who in people],
            infusions=[f"I-{who},{who},{FIRST}" + ",," for who in people],
            goals=[f"G-{who},,{who},,1,60,daily_mean,steps,5000,,,{FIRST},,," for who in people],
        )
        .write()
        .folder
    )


def a_run(run_id: str) -> dict:
    """What publishing is told of the run that it ends."""
    return {"run_id": run_id, "command": "nightly", "as_of": FIRST, "started_at": datetime(2024, 1, 1)}


def nights(folder: Path, history: int, size: int = PEOPLE) -> dict[str, float]:
    """Seconds per step of a night over `history` days, the smallest of several."""
    people = [f"P{n:03d}" for n in range(size)]
    study = study_of(folder, people)
    zones = dict.fromkeys(people, ZONES)
    store = open_store(study.warehouse)
    write_control(store, control_frames(study))
    take_in(store, people, [FIRST + timedelta(days=n) for n in range(history)])
    resolve(store, zones)
    best: dict[str, float] = {}
    for night in range(NIGHTS):
        day = FIRST + timedelta(days=history + night)
        steps = {
            "load": lambda day=day: take_in(store, people, [day]),
            "resolve": lambda: resolve(store, zones),
            "judge": lambda day=day: judge(store, day, "0", "c", f"r{day}"),
            "publish": lambda night=night: replace_published(store, a_run(f"r{night}")),
        }
        for name, step in steps.items():
            begin = time.process_time()
            step()
            taken = time.process_time() - begin
            if night:  # the first judging is of the whole history
                best[name] = min(best.get(name, taken), taken)
    store.close()
    return best


def bare(folder: Path) -> float:
    """Seconds of the least: the rows of one new day of everybody into a table, the least of several."""
    with duckdb.connect(str(folder / "bare.duckdb")) as con:
        con.register("day", pl.concat([one_day(FIRST).minutes] * PEOPLE).to_arrow())
        con.execute("CREATE TABLE minute AS SELECT * FROM day LIMIT 0")
        return least(lambda: con.execute("INSERT INTO minute SELECT * FROM day"), NIGHTS)


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        short = nights(Path(folder) / "short", SHORT)
        long = nights(Path(folder) / "long", 8 * SHORT)
        floor = Beside("inserting its rows", bare(Path(folder)))
    for what, steps in (("loading and resolving", ("load", "resolve")), ("all steps over", tuple(short))):
        ours, peer = (sum(costs[name] for name in steps) for costs in (long, short))
        measured = f"{what} a new day of {PEOPLE} people after {8 * SHORT} days"
        yield Figure(measured, ours, Beside(f"the same after {SHORT}", peer), floor)


if __name__ == "__main__":
    tell(figures())
