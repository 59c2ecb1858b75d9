"""What the steps of a run do to one store: the study's only one, or that of a shard (`_Work` in run.py)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date

import polars as pl

from connectors import refusals
from flows import environment
from flows.night.chunks import chunks
from flows.night.folder import readers
from flows.night.inbox import look_into
from flows.night.inbox_file import Found
from flows.night.new_files import folders, known_before, reading_now, what_is_new
from flows.night.run import Run, Scope
from flows.version import CODE_VERSION
from models.fault import Fault
from models.store import control, judge, memory, moves, unload
from models.store.batch import gathered
from models.store.changes import take_over
from models.store.held import set_unusable
from models.store.ledger import Now, is_gone, loaded, new_files
from models.store.load import last_run, load, record_standing_faults
from models.store.resolve import resolving
from models.store.store import Store
from models.study.frames import control_frames
from models.study.study import Study

_NO_CLOCK_BEFORE = date(2025, 1, 1)  # there was no stepwindow to say so


def judged_by(study: Study, store: Store) -> date:
    """The date by which files are judged: this night's and no earlier one's, so that what a wrong clock did heals by
    the right one (models/set_aside.py). But a clock whose battery is dead makes nothing "of the future"."""
    now = environment.today(study)
    return now if now >= _NO_CLOCK_BEFORE else last_run(store, _NO_CLOCK_BEFORE)


def is_control_written(run: Run) -> bool:
    """Whether the store has all that the control files say."""
    return control.is_written(run.store, run.study.print, run.study.latest, judged_by(run.study, run.store))


def write_control(run: Run) -> None:
    """Bring the control files into the store, unless it has them already."""
    if is_control_written(run):
        return
    study, today = run.study, judged_by(run.study, run.store)
    frames = control_frames(study, today)
    run.for_people("control", run.people, lambda part: control.write_control(run.store, frames, part))
    if not run.people:  # nobody is named yet, or any more; the study still says what it is
        control.write_control(run.store, frames, ())


def set_written(run: Run, known: str) -> None:
    """The store that was just written has all that the control files of the fingerprint `known` say, unless that failed
    for somebody."""
    was_written = not run.store.rows("FROM written_control LIMIT 1")
    if was_written and all(why.step != "control" for why in run.held.values()):
        control.set_written(run.store, known, run.study.latest, judged_by(run.study, run.store))


def files_loaded(run: Run) -> tuple[int, int]:
    """How many files count, of how many people."""
    return loaded(run.store)


def load_exports(run: Run) -> Found:
    """Read what is new in the inbox and store it, and bring the ledger up to what lies there."""
    rests_on = reading_now(run.study, run.scope, judged_by(run.study, run.store))
    found = look_into(run.study, run.scope.participant, known_before(run.store, run.scope, rests_on))
    read_new(run, found, rests_on)
    if not found.files and found.only is None and (known := loaded(run.store))[0]:
        run.alarms.append(is_gone(*known))
    else:
        settle(run, found, rests_on)
    return found


def read_new(run: Run, found: Found, rests_on: Now) -> None:
    """Read what is new in the inbox and store it, chunk by chunk: all of a file or nothing of it."""
    new = what_is_new(found, run.scope, run.store, rests_on)
    work = chunks(map(found.file, new), folders(run.study, run.scope, rests_on.today, run.store))
    reading = run.progress.of_reading(len(new), sum(found.size[number] for number in new))
    for batch in gathered(reading.arrived(run.read_chunks(reading.marked(work)))):
        wanted = batch.part(_in_dates(batch.files, run.scope))
        counts, faults = load(run.store, wanted, readers(), run.run_id)
        run.files = {status: run.files[status] + n for status, n in counts.items()}
        run.new_faults += faults
        run.kinds.update(wanted.readers)
    run.found = found.files
    run.waiting = 0 if run.scope.connectors else len(new) - reading.read


def _in_dates(files: pl.DataFrame, scope: Scope) -> list[int]:
    """Of the files of a batch, those that say something of the dates that are asked for, or of no dates at all."""
    since, until = (pl.lit(day, pl.Date) for day in (scope.since, scope.until))
    is_before, is_after = pl.col("covers_to") < since, pl.col("covers_from") > until
    return files.filter(~(is_before | is_after).fill_null(False))["file"].to_list()


def settle(run: Run, found: Found, rests_on: Now, elsewhere: Collection[str] = ()) -> None:
    """Bring the ledger up to what lies in the inbox. `elsewhere`: contents that other shards have."""
    memory.settle_loaded(run.store, elsewhere)
    left = {found.whose(number) for number in new_files(run.store, found, rests_on)} if found.path else set()
    unread = {
        kind.looks_like: moves.Unread(kind.rejected.fault, kind.travels)
        for kind in refusals()
        if kind.instead and not kind.is_missed
    }
    settled = moves.settle(run.store, found, unread, run.run_id, rests_on, left, elsewhere)
    run.moved = settled.moved
    before, listed = len(run.new_faults), set(settled.listed)
    run.new_faults = [fault for fault in run.new_faults if (fault.participant_id, fault.file) not in listed]
    run.files["rejected"] -= before - len(run.new_faults)
    run.files["ignored"] += before - len(run.new_faults)
    run.new_faults += settled.again


def name_faults(run: Run, faults: Iterable[Fault]) -> None:
    """Keep the faults that lie in no file's content as they are today."""
    whole = run.scope.participant is None
    fresh, run.standing = record_standing_faults(run.store, list(faults), run.run_id, whole=whole)
    run.new_faults += fresh


def resolve_days(run: Run) -> None:
    """Resolve the participant-days that anything touched."""
    zones = {who: run.study.zone_log(who) for who in run.people}

    def resolve_people(part: Sequence[str]) -> None:
        for days in resolving(run.store, zones, part):
            run.days += days

    run.for_people("resolve", run.people, resolve_people)


def judge_weeks(run: Run) -> None:
    """Judge the goals of every week; a verdict that changed gets a new row in the history, the others none."""
    set_unusable(run.store, run.held, run.held_goals)
    run.for_people("judge", run.store.everybody(), lambda part: judge_people(run, part))


def judge_people(run: Run, people: Sequence[str]) -> None:
    """Judge the weeks of some people."""
    for changed in judge.judging(
        run.store, run.as_of, CODE_VERSION, run.study.config_hash, run.run_id, freeze=run.scope.as_of is None,
        lock_date=run.study.settings.lock_date, only_changed=not run.scope.rebuild, people=people,
    ):  # fmt: skip
        run.changes += changed


def take_over_verdicts(run: Run) -> None:
    """Those of runs that died before they published are this run's."""
    run.changes += take_over(run.store, run.run_id)


def pages_spread(run: Run) -> None:
    """One process writes the pages of the report."""


def take_out(run: Run, who: str, name: str) -> tuple[list[unload.Content], int]:
    """Take a file of somebody out of what counts: which, and how often it counted."""
    return unload.take_out(run.store, who, name, CODE_VERSION)


def take_back(run: Run, who: str, name: str) -> tuple[list[unload.Content], int]:
    """Let a file of somebody count again: which, and how often."""
    return unload.take_back(run.store, who, name, CODE_VERSION)
