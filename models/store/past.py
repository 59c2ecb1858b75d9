"""The study as of another date, or as it stood, published into a folder of its own that is gone after the block.

A copy of the store is taken back (replay.py), judged, cut off at that date and published beside itself: what is made
from what is published can be made from that, and knows nothing of it. Nothing of the study is changed.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from models.fault import StudyError
from models.store.apart import apart
from models.store.file import ANALYTICS
from models.store.held import Held, by_rows, free_for, held_by, read_held, set_unusable, write_held_goals
from models.store.judge import judge
from models.store.pointer import newest
from models.store.publish import replace_published
from models.store.replay import Past, taken_back
from models.store.resolve import resolve
from models.store.sql import statement
from models.store.store import now
from models.study.study import Study


class PublishedThen(NamedTuple):
    """Where it is published, of which study, as of when; `last`: as of when the last run was that counts for it;
    `lost`: how many files that counted then are nowhere any more; `otherwise`: how many verdicts of that run
    differ from those that its history has."""

    warehouse: Path
    study: Study
    as_of: date
    last: date | None
    lost: int
    otherwise: int


@contextmanager
def published_then(
    study: Study, as_of: date | None, known_by: datetime | None, code_version: str
) -> Iterator[PublishedThen]:
    """Publish the study as of a date with all that is known, or, where `known_by` is given, with what was known then.

    `as_of` None: as of the last run until then. StoreError where there is no store, or while a run holds it.
    """
    with taken_back(study, known_by) as past:
        store = past.store
        last = _last_as_of(past)
        day = as_of or last or _date_of(known_by, past.study)
        stands = last if last and day >= last and not past.until else None
        run_id = uuid.uuid4().hex
        held = _judge(past, day, stands is not None, run_id, code_version)
        if stands and held and newest(study.warehouse).exists():
            shutil.copyfile(newest(study.warehouse).resolve(), store.folder / ANALYTICS)
        row = _rewind(past, day, last, run_id, code_version)
        replace_published(store, row, held=held)
        otherwise = store.rows(statement("store/stood_otherwise"))[0][0] if past.until and day == last else 0
        yield PublishedThen(store.folder, past.study, day, last, past.lost, otherwise)


def _last_as_of(past: Past) -> date | None:
    """As of when the last run was that had come to its end by then."""
    sql = "SELECT as_of FROM run WHERE $until IS NULL OR ended_at <= $until ORDER BY run_number DESC LIMIT 1"
    return next((as_of for (as_of,) in past.store.rows(sql, {"until": past.until})), None)


def _lock(past: Past, as_of: date) -> date | None:
    """The lock of verdicts, where it was in force as of that date and by then."""
    lock = past.study.settings.lock_date
    sql = "SELECT 1 FROM run WHERE as_of >= $lock AND ($until IS NULL OR ended_at <= $until) LIMIT 1"
    if lock is None or as_of < lock or not past.store.rows(sql, {"lock": lock, "until": past.until}):
        return None
    return lock


def _date_of(moment: datetime | None, study: Study) -> date:
    """The date where the clinic is; a moment without a zone is on its clock."""
    if moment is None:
        raise StudyError("no run has come to its end yet; run `stepwindow nightly` first")
    return (moment.astimezone(ZoneInfo(study.timezone)) if moment.tzinfo else moment).date()


def _judge(past: Past, as_of: date, stands: bool, run_id: str, code_version: str) -> dict[str, Held]:
    """Resolve and judge everybody as of the date. Returns who is held.

    `stands`: what is held today is held there, too; as of an earlier time whoever a row holds is judged by the last
    good one, and whoever a fault of stepwindow held is tried anew.
    """
    store, study, _, _ = past
    people, goals = by_rows(store if stands else None, study)
    set_unusable(store, people, goals)
    held = {who: why for who, why in read_held(store).items() if stands and not why.is_by_row} | people
    zones = {who: study.zone_log(who) for who in study.people}
    lock = _lock(past, as_of)

    def resolve_people(part: Sequence[str]) -> int:
        return resolve(store, zones, part)

    def judge_people(part: Sequence[str]) -> int:
        return judge(store, as_of, code_version, study.config_hash, run_id, freeze=False, lock_date=lock, people=part)

    for step, work, everyone in (
        ("resolve", resolve_people, list(zones)), ("judge", judge_people, store.everybody()),
    ):  # fmt: skip
        held |= held_by(step, apart(free_for(everyone, held, step), work, mend=store.mend).failed)
    write_held_goals(store, goals, run_id)
    return held


def _rewind(past: Past, as_of: date, last: date | None, run_id: str, code_version: str) -> dict[str, Any]:
    """Take out of the books what came later, and days after an earlier date. Returns the run to publish: the last one
    that is left, as of the date."""
    store = past.store
    variables = (
        ("until", "TIMESTAMP", past.until),
        ("cut_off", "DATE", as_of if last and as_of < last else None),
        ("this_run", "TEXT", run_id),
    )
    for name, kind, value in variables:
        store.con.execute(f"SET VARIABLE {name} = ?::{kind}", [value])
    with store.transaction():
        store.con.execute(statement("store/rewind"))
        left = store.rows("FROM run ORDER BY run_number DESC LIMIT 1")
        names = store.columns("run")
        if not left:
            return _a_run(run_id, as_of, code_version, past.study.config_hash)
        row = dict(zip(names, left[0], strict=True))
        store.con.execute("DELETE FROM run WHERE run_id = ?", [row["run_id"]])
        return {**row, "as_of": as_of}


def _a_run(run_id: str, as_of: date, code_version: str, config_hash: str) -> dict[str, Any]:
    """In the place of a run where there was none yet."""
    counted = ("files_loaded", "files_rejected", "files_ignored", "files_duplicate", "days_resolved", "weeks_changed")
    return {
        "run_id": run_id, "command": "report", "as_of": as_of, "started_at": now(), "ended_at": now(),
        "outcome": "clean", **dict.fromkeys(counted, 0), "code_version": code_version, "config_hash": config_hash,
    }  # fmt: skip
