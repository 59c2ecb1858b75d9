"""The sample study, for somebody who installed stepwindow and has no study yet: six people who do not exist."""

from __future__ import annotations

import shutil
from pathlib import Path

from flows.new_study import claim

_INSTALLED = Path(__file__).with_name("sample_study")
_IN_A_CLONE = Path(__file__).parents[1] / "sample_data" / "study"


def make(folder: Path) -> None:
    """Copy it to a new or empty folder, for its owner alone. StudyError where something is there already."""
    claim(folder)
    source = _INSTALLED if _INSTALLED.is_dir() else _IN_A_CLONE
    not_of_it = shutil.ignore_patterns("warehouse")  # what a night in a clone made of it
    shutil.copytree(source, folder, ignore=not_of_it, copy_function=shutil.copyfile, dirs_exist_ok=True)
    for inner in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        inner.chmod(0o700)
