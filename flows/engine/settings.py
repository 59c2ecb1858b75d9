"""How the engine is set before it is imported: quiet, telling nobody outside, its small database in the warehouse."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flows.engine import database

# Names of states of our own, both of type Completed: a run that finished and rejected something, one that was needless
REJECTIONS, SKIPPED = "Rejections", "Skipped"
_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
_ONE_RUN = {
    "PREFECT_LOGGING_LEVEL": "CRITICAL",  # a step that fails is reported once, by the command
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_EVENTS_STREAM_OUT_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",  # the first start makes its database
}
_SERVED = {
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "stepwindow",  # the run's own log shows in the UI, too
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
}
SERVER = {
    # in small batches, or runs that follow each other wait for SQLite
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
    # years of nights: runs older than 90 days go, what they did stays in the store
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs,orphans",
}


def settle(warehouse: Path) -> None:
    """Settings for one run by hand or by cron. What the environment says goes first."""
    _default(_QUIET | _ONE_RUN)
    logging.getLogger("EventsWorker").setLevel(logging.CRITICAL)  # on a busy machine it says that it is still at it
    if "PREFECT_API_URL" not in os.environ:
        _live_in(warehouse / "prefect")


def settle_served(warehouse: Path) -> None:
    """Settings for `serve`, its server and the runs it starts. What the environment says goes first."""
    _default(_QUIET | _SERVED)
    _live_in(warehouse / "server")


def home(folder: Path) -> Path:
    """A folder for the engine's own files, for its owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _live_in(folder: Path) -> None:
    """The engine's home, with its database, unless the environment names another."""
    if "PREFECT_HOME" not in os.environ:
        os.environ["PREFECT_HOME"] = str(home(folder))
        database.make(folder)


def _default(settings: dict[str, str]) -> None:
    for name, value in settings.items():
        os.environ.setdefault(name, value)
