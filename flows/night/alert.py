"""`[alert] command` of study.toml: called after a run that needs somebody, with one line of JSON on its standard input.

The line is health.json and why it is sent: counts, times and versions. Whatever the command does, the run is as it was.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from flows.night import log
from flows.output import say
from models.study.settings import TOML, alert_command
from models.system.children import OWN_GROUP, end_all
from models.system.files import may_others

SECONDS = 60.0  # that it may take
_SECRET = ("STEPWINDOW_KEY", "STEPWINDOW_KEY_FILE", "STEPWINDOW_ZIP_PASSWORD")
_CALLED = "STEPWINDOW_ALERT"  # set for the command: a run that it starts itself calls nobody, or there was no end of it


def call(folder: Path, health: dict[str, Any]) -> None:
    """Call the command of a study, where it names one and somebody is needed."""
    why = _why(health["last_attempt"])
    if why and _CALLED not in os.environ and (command := alert_command(folder / TOML)):
        line = json.dumps({"alert": why, **health}, default=str) + "\n"
        if trouble := _trouble(folder, command, line.encode()):
            sentence = f"[alert] command {trouble}; docs/monitoring.md says how to try it"
            log.logger.warning("%s", sentence)
            with suppress(OSError, ValueError):
                say(f"stepwindow: {sentence}", to=sys.stderr)


def is_set_by_anybody(folder: Path) -> bool:
    """Whether everybody on the machine may write to study.toml, and so decide what is run."""
    return may_others(folder / TOML, stat.S_IWOTH)


def _why(attempt: dict[str, Any]) -> str | None:
    if attempt["exit_code"]:
        return "could_not_run" if attempt["exit_code"] == 2 else "needs_a_person"
    return "killed_before" if attempt["killed_before"] else None


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _SECRET} | {_CALLED: "1"}


def _trouble(folder: Path, command: tuple[str, ...], line: bytes) -> str | None:
    """Run the command; what is wrong with it, in words."""
    try:
        if is_set_by_anybody(folder):
            return "was not run: everybody may write to study.toml (chmod o-w)"
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
            env=_environment(), **OWN_GROUP,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        return f"could not be started ({getattr(error, 'strerror', None) or type(error).__name__})"
    try:
        process.communicate(line, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(OSError):
            end_all(process)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        return f"took over {SECONDS:.0f} seconds and was stopped"
    except OSError as error:
        return f"could not be told anything ({error.strerror})"
    return f"ended with exit code {process.returncode}" if process.returncode else None
