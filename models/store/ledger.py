"""The ledger beside the inbox: which of its files lie there now, and which are gone."""

from __future__ import annotations

from models.fault import ALARM, Fault
from models.store.scan import Scan
from models.store.store import Store

# `lies`: TRUE there, FALSE gone (or another content lies at its path), NULL: that cannot be told now.
# `export`: the archive, else the top folder, that a file belongs to. NULL: it lies by itself.
_WHEREABOUTS = """
    CREATE OR REPLACE TEMP TABLE whereabouts AS
    WITH lying AS (
        SELECT unnest($who::TEXT[]) AS participant_id, unnest($path::TEXT[]) AS path,
               unnest($size::BIGINT[]) AS size_bytes, unnest($modified::BIGINT[]) AS modified_ns
    ),
    file AS (FROM {ledger}),
    place AS (
        SELECT l.*, count(f.path) > 0 AS is_known
        FROM lying l LEFT JOIN file f USING (participant_id, path, size_bytes, modified_ns) GROUP BY ALL
    ),
    unseen AS (SELECT unnest($unseen::TEXT[]) AS path)
    SELECT f.file_id, f.participant_id, f.path, f.size_bytes, f.modified_ns, f.sha256, f.status, f.connector,
           split_part(f.path, '!/', 1) AS whole,
           CASE WHEN f.path <> whole THEN whole
                WHEN split_part(f.path, '/', 3) <> '' THEN concat_ws('/', f.participant_id, split_part(f.path, '/', 2))
           END AS export,
           CASE WHEN f.participant_id <> coalesce($only, f.participant_id) THEN NULL
                WHEN itself.path IS NOT NULL THEN
                    CASE WHEN itself.is_known
                         THEN f.size_bytes = itself.size_bytes AND f.modified_ns = itself.modified_ns END
                WHEN archive.path IS NOT NULL THEN
                    CASE WHEN archive.is_known THEN f.modified_ns = archive.modified_ns END
                WHEN EXISTS (FROM unseen u WHERE f.path = u.path OR starts_with(f.path, u.path || '/')) THEN NULL
                ELSE FALSE
           END AS lies
    FROM file f
    LEFT JOIN place itself ON f.participant_id = itself.participant_id AND f.path = itself.path
    LEFT JOIN place archive
      ON f.participant_id = archive.participant_id AND f.path <> split_part(f.path, '!/', 1)
     AND split_part(f.path, '!/', 1) = archive.path"""


def compare(store: Store, scan: Scan, ledger: str = "source_file") -> None:
    """Say of each file of the ledger whether it lies in the inbox (temp table `whereabouts`)."""
    given = {"who": scan.who, "path": scan.path, "size": scan.size, "modified": scan.modified_ns, "only": scan.only,
             "unseen": scan.unseen}  # fmt: skip
    store.con.execute(_WHEREABOUTS.format(ledger=ledger), given)


def loaded(store: Store) -> tuple[int, int]:
    """How many files of how many people of the study are loaded."""
    return store.rows(
        "SELECT count(*), count(DISTINCT participant_id) FROM source_file SEMI JOIN participant USING (participant_id) "
        "WHERE status = 'loaded'"
    )[0]


def gone(store: Store, scan: Scan) -> list[tuple]:
    """Whose files, of those that count, are no longer in the inbox: person, the first of them, how many."""
    compare(store, scan)
    return store.rows(
        "SELECT participant_id, min(whole), count(DISTINCT whole) FROM whereabouts "
        "SEMI JOIN participant USING (participant_id) WHERE status = 'loaded' AND NOT lies GROUP BY ALL ORDER BY ALL"
    )


def is_gone(files: int, people: int) -> Fault:
    """The fault of an inbox in which nothing lies though files were loaded from it."""
    expected = f"what was loaded from it ({counted(files, people)})"
    remedy = "see that the folder or share is mounted and study.toml names it; what was loaded stays as it is"
    return Fault("whole folder", "nothing in it", expected, remedy, file="inbox", kind=ALARM)


def counted(files: int, people: int) -> str:
    """3 files of 1 person."""
    return f"{files:,} {'file' if files == 1 else 'files'} of {people:,} {'person' if people == 1 else 'people'}"
