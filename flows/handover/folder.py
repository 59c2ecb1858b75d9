"""The folder of a hand-over: complete or not there, in the place of the one before, for its owner alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from models import hand_over
from models.fault import StudyError
from models.study.study import Study

TITLE = "# Hand-over of a stepwindow study"  # how README.md begins


@contextmanager
def handed_over(out: Path, study: Study) -> Iterator[Path]:
    """A folder to write to, which takes the place of `out` once the block has ended well.

    StudyError, one line, where `out` is something else than an earlier hand-over, or lies in the inbox or warehouse.
    """
    place = hand_over.place_for(out, study.folder, study.own_folders)
    before = hand_over.before(place)
    try:
        if place.exists() and hand_over.is_hand_over(before, complete=False):  # one was killed while it removed it
            hand_over.remove(before)
        elif not place.exists() and hand_over.is_hand_over(before):  # one was killed between the two renames
            os.rename(before, place)
        _check(place, out)
        with hand_over.drafted(place) as draft:
            yield draft
            hand_over.sealed(draft)
            if place.exists() and any(place.iterdir()):
                _set_aside(place, before, out)
            os.rename(draft, place)
            hand_over.to_disk(place.parent)
        hand_over.remove(before)
    except OSError as error:
        raise StudyError(f"{out}: cannot be written ({error.strerror}); nothing was handed over") from None


def _check(place: Path, out: Path) -> None:
    """Nothing there, an empty folder, or a hand-over as it was handed over: nothing else is ever replaced."""
    if not place.exists() or hand_over.is_hand_over(place):
        return
    if not place.is_dir() or any(place.iterdir()):
        what = "is there, and holds something else than what an earlier hand-over wrote"
        raise StudyError(f"{out}: {what}; choose another folder, or move it away")


def _set_aside(place: Path, before: Path, out: Path) -> None:
    """Move the hand-over before out of the way, unless something was put into it while the new one was made."""
    os.rename(place, before)
    try:
        _check(before, out)
    except StudyError:
        os.rename(before, place)
        raise
