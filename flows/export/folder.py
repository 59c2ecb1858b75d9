"""The folder of a hand-over: whole or not there, in the place of the one before, for its owner alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models.study import Study, StudyError

TITLE = "# Hand-over of a stepwindow study"  # how README.md begins: by it an earlier hand-over is known


@contextmanager
def handed_over(out: Path, study: Study) -> Iterator[Path]:
    """A folder to write to, which takes the place of `out` once the block has ended well.

    StudyError, one line, where `out` is something else than an earlier hand-over, or lies in the inbox or warehouse.
    """
    out = out.absolute()
    for taken in (study.folder / "inbox", study.warehouse):
        if out.resolve().is_relative_to(taken.resolve()):
            raise StudyError(f"{out}: lies in {taken.name}, which is not for hand-overs; choose another folder")
    draft, before = out.with_name(f".{out.name}.draft"), out.with_name(f".{out.name}.before")
    if before.exists() and not out.exists():  # killed between the two renames
        os.replace(before, out)
    if out.exists() and not _is_ours(out):
        raise StudyError(f"{out}: is there and no earlier hand-over; choose another folder, or remove it")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(before, ignore_errors=True)
    mask = os.umask(0o077)
    try:
        draft.mkdir(parents=True)
        yield draft
        for path in (*draft.iterdir(), draft):
            _to_disk(path)
        if out.exists():
            os.replace(out, before)
        os.replace(draft, out)
        shutil.rmtree(before, ignore_errors=True)
    except OSError as error:
        raise StudyError(f"{out}: cannot be written ({error.strerror}); nothing was handed over") from None
    finally:
        os.umask(mask)
        shutil.rmtree(draft, ignore_errors=True)


def _is_ours(out: Path) -> bool:
    readme = out / "README.md"
    if readme.is_file():
        return readme.read_text(errors="replace").startswith(TITLE)
    return out.is_dir() and not any(out.iterdir())


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
