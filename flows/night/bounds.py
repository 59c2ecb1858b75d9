"""What a file may cost to read: a gigabyte of memory, and a minute of processor time and more for a large one.

The bounds hold for the process that reads it, which is lost where one is passed (flows/night/reading_process.py).
"""

from __future__ import annotations

from models.fault import Fault
from models.system.bounds import free_memory
from models.system.children import OUT_OF_TIME, had_no_memory, was_killed

MEMORY = 850 * 2**20  # bytes of data in the process; with the code of the libraries a gigabyte at most
SECONDS = 60.0
SECONDS_PER_MB = 0.2  # what is read as a stream may be large: a gigabyte of an Apple export is ordinary
SECONDS_PER_DECRYPTED_MB = 4  # the standard library decrypts byte by byte
_ORDINARY = 256 * 2**20  # memory that any study needs
_REMEDY = "export a shorter time, or its parts one by one; if it is an ordinary export, report this"


def allow(size: int, *, decrypts: bool = False) -> float:
    """Processor seconds for a file of so many bytes. `decrypts`: it may be a zip that a password opens."""
    return SECONDS + (SECONDS_PER_DECRYPTED_MB if decrypts else SECONDS_PER_MB) * size / 1e6


def too_much_memory() -> Fault:
    """The fault of a file that needs more memory."""
    return Fault("whole file", "a file that takes over 1 GB of memory to read", "one that takes less", _REMEDY)


def why_lost(exit_code: int | None) -> Fault:
    """The fault of the file of which a reading process died."""
    if exit_code == OUT_OF_TIME:
        found = f"a file that takes over {SECONDS:.0f} seconds of processor time to read"
        return Fault("whole file", found, "one that takes less", _REMEDY)
    if had_no_memory(exit_code) or was_killed(exit_code):
        return too_much_memory()
    found = "a file of which the process that read it died"
    return Fault("whole file", found, "one that can be read", "report this: it is a fault of stepwindow")


def is_the_machine_short() -> bool:
    """Whether so little memory is to be had that a failure says nothing about the file."""
    return free_memory() < _ORDINARY
