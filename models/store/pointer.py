"""Which file is the published one: `analytics.duckdb` leads to it.

It is a symbolic link, moved in one step while readers have the file before open. Where the system lets nobody make one
(Windows, but for its developer mode; a stick) it is a second name of that file. Windows moves no name while a program
has its file open: then the name stays with the file before, whose reader is left in peace, and the next run moves it.
Our own questions go by `analytics.newest`, which says the file's name, and so have the newest in any case.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from models.store.file import ANALYTICS, draft
from models.system.files import link, private, second_name, to_disk

NEWEST = "analytics.newest"


def point_to(target: Path) -> bool:
    """Have `analytics.duckdb`, in the target's folder, lead to it. False: a program has the one before open."""
    folder, made = target.parent, draft(target.parent, ANALYTICS)
    if not link(target.name, made):
        _say(folder, target.name)
        return _name(target, made)
    os.replace(made, folder / ANALYTICS)
    (folder / NEWEST).unlink(missing_ok=True)
    to_disk(folder)
    return True


def newest(folder: Path) -> Path:
    """The file that was published last, by a name that can be opened, if it is there."""
    name = _said(folder)
    return folder / name if name and is_left_behind(folder) else folder / ANALYTICS


def target_of(folder: Path) -> str | None:
    """The name that the run that wrote it gave it; None where nothing was published yet."""
    name = folder / ANALYTICS
    return os.readlink(name) if name.is_symlink() else _said(folder)


def is_left_behind(folder: Path) -> bool:
    """Whether `analytics.duckdb` is an earlier file than the one that was published last."""
    if (name := _said(folder)) is None:
        return False
    with suppress(OSError):
        one, other = (folder / name).stat(), (folder / ANALYTICS).stat()
        return (one.st_size, one.st_mtime_ns) != (other.st_size, other.st_mtime_ns)
    return True


def _said(folder: Path) -> str | None:
    """What `analytics.newest` says, where a link does not say it and the file is there."""
    if not (folder / ANALYTICS).is_symlink():
        with suppress(OSError):
            name = (folder / NEWEST).read_text("utf-8")
            if (folder / name).is_file():
                return name
    return None


def _say(folder: Path, name: str) -> None:
    made = draft(folder, NEWEST)
    with open(made, "w", encoding="utf-8", opener=private) as file:
        file.write(name)
    os.replace(made, folder / NEWEST)


def _name(target: Path, made: Path) -> bool:
    second_name(target, made)
    try:
        os.replace(made, target.with_name(ANALYTICS))
    except PermissionError:
        made.unlink()
        return False
    return True
