"""The one road from inbox to verdict. Nightly, backfill and rebuild walk it alike, with another start.

Each step is a plain function over a `Run`. The engine wraps the steps in tasks (flows/nightly.py); without the engine
they are called one after the other. Every step can be killed and walked again: what it had committed stays, what it had
not is done again.
"""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors import Context
from flows import log
from flows.inbox import Cutter, Drop, Folder, Refused, read_chunks, scan
from flows.progress import Progress
from models import store_publish, store_verdicts
from models.activity import Extract
from models.store import Store, device_secret, now, open_store, write_control
from models.store_days import resolve
from models.store_load import Fault, ledger, load, stand_by
from models.study import Study, StudyError, read_study

CODE_VERSION = version("stepwindow")


@dataclass(frozen=True)
class Scope:
    """Which part of the road is walked. The defaults are a night."""

    command: str = "nightly"
    as_of: date | None = None
    participant: str | None = None
    connectors: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    reload: bool = False
    rebuild: bool = False


@dataclass
class Run:
    """A walk along the road: what it works on and what came of it so far."""

    study: Study
    scope: Scope
    store: Store
    as_of: date
    progress: Progress
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started_at: datetime = field(default_factory=now)
    found: int = 0
    files: dict[str, int] = field(default_factory=lambda: {"loaded": 0, "duplicate": 0, "rejected": 0, "ignored": 0})
    kinds: Counter[str] = field(default_factory=Counter)  # files decoded, by reader
    new_faults: list[Fault] = field(default_factory=list)
    standing: int = 0
    days: int = 0
    changes: int = 0
    published: Path | None = None

    @property
    def is_clean(self) -> bool:
        """Nothing was found wrong that had not been found before."""
        return not self.new_faults

    @property
    def counts(self) -> dict[str, int]:
        """What was counted so far, for a log."""
        counted = {"files found": self.found, **self.files, "rejections standing from before": self.standing}
        return counted | {"days resolved": self.days, "verdicts changed": self.changes}


def begin(folder: Path, scope: Scope, progress: Progress | None = None) -> Run:
    """Read the control files and open the store.

    StudyError or StoreError, one line that says what to do, where either is impossible; nothing was written then.
    """
    study = _study(folder, scope)
    log.to_file(study.warehouse)
    with log.stopped(scope.command):
        if scope.rebuild:
            _set_aside(study.warehouse)
        store = open_store(study.warehouse)
    as_of = scope.as_of or study.settings.as_of or datetime.now(ZoneInfo(study.timezone)).date()
    return Run(study, scope, store, as_of, progress or Progress(say=lambda line: None))


def _study(folder: Path, scope: Scope) -> Study:
    study = read_study(folder)
    if scope.participant and scope.participant not in {p.participant_id for p in study.participants}:
        raise StudyError(f"participants.csv: no participant {scope.participant}; check the spelling")
    return study


def plan(folder: Path, scope: Scope) -> dict[str, tuple[int, int]]:
    """What `load_exports` would read: files and bytes per participant. Nothing is written."""
    study = _study(folder, scope)
    store = open_store(study.warehouse)
    try:
        waiting: dict[str, tuple[int, int]] = {}
        cutter, entries = _cutter(study, scope, store), _entries(study, scope)
        for chunk in cutter.chunks(entries):
            for _, drop in chunk:
                files, size = waiting.get(drop.participant_id, (0, 0))
                waiting[drop.participant_id] = (files + 1, size + drop.size)
        return waiting
    finally:
        store.close()


def _set_aside(warehouse: Path) -> None:
    """Put the old store out of the way; it is made anew from the inbox. The old file is kept until the next rebuild."""
    open_store(warehouse).close()  # nobody else may be using it
    os.replace(warehouse / "store.duckdb", warehouse / "store.before-rebuild.duckdb")


def read_control_files(run: Run) -> None:
    """Bring the control files into the store; rows that could not be used are named and stand by."""
    write_control(run.store, run.study.frames())


def load_exports(run: Run) -> None:
    """Read what is new in the inbox and write it down, chunk by chunk: each file whole or not at all."""
    cutter = _cutter(run.study, run.scope, run.store)
    reading = run.progress.over(lambda: _entries(run.study, run.scope))
    for results in read_chunks(reading.marked(cutter.chunks(reading.entries())), os.cpu_count() or 1):
        wanted = [result for result in results if _in_dates(result.extract, run.scope)]
        counts, faults = load(run.store, wanted, CODE_VERSION, run.run_id)
        run.files = {status: run.files[status] + n for status, n in counts.items()}
        run.new_faults += faults
        run.kinds.update(result.connector or "" for result in wanted if result.extract)
        reading.advance()
    run.found = cutter.found
    named = [Fault(r.participant_id, r.path, r.fault.place, r.fault.reason, r.fault.remedy) for r in cutter.refused]
    named += [
        Fault(None, f.file, f.place.removeprefix(f"{f.file} "), f.reason, f.what_to_do, f.value)
        for f in run.study.faults
    ]
    fresh, run.standing = stand_by(run.store, named, run.run_id, whole=run.scope.participant is None)
    run.new_faults += fresh


def _cutter(study: Study, scope: Scope, store: Store) -> Cutter:
    today = datetime.now(ZoneInfo(study.timezone)).date()
    secret = device_secret(study.warehouse)

    def folder_of(participant_id: str) -> Folder:
        context = Context(study.zone_log(participant_id), today, secret)
        return Folder(context, ledger(store, participant_id), scope.connectors, scope.reload)

    return Cutter(folder_of, CODE_VERSION, everything=scope.reload)


def _entries(study: Study, scope: Scope) -> Iterator[Drop | Refused]:
    everyone = {p.participant_id for p in study.participants}
    for entry in scan(study.folder / "inbox", everyone):
        if scope.participant is None or entry.participant_id == scope.participant:
            yield entry


def _in_dates(extract: Extract | None, scope: Scope) -> bool:
    first, last = extract.covers() if extract else (None, None)
    if first is None or last is None:
        return True
    return (scope.until is None or first <= scope.until) and (scope.since is None or last >= scope.since)


def resolve_days(run: Run) -> None:
    """Resolve the participant-days that anything touched."""
    run.days = resolve(
        run.store, {p.participant_id: run.study.zone_log(p.participant_id) for p in run.study.participants}
    )


def judge_weeks(run: Run) -> None:
    """Judge the goals of every week; a verdict that changed gets a new row in the history, the others none."""
    config, freeze = run.study.config_hash, run.scope.as_of is None
    run.changes = store_verdicts.judge(
        run.store,
        run.as_of,
        CODE_VERSION,
        config,
        run.run_id,
        freeze=freeze,
        lock_date=run.study.settings.lock_date,
        only_changed=True,
    )


def publish(run: Run) -> None:
    """Write the run down and replace analytics.duckdb by a copy of what is now known."""
    outcome = "clean" if run.is_clean else "with rejections"
    f = run.files
    row = {
        "run_id": run.run_id, "command": run.scope.command, "as_of": run.as_of, "started_at": run.started_at,
        "ended_at": now(), "outcome": outcome, "files_loaded": f["loaded"], "files_rejected": f["rejected"],
        "files_ignored": f["ignored"], "files_duplicate": f["duplicate"], "days_resolved": run.days,
        "weeks_changed": run.changes, "code_version": CODE_VERSION, "config_hash": run.study.config_hash,
    }  # fmt: skip
    run.published = store_publish.publish(run.store, row)


STEPS: list[Callable[[Run], None]] = [read_control_files, load_exports, resolve_days, judge_weeks, publish]


def walk(run: Run) -> Run:
    """All steps, one after the other, in this process."""
    try:
        with log.told(run), run.progress:
            for step in STEPS:
                log.walked(step, run)
    finally:
        run.store.close()
    return run
