"""A Prefect server for one run, in a thread of the process that runs it.

Prefect itself would start a second process, which imports everything once more, registers blocks, plans schedules, and
is left behind where the night is killed. Here its API listens on the loopback, at a port of the system's choosing; what
runs beside it is only the recorder, which writes down the states of tasks. The database is the one of PREFECT_HOME.

It is put together from parts that Prefect does not document. So it is there for one version; with another, Prefect
starts its own server, and the night only takes longer.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from importlib.metadata import version
from threading import Thread
from typing import TYPE_CHECKING

from flows.engine.database import alone
from models.store.store import StoreError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from uvicorn import Server

KNOWN = "3.9.1"
_PATIENCE = 180  # seconds until it answers: the first time it makes its database, on a machine that may be busy
_TO_END = 10  # seconds
_HANDED_ON = 0.1  # seconds for what was received to reach the recorder


@contextmanager
def running() -> Iterator[None]:
    """While it lasts, a server is there, and named to Prefect (PREFECT_API_URL), of which nothing is imported yet that
    asks for one. Once in a process.

    Where Prefect is of another version, its API asks for a password, or a profile of the user's names a server, nothing
    is started. StoreError where the server does not come up.
    """
    if version("prefect") != KNOWN or "PREFECT_SERVER_API_AUTH_STRING" in os.environ or _is_set_otherwise():
        yield
        return
    listening = socket.create_server(("127.0.0.1", 0))
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{listening.getsockname()[1]}/api"
    import uvicorn
    from prefect.context import refresh_global_settings_context
    from prefect.events.worker import EventsWorker

    with warnings.catch_warnings(action="ignore"):  # what it warns of, it did when it was imported
        refresh_global_settings_context()

    faults: list[Exception] = []
    server = uvicorn.Server(uvicorn.Config(_app(faults), lifespan="on", log_config=None, log_level="critical"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="engine's server", daemon=True)
    thread.start()
    _wait(server, thread, faults)
    try:
        yield
    finally:
        EventsWorker.drain_all(timeout=_TO_END)  # what is still to be said of the steps
        server.should_exit = True
        thread.join(timeout=_TO_END)
        del os.environ["PREFECT_API_URL"]


def _is_set_otherwise() -> bool:
    """Whether a file of settings says what the environment does not: a profile in PREFECT_HOME, a prefect.toml."""
    from prefect.settings import get_current_settings

    settings = get_current_settings()
    return bool(settings.api.url or settings.server.api.auth_string)


def _wait(server: Server, thread: Thread, faults: list[Exception]) -> None:
    until = time.monotonic() + _PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            why = f" ({_named(faults[0])})" if faults else ""
            what = f"the engine's server does not come up{why}"
            raise StoreError(f"{what}; look at the disk and at prefect.db in PREFECT_HOME, or run with --no-engine")
        time.sleep(0.01)


def _named(fault: Exception) -> str:
    """What kind of fault, and what the database said."""
    said = getattr(fault, "orig", None)  # of SQLAlchemy: its own text quotes the statement
    return type(fault).__name__ if said is None else f"{type(said).__name__}: {str(said).splitlines()[0]}"


def _app(faults: list[Exception]) -> FastAPI:
    """Prefect's API at /api. Its routes are taken as they are: including its routers would build each a second time.

    What keeps it from coming up is added to `faults`.
    """
    from fastapi import FastAPI
    from prefect.server.api.server import API_ROUTERS

    app, api = FastAPI(lifespan=partial(_recording, faults)), FastAPI(exception_handlers=_answers())
    for router in API_ROUTERS:
        api.router.routes.extend(router.routes)
    app.mount("/api", api)
    return app


def _answers() -> dict[int | type[Exception], Callable]:
    """How Prefect's server answers what fails: a client asks again where the database was busy (503)."""
    from fastapi.exceptions import RequestValidationError
    from prefect.server.api import server
    from prefect.server.exceptions import ObjectNotFoundError
    from sqlalchemy.exc import IntegrityError

    server._install_sqlite_locked_log_filter()  # nor is it said at length: the night goes on
    return {
        Exception: server.custom_internal_exception_handler,
        RequestValidationError: server.validation_exception_handler,
        IntegrityError: server.integrity_exception_handler,
        ObjectNotFoundError: server.prefect_object_not_found_exception_handler,
    }


@asynccontextmanager
async def _recording(faults: list[Exception], _: FastAPI) -> AsyncIterator[None]:
    """With a database of Prefect's present form, and the recorder at work."""
    from prefect.server.database import provide_database_interface
    from prefect.server.services.task_run_recorder import TaskRunRecorder
    from prefect.settings import get_current_settings

    database = provide_database_interface()
    try:
        with alone(get_current_settings().home):
            await database.create_db()
    except Exception as fault:
        faults.append(fault)
        raise
    recorder = TaskRunRecorder()
    working = asyncio.create_task(recorder.start())
    await recorder.started_event.wait()
    yield
    await asyncio.sleep(_HANDED_ON)
    await recorder.stop()
    await working  # it writes what it holds
    await (await database.engine()).dispose()
