"""The inbox: what lies in it, what of that is new, and what each file holds. It is only ever read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path, PurePath
from typing import BinaryIO, NamedTuple, Protocol

from connectors import Context, Export, Ignored, Refusal, connectors, extract, identify, members
from models.activity import Extract
from models.clock import ZoneLog
from models.rejection import Rejected
from models.store_load import FileResult, Known

CHUNK_BYTES = 32 * 2**20
CHUNK_FILES = 400
_UNFINISHED = {".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".icloud"}


@dataclass(frozen=True)
class Drop:
    """One file of a participant's folder, as it lay there when the scan passed."""

    participant_id: str
    path: str  # inside the inbox
    file: Path | RemoteFile
    size: int
    modified_ns: int


@dataclass(frozen=True)
class Refused:
    """Something in the inbox that is not opened at all."""

    participant_id: str | None
    path: str
    fault: Rejected


@dataclass(frozen=True)
class Folder:
    """A participant's folder: how its files are to be read, and what is known of them already."""

    context: Context
    known: dict[str, Known]  # by path
    only: frozenset[str] = frozenset()  # connectors; empty: all
    reload: bool = False  # decode what was read before, too


class RemoteFile(Protocol):
    """What a drop needs of a file that is not on a local disk."""

    @property
    def name(self) -> str:
        """The last part of its path."""

    def open(self, mode: str) -> BinaryIO:
        """Its bytes as a stream that can seek."""

    def stat(self) -> Seen:
        """Its size and age as they are now."""


class Seen(NamedTuple):
    """What `stat` says of a file, under the names of `os.stat_result`."""

    st_size: int
    st_mtime_ns: int


Chunk = list[tuple[Folder, Drop]]  # work for one reading process


def scan(
    inbox: Path, participants: set[str], forgotten: Callable[[str], bool] = lambda name: False
) -> Iterator[Drop | Refused]:
    """Everything in the inbox, in the order of its names. Links and special files are never followed or opened.

    The folders of people who were forgotten are not looked into, and are no fault.
    """
    if not inbox.is_dir():
        return
    for entry in sorted(os.scandir(inbox), key=lambda e: e.name):
        if entry.name.startswith(".") or forgotten(entry.name):
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        refused = [] if is_folder else _refuse(None, entry, inbox)
        refused = refused or misplaced(entry.name, is_folder, participants)
        yield from refused or _walk(entry.name, Path(entry.path), inbox)


def misplaced(name: str, is_folder: bool, participants: set[str]) -> list[Refused]:
    """Why something directly in the inbox is left alone: it must be the folder of a known person."""
    if not is_folder:
        fault = Rejected("whole file", "a file outside any participant's folder", "inbox/<participant_id>/...",
                         "move it into the folder of the person it belongs to")  # fmt: skip
        return [Refused(None, name, fault)]
    if name not in participants:
        fault = Rejected("whole file", "the folder of an unknown participant", "a participant_id of participants.csv",
                         "add the person to participants.csv, or rename the folder")  # fmt: skip
        return [Refused(name, name, fault)]
    return []


def _walk(participant_id: str, folder: Path, inbox: Path) -> Iterator[Drop | Refused]:
    for entry in sorted(os.scandir(folder), key=lambda e: e.name):
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(participant_id, Path(entry.path), inbox)
        elif entry.is_file(follow_symlinks=False):
            found = entry.stat(follow_symlinks=False)
            path = Path(entry.path)
            yield Drop(participant_id, str(path.relative_to(inbox)), path, found.st_size, found.st_mtime_ns)
        else:
            yield from _refuse(participant_id, entry, inbox)


def _refuse(participant_id: str | None, entry: os.DirEntry, inbox: Path) -> list[Refused]:
    """Why something that is no plain file is left alone; a link to elsewhere in the inbox is passed over silently."""
    if entry.is_symlink():
        if Path(entry.path).resolve().is_relative_to(inbox.resolve()):
            return []
        return [
            _refused(
                participant_id, entry, "a link to a place outside the inbox", "the file itself", "copy the file here"
            )
        ]
    if not entry.is_file(follow_symlinks=False):
        return [_refused(participant_id, entry, "a device or pipe", "a file", "remove it")]
    return []


def _refused(participant_id: str | None, entry: os.DirEntry, found: str, expected: str, remedy: str) -> Refused:
    return Refused(participant_id, entry.name, Rejected("whole file", found, expected, remedy))


def is_new(drop: Drop, folder: Folder, code_version: str) -> bool:
    """Whether a file must be looked into: unknown, changed, dated by other zones, or rejected by another version."""
    was = folder.known.get(drop.path)
    if was is None or was.sha256 is None or (was.size, was.modified_ns) != (drop.size, drop.modified_ns):
        return True
    if was.zones != folder.context.zones.fingerprint:
        return True
    if was.code_version == code_version:
        return False
    packed = drop.path + "!/"
    return any(k.status == "rejected" for p, k in folder.known.items() if p == drop.path or p.startswith(packed))


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
    waiting: list[Future[list[FileResult]]] = []
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        waiting += [pool.submit(read_chunk, first), pool.submit(read_chunk, second)]
        for chunk in chunks:
            waiting.append(pool.submit(read_chunk, chunk))
            if len(waiting) > 2 * workers:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


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
    if drop.file.name.startswith("~$") or PurePath(drop.file.name).suffix.lower() in _UNFINISHED:
        return []
    export = Export(drop.file.name, drop.size, lambda: drop.file.open("rb"))
    blank = FileResult(
        drop.participant_id, drop.path, drop.size, drop.modified_ns, None, folder.context.zones.fingerprint
    )
    try:
        results = list(_read_export(export, blank, folder))
        now = drop.file.stat()
    except OSError as error:
        unreadable = Rejected("whole file", f"an unreadable file ({error.strerror})", "a file that can be read",
                              "check the disk and the permissions of the inbox")  # fmt: skip
        return [replace(blank, rejected=unreadable)]
    if (now.st_size, now.st_mtime_ns) != (drop.size, drop.modified_ns):
        return []  # still being written: it waits for another night
    return results


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
            count += 1
            path = f"{blank.path}!/{member.name.removeprefix(export.name + '/')}"
            if isinstance(member, Refusal):
                yield replace(blank, path=path, rejected=member.why)
            elif result := _read_file(member, replace(blank, path=path, size=member.size), folder):
                yield result
    except Rejected as fault:
        refused = fault
    note = f"an archive: its {count} files are listed by themselves"
    yield replace(blank, sha256=export.sha256, connector="zip", ignored=None if refused else note, rejected=refused)


def _read_file(export: Export, blank: FileResult, folder: Folder) -> FileResult | None:
    """One file that is no archive; None where a backfill was told not to look at its kind."""
    known_at = {k.sha256: path for path, k in folder.known.items() if k.status == "loaded" and k.zones == blank.zones}
    result = blank
    try:
        result = replace(blank, sha256=export.sha256)
        at = known_at.get(result.sha256)
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
            if len(chunk) >= CHUNK_FILES or sum(drop.size for _, drop in chunk) >= CHUNK_BYTES:
                yield chunk
                chunk = []
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
        "connector": result.connector if result.extract or result.connector == "zip" else None,
        "reason": str(result.rejected) if result.rejected else result.ignored or "; ".join(extract.notes) or None,
        "sessions": extract.sessions.height,
        "minutes": extract.minutes.height + extract.readings.height,
        "daily_totals": extract.daily_totals.height,
        "covers_from": first,
        "covers_to": last,
        "metrics": sorted(connectors()[result.connector].METRICS) if result.extract and result.connector else [],
        "rejected": result.rejected is not None,
    }
