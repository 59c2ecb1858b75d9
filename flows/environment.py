"""What comes from the machine: settings of the environment, limits, the date. What is wrong there is a sentence."""

from __future__ import annotations

import gc
import io
import logging
import os
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from models.fault import StudyError

if TYPE_CHECKING:
    from models.study.study import Study

# Address space, most of it never used: the libraries themselves, and what each of their threads sets aside.
_LEAST, _PER_PROCESSOR = 1_500_000_000, 50_000_000
_OBJECTS = 50_000  # that are made before circles among them are looked for: rows are many objects, and no circles
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def open_streams() -> None:
    """What was closed leads nowhere, and what the terminal has no letters for is shown by its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # in this order: each takes the lowest number that is free, which is its own
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def rarely_look_for_circles() -> None:
    """Garbage that holds on to itself is looked for less often: the looking is a twentieth of a night's work."""
    gc.set_threshold(_OBJECTS, 20, 20)


def check() -> None:
    """StudyError where something is set to what it cannot be, the current folder was removed, or memory is too little.

    Below a certain limit of memory the libraries fail in ways that nothing can catch: then it is not begun at all.
    """
    from models.store.lock import patience
    from models.system.bounds import allowed

    try:
        os.getcwd()
    except OSError:
        raise StudyError("the current folder is not there any more; change into another one, then run again") from None
    patience()
    level = os.environ.get("STEPWINDOW_LOG", "")
    if level and level.upper() not in LEVELS:
        raise StudyError(f"STEPWINDOW_LOG={level}: no level of a log; there are {', '.join(LEVELS)}")
    needed = _LEAST + (os.cpu_count() or 1) * _PER_PROCESSOR
    for option, most in allowed().items():
        if most < needed:
            what = f"this process may have {most // 10**6} MB of memory (ulimit {option})"
            raise StudyError(f"{what}, and needs {needed // 10**6} MB to begin; raise the limit, or take it away")


def log_level() -> int:
    """The level of the log of the runs."""
    level = os.environ.get("STEPWINDOW_LOG", "").upper()
    return getattr(logging, level) if level in LEVELS else logging.INFO


def today(study: Study) -> date:
    """The date by the machine's clock, where the clinic is."""
    return datetime.now(ZoneInfo(study.timezone)).date()


def as_of(study: Study) -> date:
    """The date as of which a study is looked at: the one that study.toml names, or today."""
    return study.settings.as_of or today(study)
