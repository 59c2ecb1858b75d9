"""The password of zips, for one run: asked on the terminal, or taken from the environment or the input.

It is in no argument, log, parameter or file: who may read those may not know it.
"""

from __future__ import annotations

import os
import sys
from getpass import getpass

from connectors import Password
from models.fault import StudyError

VARIABLE = "STEPWINDOW_ZIP_PASSWORD"
_OPTION = "--zip-password"


def asked_for(is_wanted: bool, *, dask: str | None = None) -> Password | None:
    """The password, where a command was called with `--zip-password`. StudyError where none is given."""
    from_environment = os.environ.pop(VARIABLE, None)  # programs that are started from here need not know it
    if not is_wanted:
        return None
    if dask:
        raise StudyError(f"{_OPTION}: a password does not leave this machine; leave --dask away for this run")
    text = from_environment or _typed()
    if not text:
        raise StudyError(f"{_OPTION}: no password was given; type it when asked, or set {VARIABLE} for this run")
    return Password(text)


def _typed() -> str:
    """One line: of the terminal, where it is not shown, or of the input where that is something else."""
    try:
        if sys.stdin.isatty():
            return getpass("Password of the zip (not shown, for this run alone): ")
        return sys.stdin.readline().rstrip("\r\n")
    except (EOFError, UnicodeDecodeError):
        return ""
