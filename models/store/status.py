"""What is known for those who look after a study: asked of the store, or of what is published while the store is not to
be had. The published database names no files.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from models.fault import StoreError
from models.store.ledger import gone, loaded
from models.store.looked import noted
from models.store.read import answers, open_to_read, published
from models.store.scan import Noted, Scan
from models.store.sql import statement
from models.store.store import Store

Row = dict[str, Any]


@dataclass
class Known:
    """Answers by question; `trouble`: why the store could not be asked. `waiting` is None where that is not known.

    `gone`: whose files, of those that count, are not in the inbox: person, the first of them, how many.
    """

    answers: dict[str, list[Row]]
    waiting: list[Row] | None = None
    trouble: StoreError | None = None
    gone: list[tuple[str, str, int]] = field(default_factory=list)
    loaded: tuple[int, int] = (0, 0)  # how many files of how many people, where nothing lies in the inbox


def noted_before(warehouse: Path) -> dict[str, Noted]:
    """What stands of the last night's look into the inbox, by person; nothing where the store cannot be asked."""
    with suppress(StoreError), closing(open_to_read(warehouse)) as store:
        return noted(store)
    return {}


def ask(warehouse: Path, questions: dict[str, str], parameters: Row, scan: Scan | None = None) -> Known:
    """Ask the store, else the published database, else nobody: every question has an answer, if only an empty one.

    `scan`: what lies in the inbox, where that is to be compared with what is loaded; of whom it left nothing is told.
    """
    try:
        store = open_to_read(warehouse)
    except StoreError as error:
        try:
            with published(warehouse) as database:
                return Known(_answers(database.con, "store/known_in_published", questions, parameters), None, error)
        except (StoreError, duckdb.Error):  # it may be of an older form
            return Known({name: [] for name in questions}, None, error)
    with closing(store):
        found = _answers(store.con, "store/known_in_store", questions, parameters)
        if scan is None:
            return Known(found)
        known = Known(found, _waiting(store, scan) if scan.path else [], gone=gone(store, scan))
        if scan.is_empty:
            known.loaded = loaded(store)
        return known


def _waiting(store: Store, scan: Scan) -> list[Row]:
    asked = (answers(store.con, {"waiting": statement("store/waiting")}, part) for part in scan.lying(store))
    return [row for found in asked for row in found["waiting"]]


def _answers(
    con: duckdb.DuckDBPyConnection, names: str, questions: dict[str, str], parameters: Row
) -> dict[str, list[Row]]:
    con.execute(statement(names))
    return answers(con, questions, parameters)
