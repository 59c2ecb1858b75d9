"""The health file for a monitor: `health.json` in the warehouse, written at the end of every run, failed or not.

Beside it the same figures as `metrics.prom`; where somebody is needed they are called (flows/night/alert.py). Counts,
times and versions: no id, no file name, no text of an exception. docs/monitoring.md describes each field.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.answers.worklist import count_silent
from flows.night import alert, log, metrics
from models.fault import StudyError, can_pass
from models.store.shards import databases
from models.store.sql import sql_files
from models.store.store import StoreError
from models.system.files import private

if TYPE_CHECKING:
    from flows.night.run import Run

NAME = "health.json"


def read(warehouse: Path) -> dict[str, Any] | None:
    """What the last run wrote; None where there is nothing that can be read."""
    with suppress(OSError, ValueError):
        found = json.loads((warehouse / NAME).read_text("utf-8"))
        return found if isinstance(found, dict) else None
    return None


@contextmanager
def while_it_begins(folder: Path, command: str, *, is_last: bool = True) -> Iterator[None]:
    """A run that cannot even begin leaves its mark, where a warehouse is there already, and calls for help. Unless
    `is_last`, one that tries again because that may help has not ended."""
    began = datetime.now(UTC)
    try:
        yield
    except BaseException as error:
        if can_pass(error) and not is_last:
            raise
        _end(folder, _warehouse(folder), _attempt(command, began, 2, error, "begin"), {}, error)
        raise


@contextmanager
def while_it_runs(run: Run) -> Iterator[None]:
    """Whatever becomes of the run, its store is closed and its health written."""
    began = run.started_at.replace(tzinfo=UTC)
    run.is_under_way = True
    try:
        yield
        run.store.close()  # first: what it holds in memory and what the question below needs is not held together
        found = _found(run) if run.reads_inbox else {}
    except BaseException as error:
        _stop(run, error)
        raise
    attempt = _attempt(run.scope.command, began, 0 if run.is_clean else 1, None, run.step, run.killed_before)
    _end(run.study.folder, run.study.warehouse, attempt, found)


@contextmanager
def until_it_runs(run: Run) -> Iterator[None]:
    """What keeps a run that has begun from its first step (no cluster, no server answers) ends it as any fault does."""
    try:
        yield
    except BaseException as error:
        if not run.is_under_way:
            log.logger.error("%s stopped: %s", run.scope.command, log.in_a_line(error))
            _stop(run, error)
        raise


def _stop(run: Run, error: BaseException) -> None:
    with suppress(Exception):  # the fault is reported, not what closing makes of it
        run.store.close()
    began, step = run.started_at.replace(tzinfo=UTC), run.step or "begin"
    attempt = _attempt(run.scope.command, began, 2, error, step, run.killed_before)
    _end(run.study.folder, run.study.warehouse, attempt, {}, error)


def _found(run: Run) -> dict[str, Any]:
    return {
        "as_of": run.as_of,
        "participants": len(run.study.homes),
        "participants_held": len(run.held),
        "goals_held": len(run.held_goals),
        "files_in_inbox": run.found,
        **{f"files_{status}": n for status, n in run.files.items()},
        "days_resolved": run.days,
        "verdicts_changed": run.changes,
        "rejections_standing": run.standing + len(run.new_faults),
        "files_waiting": run.waiting,
        "participants_quiet": count_silent(run.study.warehouse),
    }


def _attempt(
    command: str, began: datetime, code: int, error: BaseException | None, step: str, killed_before: int = 0
) -> dict[str, Any]:
    failed = {"step": step.replace("_", " "), "what": _in_words(error)} if error else None
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "command": command, "started_at": began.isoformat(timespec="seconds"), "ended_at": ended, "exit_code": code,
        "failed": failed, "killed_before": killed_before,
    }  # fmt: skip


def _in_words(error: BaseException) -> str:
    """The kind of fault. Its own text is left out: it may hold a value or a file's name."""
    if isinstance(error, StudyError):
        return "a control file, a setting or the inbox cannot be used"
    if isinstance(error, StoreError):  # a sentence of ours; in brackets may stand the text of another program
        return re.sub(r" \([^)]*\)", "", str(error))
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "stopped by a signal" if isinstance(error, KeyboardInterrupt) else type(error).__name__


def _end(
    folder: Path, warehouse: Path, attempt: dict[str, Any], found: dict[str, Any], error: BaseException | None = None
) -> None:
    """Replace both files, each in one step, and call whoever is needed. A disk that does not take it changes nothing
    about the run; who stops one by hand is there."""
    before = read(warehouse) or {}
    success = {key: attempt[key] for key in ("command", "ended_at")} if attempt["exit_code"] < 2 else None
    health = {
        "format": 1,
        "last_attempt": attempt,
        "last_success": success or before.get("last_success"),
        "last_success_found": found or before.get("last_success_found"),
        "disk": _disk(warehouse),
        "versions": _versions(),
        "schema": sql_files("migrations")[-1][0].removesuffix(".sql"),
    }
    with suppress(OSError):
        if warehouse.is_dir():
            _replace(warehouse / NAME, json.dumps(health, default=str, indent=2))
            _replace(warehouse / metrics.NAME, metrics.as_text(health))
    if attempt["command"] in ("nightly", "backfill") and not isinstance(error, KeyboardInterrupt):
        alert.call(folder, health)


def _disk(warehouse: Path) -> dict[str, int] | None:
    with suppress(OSError):
        sizes = [path.stat().st_size for path in databases(warehouse)]
        return {"free_bytes": shutil.disk_usage(warehouse).free, "databases_bytes": sum(sizes)}
    return None


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".draft-{path.name}.{os.getpid()}")
    with open(draft, "w", encoding="utf-8", newline="\n", opener=private) as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    os.replace(draft, path)


@cache  # each is parsed from a file
def _versions() -> dict[str, str]:
    return {name: version(name) for name in ("stepwindow", "duckdb", "polars", "prefect")}


def _warehouse(folder: Path) -> Path:
    """Where the warehouse is, even if the rest of study.toml makes no sense."""
    path = "warehouse"
    with suppress(OSError, ValueError, TypeError, AttributeError):
        path = tomllib.loads((folder / "study.toml").read_text("utf-8-sig")).get("warehouse", {}).get("path", path)
    return folder / str(path)
