"""The ledger beside the inbox: what is known of its files, which of them are new, and which are gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from models.fault import ALARM, Fault
from models.store.file_result import Known
from models.store.scan import Scan
from models.store.sql import statement
from models.store.store import Store


@dataclass(frozen=True)
class Now:
    """What decides whether a file that was looked into is looked into again."""

    today: date
    zones: Mapping[str, str]  # fingerprint of where each person of the inbox was
    settings: str  # what of the study's settings decides what some readers read
    installed: Collection[str]  # the readers by name
    readers: str  # and their versions
    retry: bool = False  # what was refused may be read now


def new_files(store: Store, scan: Scan, now: Now) -> list[int]:
    """Which files of the inbox must be looked into, by their number in the scan, in its order."""
    given = {"today": now.today, "settings": now.settings, "installed": list(now.installed), "readers": now.readers,
             "retry": now.retry}  # fmt: skip
    import polars as pl  # here: `status`, `changes` and `query` ask the ledger without a table

    zones = pl.DataFrame(
        {"participant_id": now.zones.keys(), "zones": now.zones.values()}, schema=dict.fromkeys(_ZONED, pl.String)
    )
    with store.registered("zoned", zones):
        asked = (store.rows(statement("store/new_files"), given | part) for part in scan.lying(store))
        return [number for found in asked for (number,) in found]


_ZONED = ("participant_id", "zones")


def of_whom(store: Store) -> set[str]:
    """Whose files the ledger knows."""
    return {who for (who,) in store.rows("SELECT DISTINCT participant_id FROM source_file")}


def known_files(
    store: Store,
    files: Collection[tuple[str, int]],
    installed: Collection[str],
    today: date,
    *,
    of_any_size: bool = False,
) -> dict[str, dict[str, Known]]:
    """What the ledger says, by person and path, that can concern some files: whose each is, and its bytes.

    `installed`: the readers by name. What came of a file may not hold `today`. `of_any_size`: what is packed in
    the files may be known, and would not be told from what is not by reading it.
    """
    known: dict[str, dict[str, Known]] = {who: {} for who, _ in files}
    given = {"who": [who for who, _ in files], "size": [size for _, size in files], "installed": list(installed)}
    given |= {"of_any_size": of_any_size}
    for who, path, *rest in store.rows(statement("store/known_files"), given | {"today": today}):
        known[who][path] = Known(*rest)
    return known


def compare(store: Store, scan: Scan, ledger: str = "source_file") -> None:
    """Find the files of the ledger that do not lie in the inbox as it has them (temp table `absent`, views `gone_file`
    and `present_file`)."""
    store.con.execute(f"CREATE OR REPLACE TEMP VIEW ledger AS FROM {ledger}")
    store.con.execute("CREATE OR REPLACE TEMP TABLE absent (file_id INTEGER, inbox_path TEXT, is_gone BOOLEAN)")
    as_noted = "SELECT unnest(absent) AS a FROM looked WHERE absent <> [] AND participant_id IN (SELECT unnest(?))"
    store.con.execute(f"INSERT INTO absent SELECT unnest(a) FROM ({as_noted})", [[*scan.as_noted]])
    for part in scan.lying(store):
        store.con.execute(statement("store/absent"), {"only": scan.only, "unseen": scan.unseen, **part})
    store.con.execute(statement("store/gone_and_present"))


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
        "SELECT participant_id, min(inbox_path), count(DISTINCT inbox_path) FROM gone_file JOIN absent USING (file_id) "
        "SEMI JOIN participant USING (participant_id) WHERE status = 'loaded' GROUP BY ALL ORDER BY ALL"
    )


def is_gone(files: int, people: int) -> Fault:
    """The fault of an inbox in which nothing lies though files were loaded from it."""
    expected = f"what was loaded from it ({counted(files, people)})"
    remedy = "see that the folder or share is mounted and study.toml names it; what was loaded stays as it is"
    return Fault("whole folder", "nothing in it", expected, remedy, file="inbox", kind=ALARM)


def counted(files: int, people: int) -> str:
    """3 files of 1 person."""
    return f"{files:,} {'file' if files == 1 else 'files'} of {people:,} {'person' if people == 1 else 'people'}"
