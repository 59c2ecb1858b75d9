"""The work of reading processes: the files to be read, in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile

CHUNK_BYTES = 32 * 2**20
CHUNK_FILES = 2_000
FIRST_FILES = 250  # of the first chunk; each is twice as long as the last: a short inbox, too, is for all processors

Chunk = list[tuple[Folder, InboxFile]]  # work for one reading process


def chunks(files: Iterable[InboxFile], folders: Callable[[list[str]], Mapping[str, Folder]]) -> Iterator[Chunk]:
    """Chunks of at most CHUNK_BYTES and CHUNK_FILES (one file may be larger), in the order of the files.

    `folders`: those of some people. It is asked when a chunk begins that has files of people who had none before.
    """
    asked: dict[str, Folder] = {}
    for part in _parts(files):
        people = list(dict.fromkeys(file.participant_id for file in part))
        asked = {who: folder for who, folder in asked.items() if who in people}
        if new := [who for who in people if who not in asked]:
            asked |= folders(new)
        yield [(asked[file.participant_id], file) for file in part]


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
