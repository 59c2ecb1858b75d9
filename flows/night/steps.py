"""The one road from inbox to verdict. Nightly, backfill and rebuild walk it alike, with another start.

Each step is a plain function over a `Run`. The engine wraps the steps in tasks (flows/nightly.py); without the engine
they are called one after the other. Every step can be killed and walked again: what it had committed stays, what it had
not is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import date, datetime
from functools import partial, wraps
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors import Context, unknown
from flows.night import health, log
from flows.night.inbox import InboxFile, entries
from flows.night.progress import Progress
from flows.night.reading import Chunker, Folder
from flows.night.run import LooksBack as LooksBack
from flows.night.run import Run as Run
from flows.night.run import Scope as Scope
from flows.report import write
from models.activity import Extract
from models.fault import StudyError
from models.store import audit as store_audit
from models.store import held as store_held
from models.store import judge as store_verdicts
from models.store import ledger as store_inbox
from models.store import memory as store_memory
from models.store import moves as store_moves
from models.store import publish as store_publish
from models.store import withdraw as store_forget
from models.store.failures import in_sentences
from models.store.file import STORE
from models.store.file_result import Known
from models.store.load import last_run, ledger, load, record_standing_faults
from models.store.read import open_to_read
from models.store.resolve import resolve
from models.store.scan import Scan
from models.store.store import Store, device_secret, now, open_store, write_control
from models.study import versions
from models.study.folder import read_study
from models.study.frames import control_frames
from models.study.study import Study

CODE_VERSION = version("stepwindow")
_NO_CLOCK_BEFORE = date(2025, 1, 1)  # there was no stepwindow to say so


def begin(folder: Path, scope: Scope, progress: Progress | None = None) -> Run:
    """Read the control files and open the store.

    StudyError or StoreError, one line that says what to do, where either is impossible, and LooksBack where nothing is
    to be kept; nothing was written then. Who is read for is decided under the store's lock: whoever held it before may
    have changed that.
    """
    with health.while_it_begins(folder, scope.command):
        study = _study(folder, scope)
        log.to_file(study.warehouse)
        with log.stopped(scope.command):
            store = open_store(study.warehouse, scope.command, anew=scope.rebuild)
        try:
            store_forget.restore(store)
            study = _study(folder, scope, store.folder)
            if scope.rebuild and not scope.accept_loss:
                _refuse_loss(study, store)
            store_audit.carry_over(store)
            store_memory.carry_over(store)
        except BaseException:
            store.close()
            raise
    as_of = scope.as_of or study.settings.as_of or _today(study)
    if (known := store_verdicts.judged_as_of(store)) and scope.as_of and scope.as_of < known:
        store.close()
        log.log.info("%s as of %s, before what is published: verdicts are shown, nothing is kept", scope.command, as_of)
        raise LooksBack(study, as_of, known)
    run = Run(study, scope, store, as_of, progress or Progress(say=lambda line: None))
    run.held, run.held_goals = store_held.by_rows(store, study)
    run.alarms += study.losses
    return run


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
    study = read_study(folder, accept_loss=scope.accept_loss)
    if scope.rebuild and (scope.participant or scope.connectors or scope.since or scope.until):
        raise StudyError(
            "--rebuild makes all of the store anew: leave --participant, --connector, --from and --to away"
        )
    if warehouse and study.warehouse != warehouse:
        raise StudyError("study.toml: [warehouse] path was changed while this run waited; run again")
    if scope.participant in study.forgotten:
        raise StudyError(f"{scope.participant}: was forgotten on request; what is left of them here is not read")
    if scope.participant and scope.participant not in {p.participant_id for p in study.participants}:
        raise StudyError(f"participants.csv: no participant {scope.participant}; check the spelling")
    return study


def _refuse_loss(study: Study, store: Store) -> None:
    """StudyError where the inbox no longer has what a rebuild would need of it."""
    scan = Scan()
    for entry in entries(study):
        if isinstance(entry, InboxFile):
            scan.add(entry.participant_id, entry.path, entry.size, entry.modified_ns)
    files, people = store_memory.would_lose(store, scan, [p.participant_id for p in study.participants])
    if files:
        raise StudyError(
            f"inbox: lacks {store_inbox.counted(files, people)} that a rebuild would lose; put them back, or run "
            "`stepwindow nightly` first where they were only renamed, or say --accept-loss if they are gone on purpose"
        )


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
        for chunk in _chunker(study, scope, known, date.max, b"").chunks(entries(study, scope.participant)):
            for _, inbox_file in chunk:
                files, size = waiting.get(inbox_file.participant_id, (0, 0))
                waiting[inbox_file.participant_id] = (files + 1, size + inbox_file.size)
    return waiting


def read_control_files(run: Run) -> None:
    """Bring the control files into the store and keep a copy of them; rows that cannot be used are named."""
    study = run.study
    frames = control_frames(study)
    run.for_all("control", run.people, lambda part: write_control(run.store, frames, part))
    if not study.losses:
        versions.record(run.store.folder, study, run.started_at)


def load_exports(run: Run) -> None:
    """Read what is new in the inbox and write it down, chunk by chunk: each file whole or not at all.

    What was read before is looked at again where today's clock would have it otherwise (models/aside.py).
    """
    if not run.reads:
        return
    today = _judged_by(run.study, run.store)
    known = partial(ledger, run.store, today=today)
    chunker = _chunker(run.study, run.scope, known, today, device_secret(run.study.warehouse))
    chunker.scan.only = run.scope.participant
    reading, read = run.progress.over(lambda: entries(run.study, run.scope.participant)), 0
    for batches in run.read(reading.marked(chunker.chunks(reading.entries()))):
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
    run.found = len(chunker.scan.path)
    run.waiting = 0 if run.scope.connectors else chunker.taken - read
    store_memory.settle_loaded(run.store)
    _settle(run, chunker.scan)
    named = [*chunker.refused, *run.alarms, *run.study.faults]
    fresh, run.standing = record_standing_faults(run.store, named, run.run_id, whole=run.scope.participant is None)
    run.new_faults += fresh


def _settle(run: Run, scan: Scan) -> None:
    """Bring the ledger up to what lies in the inbox. One that is gone says nothing of its files, but is a fault."""
    files, people = store_inbox.loaded(run.store)
    if files and not scan.path and scan.only is None:
        run.alarms.append(store_inbox.is_gone(files, people))
        return
    came = store_moves.settle(run.store, scan, unknown().fault, run.run_id)
    run.moved = came.moved
    before, listed = len(run.new_faults), set(came.listed)
    run.new_faults = [fault for fault in run.new_faults if (fault.participant_id, fault.file) not in listed]
    run.files["rejected"] -= before - len(run.new_faults)
    run.files["ignored"] += before - len(run.new_faults)
    run.new_faults += came.again


def _chunker(
    study: Study, scope: Scope, known: Callable[[str], dict[str, Known]], today: date, secret: bytes
) -> Chunker:
    def folder_of(participant_id: str) -> Folder:
        context = Context(study.zone_log(participant_id), today, secret, study.dates)
        return Folder(context, known(participant_id), scope.connectors, scope.reload)

    return Chunker(folder_of, CODE_VERSION, everything=scope.reload or scope.verify)


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
            run.store, run.as_of, CODE_VERSION, config, run.run_id, freeze=freeze, lock_date=lock,
            only_changed=not run.scope.rebuild, people=part,
        )  # fmt: skip

    store_held.set_unusable(run.store, run.held, run.held_goals)
    run.changes = sum(run.for_all("judge", run.store.everybody(), judge))


def publish(run: Run) -> None:
    """Write the run down and replace analytics.duckdb by a copy of what is now known."""
    amiss = run.new_faults or run.alarms or run.held_goals
    outcome = "with people held" if run.held else "with rejections" if amiss else "clean"
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
    store_held.write_held_goals(run.store, run.held_goals, run.run_id)
    run.published, run.held = store_publish.publish(run.store, row, held=run.held)


def write_report(run: Run) -> None:
    """Bring the HTML report up to what was published, unless the study asks for it only by hand."""
    if run.study.reports_nightly:
        written = write.write_report(run.study.warehouse, run.study.name, run.progress)
        run.report = written.index
        if written.failed:
            run.held |= store_held.held_by("report", written.failed)
            store_held.write_held(run.store, run.held, run.run_id)


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
