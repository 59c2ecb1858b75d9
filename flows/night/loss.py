"""What a rebuild would lose: nothing of it is made anew without what the store before was made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from connectors import Export, Password, connectors, holds_locked
from flows.night.inbox import look_into
from flows.night.inbox_file import InboxFile
from flows.output import several
from models.fault import StudyError
from models.store import memory
from models.store.ledger import counted
from models.store.store import Store
from models.study.study import Study


class Loss(NamedTuple):
    """What a rebuild would lose of a store."""

    unread: Counter[str]  # files, by reader that is not installed here
    locked: int  # zips whose password was not given
    files: int  # that lie no more in the inbox
    people: int  # of so many


def loss_of(study: Study, store: Store, password: Password | None) -> Loss:
    """What a rebuild would lose of the store that the one which is being made takes the place of."""
    unread = Counter({reader: n for reader, n in memory.loaded_by(store) if reader not in connectors()})
    found, opened = look_into(study), memory.opened_archives(store)
    locked = sum(_is_locked(found.file(n), password) for n, path in enumerate(found.path) if path in opened)
    return Loss(unread, locked, *memory.would_lose(store, found, study.people))


def refuse(losses: Sequence[Loss]) -> None:
    """StudyError where a rebuild would lose something of one of the stores."""
    for reader, count in sorted(sum((loss.unread for loss in losses), Counter()).items()):
        what = f"{count:,} files were read by {reader}, which is not installed here: a rebuild would lose them"
        raise StudyError(what, "install its package, or say --accept-loss if they are not to count")
    if locked := sum(loss.locked for loss in losses):
        raise StudyError(
            f"inbox: a rebuild would lose what was read from {several(locked, 'zip')} that a password opens; give "
            "it by --zip-password, unpack them, or say --accept-loss and run `nightly --zip-password` for each password"
        )
    if files := sum(loss.files for loss in losses):
        people = sum(loss.people for loss in losses)
        raise StudyError(
            f"inbox: lacks {counted(files, people)} that a rebuild would lose; put them back, or run "
            "`stepwindow nightly` first where they were only renamed, or say --accept-loss if they are gone on purpose"
        )


def _is_locked(entry: InboxFile, password: Password | None) -> bool:
    file = entry.file
    return holds_locked(Export(entry.path, entry.size, lambda: file.open("rb")), password)
