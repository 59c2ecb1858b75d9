"""A run of the steps (flows/night/steps.py): which part of the inbox it takes, and its results so far."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from connectors import Password
from flows.night import processes
from flows.night.chunks import Chunk
from flows.night.inbox_file import Found
from flows.night.processes import Batches
from flows.night.progress import Progress
from flows.night.shards import Shards
from models.fault import Fault
from models.store.apart import apart
from models.store.held import Held, HeldGoal, failed_before, free_for, held_by
from models.store.store import Store, now
from models.store.unload import Content
from models.study.study import Study

Done = TypeVar("Done")
Spread = Callable[[Any, Sequence[str]], dict[str, BaseException]]  # report/write.py: pages of people, whom it fails for


@dataclass(frozen=True)
class Scope:
    """Which part of the inbox and of the steps a run takes. The defaults are a night."""

    command: str = "nightly"
    as_of: date | None = None
    participant: str | None = None
    connectors: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    reload: bool = False
    verify: bool = False  # look at the content of every file, also where size and time are as they were
    rebuild: bool = False
    accept_loss: bool = False  # what the inbox or a control file no longer has is gone on purpose
    dask: str | None = None  # the address of a cluster that reads
    zip_password: Password | None = None  # of zips in the inbox; it is written nowhere

    def in_words(self) -> str:
        """Which part, naming nobody."""
        parts = {
            "one participant": self.participant, "some kinds of export": self.connectors,
            "as of a chosen date": self.as_of, "some dates": self.since or self.until, "decoded again": self.reload,
            "made anew from the inbox": self.rebuild,
        }  # fmt: skip
        return ", ".join(words for words, chosen in parts.items() if chosen) or "all that is new"


@dataclass
class BeforePublished(Exception):
    """A run was asked for as of a date (`as_of`) before that of what is `published`: there is nothing to write, for the
    later verdicts stand. Whoever asked shows what the verdicts were."""

    study: Study
    as_of: date
    published: date


class _Work(Protocol):
    """What the steps (steps.py) do to the study's store (work.py), or to those of its shards (sharded.py)."""

    def write_control(self, run: Run) -> None: ...
    def set_written(self, run: Run, known: str) -> None: ...
    def files_loaded(self, run: Run) -> tuple[int, int]: ...
    def load_exports(self, run: Run) -> Found: ...
    def name_faults(self, run: Run, faults: Iterable[Fault]) -> None: ...
    def resolve_days(self, run: Run) -> None: ...
    def judge_weeks(self, run: Run) -> None: ...
    def take_over_verdicts(self, run: Run) -> None: ...
    def pages_spread(self, run: Run) -> Spread | None: ...
    def take_out(self, run: Run, who: str, name: str) -> tuple[list[Content], int]: ...
    def take_back(self, run: Run, who: str, name: str) -> tuple[list[Content], int]: ...


@dataclass
class Run:
    """A run of the steps: what it works on, and its results so far."""

    study: Study
    scope: Scope
    store: Store
    as_of: date
    progress: Progress
    work: _Work
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started_at: datetime = field(default_factory=now)
    found: int = 0
    files: dict[str, int] = field(default_factory=lambda: {"loaded": 0, "duplicate": 0, "rejected": 0, "ignored": 0})
    kinds: Counter[str] = field(default_factory=Counter)  # files decoded, by reader
    new_faults: list[Fault] = field(default_factory=list)
    standing: int = 0
    days: int = 0
    changes: int = 0
    published: Path | None = None
    report_page: Path | None = None
    read_chunks: Callable[[Iterator[Chunk]], Iterator[Batches]] = field(default_factory=lambda: processes.read_chunks)
    workers: int | None = None  # processes at a time; None: as many as there are processors
    shards: Shards | None = None  # where the participants are spread over several stores: `store` has nobody then
    reads_inbox: bool = True
    waiting: int = 0  # files that were still being written
    moved: int = 0  # files that were withdrawn from somebody, for they lie in another person's folder now
    killed_before: int = 0  # runs that were killed since one published
    step: str = ""  # the one being taken
    is_under_way: bool = False  # its steps began; whoever takes them writes down how it ends
    held: dict[str, Held] = field(default_factory=dict)  # for whom a step failed or a row is bad, and why
    held_goals: dict[str, HeldGoal] = field(default_factory=dict)  # whose row is bad
    alarms: list[Fault] = field(default_factory=list)  # of the study, every night until they are repaired

    @property
    def is_clean(self) -> bool:
        """Nothing new was found wrong, nothing is held, and nothing is wrong with the study itself."""
        return not self.new_faults and not self.held and not self.held_goals and not self.alarms

    @property
    def problems(self) -> str:
        """What is not as it should be, in counts."""
        goals = "goal held" if len(self.held_goals) == 1 else "goals held"
        counted = {"not used": len(self.new_faults), "held": len(self.held), goals: len(self.held_goals)}
        found = [alarm.reason for alarm in self.alarms]
        return ", ".join(found + [f"{n} {what}" for what, n in counted.items() if n])

    def for_people(self, step: str, everyone: Iterable[str], work: Callable[[Sequence[str]], Done]) -> list[Done]:
        """Take a step for all whom nothing holds; for whom it fails is held. Returns the results, part by part."""
        free = free_for(everyone, self.held, step)
        results = apart(free, work, failed_before(self.store, step), mend=self.store.mend)
        self.held |= held_by(step, results.failed)
        return results.done

    @property
    def people(self) -> Sequence[str]:
        """The participants."""
        return self.study.people

    @property
    def counts(self) -> dict[str, int]:
        """What was counted so far, for a log."""
        counted = {"files found": self.found, **self.files, "rejections standing from before": self.standing}
        return counted | {
            "files moved to another folder": self.moved, "days resolved": self.days,
            "verdicts changed": self.changes, "participants held": len(self.held), "goals held": len(self.held_goals),
        }  # fmt: skip
