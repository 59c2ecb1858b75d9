"""How a run begins: the control files are read, and the store is opened."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from flows import environment
from flows.night import health, log, sharded
from flows.night.loss import refuse_loss
from flows.night.progress import Progress
from flows.night.run import BeforePublished, Run, Scope
from models.fault import StudyError
from models.store import audit, judge, memory, shards, withdraw
from models.store.held import by_rows
from models.store.killed import killed
from models.store.ledger import loaded
from models.store.store import open_store
from models.study.folder import read_study
from models.study.study import Study


def begin(
    folder: Path,
    scope: Scope,
    progress: Progress | None = None,
    *,
    is_last: bool = True,
    workers: int | None = None,
) -> Run:
    """Read the control files and open the store. Unless `is_last`, whoever calls this tries again where that helps.
    `workers`: processes that shards and reading may have at a time (None: as many as there are processors).

    StudyError or StoreError, one line that says what to do, where either is impossible, and BeforePublished where
    nothing is to be written; nothing was written then. Who is read for is decided under the store's lock: whoever held
    it before may have changed that.
    """
    with health.while_it_begins(folder, scope.command, is_last=is_last):
        study = read_for(folder, scope)
        log.to_file(study.warehouse)
        with log.stopped(scope.command, is_last=is_last):
            store = open_store(study.warehouse, scope.command, anew=scope.rebuild)
        try:
            withdraw.restore(store)
            study = read_for(folder, scope, store.folder, study)
            shards.check(store, study.shards)
            if scope.rebuild and not scope.accept_loss and study.shards == 1:
                refuse_loss(study, store, scope.zip_password)
            audit.carry_over(store)
            memory.carry_over(store)
        except BaseException:
            store.close()
            raise
    as_of = scope.as_of or study.settings.as_of or environment.today(study)
    if (published := judge.judged_as_of(store)) and scope.as_of and scope.as_of < published:
        store.close()
        log.logger.info(
            "%s as of %s, before what is published: verdicts are shown, nothing is kept", scope.command, as_of
        )
        raise BeforePublished(study, as_of, published)
    run = Run(study, scope, store, as_of, progress or Progress(say=lambda line: None))
    run.workers = workers
    run.alarms += study.losses
    run.killed_before = len(killed(store.folder))
    if study.shards == 1:
        run.held, run.held_goals = by_rows(store, study)
        return run
    with health.while_it_begins(folder, scope.command, is_last=is_last), log.stopped(scope.command, is_last=is_last):
        try:
            sharded.begin(run)
        except BaseException:
            store.close()
            raise
    return run


def is_inbox_away(run: Run) -> bool:
    """Whether nothing at all lies in the inbox though files were loaded from it: its disk may not be mounted yet."""
    inbox = run.study.inbox
    files, _ = run.shards.loaded if run.shards else loaded(run.store)
    if not isinstance(inbox, Path) or not files:
        return False
    with suppress(OSError):
        return not any(inbox.iterdir())
    return True


def read_for(folder: Path, scope: Scope, warehouse: Path | None = None, before: Study | None = None) -> Study:
    """What the control files say now. StudyError also where they no longer name the warehouse that is open.

    `before`: what they said a moment ago.
    """
    study = read_study(folder, accept_loss=scope.accept_loss, before=before)
    if scope.rebuild and (scope.participant or scope.connectors or scope.since or scope.until):
        raise StudyError(
            "--rebuild makes all of the store anew: leave --participant, --connector, --from and --to away"
        )
    if warehouse and study.warehouse != warehouse:
        raise StudyError("study.toml: [warehouse] path was changed while this run waited; run again")
    if scope.participant in study.forgotten:
        raise StudyError(f"{scope.participant}: was forgotten on request; what is left of them here is not read")
    if scope.participant and scope.participant not in study.homes:
        raise StudyError(f"participants.csv: no participant {scope.participant}; check the spelling")
    return study
