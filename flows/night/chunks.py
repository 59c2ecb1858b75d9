"""What of the inbox is new, cut into work for processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from flows.night.folder import Folder, is_without_reader
from flows.night.inbox_file import InboxFile
from models.fault import Fault
from models.store.scan import Scan

CHUNK_BYTES = 32 * 2**20
CHUNK_FILES = 2_000
FIRST_FILES = 250  # of the first chunk; each is twice as long as the last: a short inbox, too, is for all processors

Chunk = list[tuple[Folder, InboxFile]]  # work for one reading process


def is_new(inbox_file: InboxFile, folder: Folder, code_version: str) -> bool:
    """Whether a file must be looked into: unknown, changed, dated by other zones, judged by a clock that said another
    date where that matters (models/set_aside.py), or rejected by another version or without a password."""
    was = folder.known.get(inbox_file.path)
    if was is None or (was.size, was.modified_ns) != (inbox_file.size, inbox_file.modified_ns):
        return True
    if is_without_reader(was):
        return False
    if was.sha256 is None or was.zones not in folder.fingerprints or inbox_file.path in folder.due:
        return True
    is_tried_again = was.code_version != code_version or folder.password is not None
    return is_tried_again and inbox_file.path in folder.rejected


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
        most = min(FIRST_FILES, CHUNK_FILES)
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
            if len(chunk) >= most or size >= CHUNK_BYTES:
                yield chunk
                chunk, size, most = [], 0, min(2 * most, CHUNK_FILES)
        if chunk:
            yield chunk
