"""A run over one shard, in a process of its own: what it begins with, and what the run of the study asks of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from flows.night import processes, work
from flows.night.inbox_file import Found
from flows.night.loss import refuse_loss
from flows.night.progress import Progress
from flows.night.run import Run, Scope
from flows.report.write import Pages
from flows.version import CODE_VERSION
from models.fault import Fault
from models.store import memory, moves, unload, withdraw
from models.store.changes import take_over
from models.store.file import ANALYTICS
from models.store.held import by_rows
from models.store.ledger import loaded
from models.store.read import published
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
    at_once: int  # shards that are at work at the same time, and share the memory


class Begun(NamedTuple):
    """Of a shard that is open: the published file that its notes begin with, and how many files count, of how many."""

    published: str | None
    loaded: tuple[int, int]


def begin(job: Job) -> tuple[Run, Begun]:
    """Open the store of a shard, as a run of the study opens its own."""
    warehouse_of(job.study.folder)  # where its key is, where it has one, is known here from then on
    store = open_store(job.folder, job.scope.command, anew=job.scope.rebuild)
    try:
        share(store, job.workers, job.at_once)
        forgotten.keep(job.folder, job.study.tombstones)
        withdraw.restore(store)
        if job.scope.rebuild and not job.scope.accept_loss:
            refuse_loss(job.study, store, job.scope.zip_password)
        memory.carry_over(store, job.study.warehouse / ANALYTICS, partial(is_in, job.folder))
        _know(store, job.known)
        quiet = Progress(say=lambda line: None)
        run = Run(job.study, job.scope, store, job.as_of, quiet, job.run_id, job.started_at)
        run.read_chunks = partial(processes.read_chunks, workers=job.workers)
        run.held, run.held_goals = by_rows(store, job.study)
        published = next((file for (file,) in store.rows("SELECT file FROM published")), None)
        return run, Begun(published, loaded(store))
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


def missing(run: Run, found: Found) -> set[str]:
    """Contents that count and lie in no folder of the shard's people any more."""
    return moves.missing(run.store, found)


def present(run: Run, found: Found, contents: Collection[str]) -> set[str]:
    """Of some contents those that lie in a folder of the shard's people."""
    return moves.present(run.store, found, contents) if contents else set()


def name_faults(run: Run, faults: list[Fault]) -> None:
    """As that of a store."""
    work.name_faults(run, faults)


def take_out(run: Run, who: str, name: str) -> tuple[list[unload.Content], int]:
    """Take a file of somebody out of what counts."""
    return unload.take_out(run.store, who, name, CODE_VERSION)


def take_back(run: Run, who: str, name: str) -> tuple[list[unload.Content], int]:
    """Let a file of somebody count again."""
    return unload.take_back(run.store, who, name, CODE_VERSION)


def end(run: Run) -> None:
    """The shard is judged: its store is closed, and can be asked by whoever publishes."""
    run.changes += take_over(run.store, run.run_id)
    run.store.replace_old_store()
    run.store.close()


def write_pages(run: Run, pages: Pages, people: Sequence[str]) -> dict[str, BaseException]:
    """Write pages of the report, when all is published. Returns whom it fails for."""
    with published(pages.warehouse) as rows_of:
        return pages.write(rows_of, people)
