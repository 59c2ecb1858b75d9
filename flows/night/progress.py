"""The progress of long work: a bar on a terminal, a plain line every half minute elsewhere."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from rich.filesize import decimal

from flows.night.chunks import Chunk
from flows.output import say
from models.store.batch import Batch

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

Item = TypeVar("Item")
EVERY = 30.0  # seconds between two plain lines


@dataclass
class Progress:
    """Where a run is. The work calls `step`, and `of_reading` where files are read; whoever watches sees it.

    `say` takes the plain lines; without it they go to stderr, and a terminal there gets a bar instead. A run that is
    over within half a minute says nothing.
    """

    say: Callable[[str], None] | None = None
    clock: Callable[[], float] = time.monotonic
    _name: str = ""
    _bar: Bar | None = None
    _last: float = 0.0

    def __enter__(self) -> Progress:
        self._last = self.clock()
        if self.say is None and sys.stderr.isatty():
            self._bar = _bar()
            self._bar.start()
        return self

    def __exit__(self, *fault: object) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None

    def step(self, name: str) -> None:
        """The next part of the work begins."""
        self._name = name
        if self._bar:
            for task in self._bar.task_ids:
                self._bar.remove_task(task)
            self._bar.add_task(name, total=None, done="")
        self._line(name)

    def counted(self, items: Iterable[Item], total: int, unit: str) -> Iterator[Item]:
        """The items one by one, and how many of them are done."""
        for number, item in enumerate(items, 1):
            yield item
            self.show(number, total, f"{number:,} of {total:,} {unit}")

    def of_reading(self, files: int, size: int) -> ReadingProgress:
        """So many files are read now, of so many bytes together."""
        return ReadingProgress(self, (files, size), self.clock())

    def show(self, done: int, total: int | None, amount: str, left: str = "") -> None:
        """How far the work is, in numbers and in words."""
        if self._bar:
            self._bar.update(self._bar.task_ids[-1], total=total, completed=done, done=amount)
        else:
            self._line(f"{self._name}: {amount}{left}")

    def _line(self, text: str) -> None:
        if self._bar is None and self.clock() - self._last >= EVERY:
            self._last = self.clock()
            self.say(text) if self.say else say(text, to=sys.stderr)


def _bar() -> Bar:
    from rich import progress as rich  # not at the top: who has no terminal does without
    from rich.console import Console

    columns = (
        rich.SpinnerColumn(),
        rich.TextColumn("{task.description}"),
        rich.BarColumn(),
        rich.TextColumn("{task.fields[done]}"),
        rich.TimeElapsedColumn(),
        rich.TextColumn("left"),
        rich.TimeRemainingColumn(compact=True),
    )
    return rich.Progress(*columns, console=Console(stderr=True), transient=True)


@dataclass
class ReadingProgress:
    """How far the reading of the inbox is, in files and bytes: what is new there, and what of it has been stored.

    Memory: two numbers for each chunk under way.
    """

    progress: Progress
    total: tuple[int, int]
    began: float
    done: tuple[int, int] = (0, 0)
    read: int = 0  # files of the inbox of which something came
    _under_way: deque[tuple[int, int]] = field(default_factory=deque)

    def marked(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """The chunks as they are cut."""
        for chunk in chunks:
            self._under_way.append((len(chunk), sum(file.size for _, file in chunk)))
            yield chunk

    def arrived(self, chunks: Iterable[Iterable[Batch]]) -> Iterator[Batch]:
        """What came of each chunk, as it comes."""
        for batches in chunks:
            files: set[str] = set()
            for batch in batches:
                files |= batch.inbox_files
                yield batch
            self.read += len(files)
            self.advance()

    def advance(self) -> None:
        """One more chunk was stored."""
        files, size = self._under_way.popleft() if self._under_way else (0, 0)
        self.done = self.done[0] + files, self.done[1] + size
        self.progress.show(self.done[1], self.total[1], self.amount, self.left)

    @property
    def amount(self) -> str:
        """1,200 of 5,000 files, 1.2 GB of 90.0 GB, 250 files/s."""
        files, size = self.done
        all_files, all_size = self.total
        rate = files / max(self.progress.clock() - self.began, 1e-3)
        return f"{files:,} of {all_files:,} files, {decimal(size)} of {decimal(all_size)}, {rate:,.0f} files/s"

    @property
    def left(self) -> str:
        """The time left, by bytes, or nothing where it cannot be known."""
        if not self.total[1] or not self.done[1]:
            return ""
        left = (self.progress.clock() - self.began) * (self.total[1] - self.done[1]) / self.done[1]
        return f", about {_duration(max(left, 0))} left"


def _duration(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds:.0f} s"
