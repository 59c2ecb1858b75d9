"""What is known for those who look after a study: asked of the store, or of what is published while the store is not to
be had. The published database names no files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.rejection import StoreError
from models.store import Store
from models.store_read import _open_store, query_published

# Names that questions use, in both databases alike.
_IN_STORE = """WITH known_file AS (FROM source_file),
    known_rejection AS (
        FROM rejection r SEMI JOIN source_file f ON r.participant_id = f.participant_id AND r.path = f.path
    ),
    known_day AS (SELECT participant_id, local_date, day_state, primary_source, flags FROM day),
    known_held AS (FROM held),
    known_window AS (FROM kept_window),
    known_session AS (SELECT s.activity, s.vendor_activity, d.source FROM session s JOIN device d USING (device_id)) """
_IN_PUBLISHED = """WITH known_file AS (SELECT *, NULL::TEXT AS path, '' AS note FROM source_file),
    known_rejection AS (
        SELECT *, NULL::TEXT AS path, NULL::TEXT AS words FROM rejection SEMI JOIN participant USING (participant_id)
    ),
    known_held AS (
        SELECT participant_id, held_reason AS reason, 'look again when the run has ended' AS what_to_do,
               NULL::TIMESTAMP AS since FROM participant WHERE held_reason IS NOT NULL
    ),
    known_day AS (FROM daily_activity), known_window AS (FROM infusion_window), known_session AS (FROM session) """
# A file of the inbox is waiting until the ledger has it as it lies there.
_WAITING = """
    WITH lying AS (
        SELECT unnest($who::TEXT[]) AS participant_id, unnest($path::TEXT[]) AS path,
               unnest($size::BIGINT[]) AS size_bytes, unnest($modified::BIGINT[]) AS modified_ns
    )
    SELECT l.participant_id, l.path, l.modified_ns FROM lying l
    ANTI JOIN source_file f
      ON l.participant_id = f.participant_id AND l.path = f.path AND l.size_bytes = f.size_bytes
     AND l.modified_ns = f.modified_ns
    ORDER BY l.participant_id, l.path"""

Row = dict[str, Any]
Lying = tuple[str, str, int, int]  # a file in the inbox: whose, its path, size, time of change (ns)


@dataclass
class Known:
    """Answers by question; `trouble`: why the store could not be asked. `waiting` is None where that is not known."""

    answers: dict[str, list[Row]]
    waiting: list[Row] | None = None
    trouble: StoreError | None = None


def ask(warehouse: Path, questions: dict[str, str], parameters: Row, lying: Iterable[Lying] = ()) -> Known:
    """Ask the store, else the published database, else nobody: every question has an answer, if only an empty one."""
    try:
        con = _open_store(warehouse)
    except StoreError as error:
        try:
            return Known({name: _asked(warehouse, sql, parameters) for name, sql in questions.items()}, None, error)
        except StoreError:
            return Known({name: [] for name in questions}, None, error)
    store = Store(con, warehouse)
    try:
        files = list(lying)
        columns = {name: [file[n] for file in files] for n, name in enumerate(("who", "path", "size", "modified"))}
        waiting = _rows(store, _WAITING, columns)
        return Known(ask_open(store, questions, parameters), waiting)
    finally:
        con.close()


def ask_open(store: Store, questions: dict[str, str], parameters: Row) -> dict[str, list[Row]]:
    """Ask a store that is open."""
    return {name: _rows(store, _IN_STORE + sql, _used(parameters, sql)) for name, sql in questions.items()}


def _rows(store: Store, sql: str, parameters: Row) -> list[Row]:
    result = store.con.execute(sql, parameters)
    columns = [column[0] for column in result.description or []]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def _asked(warehouse: Path, sql: str, parameters: Row) -> list[Row]:
    columns, rows = query_published(warehouse, _IN_PUBLISHED + sql, _used(parameters, sql))
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _used(parameters: Row, sql: str) -> Row:
    return {name: value for name, value in parameters.items() if f"${name}" in sql}
