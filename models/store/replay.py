"""What was known then: the verdicts as of a date by the files that had been loaded until an instant.

A copy of the store is taken back to that instant and judged, by the control files that were in use then
(models/study/versions.py); neither the store nor anything published is touched.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.fault import StudyError
from models.store.control import write_control
from models.store.file import REPLAY, STORE, make
from models.store.held import by_rows, set_unusable
from models.store.lock import held, undisturbed
from models.store.read import open_to_read
from models.store.resolve import resolve
from models.store.rows import forget_rows, make_stale, stretches
from models.store.shards import copy_together
from models.store.sql import statement
from models.store.store import Store, open_store
from models.study.folder import read_as_it_was, read_study
from models.study.frames import control_frames
from models.study.study import Study


class Then(NamedTuple):
    """The answer, and how many files (diaries edited since) were known then and are nowhere any more."""

    columns: list[str]
    rows: list[tuple]
    lost: int


class Past(NamedTuple):
    """A copy of the store, taken back, and the study as it is judged there. `until`: on the clock of the books."""

    store: Store
    study: Study
    until: datetime | None
    lost: int


def replay(
    study: Study, as_of: date, known_by: datetime | None, sql: str, parameters: list | dict | None = None
) -> Then:
    """A query on `goal_week`, judged as of a date with the files loaded until `known_by`, nothing else changed.

    `known_by` is on the clinic's clock where it has no zone; None: all files. StoreError where there is no store, or
    while a run holds it.
    """
    with taken_back(study, known_by) as (store, then, _, lost):
        set_unusable(store, *by_rows(None, then))
        resolve(store, {who: then.zone_log(who) for who in then.people})
        store.judge_in_memory(None, as_of)
        result = store.con.execute(f"WITH goal_week AS (FROM goal_week_now) {sql}", parameters or [])
        return Then([column[0] for column in result.description or []], result.fetchall(), lost)


@contextmanager
def taken_back(study: Study, known_by: datetime | None) -> Iterator[Past]:
    """A copy of the store with what was known by then; its days are to be resolved. It is gone after the block."""
    until = _instant(study, known_by)
    open_to_read(study.warehouse).close()  # it is there and can be read
    with _copy(study.warehouse) as folder:
        study = read_study(study.folder)  # as of the copy: who was forgotten before it is in neither
        if until:
            study = read_as_it_was(study, until)
        store = open_store(folder)
        try:
            write_control(store, control_frames(study, _last_run(store, until)))
            yield Past(store, study, until, _take_back(store, until) if until else 0)
        finally:
            store.close()


def _last_run(store: Store, until: datetime | None) -> date | None:
    """The date of the last run until then, by which days have come or not (R14.5); None: there was no run."""
    sql = "SELECT max(started_at)::DATE FROM run WHERE ended_at <= coalesce($until, ended_at)"
    return store.rows(sql, {"until": until})[0][0]


def _instant(study: Study, known_by: datetime | None) -> datetime | None:
    """On the clock of the books: UTC, naive."""
    try:
        at_clinic = known_by and (known_by if known_by.tzinfo else known_by.replace(tzinfo=ZoneInfo(study.timezone)))
        return at_clinic and at_clinic.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise StudyError(f"--known-by {known_by}: beyond the calendar; give a time such as 2026-03-09T02:00") from None


@contextmanager
def _copy(warehouse: Path) -> Iterator[Path]:
    """A folder with the store's file, whole, as long as the block runs: for its owner alone, on the store's volume.

    Its lock is held from its first moment on: by it a replay that lives is known from the remains of one that died.
    """
    with ExitStack() as stack:
        with undisturbed(warehouse):
            folder = Path(tempfile.mkdtemp(prefix=REPLAY, dir=warehouse))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)  # where its lock, being open, cannot be deleted
            stack.enter_context(held(folder, "backfill --known-by"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            make(folder / STORE).close()
            with closing(open_to_read(warehouse)) as store:
                is_whole = copy_together(store, folder)
            for file in () if is_whole else _parts(warehouse):
                shutil.copyfile(file, folder / file.name)
            for file in _parts(folder):
                os.chmod(file, 0o600)
        yield folder


def _parts(folder: Path) -> list[Path]:
    """The store's file, and the log that a killed run leaves beside it."""
    return [file for file in (folder / STORE, folder / f"{STORE}.wal") if file.exists()]


_LATER = "FROM source_file WHERE if(status = 'loaded', loaded_at, first_seen_at) > $until"


def _take_back(store: Store, until: datetime) -> int:
    """Take out what was not known yet: later files with their rows, later targets. Returns what is lost."""
    with store.transaction():
        files = [n for (n,) in store.rows(f"SELECT file_id {_LATER} AND status = 'loaded'", {"until": until})]
        exports = store.rows(
            f"SELECT DISTINCT participant_id, export {_LATER} AND export IS NOT NULL", {"until": until}
        )
        make_stale(store, stretches(store, [], exports), "late_data")  # of what was known, too, an export may be later
        forget_rows(store, files, "late_data")
        store.con.execute(
            f"UPDATE source_file SET status = 'ignored' WHERE file_id IN (SELECT file_id {_LATER})", {"until": until}
        )
        store.con.execute("DELETE FROM frozen_target WHERE frozen_at > ?", [until])
        store.con.execute("DELETE FROM issued_target WHERE issued_at > ?", [until])
        return store.rows(statement("store/lost_since"), {"until": until})[0][0]
