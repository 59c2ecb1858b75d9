"""What shards give: `python -m benchmarks.shards [PEOPLE DAYS]` (500 people, 80 days)

The first night of a study with its report, on one processor and on two, by the clock, and their ratio: with one store,
and with two shards. It tells something only where nothing else is at work.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from tests.studies import StudyFolder, garmin_day

FIRST = date(2026, 1, 1)


def main() -> int:
    """Make the study, measure its first night four times."""
    people, days = (int(word) for word in (sys.argv[1:] or ("500", "80")))
    with tempfile.TemporaryDirectory(prefix="stepwindow-shards-") as place:
        inbox = _inbox(Path(place), people, days)
        print(f"{people} people, {days} days each")
        for shards in (1, 2):
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


if __name__ == "__main__":
    sys.exit(main())
