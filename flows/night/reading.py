"""Reading: what each file of the inbox holds."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from connectors import ALL, Export, Share, archive_kind, bundle_of
from flows.night.archive import NOBODY, Opened, Watch, read_archive
from flows.night.chunks import Chunk
from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile, time_of
from flows.night.one_file import blank, is_unfinished, name_of, read_file
from models.fault import Fault
from models.store.batch import Batch
from models.store.file_result import FileResult

_OURS = {errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE}  # the machine's fault, not the file's


class StillBeingWritten(Exception):
    """The file waits for another night."""


def read_chunk(chunk: Chunk) -> Batch:
    """Read every file of a chunk, here, one by one. A run reads in processes that can be lost, and what is small
    together: flows/night/reading_process.py."""
    results: list[FileResult] = []
    for folder, inbox_file in chunk:
        with suppress(StillBeingWritten):
            results += [result for result in read_inbox_file(inbox_file, folder) if isinstance(result, FileResult)]
    return Batch.of(results)


def read_inbox_file(
    inbox_file: InboxFile, folder: Folder, watch: Watch = NOBODY, share: Share = ALL
) -> Iterator[FileResult | Batch | Opened]:
    """The results of one file of the inbox and of everything packed in it; of a share of a zip, those of its members
    and then what is to be said of the archive (`Opened`).

    Raises StillBeingWritten at the end where the file is. No clock says so (it may be wrong), but the file: it has
    another size or time after it was read, or the name that programs give to what they have not finished.
    """
    file = inbox_file.file
    if is_unfinished(file.name):
        raise StillBeingWritten
    export = Export(name_of(inbox_file), inbox_file.size, lambda: file.open("rb"))
    result = blank(inbox_file, folder)
    try:
        if why := watch.at(result.path, result.size):
            yield replace(result, rejected=why)
        else:
            yield from _read_export(export, result, folder, watch, share)
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


def _read_export(
    export: Export, blank: FileResult, folder: Folder, watch: Watch, share: Share
) -> Iterator[FileResult | Batch | Opened]:
    """One file, or an archive and its members. All shares but the first of what is no zip are empty."""
    is_first = share.number == 0
    found = read_archive(export, blank, folder, watch, share) if is_first or archive_kind(export) == "zip" else ()
    if found is None:
        if result := read_file(export, replace(blank, export=bundle_of(blank.path)), folder):
            yield result
        return
    for each in found:
        yield each.result(blank, folder) if isinstance(each, Opened) and share == ALL else each
