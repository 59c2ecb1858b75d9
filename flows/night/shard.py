"""A run over one shard, in a process of its own: what it begins with, and what the run of the study asks of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from flows.engine.cluster import fan_out
from flows.night import new_files, processes, work
from flows.night.inbox_file import Found
from flows.night.loss import Loss, loss_of
from flows.night.progress import Progress
from flows.night.run import Run, Scope
from flows.report.pages import Pages
from models.store import handing_on, memory, moves, withdraw
from models.store.held import by_rows
from models.store.ledger import Now, loaded
from models.store.pointer import newest
from models.store.read import published
from models.store.scan import Noted
from models.store.shards import is_in, share
from models.store.store import Store, open_store
from models.study import forgotten
from models.study.study import Study
from models.warehouse import warehouse_of

# What a run counts, as a number; and whom and what it holds.
COUNTS = ("found", "standing", "days", "changes", "waiting", "moved")
HELD = ("held", "held_goals")


class Job(NamedTuple):
    """What a run over a shard begins with. `study`: of the shard's people; `known`: rows of the first store's tables
    that stand in each store."""

    folder: Path
    study: Study
    scope: Scope
    as_of: date
    run_id: str
    started_at: datetime
    known: dict[str, pl.DataFrame]
    workers: int  # processors that it may have


class Begun(NamedTuple):
    """Of a shard that is open."""

    published: str | None  # the file that its notes begin with
    loaded: tuple[int, int]  # how many files count, of how many people
    loss: Loss | None  # what a rebuild would lose


def begin(job: Job) -> tuple[Run, Begun]:
    """Open the store of a shard, as a run of the study opens its own."""
    warehouse_of(job.study.folder)  # where its key is, where it has one, is known here from then on
    store = open_store(job.folder, job.scope.command, anew=job.scope.rebuild)
    try:
        share(store, job.workers)
        forgotten.keep(job.folder, job.study.tombstones)
        withdraw.restore(store)
        is_at_risk = job.scope.rebuild and not job.scope.accept_loss
        loss = loss_of(job.study, store, job.scope.zip_password) if is_at_risk else None
        memory.carry_over(store, newest(job.study.warehouse), partial(is_in, job.folder))
        _know(store, job.known)
        quiet = Progress(say=lambda line: None)
        run = Run(job.study, job.scope, store, job.as_of, quiet, work, job.run_id, job.started_at)
        run.read_chunks = partial(processes.read_chunks, workers=job.workers)
        run.held, run.held_goals = by_rows(store, job.study)
        published = next((file for (file,) in store.rows("SELECT file FROM published")), None)
        return run, Begun(published, loaded(store), loss)
    except BaseException:
        store.close()
        raise


def _know(store: Store, known: dict[str, pl.DataFrame]) -> None:
    with store.transaction():
        for table, rows in known.items():
            store.con.execute(f"DELETE FROM {table}")
            store.insert(table, rows)


def counted(run: Run) -> dict[str, Any]:
    """What the run has counted so far."""
    return {name: getattr(run, name) for name in (*COUNTS, *HELD, "files", "kinds", "new_faults")}


def strangers(run: Run) -> list[handing_on.Key]:
    """Goals and weeks that are written down here, and are not the shard's people's as the control files are now."""
    if work.is_control_written(run):
        return []
    goals, infusions = run.study.rows.goals, run.study.rows.infusions
    return handing_on.strangers(
        run.store, {goal.goal_id for goal in goals}, {infusion.infusion_id for infusion in infusions}
    )


def give(run: Run, keys: list[handing_on.Key]) -> dict[str, pl.DataFrame]:
    """What is written down of goals that another shard is to have."""
    return handing_on.give(run.store, keys)


def take(run: Run, keys: list[handing_on.Key], given: dict[str, pl.DataFrame]) -> None:
    """Have what another shard gave."""
    handing_on.take(run.store, keys, given)


def drop(run: Run, keys: list[handing_on.Key]) -> None:
    """Have it no more: the other shard does."""
    handing_on.drop(run.store, keys)


def known_before(run: Run, now: Now) -> Mapping[str, Noted]:
    """What a run need not look into, if it is as it was."""
    return new_files.known_before(run.store, run.scope, now).noted


def read_new(run: Run, found: Found, now: Now) -> None:
    """As that of a store; on the cluster, where one is named."""
    with fan_out(run):
        work.read_new(run, found, now)


def missing(run: Run, found: Found) -> set[str]:
    """Contents that count and lie in no folder of the shard's people any more."""
    return moves.missing(run.store, found)


def present(run: Run, found: Found, contents: Collection[str]) -> set[str]:
    """Of some contents those that lie in a folder of the shard's people."""
    return moves.present(run.store, found, contents) if contents else set()


def end(run: Run) -> None:
    """The shard is judged: its store is closed, and can be asked by whoever publishes."""
    work.take_over_verdicts(run)
    run.store.replace_old_store()
    run.store.close()


def write_pages(run: Run, pages: Pages, people: Sequence[str]) -> dict[str, BaseException]:
    """Write pages of the report, when all is published. Returns whom it fails for."""
    with published(pages.warehouse) as rows_of:
        return pages.write(rows_of, people)
