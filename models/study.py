"""A study as its folder says it: settings, participants, infusions, goals, holds, zones (contract section 1).

`read_study` is the only way in. The models of rows are made from cells: "" is an empty cell, and each field's
validator knows what an empty one means. A bad row is never used in part and never disappears: it is a Fault.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SkipValidation, StrictBool

from models import control_files as cell
from models import control_kept
from models.control_files import Fault, Model, Sheet, StudyError, checked, read_sheet, read_toml
from models.forgotten import Tombstones, among, tombstones
from models.holding import Loss, Named, believed, named
from models.rows_together import ANCHORING, histories, moves, one_a_day
from models.taxonomy import GOAL_KINDS, METRICS
from models.warehouse import placed

if TYPE_CHECKING:
    from models.clock import ZoneLog

DAY_COUNTS = ("days_with", "streak")  # kinds whose target is a number of days
MOST_WEEKS = 520
TARGET = "a number such as 7000 or 12.5, or one per week 10;12;15;20"


@dataclass
class _Context:
    """What a row may refer to: `info.context` of a validator, as `info.data` is the row's good fields so far."""

    timezone: str
    weeks: int
    participants: set[str] = field(default_factory=set)
    infusions: dict[str, str] = field(default_factory=dict)  # infusion_id: participant_id


def _known_participant(value: str, info: Any) -> str:
    if value not in info.context.participants:
        raise cell.wrong("has no usable row in participants.csv", "a participant_id of that file")
    return value


def _own_infusion(value: str, info: Any) -> str | None:
    if not value:
        return None
    owner = info.context.infusions.get(value)
    if owner is None:
        raise cell.wrong("has no usable row in infusions.csv", "an infusion_id of that file, or an empty cell for all")
    if owner != info.data.get("participant_id", owner):
        raise cell.wrong("is another participant's infusion", "an infusion of the same participant")
    return value


def _to_week(value: str, info: Any) -> int:
    week = cell.whole(value, 1, MOST_WEEKS) if value else info.context.weeks
    first = info.data.get("from_week", 1)
    if week < first:
        problem = "is before from_week" if value else f"is empty, which means {week}, and that is before from_week"
        raise cell.wrong(problem, f"{first} to {MOST_WEEKS}")
    return week


def _targets(value: str, info: Any) -> tuple[Decimal, ...]:
    kind, judged = info.data.get("kind"), {"kind", "derivation"} <= info.data.keys()
    if judged and info.data["derivation"] and kind not in DAY_COUNTS:
        if value:
            raise cell.wrong("stands beside a derivation", "an empty target where derivation is given")
        return ()
    if not value:
        if judged:  # else the row is bad already, and whether a target belongs here is not known
            raise cell.wrong("is empty", TARGET)
        return ()
    targets = tuple(cell.positive(part.strip(), TARGET) for part in value.split(";"))
    if len(targets) > MOST_WEEKS:
        raise cell.wrong("has more numbers than there can be weeks", f"{TARGET}, at most {MOST_WEEKS} of them")
    if kind in DAY_COUNTS and any(target % 1 or target > 7 for target in targets):
        raise cell.wrong("is not a number of days", "whole days, 1 to 7")
    return targets


def _per_day(value: str, info: Any) -> Decimal | None:
    kind, derivation = info.data.get("kind"), info.data.get("derivation")
    if value and kind and kind not in DAY_COUNTS:
        raise cell.wrong(f"does not belong to {kind}", "an empty cell, or kind days_with or streak")
    if value and derivation:
        raise cell.wrong("stands beside a derivation", "an empty per_day where derivation is given")
    if not value and kind in DAY_COUNTS and "derivation" in info.data and not derivation:
        raise cell.wrong("is empty", "the value that makes a day count, such as 10")
    return cell.positive(value, "a number such as 10 or 7000") if value else None


def _effective_from(value: str, info: Any) -> date | None:
    if value:
        return cell.day(value)
    return None if info.data.get("correction") else info.data.get("set_on")


def _to_date(value: str, info: Any) -> date:
    last = cell.day(value)
    if last < info.data.get("from_date", last):
        raise cell.wrong("is before from_date", "from_date or later")
    return last


# Rows ---------------------------------------------------------------------------------------------------------------
Text = Annotated[str, BeforeValidator(cell.text)]
Place = Annotated[str, BeforeValidator(cell.path)]
Zoned = Annotated[str, BeforeValidator(cell.zone)]
Day = Annotated[date, BeforeValidator(cell.day)]
Known = Annotated[str, BeforeValidator(_known_participant)]  # whose row is good


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Participant(_Frozen):
    """One person of the study."""

    participant_id: Annotated[str, BeforeValidator(cell.participant_id)]
    timezone: Annotated[str | None, cell.optional(cell.zone)]  # None: the study's
    source_priority: Annotated[
        tuple[str, ...],
        BeforeValidator(lambda value: tuple(cell.text(s) for part in value.split(";") if (s := part.strip()))),
    ]
    foot_step_goals: Annotated[bool, cell.yes_no(empty=True)]


class Infusion(_Frozen):
    """One infusion, planned or given; the date is the clinic's."""

    infusion_id: Text
    participant_id: Known
    infused_on: Annotated[date, BeforeValidator(lambda value, info: cell.clinic_date(value, info.context.timezone))]
    status: Annotated[str, cell.one_of((*ANCHORING, "scheduled", "cancelled"), empty="completed")]
    course_id: Annotated[str | None, cell.optional(cell.text)]


class GoalVersion(_Frozen):
    """One version of one goal. What fits into a cell depends on the fields above it, hence their order."""

    goal_id: Text
    version: Annotated[int, cell.between(1, 999_999, empty=1)]
    participant_id: Known
    infusion_id: Annotated[str | None, BeforeValidator(_own_infusion)]  # None: every infusion of the participant
    from_week: Annotated[int, cell.between(1, MOST_WEEKS, empty=1)]
    to_week: Annotated[int, BeforeValidator(_to_week)]
    kind: Annotated[str, cell.one_of(GOAL_KINDS)]
    metric: Annotated[str, cell.one_of(METRICS)]
    derivation: Annotated[str | None, cell.optional(cell.derivation)]
    # one per post-infusion week, the last one holds on; empty where derived
    targets: Annotated[tuple[Decimal, ...], BeforeValidator(_targets), Field(alias="target")]
    per_day: Annotated[Decimal | None, BeforeValidator(_per_day)]
    set_on: Day
    correction: Annotated[bool, cell.yes_no(empty=False)]
    effective_from: Annotated[date | None, BeforeValidator(_effective_from)]  # None: that of the version it corrects
    status: Annotated[str, cell.one_of(("active", "on_hold", "cancelled"), empty="active")]


class Hold(_Frozen):
    """Days excused on clinical grounds, inclusive. The reason is free text about a patient: it is never kept."""

    participant_id: Known
    from_date: Day
    to_date: Annotated[date, BeforeValidator(_to_date)]


class Zone(_Frozen):
    """Where a participant was, from midnight of a date in the new zone (measurement section 15.20)."""

    participant_id: Known
    from_date: Day
    timezone: Zoned


# The study ----------------------------------------------------------------------------------------------------------
class Settings(_Frozen):
    """[goals] of study.toml: how weeks are cut and judged."""

    anchor: Annotated[str, cell.one_of(("until_next", "overlapping", "course"))] = "until_next"
    weeks: Annotated[int, cell.between(1, MOST_WEEKS)] = 4
    grace_days: Annotated[int, cell.between(0, 366)] = 7
    estimate: Annotated[str, cell.one_of(("scale", "none"))] = "scale"
    truncation: Annotated[str, cell.one_of(("prorate", "flag"))] = "prorate"
    as_of: Annotated[date | None, BeforeValidator(cell.day)] = None  # instead of today: a study that is over, samples
    lock_date: Annotated[date | None, BeforeValidator(cell.day)] = None  # once reached, freezes weeks that ended before


class _Warehouse(_Frozen):
    path: Place = "warehouse"
    key_file: Place | None = None  # holds the key of the databases, where they are encrypted


class _Inbox(_Frozen):
    path: Place = "inbox"  # relative to the study folder, or an address that fsspec opens (s3://bucket/inbox)


class _Report(_Frozen):
    nightly: StrictBool = True  # a run brings the report up to date; else `stepwindow report` does, when asked


class _StudyToml(_Frozen):
    name: Text
    timezone: Zoned
    goals: Settings = Settings()
    report: _Report = _Report()
    inbox: _Inbox = _Inbox()
    warehouse: _Warehouse = _Warehouse()


class Study(_Frozen):
    """Everything the control files say, and what is wrong with them."""

    folder: Path
    name: str
    timezone: str
    settings: Settings
    inbox: Path | str  # a folder, or an address
    reports_nightly: bool
    warehouse: Path
    participants: tuple[Participant, ...]
    infusions: tuple[Infusion, ...]
    goals: tuple[GoalVersion, ...]
    holds: tuple[Hold, ...]
    zones: tuple[Zone, ...]
    faults: list[Fault]
    notes: list[str]  # what was not used and is no fault
    sheets: SkipValidation[list[Sheet]] = []  # what lies in the folder today, whether it is used or not
    held_people: dict[str, Fault] = {}  # whose rows cannot be used, and the first that cannot (models/holding.py)
    held_goals: dict[str, Fault] = {}
    owners: dict[str, str] = {}  # held goal: whose
    stood: frozenset[str] = frozenset()  # those of both for whom the rows of the last good copy stand in
    losses: list[Loss] = []  # why the control files of today are not believed, and those of the last run stand
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
            logs[p.participant_id] = ZoneLog(source, p.timezone or self.timezone, moved)
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
    """Read a study folder, with what stands where rows cannot be used or are gone (models/holding.py).

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
    context = _Context(toml.timezone, toml.goals.weeks)
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
    read: dict[str, Any] = {"participants": participants, "infusions": [i for _, i in infusions], "goals": goals}
    holds = (folder / "holds.csv").exists() and rows(Hold, "holds.csv", [], *Hold.model_fields, free="reason")
    zones = (folder / "zones.csv").exists() and rows(Zone, "zones.csv", ["participant_id", "from_date"], "timezone")
    read |= {"holds": [h for _, h in holds or ()], "zones": moves(zones or [], sheets[-1])}
    read |= {"notes": [note for sheet in sheets for note in sheet.notes]}
    stones = tombstones(warehouse)
    gone = _forgotten(stones, inbox, sheets)
    read = {
        name: [row for row in good if name == "notes" or row.participant_id not in gone] for name, good in read.items()
    }
    read |= {"faults": [f for sheet in sheets for f in _faults(sheet, gone)], "tombstones": stones, "forgotten": gone}
    read |= {"name": toml.name, "timezone": toml.timezone, "settings": toml.goals, "sheets": sheets}
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
