"""What the disk, the machine or DuckDB could not do, as one sentence that says what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from models.fault import StoreError, StudyError

_MEND = {
    "store.duckdb": "`stepwindow backfill --rebuild` makes it anew from the inbox",
    "analytics.duckdb": "`stepwindow nightly` publishes it anew",
    "programme.duckdb": "`stepwindow programme run` makes it anew",
}
_FULL = ("No space left", "Disk quota exceeded", "File too large")
_CLOSED = ("Read-only file system", "Permission denied", "Operation not permitted")
_OF_THE_MACHINE = (OSError, duckdb.OperationalError, duckdb.InternalError, duckdb.FatalException)
_DAMAGED = ("Corrupt", "checksum", "not a valid DuckDB", "Could not read enough", "WAL file", "Failed to deserialize")


@contextmanager
def in_sentences(path: Path) -> Iterator[None]:
    """Turn what cannot be done with the database at `path` (or beside it) into a StoreError; bugs stay what they are.

    What was committed or published before stands in every case: the remedy is all there is to do.
    """
    try:
        yield
    except (duckdb.Error, OSError, MemoryError) as error:
        sentence = _sentence(error, _MEND[path.name])
        if sentence is None:
            raise
        raise StoreError(f"{path.name}: {sentence[0]}", sentence[1]) from None


def is_of_memory(error: BaseException) -> bool:
    """Whether there was too little memory."""
    return isinstance(error, MemoryError | duckdb.OutOfMemoryException)


def is_of_the_machine(error: Exception) -> bool:
    """Whether it is what the disk, the memory or the store could not do, whatever was asked of them."""
    return isinstance(error, StoreError | StudyError | OSError) or _sentence(error, "") is not None


def _sentence(error: Exception, mend: str) -> tuple[str, str] | None:
    """What is wrong, and what to do."""
    if is_of_memory(error):
        return "not enough memory", "end other programs, then run again: it goes on from where it stopped"
    # a damaged block is known by the bare class; the text of any other may be that of a file, and say anything
    if not (isinstance(error, _OF_THE_MACHINE) or type(error) is duckdb.Error):
        return None
    text = (error.strerror if isinstance(error, OSError) else str(error)) or ""
    if any(words in text for words in _FULL):
        return "the disk is full", "free some space, then run again: what was published stands"
    if any(words in text for words in _CLOSED):
        return (
            "the warehouse cannot be written to", "check its disk and the permissions of its folder, then run again"
        )  # fmt: skip
    if "Trying to read a database file with version" in text:
        return "written by a newer DuckDB than this one", "install the version of stepwindow that wrote it"
    if any(words in text for words in _DAMAGED):
        return "the file is damaged", mend
    if isinstance(error, duckdb.IOException | OSError):
        return f"the disk failed ({' '.join(text.split())[:200]})", "check it, then run again"
    return None
