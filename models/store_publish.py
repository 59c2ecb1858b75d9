"""Publishing: a complete, consistent copy for analysts, put in place in one step.

The file of every run is a new one. It begins with nothing or, most nights, as a copy of the one before; then only the
rows that differ are written. What differs is found by comparing all of them, not by remembering what was touched: both
ways end in the same rows.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import duckdb

from models.store import Store
from models.store_connect import attach, is_plain
from models.store_file import draft, put_in_place, sql_files, to_disk
from models.store_key import key_of

NAME = "analytics.duckdb"
PUBLISHED = f"analytics-{'[0-9a-f]' * 32}.duckdb"  # what it is a link to: named after the run
# Rows that were replaced leave room behind, and new ones are not in order: so often its size anew is too large.
_GROWN = 2


class Published(NamedTuple):
    """The file published last, as the store remembers it."""

    file: str
    form: str  # fingerprint of the statements that made its tables
    bytes: int
    mtime_ns: int
    bytes_anew: int  # when it was last written from nothing


def publish(store: Store, run: dict, *, anew: bool = False) -> Path:
    """Write the run down and replace the published database; returns its path.

    Analysts open it at any time: `analytics.duckdb` is a link to a file that is never written again. The new file is
    complete and on the disk before the link is moved; the one before stays for those who have it open. What fails or
    dies on the way leaves the old one, and no run that says it had come to its end. `anew`: no byte of the file before
    is in the new one.
    """
    names, marks = ", ".join(f'"{name}"' for name in run), ", ".join("?" * len(run))
    store.con.execute("CREATE OR REPLACE TEMP TABLE this_run AS FROM run LIMIT 0")
    store.con.execute(f"INSERT INTO this_run ({names}) VALUES ({marks})", list(run.values()))
    store.run_sql("publish")
    made, target = draft(store.folder, NAME), store.folder / f"analytics-{run['run_id']}.duckdb"
    form = hashlib.sha256("".join(text for _, text in sql_files("publish/form")).encode()).hexdigest()
    last = None if anew else _last(store, form)
    if not (last and _renew(store, store.folder / last.file, made)):
        _make(store, made)
        last = None
    put_in_place(made, target)
    link = store.folder / NAME
    before = os.readlink(link) if link.is_symlink() else None
    os.symlink(target.name, made)
    os.replace(made, link)
    to_disk(store.folder)
    is_now = target.stat()
    with store.transaction():
        store.con.execute("INSERT INTO run FROM this_run")
        store.con.execute("DELETE FROM published")
        anew_at = last.bytes_anew if last else is_now.st_size
        row = Published(target.name, form, is_now.st_size, is_now.st_mtime_ns, anew_at)
        store.con.execute("INSERT INTO published VALUES (?, ?, ?, ?, ?)", row)
    key = key_of(store.folder)
    for old in store.folder.glob(PUBLISHED):
        was_plain = key is not None and old.name != target.name and is_plain(old)
        if old.name not in (target.name, before) or was_plain:
            old.unlink()
    store.whole()
    return link


def _last(store: Store, form: str) -> Published | None:
    """The file before, where the new one may begin with it: nobody wrote to it, its tables are of today's form, it has
    not grown for too long, and it is encrypted where today's is to be."""
    for last in map(Published._make, store.rows("FROM published")):
        path = store.folder / last.file
        with suppress(FileNotFoundError):
            found = path.stat()
            if (
                (last.form, last.bytes, last.mtime_ns) == (form, found.st_size, found.st_mtime_ns)
                and last.bytes <= _GROWN * last.bytes_anew
                and is_plain(path) == (key_of(store.folder) is None)
            ):
                return last
    return None


def _make(store: Store, made: Path) -> None:
    """Write the published file from nothing."""
    for left in (made, made.with_name(made.name + ".wal")):
        left.unlink(missing_ok=True)
    # the oldest form that this DuckDB writes and that older ones do read: analysts' clients may be older than ours
    attach(store.con, made, "out", key_of(store.folder), form="v1.0.0")
    try:
        with store.transaction():  # one wait for the disk, not one for each of hundreds of comments
            store.run_sql("publish/form")
            for relation, rows, order in _relations():
                store.con.execute(f"INSERT INTO out.{relation} BY NAME {rows} ORDER BY {order}")
        store.con.execute("CHECKPOINT out")
    finally:
        store.con.execute("DETACH out")


def _renew(store: Store, last: Path, made: Path) -> bool:
    """Write it as a copy of the last one with the rows of today; False where it has to be made from nothing.

    That is where a person has left the study (nothing of them may stay behind, not even in room of the file that is no
    longer used), and where the last one cannot be read.
    """
    shutil.copyfile(last, made)
    try:
        attach(store.con, made, "out", key_of(store.folder))
        try:
            if store.rows("FROM out.participant ANTI JOIN participant USING (participant_id)"):
                return False
            with store.transaction():
                for relation, rows, _ in _relations():
                    _replace(store, relation, rows)
            store.con.execute("CHECKPOINT out")
        finally:
            store.con.execute("DETACH out")
    except duckdb.Error:  # a damaged block, say; a fault that is not the last file's comes again, and is told then
        return False
    return True


def _replace(store: Store, relation: str, rows: str) -> None:
    """Bring a published relation to these rows. Rows are told apart by a hash of 64 bits over all their columns, and
    counted, for not every relation has a key."""
    described = store.rows(f"SELECT column_name, column_type FROM (DESCRIBE out.{relation})")
    columns = ", ".join(f'"{name}"' for name, _ in described)
    as_kept = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in described)
    today = f"SELECT {as_kept} FROM ({rows})"
    [(differ,)] = store.rows(
        f"""CREATE OR REPLACE TEMP TABLE differing AS
            SELECT row_hash FROM (
                SELECT hash({columns}) AS row_hash, 1 AS n FROM out.{relation}
                UNION ALL SELECT hash({columns}), -1 FROM ({today})
            ) GROUP BY row_hash HAVING sum(n) <> 0"""
    )
    if differ:
        store.con.execute(f"DELETE FROM out.{relation} WHERE hash({columns}) IN (FROM differing)")
        store.con.execute(f"INSERT INTO out.{relation} FROM ({today}) WHERE hash({columns}) IN (FROM differing)")


def _relations() -> Iterator[tuple[str, str, str]]:
    """The published relations: name, query of the rows, and the order that they have in a file made from nothing."""
    for name, text in sql_files("publish/rows"):
        rows, _, order = text.rpartition("\nORDER BY ")
        yield name.removesuffix(".sql").partition("_")[2], rows, order
