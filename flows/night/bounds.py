"""What a file may cost to read: a gigabyte of memory, and a minute of processor time and more for a large one.

The bounds hold for the process that reads it, which is lost where one is passed (flows/night/reading_process.py).
"""

from __future__ import annotations

import resource
import signal
from contextlib import suppress
from pathlib import Path

from models.fault import Fault

MEMORY = 850 * 2**20  # bytes of data in the process; with the code of the libraries a gigabyte at most
SECONDS = 60.0
SECONDS_PER_MB = 0.2  # what is read as a stream may be large: a gigabyte of an Apple export is ordinary
SECONDS_PER_DECRYPTED_MB = 4  # the standard library decrypts byte by byte
_ORDINARY = 256 * 2**20  # memory that any study needs
_REMEDY = "export a shorter time, or its parts one by one; if it is an ordinary export, report this"


def hold_memory() -> None:
    """Bound the memory of this process, for good. Where the system knows no such bound there is none."""
    with suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def allow(size: int, *, decrypts: bool = False) -> float:
    """Processor seconds for a file of so many bytes. `decrypts`: it may be a zip that a password opens."""
    return SECONDS + (SECONDS_PER_DECRYPTED_MB if decrypts else SECONDS_PER_MB) * size / 1e6


def hold_time(seconds: float) -> None:
    """End this process when it has used so many more processor seconds, whatever it is doing then; 0: never."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, seconds)


def time_left() -> float:
    """Processor seconds until then."""
    return signal.getitimer(signal.ITIMER_PROF)[0]


def too_much_memory() -> Fault:
    """The fault of a file that needs more memory."""
    return Fault("whole file", "a file that takes over 1 GB of memory to read", "one that takes less", _REMEDY)


def why_lost(exit_code: int | None) -> Fault:
    """The fault of the file of which a reading process died."""
    if exit_code == -signal.SIGPROF:
        found = f"a file that takes over {SECONDS:.0f} seconds of processor time to read"
        return Fault("whole file", found, "one that takes less", _REMEDY)
    if exit_code in (-signal.SIGABRT, -signal.SIGKILL):  # how Rust ends where there is no memory, and how Linux does
        return too_much_memory()
    found = "a file of which the process that read it died"
    return Fault("whole file", found, "one that can be read", "report this: it is a fault of stepwindow")


def is_the_machine_short() -> bool:
    """Whether so little memory is to be had that a failure says nothing about the file."""
    return _free() < _ORDINARY


def _free() -> float:
    """Bytes that this process could still get from the machine. Infinite where that is not to be known."""
    free = float("inf")
    with suppress(OSError, ValueError, IndexError):
        known = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        free = int(known["MemAvailable"].split()[0]) * 1024
    with suppress(OSError, ValueError, IndexError):
        most, _ = resource.getrlimit(resource.RLIMIT_AS)
        if most != resource.RLIM_INFINITY:
            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            free = min(free, most - used)
    return free
