"""Reading in processes that can be lost: what one file does to the process that reads it, it does to that process.

A reading process takes chunks from a pipe and ends with it: `python -m flows.night.reading_process PIPE`. Before it
reads a file by itself it reports which, and before it reads many together, that it does; it sends results as it goes.
What is done where it dies: flows/night/processes.py.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from connectors import Share
from flows.environment import rarely_look_for_circles
from flows.night import bulk
from flows.night.archive import Opened, Watch
from flows.night.bounds import MEMORY, allow, is_the_machine_short
from flows.night.chunks import Chunk
from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile
from flows.night.one_file import is_of_a_reader
from flows.night.parcel import pack
from flows.night.reading import StillBeingWritten, read_inbox_file
from models.fault import Fault
from models.store.batch import Batch, joined
from models.store.file_result import FileResult
from models.system.bounds import end_after, take_at_most, time_left
from models.system.children import GONE, Connection, end_this, pipe_of

# What is said over the pipe, each with something: AT a path; TOGETHER, at files that are read at once; PART, DONE, how
# many files of the inbox the parcel completes that follows; VOID, the parts of a file do not count; OPENED, what is to
# be said of the archive of which a share was read; FAILED, why.
AT, TOGETHER, PART, DONE, VOID, OPENED, FAILED = "at", "together", "part", "done", "void", "opened", "failed"
ROWS_AT_A_TIME = 1_000_000
FILES_AT_A_TIME = 1_000
_PER_MEMBER, _MOST_PER_MEMBER = 0.01, 300  # processor seconds more for each file of an archive, and for all of them


def main() -> None:
    """Read chunks until the pipe ends."""
    pipe = pipe_of(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted closes the pipe
    take_at_most(MEMORY)
    rarely_look_for_circles()
    with suppress(*GONE):
        while True:
            columns, lost, together, share = pipe.recv()
            try:
                _ChunkReader(pipe, lost, together, share).read(columns.chunk())
            except GONE:
                return
            except BaseException as error:
                if not (isinstance(error, OSError) or (isinstance(error, MemoryError) and is_the_machine_short())):
                    end_this(signal.SIGABRT if isinstance(error, MemoryError) else signal.SIGTERM)
                pipe.send((FAILED, error))


@dataclass
class _Own:
    """What came of a file of the inbox, and of what is packed in it, so far."""

    batches: list[Batch] = field(default_factory=list)  # and behind them
    results: list[FileResult] = field(default_factory=list)
    files: int = 0
    rows: int = 0
    opened: Opened | None = None

    def add(self, found: FileResult | Batch | Opened) -> None:
        """One more result, or those of many."""
        if isinstance(found, Opened):
            self.opened = found
        elif isinstance(found, Batch):
            self.batches = [*self.settled(), found]
            self.results = []
            self.files += found.files.height
            self.rows += sum(frame.height for frame in found.frames.values())
        else:
            self.results.append(found)
            self.files += 1
            self.rows += found.extract.rows if found.extract else 0

    def settled(self) -> list[Batch]:
        """All of it as batches."""
        return [*self.batches, Batch.of(self.results)] if self.results else self.batches


@dataclass
class _ChunkReader:
    """Reads a chunk and reports it over the pipe. `lost`: what is not to be read again, and why. `together`: whether
    small files are read at once; `share`: of the archive that the chunk is."""

    pipe: Connection
    lost: dict[str, Fault]
    together: bool
    share: Share
    batches: list[Batch] = field(default_factory=list)  # what is not sent yet
    done: int = 0  # files of the inbox that these complete
    files: int = 0
    rows: int = 0
    extra: float = 0  # processor seconds that the files of this archive were given

    def read(self, chunk: Chunk) -> None:
        at = 0
        while at < len(chunk):
            read = self._read_together(chunk, at) if self.together else 0
            if not read:
                self._read_alone(*chunk[at])
            at += max(read, 1)
        self._send()

    def _read_together(self, chunk: Chunk, first: int) -> int:
        """Read files as far as they can be read at once; how many they were."""
        self.pipe.send((TOGETHER, first))
        end_after(allow(bulk.MOST_BYTES))
        try:
            batch, read = bulk.read_together(chunk, first)
        except BaseException as error:
            if not is_of_a_reader(error):
                raise
            self.together = False  # it is told which file it is when they are read one by one
            return 0
        finally:
            end_after(0)
        if read:
            self.batches.append(batch)
            self._count(read, batch.files.height, batch.rows)
        return read

    def _read_alone(self, folder: Folder, inbox_file: InboxFile) -> None:
        """Read a file by itself, and all that is packed in it."""
        end_after(allow(inbox_file.size, decrypts=folder.password is not None))
        self.extra = 0
        own, has_parts = _Own(), False
        together = partial(self.pipe.send, (TOGETHER, 0)) if self.together else None
        try:
            for found in read_inbox_file(inbox_file, folder, Watch(self._at, together), self.share):
                own.add(found)
                if own.rows >= ROWS_AT_A_TIME or own.files >= FILES_AT_A_TIME:
                    self._send()
                    self._send_as(PART, 0, joined(own.settled()))
                    own, has_parts = _Own(), True
        except StillBeingWritten:
            own = _Own()
            if has_parts:
                self.pipe.send((VOID, 0))
        end_after(0)
        if own.opened:
            self.pipe.send((OPENED, own.opened))
        self.batches += own.settled()
        self._count(1, own.files, own.rows)
        if has_parts:
            self._send()

    def _at(self, path: str, size: int) -> Fault | None:
        self.pipe.send((AT, path))
        if "!/" in path:
            self.extra = min(_MOST_PER_MEMBER, self.extra + _PER_MEMBER)
            each = _PER_MEMBER if self.extra < _MOST_PER_MEMBER else 0
            end_after(time_left() + each + allow(size) - allow(0))
        return self.lost.get(path)

    def _count(self, done: int, files: int, rows: int) -> None:
        """So much more is to be sent; what is much goes at once."""
        self.done, self.files, self.rows = self.done + done, self.files + files, self.rows + rows
        if self.rows >= ROWS_AT_A_TIME or self.files >= FILES_AT_A_TIME:
            self._send()

    def _send(self) -> None:
        if self.done:
            self._send_as(DONE, self.done, joined(self.batches))
        self.batches, self.done, self.files, self.rows = [], 0, 0, 0

    def _send_as(self, kind: str, files: int, batch: Batch) -> None:
        self.pipe.send((kind, files))
        self.pipe.send_bytes(pack(batch))


if __name__ == "__main__":
    main()
