"""The night and the backfill on the engine: the steps of flows/night/steps.py as named tasks of one flow.

`run_on_engine` is for a run by hand or by cron: with no server (Prefect keeps a small database of its own in the
warehouse then), or visible in the server that PREFECT_API_URL names. `nightly` and `backfill` are what
`stepwindow serve` and workers run; their study is $STEPWINDOW_STUDY. Nothing personal is a parameter, a name, a log
line or an artifact.

Import this after `flows.engine.settings.settle`: the engine reads its settings once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.runtime import flow_run
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Completed, Failed, State
from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors import connectors
from flows.engine.cluster import connect, fan_out, read_on
from flows.engine.one_line import in_one_line
from flows.engine.opening import opened
from flows.engine.settings import REJECTIONS, SKIPPED
from flows.night import health, log, outcome
from flows.night.begin import begin, is_inbox_away
from flows.night.progress import Progress
from flows.night.run import BeforePublished, Run, Scope
from flows.night.steps import STEPS, plan, run_step
from models.fault import AWAY, StudyError
from models.store.store import StoreError
from models.study.folder import read_study

in_one_line()
Connector = StrEnum("Connector", {name: name for name in connectors()})  # type: ignore[misc]


class Part(BaseModel):
    """Which part of the inbox is read again. For one participant use the command line: what is typed here is stored."""

    model_config = ConfigDict(extra="forbid")
    since: date | None = Field(None, title="From", description="Only files with data on or after this date")
    until: date | None = Field(None, title="To", description="Only files with data on or before this date")
    connectors: list[Connector] = Field([], title="Kinds of export", description="Only these; none chosen: all")
    as_of: date | None = Field(None, title="As of", description="Judge as of this date; empty: today")
    reload: bool = Field(False, title="Reload", description="Decode again what was loaded before")
    rebuild: bool = Field(False, title="Rebuild", description="Make the store anew from the inbox")
    plan: bool = Field(False, title="Plan only", description="Say how much would be read, do nothing")

    @model_validator(mode="after")
    def _in_order(self) -> Part:
        if self.since and self.until and self.since > self.until:
            raise ValueError("From is after To; exchange them")
        return self


def _scheduled() -> str:
    return f"{flow_run.scheduled_start_time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _is_done() -> bool:
    """Whether a night that began later has done it. One of the future had a clock that was wrong."""
    with suppress(StudyError):  # a study that cannot be read is reported when it begins
        before = outcome.last_night(read_study(_folder()).warehouse)
        return bool(before and flow_run.scheduled_start_time < before.replace(tzinfo=UTC) <= datetime.now(UTC))
    return False


class _Skipped(Exception):
    """There is nothing to do: a night that began later has done it already."""


_NO_FAILURE = (_Skipped, BeforePublished)


@flow(name="stepwindow-nightly", flow_run_name=_scheduled, persist_result=False)
def nightly() -> State:
    """Load what is new in the inbox, judge, publish. A night that a later one has made needless does nothing.

    Its result is 0, or 1 where it finished with rejections (the state is `Rejections` then).
    """

    def start(is_last: bool) -> Run:
        if _is_done():
            raise _Skipped
        return _begin(Scope("nightly", dask=_cluster()), is_last)

    try:
        return _run_tasks(opened(start, _could_not, _NO_FAILURE))
    except _Skipped:
        return Completed(name=SKIPPED, message="a night that began later has done it already")
    except Exception as fault:
        return _could_not(fault)


@flow(name="stepwindow-backfill", flow_run_name=_scheduled, persist_result=False)
def backfill(part: Part = Part()) -> State:  # type: ignore[call-arg] # noqa: B008
    """The same steps over a chosen part of the inbox. Its result is 0 or 1, as that of the night."""
    kinds = frozenset(str(kind) for kind in part.connectors)
    scope = Scope(
        "backfill", part.as_of, connectors=kinds, since=part.since, until=part.until, reload=part.reload,
        rebuild=part.rebuild, dask=_cluster(),
    )  # fmt: skip
    try:
        if part.plan:
            waiting = plan(_folder(), scope).values()
            files, size = sum(n for n, _ in waiting), sum(size for _, size in waiting)
            return Completed(message=f"would read {files} files, {size} bytes of {len(waiting)} participants")
        return _run_tasks(opened(partial(_begin, scope), _could_not, _NO_FAILURE))
    except BeforePublished as asked:
        what = f"as of {asked.as_of}, before what is published ({asked.published}): nothing was read, kept or published"
        return Completed(message=f"{what}; `stepwindow goals --as-of {asked.as_of}` shows the verdicts")
    except Exception as fault:
        return _could_not(fault)


def run_on_engine(run: Run) -> Run:
    """All steps as tasks of the flow `stepwindow-<command>`. New rejections: it ends as `Rejections`."""
    faults: list[BaseException] = []

    @flow(
        name=f"stepwindow-{run.scope.command}",
        flow_run_name=f"as of {run.as_of}",
        persist_result=False,
        **_cluster_of(run),
    )
    def steps() -> State:
        return _run_tasks(run, faults)

    # without it every flow run ends with a second of sleep, for a heartbeat that nobody here listens to
    try:
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            ended = steps(return_state=True).type.value.lower()
    except RuntimeError:
        ended = "no server answers"
    if faults:
        raise faults[0]
    if run.published is None:
        raise StoreError(
            f"the engine did not run the steps ({ended}); look at the PREFECT_... settings of the environment, or run "
            "with --no-engine"
        )
    return run


def _cluster_of(run: Run) -> dict[str, Any]:
    """The flow's task runner where the run reads on a cluster. StudyError where none answers."""
    if run.scope.dask is None:
        return {}
    with connect(run.scope.dask):
        from prefect_dask import DaskTaskRunner

        return {"task_runner": DaskTaskRunner(address=run.scope.dask)}


def _folder() -> Path:
    return Path(os.environ.get("STEPWINDOW_STUDY", "."))


def _cluster() -> str | None:
    return os.environ.get("STEPWINDOW_DASK") or None


def _begin(scope: Scope, is_last: bool) -> Run:
    """Begin a run; unless `is_last`, also an inbox that is gone is waited for. It is an alarm of the run then."""
    run = begin(_folder(), scope, Progress(say=log.logger.info), is_last=is_last)
    if not is_last and is_inbox_away(run):
        run.store.close()
        with log.stopped(scope.command, is_last=False):
            raise StudyError("inbox: nothing in it, though files were loaded from it", "see that it is mounted", AWAY)
    return run


def _could_not(fault: Exception) -> State:
    return Failed(message=log.in_a_line(fault).replace(str(_folder()), "study"))


def _run_tasks(run: Run, faults: list[BaseException] | None = None) -> State:
    """Run the steps as tasks, leave the artifacts, return how it ended. What stopped it is added to `faults`."""
    stopped = [] if faults is None else faults
    try:
        with outcome.logged(run), health.while_it_runs(run), _reading(run), run.progress:
            for step in STEPS:
                _task(step, run, stopped)(return_state=True)
                if stopped:
                    raise stopped[0]
    except Exception as fault:
        if faults is None:  # the engine keeps the tasks, which must not keep what the fault's frames had open
            stopped.clear()
        return _could_not(fault)
    _leave_artifacts(run)
    f = run.files
    summary = f"{f['loaded']} loaded, {f['rejected']} rejected, {run.days} days, {run.changes} verdicts changed"
    if run.is_clean:
        return Completed(message=summary, data=0)
    # not of type Failed: the UI paints by type, and red is for what could not run
    return Completed(name=REJECTIONS, message=f"{summary}; {run.problems}: `stepwindow status` names each", data=1)


@contextmanager
def _reading(run: Run) -> Iterator[None]:
    """Where the run reads: by the flow's Dask runner, on a cluster it finds itself, or here.

    A chunk is no engine task: each would cost 0.1 s, and 21 KB of the engine's database.
    """
    runner = FlowRunContext.get().task_runner  # type: ignore[union-attr]
    if run.scope.dask and hasattr(runner, "client"):
        run.read_chunks = partial(read_on, runner.client)
        yield
    else:
        with fan_out(run):
            yield


def _task(step: Callable[[Run], None], run: Run, stopped: list[BaseException]) -> Callable[..., State]:
    """A step as a task. It takes no parameters and no exception's text leaves it: the engine keeps both."""

    # the steps hold the store's one connection: nothing to cache, nothing to retry in another process
    @task(name=step.__name__.replace("_", " "), cache_policy=NO_CACHE, persist_result=False)
    def step_task() -> State:
        try:
            run_step(step, run)
        except Exception as fault:
            stopped.append(fault)
            return _could_not(fault)
        return Completed()

    return step_task


def _leave_artifacts(run: Run) -> None:
    """What was loaded, what was not used and what to do about it, which verdicts changed: all in counts."""
    key = study_key(run.study.name)
    tables = {
        f"{key}-loaded": (outcome.loaded(run), "Files read in this run, by reader"),
        f"{key}-not-used": (outcome.not_used(run.new_faults), "New and not used; `stepwindow status` names each"),
        f"{key}-verdict-changes": (
            outcome.verdict_changes(run.study.warehouse), "Verdicts that changed since the run before"
        ),
    }  # fmt: skip
    for name, (table, description) in tables.items():
        create_table_artifact(table, key=name, description=description)


def study_key(name: str) -> str:
    """A study's name as the engine writes names: riverside-ketamine-programme."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "study"
