"""How a run begins: the control files are read, and the store is opened."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path

from flows import environment
from flows.night import health, log, sharded, work
from flows.night.loss import loss_of, refuse
from flows.night.processes import start_ahead
from flows.night.progress import Progress
from flows.night.run import BeforePublished, Run, Scope
from models.fault import AWAY, StudyError
from models.store import audit, judge, memory, shards, withdraw
from models.store.divide import divide
from models.store.failures import in_sentences
from models.store.file import STORE
from models.store.held import by_rows
from models.store.killed import killed
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
    """Read the control files and open the store. Unless `is_last`, whoever calls this tries again where that helps, and
    waits for an inbox that is gone, too; the last time that is an alarm of the run. `workers`: processes that may be at
    work at a time (None: as many as there are processors).

    StudyError or StoreError, one line that says what to do, where either is impossible, and BeforePublished where
    nothing is to be written; nothing was written then, and the store is closed. Who is read for is decided under the
    store's lock: whoever held it before may have changed that.
    """
    with health.while_it_begins(folder, scope.command, is_last=is_last), ExitStack() as opened:
        study = read_for(folder, scope)
        log.to_file(study.warehouse)
        if study.shards == 1 and not scope.dask and (scope.rebuild or not (study.warehouse / STORE).exists()):
            start_ahead()  # all that lies in the inbox is new
        with log.stopped(scope.command, is_last=is_last):
            store = open_store(study.warehouse, scope.command, anew=scope.rebuild)
            opened.callback(store.close)
            withdraw.restore(store)
        study = read_for(folder, scope, store.folder, study)  # in no log: what it says may name somebody
        with log.stopped(scope.command, is_last=is_last):
            as_of = scope.as_of or study.settings.as_of or environment.today(study)
            run = Run(study, scope, store, as_of, progress or Progress(say=lambda line: None), work)
            run.workers = workers
            published = _take_up(run)
            if study.shards > 1 and not published:
                sharded.begin(run)
            if not (published or is_last) and _is_inbox_away(run):
                raise StudyError(
                    "inbox: nothing in it, though files were loaded from it", "see that it is mounted", AWAY
                )
            if not published:
                opened.pop_all()
    if published:
        log.logger.info(
            "%s as of %s, before what is published: verdicts are shown, nothing is kept", scope.command, as_of
        )
        raise BeforePublished(study, as_of, published)
    return run


def _take_up(run: Run) -> date | None:
    """Bring into a store that is made anew what the old one remembers, and into the run how things stand. Gives the
    date of what is published, where that is after the one that is asked for."""
    study, store = run.study, run.store
    is_alone = study.shards == 1  # else each shard looks after its people (shard.py)
    if run.scope.rebuild and not run.scope.accept_loss and is_alone:
        refuse([loss_of(study, store, run.scope.zip_password)])
    had_everybody = shards.count(store.con, store.folder) == 1
    with in_sentences(study.warehouse / STORE):  # nothing of it was looked at before
        audit.carry_over(store)
        memory.carry_over(store, is_ours=lambda who: had_everybody)
    published = judge.judged_as_of(store)
    if published and run.scope.as_of and run.scope.as_of < published:
        return published
    divide(store, study.shards)
    if is_alone:
        run.held, run.held_goals = by_rows(store, study)
    run.alarms += study.losses
    run.killed_before = len(killed(store.folder))
    return None


def _is_inbox_away(run: Run) -> bool:
    """Whether nothing at all lies in the inbox though files were loaded from it: its disk may not be mounted yet."""
    inbox = run.study.inbox
    files, _ = run.work.files_loaded(run)
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
