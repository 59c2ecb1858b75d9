"""The processes that have the stores of a study's shards: one each, as many at work as there are processors.

What stops one stops the run: the others end what they were at, and nothing is published. Where one is lost, or this
process is, what each had committed stays, and the next run goes on from there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from models.fault import Fault, StoreError
from models.system.children import GONE, start

DONE, FAILED = "done", "failed"  # what an answer begins with
Counted = dict[str, Any]  # what a run has counted, by the name of the field


class ShardProcess:
    """The process of one shard, from its first message on. `processors`: how many it may have."""

    def __init__(self, processors: int) -> None:
        settings = {"POLARS_MAX_THREADS": str(processors), **os.environ}
        self._process, self._pipe = start("flows.night.shard_process", settings=settings)
        self.counted: Counted = {}

    def ask(self, *message: Any) -> Any:
        """Send a message and wait for its answer. Raises what the process raised; StoreError where it is lost."""
        try:
            self._pipe.send(message[0] if len(message) == 1 else message)
            kind, counted, answer = self._pipe.recv()
        except GONE:
            ended = self._process.wait()
            what = f"the process of a shard ended ({ended}), as it does where a machine is short of memory"
            raise StoreError(what, "run again; if it comes again, with more memory or on fewer processors") from None
        if kind != DONE:
            raise answer
        self.counted = counted
        return answer

    def close(self) -> None:
        """End it: it has committed what it was asked for, or is asked for it again."""
        self._pipe.close()
        self._process.kill()
        self._process.wait()


class Shards:
    """The processes of all shards, and what is nobody's."""

    def __init__(self, number: int, at_once: int) -> None:
        self._at_once = at_once
        self.loaded = (0, 0)  # how many files count, of how many people
        self.faults: list[Fault] = []  # new ones that are nobody's
        self.standing = 0  # and how many of those stand from before
        self.processes: list[ShardProcess] = []
        try:
            for _ in range(number):
                self.processes.append(ShardProcess(max(1, at_once // number)))
        except BaseException:
            self.close()
            raise

    def begin(self, jobs: Sequence[Any]) -> list[Any]:
        """Begin with a job each; the answers in their order."""
        return self._ask_all([(job,) for job in jobs])

    def call_each(self, work: Callable, given: Sequence[tuple]) -> list[Any]:
        """Call a function in all of them, with what is for each; the answers in their order."""
        return self._ask_all([(work, own) for own in given])

    def _ask_all(self, messages: Sequence[tuple]) -> list[Any]:
        with ThreadPoolExecutor(self._at_once, "shard") as threads:
            asked = [threads.submit(process.ask, *said) for process, said in zip(self.processes, messages, strict=True)]
            try:
                return [one.result() for one in asked]
            except KeyboardInterrupt:
                self.close()
                raise

    def close(self) -> None:
        """End all of them."""
        while self.processes:
            self.processes.pop().close()
