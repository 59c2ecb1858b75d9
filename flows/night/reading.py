"""Reading: what of the inbox is new, and what each file holds."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePath
from types import ModuleType

from connectors import (
    Context,
    Export,
    Ignored,
    archive_kind,
    bundle_of,
    connectors,
    extract,
    identify,
    members,
    refusals,
)
from flows.night.bounds import is_the_machine_short, too_much_memory
from flows.night.inbox_file import InboxFile, time_of
from models.fault import Fault, Rejected
from models.shown import shown
from models.store.file_result import FileResult, Known
from models.store.scan import Scan

CHUNK_BYTES = 32 * 2**20
CHUNK_FILES = 400
EMPTY_ARCHIVE = "an archive with nothing in it"  # as connectors/refusals.toml calls it
_OURS = {errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE}  # the machine's fault, not the file's
_UNFINISHED_NAMES = {".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp"}


@dataclass(frozen=True)
class Folder:
    """A participant's folder: how its files are to be read, and what is known of them already."""

    context: Context
    known: dict[str, Known]  # by path
    only: frozenset[str] = frozenset()  # connectors; empty: all
    reload: bool = False  # decode what was read before, too

    @cached_property
    def zones(self) -> str:
        """The fingerprint of where the person was."""
        return self.context.zones.fingerprint

    def read_as(self, connector: ModuleType) -> str:
        """The fingerprint of what decides how a reader dates a file: with it a file need not be read again."""
        return f"{self.zones} {self.context.dates}" if hasattr(connector, "READS_DATES") else self.zones

    @cached_property
    def fingerprints(self) -> set[str]:
        """Every such fingerprint as it is now."""
        return {self.zones, f"{self.zones} {self.context.dates}"}

    @cached_property
    def loaded_at(self) -> dict[str | None, str]:
        """Where each content lies that was read with today's zones, and holds by today's clock: sha256 -> path."""
        return {
            k.sha256: path
            for path, k in self.known.items()
            if k.status == "loaded" and k.zones in self.fingerprints and not k.is_due
        }

    @cached_property
    def rejected(self) -> set[str]:
        """The files that were rejected or unknown, or something packed in them."""
        refused = ("rejected", "unknown")
        return {path.partition("!/")[0] for path, known in self.known.items() if known.status in refused}

    @cached_property
    def due(self) -> set[str]:
        """The files that, or something packed in which, another clock judged otherwise than today's would."""
        return {path.partition("!/")[0] for path, known in self.known.items() if known.is_due}


Chunk = list[tuple[Folder, InboxFile]]  # work for one reading process


def is_new(inbox_file: InboxFile, folder: Folder, code_version: str) -> bool:
    """Whether a file must be looked into: unknown, changed, dated by other zones, judged by a clock that said another
    date where that matters (models/set_aside.py), or rejected by another version."""
    was = folder.known.get(inbox_file.path)
    if was is None or was.sha256 is None or was.zones not in folder.fingerprints:
        return True
    is_changed = (was.size, was.modified_ns) != (inbox_file.size, inbox_file.modified_ns)
    if is_changed or inbox_file.path in folder.due:
        return True
    return was.code_version != code_version and inbox_file.path in folder.rejected


Watch = Callable[[str, int], Fault | None]


class StillBeingWritten(Exception):
    """The file waits for another night."""


def read_chunk(chunk: Chunk) -> list[FileResult]:
    """Read every file of a chunk, here. A run reads in processes that can be lost: flows/night/reading_process.py."""
    results: list[FileResult] = []
    for folder, inbox_file in chunk:
        with suppress(StillBeingWritten):
            results += list(read_inbox_file(inbox_file, folder))
    return results


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
    if file.name.startswith("~$") or PurePath(file.name).suffix.lower() in _UNFINISHED_NAMES:
        raise StillBeingWritten
    who, path, _, size, modified_ns = inbox_file
    # where it lies in the person's folder counts as it does in an archive: an export that was unpacked is the same
    export = Export(path.removeprefix(f"{who}/"), size, lambda: file.open("rb"))
    blank = FileResult(who, path, size, modified_ns, None, folder.zones)
    try:
        if why := watch(path, size):
            yield replace(blank, rejected=why)
        else:
            yield from _read_export(export, blank, folder, watch)
        now = file.stat()
    except OSError as error:
        if error.errno in _OURS:
            raise
        unreadable = Fault("whole file", f"an unreadable file ({error.strerror})", "a file that can be read",
                           "check the disk and the permissions of the inbox")  # fmt: skip
        yield replace(blank, rejected=unreadable)
        return
    if (now.st_size, time_of(now)) != (size, modified_ns):
        raise StillBeingWritten


def _read_export(export: Export, blank: FileResult, folder: Folder, watch: Watch) -> Iterator[FileResult]:
    """One file, or an archive and its members. A content that stands in it many times is read once."""
    inside = members(export)
    if inside is None:
        if result := _read_file(export, replace(blank, export=bundle_of(blank.path)), folder):
            yield result
        return
    count, refused, read_as = 0, None, {blank.zones}
    seen: set[str] = set()
    try:
        for member in inside:
            name = member.file if isinstance(member, Fault) else member.name
            if isinstance(member, Fault) and name == export.name:
                refused = member  # the archive itself
                continue
            count += 1
            path = f"{blank.path}!/{shown(name.removeprefix(export.name + '/'))}"
            part = replace(blank, path=path, export=bundle_of(path, export.sha256))
            if isinstance(member, Fault):
                yield replace(part, rejected=member)
            elif why := watch(path, member.size):
                yield replace(part, size=member.size, rejected=why)
            elif result := _read_file(member, replace(part, size=member.size), folder, seen):
                read_as.add(result.zones)
                yield result
            watch(blank.path, 0)
        if not count and not refused:
            refused = next(kind.rejected.fault for kind in refusals() if kind.looks_like == EMPTY_ARCHIVE)
    except Rejected as rejected:
        refused = rejected.fault
    ignored = None if refused else f"an archive: its {count} files are listed by themselves"
    zones = max(read_as, key=len)  # that of the reader which asks most
    kind = archive_kind(export)
    yield replace(blank, zones=zones, sha256=export.sha256, connector=kind, ignored=ignored, rejected=refused)


def _read_file(export: Export, blank: FileResult, folder: Folder, seen: set[str] | None = None) -> FileResult | None:
    """One file that is no archive; None where a backfill does not look at its kind.

    `seen`: contents of the same archive that were read already; this one is added.
    """
    result = blank
    try:
        result = replace(blank, sha256=export.sha256)
        at = folder.loaded_at.get(result.sha256)
        if at is not None and not (folder.reload and at == blank.path):
            # this content was read before, here or elsewhere in this person's folder
            return replace(result, zones=folder.known[at].zones)
        if seen is not None and result.sha256 in seen:
            return result
        kind = identify(export)
        if isinstance(kind, Ignored):
            return replace(result, ignored=kind.why, connector=kind.by)
        if folder.only and kind not in folder.only:
            return None
        if seen is not None and result.sha256:
            seen.add(result.sha256)
        connector = connectors()[kind]
        result = replace(result, connector=kind, connector_version=connector.VERSION, sources=connector.SOURCES)
        result = replace(result, zones=folder.read_as(connector))
        extracted = extract(kind, export, folder.context)
        return replace(result, kind=extracted.export or connector.EXPORT, extract=extracted)
    except Rejected as rejected:
        return replace(result, rejected=rejected.fault)
    except MemoryError:
        if is_the_machine_short():
            raise
        return replace(result, rejected=too_much_memory())
    except OSError:
        raise
    except BaseException as error:  # one file must not keep everybody's nights from happening
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":  # of Polars
            raise
        found = f"what its reader was not made for ({type(error).__name__})"
        bug = Fault("whole file", found, "an export as vendors make it", "report this: it is a fault of stepwindow")
        return replace(result, rejected=bug)


@dataclass
class Chunker:
    """Cuts what is new in a scan into chunks by bytes, and keeps what it passed."""

    folder_of: Callable[[str], Folder]
    code_version: str
    everything: bool = False  # also what has been read before
    refused: list[Fault] = field(default_factory=list)
    scan: Scan = field(default_factory=Scan)  # what lies in the inbox, as far as it was passed
    taken: int = 0

    def chunks(self, entries: Iterable[InboxFile | Fault]) -> Iterator[Chunk]:
        """Chunks of at most CHUNK_BYTES and CHUNK_FILES (one file may be larger), in the order of the scan."""
        chunk: Chunk = []
        size, folder, who = 0, None, None
        for entry in entries:
            if isinstance(entry, Fault):
                self.refused.append(entry)
                self.scan.unseen.append(entry.file)
                continue
            self.scan.add(entry.participant_id, entry.path, entry.size, entry.modified_ns)
            if folder is None or entry.participant_id != who:
                who, folder = entry.participant_id, self.folder_of(entry.participant_id)
            if not self.everything and not is_new(entry, folder, self.code_version):
                continue
            chunk.append((folder, entry))
            self.taken += 1
            size += entry.size
            if len(chunk) >= CHUNK_FILES or size >= CHUNK_BYTES:
                yield chunk
                chunk, size = [], 0
        if chunk:
            yield chunk
