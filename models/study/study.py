"""What a study is, once its folder has been read: settings, people, infusions, goals, excused days, moves, faults."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from models.fault import Fault
from models.study.control_file import Sheet
from models.study.forgotten import Tombstones, among
from models.study.rows import Attendance, ExcusedDays, GoalVersion, Infusion, Outcome, Participant, Zone
from models.study.settings import Settings

if TYPE_CHECKING:  # it loads Polars, and who only looks at a study needs no clock
    from models.clock import ZoneLog


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
    hourly: bool  # days are published by the hour, too
    warehouse: Path
    participants: tuple[Participant, ...]
    infusions: tuple[Infusion, ...]
    goals: tuple[GoalVersion, ...]
    holds: tuple[ExcusedDays, ...]
    zones: tuple[Zone, ...]
    attendance: tuple[Attendance, ...]
    outcomes: tuple[Outcome, ...]
    goal_places: dict[tuple[str, int], str]  # "goals.csv line 4", by goal_id and version
    sheets: list[Sheet]  # what lies in the folder today, whether it is used or not
    faults: list[Fault]
    notes: list[str]  # what was not used and is no fault
    tombstones: Tombstones
    forgotten: frozenset[str]  # people who withdrew and are still named here or in the inbox: not read
    held_people: dict[str, Fault] = field(default_factory=dict)  # whose rows are bad, and the first that is
    held_goals: dict[str, Fault] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)  # held goal: whose
    replaced: frozenset[str] = frozenset()  # those of both whose rows are those of an earlier version
    losses: list[Fault] = field(default_factory=list)  # why today's files are not used, but those of the last run

    @cached_property
    def _zone_logs(self) -> dict[str, ZoneLog]:
        from models.clock import ZoneLog

        moves = defaultdict(list)
        for z in self.zones:
            moves[z.participant_id].append((z.from_date, z.timezone))
        logs = {}
        for p in self.participants:
            moved = tuple(sorted(moves[p.participant_id]))
            source = "zone_log" if moved else "participant_home" if p.timezone else "assumed"
            logs[p.participant_id] = ZoneLog(source, p.timezone or self.timezone, moved, self.timezone)
        return logs

    def zone_log(self, participant_id: str) -> ZoneLog:
        """Where a participant was. KeyError for somebody who has no good row."""
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
