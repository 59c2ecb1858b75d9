"""What is known for those who look after a study: asked of the store, or of what is published while the store is not to
be had. The published database names no files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.fault import ALARM, LOST_ROWS, StoreError
from models.store import ledger as store_inbox
from models.store.load import AS_FAULT
from models.store.read import _open_store, query_published
from models.store.scan import Scan
from models.store.store import Store

# Names that questions use, in both databases alike.
_IN_STORE = f"""WITH known_file AS (FROM source_file WHERE status <> 'withdrawn'),
    known_rejection AS (
        SELECT {AS_FAULT} FROM rejection r
        SEMI JOIN source_file f ON r.participant_id = f.participant_id AND r.path = f.path
    ),
    known_alarm AS (SELECT {AS_FAULT} FROM rejection WHERE kind IN ('{LOST_ROWS}', '{ALARM}')),
    known_day AS (SELECT participant_id, local_date, day_state, primary_source, flags FROM day),
    known_held AS (FROM held),
    known_held_goal AS (FROM held_goal),
    known_ruled AS (FROM ruled_goal),
    known_window AS (FROM kept_window),
    known_session AS (SELECT s.activity, s.vendor_activity, d.source FROM session s JOIN device d USING (device_id)),
    newest_list AS (  -- of those that are selections of many sessions
        SELECT f.file_id, f.participant_id, f.connector, f.path, min(s.start_time) AS first, max(s.start_time) AS last
        FROM source_file f JOIN session s USING (file_id)
        WHERE f.status = 'loaded' AND f.kind = 'selection' AND f.connector <> 'diary'
        GROUP BY f.file_id, f.participant_id, f.connector, f.path, f.sha256 HAVING count(*) > 1
        QUALIFY row_number() OVER (PARTITION BY f.participant_id, f.connector
                                   ORDER BY max(s.start_time) DESC, f.sha256 DESC) = 1
    ),
    known_lack AS (  -- what stands of older lists, where the newest one could have it
        SELECT n.participant_id, n.path, count(*) AS sessions
        FROM newest_list n
        JOIN source_file f ON f.participant_id = n.participant_id AND f.connector = n.connector AND f.status = 'loaded'
            AND f.file_id <> n.file_id
        JOIN session s ON s.file_id = f.file_id AND s.start_time BETWEEN n.first AND n.last
        SEMI JOIN standing_session t ON t.file_id = s.file_id AND t.session_id = s.session_id
        GROUP BY n.participant_id, n.path
    ) """
_IN_PUBLISHED = """WITH known_file AS (SELECT *, NULL::TEXT AS path, '' AS note FROM source_file),
    known_rejection AS (
        SELECT place, reason AS found, '' AS expected, what_to_do AS remedy, NULL::TEXT AS words,
               concat(participant_id, ', content ', left(sha256, 12)) AS file, participant_id
        FROM rejection SEMI JOIN participant USING (participant_id)
    ),
    known_held AS (
        SELECT participant_id, held_reason AS reason, 'look again when the run has ended' AS what_to_do,
               NULL::TIMESTAMP AS since FROM participant WHERE held_reason IS NOT NULL
    ),
    known_lack AS (SELECT NULL::TEXT AS participant_id, NULL::TEXT AS path, 0 AS sessions WHERE FALSE),
    known_held_goal AS (  -- told with the participant
        SELECT goal_id, participant_id, '' AS reason, '' AS what_to_do, NULL::TIMESTAMP AS since FROM goal LIMIT 0
    ),
    known_alarm AS (FROM known_rejection LIMIT 0),
    known_ruled AS (SELECT NULL::TEXT AS goal_id, NULL::INTEGER AS version WHERE FALSE),
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


@dataclass
class Known:
    """Answers by question; `trouble`: why the store could not be asked. `waiting` is None where that is not known.

    `gone`: whose files, of those that count, are not in the inbox: person, the first of them, how many.
    """

    answers: dict[str, list[Row]]
    waiting: list[Row] | None = None
    trouble: StoreError | None = None
    gone: list[tuple[str, str, int]] = field(default_factory=list)
    loaded: tuple[int, int] = (0, 0)  # how many files of how many people


def ask(warehouse: Path, questions: dict[str, str], parameters: Row, scan: Scan | None = None) -> Known:
    """Ask the store, else the published database, else nobody: every question has an answer, if only an empty one.

    `scan`: what lies in the inbox, where that is to be compared with what is loaded.
    """
    try:
        con = _open_store(warehouse)
    except StoreError as error:
        try:
            return Known({name: _asked(warehouse, sql, parameters) for name, sql in questions.items()}, None, error)
        except StoreError:
            return Known({name: [] for name in questions}, None, error)
    store = Store(con, warehouse)
    try:
        answers = ask_open(store, questions, parameters)
        if scan is None:
            return Known(answers)
        columns = {"who": scan.who, "path": scan.path, "size": scan.size, "modified": scan.modified_ns}
        waiting = _rows(store, _WAITING, columns)
        return Known(answers, waiting, gone=store_inbox.gone(store, scan), loaded=store_inbox.loaded(store))
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
