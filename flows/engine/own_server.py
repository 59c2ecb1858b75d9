"""A Prefect server for one run, in a thread of the process that runs it.

Prefect itself would start a second process, which imports everything once more, registers blocks, plans schedules, and
is left behind where the night is killed. Here its API listens on the loopback, at a port of the system's choosing; what
runs beside it is only the recorder, which writes down the states of tasks. The database is the one of PREFECT_HOME.

It is put together from parts that Prefect does not document. So it is there for one version; with another, Prefect
starts its own server, and the night only takes longer.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from threading import Thread
from typing import TYPE_CHECKING

from models.store.store import StoreError

if TYPE_CHECKING:
    from fastapi import FastAPI

KNOWN = "3.8.8"
_PATIENCE = 180  # seconds until it answers: the first time it makes its database, on a machine that may be busy
_HANDED_ON = 0.1  # seconds for what was received to reach the recorder


def start() -> None:
    """Start it and name it to Prefect (PREFECT_API_URL), which is not imported yet. It ends with the process.

    Where Prefect is of another version it does nothing. StoreError where the server does not come up.
    """
    if version("prefect") != KNOWN:
        return
    listening = socket.create_server(("127.0.0.1", 0))
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{listening.getsockname()[1]}/api"
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(_app(), lifespan="on", log_config=None, log_level="critical"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="engine's server", daemon=True)
    thread.start()
    until = time.monotonic() + _PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise StoreError("the engine's server does not come up; look at the disk, or run with --no-engine")
        time.sleep(0.01)

    @atexit.register  # by then the engine has sent what it still had to tell
    def stop() -> None:
        server.should_exit = True
        thread.join(timeout=10)


def _app() -> FastAPI:
    """Prefect's API at /api. Its routes are taken as they are: including its routers would build each a second time."""
    from fastapi import FastAPI
    from prefect.server.api.server import API_ROUTERS

    app, api = FastAPI(lifespan=_recording), FastAPI()
    for router in API_ROUTERS:
        api.router.routes.extend(router.routes)
    app.mount("/api", api)
    return app


@asynccontextmanager
async def _recording(_: FastAPI) -> AsyncIterator[None]:
    """With a database of Prefect's present form, and the recorder at work."""
    from prefect.server.database import provide_database_interface
    from prefect.server.services.task_run_recorder import TaskRunRecorder

    database = provide_database_interface()
    await database.create_db()
    recorder = TaskRunRecorder()
    working = asyncio.create_task(recorder.start())
    await recorder.started_event.wait()
    yield
    await asyncio.sleep(_HANDED_ON)
    await recorder.stop()
    await working  # it writes what it holds
    await (await database.engine()).dispose()
