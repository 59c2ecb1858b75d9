"""The night on the engine: the steps of flows/road.py as named tasks of one flow.

It runs with no server (Prefect keeps a small database of its own in the warehouse then) and shows up in a server where
PREFECT_API_URL points to one. Nothing personal is a parameter, a name, a log line or an artifact: the flow takes no
parameters at all, and what it says of a night is counts.
"""

from __future__ import annotations

import os
from pathlib import Path

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
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from prefect.states import Completed, Failed, State

    @flow(name=f"stepwindow-{run.scope.command}", flow_run_name=f"as of {run.as_of}", persist_result=False)
    def road() -> State:
        for step in STEPS:
            # the steps hold the store's one connection: nothing to cache, nothing to retry in another process
            task(name=step.__name__.replace("_", " "), cache_policy=NO_CACHE, persist_result=False)(step)(run)
        f = run.files
        told = f"{f['loaded']} loaded, {f['rejected']} rejected, {run.days} days, {run.changes} verdicts changed"
        if run.is_clean:
            return Completed(message=told)
        return Failed(message=f"{told}; {len(run.new_faults)} not used: `stepwindow status` names each")

    try:
        # without it every flow run ends with a second of sleep, for a heartbeat that nobody here listens to
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            road(return_state=True).result(raise_on_failure=False)
    finally:
        run.store.close()
    if run.report is None:
        raise RuntimeError("the night did not reach its end; the engine's log says which task failed")
    return run


def _settle(warehouse: Path) -> None:
    """Engine settings for a quiet machine, before the engine is imported; what the environment says goes first."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if "PREFECT_API_URL" not in os.environ:
        home = warehouse / "prefect"
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.environ.setdefault("PREFECT_HOME", str(home))
