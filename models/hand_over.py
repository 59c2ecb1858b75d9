"""A folder that leaves the warehouse: it is made beside its place, on the disk, and gets its name when it is complete.

Whatever is deleted here was made here. A draft has a name of its own, and is locked while somebody writes it: the next
one clears away what was left by one that was killed. What a folder holds is listed in it, with a checksum for each file
(`sha256sum -c SHA256SUMS`): a folder is taken for an earlier hand-over as long as that is all that is in it.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from models.fault import StudyError
from models.system import locks
from models.system.files import to_disk

SUMS = "SHA256SUMS"
_DRAFT = ".stepwindow-draft-"


def place_for(out: Path, study: Path, taken: Mapping[str, Path]) -> Path:
    """Where `out` really is. StudyError where that is in a folder that is taken, or around the study."""
    place = Path(os.path.realpath(out))
    for name, folder in taken.items():
        if place.is_relative_to(os.path.realpath(folder)):
            raise StudyError(f"{out}: lies in the {name}, which is not for hand-overs; choose another folder")
    if Path(os.path.realpath(study)).is_relative_to(place):
        raise StudyError(f"{out}: the study itself lies in it; choose another folder")
    return place


@contextmanager
def drafted(place: Path) -> Iterator[Path]:
    """A folder to write to, beside its place and for its owner alone; gone at the end, unless it was moved there."""
    mask = os.umask(0o077)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _clear_drafts(place.parent)
        draft, handle = _new_draft(place.parent)
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            _unlock(draft, handle)
    finally:
        os.umask(mask)


def _new_draft(folder: Path) -> tuple[Path, int]:
    while True:
        draft = folder / f"{_DRAFT}{secrets.token_hex(4)}"
        handle = locks.opened(_lock_of(draft))
        locks.wait_for(handle)
        if _lock_of(draft).exists():  # else somebody cleared it away before it was locked
            draft.mkdir()
            return draft, handle
        os.close(handle)


def _lock_of(draft: Path) -> Path:
    """It lies beside the draft: a folder cannot be locked everywhere, nor renamed while a file in it is open."""
    return draft.with_name(f"{draft.name}.lock")


def _unlock(draft: Path, handle: int) -> None:
    """Its name goes before the lock where a file that is open can lose its name, else after it."""
    try:
        with suppress(PermissionError):
            _lock_of(draft).unlink()
    finally:
        os.close(handle)
    with suppress(OSError):
        _lock_of(draft).unlink()


def sealed(draft: Path) -> None:
    """List what is in a draft, and wait until all of it is on the disk."""
    files = sorted(draft.iterdir())
    lines = "".join(f"{_sum(file)}  {file.name}\n" for file in files)
    (draft / SUMS).write_text(lines, "utf-8", newline="\n")
    for path in (*draft.iterdir(), draft):
        to_disk(path)


def is_hand_over(folder: Path, complete: bool = True) -> bool:
    """A folder with what was handed over and nothing else: no file more, none less if `complete`, none changed."""
    try:
        listed, there = _listed(folder), {path.name for path in folder.iterdir()} - {SUMS}
        missing = listed.keys() - there
        return (
            there <= listed.keys() and not (complete and missing) and all(_sum(folder / n) == listed[n] for n in there)
        )
    except (OSError, ValueError):
        return False


def remove(folder: Path) -> None:
    """Delete what was handed over, the list last, and the folder, where nothing else has come into it."""
    with suppress(OSError, ValueError):
        for name in _listed(folder):
            (folder / name).unlink(missing_ok=True)
        (folder / SUMS).unlink()
        folder.rmdir()


def before(place: Path) -> Path:
    """Where the hand-over before is for the moment in which another takes its place."""
    short = hashlib.sha256(os.fsencode(place.name)).hexdigest()[:8]  # the name may be as long as names can be
    return place.with_name(f".stepwindow-before-{short}")


def _clear_drafts(folder: Path) -> None:
    """Delete what those who were killed had drafted in this folder: nobody holds it any more."""
    for name in {left.name.removesuffix(".lock") for left in folder.glob(f"{_DRAFT}*")}:
        left = folder / name
        is_one = left.is_dir() and not left.is_symlink() if os.path.lexists(left) else _lock_of(left).exists()
        if not is_one or not re.fullmatch("[0-9a-f]{8}", name.removeprefix(_DRAFT)):
            continue
        with suppress(OSError):
            handle = locks.opened(_lock_of(left))
            if locks.take(handle):
                shutil.rmtree(left, ignore_errors=True)
                _unlock(left, handle)
            else:
                os.close(handle)


def _listed(folder: Path) -> dict[str, str]:
    """The files of a hand-over, with the checksum of each. ValueError where the list is none of ours."""
    lines = [line.split("  ", 1) for line in (folder / SUMS).read_text("utf-8").splitlines()]
    if any(len(line) != 2 or "/" in line[1] or line[1] in ("", ".", "..") for line in lines):
        raise ValueError(SUMS)
    return {name: checksum for checksum, name in lines}


def _sum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
