"""Commands in processes of their own, which start at once; some die by SIGKILL, at an instant that a test chooses.

`killed` runs `die`: it walks the command until a line of the code that touches the disk is
about to run for the n-th time, or until a named function is called, and is gone.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any

from connectors import connectors
from models.system.children import context

ROOT = Path(__file__).parents[1]
PATIENCE = 600  # seconds: nothing is wrong with what takes so long on a machine that does much else besides
_PARTS = (
    "models/store",
    "models/hand_over.py",
    "models/system",
    "flows/night/begin.py",
    "flows/night/steps.py",
    "flows/night/sharded.py",
    "flows/night/work.py",
    "flows/night/chunks.py",
    "flows/night/folder.py",
    "flows/night/inbox.py",
    "flows/night/reading.py",
    "flows/night/one_file.py",
    "flows/night/processes.py",
    "flows/night/reading_process.py",
    "flows/handover/folder",
)
TOUCHING = tuple(str(ROOT / part) for part in _PARTS)
# The server that forks has loaded what else every process would load for itself. It reads this when it starts, which
# whoever asks for the first process makes it do: so it is said here, and conftest.py imports this module.
CONTEXT = context()
CONTEXT.set_forkserver_preload(
    ["flows.cli", "flows.commands.nightly", "flows.handover.tables", "flows.report.write", "models.store.ask",
     "models.store.share", "tests.dying", *(f"connectors.{name}" for name in connectors())]
)  # fmt: skip


def killed(argv: list[str], instant: int | str) -> int:
    """Run `stepwindow argv` in a process that dies at an instant; returns its exit code (-9: it died there).

    `instant`: that many lines of the code, or the name of a function (`module.function`), or so many lines after it was
    called (`module.function+12`).
    """
    return code_of(started(die, argv, instant))


def ran(argv: list[str], umask: int = 0o022, **environment: str) -> tuple[int, str, str]:
    """Run `stepwindow argv` in a process of its own; returns its exit code, and what it printed and complained of."""
    with tempfile.TemporaryDirectory() as folder:
        code = code_of(started(tell, argv, Path(folder), umask, environment))
        return code, (Path(folder) / "1").read_text("utf-8"), (Path(folder) / "2").read_text("utf-8")


def started(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A process that has our code imported already."""
    settings = {name: value for name, value in os.environ.items() if name.startswith("STEPWINDOW_")}
    process = CONTEXT.Process(target=_as_set, args=(settings, target, *arguments))
    process.start()
    return process


def _as_set(settings: dict[str, str], target: Callable[..., None], *arguments: Any) -> None:
    """Our settings as they are now: the server that forks has those of the test that it was started in."""
    for name in [name for name in os.environ if name.startswith("STEPWINDOW_")]:
        del os.environ[name]
    os.environ.update(settings)
    target(*arguments)


def until(there: Callable[[], Any], pause: float = 0.025) -> Any:
    """Wait for something, as long as a busy machine may need; returns it. `pause`: seconds between two looks."""
    for _ in range(int(PATIENCE / pause)):
        if found := there():
            return found
        time.sleep(pause)
    raise AssertionError(f"it did not come to that within {PATIENCE} s")


def code_of(process: BaseProcess) -> int:
    """How it ended, once it has."""
    process.join(PATIENCE)
    assert process.exitcode is not None, "it neither ended nor died"
    return process.exitcode


def tell(argv: list[str], folder: Path, umask: int, environment: dict[str, str]) -> None:
    """Run a command that prints into two files, `1` and `2`."""
    from flows.cli import main

    for number in (1, 2):
        os.dup2(os.open(folder / str(number), os.O_WRONLY | os.O_CREAT), number)
    os.umask(umask)
    os.environ.update(environment)
    sys.exit(main(argv))


def die(argv: list[str], instant: int | str) -> None:
    """Walk a command with the axe over it. Small chunks, read in this process: many commits to die between."""
    from flows.cli import main
    from flows.night import chunks
    from flows.night import processes as reader
    from models.store import batch

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    chunks.CHUNK_FILES = batch.MOST_FILES = 2
    reader.processors = lambda: 1
    sys.settrace(Lines(instant).axe)
    sys.exit(main(argv))


def hand_over(study: Path, out: Path, instant: int | str | None = None) -> None:
    """What every export does around its tables; where an instant is given, with the axe over it."""
    from flows.handover.folder import handed_over
    from models.study.folder import read_study

    read = read_study(study)
    if instant is not None:
        sys.settrace(Lines(instant).axe)
    with handed_over(out, read) as folder:
        (folder / "new.csv").write_text("new")


class Lines:
    """Counts the lines of our code that run, and swings the axe when the instant has come."""

    def __init__(self, instant: int | str = -1) -> None:
        self.instant, self.passed = instant, 0
        self.name, _, self.after = str(instant).partition("+")

    def axe(self, frame: FrameType, event: str, argument: Any) -> Any:
        """For `sys.settrace`: told of every call."""
        if not frame.f_code.co_filename.startswith(TOUCHING):
            return None
        if f"{frame.f_globals['__name__']}.{frame.f_code.co_name}" == self.name:
            if not self.after:
                os.kill(os.getpid(), signal.SIGKILL)
            self.instant, self.name = self.passed + int(self.after), ""
        return self._line

    def _line(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            self.passed += 1
            if self.passed == self.instant:
                os.kill(os.getpid(), signal.SIGKILL)
        return self._line
