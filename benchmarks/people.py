"""What a big study costs, run and not simulated: `python -m benchmarks.people [--people 1000 5000 20000]`

Makes studies of so many people with a year each (benchmarks/big_study.py says how, and what is thinned), one after the
other, and measures on each: its first night from the filled store on; a quiet night; a night with a new day of
everybody, from files; a night on which one person in a hundred brings a month of files; the report, made and again; and
what answers a person. Of each: processor time of all its processes, time by the clock, and the largest of its processes
in memory. A night is also told by step. Beside them is the floor: a walk of the inbox with a stat of each file, and a
copy of the published file. At the end, each as a ratio to the study of 5,000 people (or the nearest), and how fast it
grows: the exponent between the smallest and the largest study, 1 where it grows as the people do, 0 where not at all.

    python -m benchmarks.people build DIR N        keeps such a study in DIR (after its first night)
    python -m benchmarks.people measure DIR N      measures what was kept there, and changes it
"""

from __future__ import annotations

import argparse
import ctypes
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks import big_study
from benchmarks.big_study import LAST
from models.store.file import to_disk
from models.warehouse import warehouse_of

_BECOME_SUBREAPER = 36  # prctl: what a process leaves behind is ours to wait for, and counted
Costs = dict[str, "Cost"]


class Cost(NamedTuple):
    """What something took: seconds of processor, seconds by the clock, megabytes of its largest process."""

    cpu: float
    clock: float
    memory: float


def main() -> int:
    """Build, measure, or both for several sizes."""
    parser = argparse.ArgumentParser(description="What a big study costs.")
    parser.add_argument("--people", type=int, nargs="+", default=[1000, 5000, 20_000])
    parser.add_argument("--in", dest="place", type=Path, help="a folder for the studies, instead of a temporary one")
    one = parser.add_subparsers(dest="what")
    for name in ("build", "measure", "night"):
        of_one = one.add_parser(name)
        of_one.add_argument("folder", type=Path)
        of_one.add_argument("count", type=int)
    arguments = parser.parse_args()
    if arguments.what == "night":  # in a process of its own
        print(json.dumps(_steps(arguments.folder, arguments.count)))
    elif arguments.what == "build":
        _show({arguments.count: _build(arguments.folder, arguments.count)})
    elif arguments.what == "measure":
        _show({arguments.count: measure(arguments.folder, arguments.count)})
    else:
        with tempfile.TemporaryDirectory(dir=arguments.place, prefix="stepwindow-people-") as place:
            found = {}
            for count in sorted(arguments.people):
                found[count] = _build(Path(place) / f"{count}", count) | measure(Path(place) / f"{count}", count)
                _show({count: found[count]})
        _show_curve(found)
    return 0


def measure(folder: Path, count: int) -> Costs:
    """What is done with a study that was built: each stage, and its floor. It has more days and files afterwards."""
    of, who = big_study.people(count), big_study.people(count)[count // 2]
    found = {f"floor: {name}": cost for name, cost in _floors(folder).items()}
    found |= _night(folder, "quiet night")
    answers = {
        "status": ["status"],
        "goals --participant": ["goals", "--participant", who],
        "goals --why": ["goals", "--why", f"{who}-steps", "1", "--infusion", f"{who}-3"],
        "day": ["day", who, str(LAST - timedelta(days=1))],
        "query, a row": ["query", "FROM goal_week LIMIT 1"],
        "query, a person": ["query", f"FROM daily_activity WHERE participant_id = '{who}' LIMIT 400"],
    }
    for name, words in answers.items():
        found[name] = min(_command(folder, words) for _ in range(3))
    for name in ("report", "report again"):
        found[name] = _command(folder, ["report"])
    day = LAST + timedelta(days=1)
    _next_night(folder, day)
    big_study.bring(folder, of, [day], "night")
    found |= _night(folder, "a new day of everybody")
    month = [LAST - timedelta(days=n) for n in range(40, 10, -1)]
    big_study.bring(folder, of[::100], month, "late")
    return found | _night(folder, "a month of one in a hundred")


def _build(folder: Path, count: int) -> Costs:
    """Make a study; what its first night took, from the filled store on."""
    return _night(folder, "first night", build=count)


def _next_night(folder: Path, day: date) -> None:
    big_study.set_as_of(folder, day + timedelta(days=1))


def _night(folder: Path, name: str, build: int = 0) -> Costs:
    """A night in a process of its own: as a whole, and by step."""
    words = [sys.executable, "-m", "benchmarks.people", "night", str(folder), str(build)]
    whole, said = _run(words)
    steps = {f"  {step}": Cost(*cost) for step, cost in json.loads(said).items()}
    if build:  # what made the study is not the night's
        whole = Cost(sum(c.cpu for c in steps.values()), sum(c.clock for c in steps.values()), whole.memory)
    return {name: whole} | {f"{name}:{step}": cost for step, cost in steps.items()}


def _steps(folder: Path, build: int) -> dict[str, Cost]:
    """Run a night here, step by step. `build`: make the study first, of so many people."""
    from flows.night.begin import begin
    from flows.night.run import Scope
    from flows.night.steps import STEPS, run_step

    found: dict[str, Cost] = {}
    if build:
        run, steps = big_study.build(folder, build), STEPS[1:]
    else:
        before = _spent()
        run, steps = begin(folder, Scope()), STEPS
        found["begin"] = _since(before)
    try:
        for step in steps:
            before = _spent()
            run_step(step, run)
            found[step.__name__] = _since(before)
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
    cpu, clock = (now - then for now, then in zip(_spent(), before, strict=True))
    return Cost(cpu, clock, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _command(folder: Path, words: list[str]) -> Cost:
    return _run([sys.executable, "-m", "flows.cli", *words, "--study", str(folder)])[0]


def _run(words: list[str]) -> tuple[Cost, str]:
    """What a program took, with everything that it started, and what it printed."""
    ctypes.CDLL(None).prctl(_BECOME_SUBREAPER, 1, 0, 0, 0)
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        program = subprocess.Popen(words, stdout=out)
        _, status, used = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
        clock, all_of_it = time.perf_counter() - begin, [used]
        with suppress(ChildProcessError):
            while True:
                all_of_it.append(os.wait4(-1, 0)[2])
        if program.returncode:
            raise AssertionError(f"{' '.join(words[1:4])} ended with {program.returncode}")
        out.seek(0)
        said = out.read().decode()
    cpu = sum(used.ru_utime + used.ru_stime for used in all_of_it)
    return Cost(cpu, clock, max(used.ru_maxrss for used in all_of_it) / 1024), said


def _floors(folder: Path) -> Costs:
    """A walk of the inbox with a stat of each file; a copy of the published file, on the disk."""
    walk = "import os, sys\nfor d, _, names in os.walk(sys.argv[1]):\n    for n in names: os.stat(os.path.join(d, n))"
    published = (warehouse_of(folder) / "analytics.duckdb").resolve()
    found = {"walk and stat": _run([sys.executable, "-c", walk, str(folder / "inbox")])[0]}
    copy = folder / "copy"
    before = _spent()
    copy.write_bytes(published.read_bytes())
    to_disk(copy)
    found["copy of the published file"] = _since(before)
    copy.unlink()
    return found


def _show(found: dict[int, Costs]) -> None:
    """A line for each stage of one study."""
    for count, costs in found.items():
        print(f"{f'{count:,} people':44} {'CPU s':>9} {'clock s':>9} {'MB':>7}")
        for name, cost in costs.items():
            print(f"{name:44} {cost.cpu:9.2f} {cost.clock:9.2f} {cost.memory:7.0f}", flush=True)


def _show_curve(found: dict[int, Costs]) -> None:
    """Each stage's processor time at each size as a ratio to that of 5,000 people, and how fast it grows."""
    least, middle, most = min(found), min(found, key=lambda count: abs(count - 5000)), max(found)
    print(
        f"\n{f'processor time, {middle:,} people = 1':44}" + "".join(f"{count:>10,}" for count in found) + "   growth"
    )
    for name, cost in found[middle].items():
        ratios = "".join(f"{costs[name].cpu / max(cost.cpu, 0.001):10.2f}" for costs in found.values())
        growth = math.log(max(found[most][name].cpu, 0.001) / max(found[least][name].cpu, 0.001))
        print(f"{name:44}{ratios}" + (f"{growth / math.log(most / least):9.2f}" if most > least else ""))


if __name__ == "__main__":
    sys.exit(main())
