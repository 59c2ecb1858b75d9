"""The work of reading processes: the files to be read, in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile

CHUNK_BYTES = 32 * 2**20
CHUNK_FILES = 4_000
FIRST_FILES = 250  # of the first chunk; each is twice as long as the last: a short inbox, too, is for all processors

Chunk = list[tuple[Folder, InboxFile]]  # work for one reading process


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
