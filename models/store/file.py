"""The store's file: how it is opened, made, brought to today's form, and put in place of another.

Whatever is made is made beside (`draft`), put on the disk, and only then given its name: a run that dies leaves the old
file or the new one, and at most a draft, which the next run removes.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import duckdb

from models.fault import BUSY, StoreError, StudyError
from models.store.connect import MEMORY, attach, connect, is_plain, settle
from models.store.failures import in_sentences
from models.store.key import key_of
from models.store.lock import LOCK, held, is_free, patience
from models.store.sql import sql_files
from models.system.files import REPLACES_OPEN, second_name, to_disk

STORE = "store.duckdb"
ANALYTICS = "analytics.duckdb"  # what is published
_PARTS = 32  # of a migration's statement
REPLAY = "replay-"  # how the folders of copies begin on which `--known-by` works


def draft(folder: Path, name: str) -> Path:
    """Where something is made before it gets its name."""
    return folder / f".draft-{name}"


def tidy(folder: Path) -> None:
    """Remove the drafts that runs left when they died."""
    for left in folder.glob(".draft-*"):
        shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def clear_replays(folder: Path) -> None:
    """Delete the copies of replays that died. For whoever holds the store's lock: none begins meanwhile."""
    for copy in _replays(folder):
        with suppress(FileNotFoundError):
            if is_free(copy):
                shutil.rmtree(copy)


def wait_for_replays(folder: Path) -> None:
    """Let the replays end that are under way. For whoever holds the store's lock, as above."""
    for copy in _replays(folder):
        with suppress(FileNotFoundError):  # gone: it ended, and took its copy along
            with held(copy, "forget"):
                shutil.rmtree(copy, ignore_errors=not REPLACES_OPEN)
            shutil.rmtree(copy)  # what could not be deleted while it was open: the lock


def _replays(folder: Path) -> list[Path]:
    """The lock is what a replay makes first in its folder; another folder of such a name is somebody's own."""
    found = [copy for copy in folder.glob(f"{REPLAY}*") if copy.is_dir() and not copy.is_symlink()]
    return [copy for copy in found if (copy / LOCK).exists() or not any(copy.iterdir())]


def put_in_place(made: Path, path: Path) -> None:
    """Give a draft its name, in one step, once it is on the disk; it is for its owner alone."""
    os.chmod(made, 0o600)
    to_disk(made)
    os.replace(made, path)
    to_disk(path.parent)


def connect_alone(path: Path) -> duckdb.DuckDBPyConnection:
    """The writer's connection. Somebody's question to the store is waited for; StoreError names who does not end."""
    give_up = time.monotonic() + patience()
    while True:
        try:
            return connect(path)
        except duckdb.IOException as error:
            if not any(said in str(error) for said in ("set lock on file", "already open")):  # Linux and macOS; Windows
                raise
            if time.monotonic() >= give_up:
                who = str(error).partition("PID ")[2].partition(")")[0]
                what = f"{STORE}: process {who} has it open"
                remedy = "close it there, then run again (analytics.duckdb is the file to have open)"
                raise StoreError(what, remedy, BUSY) from None
            time.sleep(0.05)


def make(path: Path) -> duckdb.DuckDBPyConnection:
    """A store in today's form, open: a new, empty one, or what is there already with the migrations it has not seen.

    Whatever is made so is a draft. A new one is made in one transaction; of one with rows every statement is its own:
    DuckDB before 2.0 commits no rows that were written in the same transaction after their table became another.
    """
    con = connect(path)
    try:
        con.execute("SET memory_limit = ?", [f"{MEMORY}B"])  # a migration may write every row anew
        con.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT, applied_at TIMESTAMP)")
        waiting = pending(con)
        if is_new := len(waiting) == len(sql_files("migrations")):
            con.execute("BEGIN")
        for name, text in waiting:
            migrate(con, text, 1 if is_new else _PARTS)
            con.execute("INSERT INTO migration VALUES (?, now() AT TIME ZONE 'UTC')", [name])
        if waiting:  # nobody notes what they write (noted.py): what is published next is made from nothing
            con.execute("DELETE FROM published; DELETE FROM unpublished")
        if is_new:
            con.execute("COMMIT")
    except BaseException:
        con.close()
        raise
    return con


def migrate(con: duckdb.DuckDBPyConnection, text: str, parts: int = _PARTS) -> None:
    """Execute a migration; a statement that names $part, in parts: what it groups is held in memory. Of a new store,
    which has no rows, one is enough."""
    for one in con.extract_statements(text):
        for given in [{"part": n} for n in range(parts)] if "part" in one.named_parameters else [None]:
            con.execute(one, given)


def put_store_in_place(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The store that is open as a draft takes the place of the old one, and is open there."""
    con.execute("CHECKPOINT")  # all of it is in the one file then
    con.execute("USE memory")
    con.execute("DETACH store")
    replace_store(folder, draft(folder, STORE), name_to_keep(folder))
    attach(con, folder / STORE, "store", key_of(folder))
    con.execute("USE store")


def upgrade(folder: Path) -> None:
    """Bring an older store, which nobody has open, to today's form: on a copy that then takes its place."""
    made = draft(folder, STORE)
    shutil.copyfile(folder / STORE, made)
    try:
        with in_sentences(folder / STORE):
            make(made).close()
    except duckdb.Error as error:
        problem = str(error).splitlines()[0]
        raise StoreError(
            f"{STORE}: cannot be brought to the form of this version ({problem}) and is as it was; "
            "install the version before this one, and report this"
        ) from None
    replace_store(folder, made, "store.before-upgrade.duckdb")


def encrypt(folder: Path) -> None:
    """Where a key was given since the stores were written: what was plain is encrypted, also the copies set aside."""
    if key_of(folder):
        for path in [folder / STORE, *sorted(folder.glob("store.before-*.duckdb"))]:
            if path.exists() and is_plain(path):
                rewrite(path)


def rewrite(path: Path) -> None:
    """Write a database anew, so that no byte of what was deleted is left in it; encrypted where there is a key.

    It is for whoever holds the lock. duckdb.IOException where somebody has the file open.
    """
    key, made = key_of(path.parent), draft(path.parent, path.name)
    with closing(duckdb.connect(":memory:")) as con:
        settle(con, path.parent, key)
        attach(con, path, "old", None if is_plain(path) else key)
        con.execute("CHECKPOINT old")  # no log stays behind that would not fit the new file
        attach(con, made, "fresh", key)
        con.execute("COPY FROM DATABASE old TO fresh")
        con.execute("CHECKPOINT fresh")
        con.execute("DETACH fresh")
        if not REPLACES_OPEN:
            con.execute("DETACH old")
        put_in_place(made, path)  # while the old one is still held, where that can be: nobody writes to it any more


@contextmanager
def earlier(con: duckdb.DuckDBPyConnection, path: Path) -> Iterator[bool]:
    """Another database of the warehouse, to be read as `earlier`; False where there is none or it cannot be opened."""
    is_open = False
    with suppress(duckdb.Error, StudyError):
        if path.exists():
            attach(con, path.resolve(), "earlier", key_of(path.parent), read_only=True)
            is_open = True
    try:
        yield is_open
    finally:
        if is_open:
            with suppress(duckdb.Error):
                con.execute("DETACH earlier")


def earlier_stores(folder: Path) -> list[Path]:
    """The stores that rebuilds set aside, the last one first. Whoever is content with the new one removes them."""
    found = {path: re.fullmatch(r"store\.before-rebuild(?:-(\d+))?\.duckdb", path.name) for path in folder.iterdir()}
    numbers = {path: int(match[1] or 1) for path, match in found.items() if match}
    return sorted(numbers, key=lambda path: -numbers[path])


def name_to_keep(folder: Path) -> str:
    """What the store that a rebuild sets aside is called: no rebuild overwrites what an earlier one kept."""
    number = 1
    while any((folder / f"{_numbered(number)}{log}").exists() for log in ("", ".wal")):
        number += 1
    if last := earlier_stores(folder)[:1]:
        number = max(number, int(re.sub(r"\D", "", last[0].stem) or 1) + 1)
    return _numbered(number)


def _numbered(number: int) -> str:
    return "store.before-rebuild.duckdb" if number == 1 else f"store.before-rebuild-{number}.duckdb"


def replace_store(folder: Path, made: Path, keep_as: str) -> None:
    """Put a complete store in the place of the old one, which is kept under a name (what had it is overwritten)."""
    path, log, old = folder / STORE, folder / f"{STORE}.wal", draft(folder, keep_as)
    if path.exists():
        second_name(path, old)
        put_in_place(old, folder / keep_as)
    if (
        log.exists()
    ):  # the old one is complete without it (the inbox has what it held); the new one would be damaged by it
        os.replace(log, folder / f"{keep_as}.wal")
    put_in_place(made, path)


def refuse_older(con: duckdb.DuckDBPyConnection) -> None:
    """StoreError where a store that is open to be asked is not in today's form."""
    if pending(con):
        what = f"{STORE}: made by an older version of stepwindow"
        raise StoreError(what, "run `stepwindow nightly` first", "migration")


def pending(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """The migrations, (name, text), that a store has not seen. StoreError where it has seen one that is not known."""
    done = {name for (name,) in con.execute("SELECT name FROM migration").fetchall()}
    known = sql_files("migrations")
    if foreign := done - {name for name, _ in known}:
        what = f"{STORE}: made by a newer version of stepwindow (it has {min(foreign)})"
        raise StoreError(what, "install that version")
    return [(name, text) for name, text in known if name not in done]
