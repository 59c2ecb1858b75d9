"""The control files: each is rows of one model, and each column that is read is a field of it.

A field says what a cell may hold; its default is what an empty one means, and a column without a default is required.
The docstring is what `stepwindow init` explains. The store's table has a column for each field. So a new column is a
field and its line in the docstring; a migration that adds it to the table (models/sql/migrations); and what uses it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from models.study import cells as cell
from models.taxonomy import ACTIVITIES, GOAL_KINDS, INFUSED, LANGUAGES, METRICS, ROLES

DAY_COUNTS = ("days_with", "streak")  # kinds whose target is a number of days
MOST_WEEKS = cell.MOST_WEEKS
TARGET = "a number such as 7000 or 12.5, or one per week 10;12;15;20"


@dataclass
class Context:
    """What a row may refer to: `info.context` of a validator, as `info.data` is the row's good fields so far."""

    timezone: str
    weeks: int
    dates: str
    participants: set[str] = field(default_factory=set)
    infusions: dict[str, str] = field(default_factory=dict)  # infusion_id: participant_id


class StepUp(NamedTuple):
    """A target that rises by `rise` after `weeks` met weeks in a row, up to `up_to` (R10.9)."""

    rise: Decimal
    weeks: int
    up_to: Decimal | None

    @classmethod
    def of(cls, derivation: str | None) -> StepUp | None:
        """That of a derivation, as `cell.derivation` writes it. None: of no such goal."""
        if not derivation or not derivation.startswith("step_up:"):
            return None
        rise, *options = derivation.removeprefix("step_up:").split(";")
        given = dict(option.split("=") for option in options)
        return cls(Decimal(rise), int(given.get("weeks", 1)), Decimal(given["up_to"]) if "up_to" in given else None)


def _known_participant(value: str, info: Any) -> str:
    if value not in info.context.participants:
        raise cell.wrong("has no usable row in participants.csv", "a participant_id of that file")
    return value


def _own_infusion(value: str, info: Any) -> str:
    owner = info.context.infusions.get(value)
    if owner is None:
        raise cell.wrong("has no usable row in infusions.csv", "an infusion_id of that file, or an empty cell for all")
    if owner != info.data.get("participant_id", owner):
        raise cell.wrong("is another participant's infusion", "an infusion of the same participant")
    return value


def _sources(value: str) -> tuple[str, ...]:
    return tuple(cell.text(cell.word_of(part)) for part in value.split(";") if part.strip())


def _to_week(value: str | int, info: Any) -> int:
    week = cell.whole_number(value, 1, MOST_WEEKS) if value else info.context.weeks
    first = info.data.get("from_week", 1)
    if week < first:
        problem = "is before from_week" if value else f"is empty, which means {week}, and that is before from_week"
        raise cell.wrong(problem, f"{first} to {MOST_WEEKS}")
    return week


def _derivation(value: str, info: Any) -> str:
    derivation = cell.derivation(value)
    if info.data.get("kind") in DAY_COUNTS and (step_up := StepUp.of(derivation)):
        days = (step_up.rise, step_up.up_to or step_up.rise)
        if any(n % 1 or n > 7 for n in days):
            raise cell.wrong("does not give a number of days", "step_up:1;up_to=5, both whole days, 1 to 7")
    return derivation


def _targets(value: str, info: Any) -> tuple[Decimal, ...]:
    kind, judged = info.data.get("kind"), {"kind", "derivation"} <= info.data.keys()
    step_up = StepUp.of(info.data.get("derivation"))
    if judged and info.data["derivation"] and not step_up and kind not in DAY_COUNTS:
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
    if step_up and len(targets) > 1:
        raise cell.wrong("has a number per week beside step_up", "one number, that of the first week")
    if step_up and step_up.up_to and targets[0] > step_up.up_to:
        raise cell.wrong("is above up_to", "the number of the first week, which rises up to up_to")
    return targets


def _per_day(value: str | None, info: Any) -> Decimal | None:
    kind, derivation = info.data.get("kind"), info.data.get("derivation")
    if StepUp.of(derivation):
        derivation = None  # it is of the target alone
    if value and kind and kind not in DAY_COUNTS:
        raise cell.wrong(f"does not belong to {kind}", "an empty cell, or kind days_with or streak")
    if value and derivation:
        raise cell.wrong("stands beside a derivation", "an empty per_day where derivation is given")
    if not value and kind in DAY_COUNTS and "derivation" in info.data and not derivation:
        raise cell.wrong("is empty", "the value that makes a day count, such as 10")
    return cell.positive(value, "a number such as 10 or 7000") if value else None


def _effective_from(value: str | None, info: Any) -> date | None:
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
Zoned = Annotated[str, BeforeValidator(cell.zone)]
YesNo = Annotated[bool, BeforeValidator(cell.yes_no)]
Day = Annotated[date, BeforeValidator(lambda value, info: cell.day(value, info.context.dates))]
ClinicDay = Annotated[
    date, BeforeValidator(lambda v, info: cell.clinic_date(v, info.context.timezone, info.context.dates))
]
Known = Annotated[str, BeforeValidator(_known_participant)]  # whose row is good
Role = Annotated[str, cell.one_of(ROLES)]  # any other word is `other` by then (checks.only_roles)
COVARIATES = "covariates"  # a field, and no column: name and value of each of the clinic's own columns
Covariates = tuple[tuple[str, str], ...]
EmptyToo = Field(validate_default=True)  # the validator says what an empty cell means


class Frozen(BaseModel):
    """What the control files say is never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ControlRow(Frozen):
    """A row of a control file. Of two rows with one KEY the second cannot be used."""

    KEY: ClassVar[tuple[str, ...]]
    UNREAD: ClassVar[tuple[str, ...]] = ()  # columns that the file has for people alone
    OF_ROLES: ClassVar[tuple[str, ...]] = ()  # columns that say what somebody is, and never who

    @classmethod
    def columns(cls) -> list[str]:
        """The columns that are read, by their names in the file."""
        return [field.alias or name for name, field in cls.model_fields.items() if name != COVARIATES]

    @classmethod
    def has_covariates(cls) -> bool:
        """Whether the file's other columns are published, too (R18.1)."""
        return COVARIATES in cls.model_fields

    @classmethod
    def required(cls) -> list[str]:
        """The columns that a file must have."""
        return [field.alias or name for name, field in cls.model_fields.items() if field.is_required()]


class Participant(ControlRow):
    """participants.csv: who

    participant_id    letters, digits, _ and -, up to 64. Also the name of the person's folder in the inbox. No names.
    timezone          where the person lives, such as Europe/Berlin. Empty: the clinic's zone, from study.toml.
    source_priority   whom to believe first when two devices saw the same minute, such as garmin;fitbit.
                      Empty: what is worn on the wrist before a phone.
    foot_step_goals   false for somebody for whom steps mean nothing, in a wheelchair for example. Empty: true.
    left_on           the last date that counts of somebody who left and lets you keep their data. Later days count for
                      nothing, and nobody is asked for them. Empty: still followed.
    language          of the person's letter: en (also when empty), de, es, fr.
    other columns     are covariates (arm, site): published beside the results, changing none. Numbers, dates such as
                      2026-03-09, or short words that several people share; what looks like a name or an address is not.
    """

    KEY = ("participant_id",)
    participant_id: Annotated[str, BeforeValidator(cell.participant_id)]
    timezone: Zoned | None = None
    source_priority: Annotated[tuple[str, ...], BeforeValidator(_sources)] = ()
    foot_step_goals: YesNo = True
    left_on: Day | None = None
    language: Annotated[str, cell.one_of(LANGUAGES)] = "en"
    covariates: Covariates = ()


class Infusion(ControlRow):
    """infusions.csv: when each infusion was given

    infusion_id       a name of its own, such as P01-1.
    participant_id    whose.
    infused_on        the date at the clinic, or date and time: 2026-03-09T10:30.
    status            completed (also when empty), stopped_early, scheduled, cancelled. Weeks begin after the first two.
    course_id         infusions that belong together. May be empty.
    other columns     as in participants.csv (dose_mg).
    """

    KEY = ("infusion_id",)
    infusion_id: Text
    participant_id: Known
    infused_on: ClinicDay
    status: Annotated[str, cell.one_of((*INFUSED, "scheduled", "cancelled"))] = "completed"
    course_id: Text | None = None
    covariates: Covariates = ()


class GoalVersion(ControlRow):
    """goals.csv: what was agreed, for which weeks. A line is one version of one goal; a later version replaces the
    earlier one from its date on, so do not edit a line that has been in force: add one with the next version.

    goal_id           a name of its own, such as P01-steps.
    version           1, 2, 3 ... Empty: 1.
    participant_id    whose.
    infusion_id       for which infusion. Empty: for every infusion of the person.
    from_week         first and last week after the infusion, both included.
    to_week           Empty: 1, and the study's number of weeks.
    kind              weekly_total  the sum of a week        daily_mean  the mean of its days
                      days_with     days that reach per_day  streak      such days in a row
    metric            steps, walking_minutes, brisk_minutes, moderate_minutes, vigorous_minutes, mvpa_minutes,
                      mvpa_equivalent_minutes, exercise_minutes, movement_minutes: a device sees them by itself.
                      workout_minutes, strength_minutes, yoga_minutes, dance_minutes, massage_minutes: only what is
                      recorded or written into the diary.
    target            a number, or one per week: 60;90;120;150 (the last one holds on). For days_with and streak: days.
    per_day           for days_with and streak: what makes a day count.
    derivation        instead of a target: baseline_pct:10 (a tenth above the two weeks before), baseline_plus:1500,
                      percentile:60. It is the number of a day; a weekly_total takes seven of it. Beside a target, which
                      is then the first week's: step_up:10 (10 more after each week that was met),
                      step_up:10;weeks=2;up_to=100 (after two met in a row, and never above 100).
    set_on            the date it was agreed.
    effective_from    from when it holds. Empty: from set_on.
    correction        true where an earlier version was a mistake, and only then.
    status            active (also when empty), on_hold, cancelled.
    set_by            who set it, by role: physician, psychiatrist, psychologist, nurse, therapist, physiotherapist,
                      coordinator, patient, other. No names. May be empty, as the next two.
    cleared_by        who of the care team said that it may be done, by role.
    cleared_on        the date of that. Nothing is judged by it; see clearance in study.toml.
    """

    KEY = ("goal_id", "version")
    OF_ROLES = ("set_by", "cleared_by")
    # what fits into a cell depends on the fields above it, hence their order
    goal_id: Text
    version: Annotated[int, cell.between(1, 999_999)] = 1
    participant_id: Known
    infusion_id: Annotated[str | None, BeforeValidator(_own_infusion)] = None
    from_week: Annotated[int, cell.between(1, MOST_WEEKS)] = 1
    to_week: Annotated[int, BeforeValidator(_to_week), EmptyToo] = 0
    kind: Annotated[str, cell.one_of(GOAL_KINDS)]
    metric: Annotated[str, cell.one_of(METRICS)]
    derivation: Annotated[str | None, BeforeValidator(_derivation)] = None
    # one per post-infusion week, the last one holds on; empty where derived
    targets: Annotated[tuple[Decimal, ...], BeforeValidator(_targets), Field(alias="target")]
    per_day: Annotated[Decimal | None, BeforeValidator(_per_day), EmptyToo] = None
    set_on: Day
    correction: YesNo = False
    effective_from: Annotated[date | None, BeforeValidator(_effective_from), EmptyToo] = None  # as what it corrects
    status: Annotated[str, cell.one_of(("active", "on_hold", "cancelled"))] = "active"
    set_by: Role | None = None
    cleared_by: Role | None = None
    cleared_on: Day | None = None


class ExcusedDays(ControlRow):
    """holds.csv: days excused on clinical grounds (may be left out)

    participant_id, from_date, to_date (included), reason (never kept)
    """

    KEY = ()
    UNREAD = ("reason",)
    participant_id: Known
    from_date: Day
    to_date: Annotated[date, BeforeValidator(_to_date)]


class Zone(ControlRow):
    """zones.csv: where a person was, from when, for travellers (may be left out)

    participant_id, from_date, timezone
    """

    KEY = ("participant_id", "from_date")
    participant_id: Known
    from_date: Day  # from whose midnight in the new zone on (R3.2)
    timezone: Zoned


class Attendance(ControlRow):
    """attendance.csv: what somebody did at the clinic, led or seen by the team (may be left out)

    participant_id    whose.
    date              the date at the clinic.
    activity          walking, hiking, running, cycling, swimming, yoga, pilates, tai_chi, stretching, dance, strength,
                      aerobics, hiit, sport, massage, breathwork, meditation, other. The same words as in a diary.
    minutes           how long, without pauses.
    start_time        on the clinic's clock, such as 18:30: a minute that a watch saw as well counts once. May be empty:
                      then it adds what nothing else explains.
    led_by            by role: physician, psychiatrist, psychologist, nurse, therapist, physiotherapist, coordinator,
                      patient, other. No names. May be empty.
    """

    KEY = ("participant_id", "date", "activity", "start_time")
    OF_ROLES = ("led_by",)
    participant_id: Known
    date: Day
    activity: Annotated[str, cell.one_of(ACTIVITIES)]
    minutes: Annotated[Decimal, BeforeValidator(cell.minutes)]
    start_time: Annotated[time | None, BeforeValidator(cell.time_of_day)] = None
    led_by: Role | None = None


class Outcome(ControlRow):
    """outcomes.csv: scores of the clinic's scales, shown beside the days and never judged (may be left out)

    participant_id, date, scale (a short name such as PHQ-9), score (a number)
    """

    KEY = ("participant_id", "date", "scale")
    participant_id: Known
    date: Day
    scale: Annotated[str, BeforeValidator(cell.scale)]
    score: Annotated[Decimal, BeforeValidator(cell.score)]


FILES: dict[str, type[ControlRow]] = {
    "participants": Participant, "infusions": Infusion, "goals": GoalVersion, "holds": ExcusedDays, "zones": Zone,
    "attendance": Attendance, "outcomes": Outcome,
}  # fmt: skip
OPTIONAL_FILES = ("holds", "zones", "attendance", "outcomes")
