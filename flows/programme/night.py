"""A site's night: the steps of any night, then what is new is given to the lake. Of a site that sends: what it sent is.

Where nothing is other than after the night before, there is none: that is told by a look at the control files, at the
size and time of every file of the inbox, the date, and the code.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from functools import partial
from pathlib import Path

from flows import environment
from flows.night import health, log, processes
from flows.night.begin import begin
from flows.night.folder import readers
from flows.night.inbox import look_into
from flows.night.run import Run, Scope
from flows.night.steps import run_steps
from flows.programme import membership
from flows.programme.giving import differs, give
from flows.programme.job import CONTRIBUTED, FAILED, UNCHANGED, Job, Result
from flows.programme.sending import take_up
from flows.version import CODE_VERSION
from models.fault import can_pass
from models.lake.lake import Lake
from models.lake.part import Contribution
from models.store.file import ANALYTICS
from models.study.folder import read_study
from models.study.forgotten import tombstones
from models.study.study import Study


def take(job: Job) -> Result:
    """The night of a site. What stops it is its result, but for MemoryError, which is its process's."""
    try:
        return _night(job)
    except MemoryError:
        raise
    except Exception as fault:
        reason = _in_words(fault, job.folder)
        return Result(job.site.id, FAILED, reason, _if_withdrawn(job), can_pass=can_pass(fault))


def _night(job: Job) -> Result:
    if job.site.sends:
        return take_up(job)
    job.site.settings(job.folder)
    study = read_study(job.folder)
    was_needless, reason = bool(job.stamp) and _stamp(study) == job.stamp, ""
    stamp = job.stamp
    if not was_needless:
        run = _run(job)
        reason = "" if run.is_clean else f"{run.problems}: `stepwindow status` there names each"
        stamp = "" if run.waiting else _stamp(read_study(job.folder))
    if was_needless and job.known:
        return Result(job.site.id, UNCHANGED, stamp=stamp, was_needless=True)
    membership.enter(study.warehouse, str(job.programme), job.site.id)
    given = _give(job, study)
    outcome = CONTRIBUTED if differs(job, given) else UNCHANGED
    return Result(job.site.id, outcome, reason, given, stamp, was_needless=was_needless)


def _give(job: Job, study: Study) -> Contribution:
    return give(study, job.site.id, job.send, job.known, Lake(job.lake).write)


def _if_withdrawn(job: Job) -> Contribution | None:
    """Of a site whose night failed: what is published there, where somebody withdrew. That waits for no night."""
    with suppress(Exception):  # what is wrong is said already
        study = read_study(job.folder)
        if len(tombstones(study.warehouse)) > job.withdrawn:
            return _give(job, study)
    return None


def _run(job: Job) -> Run:
    run = begin(job.folder, Scope("nightly"), workers=job.site.processors)
    with health.until_it_runs(run):
        run.read_chunks = partial(processes.read_chunks, workers=job.site.processors)
        return run_steps(run)


def _stamp(study: Study) -> str:
    """A fingerprint of all that a night of the study would rest on. "": it cannot be told."""
    ended = (health.read(study.warehouse) or {}).get("last_attempt") or {}
    published = study.warehouse / ANALYTICS
    if not (study.print and published.exists()) or ended.get("exit_code") == 2:
        return ""
    found = look_into(study)
    lies = [(who, lying.lies) for who, lying in found.new.items()]
    rests_on = (
        study.print,
        lies,
        found.refused,
        environment.as_of(study),
        CODE_VERSION,
        readers(),
        os.readlink(published),
    )
    return hashlib.sha256(repr(rests_on).encode()).hexdigest()


def _in_words(fault: BaseException, folder: Path) -> str:
    """In a line, without the folders of this machine."""
    return re.sub(r"\s+", " ", log.in_a_line(fault).replace(f"{folder}{os.sep}", "").replace(str(folder), "its folder"))
