"""What is done to the pieces of a large file, each by itself, is done by two processes: this one, and a helper.

The helper has some pieces ahead; while it has no room for more, this process does the next ones. It is never waited
for: what it has not done in time is done here. So it costs nothing but its help where it is lost or cannot be started,
and takes little where others need the processors: it lets them go first. It ends with the process that started it.
There is none on Windows, where no open file is handed on: `python -m connectors.kit.beside PIPE PLACE`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, suppress
from typing import Any, TypeVar

from models.system import children
from models.system.children import Connection

T = TypeVar("T")
_ROOM = 8  # pieces that a helper has: one that it is at, and the next ones
_LARGEST = 4 * 2**20  # bytes of a piece that is given away
_MOST_WAITING = 32  # pieces, behind one that the helper has not done
_ENDED = (OSError, EOFError)
_AWAY = object()


def beside(
    work: Callable[[bytes], Any], pieces: Iterator[tuple[bytes, T]]
) -> Generator[tuple[bytes, T, Any], None, None]:
    """Each piece, what it came with, and `work(piece)`, in their order. What is raised is raised in its turn.

    `work` and what it gives can be pickled.
    """
    waiting: deque[tuple[bytes, T, Any]] = deque()
    helper = _Helper()
    try:
        helper.start(work)
        for piece, about in pieces:
            waiting.append((piece, about, _AWAY if helper.takes(piece) else work(piece)))
            while waiting and (waiting[0][2] is not _AWAY or helper.has_done or len(waiting) > _MOST_WAITING):
                yield _first(waiting, helper, work)
        while waiting:
            yield _first(waiting, helper, work)
    finally:
        helper.close()


def _first(waiting: deque[tuple[bytes, T, Any]], helper: _Helper, work: Callable[[bytes], Any]) -> tuple[bytes, T, Any]:
    """The first piece that waits, done here if it was not done by now."""
    piece, about, done = waiting.popleft()
    if done is _AWAY and (done := helper.done()) is _AWAY:
        done = work(piece)
    return piece, about, done


class _Helper:
    """The process. It is told where a piece lies in a file that both have open, and answers with what it came to."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._opened = ExitStack()
        self._is_ready = self._is_lost = False
        self._has = self._given = 0  # pieces: now, and in all
        self._late = 0  # of those it has, the first ones: what comes of them is not wanted any more

    def start(self, work: Callable[[bytes], Any]) -> None:
        """Start it; how soon it is there, or whether at all, is seen when it is given something."""
        settings = {**os.environ, "POLARS_MAX_THREADS": "1"}
        try:
            self._place = self._opened.enter_context(tempfile.TemporaryFile(buffering=0))  # noqa: SIM115 (it is one)
            self._process, pipe = children.start("connectors.kit.beside", settings=settings, file=self._place.fileno())
            self._pipe = self._opened.enter_context(pipe)
            self._pipe.send(work)
        except OSError:
            self._is_lost = True

    def takes(self, piece: bytes) -> bool:
        """Give it a piece if it has room for one; whether it had."""
        if self._is_lost or self._has == _ROOM or len(piece) > _LARGEST:
            return False
        try:
            if not self._is_ready:
                if not self._pipe.poll():
                    return False
                self._is_ready = self._pipe.recv()
            at = self._given % _ROOM * _LARGEST
            if children.put_at(self._place.fileno(), piece, at) < len(piece):
                return False
            self._pipe.send((at, len(piece)))
        except _ENDED:
            self._is_lost = True
            return False
        self._has, self._given = self._has + 1, self._given + 1
        return True

    @property
    def has_done(self) -> bool:
        """Whether it has done the first piece that is wanted of it."""
        while self._late and self._says_something:
            self._hear()
            self._late -= 1
        return not self._late and self._says_something

    def done(self) -> Any:
        """What came of the first piece that is wanted of it; _AWAY if it has not done that: then it is too late."""
        if self.has_done:
            return self._hear()
        self._late += 1
        return _AWAY

    @property
    def _says_something(self) -> bool:
        return not self._is_lost and self._pipe.poll()

    def _hear(self) -> Any:
        try:
            found = self._pipe.recv()
        except _ENDED:
            self._is_lost, found = True, _AWAY
        self._has -= 1
        return found

    def close(self) -> None:
        """End it, whatever it is doing."""
        self._opened.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def _help(pipe: Connection, place: int) -> None:
    """What the helper does, until the pipe ends."""
    children.let_others_go_first()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted closes the pipe
    with suppress(*_ENDED):
        work = pipe.recv()
        pipe.send(True)
        while True:
            at, size = pipe.recv()
            pipe.send(work(children.get_at(place, size, at)))


if __name__ == "__main__":
    _help(children.pipe_of(sys.argv[1]), int(sys.argv[2]))
