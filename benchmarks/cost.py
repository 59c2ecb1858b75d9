"""What a piece of work costs: processor time, the time that passes, memory. All benchmarks measure with this."""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER, on Linux


class Cost(NamedTuple):
    """Processor seconds of all processes, seconds that passed, and megabytes of the largest process."""

    cpu: float
    passed: float
    peak: float


def of_command(
    command: Sequence[str | Path], *, processors: int | None = None, environment: Mapping[str, str] | None = None,
    folder: Path | None = None, fails: bool = False,
) -> Cost:  # fmt: skip
    """A command with every process that it starts, also those that outlive it. RuntimeError: it failed, and why.

    `processors`: on so many (all that this process may use). `fails`: whether it may.
    """
    words = [sys.executable, "-S", __file__, str(processors or 0), *map(str, command)]
    watched = subprocess.run(words, capture_output=True, env=os.environ | (environment or {}), cwd=folder)
    told = watched.stdout.decode().split()
    if watched.returncode and not (fails and len(told) == 3):
        raise RuntimeError(f"exit code {watched.returncode}: {watched.stderr.decode()[-2000:]}")
    return Cost(*map(float, told))


def _watch(processors: int, command: list[str]) -> int:
    """Run a command from a process that is small itself: what it starts is said to need as much as it had then."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)  # reading processes outlive a night by a moment: they become ours
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: processors or None])
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    passed, each = time.perf_counter() - begin, [used]
    process.returncode = os.waitstatus_to_exitcode(status)
    with suppress(ChildProcessError):
        while True:
            each.append(os.wait3(0)[2])
    print(sum(one.ru_utime + one.ru_stime for one in each), passed, max(one.ru_maxrss for one in each) / 1024)
    return process.returncode


def of_function(function: Callable[..., object], *arguments: object, times: int = 1) -> Cost:
    """A function of a module, called with texts in a process of its own that has loaded its code before the clock
    starts: the least of some."""
    module = sys.modules[function.__module__]
    name = module.__spec__.name if module.__spec__ else function.__module__  # also of the one that runs as __main__
    words = [sys.executable, "-m", "benchmarks.cost", name, function.__name__, *map(str, arguments)]
    told = [subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()[-3:] for _ in range(times)]
    return Cost(*(min(map(float, each)) for each in zip(*told, strict=True)))


def least(work: Callable[[], object], times: int = 3, clock: Callable[[], float] = time.process_time) -> float:
    """Seconds of the quickest of a few, here."""
    found = []
    for _ in range(times):
        begin = clock()
        work()
        found.append(clock() - begin)
    return min(found)


def walk(folder: Path | str) -> None:
    """The floor of a night that finds nothing new: every file seen, with its size and time."""
    for place, _, names in os.walk(folder):
        for name in names:
            os.stat(os.path.join(place, name))


def walk_read_hash(inbox: Path | str) -> None:
    """The floor of a night over new files: each found, read, hashed."""
    for place, _, names in os.walk(inbox):
        for name in names:
            with open(os.path.join(place, name), "rb") as stream:
                hashlib.file_digest(stream, "sha256")  # type: ignore[arg-type]


def _main(module: str, function: str, *arguments: str) -> None:
    work = getattr(importlib.import_module(module), function)
    before, passed = _used(), time.perf_counter()
    work(*arguments)
    cpu, passed, peak = _used()[0] - before[0], time.perf_counter() - passed, _used()[1]
    print(cpu, passed, peak)


def _used() -> tuple[float, float]:
    """Processor seconds of this process and of those that it started and that are over; the most MB of one of them."""
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in each), max(one.ru_maxrss for one in each) / 1024


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        sys.exit(_watch(int(sys.argv[1]), sys.argv[2:]))
    _main(*sys.argv[1:])
