"""The key of the databases, where a study has one: from the environment, or from a file.

It is handed to DuckDB as a bound value. It never stands in SQL text, in an exception, a log line or a process list.
"""

from __future__ import annotations

import os
from pathlib import Path

from models.fault import StudyError
from models.system.files import may_others

_MOST_TEXT = 10_000  # characters that are read of a key's file
_KEY_FILES: dict[Path, Path | None] = {}  # warehouse -> [warehouse] key_file of its study.toml


def name_key_file(warehouse: Path, file: Path | None) -> None:
    """Say which file holds the key of a warehouse, or that none does; the environment goes before it."""
    _KEY_FILES[warehouse] = file


def key_of(folder: Path) -> str | None:
    """The key of a warehouse (or of a folder inside one); None where the databases are not encrypted by DuckDB.

    `$STEPWINDOW_KEY` goes before `$STEPWINDOW_KEY_FILE`, and that before study.toml. StudyError where a key is asked
    for and cannot be had: nothing is ever written in plain because a key was out of reach.
    """
    if key := os.environ.get("STEPWINDOW_KEY"):
        return _long_enough(key, "STEPWINDOW_KEY")
    if named := os.environ.get("STEPWINDOW_KEY_FILE"):
        return _read(Path(named), "STEPWINDOW_KEY_FILE")
    file = key_file_of(folder)
    return _read(file, "study.toml: [warehouse] key_file") if file else None


def key_file_of(folder: Path) -> Path | None:
    """The file that `name_key_file` named for a warehouse (or for the one a folder is inside of)."""
    return next((_KEY_FILES[place] for place in (folder, *folder.parents) if place in _KEY_FILES), None)


def _read(file: Path, says: str) -> str:
    try:
        is_open = may_others(file, 0o007)
        if not file.is_file():
            raise OSError("no file")
        with file.open(encoding="utf-8") as text:
            key = text.read(_MOST_TEXT).strip()
    except (OSError, UnicodeDecodeError):
        raise StudyError(
            f"{says}: the key cannot be read from {file.name}", "put it there as one line of text"
        ) from None
    if is_open:
        raise StudyError(f"{says}: everybody on this machine may read {file.name}", "chmod 600 it")
    return _long_enough(key, says)


def _long_enough(key: str, says: str) -> str:
    if len(key) < 16:
        raise StudyError(f"{says}: a key of fewer than 16 characters", "make one with `openssl rand -base64 32`")
    return key
