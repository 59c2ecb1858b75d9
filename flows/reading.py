"""Reading: what of the inbox is new, and what each file holds, in several processes."""

from __future__ import annotations

import errno
import itertools
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path, PurePath

from connectors import Context, Export, Ignored, Refusal, archive_kind, connectors, extract, identify, members
from flows.inbox import Drop, Refused, shown
from models.activity import Extract
from models.clock import ZoneLog
from models.inbox_file import FileResult, Known
from models.rejection import Rejected

CHUNK_BYTES = 32 * 2**20
CHUNK_FILES = 400
_OURS = {errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE}  # the machine's fault, not the file's
_UNFINISHED = {".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".icloud"}


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

    @cached_property
    def loaded_at(self) -> dict[str | None, str]:
        """Where each content lies that was read with today's zones: sha256 -> path."""
        return {k.sha256: path for path, k in self.known.items() if k.status == "loaded" and k.zones == self.zones}

    @cached_property
    def rejected(self) -> set[str]:
        """The files that were rejected, or something packed in them."""
        return {path.partition("!/")[0] for path, known in self.known.items() if known.status == "rejected"}


Chunk = list[tuple[Folder, Drop]]  # work for one reading process


def is_new(drop: Drop, folder: Folder, code_version: str) -> bool:
    """Whether a file must be looked into: unknown, changed, dated by other zones, or rejected by another version."""
    was = folder.known.get(drop.path)
    if was is None or was.sha256 is None or was.zones != folder.zones:
        return True
    if was.size != drop.size or was.modified_ns != drop.modified_ns:
        return True
    if was.code_version == code_version:
        return False
    return drop.path in folder.rejected


def read_chunks(chunks: Iterator[Chunk], workers: int | None = None) -> Iterator[list[FileResult]]:
    """Read chunks in parallel processes, a bounded number at a time; in this process where there is only one.

    Results come in the order of the chunks. `workers`: as many as there are processors.
    """
    workers = workers or _processors()
    first = next(chunks, None)
    second = next(chunks, None) if first else None
    if first is None:
        return
    if second is None or workers < 2:
        yield read_chunk(first)
        if second:
            yield read_chunk(second)
        yield from map(read_chunk, chunks)
        return
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # in the processes begun here: there is one per processor
    waiting: list[tuple[Chunk, Future[list[FileResult]]]] = []
    with _readers(workers) as pool:
        for chunk in itertools.chain((first, second), chunks):
            waiting.append((chunk, _submitted(pool, chunk)))
            if len(waiting) > 2 * workers:
                yield _result(*waiting.pop(0))
        while waiting:
            yield _result(*waiting.pop(0))


def _readers(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("forkserver"))


def _submitted(pool: ProcessPoolExecutor, chunk: Chunk) -> Future[list[FileResult]]:
    try:
        return pool.submit(read_chunk, chunk)
    except BrokenProcessPool as error:
        failed: Future[list[FileResult]] = Future()
        failed.set_exception(error)
        return failed


def _result(chunk: Chunk, future: Future[list[FileResult]]) -> list[FileResult]:
    """What came of a chunk. Where a reading process died, file by file: only the one that it dies of is refused."""
    try:
        return future.result()
    except BrokenProcessPool:
        return [result for folder, drop in chunk for result in _read_alone(drop, folder)]


def _read_alone(drop: Drop, folder: Folder) -> list[FileResult]:
    try:
        with _readers(1) as pool:
            return pool.submit(read_chunk, [(folder, drop)]).result()
    except BrokenProcessPool:
        fault = Rejected("whole file", "a file of which the process that read it died", "one that can be read",
                         "run again with more memory, or report this: it is a fault of stepwindow")  # fmt: skip
        return [replace(_blank(drop, folder), rejected=fault)]


def _processors() -> int:
    """How many this process may use: fewer than there are in a container, or where `taskset` says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_chunk(chunk: Chunk) -> list[FileResult]:
    """Read every file of a chunk. A plain function: it runs in another process."""
    return [result for folder, drop in chunk for result in _read_drop(drop, folder)]


def _read_drop(drop: Drop, folder: Folder) -> list[FileResult]:
    """What came of one file of the inbox and of everything packed in it; nothing where it is still being written.

    No clock says so (it may be wrong), but the file: it has another size or time after it was read, or the name that
    programs give to what they have not finished.
    """
    file = drop.file
    if file.name.startswith("~$") or PurePath(file.name).suffix.lower() in _UNFINISHED:
        return []
    export = Export(file.name, drop.size, lambda: file.open("rb"))
    blank = _blank(drop, folder)
    try:
        results = list(_read_export(export, blank, folder))
        now = file.stat()
    except OSError as error:
        if error.errno in _OURS:
            raise
        unreadable = Rejected("whole file", f"an unreadable file ({error.strerror})", "a file that can be read",
                              "check the disk and the permissions of the inbox")  # fmt: skip
        return [replace(blank, rejected=unreadable)]
    if (now.st_size, now.st_mtime_ns) != (drop.size, drop.modified_ns):
        return []  # still being written: it waits for another night
    return results


def _blank(drop: Drop, folder: Folder) -> FileResult:
    zones = folder.context.zones.fingerprint
    return FileResult(drop.participant_id, drop.path, drop.size, drop.modified_ns, None, zones)


def _read_export(export: Export, blank: FileResult, folder: Folder) -> Iterator[FileResult]:
    """One file, or an archive and its members."""
    inside = members(export)
    if inside is None:
        if result := _read_file(export, blank, folder):
            yield result
        return
    count, refused = 0, None
    try:
        for member in inside:
            if isinstance(member, Refusal) and member.name == export.name:
                refused = member.why  # the whole of it
                continue
            count += 1
            path = f"{blank.path}!/{shown(member.name.removeprefix(export.name + '/'))}"
            if isinstance(member, Refusal):
                yield replace(blank, path=path, rejected=member.why)
            elif result := _read_file(member, replace(blank, path=path, size=member.size), folder):
                yield result
    except Rejected as fault:
        refused = fault
    ignored = None if refused else f"an archive: its {count} files are listed by themselves"
    yield replace(blank, sha256=export.sha256, connector=archive_kind(export), ignored=ignored, rejected=refused)


def _read_file(export: Export, blank: FileResult, folder: Folder) -> FileResult | None:
    """One file that is no archive; None where a backfill was told not to look at its kind."""
    result = blank
    try:
        result = replace(blank, sha256=export.sha256)
        at = folder.loaded_at.get(result.sha256)
        if at is not None and not (folder.reload and at == blank.path):
            return result  # this content was read before, here or elsewhere in this person's folder
        kind = identify(export)
        if isinstance(kind, Ignored):
            return replace(result, ignored=kind.why)
        if folder.only and kind not in folder.only:
            return None
        connector = connectors()[kind]
        result = replace(result, connector=kind, connector_version=connector.VERSION, sources=connector.SOURCES)
        return replace(result, extract=extract(kind, export, folder.context))
    except Rejected as fault:
        return replace(result, rejected=fault)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # one file must not keep everybody's nights from happening
        found = f"what its reader was not made for ({type(error).__name__})"
        bug = Rejected("whole file", found, "an export as vendors make it", "report this: it is a fault of stepwindow")
        return replace(result, rejected=bug)


@dataclass
class Cutter:
    """Cuts what is new in a scan into chunks by bytes, and counts what it passed."""

    folder_of: Callable[[str], Folder]
    code_version: str
    everything: bool = False  # also what has been read before
    refused: list[Refused] = field(default_factory=list)
    found: int = 0
    taken: int = 0

    def chunks(self, entries: Iterable[Drop | Refused]) -> Iterator[Chunk]:
        """Chunks of at most CHUNK_BYTES and CHUNK_FILES (one file may be larger), in the order of the scan."""
        chunk: Chunk = []
        size = 0
        folder, who = None, None
        for entry in entries:
            if isinstance(entry, Refused):
                self.refused.append(entry)
                continue
            self.found += 1
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


def look_at(file: Path, timezone: str) -> list[dict]:
    """What would become of a file, and of everything packed in it, outside any study (the command `identify`)."""
    if not file.is_file():
        fault = Rejected("whole file", "no such file", "a file", "check the name")
        return [_described(str(file), FileResult("", str(file), 0, 0, None, "", rejected=fault))]
    size = file.stat().st_size
    folder = Folder(Context(ZoneLog("assumed", timezone), datetime.now(UTC).date(), secrets.token_bytes(32)), {})
    blank = FileResult("", str(file), size, 0, None, "")
    return [
        _described(r.path, r) for r in _read_export(Export(file.name, size, lambda: file.open("rb")), blank, folder)
    ]


def _described(name: str, result: FileResult) -> dict:
    extract = result.extract or Extract()
    first, last = extract.covers()
    return {
        "file": name,
        "connector": result.connector if result.extract or result.connector in ("zip", "tar") else None,
        "reason": str(result.rejected) if result.rejected else result.ignored or "; ".join(extract.notes) or None,
        "sessions": extract.sessions.height,
        "minutes": extract.minutes.height + extract.readings.height,
        "daily_totals": extract.daily_totals.height,
        "covers_from": first,
        "covers_to": last,
        "metrics": sorted(connectors()[result.connector].METRICS) if result.extract and result.connector else [],
        "rejected": result.rejected is not None,
    }
