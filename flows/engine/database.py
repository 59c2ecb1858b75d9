"""The engine's database, made at once: Prefect's own hundred migrations of an empty one take longer than a small night.

`prefect-VERSION.sql` is what they make with that version of Prefect (`python -m tests.engine_database` writes it). With
another version Prefect makes its database itself; its next migrations go on from ours as they would from its own.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path


def make(folder: Path) -> None:
    """An empty database of Prefect in `folder` (its PREFECT_HOME), where there is none: whole, or not at all."""
    database, script = folder / "prefect.db", Path(__file__).with_name(f"prefect-{version('prefect')}.sql")
    if database.exists() or not script.exists():
        return
    unfinished = folder / "prefect.db.new"
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(unfinished)) as new:
        new.executescript(script.read_text())
    os.replace(unfinished, database)
