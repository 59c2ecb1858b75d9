"""The ledger beside the inbox: which of its files lie there now, and which are gone."""

from __future__ import annotations

from models.fault import ALARM, Fault
from models.store.scan import Scan
from models.store.sql import statement
from models.store.store import Store


def compare(store: Store, scan: Scan, ledger: str = "source_file") -> None:
    """Say of each file of the ledger whether it lies in the inbox (temp table `whereabouts`)."""
    given = {"who": scan.who, "path": scan.path, "size": scan.size, "modified": scan.modified_ns, "only": scan.only,
             "unseen": scan.unseen}  # fmt: skip
    store.con.execute(f"CREATE OR REPLACE TEMP VIEW ledger AS FROM {ledger}")
    store.con.execute(statement("store/whereabouts"), given)


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
        "SELECT participant_id, min(inbox_path), count(DISTINCT inbox_path) FROM whereabouts "
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
