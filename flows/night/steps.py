"""The steps from inbox to verdict. Nightly, backfill and rebuild take the same ones, with another start.

Each step is a plain function over a `Run`. The engine wraps the steps in tasks (flows/engine/tasks.py); without the
engine they are called one after the other. Every step can be killed and taken again: what it had committed stays, what
it had not is done again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import date
from pathlib import Path

import polars as pl

from connectors import refusals, unused_plug_ins
from flows import environment
from flows.night import health, log
from flows.night.begin import read_for
from flows.night.chunks import chunks
from flows.night.folder import readers
from flows.night.inbox import look_into
from flows.night.new_files import folders, what_is_new
from flows.night.outcome import logged
from flows.night.run import Run, Scope
from flows.report import snapshots, write
from flows.version import CODE_VERSION
from models.store import audit, control, judge, memory, moves
from models.store.batch import gathered
from models.store.changes import take_over
from models.store.failures import in_sentences
from models.store.file import STORE
from models.store.held import held_by, set_unusable, write_held, write_held_goals
from models.store.ledger import is_gone, loaded
from models.store.load import last_run, load, record_standing_faults
from models.store.publish import replace_published
from models.store.read import open_to_read
from models.store.resolve import resolve
from models.store.scan import Scan
from models.store.store import Store, now
from models.study import kept, versions
from models.study.frames import control_frames
from models.study.study import Study

_NO_CLOCK_BEFORE = date(2025, 1, 1)  # there was no stepwindow to say so


def read_control_files(run: Run) -> None:
    """Bring the control files into the store and keep a copy of them; rows that cannot be used are named."""
    study, today = run.study, _judged_by(run.study, run.store)
    known = study.print if study.is_recorded else ""
    is_stale = not control.is_written(run.store, study.print, study.latest, today)
    if is_stale:
        frames = control_frames(study, today)
        run.for_people("control", run.people, lambda part: control.write_control(run.store, frames, part))
        if not run.people:  # nobody is named yet, or any more; the study still says what it is
            control.write_control(run.store, frames, ())
    if not (study.losses or study.is_recorded):
        versions.record(run.store.folder, study, run.started_at)
        known = kept.keep(study)
    if is_stale and all(why.step != "control" for why in run.held.values()):
        control.set_written(run.store, known, study.latest, today)


def load_exports(run: Run) -> None:
    """Read what is new in the inbox and store it, chunk by chunk: all of a file or nothing of it.

    What was read before is looked at again where today's clock would have it otherwise (models/set_aside.py).
    """
    if not run.reads_inbox:
        return
    found = look_into(run.study, run.scope.participant)
    today = _judged_by(run.study, run.store)
    new = what_is_new(found, run.study, run.scope, today, run.store)
    work = chunks(map(found.file, new), folders(run.study, run.scope, today, run.store))
    reading = run.progress.of_reading(len(new), sum(found.size[number] for number in new))
    for batch in gathered(reading.arrived(run.read_chunks(reading.marked(work)))):
        wanted = batch.part(_in_dates(batch.files, run.scope))
        counts, faults = load(run.store, wanted, readers(), run.run_id)
        run.files = {status: run.files[status] + n for status, n in counts.items()}
        run.new_faults += faults
        run.kinds.update(wanted.readers)
    run.found = len(found.path)
    run.waiting = 0 if run.scope.connectors else len(new) - reading.read
    memory.settle_loaded(run.store)
    _settle(run, found)
    named = [*found.refused, *run.alarms, *run.study.faults, *unused_plug_ins()]
    fresh, run.standing = record_standing_faults(run.store, named, run.run_id, whole=run.scope.participant is None)
    run.new_faults += fresh


def _settle(run: Run, scan: Scan) -> None:
    """Bring the ledger up to what lies in the inbox. One that is gone says nothing of its files, but is a fault."""
    if not scan.path and scan.only is None and (known := loaded(run.store))[0]:
        run.alarms.append(is_gone(*known))
        return
    unread = {
        kind.looks_like: moves.Unread(kind.rejected.fault, kind.travels)
        for kind in refusals()
        if kind.instead and not kind.is_missed
    }
    settled = moves.settle(run.store, scan, unread, run.run_id)
    run.moved = settled.moved
    before, listed = len(run.new_faults), set(settled.listed)
    run.new_faults = [fault for fault in run.new_faults if (fault.participant_id, fault.file) not in listed]
    run.files["rejected"] -= before - len(run.new_faults)
    run.files["ignored"] += before - len(run.new_faults)
    run.new_faults += settled.again


def plan(folder: Path, scope: Scope) -> dict[str, tuple[int, int]]:
    """What `load_exports` would read: files and bytes per participant. Nothing is written."""
    study = read_for(folder, scope)
    found = look_into(study, scope.participant)
    waiting: dict[str, tuple[int, int]] = {}
    with ExitStack() as opened:
        store, today = None, date.max
        if (study.warehouse / STORE).exists() and not scope.rebuild:
            store = opened.enter_context(closing(open_to_read(study.warehouse)))
            today = _judged_by(study, store)
        for number in what_is_new(found, study, scope, today, store):
            files, size = waiting.get(who := found.whose(number), (0, 0))
            waiting[who] = (files + 1, size + found.size[number])
    return waiting


def _judged_by(study: Study, store: Store) -> date:
    """The date by which files are judged: this night's and no earlier one's, so that what a wrong clock did heals by
    the right one (models/set_aside.py). But a clock whose battery is dead makes nothing "of the future"."""
    now = environment.today(study)
    return now if now >= _NO_CLOCK_BEFORE else last_run(store, _NO_CLOCK_BEFORE)


def _in_dates(files: pl.DataFrame, scope: Scope) -> list[int]:
    """Of the files of a batch, those that say something of the dates that are asked for, or of no dates at all."""
    since, until = (pl.lit(day, pl.Date) for day in (scope.since, scope.until))
    is_before, is_after = pl.col("covers_to") < since, pl.col("covers_from") > until
    return files.filter(~(is_before | is_after).fill_null(False))["file"].to_list()


def resolve_days(run: Run) -> None:
    """Resolve the participant-days that anything touched."""
    zones = {who: run.study.zone_log(who) for who in run.people}
    run.days = sum(run.for_people("resolve", run.people, lambda part: resolve(run.store, zones, part)))


def judge_weeks(run: Run) -> None:
    """Judge the goals of every week; a verdict that changed gets a new row in the history, the others none."""
    config, freeze = run.study.config_hash, run.scope.as_of is None
    lock = run.study.settings.lock_date

    def judge_people(part: Sequence[str]) -> int:
        return judge.judge(
            run.store, run.as_of, CODE_VERSION, config, run.run_id, freeze=freeze, lock_date=lock,
            only_changed=not run.scope.rebuild, people=part,
        )  # fmt: skip

    set_unusable(run.store, run.held, run.held_goals)
    run.changes = sum(run.for_people("judge", run.store.everybody(), judge_people))


def publish(run: Run) -> None:
    """Record the run and replace analytics.duckdb by a copy of what is now known; changes.csv says what it changed."""
    run.changes += take_over(run.store, run.run_id)
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
    run.published, run.held = replace_published(run.store, row, held=run.held)


def write_report(run: Run) -> None:
    """Bring the HTML report up to what was published, unless the study asks for it only by hand."""
    if run.study.reports_nightly:
        written = write.write_report(run.study.warehouse, run.study.name, run.progress)
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
