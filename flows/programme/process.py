"""The processes in which sites have their nights: what one site's night does to its process, it does to no other.

A process takes one site after the other, so that it loads the code once. Where a night takes longer than its site may,
or more memory, the process is ended with all that it started, and the next site gets a new one.
"""

from __future__ import annotations

import atexit
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from flows.programme.job import FAILED, Job, Result
from flows.programme.site_process import NO_MEMORY
from models.system.children import Connection, end_all, had_no_memory, start, was_killed


class SiteProcess:
    """A process for nights, started when there is one to be had."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._pipe: Connection | None = None
        self._memory = 0  # GB that it may have

    def night(self, job: Job) -> Result:
        """The night of a site. It has a result whatever becomes of the process."""
        try:
            pipe = self._started(job.site.memory_gb)
        except OSError as error:
            what = f"no process could be started for its night ({error.strerror})"
            return Result(job.site.id, FAILED, f"{what}; see what else runs on this machine", can_pass=True)
        try:
            pipe.send(job)
            if not pipe.poll(job.site.minutes * 60):
                self.close()
                what = f"its night took longer than the {job.site.minutes} minutes that it may take"
                return Result(job.site.id, FAILED, f"{what}; see what it is at, or raise `minutes` in programme.toml")
            found = pipe.recv()
            assert isinstance(found, Result)
            return found
        except (EOFError, OSError):  # OSError: in the midst of what it said
            assert self._process is not None
            ended = self._process.wait()
            self.close()
            return Result(job.site.id, FAILED, _why(ended, job), can_pass=not _is_of_memory(ended))

    def kill(self) -> None:
        """Let the night that it has end here, and with it the wait for it; another thread may be in that wait."""
        if (process := self._process) is not None:
            end_all(process)

    def close(self) -> None:
        """End the process and what it started."""
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self.kill()
            self._process.wait()
        self._process = self._pipe = None

    def _started(self, memory: int) -> Connection:
        if self._process is None or self._process.poll() is not None or self._pipe is None or memory != self._memory:
            self.close()
            self._memory = memory
            module = "flows.programme.site_process"
            self._process, self._pipe = start(module, str(memory), settings=os.environ, own_group=True)
        return self._pipe


_all: list[SiteProcess] = []
_is_over = Event()
_idle: list[SiteProcess] = []  # to be had at once: what a process has loaded it need not load again


@atexit.register
def _end_all() -> None:
    for process in _all:
        process.kill()


@contextmanager
def ended_with_us() -> Iterator[None]:
    """Who interrupts the block waits for no night: those that are under way are ended, and no other begins."""
    _is_over.clear()
    try:
        yield
    except BaseException:
        _is_over.set()
        _end_all()
        raise


def night(job: Job) -> Result:
    """The night of a site, in a process that no other site has at the time."""
    if _is_over.is_set():
        return Result(job.site.id, FAILED, "the run was interrupted; run again", can_pass=True)
    try:
        process = _idle.pop()
    except IndexError:
        _all.append(process := SiteProcess())
    try:
        return process.night(job)
    except BaseException:
        process.close()
        raise
    finally:
        _idle.append(process)


def _is_of_memory(ended: int) -> bool:
    return had_no_memory(ended) or ended == NO_MEMORY


def _why(ended: int, job: Job) -> str:
    if _is_of_memory(ended):
        what = f"its night needed more memory than the {job.site.memory_gb} GB that it may have"
        return f"{what}; raise `memory_gb` in programme.toml"
    if was_killed(ended):
        what = "the process of its night was killed, as a machine short of memory does"
        return f"{what}; run again, on a larger machine or with fewer processors"
    return f"the process of its night ended ({ended}); run `stepwindow nightly` there to see why"
