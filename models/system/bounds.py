"""What this process may take of the machine: memory and processor time. A bound on memory is never taken back.

On Windows they are those of a job, an object of the system that only this process is in.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

INFINITE = float("inf")

if sys.platform == "win32":
    import win32api
    import win32job
    import win32process

    _JOB: list[Any] = []  # its handle: the bounds hold as long as it is open
    _UNTIL = [0]  # ticks that the process may use in all
    _TICKS = 10**7  # in a second

    def _bound(flag: int, name: str, value: int, *, basic: bool = False, on: bool = True) -> None:
        if not _JOB:
            job: Any = win32job.CreateJobObject(None, "")  # type: ignore[func-returns-value]  # it gives the handle
            win32job.AssignProcessToJobObject(job, win32api.GetCurrentProcess())
            _JOB.append(job)
        kind = win32job.JobObjectExtendedLimitInformation
        limits = win32job.QueryInformationJobObject(_JOB[0], kind)
        flags = limits["BasicLimitInformation"]["LimitFlags"]
        limits["BasicLimitInformation"]["LimitFlags"] = flags | flag if on else flags & ~flag
        (limits["BasicLimitInformation"] if basic else limits)[name] = value
        win32job.SetInformationJobObject(_JOB[0], kind, limits)

    def _used() -> int:
        return win32process.GetProcessTimes(win32api.GetCurrentProcess())["UserTime"]

    def take_at_most(memory: int) -> None:
        """Have no more than so many bytes of memory; what asks for more fails, here and nowhere else."""
        _bound(win32job.JOB_OBJECT_LIMIT_PROCESS_MEMORY, "ProcessMemoryLimit", memory)

    def end_after(seconds: float) -> None:
        """End this process when it has used so many more processor seconds, whatever it is doing then; 0: never."""
        _UNTIL[0] = _used() + int(seconds * _TICKS)
        flag = win32job.JOB_OBJECT_LIMIT_PROCESS_TIME
        _bound(flag, "PerProcessUserTimeLimit", _UNTIL[0], basic=True, on=seconds > 0)

    def time_left() -> float:
        """Processor seconds until then."""
        return max(0.0, (_UNTIL[0] - _used()) / _TICKS)

    def allowed() -> dict[str, int]:
        """Bytes of memory that whoever started this process allows it, by the option that says so: none here."""
        return {}

    def free_memory() -> float:
        """Bytes that this process could still get from the machine."""
        return win32api.GlobalMemoryStatusEx()["AvailPageFile"]

else:
    import resource

    def take_at_most(memory: int) -> None:
        """Have no more than so many bytes of memory; what asks for more fails, here and nowhere else.

        macOS knows the bound and does not keep it.
        """
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        allowed = memory if most == resource.RLIM_INFINITY else min(memory, most)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))

    def end_after(seconds: float) -> None:
        """End this process when it has used so many more processor seconds, whatever it is doing then; 0: never."""
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)

    def time_left() -> float:
        """Processor seconds until then."""
        return signal.getitimer(signal.ITIMER_PROF)[0]

    def allowed() -> dict[str, int]:
        """Bytes of memory that whoever started this process allows it, by the option of `ulimit` that says so."""
        found = {"-v": resource.getrlimit(resource.RLIMIT_AS)[0], "-d": resource.getrlimit(resource.RLIMIT_DATA)[0]}
        return {option: most for option, most in found.items() if most != resource.RLIM_INFINITY}

    def free_memory() -> float:
        """Bytes that this process could still get from the machine. Infinite where that is not to be known (macOS)."""
        free = INFINITE
        with suppress(OSError, ValueError, IndexError):
            known = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text("utf-8").splitlines())
            free = int(known["MemAvailable"].split()[0]) * 1024
        with suppress(OSError, ValueError, IndexError, KeyError):
            used = int(Path("/proc/self/statm").read_text("utf-8").split()[0]) * resource.getpagesize()
            free = min(free, allowed()["-v"] - used)
        return free
