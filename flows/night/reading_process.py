"""Reading in processes that can be lost: what one file does to the process that reads it, it does to that process.

A reading process reports which file it is at before it reads it, and sends results as it goes. Where it dies, the file
it was at (or the one file in an archive) is rejected, another process takes its place, and reading goes on behind it.
 `python -m flows.night.reading_process FD` is such a process: it takes chunks from a pipe and ends with it.
"""

from __future__ import annotations

import atexit
import os
import pickle
import platform
import signal
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe

from flows.night.bounds import allow, hold_memory, hold_time, is_the_machine_short, time_left, why_lost
from flows.night.chunks import Chunk
from flows.night.folder import readers
from flows.night.parcel import pack, unpack
from flows.night.reading import StillBeingWritten, read_inbox_file
from models.fault import Fault, StoreError
from models.store.file_result import FileResult

AT, PART, DONE, VOID, FAILED = "at", "part", "done", "void", "failed"
_ENDED = (EOFError, BrokenPipeError, ConnectionResetError)  # the other side of the pipe
ROWS_AT_A_TIME = 1_000_000
FILES_AT_A_TIME = 1_000
_MOST_LOST = 3  # processes for one file of the inbox; then all of it is rejected
_NOT_STARTED = "no process that reads can be started; end other programs or raise the limit of memory, then run again"
_PER_MEMBER, _MOST_PER_MEMBER = 0.01, 300  # processor seconds more for each file of an archive, and for all of them

Batches = Iterable[list[FileResult]]


# In the reading process ---------------------------------------------------------------------------------------------
def main() -> None:
    """Read chunks until the pipe ends."""
    pipe = Connection(int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted closes the pipe
    hold_memory()
    with suppress(*_ENDED):
        while True:
            chunk, lost = pipe.recv()
            try:
                _ChunkReader(pipe, lost).read(chunk)
            except _ENDED:
                return
            except BaseException as error:
                if not (isinstance(error, OSError) or (isinstance(error, MemoryError) and is_the_machine_short())):
                    os.kill(os.getpid(), signal.SIGABRT if isinstance(error, MemoryError) else signal.SIGTERM)
                pipe.send((FAILED, error))


@dataclass
class _ChunkReader:
    """Reads a chunk and reports it over the pipe. `lost`: what is not to be read again, and why."""

    pipe: Connection
    lost: dict[str, Fault]
    results: list[FileResult] = field(default_factory=list)
    done: int = 0  # files of the inbox that these results complete
    extra: float = 0  # processor seconds that the files of this archive were given

    def read(self, chunk: Chunk) -> None:
        for folder, inbox_file in chunk:
            hold_time(allow(inbox_file.size, decrypts=folder.password is not None))
            self.extra = 0
            before = len(self.results)
            sent_parts = False
            try:
                for result in read_inbox_file(inbox_file, folder, self._at):
                    self.results.append(result)
                    if self._is_much():
                        self._send_done(self.results[:before])
                        self._send(PART, 0, self.results[before:])
                        self.results, before, sent_parts = [], 0, True
            except StillBeingWritten:
                self.results = self.results[:before]
                if sent_parts:
                    self.pipe.send((VOID, 0))
            hold_time(0)
            self.done += 1
            if sent_parts or self._is_much():
                self._send_done(self.results)
                self.results = []
        self._send_done(self.results)

    def _at(self, path: str, size: int) -> Fault | None:
        self.pipe.send((AT, path))
        if "!/" in path:
            self.extra = min(_MOST_PER_MEMBER, self.extra + _PER_MEMBER)
            each = _PER_MEMBER if self.extra < _MOST_PER_MEMBER else 0
            hold_time(time_left() + each + allow(size) - allow(0))
        return self.lost.get(path)

    def _is_much(self) -> bool:
        rows = sum(result.extract.rows for result in self.results if result.extract)
        return rows >= ROWS_AT_A_TIME or len(self.results) >= FILES_AT_A_TIME

    def _send_done(self, results: list[FileResult]) -> None:
        if self.done:
            self._send(DONE, self.done, results)
            self.done = 0

    def _send(self, kind: str, files: int, results: list[FileResult]) -> None:
        self.pipe.send((kind, files))
        self.pipe.send(pack(results))


# Who starts it -----------------------------------------------------------------------------------------------------
class Reader:
    """A reading process, started when there is something to read, and started again where it was lost."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._pipe: Connection | None = None

    def read(self, chunk: Chunk) -> list[bytes]:
        """The results of a chunk, in parcels as they travelled. StoreError, MemoryError, OSError: the machine's."""
        parcels: list[bytes] = []
        lost: dict[str, Fault] = {}
        losses: Counter[str] = Counter()
        at = 0
        while at < len(chunk):
            found, done, path, exit_code = self._read(chunk[at:], lost)
            parcels += found
            at += done
            if at < len(chunk):
                file, _, inside = path.partition("!/")
                losses[file] += 1
                # what ends a process with SIGKILL is not in the file: once it may have been meant for another
                if (not path or exit_code == -signal.SIGKILL) and losses[file] == 1:
                    continue
                if not path:
                    raise StoreError(_NOT_STARTED)
                lost[path if inside and losses[file] < _MOST_LOST else file] = why_lost(exit_code)
        return parcels

    def _read(self, chunk: Chunk, lost: dict[str, Fault]) -> tuple[list[bytes], int, str, int]:
        """Parcels and how many files they complete, until all are read or the process is lost: then also the path it
        was at, and how it ended."""
        pipe = self._started()
        parcels: list[bytes] = []
        parts: list[bytes] = []  # of the file under way
        done, path = 0, ""
        try:
            pipe.send((chunk, lost))
            while done < len(chunk):
                kind, content = pipe.recv()
                if kind == AT:
                    path = content
                elif kind == FAILED:
                    raise content
                elif kind == VOID:
                    parts = []
                elif kind == PART:
                    parts.append(pipe.recv_bytes())
                else:
                    parcel = pipe.recv_bytes()
                    if content:
                        parcels += [*parts, parcel]
                        parts, done = [], done + content
            return parcels, done, path, 0
        except _ENDED:
            assert self._process is not None
            exit_code = self._process.wait()
            self.close()
            return parcels, done, path, exit_code

    def _started(self) -> Connection:
        if self._process is None or self._process.poll() is not None or self._pipe is None:
            self._pipe, theirs = Pipe()
            paths = os.pathsep.join(path for path in sys.path if path)
            one_thread = {"POLARS_MAX_THREADS": os.environ.get("POLARS_MAX_THREADS", "1")}  # a process per processor
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "flows.night.reading_process", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, env={**os.environ, **one_thread, "PYTHONPATH": paths},
                )  # fmt: skip
            finally:
                theirs.close()
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


def read_in_a_process(chunk: Chunk) -> list[bytes]:
    """Read a chunk in a process of its own; its results as parcels that `unpacked` opens.

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
        parcels = reader.read(chunk)
    except BaseException:
        reader.close()
        raise
    _idle.append(reader)
    return parcels


def unpacked(parcels: list[bytes]) -> Batches:
    """The results in parcels, one after the other: the rows of one are held at a time."""
    for parcel in parcels:
        if results := unpack(pickle.loads(parcel)):
            yield results


def read_chunks(chunks: Iterable[Chunk], workers: int | None = None) -> Iterator[Batches]:
    """Read chunks in several processes, a bounded number of chunks at a time, in the order of the chunks.

    `workers`: as many processes as there are processors.
    """
    workers = workers or _processors()
    waiting: deque = deque()
    threads = ThreadPoolExecutor(workers, "reading")
    try:
        for chunk in chunks:
            waiting.append(threads.submit(read_in_a_process, chunk))
            if len(waiting) > 2 * workers:
                yield unpacked(waiting.popleft().result())
        while waiting:
            yield unpacked(waiting.popleft().result())
    finally:
        threads.shutdown(cancel_futures=True)


def _processors() -> int:
    """How many this process may use: fewer than there are in a container, or where `taskset` says so."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    main()
