"""What shards give: `python -m benchmarks.shards [PEOPLE DAYS] [--clock]` (500 people, 80 days)

The first night of a study with its report, in two shards: the processor time of each step in the run's own process and
in each shard's. On two processors a step lasts as long as its own part and the longer of the shards', on one as long as
all of them. With `--clock`: by the clock on one processor and on two, with one store and with two shards. That tells
something only where nothing else is at work.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

from flows.night import health
from flows.night.begin import begin
from flows.night.outcome import logged
from flows.night.run import Scope
from flows.night.steps import STEPS, run_step
from tests.studies import StudyFolder, garmin_day

FIRST = date(2026, 1, 1)


def main() -> int:
    """Make the study, measure its first night."""
    numbers = [int(word) for word in sys.argv[1:] if word != "--clock"]
    people, days = numbers or (500, 80)
    with tempfile.TemporaryDirectory(prefix="stepwindow-shards-") as place:
        inbox = _inbox(Path(place), people, days)
        print(f"{people} people, {days} days each")
        if "--clock" not in sys.argv:
            _by_step(_study(Path(place) / "study", inbox, people, days, 2))
        for shards in (1, 2) if "--clock" in sys.argv else ():
            clock = {}
            for processors in (1, 2):
                folder = Path(place) / f"{shards}-{processors}"
                clock[processors] = _night(_study(folder, inbox, people, days, shards), processors)
                print(f"{shards} stores, {processors} processors: {clock[processors]:6.1f} s", flush=True)
            print(f"{shards} stores: two processors are {clock[1] / clock[2]:.2f} times as fast as one")
    return 0


def _inbox(place: Path, people: int, days: int) -> Path:
    """A file of each day of everybody; everybody walked alike."""
    for n in range(days):
        day = FIRST + timedelta(days=n)
        content = garmin_day(str(day), 1000 + 100 * (n * 13 % 110))
        for who in _people(people):
            path = place / "inbox" / who / f"{day}.fit"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return place / "inbox"


def _people(count: int) -> list[str]:
    return [f"P{n:04d}" for n in range(count)]


def _study(folder: Path, inbox: Path, people: int, days: int, shards: int) -> Path:
    goal = "G-{who}-{metric},,{who},,1,4,daily_mean,{metric},30,,,2026-01-01,,,"
    StudyFolder(
        folder,
        participants=[f"{who},,," for who in _people(people)],
        infusions=[f"I-{who},{who},2026-01-20,," for who in _people(people)],
        goals=[goal.format(who=who, metric=m) for who in _people(people) for m in ("steps", "walking_minutes")],
        as_of=FIRST + timedelta(days=days),
        reports=True,
        settings=f"[warehouse]\nshards = {shards}\n",
    ).write()
    (folder / "inbox").rmdir()
    (folder / "inbox").symlink_to(inbox)
    return folder


def _night(folder: Path, processors: int) -> float:
    """Seconds by the clock of a night that may use so many processors."""
    words = [sys.executable, "-m", "flows.cli", "nightly", "--no-engine", "--study", str(folder)]
    allowed, begin = set(sorted(os.sched_getaffinity(0))[:processors]), time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, allowed))
    return time.perf_counter() - begin


def _by_step(folder: Path) -> None:
    """A night in this process, step by step."""
    before, (one, two) = _spent(), (0.0, 0.0)
    run = begin(folder, Scope(), workers=2)
    with logged(run), health.while_it_runs(run), run.progress:
        for step in (begin, *STEPS):
            if step is not begin:
                run_step(step, run)
            after = _spent()
            own, *shards = (spent - before.get(process, 0) for process, spent in after.items())
            one, two, before = one + own + sum(shards), two + own + max(shards), after
            print(
                f"{step.__name__:20}{own:6.2f} s, shards {', '.join(f'{spent:.2f} s' for spent in shards)}", flush=True
            )
    print(f"on one processor {one:.1f} s, on two {two:.1f} s: {one / two:.2f} times as fast")


def _spent() -> dict[int, float]:
    """Processor seconds of this process, and of each that it started with all that that started."""
    every = dict(_processes())

    def whole(process: int) -> float:
        return every[process][1] + sum(whole(child) for child, (parent, _) in every.items() if parent == process)

    me = os.getpid()
    own = {me: time.process_time()}
    return own | {child: whole(child) for child, (parent, _) in every.items() if parent == me}


def _processes() -> Iterator[tuple[int, tuple[int, float]]]:
    """Of all processes: their number, their parent's, and processor seconds, with those of children that ended."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
            yield int(folder.name), (int(words[1]), sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK"))


if __name__ == "__main__":
    sys.exit(main())
