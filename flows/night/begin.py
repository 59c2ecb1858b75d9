"""How a run begins: the control files are read, the store is opened, and what is new in the inbox can be listed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import date
from functools import partial
from pathlib import Path

from connectors import Context
from flows.night import health, log
from flows.night.inbox import entries
from flows.night.inbox_file import InboxFile
from flows.night.progress import Progress
from flows.night.reading import Chunker, Folder
from flows.night.run import BeforePublished, Run, Scope
from flows.today import today
from flows.version import CODE_VERSION
from models.store import audit, judge, memory, withdraw
from models.store import held as store_held
from models.store import ledger as store_inbox
from models.store.file import STORE
from models.store.file_result import Known
from models.store.load import Fault, last_run, ledger
from models.store.read import open_to_read
from models.store.scan import Scan
from models.store.store import Store, open_store
from models.study.folder import Study, StudyError, read_study

_NO_CLOCK_BEFORE = date(2025, 1, 1)  # there was no stepwindow to say so


def begin(folder: Path, scope: Scope, progress: Progress | None = None) -> Run:
    """Read the control files and open the store.

    StudyError or StoreError, one line that says what to do, where either is impossible, and BeforePublished where
    nothing is to be written; nothing was written then. Who is read for is decided under the store's lock: whoever held
    it before may have changed that.
    """
    with health.while_it_begins(folder, scope.command):
        study = _study(folder, scope)
        log.to_file(study.warehouse)
        with log.stopped(scope.command):
            store = open_store(study.warehouse, scope.command, anew=scope.rebuild)
        try:
            withdraw.restore(store)
            study = _study(folder, scope, store.folder)
            if scope.rebuild and not scope.accept_loss:
                _refuse_loss(study, store)
            audit.carry_over(store)
            memory.carry_over(store)
        except BaseException:
            store.close()
            raise
    as_of = scope.as_of or study.settings.as_of or today(study)
    if (published := judge.judged_as_of(store)) and scope.as_of and scope.as_of < published:
        store.close()
        log.logger.info(
            "%s as of %s, before what is published: verdicts are shown, nothing is kept", scope.command, as_of
        )
        raise BeforePublished(study, as_of, published)
    run = Run(study, scope, store, as_of, progress or Progress(say=lambda line: None))
    run.held, run.held_goals = store_held.by_rows(store, study)
    run.alarms += [Fault(None, loss.file, "whole file", loss.reason, loss.what_to_do) for loss in study.losses]
    return run


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
    files, people = memory.would_lose(store, scan, [p.participant_id for p in study.participants])
    if files:
        raise StudyError(
            f"inbox: lacks {store_inbox.counted(files, people)} that a rebuild would lose; put them back, or run "
            "`stepwindow nightly` first where they were only renamed, or say --accept-loss if they are gone on purpose"
        )


def plan(folder: Path, scope: Scope) -> dict[str, tuple[int, int]]:
    """What `load_exports` would read: files and bytes per participant. Nothing is written."""
    study = _study(folder, scope)
    waiting: dict[str, tuple[int, int]] = {}
    known: Callable[[str], dict[str, Known]] = lambda participant_id: {}  # noqa: E731
    with ExitStack() as opened:
        if (study.warehouse / STORE).exists() and not scope.rebuild:
            store = opened.enter_context(closing(open_to_read(study.warehouse)))
            known = partial(ledger, store, today=judged_by(study, store))
        for chunk in chunker(study, scope, known, date.max, b"").chunks(entries(study, scope.participant)):
            for _, inbox_file in chunk:
                files, size = waiting.get(inbox_file.participant_id, (0, 0))
                waiting[inbox_file.participant_id] = (files + 1, size + inbox_file.size)
    return waiting


def judged_by(study: Study, store: Store) -> date:
    """The date by which files are judged: this night's and no earlier one's, so that what a wrong clock did heals by
    the right one (models/aside.py). But a clock whose battery is dead makes nothing "of the future"."""
    now = today(study)
    return now if now >= _NO_CLOCK_BEFORE else last_run(store, _NO_CLOCK_BEFORE)


def chunker(
    study: Study, scope: Scope, known: Callable[[str], dict[str, Known]], today: date, secret: bytes
) -> Chunker:
    """What cuts the new files of the inbox into chunks; `known`: what is known of a participant's files."""

    def folder_of(participant_id: str) -> Folder:
        context = Context(study.zone_log(participant_id), today, secret, study.dates)
        return Folder(context, known(participant_id), scope.connectors, scope.reload)

    return Chunker(folder_of, CODE_VERSION, everything=scope.reload or scope.verify)
