"""The log of the runs: `<warehouse>/logs/stepwindow.log`, plain, rotating, for its owner alone.

It says what a run did, in counts and durations. No participant, no file name and no value is in it: what a person needs
to repair a fault is in `stepwindow status`. `STEPWINDOW_LOG=DEBUG` adds the traceback of an unexpected fault, which may
hold anything.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from flows.environment import log_level
from models.fault import StudyError, can_pass
from models.shown import shown_lines
from models.store.store import StoreError
from models.system.files import private

logger = logging.getLogger("stepwindow")
logger.setLevel(log_level())
logger.propagate = False
logger.addHandler(logging.NullHandler())  # without any, Python prints what is logged before there is a file
_HOME = Path(__file__).parents[2]


class _Private(RotatingFileHandler):
    """For its owner alone, also after a rotation. A disk that is full stops no night."""

    def _open(self):
        return open(self.baseFilename, self.mode, encoding="utf-8", opener=private)

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing: the run matters, its log does not."""


class _Lines(logging.Formatter):
    """Lines in which a control character is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        return shown_lines(super().format(record))


def to_file(warehouse: Path) -> None:
    """Write on into the log of this warehouse, and into no other; ten files of a megabyte at most."""
    for old in [handler for handler in logger.handlers if isinstance(handler, _Private)]:
        logger.removeHandler(old)
        old.close()
    try:
        warehouse.mkdir(parents=True, exist_ok=True, mode=0o700)
        (warehouse / "logs").mkdir(exist_ok=True, mode=0o700)
        handler = _Private(warehouse / "logs" / "stepwindow.log", maxBytes=2**20, backupCount=9)
    except OSError:
        return
    lines = _Lines("%(asctime)sZ %(levelname)s [%(process)d] %(message)s", "%Y-%m-%dT%H:%M:%S")
    lines.converter = time.gmtime
    handler.setFormatter(lines)
    logger.addHandler(handler)


@contextmanager
def stopped(command: str, *, is_last: bool = True) -> Iterator[None]:
    """Log why a run could not go on, and let the fault pass. Unless `is_last`, it tries again where that helps."""
    try:
        yield
    except BaseException as fault:
        if can_pass(fault) and not is_last:
            logger.warning("%s waits and tries again: %s", command, in_a_line(fault))
            raise
        logger.error("%s stopped: %s", command, in_a_line(fault))
        logger.debug("%s", "".join(traceback.format_exception(fault)))
        raise


def is_verbose() -> bool:
    """Whether tracebacks are wanted."""
    return logger.isEnabledFor(logging.DEBUG)


def in_a_line(fault: BaseException) -> str:
    """What went wrong, without anything personal: an expected fault in its own words, any other by its place."""
    if isinstance(fault, StoreError | StudyError):  # they name control files, columns and processes
        return str(fault)
    if isinstance(fault, KeyboardInterrupt):
        return "interrupted; what was done is kept, the next run goes on from there"
    if isinstance(fault, OSError) and fault.strerror:
        return f"{fault.strerror}; look at the disk and its permissions, the next run goes on from there"
    place = [type(fault).__name__]
    for frame in traceback.extract_tb(fault.__traceback__):
        if any(Path(frame.filename).is_relative_to(_HOME / layer) for layer in ("flows", "connectors", "models")):
            place[1:] = [f"{Path(frame.filename).relative_to(_HOME)} line {frame.lineno}"]
    return (
        f"a fault of stepwindow itself ({', '.join(place)}); what was done is kept. With STEPWINDOW_LOG=DEBUG it says "
        "more, which may show what stands in a file"
    )
