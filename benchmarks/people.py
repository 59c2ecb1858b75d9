"""What a big study costs, run and not simulated: `python -m benchmarks.people [--people 1000 5000 20000] [--write]`

Makes studies of so many people with a year each (benchmarks/big_study.py says how, and what is thinned), and measures
on each: its first night from the filled store on; a quiet night; what answers a person; the report, made and again; a
night on which one person in a hundred brings a month of files, and the report of it; a night with a new day of
everybody, from files. Of each: processor time of all its processes, the time that passes, the memory
of the largest of them. A night is also told by step. Beside them is the floor: a walk of the inbox with a stat of each
file, and a copy of the published file. At the end, each stage as a ratio to the study of 5,000 people (or the nearest),
and how fast it grows: the exponent between the smallest and the largest study, 1 where it grows as the people do, 0
where not at all. --write makes the table of docs/scaling.md of it.

With --in, a folder, studies are kept there, and so is what was measured (N.json): whatever is there is not made or
measured again, and goes into the tables; so a run that was cut off is gone on with.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import resource
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Collection, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from benchmarks import big_study
from benchmarks.cost import Cost, of_command, of_function, walk
from benchmarks.figure import written
from models.store.file import to_disk
from models.warehouse import warehouse_of

DOC = Path(__file__).parents[1] / "docs" / "scaling.md"
MARKS = "<!-- people: made by `python -m benchmarks.people --write` -->", "<!-- /people -->"
Costs = dict[str, Cost]


def main() -> int:
    """Build and measure, for several sizes; or a night with its steps, in a process of its own."""
    parser = argparse.ArgumentParser(description="What a big study costs.")
    parser.add_argument("--people", type=int, nargs="+", default=[1000, 5000, 20_000])
    parser.add_argument("--in", dest="place", type=Path, help="a folder that keeps studies and what was measured")
    parser.add_argument("--skip", nargs="+", default=[], metavar="STAGE", help="stages that are left out")
    parser.add_argument("--write", action="store_true", help="make the table of docs/scaling.md of it")
    parser.add_argument("--night", nargs=2, type=Path, metavar=("STUDY", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.night:
        folder, out = arguments.night
        out.write_text(json.dumps(_steps(folder)))
        return 0
    found = {}
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as scratch:
        for count in sorted(arguments.people):
            found[count] = _of_size(arguments.place or Path(scratch), count, arguments.skip)
            _show(count, found[count])
            if not arguments.place:
                shutil.rmtree(Path(scratch) / f"{count}")
    print(f"\n{table(found)}")
    if arguments.write:
        before, after = map(re.escape, MARKS)
        text, made = DOC.read_text(encoding="utf-8"), f"{MARKS[0]}\n{table(found)}\n{MARKS[1]}"
        DOC.write_text(re.sub(f"(?s){before}.*{after}", lambda _: made, text), encoding="utf-8")
    return 0


def _of_size(place: Path, count: int, skipped: Collection[str]) -> Costs:
    """What a study of so many people costs, kept in a folder: stage by stage, so that it can be gone on with."""
    folder, kept = place / f"{count}", place / f"{count}.json"
    if not folder.exists():
        of_function(fill, folder, count)
    found = {name: Cost(*cost) for name, cost in json.loads(kept.read_text("utf-8")).items()} if kept.exists() else {}
    for name, stage in _stages(folder, count):
        if name not in found and name not in skipped:
            found |= stage(name)
            kept.write_text(json.dumps(found))
    return found


def fill(folder: str, count: str) -> None:
    """Make a study of so many people, of which nothing is judged or published yet."""
    big_study.build(Path(folder), int(count)).store.close()


def _stages(folder: Path, count: int) -> Iterator[tuple[str, Callable[[str], Costs]]]:
    """What is measured of a study, in this order; how, given its name. It has more days and files afterwards."""
    of, who = big_study.people(count), big_study.people(count)[count // 2]
    day: date = tomllib.loads((folder / "study.toml").read_text("utf-8"))["goals"]["as_of"]
    a_night, a_report = partial(night, folder), partial(_command, folder, ["report"])
    yield "first night", a_night
    for name, floor in (("a walk with a stat of each file", walk), ("a copy of the published file", copy_published)):
        place = folder / "inbox" if floor is walk else folder
        yield f"floor: {name}", lambda name, floor=floor, place=place: {name: of_function(floor, place, times=3)}
    yield "quiet night", a_night
    answers = {
        "`status`": ["status"],
        "`goals --participant`": ["goals", "--participant", who],
        "`goals --why`": ["goals", "--why", f"{who}-steps", "1", "--infusion", f"{who}-3"],
        "`day`": ["day", who, str(big_study.LAST - timedelta(days=1))],
        "`query`, a row": ["query", "FROM goal_week LIMIT 1"],
        "`query`, a year of a person": ["query", f"FROM daily_activity WHERE participant_id = '{who}' LIMIT 400"],
    }
    for name, words in answers.items():
        yield name, partial(_command, folder, words, times=3)
    yield "report of everybody", a_report
    yield "report, nothing new", a_report
    yield "a month of one in a hundred", lambda name: _with_files(folder, of[::100], _days(day, 30), name)
    yield "report of a month of one in a hundred", a_report
    yield "a new day of everybody", lambda name: _with_files(folder, of, [day], name)


def _days(until: date, count: int) -> list[date]:
    """So many, of which the last was ten days before a date."""
    return [until - timedelta(days=n) for n in range(10 + count, 10, -1)]


def _with_files(folder: Path, of: list[str], days: list[date], name: str) -> Costs:
    """A night with new files; as of the day after the last of them, where that is later."""
    as_of = max(
        tomllib.loads((folder / "study.toml").read_text("utf-8"))["goals"]["as_of"], days[-1] + timedelta(days=1)
    )
    big_study.set_as_of(folder, as_of)
    big_study.bring(folder, of, days, name.replace(" ", "-"))
    return night(folder, name)


def night(folder: Path, name: str) -> Costs:
    """A night in a process of its own: as a whole, and by step."""
    with tempfile.NamedTemporaryFile(prefix="stepwindow-benchmark-") as told:
        whole = of_command([sys.executable, "-m", "benchmarks.people", "--night", folder, told.name])
        steps = json.load(told)
    return {name: whole} | {f"{name}: {step}": Cost(*cost) for step, cost in steps.items()}


def _steps(folder: Path) -> Costs:
    """Run a night here, step by step."""
    from flows.night.begin import begin
    from flows.night.run import Scope
    from flows.night.steps import STEPS, run_step

    before = _spent()
    run = begin(folder, Scope())
    found = {"begin": _since(before)}
    try:
        for step in STEPS[:-1]:  # the report is told apart
            before = _spent()
            run_step(step, run)
            found[step.__name__.replace("_", " ")] = _since(before)
    finally:
        run.store.close()
    if not run.is_clean:
        raise AssertionError(f"{run.problems}: nothing should be wrong")
    return found


def _spent() -> tuple[float, float]:
    """Seconds of processor of this process and of those it has waited for, and the clock."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both), time.perf_counter()


def _since(before: tuple[float, float]) -> Cost:
    cpu, passed = (now - then for now, then in zip(_spent(), before, strict=True))
    return Cost(cpu, passed, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _command(folder: Path, words: list[str], name: str, times: int = 1) -> Costs:
    """A command of the product; the least of some."""
    return {name: min(of_command([sys.executable, "-m", "flows.cli", *words, "--study", folder]) for _ in range(times))}


def copy_published(folder: str) -> None:
    """The floor of publishing: the file, copied to the disk."""
    copy = Path(folder) / "copy"
    copy.write_bytes((warehouse_of(Path(folder)) / "analytics.duckdb").read_bytes())
    to_disk(copy)
    copy.unlink()


def _show(count: int, costs: Costs) -> None:
    """A line for each stage of one study."""
    print(f"{f'{count:,} people':55} {'CPU s':>9} {'passed s':>9} {'MB':>7}")
    for name, cost in costs.items():
        print(f"{name:55} {cost.cpu:9.2f} {cost.passed:9.2f} {cost.peak:7.0f}", flush=True)


def table(found: dict[int, Costs]) -> str:
    """Each stage of each study: processor seconds, their ratio to the study of 5,000 people, and how fast they grow."""
    least, middle, most = min(found), min(found, key=lambda count: abs(count - 5000)), max(found)
    heads = ["stage", *(f"{n:,} people: processor s (ratio)" for n in found), "growth", *(f"{n:,}: MB" for n in found)]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name in dict.fromkeys(name for costs in found.values() for name in costs):
        each = {count: max(costs[name].cpu, 0.001) for count, costs in found.items() if name in costs}
        cells = [_seconds(each[n], each.get(middle)) if n in each else "" for n in found]
        is_whole = most > least and {least, most} <= each.keys()
        cells.append(f"{math.log(each[most] / each[least]) / math.log(most / least):.2f}" if is_whole else "")
        cells += [f"{costs[name].peak:.0f}" if name in costs else "" for costs in found.values()]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return "\n".join(lines)


def _seconds(cpu: float, beside: float | None) -> str:
    return f"{cpu:.2f} ({written(cpu / beside)})" if beside else f"{cpu:.2f}"


if __name__ == "__main__":
    sys.exit(main())
