"""Reading: what each file of the inbox holds."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from connectors import Export, archive_kind, bundle_of, is_locked, members, refusals
from flows.night.chunks import Chunk
from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile, time_of
from flows.night.one_file import blank, is_unfinished, name_of, read_file
from models.fault import Fault, Rejected
from models.shown import shown
from models.store.batch import Batch
from models.store.file_result import FileResult

EMPTY_ARCHIVE = "an archive with nothing in it"  # as connectors/refusals.toml calls it
_OURS = {errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE}  # the machine's fault, not the file's

Watch = Callable[[str, int], Fault | None]


class StillBeingWritten(Exception):
    """The file waits for another night."""


def read_chunk(chunk: Chunk) -> Batch:
    """Read every file of a chunk, here, one by one. A run reads in processes that can be lost, and what is small
    together: flows/night/reading_process.py."""
    results: list[FileResult] = []
    for folder, inbox_file in chunk:
        with suppress(StillBeingWritten):
            results += list(read_inbox_file(inbox_file, folder))
    return Batch.of(results)


def read_inbox_file(
    inbox_file: InboxFile, folder: Folder, watch: Watch = lambda path, size: None
) -> Iterator[FileResult]:
    """The results of one file of the inbox and of everything packed in it.

    `watch` is called with the path and size of each file, and each one packed in it, before it is read, and of an
    archive again after each; where it returns why one is not to be read, that one is rejected. Raises StillBeingWritten
    at the end where the file is. No clock says so (it may be wrong), but the file: it has another size or time after it
    was read, or the name that programs give to what they have not finished.
    """
    file = inbox_file.file
    if is_unfinished(file.name):
        raise StillBeingWritten
    export = Export(name_of(inbox_file), inbox_file.size, lambda: file.open("rb"))
    result = blank(inbox_file, folder)
    try:
        if why := watch(result.path, result.size):
            yield replace(result, rejected=why)
        else:
            yield from _read_export(export, result, folder, watch)
        now = file.stat()
    except OSError as error:
        if error.errno in _OURS:
            raise
        unreadable = Fault("whole file", f"an unreadable file ({error.strerror})", "a file that can be read",
                           "check the disk and the permissions of the inbox")  # fmt: skip
        yield replace(result, rejected=unreadable)
        return
    if (now.st_size, time_of(now)) != (result.size, result.modified_ns):
        raise StillBeingWritten


def _read_export(export: Export, blank: FileResult, folder: Folder, watch: Watch) -> Iterator[FileResult]:
    """One file, or an archive and its members. A content that stands in it many times is read once."""
    if known_as := _opened_before(export, folder):
        yield from _as_before(known_as, export, blank, folder)
        return
    inside = members(export, folder.password)
    if inside is None:
        if result := read_file(export, replace(blank, export=bundle_of(blank.path)), folder):
            yield result
        return
    count, refused, read_as = 0, None, {blank.zones}
    seen: set[str] = set()
    refused_before = set(folder.refused_inside.get(blank.path, ()))
    try:
        for member in inside:
            name = member.file if isinstance(member, Fault) else member.name
            if isinstance(member, Fault) and name == export.name:
                refused = member  # the archive itself
                continue
            count += 1
            path = f"{blank.path}!/{shown(name.removeprefix(export.name + '/'))}"
            part = replace(blank, path=path, export=bundle_of(path, export.sha256))
            for opened in {each for each in refused_before if path.startswith(f"{each}/")}:
                refused_before.remove(opened)
                yield replace(blank, path=opened, ignored="an archive: its files are listed by themselves")
            if isinstance(member, Fault):
                yield replace(part, rejected=member)
            elif why := watch(path, member.size):
                yield replace(part, size=member.size, rejected=why)
            elif result := read_file(member, replace(part, size=member.size), folder, seen):
                read_as.add(result.zones)
                yield result
            watch(blank.path, 0)
        if not count and not refused:
            refused = next(kind.rejected.fault for kind in refusals() if kind.looks_like == EMPTY_ARCHIVE)
    except Rejected as rejected:
        refused = rejected.fault
    ignored = None if refused else f"an archive: its {count} files are listed by themselves"
    # that of the reader which asks most; an old one where a file was left as it is, until its reader is back
    zones = max(read_as, key=lambda each: (each not in folder.fingerprints, len(each)))
    kind = archive_kind(export)
    yield replace(blank, zones=zones, sha256=export.sha256, connector=kind, ignored=ignored, rejected=refused)


def _opened_before(export: Export, folder: Folder) -> str | None:
    """Where a zip lay that needs another password than this run has, and was read when there was one: what is in it is
    known."""
    if folder.reload or not folder.opened_at or not is_locked(export, folder.password):
        return None
    return folder.opened_at.get(export.sha256)


def _as_before(known_as: str, export: Export, blank: FileResult, folder: Folder) -> Iterator[FileResult]:
    """An archive and its members as they are known, where it lies now."""
    for path, known in folder.known.items():
        if path.startswith(f"{known_as}!/"):
            here = blank.path + path.removeprefix(known_as)
            known_part = replace(blank, path=here, size=known.size, sha256=known.sha256, zones=known.zones)
            yield replace(known_part, export=bundle_of(here, export.sha256))
    yield replace(blank, sha256=export.sha256, zones=folder.known[known_as].zones)
