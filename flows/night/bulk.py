"""Many small files at once: what is paid for each of them is its bytes, the number of its content, and its records.

A small plain file is read whole, once; those of one reader are given to it together, and what comes of them stays
together (models/store/batch.py). Anything else (an archive, a large file, one that changes while it is read) is read by
itself: flows/night/reading.py.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import polars as pl

from connectors import Context, Export, archive_kind, bundle_of, extract_all
from flows.night.chunks import Chunk
from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile, time_of
from flows.night.one_file import blank, is_of_a_reader, is_unfinished, look, name_of, note
from models.fault import Fault, Rejected
from models.store.batch import Batch
from models.store.file_result import FileResult
from models.system.files import AS_IT_LIES

SMALL = 2**20  # bytes of a file
MOST_BYTES = 8 * 2**20  # of files at once: with all that is made of them, a part of what a process may hold
MOST_FILES = 4_000


@dataclass
class _Waiting:
    """Files that wait for a reader, all of whose are read alike. `exports`: by their place in the results."""

    context: Context
    exports: dict[int, Export] = field(default_factory=dict)


@dataclass
class Gathered:
    """Small files that are read together, in their order. `results`: what is said of each so far."""

    results: list[FileResult] = field(default_factory=list)
    size: int = 0
    _waiting: dict[tuple[str, int], _Waiting] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        """Whether no more are to be read with them."""
        return len(self.results) >= MOST_FILES or self.size > MOST_BYTES - SMALL

    @property
    def exports(self) -> dict[int, Export]:
        """What is to be read of them, by their place in the results."""
        return {place: export for each in self._waiting.values() for place, export in each.exports.items()}

    def add(self, member: Export, result: FileResult, folder: Folder, seen: set[str]) -> bool:
        """Add a member of an archive where it is small and nothing about it is odd; whether it was added."""
        if member.size > SMALL:
            return False
        try:
            content = member.read()
            held = Export.held(member.name, content)
            if len(content) == member.size:
                self.look_at(held, result, folder, folder.context, seen)
                return True
        except BaseException as error:
            if isinstance(error, OSError) or not is_of_a_reader(error):
                raise
        return False

    def look_at(
        self, export: Export, result: FileResult, folder: Folder, context: Context, seen: set[str] | None = None
    ) -> bool:
        """Add a file whose bytes are in memory, if it is asked for; whether it is. Raises what a reader that is asked
        about it was not made for."""
        try:
            reader = look(export, result, folder, seen)
        except Rejected as rejected:
            reader, result.rejected = None, rejected.fault
        if reader is not None:
            if not folder.asks_for(reader):
                return False
            if seen is not None and result.sha256:
                seen.add(result.sha256)
            if (waiting := self._waiting.get((reader, id(context)))) is None:
                waiting = self._waiting[reader, id(context)] = _Waiting(context)
            waiting.exports[len(self.results)] = export
            self.size += export.size
        self.results.append(result)
        return True

    def batch(self) -> Batch:
        """What came of them. Raises what a reader was not made for: of which file, is told when each is read alone."""
        return Batch.of(self.results, _read(self.results, self._waiting))


def read_together(chunk: Chunk, first: int) -> tuple[Batch, int]:
    """What came of the files of a chunk from the `first` on, up to one that is to be read by itself or to the most that
    are read at once; and how many they are.

    Raises what a reader was not made for: of which file, is told when they are read one by one.
    """
    gathered = Gathered()
    contexts: dict[int, Context] = {}  # of each folder
    alike: dict[Context, Context] = {}  # people who live alike: their files are read alike
    done = 0
    for folder, inbox_file, export in _plain(chunk, first):
        done += 1
        if (context := contexts.get(id(folder))) is None:
            context = contexts[id(folder)] = alike.setdefault(folder.context, folder.context)
        result = blank(inbox_file, folder)
        result.export = bundle_of(result.path)
        gathered.look_at(export, result, folder, context)
    return gathered.batch(), done


def _plain(chunk: Chunk, first: int) -> Iterator[tuple[Folder, InboxFile, Export]]:
    """The files as far as they are plain, each with all its bytes."""
    size = 0
    for folder, inbox_file in islice(chunk, first, first + MOST_FILES):
        size += inbox_file.size
        content = _content(inbox_file) if size <= MOST_BYTES else None
        if content is None:
            return
        export = Export.held(name_of(inbox_file), content)
        if archive_kind(export):
            return
        yield folder, inbox_file, export


def _content(inbox_file: InboxFile) -> bytes | None:
    """All bytes of a small file; None where it is none, cannot be read, or is other than the scan saw it, now that it
    was read: whoever reads it alone says why. It is the open file that is asked: whatever has taken its place in the
    folder, these are the bytes of that size and time."""
    place, size = inbox_file.place, inbox_file.size
    if not isinstance(place, str) or size > SMALL or is_unfinished(place.rpartition(os.sep)[2]):
        return None
    try:
        file = os.open(place, AS_IT_LIES)
        try:
            content, now = os.read(file, size + 1), os.fstat(file)
        finally:
            os.close(file)
    except OSError:
        return None
    is_as_seen = len(content) == now.st_size == size and time_of(now) == inbox_file.modified_ns
    return content if is_as_seen else None


def _read(results: list[FileResult], waiting: dict[tuple[str, int], _Waiting]) -> dict[str, pl.DataFrame]:
    """Have every file read that waits, and note in its result what came of it; gives the rows of all of them."""
    frames: dict[str, list[pl.DataFrame]] = {}
    for (name, _), group in waiting.items():
        found = extract_all(name, list(group.exports.values()), group.context)
        places = pl.Series("file", list(group.exports), pl.UInt32)
        for place, file in zip(group.exports, found.files, strict=True):
            if isinstance(file, Fault):
                results[place].rejected = file
            else:
                note(results[place], file, name)
        for of, frame in found.frames.items():
            if frame.height:
                frames.setdefault(of, []).append(frame.with_columns(places.gather(frame["file"])))
    return {of: pl.concat(parts).sort("file", maintain_order=True) for of, parts in frames.items()}
