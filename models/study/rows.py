"""The rows of the control files, as pydantic models made from cells: participants, infusions, goals, holds, moves.

"" is an empty cell, and each field's validator knows what an empty one means.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from models.study import cells as cell
from models.taxonomy import GOAL_KINDS, INFUSED, METRICS

DAY_COUNTS = ("days_with", "streak")  # kinds whose target is a number of days
MOST_WEEKS = 520
TARGET = "a number such as 7000 or 12.5, or one per week 10;12;15;20"


@dataclass
class Context:
    """What a row may refer to: `info.context` of a validator, as `info.data` is the row's good fields so far."""

    timezone: str
    weeks: int
    dates: str = "iso"
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


def _sources(value: str) -> tuple[str, ...]:
    return tuple(cell.text(cell.word_of(part)) for part in value.split(";") if part.strip())


def _infused_on(value: str, info: Any) -> date:
    return cell.clinic_date(value, info.context.timezone, info.context.dates)


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
        return cell.day(value, info.context.dates)
    return None if info.data.get("correction") else info.data.get("set_on")


def _to_date(value: str, info: Any) -> date:
    last = cell.day(value, info.context.dates)
    if last < info.data.get("from_date", last):
        raise cell.wrong("is before from_date", "from_date or later")
    return last


# Rows ---------------------------------------------------------------------------------------------------------------
Text = Annotated[str, BeforeValidator(cell.text)]
Place = Annotated[str, BeforeValidator(cell.path)]
Zoned = Annotated[str, BeforeValidator(cell.zone)]
Day = Annotated[date, BeforeValidator(lambda value, info: cell.day(value, info.context.dates))]
Known = Annotated[str, BeforeValidator(_known_participant)]  # whose row is good


class Frozen(BaseModel):
    """What the control files say is never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Participant(Frozen):
    """One person of the study."""

    participant_id: Annotated[str, BeforeValidator(cell.participant_id)]
    timezone: Annotated[str | None, cell.optional(cell.zone)]  # None: the study's
    source_priority: Annotated[tuple[str, ...], BeforeValidator(_sources)]
    foot_step_goals: Annotated[bool, cell.yes_no(empty=True)]


class Infusion(Frozen):
    """One infusion, planned or given; the date is the clinic's."""

    infusion_id: Text
    participant_id: Known
    infused_on: Annotated[date, BeforeValidator(_infused_on)]
    status: Annotated[str, cell.one_of((*INFUSED, "scheduled", "cancelled"), empty="completed")]
    course_id: Annotated[str | None, cell.optional(cell.text)]


class GoalVersion(Frozen):
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


class Hold(Frozen):
    """Days excused on clinical grounds, inclusive. The reason is free text about a patient: it is never kept."""

    participant_id: Known
    from_date: Day
    to_date: Annotated[date, BeforeValidator(_to_date)]


class Zone(Frozen):
    """Where a participant was, from midnight of a date in the new zone (R3.2)."""

    participant_id: Known
    from_date: Day
    timezone: Zoned
