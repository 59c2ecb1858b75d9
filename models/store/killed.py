"""Runs that were killed: the lock still names them, and the next run that publishes enters them into relation `run`."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.store import lock

if TYPE_CHECKING:
    from models.store.store import Store

_RUN = re.compile(r"process \d+: (nightly|backfill|unload|forget), since ([\d :-]+) UTC")


def killed(folder: Path) -> list[dict[str, Any]]:
    """What is known of each: which command, and when it began. For whoever holds the lock."""
    found = [(line, _RUN.fullmatch(line)) for line in lock.died(folder)]
    return [
        {"run_id": hashlib.sha256(line.encode()).hexdigest()[:32], "command": run[1],
         "started_at": datetime.fromisoformat(run[2]), "outcome": "killed"}
        for line, run in found if run
    ]  # fmt: skip


def enter(store: Store, table: str) -> None:
    """Into a table like `run`. They have no number: what is asked of the last run is asked of one that ended."""
    for row in killed(store.folder):
        values = ", ".join(f"${name} AS {name}" for name in row)
        new = f"SELECT {values} WHERE $run_id NOT IN (SELECT run_id FROM run)"
        store.con.execute(f"INSERT INTO {table} BY NAME {new}", row)
