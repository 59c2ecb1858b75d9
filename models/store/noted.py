"""Whose rows were written since the last publishing, and of what: what publishing compares is what is noted here.

What is not noted is not compared; so nothing may be forgotten, and the noting is left to nobody who writes. The
connection itself notes each row that a statement takes out of one of the tables `PARTS`, or puts into it, and in the
transaction of that statement: as the row's hash, -1 or +1. What is put back as it was cancels out. (It is what a
trigger does. DuckDB has them from 2.0 on, in files of a form that DuckDB 1.5 does not open.)

Notes are kept as long as the store remembers the file that was published last. Where it remembers none the next one is
made from nothing, and nothing needs to be noted: so a doubt is ended by forgetting that file (`doubt`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import duckdb

from models.store.arrow import Stream, frame

# The tables that published rows are made of, and the column that says, beside the person, which part of them a row is
# about: what is published of the other parts does not rest on it. None: it may concern all that is published of them.
PARTS: dict[str, str | None] = {
    "attendance": None, "covariate": None, "day": "local_date", "day_hours": "local_date", "device": None, "goal": None,
    "goal_week": "infusion_id", "held_goal": None, "infusion": None, "judged_goal": None, "judged_infusion": None,
    "judged_participant": None, "judging": None, "kept_activity": "infusion_id", "kept_baseline": "infusion_id",
    "kept_window": "infusion_id", "outcome": None, "participant": None, "post_lock_difference": "infusion_id",
    "rejection": None, "session": "session_id", "source_day": "local_date", "source_file": "sha256",
    "standing_session": "session_id", "study": None, "verdict": "infusion_id",
}  # fmt: skip
WHOLE = "person"  # of no table: a person of whom all that is published is to be compared
OF_THE_STUDY = ("judging", "study")  # they are about nobody: a note of them has no person
MOST = 2_000_000  # notes that are worth keeping: beyond, making everything anew is cheaper
# What writes in a way of which DuckDB tells no rows: it is executed, and is a doubt.
_OTHERWISE = r"EXPLAIN|PREPARE|EXECUTE|ALTER|DROP(?!\s+VIEW\b)|COPY|IMPORT|CREATE\s+OR\s+REPLACE\s+TABLE"
_MAY_WRITE = re.compile(rf"\b(?:INSERT|DELETE|UPDATE|TRUNCATE|MERGE|{_OTHERWISE})\b", re.IGNORECASE)
_WRITES_OTHERWISE = re.compile(rf"\s*(?:{_OTHERWISE})\b", re.IGNORECASE)
_PASSED_ON = {"close", "cursor", "extract_statements", "register", "unregister"}  # by which nothing is written
_COMMENT = re.compile(r"--[^\n]*")
_TARGET = re.compile(r'\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|DELETE\s+FROM|UPDATE)\s+([\w."]+)', re.IGNORECASE)
_INSERT, _DELETE, _UPDATE = (getattr(duckdb.StatementType, kind) for kind in ("INSERT", "DELETE", "UPDATE"))
_WRITING = (_INSERT, _DELETE, _UPDATE, duckdb.StatementType.MERGE_INTO)
UNTOLD = "?"


class Noting:
    """A connection to a store that notes what is written; what it could not note it does not do."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._con = connection
        self._fresh: list[Any] = []  # frames: notes of the transaction that is open
        self._is_open = False
        self._notes = False
        self._columns: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in _PASSED_ON:
            raise AttributeError(f"{name}: what is written by it would not be noted; use execute")
        return getattr(self._con, name)

    def sql(self, query: str) -> Any:
        """As DuckDB's, of a question. ValueError where it would write."""
        if _MAY_WRITE.search(query) and any(map(_table_of, self._con.extract_statements(query))):
            raise ValueError("what is written by it would not be noted; use execute")
        return self._con.sql(query)

    def execute(self, query: Any, parameters: Any = None) -> Any:
        """As DuckDB's, and what it writes is noted. Of statements that are noted the result is not returned."""
        if query in ("BEGIN", "COMMIT", "ROLLBACK"):
            return self._bound(query)
        if not _MAY_WRITE.search(query) or not self._are_made():
            return self._con.execute(query, parameters)
        statements = [(one, _table_of(one)) for one in self._con.extract_statements(query)]
        if not any(table for _, table in statements):
            return self._con.execute(query, parameters)
        with ExitStack() as whole:
            if not self._is_open:  # a statement of its own and its notes: both or neither
                whole.enter_context(self._transaction())
            for one, table in statements:
                given = parameters if parameters and one.named_parameters else None
                if table == UNTOLD:
                    self.doubt()
                if table in PARTS:
                    self._note(one, table, given)
                else:
                    self._con.execute(one, given)
        return self._con

    def executemany(self, query: str, rows: Iterable[Any]) -> None:
        """As DuckDB's, one after the other, so that these are noted, too."""
        for row in rows:
            self.execute(query, row)

    def _are_made(self) -> bool:
        """Whether there are notes to be made: whether the store remembers the file published last."""
        if not self._notes and not self._is_open:
            with suppress(duckdb.CatalogException, duckdb.BinderException):  # a database of another kind
                self._notes = bool(self._con.execute("FROM store.published LIMIT 1").fetchall())
        return self._notes

    def _bound(self, word: str) -> Any:
        """Begin or end a transaction."""
        if word == "BEGIN":
            self._are_made()
        if word == "COMMIT" and self._fresh:
            self._keep()
        self._fresh, self._is_open = [], word == "BEGIN"
        return self._con.execute(word)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._bound("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(duckdb.Error):
                self._bound("ROLLBACK")
            raise
        self._bound("COMMIT")

    def _note(self, one: Any, table: str, given: Any) -> None:
        """Execute a statement that writes into a table of `PARTS`, and note the rows.

        Of an update DuckDB tells what the rows became and not what they were: no hash, so that nothing cancels it out.
        """
        if table not in self._columns:
            named = self._con.execute(f"SELECT column_name FROM (DESCRIBE FROM {table})").fetchall()
            self._columns[table] = ", ".join(f'"{name}"' for (name,) in named)
        who = "NULL" if table in OF_THE_STUDY else "participant_id"
        date, part = (PARTS[table], None) if PARTS[table] == "local_date" else (None, PARTS[table])
        row_hash = "NULL" if one.type == _UPDATE else f"hash({self._columns[table]})"
        told = (
            f"'{table}' AS source, {who}::TEXT AS participant_id, {date or 'NULL'}::DATE AS local_date, "
            f"{part or 'NULL'}::TEXT AS part, {row_hash}::UBIGINT AS row_hash, {-1 if one.type == _DELETE else 1} AS n"
        )
        text = f"{one.query.rstrip().removesuffix(';')}\nRETURNING {told}"
        found = frame(self._con.sql(text, params=given))
        if found.height:
            self._fresh.append(found)

    def _keep(self) -> None:
        """Write down the notes of this transaction."""
        import polars as pl  # not at the top: who writes nothing does without

        if not self._notes:  # there was a doubt
            return
        self._con.register("fresh_notes", Stream(pl.concat(self._fresh)))
        try:
            self._con.execute("INSERT INTO store.unpublished BY NAME FROM fresh_notes")
        finally:
            self._con.unregister("fresh_notes")
        if self._con.execute("SELECT count(*) > ? FROM store.unpublished", [MOST]).fetchall()[0][0]:
            self.doubt()

    def doubt(self) -> None:
        """Forget the file published last, and what was written since: the next one is made from nothing."""
        self._con.execute("DELETE FROM store.published; DELETE FROM store.unpublished")
        self._notes = False
        self._columns = {}  # a table may become another one


def _table_of(statement: Any) -> str | None:
    """Which of `PARTS` a statement writes into; None: none of them; UNTOLD: it cannot be told."""
    text = _COMMENT.sub("", statement.query)
    if _WRITES_OTHERWISE.match(text):
        return UNTOLD
    if statement.type not in _WRITING:
        return None
    found = _TARGET.match(text)
    if found is None:
        return UNTOLD
    named = found[1].replace('"', "").lower().removeprefix("store.").removeprefix("main.")
    return named if named in PARTS else None
