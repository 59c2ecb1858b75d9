"""The engine's database, made at once: Prefect's own hundred migrations of an empty one take longer than a small night.

`prefect-VERSION.sql` is what they make with that version of Prefect (`python -m tests.engine_database` writes it). With
another version Prefect makes its database itself; its next migrations go on from ours as they would from its own.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from models.system import locks


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """While it lasts, no other run makes a database in `folder` or brings it to another form: studies may share one.

    Where no lock can be had nothing can be written either, and whoever tries says so.
    """
    with ExitStack() as held:
        with suppress(OSError):
            lock = locks.opened(folder / "prefect.db.lock")
            held.callback(os.close, lock)
            locks.wait_for(lock)
        yield


def make(folder: Path) -> None:
    """An empty database of Prefect in `folder` (its PREFECT_HOME), where there is none: whole, or not at all."""
    database, script = folder / "prefect.db", Path(__file__).with_name(f"prefect-{version('prefect')}.sql")
    if database.exists() or not script.exists():
        return
    with alone(folder):
        if database.exists():  # another run was faster
            return
        unfinished = folder / "prefect.db.new"
        unfinished.unlink(missing_ok=True)
        with closing(sqlite3.connect(unfinished)) as new:
            new.executescript(script.read_text("utf-8"))
        os.replace(unfinished, database)
