"""What failed is one line in the engine's own log: no traceback, nothing personal."""

from __future__ import annotations

import logging

from prefect.exceptions import FailedRun

from flows.night import log


def in_one_line() -> None:
    """From now on, for flows and tasks. With STEPWINDOW_LOG=DEBUG the engine says all it has."""
    for name in ("prefect.flow_runs", "prefect.task_runs"):
        logging.getLogger(name).addFilter(_shorten)


def _shorten(record: logging.LogRecord) -> bool:
    """Take the traceback out of a record. False: it is not logged, for a task only returned how it failed, and its flow
    says it."""
    if log.is_verbose() or record.levelno < logging.ERROR:
        return True
    if record.exc_info:
        fault = record.exc_info[1]
        if fault is None:
            return False
        line = str(fault) if isinstance(fault, FailedRun) else log.in_a_line(fault)
        record.msg, record.args, record.exc_info, record.exc_text = "%s", (line,), None, None
    return not record.getMessage().startswith("Finished in state Failed")
