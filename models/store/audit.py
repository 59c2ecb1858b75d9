"""The audit: what was done to or with the data. Rows are added and never touched again."""

from __future__ import annotations

import contextlib
import getpass
import uuid
from contextlib import closing
from pathlib import Path

import duckdb

from models.store.file import STORE, earlier, earlier_stores
from models.store.pointer import newest
from models.store.store import Store, now, open_store


def record(
    store: Store,
    command: str,
    what: str,
    code_version: str,
    *,
    run_id: str | None = None,
    people: int | None = None,
    files: int | None = None,
    rows: int | None = None,
) -> None:
    """Add an entry. `what` says the kind of thing that was done and names nobody; counts where they are known."""
    entry = [uuid.uuid4().hex, now(), _actor(), command, what, people, files, rows, code_version, run_id]
    store.con.execute(f"INSERT INTO audit VALUES ({', '.join('?' * len(entry))})", entry)


def note(warehouse: Path, command: str, what: str, code_version: str, *, people: int | None = None) -> None:
    """Add an entry where nothing else is done to the store. StoreError while a run holds it for too long."""
    with closing(open_store(warehouse, command)) as store:
        record(store, command, what, code_version, people=people)


def carry_over(store: Store) -> None:
    """A store that was made anew takes over the audit of the one before, also from its copy and what was published.

    What cannot be opened (a damaged store is why one is made anew) is passed over.
    """
    if store.rows("SELECT count(*) FROM audit")[0][0]:
        return
    new = "SELECT * FROM earlier.audit WHERE audit_id NOT IN (SELECT audit_id FROM audit)"
    for path in (store.folder / STORE, *earlier_stores(store.folder), newest(store.folder)):
        with earlier(store.con, path) as is_open, contextlib.suppress(duckdb.Error):
            if is_open:
                store.con.execute(f"INSERT INTO audit BY NAME {new}")


def _actor() -> str | None:
    """The operating system's user, a member of the staff. None where the system knows no name."""
    with contextlib.suppress(OSError, KeyError):
        return getpass.getuser()
    return None
