"""Reading what is known, without writing anything and without keeping anybody from writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import duckdb

from models.fault import StoreError
from models.store.connect import connect
from models.store.failures import in_sentences
from models.store.file import STORE, pending
from models.store.lock import undisturbed
from models.store.publish import NAME
from models.store.store import Store

Rows = tuple[list[str], list[tuple]]  # column names, rows


def published_file(warehouse: Path) -> Path:
    """The published database. StoreError where there is none yet."""
    path = warehouse / NAME
    if not path.exists():
        raise StoreError(f"{NAME}: not there yet; run `stepwindow nightly` first")
    return path


def open_published(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """The published database, read-only, in UTC. Close it. StoreError where there is none yet."""
    path = published_file(warehouse)
    with in_sentences(path):
        return connect(path, read_only=True)


class Published:
    """The published database, open for many queries. `mend` opens it again where DuckDB gave it up."""

    def __init__(self, warehouse: Path) -> None:
        self.warehouse = warehouse
        self.con = open_published(warehouse)

    def __call__(self, sql: str, parameters: list | dict | None = None) -> Rows:
        """Column names and rows. StoreError where the query is wrong."""
        return _rows(self.con, sql, parameters)

    def mend(self) -> None:
        """Go on after a query that failed."""
        try:
            self.con.execute("SELECT count(*) FROM participant")
        except duckdb.Error:
            self.con.close()
            self.con = open_published(self.warehouse)


@contextmanager
def published(warehouse: Path) -> Iterator[Published]:
    """Many queries on one state of the published database, whatever a run replaces meanwhile.

    StoreError where nothing is published yet.
    """
    asked = Published(warehouse)
    try:
        yield asked
    finally:
        asked.con.close()


def query_published(warehouse: Path, sql: str, parameters: list | dict | None = None) -> Rows:
    """A query on the published database, read-only. StoreError where there is none yet, or the query is wrong."""
    with published(warehouse) as ask:
        return ask(sql, parameters)


def open_to_read(warehouse: Path) -> Store:
    """The store, for questions only. Close it. StoreError where there is none yet, or while a run holds it."""
    return Store(_open_store(warehouse), warehouse)


def query_store(warehouse: Path, sql: str, parameters: list | dict | None = None) -> Rows:
    """A query on the store itself (file names are only there). StoreError while a run holds it."""
    con = _open_store(warehouse)
    try:
        return _rows(con, sql, parameters)
    finally:
        con.close()


def verdicts_as_of(warehouse: Path, as_of: date, sql: str, parameters: list | dict | None = None) -> Rows:
    """A query on `goal_week`, judged as of another date than the last run's. Nothing is written."""
    con = _open_store(warehouse)
    try:
        con.execute("SET VARIABLE as_of = ?::DATE", [as_of])
        store = Store(con, warehouse)
        store.about(None)
        store.run_sql("week")
        con.execute("CREATE TEMP VIEW goal_week AS FROM goal_week_now")
        return _rows(con, sql, parameters)
    finally:
        con.close()


def _open_store(warehouse: Path) -> duckdb.DuckDBPyConnection:
    path = warehouse / STORE
    if not path.exists():
        raise StoreError(f"{STORE}: not there yet", "run `stepwindow nightly` first")
    with in_sentences(path), undisturbed(warehouse), ExitStack() as opened:
        con = connect(path, read_only=True)
        opened.callback(con.close)
        if pending(con):
            what = f"{STORE}: made by an older version of stepwindow"
            raise StoreError(what, "run `stepwindow nightly` first", "migration")
        opened.pop_all()
    return con


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: list | dict | None) -> Rows:
    try:
        result = con.execute(sql, parameters or [])
    except duckdb.Error as error:
        raise StoreError(f"the query: {str(error).splitlines()[0]}") from None
    return [column[0] for column in result.description or []], result.fetchall()


def day_again(warehouse: Path, who: str, day: date, questions: dict[str, str]) -> dict[str, Rows]:
    """Resolve one day again, in memory, and ask about it: each question sees the relations of models/sql/day.

    Parameters $who and $day stand in the questions. Nothing is written.
    """
    con = _open_store(warehouse)
    try:
        con.execute(
            "CREATE TEMP TABLE stale_day AS SELECT ?::TEXT AS participant_id, ?::DATE AS local_date", [who, day]
        )
        store = Store(con, warehouse)
        store.about([who])
        store.run_sql("day")
        answers = {}
        for name, sql in questions.items():
            result = con.execute(sql, {k: v for k, v in {"who": who, "day": day}.items() if f"${k}" in sql})
            answers[name] = ([column[0] for column in result.description or []], result.fetchall())
        return answers
    finally:
        con.close()
