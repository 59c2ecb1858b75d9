"""A study as its folder says it: settings, participants, infusions, goals, holds, zones.

`read_study` is the only way in. A bad row is never used in part and never disappears: it is a Fault.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, SkipValidation, StrictBool

from models.fault import Fault
from models.study import cells as cell
from models.study import versions as control_kept
from models.study.control_file import Model, Sheet, StudyError, checked, lying, read_sheet, read_toml
from models.study.forgotten import Tombstones, among, tombstones
from models.study.holding import Named, believed, named
from models.study.rows import (
    MOST_WEEKS,
    Context,
    Frozen,
    GoalVersion,
    Hold,
    Infusion,
    Participant,
    Place,
    Text,
    Zone,
    Zoned,
)
from models.study.rows_together import histories, moves, one_a_day
from models.study.written import ORDERS
from models.warehouse import placed

if TYPE_CHECKING:
    from models.clock import ZoneLog


# The study ----------------------------------------------------------------------------------------------------------
class Settings(Frozen):
    """[goals] of study.toml: how weeks are cut and judged."""

    anchor: Annotated[str, cell.one_of(("until_next", "overlapping", "course"))] = "until_next"
    weeks: Annotated[int, cell.between(1, MOST_WEEKS)] = 4
    grace_days: Annotated[int, cell.between(0, 366)] = 7
    estimate: Annotated[str, cell.one_of(("scale", "none"))] = "scale"
    truncation: Annotated[str, cell.one_of(("prorate", "flag"))] = "prorate"
    as_of: Annotated[date | None, BeforeValidator(cell.day)] = None  # instead of today: a study that is over, samples
    lock_date: Annotated[date | None, BeforeValidator(cell.day)] = None  # once reached, freezes weeks that ended before


class _Warehouse(Frozen):
    path: Place = "warehouse"
    key_file: Place | None = None  # holds the key of the databases, where they are encrypted


class _Inbox(Frozen):
    path: Place = "inbox"  # relative to the study folder, or an address that fsspec opens (s3://bucket/inbox)


class _Report(Frozen):
    nightly: StrictBool = True  # a run brings the report up to date; else `stepwindow report` does, when asked


class _StudyToml(Frozen):
    name: Text
    timezone: Zoned
    dates: Annotated[str, cell.one_of(ORDERS)] = "iso"  # which comes first in 03/04/2026; iso: nobody can tell
    goals: Settings = Settings()
    report: _Report = _Report()
    inbox: _Inbox = _Inbox()
    warehouse: _Warehouse = _Warehouse()


class Study(Frozen):
    """Everything the control files say, and what is wrong with them."""

    folder: Path
    name: str
    timezone: str
    settings: Settings
    dates: str  # how a date like 03/04/2026 is read: here and in diaries
    inbox: Path | str  # a folder, or an address
    reports_nightly: bool
    warehouse: Path
    participants: tuple[Participant, ...]
    infusions: tuple[Infusion, ...]
    goals: tuple[GoalVersion, ...]
    holds: tuple[Hold, ...]
    zones: tuple[Zone, ...]
    faults: list[Fault]
    goal_places: dict[tuple[str, int], str]  # "goals.csv line 4", by goal_id and version
    notes: list[str]  # what was not used and is no fault
    sheets: SkipValidation[list[Sheet]] = Field([])  # what lies in the folder today, whether it is used or not
    held_people: dict[str, Fault] = Field({})  # whose rows are bad, and the first that is (models/study/holding.py)
    held_goals: dict[str, Fault] = Field({})
    owners: dict[str, str] = Field({})  # held goal: whose
    stood: frozenset[str] = frozenset()  # those of both for whom the rows of the last good copy stand in
    losses: list[Fault] = Field([])  # why the control files of today are not believed, and those of the last run stand
    tombstones: Tombstones = frozenset()
    forgotten: frozenset[str] = frozenset()  # people who withdrew and are still named here or in the inbox: not read

    @cached_property
    def _zone_logs(self) -> dict[str, ZoneLog]:
        # not at the top: it loads Polars, and who only looks at a study needs no clock
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
    def config_hash(self) -> str:
        """Changes with each setting that can change a verdict. `as_of` stands in each; a lock changes none."""
        return hashlib.sha256(self.settings.model_dump_json(exclude={"as_of", "lock_date"}).encode()).hexdigest()[:16]


# Reading ------------------------------------------------------------------------------------------------------------
def read_study(folder: Path, *, accept_loss: bool = False) -> Study:
    """Read a study folder, with what stands where rows cannot be used or are gone (models/study/holding.py).

    StudyError where that cannot be done; a bad row is in `faults` and the rest is read. `accept_loss`: what a control
    file no longer has is gone on purpose.
    """
    today = _read(folder, None)
    used = control_kept.used(today.warehouse)
    return believed(today, used, _ids_of(today), lambda kept: _read(kept, today), accept_loss)


def read_as_it_stood(today: Study, moment: datetime) -> Study:
    """The study with the control files that were in use at an instant (UTC, naive); before the first: with the first.

    Where none were kept yet, today's.
    """
    used = control_kept.used(today.warehouse, moment) or control_kept.used(today.warehouse)[-1:]
    for at, kept in enumerate(used):
        then = _read(kept, today)
        return believed(then, used[at:], _ids_of(today), lambda kept: _read(kept, today), accept_loss=True)
    return today


def _ids_of(today: Study) -> Callable[[Path], Named]:
    """How the ids of a kept set are read: without the rest, and without the people who withdrew since."""

    def ids(kept: Path) -> Named:
        return named(control_kept.cells(kept), today.forgotten)

    return ids


def _read(folder: Path, today: Study | None) -> Study:
    """The control files in a folder: the study's own, or a kept set of it that is read as part of `today`'s study."""
    toml = read_toml(folder / "study.toml", _StudyToml)
    warehouse = today.warehouse if today else placed(folder, toml.warehouse.path, toml.warehouse.key_file)
    inbox = toml.inbox.path if "://" in toml.inbox.path else folder / toml.inbox.path
    if today:
        inbox = today.inbox
    if isinstance(inbox, Path) and warehouse.is_relative_to(inbox.resolve()):
        raise StudyError("study.toml: [warehouse] path is inside the inbox, which is only read; choose another folder")
    context = Context(toml.timezone, toml.goals.weeks, toml.dates)
    sheets: list[Sheet] = []

    def rows(model: type[Model], file: str, key: Sequence[str], *also: str, free: str = "") -> list[tuple[int, Model]]:
        """The good rows of a file. Required are the key's columns (a version has a default) and the others named."""
        columns = [f.alias or name for name, f in model.model_fields.items()]
        required = [c for c in (*key, *also) if c != "version"]
        optional = [c for c in columns if c not in required]
        sheets.append(read_sheet(folder / file, required, optional, ignored=[free]))
        sheets[-1].columns = columns
        return checked(sheets[-1], model, key, context)

    participants = [p for _, p in rows(Participant, "participants.csv", ["participant_id"])]
    participants += _unusable_people(sheets[-1], {p.participant_id for p in participants})
    context.participants = {p.participant_id for p in participants}
    infusions = rows(Infusion, "infusions.csv", ["infusion_id"], "participant_id", "infused_on")
    infusions = one_a_day(infusions, sheets[-1])
    context.infusions = {i.infusion_id: i.participant_id for _, i in infusions}
    needed = ("participant_id", "kind", "metric", "target", "set_on")
    versions = rows(GoalVersion, "goals.csv", ["goal_id", "version"], *needed)
    goals = histories(versions, sheets[-1])
    places = {(g.goal_id, g.version): f"{sheets[-1].file} line {line}" for line, g in versions}
    read: dict[str, Any] = {"participants": participants, "infusions": [i for _, i in infusions], "goals": goals}
    holds = lying(folder / "holds.csv").exists() and rows(Hold, "holds.csv", [], *Hold.model_fields, free="reason")
    key = ["participant_id", "from_date"]
    zones = lying(folder / "zones.csv").exists() and rows(Zone, "zones.csv", key, "timezone")
    read |= {"holds": [h for _, h in holds or ()], "zones": moves(zones or [], sheets[-1])}
    read |= {"notes": [note for sheet in sheets for note in sheet.notes]}
    stones = tombstones(warehouse)
    gone = _forgotten(stones, inbox, sheets)
    read = {
        name: [row for row in good if name == "notes" or row.participant_id not in gone] for name, good in read.items()
    }
    read |= {"faults": [f for sheet in sheets for f in _faults(sheet, gone)], "tombstones": stones, "forgotten": gone}
    read |= {"name": toml.name, "timezone": toml.timezone, "settings": toml.goals, "dates": toml.dates}
    read |= {"goal_places": places, "sheets": sheets}
    read |= {"inbox": inbox, "warehouse": warehouse, "reports_nightly": toml.report.nightly}
    return Study(folder=today.folder if today else folder, **read)


def _unusable_people(sheet: Sheet, good: set[str]) -> list[Participant]:
    """Those whose row has a mistake and whose id can be read: they stay participants, of whom nothing else is known."""
    found = dict[str, Participant]()
    for _, cells in (*sheet.rows, *sheet.unsplit):
        who = cells.get("participant_id", "")
        if who not in good and re.fullmatch(cell.PARTICIPANT_ID, who):
            found[who] = Participant.model_construct(
                participant_id=who, timezone=None, source_priority=(), foot_step_goals=True
            )
    return list(found.values())


def _forgotten(stones: Tombstones, inbox: Path | str, sheets: list[Sheet]) -> frozenset[str]:
    """Who, of those named by the control files or a near inbox, has a tombstone: nothing else ever sees them."""
    if not stones:
        return frozenset()
    rows = [row.cells.get("participant_id", "") for sheet in sheets for row in (*sheet.rows, *sheet.unsplit)]
    return among(stones, set(rows) | {path.name for path in (inbox.glob("*") if isinstance(inbox, Path) else ())})


def _faults(sheet: Sheet, gone: frozenset[str]) -> list[Fault]:
    """What is wrong in a sheet, from top to bottom; rows of forgotten people are neither right nor wrong."""
    rows = (*sheet.rows, *sheet.unsplit) if gone else ()
    unread = {row.line for row in rows if row.cells.get("participant_id") in gone}
    return sorted((fault for fault in sheet.faults if fault.line not in unread), key=lambda fault: fault.line)
