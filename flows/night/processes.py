"""The processes that read: one for each processor, fed with chunks of files; a file may cost the one that reads it.

Where a process dies, the file it was at (or the one file in an archive) is rejected, another process takes its place,
and reading goes on behind it. Where it read many files together, they are read one by one.
"""

from __future__ import annotations

import atexit
import os
import platform
import subprocess
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import reduce
from itertools import chain
from operator import add
from typing import NamedTuple

from connectors import ALL, Share
from flows.night.archive import Opened
from flows.night.bounds import why_lost
from flows.night.chunks import Chunk, Columns
from flows.night.folder import readers
from flows.night.one_file import blank
from flows.night.parcel import unpack
from flows.night.reading_process import AT, FAILED, OPENED, PART, TOGETHER, VOID
from flows.night.shares import shared_out
from models.fault import Fault, StoreError
from models.store.batch import Batch
from models.system.children import GONE, Connection, start, was_killed
from models.system.processors import processors

_MOST_LOST = 3  # processes for one file of the inbox; then all of it is rejected
# There is a process per processor. What a large file needed for a moment goes back within a tenth of a second.
_OF_POLARS = {"POLARS_MAX_THREADS": "1", "_RJEM_MALLOC_CONF": "dirty_decay_ms:100,muzzy_decay_ms:0"}
_NOT_STARTED = "no process that reads can be started; end other programs or raise the limit of memory, then run again"

Batches = Iterable[Batch]


class Read(NamedTuple):
    """What came of a chunk, in parcels as they travelled. `opened`: of a share of an archive, whether it was read."""

    parcels: list[bytes]
    opened: Opened | None = None


class Reader:
    """A reading process, started when there is something to read, and started again where it was lost."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._pipe: Connection | None = None
        self._opened: Opened | None = None

    def read(self, chunk: Chunk, share: Share = ALL) -> Read:
        """What comes of a chunk, or of a share of the archive that it is. StoreError, MemoryError, OSError: the
        machine's."""
        parcels: list[bytes] = []
        self._opened = None
        lost: dict[str, Fault] = {}
        losses: Counter[str] = Counter()
        at, together = 0, True
        while at < len(chunk):
            found, done, path, exit_code = self._read(chunk[at:], lost, together, share)
            parcels += found
            at += done
            if at == len(chunk):
                break
            if path is None:
                together = False
            else:
                file, _, inside = path.partition("!/")
                losses[file] += 1
                # what ends a process with force is not in the file: once it may have been meant for another
                if (not path or was_killed(exit_code)) and losses[file] == 1:
                    continue
                if not path:
                    raise StoreError(_NOT_STARTED)
                lost[path if inside and losses[file] < _MOST_LOST else file] = why_lost(exit_code)
        return Read(parcels, self._opened)

    def _read(
        self, chunk: Chunk, lost: dict[str, Fault], together: bool, share: Share
    ) -> tuple[list[bytes], int, str | None, int]:
        """Parcels and how many files they complete, until all are read or the process is lost: then also the path it
        was at (None: at many together, "": at none yet), and how it ended."""
        pipe = self.started()
        parcels: list[bytes] = []
        parts: list[bytes] = []  # of the file under way
        done: int = 0
        path: str | None = ""
        try:
            pipe.send((Columns.of(chunk), lost, together, share))
            while done < len(chunk):
                kind, content = pipe.recv()
                if kind == AT:
                    path = content
                elif kind == TOGETHER:
                    path = None
                elif kind == FAILED:
                    raise content
                elif kind == VOID:
                    parts = []
                elif kind == OPENED:
                    self._opened = content
                elif kind == PART:
                    parts.append(pipe.recv_bytes())
                else:
                    parcels += [*parts, pipe.recv_bytes()]
                    parts, done = [], done + content
            return parcels, done, path, 0
        except GONE:
            assert self._process is not None
            exit_code = self._process.wait()
            self.close()
            return parcels, done, path, exit_code

    def started(self) -> Connection:
        """The pipe to its process, which is started unless it runs."""
        if self._process is None or self._process.poll() is not None or self._pipe is None:
            settings = {**_OF_POLARS, **os.environ}
            self._process, self._pipe = start("flows.night.reading_process", settings=settings)
        return self._pipe

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._pipe = None


_idle: list[Reader] = []  # to be had at once: what a process has loaded it need not load again


@atexit.register
def _close_idle() -> None:
    while _idle:
        _idle.pop().close()


def start_ahead() -> None:
    """Start a process now that will be asked for soon: it loads its code while other things are done."""
    if not _idle:
        with suppress(OSError):  # whoever needs it will say so
            reader = Reader()
            reader.started()
            _idle.append(reader)


def read_in_a_process(chunk: Chunk) -> list[bytes]:
    """Read a chunk in a process of its own; its results as parcels that `unpacked` opens. Raises as `_read`."""
    return _read(chunk).parcels


def _read(chunk: Chunk, share: Share = ALL) -> Read:
    """What a process of its own reads of a chunk.

    StoreError where this machine has other readers than the one that asks: it would refuse what that one can read.
    """
    if other := {folder.readers for folder, _ in chunk} - {"", readers()}:
        what = f"{platform.node()} reads with {readers()}, where {min(other)} is asked for"
        raise StoreError(what, "install the same packages on every machine")
    try:
        reader = _idle.pop()
    except IndexError:
        reader = Reader()
    try:
        read = reader.read(chunk, share)
    except BaseException:
        reader.close()
        raise
    _idle.append(reader)
    return read


def unpacked(parcels: list[bytes]) -> Batches:
    """What is in parcels, one after the other: the rows of one are held at a time."""
    for parcel in parcels:
        if (batch := unpack(parcel)).files.height:
            yield batch


def read_chunks(chunks: Iterable[Chunk], workers: int | None = None) -> Iterator[Batches]:
    """Read chunks in several processes, a bounded number of chunks at a time, in the order of the chunks.

    `workers`: as many processes as there are processors.
    """
    workers = workers or processors()
    waiting: deque[tuple[Chunk, list[Future[Read]]]] = deque()
    threads = ThreadPoolExecutor(workers, "reading")
    try:
        for chunk, shares in shared_out(chunks, workers):
            waiting.append((chunk, [threads.submit(_read, chunk, share) for share in shares]))
            if len(waiting) > 2 * workers:
                yield _put_together(*waiting.popleft())
        while waiting:
            yield _put_together(*waiting.popleft())
    finally:
        threads.shutdown(cancel_futures=True)


def _put_together(chunk: Chunk, shares: list[Future[Read]]) -> Batches:
    """What came of a chunk; of an archive that was read in shares, one after the other, and the archive's own row.

    Where a share was not read to its end (the archive is no zip, is rejected as a whole or still being written), what
    is said of that is all that counts.
    """
    read = [share.result() for share in shares]
    if len(read) == 1:
        return unpacked(read[0].parcels)
    opened = [share.opened for share in read if share.opened]
    if len(opened) < len(read):
        return unpacked(next(share.parcels for share in read if not share.opened))
    (folder, inbox_file), *_ = chunk
    own = reduce(add, opened).result(blank(inbox_file, folder), folder)
    return chain(unpacked([parcel for share in read for parcel in share.parcels]), [Batch.of([own])])
