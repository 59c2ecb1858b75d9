"""The steps from inbox to verdict. Nightly, backfill and rebuild take the same ones, with another start.

Each step is a plain function over a `Run`. The engine wraps the steps in tasks (flows/engine/tasks.py); without the
engine they are called one after the other. Every step can be killed and taken again: what it had committed stays, what
it had not is done again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path

from connectors import unused_plug_ins
from flows.night import health, log, work
from flows.night.begin import read_for
from flows.night.inbox import look_into
from flows.night.new_files import reading_now, what_is_new
from flows.night.outcome import logged
from flows.night.run import Run, Scope
from flows.report import snapshots, write
from flows.version import CODE_VERSION
from models.store import audit
from models.store.failures import in_sentences
from models.store.file import STORE
from models.store.held import held_by, write_held, write_held_goals
from models.store.publish import replace_published
from models.store.read import open_to_read
from models.store.shards import settle_published, together
from models.store.store import now
from models.study import kept, versions


def read_control_files(run: Run) -> None:
    """Bring the control files into the store and keep a copy of them; rows that cannot be used are named."""
    study = run.study
    run.work.write_control(run)
    if study.losses or study.is_recorded:
        known = study.print if study.is_recorded else ""
    else:
        versions.record(run.store.folder, study, run.started_at)
        known = kept.keep(study)
    run.work.set_written(run, known)


def load_exports(run: Run) -> None:
    """Read what is new in the inbox and store it, chunk by chunk: all of a file or nothing of it.

    What was read before is looked at again where today's clock would have it otherwise (models/set_aside.py). An inbox
    that is gone says nothing of its files, but is a fault.
    """
    if not run.reads_inbox:
        return
    found = run.work.load_exports(run)
    run.work.name_faults(run, [*found.refused, *run.alarms, *run.study.faults, *unused_plug_ins()])


def plan(folder: Path, scope: Scope) -> dict[str, tuple[int, int]]:
    """What `load_exports` would read: files and bytes per participant. Nothing is written."""
    study = read_for(folder, scope)
    found = look_into(study, scope.participant)
    waiting: dict[str, tuple[int, int]] = {}
    with ExitStack() as opened:
        store, today = None, date.max
        if (study.warehouse / STORE).exists() and not scope.rebuild:
            store = opened.enter_context(closing(open_to_read(study.warehouse)))
            today = work.judged_by(study, store)
        for number in what_is_new(found, scope, store, reading_now(study, scope, today)):
            files, size = waiting.get(who := found.whose(number), (0, 0))
            waiting[who] = (files + 1, size + found.size[number])
    return waiting


def resolve_days(run: Run) -> None:
    """Resolve the participant-days that anything touched."""
    run.work.resolve_days(run)


def judge_weeks(run: Run) -> None:
    """Judge the goals of every week; a verdict that changed gets a new row in the history, the others none."""
    run.work.judge_weeks(run)


def publish(run: Run) -> None:
    """Record the run and replace analytics.duckdb by a copy of what is now known; changes.csv says what it changed."""
    run.work.take_over_verdicts(run)
    outcome = "with people held" if run.held else "clean" if run.is_clean else "with rejections"
    f = run.files
    row = {
        "run_id": run.run_id, "command": run.scope.command, "as_of": run.as_of, "started_at": run.started_at,
        "ended_at": now(), "outcome": outcome, "files_loaded": f["loaded"], "files_rejected": f["rejected"],
        "files_ignored": f["ignored"], "files_duplicate": f["duplicate"], "days_resolved": run.days,
        "weeks_changed": run.changes, "code_version": CODE_VERSION, "config_hash": run.study.config_hash,
    }  # fmt: skip
    audit.record(
        run.store, run.scope.command, f"{run.scope.in_words()}; {outcome}", CODE_VERSION, run_id=run.run_id,
        people=len(run.study.homes), files=sum(f.values()), rows=run.changes,
    )  # fmt: skip
    write_held_goals(run.store, run.held_goals, run.run_id)
    with together(run.store) as shards:
        run.published, run.held = replace_published(run.store, row, held=run.held)
        settle_published(run.store, shards)


def write_report(run: Run) -> None:
    """Bring the HTML report up to what was published, unless the study asks for it only by hand."""
    if run.study.reports_nightly:
        written = write.write_report(
            run.study.warehouse, run.study.name, run.progress, spread=run.work.pages_spread(run)
        )
        run.report_page = written.index
        if run.scope.command == "nightly":
            snapshots.keep(written.index.parent, run.as_of, run.study.snapshots)
        if written.failed:
            run.held |= held_by("report", written.failed)
            write_held(run.store, run.held, run.run_id)


STEPS: list[Callable[[Run], None]] = [
    read_control_files, load_exports, resolve_days, judge_weeks, publish, write_report,
]  # fmt: skip


def run_step(step: Callable[[Run], None], run: Run) -> None:
    """Take one step, and log what it counted and how long it took.

    What the disk will not do is a StoreError, one line that says what to do.
    """
    before, clock, run.step = run.counts, time.monotonic(), step.__name__
    name = step.__name__.replace("_", " ")
    run.progress.step(name)
    with in_sentences(run.study.warehouse / STORE):
        step(run)
    counted = ", ".join(f"{now} {what}" for what, now in run.counts.items() if now != before[what])
    log.logger.info("%s: %s; %.1f s", name, counted or "nothing new", time.monotonic() - clock)


def run_steps(run: Run) -> Run:
    """All steps, one after the other, in this process."""
    with logged(run), health.while_it_runs(run), run.progress:
        for step in STEPS:
            run_step(step, run)
    return run
