"""The work of reading processes: the files to be read, in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile

CHUNK_BYTES = 32 * 2**20
CHUNK_FILES = 4_000
FIRST_FILES = 250  # of the first chunk; each is twice as long as the last: a short inbox, too, is for all processors

Chunk = list[tuple[Folder, InboxFile]]  # work for one reading process


class Columns(NamedTuple):
    """A chunk as it travels to another process: a column for each thing that is said of a file, not an object a file.

    `whose`: the place of each file's folder among the folders.
    """

    folders: list[Folder]
    whose: list[int]
    files: list[tuple]

    @classmethod
    def of(cls, chunk: Chunk) -> Columns:
        """A chunk, ready to travel."""
        numbers: dict[int, int] = {}
        whose = [numbers.setdefault(id(folder), len(numbers)) for folder, _ in chunk]
        folders = {id(folder): folder for folder, _ in chunk}
        return cls(list(folders.values()), whose, list(zip(*(file for _, file in chunk), strict=True)))

    def chunk(self) -> Chunk:
        """The chunk as it was."""
        files = map(InboxFile._make, zip(*self.files, strict=True))
        return list(zip(map(self.folders.__getitem__, self.whose), files, strict=True))


def chunks(
    files: Iterable[InboxFile], folders: Callable[[Sequence[InboxFile]], Mapping[str, Folder]]
) -> Iterator[Chunk]:
    """Chunks of at most CHUNK_BYTES and CHUNK_FILES (one file may be larger), in the order of the files.

    `folders`: those in which some files lie, by person, as they are to be read.
    """
    for part in _parts(files):
        of = folders(part)
        yield [(of[file.participant_id], file) for file in part]


def _parts(files: Iterable[InboxFile]) -> Iterator[list[InboxFile]]:
    part: list[InboxFile] = []
    size, most = 0, min(FIRST_FILES, CHUNK_FILES)
    for file in files:
        part.append(file)
        size += file.size
        if len(part) >= most or size >= CHUNK_BYTES:
            yield part
            part, size, most = [], 0, min(2 * most, CHUNK_FILES)
    if part:
        yield part
