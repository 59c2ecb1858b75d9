"""The night on the engine: the steps of flows/road.py as named tasks of one flow.

It runs with no server (Prefect keeps a small database of its own in the warehouse then) and shows up in a server where
PREFECT_API_URL points to one. Nothing personal is a parameter, a name, a log line or an artifact: the flow takes no
parameters at all, and what it says of a night is counts.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

from flows import health
from flows.cluster import connect, read_on
from flows.road import STEPS, Run

_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",  # the first start makes its database
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
}


def walk_on_engine(run: Run) -> Run:
    """All steps as tasks of the flow `stepwindow-<command>`. The flow ends red when something new was rejected."""
    _settle(run.study.warehouse)
    from prefect import flow, task
    from prefect.cache_policies import NO_CACHE
    from prefect.context import FlowRunContext
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from prefect.states import Completed, Failed, State

    @flow(
        name=f"stepwindow-{run.scope.command}",
        flow_run_name=f"as of {run.as_of}",
        persist_result=False,
        **_cluster_of(run),
    )
    def road() -> State:
        if run.scope.dask:  # a chunk is no engine task: each would cost 0.1 s, and 21 KB of the engine's database
            run.read = partial(read_on, FlowRunContext.get().task_runner.client)  # type: ignore[union-attr]
        for step in STEPS:
            run.step = step.__name__
            # the steps hold the store's one connection: nothing to cache, nothing to retry in another process
            task(name=step.__name__.replace("_", " "), cache_policy=NO_CACHE, persist_result=False)(step)(run)
        f = run.files
        told = f"{f['loaded']} loaded, {f['rejected']} rejected, {run.days} days, {run.changes} verdicts changed"
        if run.is_clean:
            return Completed(message=told)
        return Failed(message=f"{told}; {len(run.new_faults)} not used: `stepwindow status` names each")

    # without it every flow run ends with a second of sleep, for a heartbeat that nobody here listens to
    with health.while_it_runs(run), temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        ended = road(return_state=True).result(raise_on_failure=False)
        if run.report is None:  # the flow's state is the fault that ended it
            raise ended if isinstance(ended, BaseException) else RuntimeError("the night did not reach its end")
    return run


def _cluster_of(run: Run) -> dict[str, Any]:
    """The flow's task runner where the run reads on a cluster. StudyError where none answers."""
    if run.scope.dask is None:
        return {}
    with connect(run.scope.dask):
        from prefect_dask import DaskTaskRunner

        return {"task_runner": DaskTaskRunner(address=run.scope.dask)}


def _settle(warehouse: Path) -> None:
    """Engine settings for a quiet machine, before the engine is imported; what the environment says goes first."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if "PREFECT_API_URL" not in os.environ:
        home = warehouse / "prefect"
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.environ.setdefault("PREFECT_HOME", str(home))
