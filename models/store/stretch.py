"""The stretches of whole exports: what comes or goes with one changes days on which it has no row.

An export that is complete for a stretch replaces an older one there (models/sql/day/020_superseded.sql), so all days of
the stretch are resolved again when it comes, when a part of it comes, and when it goes.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from models.store.store import Store

Export = tuple[str, str]  # whose, and what its files have in common (source_file.export)

_EXPORTS = {"participant_id": pl.String, "export": pl.String}
# From the first to the last date of the exports in `whole` and of the files in `single`, by reader.
_STRETCHES = """
    SELECT l.participant_id, l.connector, min(l.covers_from) AS first, max(l.covers_to) AS last
    FROM source_file s
    SEMI JOIN whole w ON w.participant_id = s.participant_id AND w.export = s.export
    JOIN source_file l ON l.participant_id = s.participant_id AND l.sha256 = s.sha256
    WHERE l.status = 'loaded' AND l.kind = 'archive' AND l.covers_from IS NOT NULL
    GROUP BY l.participant_id, l.connector, s.export
    UNION ALL
    SELECT participant_id, connector, covers_from, covers_to FROM source_file SEMI JOIN single USING (file_id)
    WHERE status = 'loaded' AND kind IS DISTINCT FROM 'selection' AND covers_from IS NOT NULL"""


def stretches(store: Store, files: Collection[int], exports: Collection[Export]) -> pl.DataFrame:
    """Whose, of which reader, `first` and `last`: of these exports, and of these files as far as they are complete."""
    single = pl.DataFrame({"file_id": list(files)}, schema={"file_id": pl.Int32})
    whole = pl.DataFrame(list(exports), schema=_EXPORTS, orient="row")
    with store.registered("single", single), store.registered("whole", whole):
        return store.frame(_STRETCHES)


def exports_of(store: Store, files: Collection[int]) -> set[Export]:
    """The exports that have the content of these files."""
    return set(
        store.rows(
            """SELECT DISTINCT s.participant_id, s.export FROM source_file s
               JOIN source_file l ON l.participant_id = s.participant_id AND l.sha256 = s.sha256
               WHERE l.file_id IN (SELECT unnest(?)) AND s.export IS NOT NULL AND l.kind = 'archive'""",
            [list(files)],
        )
    )


def make_stale(store: Store, spans: pl.DataFrame, cause: str) -> None:
    """The days of spans (participant_id, first, last) are resolved again, and those beside: wear crosses midnight."""
    _insert(store, spans, f"SELECT DISTINCT participant_id, date, '{cause}' FROM touched")


def make_stale_anew(store: Store, spans: pl.DataFrame, files: Collection[int], exports: Collection[Export]) -> None:
    """The same for spans of what these files say, which come now and are parts of these exports.

    A date that lies inside what an export of their kind had told before is corrected; any other is told late.
    """
    single = pl.DataFrame({"file_id": list(files)}, schema={"file_id": pl.Int32})
    whole = pl.DataFrame(list(exports), schema=_EXPORTS, orient="row")
    with store.registered("single", single), store.registered("whole", whole):
        _insert(store, spans, _CORRECTED_OR_LATE)


def _insert(store: Store, spans: pl.DataFrame, days: str) -> None:
    if spans.is_empty():
        return
    with store.registered("spans", spans.select("participant_id", "connector", "first", "last").unique()):
        store.con.execute(f"INSERT INTO stale_day (participant_id, local_date, cause) {_TOUCHED} {days}")


_TOUCHED = """
    WITH touched AS (
        SELECT DISTINCT participant_id, connector,
               unnest(generate_series(first - 1, last + 1, INTERVAL 1 DAY))::DATE AS date
        FROM spans
    )"""
_CORRECTED_OR_LATE = """,
    told AS (
        SELECT f.participant_id, f.connector, min(f.covers_from) AS first, max(f.covers_to) AS last
        FROM source_file f
        SEMI JOIN spans s ON s.participant_id = f.participant_id AND s.connector = f.connector
        ANTI JOIN single n ON n.file_id = f.file_id
        ANTI JOIN whole w ON w.participant_id = f.participant_id AND w.export = f.export
        WHERE f.status = 'loaded'
        GROUP BY f.participant_id, f.connector, if(f.kind = 'archive', coalesce(f.export, f.sha256), f.sha256)
        HAVING max(f.covers_to) - min(f.covers_from) > 1
    )
    SELECT DISTINCT participant_id, date, if(EXISTS (
        FROM told t WHERE t.participant_id = d.participant_id AND t.connector = d.connector
                      AND d.date > t.first AND d.date < t.last), 'corrected_data', 'late_data')
    FROM touched d"""
