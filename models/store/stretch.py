"""The stretches of whole exports: what comes or goes with one changes days on which it has no row.

An export that is complete for a stretch replaces an older one there (models/sql/day/020_superseded.sql), so all days of
the stretch are resolved again when it comes, when a part of it comes, and when it goes.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from models.store.sql import statement
from models.store.store import Store

Export = tuple[str, str]  # whose, and what its files have in common (source_file.export)

_EXPORTS = {"participant_id": pl.String, "export": pl.String}


def stretches(store: Store, files: Collection[int], exports: Collection[Export]) -> pl.DataFrame:
    """Whose, of which reader, `first` and `last`: of these exports, and of these files as far as they are complete."""
    single = pl.DataFrame({"file_id": list(files)}, schema={"file_id": pl.Int32})
    bundle = pl.DataFrame(list(exports), schema=_EXPORTS, orient="row")
    with store.registered("single", single), store.registered("bundle", bundle):
        return store.frame(statement("store/stretches"))


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
    days = "unnest(generate_series(first - 1, last + 1, INTERVAL 1 DAY))::DATE"
    with store.registered("spans", spans):
        store.con.execute(f"INSERT INTO stale_day SELECT DISTINCT participant_id, {days}, ? FROM spans", [cause])


def make_stale_anew(store: Store, spans: pl.DataFrame, files: Collection[int], exports: Collection[Export]) -> None:
    """The same for spans of what these files say, which come now and are parts of these exports.

    A date that lies inside what an export of their kind had told before is corrected; any other is told late.
    """
    single = pl.DataFrame({"file_id": list(files)}, schema={"file_id": pl.Int32})
    bundle = pl.DataFrame(list(exports), schema=_EXPORTS, orient="row")
    spans = spans.select("participant_id", "connector", "first", "last").unique()
    with store.registered("single", single), store.registered("bundle", bundle), store.registered("spans", spans):
        store.con.execute(statement("store/stale_anew"))
