"""The study folder that `init` makes: the files beside this module, the control files' headers, and an empty inbox."""

from __future__ import annotations

import inspect
import json
import os
import textwrap
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from models.fault import StudyError
from models.study.folder import read_study
from models.study.rows import FILES, ControlRow
from models.system.files import private


def make(folder: Path, name: str, timezone: str | None) -> str:
    """Write it, for its owner alone, with this name and time zone (None: the machine's); returns the zone.

    StudyError where something is there already, or the name or the zone cannot be used.
    """
    zone = timezone or _zone_of_machine()
    was_there = folder.is_dir()
    claim(folder)
    words = {f"{{{stem}}}": _explained(model) for stem, model in FILES.items()}
    words |= {'"My study"': json.dumps(name, ensure_ascii=False), '"America/New_York"': json.dumps(zone)}
    _copy(resources.files(__name__), folder, words)
    for stem, model in FILES.items():
        _write(folder / f"{stem}.csv", _header(stem, model))
    (folder / "inbox").mkdir(mode=0o700)
    try:
        read_study(folder)
    except StudyError:
        _remove(folder, and_itself=not was_there)
        raise
    return zone


def claim(folder: Path) -> None:
    """Make a folder for its owner alone, or take an empty one. StudyError where something is there already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{folder} is there already and not empty; give a new folder: nothing was written")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def _copy(template: Traversable, folder: Path, words: dict[str, str]) -> None:
    for entry in template.iterdir():
        if entry.name.startswith("__"):
            continue
        target = folder / entry.name
        if entry.is_dir():
            target.mkdir(mode=0o700)
            _copy(entry, target, words)
            continue
        text = entry.read_text("utf-8")
        for default, wanted in words.items():
            text = text.replace(default, wanted, 1)
        _write(target, text)


def _write(target: Path, text: str) -> None:
    with open(target, "x", encoding="utf-8", newline="\n", opener=private) as out:
        out.write(text)


def _header(stem: str, model: type[ControlRow]) -> str:
    """The columns of a control file: those of the example in its order, and the others."""
    example = (resources.files(__name__) / f"examples/{stem}.csv").read_text("utf-8").partition("\n")[0]
    return ",".join(dict.fromkeys([*example.split(","), *model.columns()])) + "\n"


def _explained(model: type[ControlRow]) -> str:
    """What the docstring of a control file's rows says, its table of columns indented."""
    title, _, columns = (inspect.getdoc(model) or "").partition("\n\n")
    return f"{title}\n\n{textwrap.indent(columns, '  ')}"


def _remove(folder: Path, and_itself: bool) -> None:
    """Take back what was made, so that the command can be given again."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    if and_itself:
        folder.rmdir()


def _zone_of_machine() -> str:
    """The IANA name of this machine's zone; New York where it has none or is a server in UTC."""
    named = os.environ.get("TZ", "").lstrip(":") or os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    return named if "/" in named and not named.startswith(("Etc/", "/")) else "America/New_York"
