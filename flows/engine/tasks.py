"""The steps of flows/night/steps.py as named tasks of a flow of the engine; how it ended is its state.

Nothing personal is a parameter, a name, a log line or an artifact.

Import this after `flows.engine.settings.settle`: the engine reads its settings once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.settings import get_current_settings
from prefect.states import Completed, Failed, State

from flows.engine.cluster import connect, fan_out, read_on
from flows.engine.one_line import in_one_line
from flows.engine.settings import REJECTIONS
from flows.night import health, log, outcome
from flows.night.run import Run
from flows.night.steps import STEPS, run_step
from models.store.store import StoreError

in_one_line()


def run_on_engine(run: Run) -> Run:
    """All steps as tasks of the flow `stepwindow-<command>`. New rejections: it ends as `Rejections`."""
    faults: list[BaseException] = []

    @flow(
        name=f"stepwindow-{run.scope.command}",
        flow_run_name=f"as of {run.as_of}",
        persist_result=False,
        **runner_on(run.scope.dask),
    )
    def steps() -> State:
        return run_tasks(run, faults)

    # every flow run would end with a second of sleep, for a heartbeat that nobody here listens to
    get_current_settings().flows.heartbeat_frequency = None
    try:
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


def runner_on(dask: str | None) -> dict[str, Any]:
    """A flow's task runner on a cluster, where one is named. StudyError where none answers."""
    if dask is None:
        return {}
    with connect(dask):
        from prefect_dask import DaskTaskRunner

        return {"task_runner": DaskTaskRunner(address=dask)}


def run_tasks(run: Run, faults: list[BaseException] | None = None) -> State:
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
        return could_not(run.study.folder, fault)
    _leave_artifacts(run)
    f = run.files
    summary = f"{f['loaded']} loaded, {f['rejected']} rejected, {run.days} days, {run.changes} verdicts changed"
    if run.is_clean:
        return Completed(message=summary, data=0)
    # not of type Failed: the UI paints by type, and red is for what could not run
    return Completed(name=REJECTIONS, message=f"{summary}; {run.problems}: `stepwindow status` names each", data=1)


def could_not(folder: Path, fault: Exception) -> State:
    """What stopped a run of the study in `folder`, in a line, as a state."""
    line = log.in_a_line(fault)
    return Failed(message=line if folder == Path() else line.replace(str(folder), "study"))


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
            return could_not(run.study.folder, fault)
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
