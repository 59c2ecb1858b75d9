"""What a study is, once its folder has been read: settings, people, infusions, goals, excused days, moves, faults."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.fault import Fault
from models.study.control_file import Sheet
from models.study.forgotten import Tombstones, among
from models.study.rows import Attendance, ExcusedDays, GoalVersion, Infusion, Outcome, Participant, Zone
from models.study.settings import MOST_BY_THE_HOUR, Settings

if TYPE_CHECKING:  # it loads Polars, and who only looks at a study needs no clock
    from models.clock import ZoneLog

Moves = tuple[tuple[date, str], ...]  # from which date on in which zone, in order


@dataclass(frozen=True)
class Rows:
    """The rows of the control files that are used, and the files they come from."""

    participants: tuple[Participant, ...] = ()
    infusions: tuple[Infusion, ...] = ()
    goals: tuple[GoalVersion, ...] = ()
    holds: tuple[ExcusedDays, ...] = ()
    zones: tuple[Zone, ...] = ()
    attendance: tuple[Attendance, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    goal_places: dict[tuple[str, int], str] = field(default_factory=dict)  # "goals.csv line 4", by goal_id and version
    sheets: list[Sheet] = field(default_factory=list)  # what lies in the folder today, whether it is used or not

    @property
    def in_short(self) -> dict[str, Any]:
        """What a study says of its rows without them: `homes`, `moves`, `priorities`, `counts`, `latest`."""
        moves = dict[str, list[tuple[date, str]]]()
        for z in self.zones:
            moves.setdefault(z.participant_id, []).append((z.from_date, z.timezone))
        return {
            "homes": {p.participant_id: p.timezone for p in self.participants},
            "moves": {who: tuple(sorted(theirs)) for who, theirs in moves.items()},
            "priorities": {p.participant_id: p.source_priority for p in self.participants if p.source_priority},
            "counts": {"infusions": len(self.infusions), "goals": len(self.goals)},
            "latest": max([*(row.date for row in self.attendance), *(row.date for row in self.outcomes), date.min]),
        }


@dataclass(frozen=True)
class Study:
    """Everything the control files say, and what is wrong with them."""

    folder: Path
    name: str
    timezone: str
    settings: Settings
    dates: str  # how a date like 03/04/2026 is read: here and in diaries
    cut_points: str  # which minutes of acceleration are moderate and vigorous: of several files of GGIR those are read
    inbox: Path | str  # a folder, or an address
    reports_nightly: bool
    snapshots: str  # of which nights a copy of the cohort page is kept
    by_hour: bool | None  # days are published by the hour, too; None: nothing is said
    warehouse: Path
    shards: int  # stores that the participants are spread over
    tombstones: Tombstones
    print: str = field(default="", compare=False)  # of what this was read from (kept.py); "": keep nothing
    read: Callable[[], Rows] = field(default=Rows, compare=False)  # the rows themselves: most questions go without
    homes: dict[str, str | None] = field(default_factory=dict)  # the participants: which zone participants.csv says
    moves: dict[str, Moves] = field(default_factory=dict)  # of those who have some
    priorities: dict[str, tuple[str, ...]] = field(default_factory=dict)  # whom to believe first, of those who say it
    counts: dict[str, int] = field(default_factory=dict)  # rows that are used: infusions, goals
    latest: date = date.min  # the last date of attendance.csv and outcomes.csv
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what was not used and is no fault
    unpublished: dict[str, int] = field(default_factory=dict)  # columns of the clinic's own that are not used, by file
    forgotten: frozenset[str] = frozenset()  # people who withdrew and are still named here or in the inbox: not read
    held_people: dict[str, Fault] = field(default_factory=dict)  # whose rows are bad, and the first that is
    held_goals: dict[str, Fault] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)  # held goal: whose
    replaced: frozenset[str] = frozenset()  # those of both whose rows are those of an earlier version
    losses: list[Fault] = field(default_factory=list)  # why today's files are not used, but those of the last run
    is_recorded: bool = False  # the last version (versions.py) is of these files, and all of this is kept (kept.py)

    @cached_property
    def rows(self) -> Rows:
        """The rows that are used. StudyError where they are others by now than what is said here."""
        return self.read()

    @property
    def hourly(self) -> bool:
        """Whether days are published by the hour, too."""
        return len(self.homes) <= MOST_BY_THE_HOUR if self.by_hour is None else self.by_hour

    @property
    def people(self) -> tuple[str, ...]:
        """The participants, in the order of their file."""
        return tuple(self.homes)

    @cached_property
    def _zone_logs(self) -> dict[str, ZoneLog]:
        return {}

    def zone_log(self, participant_id: str) -> ZoneLog:
        """Where a participant was. KeyError for somebody who has no good row."""
        if participant_id not in self._zone_logs:
            from models.clock import ZoneLog

            home, moved = self.homes[participant_id], self.moves.get(participant_id, ())
            source = "zone_log" if moved else "participant_home" if home else "assumed"
            self._zone_logs[participant_id] = ZoneLog(source, home or self.timezone, moved, self.timezone)
        return self._zone_logs[participant_id]

    def is_forgotten(self, participant_id: str) -> bool:
        """Whether somebody of that id withdrew: nothing of theirs is read."""
        return bool(among(self.tombstones, [participant_id]))

    @property
    def own_folders(self) -> dict[str, Path]:
        """The folders that are stepwindow's to read or to write."""
        return {"warehouse": self.warehouse} | ({"inbox": self.inbox} if isinstance(self.inbox, Path) else {})

    @property
    def config_hash(self) -> str:
        """Changes with each setting that can change a verdict. `as_of` stands in each; a lock changes none."""
        judged_by = self.settings.model_dump_json(exclude=set(Settings.BESIDE))
        return hashlib.sha256(judged_by.encode()).hexdigest()[:16]
