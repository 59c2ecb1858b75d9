"""One run at a time: the operating system's lock on the store, whatever started the run.

It is a lock on a file beside the store, so that it also holds while the store's own file is replaced. The system lets
go of it when the process ends, however it ends. Who holds it for a block (`held`) may open and read the store inside.

The file's first line says who holds it. A process that is killed leaves its line; the next one keeps it below its own,
until the books have it (models/store/killed.py).
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

from models.fault import BUSY, StoreError, StudyError
from models.system import locks

LOCK = "store.lock"
_PUBLISHED = ", published"  # in the books: it may die from here on
_HELD: ContextVar[frozenset[Path]] = ContextVar("held", default=frozenset())  # by the block that runs, and by no other
_SHARED: ContextVar[frozenset[Path]] = ContextVar("shared", default=frozenset())  # the same: where it only looks


def hold(folder: Path, command: str) -> int | None:
    """Take the lock for a run that writes; returns what `let_go` takes.

    Another run is waited for, STEPWINDOW_WAIT seconds (default 60), then StoreError says who it is.
    """
    if folder in _HELD.get():
        return None
    seconds = patience()
    handle = _open(folder)
    give_up = time.monotonic() + seconds
    while not locks.take(handle):
        if time.monotonic() >= give_up:
            raise _busy(handle)
        time.sleep(0.05)
    left = [line for line in _lines(handle) if line and not line.endswith(_PUBLISHED)]
    _write(handle, [f"process {os.getpid()}: {command}, since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC", *left[:20]])
    return handle


@contextmanager
def held(folder: Path, command: str) -> Iterator[None]:
    """The lock for as long as the block runs; what the block itself does with the store is let in."""
    handle = hold(folder, command)
    before = _HELD.set(_HELD.get() | {folder})
    try:
        yield
    finally:
        _HELD.reset(before)
        let_go(handle)


def let_go(handle: int | None) -> None:
    """Let the next one in."""
    if handle is not None:
        left = _lines(handle)[1:]
        _write(handle, ["", *left] if left else [])
        os.close(handle)


def died(folder: Path) -> list[str]:
    """The lines of those who held it and were killed, that the books do not have yet. For whoever holds it."""
    handle = _open(folder)
    try:
        return _lines(handle)[1:]
    finally:
        os.close(handle)


def settle(folder: Path) -> None:
    """The books have them now, and whoever holds it."""
    handle = _open(folder)
    try:
        _write(handle, [f"{line}{_PUBLISHED}" for line in _lines(handle)[:1] if line])
    finally:
        os.close(handle)


def patience() -> float:
    """Seconds to wait for another run. StudyError where $STEPWINDOW_WAIT is no such number."""
    value = os.environ.get("STEPWINDOW_WAIT") or "60"
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not seconds >= 0:
        raise StudyError(f"STEPWINDOW_WAIT={value}: not a number of seconds such as 60; correct it, or leave it away")
    return seconds


@contextmanager
def undisturbed(folder: Path) -> Iterator[None]:
    """No run writes to the store meanwhile. StoreError at once where one does."""
    if folder in _HELD.get() | _SHARED.get():
        yield
        return
    handle = _open(folder)
    try:
        if not locks.take(handle, shared=True):
            raise _busy(handle)
        before = _SHARED.set(_SHARED.get() | {folder})
        try:
            yield
        finally:
            _SHARED.reset(before)
    finally:
        os.close(handle)


def is_free(folder: Path) -> bool:
    """Nobody holds this lock now."""
    handle = _open(folder)
    try:
        return locks.take(handle)
    finally:
        os.close(handle)


def _open(folder: Path) -> int:
    return locks.opened(folder / LOCK)


def _lines(handle: int) -> list[str]:
    first, *others = locks.text_of(handle).splitlines() or [""]
    return [first, *filter(None, others)]


def _write(handle: int, lines: list[str]) -> None:
    locks.write(handle, "\n".join(lines))


def _busy(handle: int) -> StoreError:
    holder = next(iter(_lines(handle)), "") or "another process"
    what = f"store.duckdb: another run is using the store ({holder})"
    return StoreError(what, "wait until it ends, then run again", BUSY)
