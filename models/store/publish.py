"""Publishing: a complete, consistent copy for analysts, put in place in one step.

The file of every run is a new one. It begins with nothing or, most nights, as a copy of the one before; then only what
was noted since (models/store/noted.py) is compared, and what differs is written. Both ways end in the same rows; every
so often all of them are compared. Of people who are held it says what the file before said, and that they are held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from models.fault import StudyError
from models.store import bring, killed
from models.store.apart import apart
from models.store.changes import write_changes
from models.store.connect import FOR_CLIENTS, attach, is_plain
from models.store.file import ANALYTICS, draft, put_in_place
from models.store.form import fingerprint, make
from models.store.held import Held, failed_before, free_for, held_by, write_held
from models.store.judge import judged_as_of
from models.store.key import key_of
from models.store.lock import settle
from models.store.pointer import newest, point_to, target_of
from models.store.store import Store
from models.system.files import copy

PUBLISHED = f"analytics-{'[0-9a-f]' * 32}.duckdb"  # what it is a link to: named after the run
# Rows that were replaced leave room behind, and new ones are not in order: so often its size anew is too large.
_GROWN = 2
# Every so many runs all rows are compared: somebody may have written to the store by other means than ours.
_ALL_OF_IT = 30
_AT_A_TIME = 5_000  # people whose rows are made together: what is sorted and compared is held in memory


class Outcome(NamedTuple):
    """What came of publishing: the file, and who is held in it."""

    path: Path
    held: dict[str, Held]


class Published(NamedTuple):
    """The file published last, as the store remembers it."""

    file: str
    form: str  # fingerprint of the statements that made its tables
    bytes: int
    mtime_ns: int
    bytes_anew: int  # when it was last written from nothing
    as_of: date | None  # of the judging that it tells


def replace_published(
    store: Store, run: dict, *, held: Mapping[str, Held] | None = None, anew: bool = False
) -> Outcome:
    """Write the run down and replace the published database; returns its path, and who is held.

    Analysts open it at any time: `analytics.duckdb` leads to a file that is never written again (pointer.py). The new
    file is complete and on the disk before the name is moved; the one before stays for those who have it open. What
    fails or dies on the way leaves the old one, and no run that says it had come to its end. `held`: for whom something
    failed before; of them, and of those whose rows cannot be written now, the file says what the one before said.
    `anew`: no byte of the file before is in the new one, but for such rows.
    """
    form = fingerprint()
    made, target = draft(store.folder, ANALYTICS), store.folder / f"analytics-{run['run_id']}.duckdb"
    last = None if anew else _last(store, form)
    try:
        found = _write(store, made, last, run, held or {})
    except duckdb.Error:  # a damaged block of the last one, say; what is not its fault comes again, and is raised then
        if last is None:
            raise
        store.mend()
        last = None
        found = _write(store, made, None, run, held or {})
    put_in_place(made, target)
    before = target_of(store.folder)
    point_to(target)
    write_changes(store.folder)
    is_now = target.stat()
    with store.transaction():
        _enter_run(store, "run", run)
        killed.enter(store, "run")
        store.con.doubt()
        anew_at = last.bytes_anew if last else is_now.st_size
        row = Published(target.name, form, is_now.st_size, is_now.st_mtime_ns, anew_at, judged_as_of(store))
        store.con.execute("INSERT INTO published VALUES (?, ?, ?, ?, ?, ?)", row)
        bring.note_whole(store, found)
    settle(store.folder)
    key = key_of(store.folder)
    for old in store.folder.glob(PUBLISHED):
        was_plain = key is not None and old.name != target.name and is_plain(old)
        if old.name not in (target.name, before) or was_plain:
            with suppress(PermissionError):  # a reader on Windows still has it open: the next run removes it
                old.unlink()
    store.replace_old_store()
    return Outcome(newest(store.folder), found)


def _enter_run(store: Store, table: str, run: dict) -> None:
    run = {**run, "run_number": _next_number(store)}
    names, marks = ", ".join(f'"{name}"' for name in run), ", ".join("?" * len(run))
    store.con.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(run.values()))


def _next_number(store: Store) -> int:
    return store.rows("SELECT coalesce(max(run_number), 0) + 1 FROM run")[0][0]


def _last(store: Store, form: str) -> Published | None:
    """The file before, where the new one may begin with it: nobody wrote to it, its tables are of today's form, it has
    not grown for too long, and it is encrypted where today's is to be.

    DuckDB 1.5.0 to 2.0.0 left about one in a hundred of the plain files that were renewed so that DuckDB 1.1 to 1.3
    open nothing of it: these always make it from nothing.
    """
    if key_of(store.folder) is None and tuple(map(int, duckdb.__version__.split(".")[:3])) < (2, 0, 1):
        return None
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


def _write(store: Store, made: Path, last: Published | None, run: dict, held: Mapping[str, Held]) -> dict[str, Held]:
    """Write the draft: as a copy of the last one whose rows are brought to today's, or from nothing.

    Returns who is held in it.
    """
    try:
        is_new = last is None or not _renews(store, store.folder / last.file, made)
        if is_new:
            _begin(store, made)
        return _fill(store, made, is_new, run, held)
    finally:
        _detach(store, "out")


def _fill(store: Store, made: Path, is_new: bool, run: dict, held: Mapping[str, Held]) -> dict[str, Held]:
    """Bring the rows of the draft to today's. Returns who is held in it."""
    before = newest(store.folder).resolve()
    people = [who for (who,) in store.rows("SELECT participant_id FROM participant ORDER BY 1")]

    number = _next_number(store)

    def bring_people(part: Sequence[str]) -> None:
        if is_new:
            bring.fill(store, part)
        else:
            bring.renew(store, part, all_of_it=number % _ALL_OF_IT == 0)

    free = free_for(people, held, "publish")
    if not before.exists():  # of whom a row holds, then, what is in the store: made from the rows that stood
        free = [who for who in people if who not in held or held[who].is_by_row]
    doubtful = failed_before(store, "publish")
    failed: dict[str, BaseException] = {}
    for some in [free] if is_new else _noted_first(store, free):
        failed |= apart(some, bring_people, doubtful, mend=lambda: _mend(store, made), at_most=_AT_A_TIME).failed
    found = {**held, **held_by("publish", failed)}
    write_held(store, found, run["run_id"])
    if is_new and found and before.exists():
        left = [who for who in people if who in found and (who not in free or who in failed)]
        _carry_over(store, before, made, left)
    with store.transaction():
        _enter_this_run(store, run, found)
        bring.renew_study(store, found, is_new)
    store.con.execute("CHECKPOINT out")
    return found


def _noted_first(store: Store, people: Sequence[str]) -> list[list[str]]:
    """Those of whom something was noted, and the others: for each part of people all published rows are passed over,
    where there is anything to compare."""
    noted = bring.noted_people(store)
    return [[who for who in people if (who in noted) is first] for first in (True, False)]


def _renews(store: Store, last: Path, made: Path) -> bool:
    """Begin the draft as a copy of the last file; False where it has to be made from nothing: a person has left the
    study, and nothing of them may stay behind, not even in room of the file that is no longer used."""
    copy(last, made)
    _attach(store, made)
    return not store.rows("FROM out.participant ANTI JOIN participant USING (participant_id)")


def _begin(store: Store, made: Path) -> None:
    """Begin the draft with the relations, empty but for what the codes mean, and the views over them."""
    _detach(store, "out")
    for left in (made, made.with_name(made.name + ".wal")):
        left.unlink(missing_ok=True)
    _attach(store, made)
    make(store)


def _attach(store: Store, made: Path) -> None:
    """The draft as `out`, and what its rows are made with."""
    store.run_sql("publish")
    attach(store.con, made, "out", key_of(store.folder), form=FOR_CLIENTS)


def _detach(store: Store, name: str) -> None:
    with suppress(duckdb.Error):  # it was not attached; or, after a fault of its own, DuckDB does nothing any more
        store.con.execute(f"DETACH DATABASE IF EXISTS {name}")


def _mend(store: Store, made: Path) -> None:
    """Go on with the draft after a statement that failed."""
    store.mend()
    _detach(store, "out")
    _attach(store, made)


def _enter_this_run(store: Store, run: dict, held: Mapping[str, Held]) -> None:
    """The run, and those before it that were killed, as they are published: the store has them when it has ended."""
    if held:
        run["outcome"] = "with people held"
    for table in ("this_run", "killed_run"):
        store.con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM run LIMIT 0")
    _enter_run(store, "this_run", run)
    killed.enter(store, "killed_run")


def _carry_over(store: Store, before: Path, made: Path, held: list[str]) -> None:
    """What the file before said of those who are held, into one that is made from nothing. What it cannot say any more
    is left out: it may be damaged, or of another form."""

    def carry(part: Sequence[str]) -> None:
        attach(store.con, before, "before", key_of(store.folder), read_only=True)
        try:
            bring.carry(store, part)
        finally:
            _detach(store, "before")

    try:
        apart(held, carry, mend=lambda: _mend(store, made))
    except (duckdb.Error, StudyError):
        _mend(store, made)
