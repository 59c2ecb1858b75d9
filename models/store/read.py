"""Reading what is known, without writing anything and without keeping anybody from writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from models.fault import StoreError
from models.store.connect import connect
from models.store.failures import in_sentences
from models.store.file import ANALYTICS, STORE, refuse_older
from models.store.lock import undisturbed
from models.store.pointer import newest
from models.store.shards import join_to_read
from models.store.store import Store

_WHAT_CHANGED = "230"  # from there on models/sql/week is about what changed since the last judging
Rows = tuple[list[str], list[tuple]]  # column names, rows
Answers = dict[str, list[dict[str, Any]]]  # rows by question


def published_file(warehouse: Path) -> Path:
    """The published database. StoreError where there is none yet."""
    path = newest(warehouse)
    if not path.exists():
        raise StoreError(f"{ANALYTICS}: not there yet; run `stepwindow nightly` first")
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

    def ask(self, sql: str, **given: Any) -> list[dict[str, Any]]:
        """Rows by column name, with those of the parameters that the query asks for."""
        names, rows = self(sql, {name: value for name, value in given.items() if f"${name}" in sql})
        return [dict(zip(names, row, strict=True)) for row in rows]

    @contextmanager
    def only(self, people: Iterable[str]) -> Iterator[None]:
        """While the block runs, questions see the rows of these people alone, and of nobody else's: each relation is
        hidden by a view of them. What asks for everybody's all the same says `store.` before a name."""
        self("CREATE OR REPLACE TEMP TABLE seen_person AS SELECT unnest($1::TEXT[]) AS participant_id", [[*people]])
        sql = """SELECT table_name FROM duckdb_columns() SEMI JOIN duckdb_tables() USING (database_name, table_name)
                 WHERE database_name = 'store' AND column_name = 'participant_id'"""
        hidden = [name for (name,) in self(sql)[1]]
        try:
            for name in hidden:
                theirs = f"FROM store.{name} SEMI JOIN seen_person USING (participant_id)"
                self(f"CREATE OR REPLACE TEMP VIEW {name} AS {theirs}")
            yield
        finally:
            for name in hidden:
                with suppress(StoreError):  # it was mended meanwhile, and is not there any more
                    self(f"DROP VIEW temp.{name}")

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
    path = warehouse / STORE
    if not path.exists():
        raise StoreError(f"{STORE}: not there yet", "run `stepwindow nightly` first")
    with in_sentences(path), undisturbed(warehouse), ExitStack() as opened:
        con = connect(path, read_only=True)
        opened.callback(con.close)
        refuse_older(con)
        join_to_read(con, warehouse)
        opened.pop_all()
    return Store(con, warehouse)


def query_store(warehouse: Path, sql: str, parameters: list | dict | None = None) -> Rows:
    """A query on the store itself (file names are only there). StoreError while a run holds it."""
    with closing(open_to_read(warehouse)) as store:
        return _rows(store.con, sql, parameters)


def verdicts_as_of(warehouse: Path, as_of: date, sql: str, parameters: list | dict | None = None) -> Rows:
    """A query on `goal_week`, judged as of another date than the last run's. Nothing is written."""
    with closing(open_to_read(warehouse)) as store:
        store.judge_in_memory(None, as_of, until=_WHAT_CHANGED)
        store.con.execute("CREATE OR REPLACE TEMP VIEW goal_week AS FROM goal_week_now")
        return _rows(store.con, sql, parameters)


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: list | dict | None) -> Rows:
    try:
        result = con.execute(sql, parameters or [])
    except duckdb.Error as error:
        raise StoreError(f"the query: {str(error).splitlines()[0]}") from None
    return [column[0] for column in result.description or []], result.fetchall()


def answers(con: duckdb.DuckDBPyConnection, questions: dict[str, str], given: dict[str, Any]) -> Answers:
    """The rows of each question; it gets those of the parameters that it has."""
    found = {}
    for name, sql in questions.items():
        result = con.execute(sql, {key: value for key, value in given.items() if f"${key}" in sql})
        columns = [column[0] for column in result.description or []]
        found[name] = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    return found


def day_again(warehouse: Path, who: str, day: date, questions: dict[str, str]) -> Answers:
    """Resolve one day again, in memory, and ask about it: questions see the relations of models/sql/day.

    Parameters $who and $day stand in the questions. Nothing is written.
    """
    with closing(open_to_read(warehouse)) as store:
        store.con.execute("DROP VIEW IF EXISTS temp.main.stale_day")  # where it is one of all shards
        stale = "CREATE TEMP TABLE stale_day AS SELECT ?::TEXT AS participant_id, ?::DATE AS local_date"
        store.con.execute(stale, [who, day])
        store.about([who])
        store.run_sql("day")
        return answers(store.con, questions, {"who": who, "day": day})


def week_again(warehouse: Path, who: str, as_of: date, questions: dict[str, str], given: dict[str, Any]) -> Answers:
    """Judge one person's weeks again, in memory, and ask about them: questions see the relations of models/sql/week.

    Parameters of `given` stand in the questions as $name. Nothing is written.
    """
    with closing(open_to_read(warehouse)) as store:
        store.judge_in_memory([who], as_of, until=_WHAT_CHANGED)
        return answers(store.con, questions, given)


def engine_fault() -> str | None:
    """Why DuckDB cannot turn instants into dates here, with nothing to be fetched; None where it can."""
    try:
        with closing(duckdb.connect(config={"autoinstall_known_extensions": "false"})) as con:
            sql = "SELECT (TIMESTAMPTZ '2026-03-08 12:00:00+00' AT TIME ZONE 'America/New_York')::TEXT"
            (local,) = con.execute(sql).fetchone() or ("",)
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return None if local == "2026-03-08 08:00:00" else f"noon in London is {local} in New York on 2026-03-08"


def unread_tables(warehouse: Path) -> list[str]:
    """Tables of the store of which some row cannot be read. StoreError where the store cannot be opened."""
    with closing(open_to_read(warehouse)) as store:
        broken = []
        for (table,) in store.rows("SELECT table_name FROM duckdb_tables() WHERE database_name = 'store'"):
            try:
                store.rows(f'SELECT bit_xor(hash(t)) FROM "{table}" t')  # hashing reads every block
            except duckdb.Error:
                broken.append(table)
        return broken


def last_runs(warehouse: Path) -> tuple[tuple | None, tuple | None]:
    """(run_id, started_at) of the last run in the store and in the published database; None where there is none."""
    sql = "SELECT run_id, started_at FROM run ORDER BY run_number DESC LIMIT 1"
    _, in_store = query_store(warehouse, sql)
    try:
        _, in_published = query_published(warehouse, sql)
    except StoreError:
        in_published = []
    return next(iter(in_store), None), next(iter(in_published), None)
