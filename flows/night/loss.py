"""What a rebuild would lose: nothing of it is made anew without what the store before was made of."""

from __future__ import annotations

from connectors import Export, Password, connectors, holds_locked
from flows.night.inbox import look_into
from flows.night.inbox_file import InboxFile
from flows.output import several
from models.fault import StudyError
from models.store import memory
from models.store.ledger import counted
from models.store.store import Store
from models.study.study import Study


def refuse_loss(study: Study, store: Store, password: Password | None) -> None:
    """StudyError where the inbox no longer has what a rebuild would need of it, has it in zips that are locked, or
    nobody here could read it."""
    for reader, count in memory.loaded_by(store):
        if reader not in connectors():
            what = f"{count:,} files were read by {reader}, which is not installed here: a rebuild would lose them"
            raise StudyError(what, "install its package, or say --accept-loss if they are not to count")
    found, opened = look_into(study), memory.opened_archives(store)
    locked = sum(_is_locked(found.file(n), password) for n, path in enumerate(found.path) if path in opened)
    if locked:
        raise StudyError(
            f"inbox: a rebuild would lose what was read from {several(locked, 'zip')} that a password opens; give "
            "it by --zip-password, unpack them, or say --accept-loss and run `nightly --zip-password` for each password"
        )
    files, people = memory.would_lose(store, found, study.people)
    if files:
        raise StudyError(
            f"inbox: lacks {counted(files, people)} that a rebuild would lose; put them back, or run "
            "`stepwindow nightly` first where they were only renamed, or say --accept-loss if they are gone on purpose"
        )


def _is_locked(entry: InboxFile, password: Password | None) -> bool:
    file = entry.file
    return holds_locked(Export(entry.path, entry.size, lambda: file.open("rb")), password)
