"""Somebody's own SQL on the published database: it is answered, and can do nothing else, whatever it says.

Three walls, each complete by itself:

1. One statement is run, and only of a kind that reads (`_one_that_reads`).
2. DuckDB has no access to any file but the published one, which it opened to read; no setting can be changed back.
3. It runs in a process of its own, which the operating system lets make, change and remove no file, then open none, and
   take no more than a bounded amount of memory. What does not fit there is an error, not spilled: it is gone with the
   process, as everything is that a question can break.
"""

from __future__ import annotations

import os
import pickle
import re
import signal
from pathlib import Path

import duckdb

from models.fault import StoreError
from models.store.connect import attach, load_crypto, reach
from models.store.failures import in_sentences
from models.store.key import key_of
from models.store.read import Rows, published_file
from models.system.bounds import take_at_most
from models.system.children import Connection, context
from models.system.confinement import change_no_file, open_nothing

MEMORY = 2_000_000_000  # of DuckDB; the process may have twice that
ANSWER = 128_000_000  # bytes that an answer may have on its way to whoever asked
_NARROWER = "narrow it (WHERE, GROUP BY, LIMIT), or ask the file with a client of your own: `stepwindow query` says how"
_AT_A_TIME = 10_000
_SETTINGS = (
    "TimeZone = 'UTC'",
    "enable_progress_bar = false",
    "enable_external_access = false",
    "allow_persistent_secrets = false",
    "python_enable_replacements = false",
    f"memory_limit = '{MEMORY}B'",
    f"threads = {min(os.cpu_count() or 1, 8)}",
    "lock_configuration = true",
)
_IS_FIRST = duckdb.__version__ < "2"
_NO_QUESTION = re.compile(  # for DuckDB 1 they are a SELECT
    r"(\s|;|--[^\n]*\n|/\*.*?\*/)*(explain\s+(analyze\s+)?)?pragma\b|.*\b(en|dis)able_logging\b\W*\(",
    re.IGNORECASE | re.DOTALL,
)
_KINDS = """SELECT TIMESTAMPTZ '2026-03-09 12:00:00+00', TIME '12:00', DATE '2026-03-09', INTERVAL 1 DAY, uuid(),
    1.5::DECIMAL(9, 3), [1], {'a': 1}, 'x'::BLOB"""


def ask(warehouse: Path, sql: str) -> Rows:
    """What somebody's own SQL answers on the published database: column names and rows.

    StoreError, one line, where there is no database yet, the SQL is wrong or does not only read, or the answer is more
    than this machine should hold.
    """
    return ask_file(published_file(warehouse), key_of(warehouse), sql)


def ask_file(file: Path, key: str | None, sql: str, beside: str = "") -> Rows:
    """The same of any database file. `beside`: the folder of files that its views read, and that SQL may read, too."""
    if any(0xD800 <= ord(character) < 0xE000 for character in sql):
        raise StoreError("the query: it holds bytes that are no UTF-8; write them as text, or leave them out")
    made_by = context()
    mine, theirs = made_by.Pipe(duplex=False)
    process = made_by.Process(target=_answer, args=(theirs, file, key, sql, beside))
    process.start()
    theirs.close()
    try:
        columns, rows = _next_part(mine), []
        while part := _next_part(mine):
            rows += part
        return columns, rows
    except EOFError:
        raise StoreError(f"the query: it needs more memory than it may have; {_NARROWER}") from None
    finally:
        process.kill()
        process.join()
        mine.close()


def _next_part(by: Connection) -> list:
    """The next part of an answer; what went wrong over there is raised here."""
    part = pickle.loads(by.recv_bytes())
    if isinstance(part, Exception):
        raise part
    return part


def _answer(out: Connection, file: Path, key: str | None, sql: str, beside: str) -> None:
    """Answer one question, in the process that is made for it: the columns, the rows in parts, an empty part."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever asked is interrupted, and says so
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where memory ends, more than one library has something to say
    try:
        change_no_file()
        take_at_most(2 * MEMORY)
        with in_sentences(file):
            con = walled(file, key, beside)
        statement = _one_that_reads(con, sql)
        con.execute(_KINDS).fetchall()  # loads what answers are made of
        if not beside:
            open_nothing()
        _send(out, con.execute(statement) if statement else None)
    except Exception as fault:
        out.send_bytes(pickle.dumps(in_words(fault)))


def _send(out: Connection, result: duckdb.DuckDBPyConnection | None) -> None:
    left = ANSWER
    out.send_bytes(pickle.dumps([column[0] for column in result.description or []] if result else []))
    while rows := result.fetchmany(_AT_A_TIME) if result else []:
        part = pickle.dumps(rows)
        left -= len(part)
        if left < 0:
            raise StoreError(f"the query: its answer is larger than {ANSWER // 10**6} MB; {_NARROWER}")
        out.send_bytes(part)
    out.send_bytes(pickle.dumps([]))


def in_words(fault: Exception) -> Exception:
    """A fault of a question as whoever asked is told it: in one line, where it is DuckDB's."""
    if isinstance(fault, MemoryError | duckdb.OutOfMemoryException):
        return StoreError(f"the query: it needs more memory than it may have; {_NARROWER}")
    if isinstance(fault, duckdb.Error):
        return StoreError(f"the query: {_said(fault)}")
    return fault


def _said(fault: duckdb.Error) -> str:
    """What DuckDB says in its first line, or, of a file that Python was to open for it, in the last one."""
    lines = [line for line in str(fault).splitlines() if line and not line[0].isspace()] or [type(fault).__name__]
    return lines[-1] if lines[0].startswith("Traceback") else lines[0]


def walled(file: Path, key: str | None, beside: str = "") -> duckdb.DuckDBPyConnection:
    """A database opened so that SQL can read it (and what is `beside`) and nothing else. Close it."""
    # without a folder for what does not fit into memory, and before anything could be loaded
    con = duckdb.connect(
        ":memory:",
        config={"temp_directory": "", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    try:
        if key:
            load_crypto(con)
        attach(con, file, "store", key, read_only=True)
        con.execute("USE store")
        if beside:
            reach(con, beside)
            con.execute("SET allowed_directories = ?", [[beside]])
        for setting in _SETTINGS:
            con.execute(f"SET {setting}")
    except BaseException:
        con.close()
        raise
    return con


def _one_that_reads(con: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement | None:
    """The statement, where there is one and it does nothing but read; None where there is nothing but a remark."""
    statements = con.extract_statements(sql)
    if not statements:
        return None
    if not all(one.query for one in statements):  # DuckDB 1 makes a PIVOT into statements that have no text
        raise StoreError("the query: this DuckDB needs a PIVOT to name its columns; write PIVOT ... ON ... IN (...)")
    if len(statements) > 1:
        raise StoreError("the query: more than one statement; ask one question at a time")
    if not _reads(con, statements[0]) or (_IS_FIRST and _NO_QUESTION.match(sql)):
        raise StoreError(
            "the query: read-only; only one SELECT, FROM, WITH, VALUES, PIVOT, DESCRIBE, SHOW, SUMMARIZE "
            "or EXPLAIN of one of them is answered"
        )
    return statements[0]


def _reads(con: duckdb.DuckDBPyConnection, statement: duckdb.Statement) -> bool:
    kind, text = _kind(statement), statement.query.strip()
    if kind == duckdb.StatementType.EXPLAIN:  # ANALYZE runs what it explains
        explained = re.fullmatch(r"explain(\s+analyze)?\b(.*)", text, re.IGNORECASE | re.DOTALL)
        return explained is not None and _is_one(con, explained[2])
    if kind == duckdb.StatementType.MULTI:  # a PIVOT that looks for its columns, of which other statements may be made
        return _is_one(con, f"FROM (\n{text.rstrip('; ')}\n)", duckdb.StatementType.MULTI)
    return kind == duckdb.StatementType.SELECT


def _is_one(con: duckdb.DuckDBPyConnection, sql: str, kind: duckdb.StatementType = duckdb.StatementType.SELECT) -> bool:
    try:
        found = con.extract_statements(sql)
    except duckdb.Error:
        return False
    return [_kind(statement) for statement in found] == [kind]


def _kind(statement: duckdb.Statement) -> duckdb.StatementType | None:
    """None: one that its Python package has no name for."""
    try:
        return statement.type
    except ValueError:
        return None
