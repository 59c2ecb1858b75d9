"""The schedules: a night on cron in the study's zone, and a backfill with a form, as deployments of a Prefect server.

A night that the machine slept through is caught up at the start, once. A second night does not begin while one runs. A
run whose process died without a word (power) is marked crashed, so that it does not hold the place of the next one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID

from flows.engine import served
from flows.engine import settings as engine
from flows.night import log, outcome
from flows.output import say
from models.store.store import StoreError
from models.study.folder import read_study
from models.study.study import Study
from models.system.children import OWN_GROUP, at_the_end, end_all

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.deployments.runner import RunnerDeployment


class Stop(BaseException):
    """Somebody asked for the end, politely."""


def serve(folder: Path, at: str, port: int) -> None:
    """Serve until SIGTERM or Ctrl-C. `at`: HH:MM in the study's zone. `port`: of a server of our own, where
    PREFECT_API_URL names none.

    Raises StudyError, and StoreError where the study is served already or no server can be had.
    """
    study = read_study(folder)
    os.umask(0o077)
    signal.signal(signal.SIGTERM, _stop)
    with ExitStack() as held:
        lock = held.enter_context(served.alone(study.warehouse))
        log.to_file(study.warehouse)
        engine.settle_served(study.warehouse)
        os.environ["STEPWINDOW_STUDY"] = str(study.folder.resolve())
        try:
            if "PREFECT_API_URL" not in os.environ:
                held.enter_context(_server(study.warehouse, port))
                served.tell(lock, os.environ["PREFECT_API_URL"])
            with suppress(Stop, KeyboardInterrupt), _room():
                _run(study, at)
            log.logger.info("serve stops")
        except (Stop, KeyboardInterrupt):
            log.logger.info("serve stops before its server was there")


def _stop(*_: object) -> None:
    raise Stop


@contextmanager
def _server(warehouse: Path, port: int) -> Iterator[None]:
    """A Prefect server on the loopback, as long as the block runs; PREFECT_API_URL names it."""
    os.environ["PREFECT_API_URL"] = api = f"http://127.0.0.1:{port}/api"
    if served.version_of(api) is not None:
        raise StoreError(f"port {port}: a server is there; name it (PREFECT_API_URL={api}), or give another --port")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**engine.SERVER, **os.environ, "PREFECT_SERVER_UI_API_URL": api}
    with open(warehouse / "logs" / "server.log", "wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, **OWN_GROUP)
    try:
        for _ in range(360):
            if served.version_of(api) is not None:
                break
            if process.poll() is not None:
                raise StoreError(f"port {port}: the server did not start; logs/server.log in the warehouse says why")
            time.sleep(0.5)
        else:
            raise StoreError(f"port {port}: the server did not answer within three minutes; start `serve` again")
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        end_all(process)  # whatever it left behind
        process.wait()


@contextmanager
def _room() -> Iterator[None]:
    """A folder of our own for Prefect's runner, which makes one of the same name for every user in that of the machine:
    whoever comes second could not write there."""
    with tempfile.TemporaryDirectory(prefix="stepwindow-") as tempfile.tempdir:
        try:
            yield
        finally:
            tempfile.tempdir = None


def _run(study: Study, at: str) -> None:
    """Register both deployments, catch up, and start what is due until the end."""
    from prefect.client.orchestration import get_client
    from prefect.runner import Runner

    night, backfill = deployments(study, at)
    runner = Runner(name=f"stepwindow {study.name}", pause_on_shutdown=True)
    ids = [cast(UUID, runner.add_deployment(deployment)) for deployment in (night, backfill)]
    with get_client(sync_client=True) as client:
        _bury(client, ids)
        _watch_for_the_dead()
        _catch_up(client, ids[0], study, at)
        _schedule(client, ids[0])
    log.logger.info("serve begins: every night at %s, %s", at, study.timezone)
    say(f"{study.name}: every night at {at}, {study.timezone}")
    say(f"  forms, runs    {os.environ['PREFECT_API_URL'].removesuffix('/api')}/deployments", to=sys.stdout)
    asyncio.run(_until_stopped(runner))


async def _until_stopped(runner) -> None:
    """Run the runner; on SIGTERM or Ctrl-C end its runs' processes, take its schedules back, and return."""
    stop = asyncio.Event()
    working = asyncio.create_task(runner.start())
    await asyncio.sleep(0)  # it takes SIGTERM for itself, and would leave without putting anything away
    loop = asyncio.get_running_loop()
    at_the_end(loop, stop.set)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        working.result()
        return
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


def deployments(study: Study, at: str) -> list[RunnerDeployment]:
    """The night and the backfill of a study. On a server that several share, the study's name tells them apart."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.deployments.runner import EntrypointType
    from prefect.schedules import Cron

    from flows import nightly as flows
    from flows.engine.tasks import study_key

    one = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    return [
        cast("RunnerDeployment", flow.to_deployment(  # outside an event loop it is no coroutine
            study_key(study.name), schedule=schedule, concurrency_limit=one, tags=["stepwindow"],
            entrypoint_type=EntrypointType.MODULE_PATH,
        ))
        for flow, schedule in ((flows.nightly, Cron(_cron(at), timezone=study.timezone)), (flows.backfill, None))
    ]  # fmt: skip


def _cron(at: str) -> str:
    hour, minute = at.split(":")
    return f"{int(minute)} {int(hour)} * * *"


def _bury(client: SyncPrefectClient, deployments: list[UUID]) -> None:
    """Mark what seems to run as crashed: nobody else serves this study, so its process died with the last `serve`."""
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId, FlowRunFilter, FlowRunFilterState
    from prefect.client.schemas.filters import FlowRunFilterStateType as Types
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    under_way = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
    dead = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=Types(any_=under_way))),
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=deployments)),
    )
    for run in dead:
        message = "its process ended without a word (power?); the next night goes on from there"
        client.set_flow_run_state(run.id, Crashed(message=message), force=True)


def _watch_for_the_dead() -> None:
    """An automation for runs that fall silent while the server goes on: no heartbeat for five minutes is a crash."""
    from prefect.automations import Automation, EventTrigger, Posture
    from prefect.client.schemas.objects import StateType
    from prefect.events.actions import ChangeFlowRunState

    message = "no sign of life for five minutes"
    silent = ChangeFlowRunState(name=None, state=StateType.CRASHED, message=message, force=False)
    name, run = "stepwindow: runs that fell silent", "prefect.flow-run"
    ends = {
        f"{run}.{end}" for end in ("Completed", engine.REJECTIONS, engine.SKIPPED, "Failed", "Cancelled", "Crashed")
    }
    trigger = EventTrigger(
        after={f"{run}.heartbeat"}, expect={f"{run}.heartbeat"} | ends, for_each={"prefect.resource.id"},
        match={"prefect.resource.id": [f"{run}.*"]}, posture=Posture.Proactive, threshold=1,
        match_related={"prefect.resource.role": "tag", "prefect.resource.id": "prefect.tag.stepwindow"},
        within=timedelta(minutes=5),
    )  # fmt: skip
    automation = Automation(name=name, trigger=trigger, actions=[silent])
    try:
        automation.id = cast(Automation, Automation.read(name=name)).id
    except ValueError:
        automation.create()
    else:
        automation.update()


def _schedule(client: SyncPrefectClient, night: UUID) -> None:
    """Have the server write down the next nights now: one that cannot would let years pass without a word."""
    from prefect.exceptions import PrefectHTTPStatusError

    try:
        client.request("POST", "/deployments/{id}/schedule", path_params={"id": night}, json={})
    except PrefectHTTPStatusError as fault:
        answer = fault.response.status_code
        raise StoreError(f"the server schedules nothing (it answers {answer}); install the locked versions") from None


def _catch_up(client: SyncPrefectClient, night: UUID, study: Study, at: str) -> None:
    """Order the night that should have been and was not. A study that never had one has missed none."""
    from prefect.states import Scheduled

    done = outcome.last_night(study.warehouse)
    due = asyncio.run(last_due(at, study.timezone, datetime.now(UTC)))
    if done and done.replace(tzinfo=UTC) < due:
        log.logger.info("the night of %s was missed: caught up now", due.isoformat(timespec="minutes"))
        client.create_flow_run_from_deployment(night, state=Scheduled(scheduled_time=due))


async def last_due(at: str, timezone: str, now: datetime) -> datetime:
    """When the last night was due, by the server's own reckoning: once a day, whatever the clocks do (UTC)."""
    from prefect.server.schemas.schedules import CronSchedule

    days = await CronSchedule(cron=_cron(at), timezone=timezone).get_dates(start=now - timedelta(days=3), end=now)
    return max(day.astimezone(UTC) for day in days)
