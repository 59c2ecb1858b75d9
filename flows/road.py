"""The one road from inbox to verdict. Nightly, backfill and rebuild walk it alike, with another start.

Each step is a plain function over a `Run`. The engine wraps the steps in tasks (flows/nightly.py); without the engine
they are called one after the other. Every step can be killed and walked again: what it had committed stays, what it had
not is done again.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial, wraps
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from connectors import Context
from flows import health, log, reader
from flows.inbox import entries
from flows.progress import Progress
from flows.reader import Batches
from flows.reading import Chunk, Cutter, Folder
from flows.report import write
from models import store_audit, store_forget, store_held, store_publish, store_verdicts
from models.activity import Extract
from models.control_frames import control_frames
from models.inbox_file import Known
from models.store import Store, device_secret, now, open_store, write_control
from models.store_apart import apart
from models.store_days import resolve
from models.store_fault import in_sentences
from models.store_file import STORE
from models.store_held import Held
from models.store_load import Fault, last_run, ledger, load, stand_by
from models.store_read import open_to_read
from models.study import Study, StudyError, read_study

CODE_VERSION = version("stepwindow")
_NO_CLOCK_BEFORE = date(2025, 1, 1)  # there was no stepwindow to say so
Done = TypeVar("Done")


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
    verify: bool = False  # look at the content of every file, also where size and time are as they were
    rebuild: bool = False
    dask: str | None = None  # the address of a cluster that reads

    def in_words(self) -> str:
        """Which part, naming nobody."""
        parts = {
            "one participant": self.participant, "some kinds of export": self.connectors,
            "as of a chosen date": self.as_of, "some dates": self.since or self.until, "decoded again": self.reload,
            "made anew from the inbox": self.rebuild,
        }  # fmt: skip
        return ", ".join(words for words, chosen in parts.items() if chosen) or "all that is new"


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
    report: Path | None = None
    read: Callable[[Iterator[Chunk]], Iterator[Batches]] = field(default_factory=lambda: reader.read_chunks)
    waiting: int = 0  # files that were still being written
    step: str = ""  # the one being taken
    held: dict[str, Held] = field(default_factory=dict)  # for whom a step failed, and why

    @property
    def is_clean(self) -> bool:
        """Nothing was found wrong that had not been found before, and nobody is held."""
        return not self.new_faults and not self.held

    @property
    def amiss(self) -> str:
        """What is not as it should be, in counts."""
        return ", ".join(
            [f"{len(self.new_faults)} not used"] * bool(self.new_faults) + [f"{len(self.held)} held"] * bool(self.held)
        )

    def for_all(self, step: str, everyone: Iterable[str], work: Callable[[Sequence[str]], Done]) -> list[Done]:
        """Take a step for all who are not held; for whom it fails is held. Returns what came of each part of them."""
        free, tried = store_held.but(everyone, self.held), store_held.tried(self.store, step)
        came = apart(free, work, tried, mend=self.store.mend)
        self.held |= store_held.held_by(step, came.failed)
        return came.done

    @property
    def people(self) -> list[str]:
        """The participants."""
        return [p.participant_id for p in self.study.participants]

    @property
    def counts(self) -> dict[str, int]:
        """What was counted so far, for a log."""
        counted = {"files found": self.found, **self.files, "rejections standing from before": self.standing}
        return counted | {
            "days resolved": self.days, "verdicts changed": self.changes, "participants held": len(self.held)
        }  # fmt: skip


def begin(folder: Path, scope: Scope, progress: Progress | None = None) -> Run:
    """Read the control files and open the store.

    StudyError or StoreError, one line that says what to do, where either is impossible; nothing was written then. Who
    is read for is decided under the store's lock: whoever held it before may have changed that.
    """
    with health.while_it_begins(folder, scope.command):
        study = _study(folder, scope)
        log.to_file(study.warehouse)
        with log.stopped(scope.command):
            store = open_store(study.warehouse, scope.command, anew=scope.rebuild)
        try:
            store_forget.restore(store)
            study = _study(folder, scope, store.folder)
            store_audit.carry_over(store)
        except BaseException:
            store.close()
            raise
    as_of = scope.as_of or study.settings.as_of or _today(study)
    return Run(study, scope, store, as_of, progress or Progress(say=lambda line: None))


def _today(study: Study) -> date:
    """The date by this night's clock."""
    return datetime.now(ZoneInfo(study.timezone)).date()


def _judged_by(study: Study, store: Store) -> date:
    """The date by which files are judged: this night's and no earlier one's, so that what a wrong clock said heals by
    the right one (models/aside.py). But a clock whose battery is dead makes nothing "of the future"."""
    today = _today(study)
    return today if today >= _NO_CLOCK_BEFORE else last_run(store, _NO_CLOCK_BEFORE)


def _study(folder: Path, scope: Scope, warehouse: Path | None = None) -> Study:
    """What the control files say now. StudyError also where they no longer name the warehouse that is open."""
    study = read_study(folder)
    if warehouse and study.warehouse != warehouse:
        raise StudyError("study.toml: [warehouse] path was changed while this run waited; run again")
    if scope.participant in study.forgotten:
        raise StudyError(f"{scope.participant}: was forgotten on request; what is left of them here is not read")
    if scope.participant and scope.participant not in {p.participant_id for p in study.participants}:
        raise StudyError(f"participants.csv: no participant {scope.participant}; check the spelling")
    return study


def plan(folder: Path, scope: Scope) -> dict[str, tuple[int, int]]:
    """What `load_exports` would read: files and bytes per participant. Nothing is written."""
    study = _study(folder, scope)
    waiting: dict[str, tuple[int, int]] = {}

    def nothing_known(participant_id: str) -> dict[str, Known]:
        return {}

    known: Callable[[str], dict[str, Known]] = nothing_known
    with ExitStack() as opened:
        if (study.warehouse / STORE).exists() and not scope.rebuild:
            store = opened.enter_context(closing(open_to_read(study.warehouse)))
            known = partial(ledger, store, today=_judged_by(study, store))
        for chunk in _cutter(study, scope, known, date.max, b"").chunks(entries(study, scope.participant)):
            for _, drop in chunk:
                files, size = waiting.get(drop.participant_id, (0, 0))
                waiting[drop.participant_id] = (files + 1, size + drop.size)
    return waiting


def read_control_files(run: Run) -> None:
    """Bring the control files into the store; rows that could not be used are named and stand by."""
    frames = control_frames(run.study)
    run.for_all("control", run.people, lambda part: write_control(run.store, frames, part))


def load_exports(run: Run) -> None:
    """Read what is new in the inbox and write it down, chunk by chunk: each file whole or not at all.

    What was read before is looked at again where today's clock would have it otherwise (models/aside.py).
    """
    today = _judged_by(run.study, run.store)
    known = partial(ledger, run.store, today=today)
    cutter = _cutter(run.study, run.scope, known, today, device_secret(run.study.warehouse))
    reading, read = run.progress.over(lambda: entries(run.study, run.scope.participant)), 0
    for batches in run.read(reading.marked(cutter.chunks(reading.entries()))):
        whole = set()
        for results in batches:
            wanted = [result for result in results if _in_dates(result.extract, run.scope)]
            counts, faults = load(run.store, wanted, CODE_VERSION, run.run_id)
            run.files = {status: run.files[status] + n for status, n in counts.items()}
            run.new_faults += faults
            whole |= {(result.participant_id, result.path.partition("!/")[0]) for result in results}
            run.kinds.update(result.connector or "" for result in wanted if result.extract)
        read += len(whole)
        reading.advance()
    run.found = cutter.found
    run.waiting = 0 if run.scope.connectors else cutter.taken - read
    named = [Fault(r.participant_id, r.path, r.fault.place, r.fault.reason, r.fault.remedy) for r in cutter.refused]
    named += [
        Fault(None, f.file, f.place.removeprefix(f"{f.file} "), f.reason, f.what_to_do, f.value)
        for f in run.study.faults
    ]
    fresh, run.standing = stand_by(run.store, named, run.run_id, whole=run.scope.participant is None)
    run.new_faults += fresh


def _cutter(study: Study, scope: Scope, known: Callable[[str], dict[str, Known]], today: date, secret: bytes) -> Cutter:
    def folder_of(participant_id: str) -> Folder:
        context = Context(study.zone_log(participant_id), today, secret)
        return Folder(context, known(participant_id), scope.connectors, scope.reload)

    return Cutter(folder_of, CODE_VERSION, everything=scope.reload or scope.verify)


def _in_dates(extract: Extract | None, scope: Scope) -> bool:
    first, last = extract.covers() if extract else (None, None)
    if first is None or last is None:
        return True
    return (scope.until is None or first <= scope.until) and (scope.since is None or last >= scope.since)


def resolve_days(run: Run) -> None:
    """Resolve the participant-days that anything touched."""
    zones = {who: run.study.zone_log(who) for who in run.people}
    run.days = sum(run.for_all("resolve", run.people, lambda part: resolve(run.store, zones, part)))


def judge_weeks(run: Run) -> None:
    """Judge the goals of every week; a verdict that changed gets a new row in the history, the others none."""
    config, freeze = run.study.config_hash, run.scope.as_of is None
    lock = run.study.settings.lock_date

    def judge(part: Sequence[str]) -> int:
        return store_verdicts.judge(
            run.store, run.as_of, CODE_VERSION, config, run.run_id, freeze=freeze, lock_date=lock, only_changed=True,
            people=part,
        )  # fmt: skip

    run.changes = sum(run.for_all("judge", run.store.everybody(), judge))


def publish(run: Run) -> None:
    """Write the run down and replace analytics.duckdb by a copy of what is now known."""
    outcome = "with people held" if run.held else "with rejections" if run.new_faults else "clean"
    f = run.files
    row = {
        "run_id": run.run_id, "command": run.scope.command, "as_of": run.as_of, "started_at": run.started_at,
        "ended_at": now(), "outcome": outcome, "files_loaded": f["loaded"], "files_rejected": f["rejected"],
        "files_ignored": f["ignored"], "files_duplicate": f["duplicate"], "days_resolved": run.days,
        "weeks_changed": run.changes, "code_version": CODE_VERSION, "config_hash": run.study.config_hash,
    }  # fmt: skip
    told = f"{run.scope.in_words()}; {outcome}"
    people, files = len(run.study.participants), sum(f.values())
    store_audit.record(
        run.store, run.scope.command, told, CODE_VERSION, run_id=run.run_id, people=people, files=files,
        rows=run.changes,
    )  # fmt: skip
    run.published, run.held = store_publish.publish(run.store, row, held=run.held)


def write_report(run: Run) -> None:
    """Bring the HTML report up to what was published, unless the study asks for it only by hand."""
    if run.study.reports_nightly:
        written = write.write_report(run.study.warehouse, run.study.name, run.progress)
        run.report = written.index
        if written.failed:
            run.held |= store_held.held_by("report", written.failed)
            store_held.write(run.store, run.held, run.run_id)


def _told(step: Callable[[Run], None]) -> Callable[[Run], None]:
    """The step; what the disk will not do is a StoreError, one line that says what to do."""

    @wraps(step)
    def taken(run: Run) -> None:
        with in_sentences(run.study.warehouse / STORE):
            step(run)

    return taken


STEPS = [_told(step) for step in (read_control_files, load_exports, resolve_days, judge_weeks, publish, write_report)]


def walk(run: Run) -> Run:
    """All steps, one after the other, in this process."""
    with log.told(run), health.while_it_runs(run), run.progress:
        for step in STEPS:
            log.walked(step, run)
    return run
