"""Processes of ours: started with a pipe to talk through, ended with all that they started, and how they ended.

A pipe's end is handed on by number: `python -m MODULE NUMBER ...` opens it with `pipe_of`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Pipe
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from multiprocessing.context import SpawnContext

GONE = (EOFError, BrokenPipeError, ConnectionResetError)  # the other side of a pipe

if sys.platform == "win32":
    from multiprocessing.connection import PipeConnection as Connection

    import pywintypes
    import win32api
    import win32con
    import win32process

    OWN_GROUP: Final[dict[str, Any]] = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    OUT_OF_TIME = 1816  # the exit code of Windows: not enough quota
    _KILLED = (1,)  # by the task manager, say
    _NO_MEMORY = (signal.SIGABRT, 3, 0xC000_0409, 0xC000_0017)  # ours, C's, Rust's, Windows's

    def context() -> SpawnContext:
        """By which multiprocessing makes a process that has nothing of ours."""
        return get_context("spawn")

    def pipe_of(number: str) -> Connection:
        """The end of a pipe that was handed to this process."""
        return Connection(int(number))

    def _handed(theirs: Connection, file: int | None) -> dict[str, Any]:
        if file is not None:
            raise OSError("no open file is handed on to another process here")
        os.set_handle_inheritable(theirs.fileno(), True)
        return {"startupinfo": subprocess.STARTUPINFO(lpAttributeList={"handle_list": [theirs.fileno()]})}

    def put_at(file: int, piece: bytes, at: int) -> int:
        """Write into a file that another process has open, too; how many bytes."""
        raise OSError("no open file is handed on to another process here")

    def get_at(file: int, size: int, at: int) -> bytes:
        """Read what another process wrote there."""
        raise OSError("no open file is handed on to another process here")

    def end_all(process: subprocess.Popen) -> None:
        """End a process and what it started."""
        tree = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        with suppress(OSError):
            subprocess.run(tree, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        process.kill()

    def is_running(number: int) -> bool:
        """Whether there is a process of that number."""
        try:
            handle = win32api.OpenProcess(win32con.PROCESS_QUERY_LIMITED_INFORMATION, False, number)
        except pywintypes.error as error:
            return error.winerror == 5  # somebody else's
        with suppress(pywintypes.error):
            return win32process.GetExitCodeProcess(handle) == win32con.STILL_ACTIVE
        return True

    def at_the_end(loop: AbstractEventLoop, do: Callable[[], object]) -> None:
        """Do it when somebody asks this process to end. For its main thread, in which the loop runs."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGBREAK):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(do))

    def let_others_go_first() -> None:
        """Have the processors only when others do not want them."""
        win32process.SetPriorityClass(win32process.GetCurrentProcess(), win32process.BELOW_NORMAL_PRIORITY_CLASS)

else:
    from multiprocessing.connection import Connection

    if TYPE_CHECKING:
        from multiprocessing.context import ForkServerContext

    OWN_GROUP: Final[dict[str, Any]] = {"start_new_session": True}
    OUT_OF_TIME = -signal.SIGPROF
    _KILLED = (-signal.SIGKILL,)
    _NO_MEMORY = (-signal.SIGABRT,)  # how Rust ends where there is none
    _LONGEST = 70  # bytes: macOS allows the path of a socket 103, and multiprocessing adds 32

    def context() -> ForkServerContext | SpawnContext:
        """By which multiprocessing makes a process that has nothing of ours: by a server that forks, which is quicker,
        where the socket on which it listens may have the path that it would get in the temporary folder."""
        is_short = len(os.fsencode(tempfile.gettempdir())) <= _LONGEST
        return get_context("forkserver") if is_short else get_context("spawn")

    def pipe_of(number: str) -> Connection:
        """The end of a pipe that was handed to this process."""
        return Connection(int(number))

    put_at, get_at = os.pwrite, os.pread

    def _handed(theirs: Connection, file: int | None) -> dict[str, Any]:
        return {"pass_fds": [theirs.fileno()] if file is None else [theirs.fileno(), file]}

    def end_all(process: subprocess.Popen) -> None:
        """End a process that has a group of its own (OWN_GROUP), and what it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()

    def is_running(number: int) -> bool:
        """Whether there is a process of that number."""
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # somebody else's
            return True
        return True

    def at_the_end(loop: AbstractEventLoop, do: Callable[[], object]) -> None:
        """Do it when somebody asks this process to end. For its main thread, in which the loop runs."""
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, do)

    def let_others_go_first() -> None:
        """Have the processors only when others do not want them."""
        os.nice(10)


def start(
    module: str, *arguments: str, settings: Mapping[str, str], own_group: bool = False, file: int | None = None
) -> tuple[subprocess.Popen, Connection]:
    """A process that runs a module of ours, and our end of the pipe to it. It is silent, and imports what we import.

    `settings`: its environment. `file`: an open one that it gets, its number as the next argument. OSError where none
    can be started.
    """
    ours, theirs = Pipe()
    numbers = map(str, [theirs.fileno()] if file is None else [theirs.fileno(), file])
    paths = os.pathsep.join(path for path in sys.path if path)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *numbers, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**settings, "PYTHONPATH": paths}, **_handed(theirs, file), **(OWN_GROUP if own_group else {}),
        )  # fmt: skip
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return process, ours


def end_this(number: signal.Signals) -> None:
    """End this process as a signal does. On Windows its number is the exit code."""
    os.kill(os.getpid(), number)


def was_killed(exit_code: int | None) -> bool:
    """Whether somebody ended it with force, as Linux does where memory ends."""
    return exit_code in _KILLED


def had_no_memory(exit_code: int | None) -> bool:
    """Whether it ended itself where it got no more memory."""
    return exit_code in _NO_MEMORY
