"""The processes in which sites have their nights: what one site's night does to its process, it does to no other.

A process takes one site after the other, so that it loads the code once. Where a night takes longer than its site may,
or more memory, the process is ended with all that it started, and the next site gets a new one.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from flows.programme.job import FAILED, Job, Result

_GONE = (EOFError, BrokenPipeError, ConnectionResetError)


class SiteProcess:
    """A process for nights, started when there is one to be had."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._memory = 0  # that it may have

    def night(self, job: Job) -> Result:
        """The night of a site. It is a result whatever becomes of the process."""
        pipe = self._started(job.site.memory_gb * 10**9)
        try:
            pipe.send(job)
            if not pipe.poll(job.site.minutes * 60):
                self.close()
                what = f"its night took longer than the {job.site.minutes} minutes that it may take"
                return Result(job.site.id, FAILED, f"{what}; see what it is at, or raise `minutes` in programme.toml")
            found = pipe.recv()
            assert isinstance(found, Result)
            return found
        except _GONE:
            assert self._process is not None
            self._process.join()
            ended = self._process.exitcode or 0
            self.close()
            return Result(job.site.id, FAILED, _why(ended, job), can_pass=ended == -signal.SIGKILL)

    def close(self) -> None:
        """End the process and what it started."""
        if self._process is not None and self._process.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    def _started(self, memory: int) -> Connection:
        if self._process is None or not self._process.is_alive() or self._pipe is None or memory != self._memory:
            self.close()
            context = get_context("spawn")
            self._memory, (self._pipe, theirs) = memory, context.Pipe()
            self._process = context.Process(target=_nights, args=(theirs, memory), daemon=False)
            self._process.start()
            theirs.close()
        return self._pipe


def _why(ended: int, job: Job) -> str:
    memory = f"the {job.site.memory_gb} GB that it may have"
    if ended in (-signal.SIGABRT, _NO_MEMORY):
        return f"its night needed more memory than {memory}; raise `memory_gb` in programme.toml"
    if ended == -signal.SIGKILL:
        return "the process of its night was killed, as a machine short of memory does; run again with fewer at a time"
    return f"the process of its night ended ({ended}); run `stepwindow nightly` there to see why"


_NO_MEMORY = 77


def _nights(pipe: Connection, memory: int) -> None:
    """Have the nights of sites until the pipe ends, in so much memory."""
    os.setsid()  # a group of its own, with what it starts
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted ends this process
    from flows.programme.night import take
    from models.confinement import take_at_most

    os.environ.setdefault("STEPWINDOW_WAIT", "5")  # a site that somebody else is at is tried once more at the end
    take_at_most(memory)
    with suppress(*_GONE):
        while True:
            try:
                pipe.send(take(pipe.recv()))
            except MemoryError:
                os._exit(_NO_MEMORY)
