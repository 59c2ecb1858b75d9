"""What the engine asks of a night by hand: `python -m benchmarks.engine`

A night over the sample on which nothing is new, with the engine and without: the difference is the engine's price, in
processor time of all processes and in time that passes, each of the least of a few, in turns. Its floor is importing
Prefect; beside it stands the price with the server that Prefect would start. Then the same where `stepwindow serve` has
the study, and what that `serve` asks while nothing happens.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.figure import Beside, Figure, tell

SAMPLE = Path(__file__).parents[1] / "sample_data" / "study"
_FEW = 5
_WATCHED = 60  # seconds
_CLI = [sys.executable, "-m", "flows.cli"]
_AS_PREFECT_DOES = [
    sys.executable, "-c",
    "import sys; from flows.engine import own_server; own_server.KNOWN = 'none'\n"
    "from flows.cli import main; sys.exit(main())",
]  # fmt: skip


class Cost(NamedTuple):
    """Processor seconds of a command and of what it waited for, seconds that passed, megabytes of the largest."""

    cpu: float
    passed: float
    peak: float


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as place:
        study = Path(place) / "study"
        shutil.copytree(SAMPLE, study, ignore=shutil.ignore_patterns("warehouse"))
        night = ["nightly", "--study", str(study)]
        compiled = {"PYTHONPYCACHEPREFIX": f"{place}/compiled", "PYTHONDONTWRITEBYTECODE": ""}
        without, own = [*_CLI, *night, "--no-engine"], [*_CLI, *night]
        prefects, importing = [*_AS_PREFECT_DOES, *night], [sys.executable, "-c", "from prefect import flow, task"]
        base, here, there, floor = least([without, own, prefects, importing], compiled)
        yield from prices("the engine, for a night by hand", base, here, floor, there)
        with served(study) as serve:
            base, here, floor = least([without, own, importing], compiled)
            yield from prices("the engine, for a night by hand of a study that is served", base, here, floor)
            begin = used(serve)
            time.sleep(_WATCHED)
            hour = (used(serve) - begin) * 3600 / _WATCHED
            what = "`serve` and its server, for an hour in which no night is"
            yield Figure(what, hour, None, Beside("importing Prefect", floor.cpu))


def prices(what: str, base: Cost, here: Cost, floor: Cost, there: Cost | None = None) -> Iterator[Figure]:
    """The engine's price, beside importing Prefect and what it is with the server that Prefect starts."""
    peer = "with the server that Prefect starts"
    yield Figure(
        what, here.cpu - base.cpu, there and Beside(peer, there.cpu - base.cpu),
        Beside("importing Prefect", floor.cpu), here.peak,
    )  # fmt: skip
    yield Figure(
        f"{what}: waiting", here.passed - base.passed, there and Beside(peer, there.passed - base.passed),
        Beside("importing Prefect", floor.passed), by="time that passes",
    )  # fmt: skip


def cost(command: list[str], environment: dict[str, str]) -> Cost:
    """What a command costs. The night waits for the server that Prefect starts; `serve` is no child of it."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - begin, used.ru_maxrss / 1024)


def least(commands: list[list[str]], environment: dict[str, str]) -> list[Cost]:
    """The least of what each costs, in turns; the first turn compiles, loads the files and makes the databases."""
    found = [[cost(command, environment) for command in commands] for _ in range(1 + _FEW)]
    return [Cost(*(min(each) for each in zip(*costs, strict=True))) for costs in zip(*found[1:], strict=True)]


@contextmanager
def served(study: Path) -> Iterator[int]:
    """While `stepwindow serve` has the study: its process."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [*_CLI, "serve", "--study", str(study), "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout
        for _ in range(2):  # it says that it is there
            process.stdout.readline()
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def used(process: int) -> float:
    """Processor seconds so far of a process and of those it started, which still run."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split()
    parents = zip(map(int, listed[::2]), map(int, listed[1::2]), strict=True)
    mine = [process, *(pid for pid, parent in parents if parent == process)]
    ticks = [Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[11:13] for pid in mine]
    return sum(int(tick) for each in ticks for tick in each) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    tell(figures())
