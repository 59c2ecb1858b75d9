"""A lock that is a file: the system lets go of it when its holder ends, however that ends. Its text says who that is.

On Windows it is filelock's. Elsewhere it is the call that filelock makes, too, made here: it knows locks that are
shared, and loading the library takes longer than a lock may.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_MOST = 4096  # bytes of text that are read

if sys.platform == "win32":
    from filelock import lock_descriptor

    _TEXT = 1  # where the text begins: the byte before it is what is locked, and nobody else may read it

    def take(handle: int, *, shared: bool = False) -> bool:
        """Take the lock now; False where somebody has it. `shared`: here as any other, one at a time."""
        return lock_descriptor(handle, blocking=False)

    def wait_for(handle: int) -> None:
        """Take the lock once whoever has it lets go of it."""
        lock_descriptor(handle)

else:
    import fcntl

    _TEXT = 0

    def take(handle: int, *, shared: bool = False) -> bool:
        """Take the lock now; False where somebody has it. `shared`: several who only look have it together."""
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait_for(handle: int) -> None:
        """Take the lock once whoever has it lets go of it."""
        fcntl.flock(handle, fcntl.LOCK_EX)


def opened(path: Path, *, new: bool = True) -> int:
    """The lock's file, for its owner alone; `os.close` lets go of what was taken. `new`: made where there is none."""
    return os.open(path, os.O_RDWR | os.O_CREAT * new | getattr(os, "O_BINARY", 0), 0o600)


def text_of(handle: int) -> str:
    """What the lock's file says."""
    os.lseek(handle, _TEXT, os.SEEK_SET)
    return os.read(handle, _MOST).decode(errors="replace")


def write(handle: int, text: str) -> None:
    """Let it say something else, of one line or more.

    Whoever reads meanwhile sees the lines before or these, and so does the next one where this one is killed: what was
    longer is written over with empty lines, and cut off then.
    """
    content, before = text.encode(), os.fstat(handle).st_size - _TEXT
    os.lseek(handle, _TEXT, os.SEEK_SET)
    os.write(handle, content.ljust(before, b"\n"))
    os.ftruncate(handle, _TEXT + len(content))
