"""The store: one DuckDB file that the pipeline alone writes. This module and its `store_*` neighbours import duckdb.

Everything is written in transactions that leave a whole state behind: the ledger row of a file, its rows and the list
of days it touches commit together, so that a night can be killed anywhere and simply be run again.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import duckdb
import polars as pl

from models.store_connect import clear_spill, connect, is_plain, rewrite
from models.store_key import key_of


class StoreError(Exception):
    """The store cannot be used; the text is one line and says what to do."""


class Store:
    """An open store. Close it: nobody else can open the file meanwhile."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.con = connection
        self.folder = folder

    def close(self) -> None:
        """Write everything into the one file and let go of it."""
        self.con.execute("CHECKPOINT")
        self.con.close()
        del self.con  # whoever still holds this object (an engine does) must not hold DuckDB's as well

    def rows(self, sql: str, parameters: list | None = None) -> list[tuple]:
        """All rows of a query."""
        return self.con.execute(sql, parameters or []).fetchall()

    def frame(self, sql: str) -> pl.DataFrame:
        """A query's result as a Polars frame."""
        return pl.DataFrame(self.con.sql(sql).to_arrow_table())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        self.con.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.con.execute("ROLLBACK")
            raise
        self.con.execute("COMMIT")

    def insert(self, table: str, frame: pl.DataFrame) -> None:
        """Append a frame to a table, columns by name."""
        if frame.height == 0:
            return
        columns = ", ".join(f'"{name}"' for name in frame.columns)
        with self.registered("incoming", frame):
            self.con.execute(f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM incoming')

    @contextmanager
    def registered(self, name: str, frame: pl.DataFrame) -> Iterator[None]:
        """A frame that queries can read by name, for as long as the block runs."""
        self.con.register(name, frame.to_arrow())
        try:
            yield
        finally:
            self.con.unregister(name)

    def run_sql(self, folder: str) -> None:
        """Run the relations of models/sql/<folder> in the order of their numbers."""
        for name, text in sql_files(folder):
            try:
                self.con.execute(text)
            except duckdb.Error as error:
                raise RuntimeError(f"models/sql/{folder}/{name}: {error}") from error


def sql_files(folder: str) -> list[tuple[str, str]]:
    """The SQL files of one folder as (name, text), in order."""
    found = [f for f in resources.files("models").joinpath("sql", folder).iterdir() if f.name.endswith(".sql")]
    return [(f.name, f.read_text()) for f in sorted(found, key=lambda f: f.name)]


def open_store(folder: Path) -> Store:
    """Open (or make) the store in a warehouse folder and bring its schema up to date.

    Raises StoreError when another run holds it, or when a newer version of stepwindow made it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "store.duckdb"
    clear_spill(folder)
    try:
        if path.exists() and key_of(folder) and is_plain(path):
            rewrite(path)  # a key was given since: what was plain is encrypted now
        con = connect(path)
    except duckdb.IOException as error:
        text = str(error)
        if "lock" in text:
            holder = text.partition("PID ")[2].partition(")")[0]
            who = f" (process {holder})" if holder else ""
            raise StoreError(
                f"{path.name}: another run{who} is using the store; wait until it ends, then retry"
            ) from None
        problem = text.splitlines()[0]
        raise StoreError(f"{path.name}: cannot be opened ({problem}); move it away and run the night again") from None
    os.chmod(path, 0o600)
    store = Store(con, folder)
    _migrate(store)
    return store


def _migrate(store: Store) -> None:
    """Run the migrations not yet run, each in one transaction with the record that it was."""
    store.con.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT, applied_at TIMESTAMP)")
    done = {name for (name,) in store.rows("SELECT name FROM migration")}
    known = sql_files("migrations")
    if foreign := done - {name for name, _ in known}:
        store.con.close()
        raise StoreError(
            f"store.duckdb: made by a newer version of stepwindow (it has {min(foreign)}); install that version"
        )
    for name, text in known:
        if name not in done:
            with store.transaction():
                store.con.execute(text)
                store.con.execute("INSERT INTO migration VALUES (?, ?)", [name, now()])


def now() -> datetime:
    """The clock of the books (columns ending in _at): UTC, naive. It decides nothing."""
    return datetime.now(UTC).replace(tzinfo=None)


def device_secret(folder: Path) -> bytes:
    """The key of the device pseudonyms: made once, kept beside the store, outside every database."""
    path = folder / "device.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f".device.key.{secrets.token_hex(4)}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(secrets.token_bytes(32))
        os.replace(draft, path)
    return path.read_bytes()


def write_control(store: Store, frames: dict[str, pl.DataFrame]) -> None:
    """Replace the control tables by what the control files say today.

    A changed source priority makes all days of that participant stale; a changed zone log makes the scan read the
    participant's files again (their dates may differ).
    """
    with store.transaction():
        before = store.rows("SELECT participant_id, coalesce(source_priority, ''), zones FROM participant")
        for table, frame in frames.items():
            store.con.execute(f'DELETE FROM "{table}"')
            store.insert(table, frame)
        after = store.rows("SELECT participant_id, coalesce(source_priority, ''), zones FROM participant")
        changed = [who for who, *_ in set(before) ^ set(after)]
        if changed:
            store.con.execute("DELETE FROM local_day WHERE participant_id IN (SELECT unnest(?))", [changed])
            days = "SELECT participant_id, local_date FROM day WHERE participant_id IN (SELECT unnest(?))"
            store.con.execute(f"INSERT INTO stale_day {days}", [changed])
