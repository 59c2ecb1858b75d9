"""A process that shuts itself in: what it does from then on, the operating system refuses it, whoever asked for it.

Each is for a process that is made for one piece of work and ends with it. None can be taken back.
"""

from __future__ import annotations

import ctypes
import struct
import sys

# Landlock, of Linux 5.13 and later: the numbers are the same on every processor
_CREATE_RULESET, _RESTRICT_SELF, _NO_NEW_PRIVILEGES = 444, 446, 38
_VERSION = 1
_WRITE_FILE, _REMOVE_AND_MAKE, _REFER, _TRUNCATE = 1 << 1, 0b1_1111_1111 << 4, 1 << 13, 1 << 14


def change_no_file() -> bool:
    """Make, change and remove no file any more; what is open stays open. False: this system cannot forbid it.

    It is Linux's alone. It binds the calling thread and those it starts, so it comes before the first other thread.
    """
    if sys.platform != "linux":
        return False
    try:
        system = ctypes.CDLL(None, use_errno=True).syscall
        version = system(_CREATE_RULESET, None, 0, _VERSION)
        rights = _WRITE_FILE | _REMOVE_AND_MAKE | _REFER * (version > 1) | _TRUNCATE * (version > 2)
        rules = system(_CREATE_RULESET, struct.pack("Q", rights), 8, 0) if version > 0 else -1
    except (OSError, AttributeError, TypeError):  # a kernel without it
        return False
    if rules < 0 or ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    return system(_RESTRICT_SELF, rules, 0) == 0


def open_nothing() -> None:
    """Open no file, folder or connection any more, neither to read nor to write; what is open stays open.

    Windows has no such bound.
    """
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
