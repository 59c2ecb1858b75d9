"""The store: one DuckDB file that the pipeline alone writes. This room alone imports duckdb.

Everything is written in transactions that leave a complete state behind: the ledger row of a file, its rows and the
list of days it touches commit together, so that a night can be killed anywhere and simply be run again.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from models.fault import StoreError
from models.store import arrow
from models.store.connect import MEMORY, clear_spill
from models.store.failures import in_sentences
from models.store.file import (
    STORE,
    clear_replays,
    connect_alone,
    draft,
    encrypt,
    make,
    pending,
    put_in_place,
    put_store_in_place,
    tidy,
    upgrade,
)
from models.store.lock import hold, let_go
from models.store.noted import Noting
from models.store.sql import sql_files
from models.system.files import private

if TYPE_CHECKING:
    import polars as pl

# Who is in one of these is somebody that a run has to do with. (What is kept of weeks and windows comes and goes with a
# row of judged_participant.)
_OF_PEOPLE = ("participant", "goal_week", "judged_participant", "unjudged_day")


class Store:
    """An open store. Close it: nobody else can open the file meanwhile."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: Path,
        made_anew: bool = False,
        held: ExitStack | None = None,
    ) -> None:
        self.con: Any = Noting(connection)  # as DuckDB's own, and what is written through it is noted
        self.folder = folder
        self.made_anew = made_anew  # beside the old one, whose place it takes when it is complete
        self.held = held or ExitStack()  # what is let go of with the connection
        self.opened_again: Callable[[], Any] = lambda: None  # what a connection that was given up had besides

    def replace_old_store(self) -> None:
        """What was made anew takes the place of the old store, and is open there."""
        if self.made_anew:
            put_store_in_place(self.con, self.folder)
            self.made_anew = False

    def mend(self) -> None:
        """Go on after a statement that failed: nothing of an open transaction is left.

        Where DuckDB took its own fault for a reason to give the database up, it is opened again; temporary tables,
        macros and variables are gone then. What failed for want of memory may have all that the machine has.
        """
        with suppress(duckdb.Error):  # there is none, or it was rolled back by itself
            self.con.execute("ROLLBACK")
        try:
            self.con.execute("RESET memory_limit")
            self.rows("SELECT count(*) FROM migration")
        except duckdb.Error:
            self._open_again()

    def _open_again(self) -> None:
        self.con.close()
        self.con = Noting(connect_alone(draft(self.folder, STORE) if self.made_anew else self.folder / STORE))
        self.opened_again()

    def everybody(self) -> list[str]:
        """Who is in the study, or left it while something of theirs is still kept."""
        named = " UNION ".join(f"SELECT participant_id FROM {table}" for table in _OF_PEOPLE)
        return [who for (who,) in self.rows(f"FROM ({named}) ORDER BY ALL")]

    def about(self, people: Iterable[str] | None) -> None:
        """Whom the relations of models/sql/day and week are made for (temp table `asked`). None: everybody."""
        asked = list(self.everybody() if people is None else people)
        self.con.execute("CREATE OR REPLACE TEMP TABLE asked AS SELECT unnest(?::TEXT[]) AS participant_id", [asked])

    def close(self) -> None:
        """Write everything into the one file and let go of it."""
        with suppress(duckdb.Error):  # a checkpoint that fails (a full disk) loses nothing: the log beside has it
            self.con.execute("CHECKPOINT")
        self.con.close()
        if self.made_anew:  # it never took the old one's place
            for left in self.folder.glob(f"{draft(self.folder, STORE).name}*"):
                left.unlink()
        del self.con  # whoever still holds this object (an engine does) must not hold DuckDB's as well
        self.held.close()

    def rows(self, sql: str, parameters: list | dict | None = None) -> list[tuple]:
        """All rows of a query."""
        return self.con.execute(sql, parameters or []).fetchall()

    def columns(self, relation: str) -> list[str]:
        """The columns of a table, or of a query in brackets, in order."""
        return [name for (name,) in self.rows(f"SELECT column_name FROM (DESCRIBE FROM {relation})")]

    def frame(self, sql: str) -> pl.DataFrame:
        """A query's result as a Polars frame."""
        return arrow.frame(self.con.sql(sql))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        self.con.execute("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):  # where the fault was the disk's, DuckDB has rolled back by itself
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
        self.con.register(name, arrow.Stream(frame))
        try:
            yield
        finally:
            self.con.unregister(name)

    def judge_in_memory(self, people: Iterable[str] | None, as_of: date, until: str = "") -> None:
        """Make the relations of models/sql/week (those before the number `until`) as of a date; nothing is written."""
        self.about(people)
        self.con.execute("SET VARIABLE as_of = ?::DATE", [as_of])
        self.run_sql("week", until)

    def run_sql(self, folder: str, until: str = "", since: str = "") -> None:
        """Run the files of models/sql/<folder> in the order of their numbers: before the number `until` if it is given,
        from `since` on."""
        for name, text in sql_files(folder):
            if name < since:
                continue
            if until and name >= until:
                return
            try:
                self.con.execute(text)
            except duckdb.Error as error:
                error.add_note(f"in models/sql/{folder}/{name}")
                raise


def open_store(folder: Path, command: str = "a run", *, anew: bool = False) -> Store:
    """Open (or make) the store in a warehouse folder and bring its form up to date.

    `anew`: begin with an empty one, which takes the place of the old when it is complete. Raises StoreError when
    another run holds it, when it is damaged, when a newer version of stepwindow made it, when the disk fails.
    """
    with in_sentences(folder / STORE), ExitStack() as held:
        held.callback(os.umask, os.umask(0o077))  # DuckDB makes its files when it likes: all are for their owner alone
        folder.mkdir(parents=True, exist_ok=True)
        held.callback(let_go, hold(folder, command))
        tidy(folder)
        clear_spill(folder)
        clear_replays(folder)
        encrypt(folder)
        return Store(_connect(folder, anew), folder, anew, held.pop_all())


def _connect(folder: Path, anew: bool) -> duckdb.DuckDBPyConnection:
    if anew or not (folder / STORE).exists():
        return _spare(_connect_to_new(folder, anew))
    os.chmod(folder / STORE, 0o600)  # it may come from a backup
    con = connect_alone(folder / STORE)
    try:
        old = bool(pending(con))
        if old:
            con.execute("CHECKPOINT")
    except BaseException:
        con.close()
        raise
    if old:
        con.close()
        upgrade(folder)
        con = connect_alone(folder / STORE)
    return _spare(con, (folder / STORE).stat().st_size // 4)


def _spare(con: duckdb.DuckDBPyConnection, needed: int = 0) -> duckdb.DuckDBPyConnection:
    """As much memory as is spared, or a quarter of the store: a writer holds all of its indexes."""
    con.execute("SET memory_limit = ?", [f"{max(MEMORY, needed)}B"])
    return con


def _connect_to_new(folder: Path, anew: bool) -> duckdb.DuckDBPyConnection:
    con = make(draft(folder, STORE))
    try:
        if not anew:
            put_store_in_place(con, folder)
    except BaseException:
        con.close()
        raise
    return con


def now() -> datetime:
    """The clock of the books (columns ending in _at): UTC, naive. It decides nothing."""
    return datetime.now(UTC).replace(tzinfo=None)


def device_secret(folder: Path) -> bytes:
    """The key of the device pseudonyms: made once, kept beside the store, outside every database."""
    path = folder / "device.key"
    if not path.exists():
        made = draft(folder, "device.key")
        with open(made, "wb", opener=private) as out:
            out.write(secrets.token_bytes(32))
        put_in_place(made, path)
    if len(key := path.read_bytes()) < 32:
        raise StoreError(
            "device.key: cut off; put it back from a backup, or remove it and `stepwindow backfill --rebuild`"
        )
    return key
