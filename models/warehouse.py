"""Where a study keeps its databases, without reading the rest of the study: what only asks them starts at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

from models.fault import StudyError
from models.store.key import name_key_file


def warehouse_of(folder: Path) -> Path:
    """The warehouse that study.toml names; its key file is known from then on. StudyError where that cannot be read."""
    toml = folder / "study.toml"
    try:
        settings = tomllib.loads(toml.read_text("utf-8-sig")).get("warehouse", {})
        return placed(folder, settings.get("path", "warehouse"), settings.get("key_file"))
    except (OSError, ValueError, TypeError, AttributeError):
        raise StudyError(f"{toml}: cannot be read; `stepwindow doctor` says what is wrong with it") from None


def placed(folder: Path, path: str, key_file: str | None) -> Path:
    """The warehouse at a path relative to the study folder, and where its key is."""
    warehouse = (folder / path).resolve()
    name_key_file(warehouse, folder / key_file if key_file else None)
    return warehouse
