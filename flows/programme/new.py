"""What `programme init` makes: a folder with a programme.toml that explains itself."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from models.fault import StudyError
from models.programme import TOML, read_programme


def make(folder: Path, name: str) -> Path:
    """Write it, for its owner alone. StudyError where something lies there, or the name cannot be used."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{folder} is there already and not empty; give a new folder: nothing was written")
    text = resources.files(__package__).joinpath("template.toml").read_text("utf-8")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / TOML).write_text(text.replace('"My programme"', json.dumps(name, ensure_ascii=False), 1), "utf-8")
    (folder / TOML).chmod(0o600)
    try:
        read_programme(folder)
    except StudyError:
        (folder / TOML).unlink()
        raise
    return folder / TOML
