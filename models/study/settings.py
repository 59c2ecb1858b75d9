"""study.toml: the settings of a study. All of them are good, or there is no study: each of them concerns every row."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, TypeVar

from pydantic import BeforeValidator, StrictBool, ValidationError, ValidationInfo, field_validator

from models.fault import StudyError
from models.study import cells as cell
from models.study.control_file import read_text
from models.study.rows import MOST_WEEKS, Frozen, Text, Zoned
from models.study.written import ORDERS
from models.taxonomy import CUT_POINTS

TOML = "study.toml"
MOST_BY_THE_HOUR = 1_000  # people
MOST_SHARDS = 64
Place = Annotated[str, BeforeValidator(cell.path)]
Toml = TypeVar("Toml", bound=Frozen)


class Settings(Frozen):
    """[goals] of study.toml: how weeks are cut and judged."""

    anchor: Annotated[str, cell.one_of(("until_next", "overlapping", "course"))] = "until_next"
    weeks: Annotated[int, cell.between(1, MOST_WEEKS)] = 4
    grace_days: Annotated[int, cell.between(0, 366)] = 7
    estimate: Annotated[str, cell.one_of(("scale", "none"))] = "scale"
    truncation: Annotated[str, cell.one_of(("prorate", "flag"))] = "prorate"
    as_of: Annotated[date | None, BeforeValidator(cell.day)] = None  # instead of today: a study that is over, samples
    lock_date: Annotated[date | None, BeforeValidator(cell.day)] = None  # once reached, freezes weeks that ended before
    clearance: StrictBool = False  # a goal that nobody of the care team cleared is named in the worklist

    # which settings change no verdict, or stand in each
    BESIDE: ClassVar[frozenset[str]] = frozenset({"as_of", "lock_date", "clearance"})


class _Warehouse(Frozen):
    path: Place = "warehouse"
    key_file: Place | None = None  # holds the key of the databases, where they are encrypted
    shards: Annotated[int, cell.between(1, MOST_SHARDS)] = 1  # stores that the participants are spread over


class _Inbox(Frozen):
    path: Place = "inbox"  # relative to the study folder, or an address that fsspec opens (s3://bucket/inbox)


class _Report(Frozen):
    nightly: StrictBool = True  # a run brings the report up to date; else `stepwindow report` does, when asked
    snapshots: Annotated[str, cell.one_of(("none", "monthly", "nightly"))] = "none"  # copies of the cohort page

    @field_validator("snapshots")
    @classmethod
    def _of_a_night(cls, snapshots: str, others: ValidationInfo) -> str:
        if snapshots != "none" and others.data.get("nightly") is False:
            raise cell.wrong("needs the report of every night", "nightly = true, or none")
        return snapshots


class _Alert(Frozen):
    command: Annotated[tuple[str, ...], BeforeValidator(cell.command)] = ()  # after a run that needs somebody


class _Publish(Frozen):
    hourly: StrictBool | None = None  # rows by the hour; not said: up to MOST_BY_THE_HOUR people


class StudyToml(Frozen):
    """All of study.toml."""

    name: Text
    timezone: Zoned
    dates: Annotated[str, cell.one_of(ORDERS)] = "iso"  # which comes first in 03/04/2026; iso: nobody can tell
    cut_points: Annotated[str, cell.cut_points()] = (
        CUT_POINTS  # by which minutes of acceleration are moderate, vigorous
    )
    goals: Settings = Settings()
    report: _Report = _Report()
    publish: _Publish = _Publish()
    inbox: _Inbox = _Inbox()
    warehouse: _Warehouse = _Warehouse()
    alert: _Alert = _Alert()


def read_toml(path: Path) -> StudyToml:
    """The settings in a file. StudyError where one is not good."""
    return read_as(StudyToml, path)


def read_as(model: type[Toml], path: Path) -> Toml:
    """A TOML file as a model of it. StudyError, with all that is not good, where something is not."""
    try:
        return model.model_validate(tomllib.loads(read_text(path)))
    except ValidationError as errors:
        problems = []
        for error in errors.errors(include_url=False):
            problem, expected, hint = cell.problem_of(error)
            where = ".".join(map(str, error["loc"]))
            value = "" if error["type"] in ("missing", "extra_forbidden") else f"{str(error['input'])[:60]!r} "
            problems.append(f"{where}: {value}{problem} (expected {expected}){f': {hint}' if hint else ''}")
        raise StudyError(f"{path.name}, {'; '.join(problems)}; correct it") from None
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, and a number of thousands of digits
        raise StudyError(f"{path.name} is not TOML: {error}; correct it") from None


def alert_command(path: Path) -> tuple[str, ...]:
    """The command of [alert], also where something else in the file is wrong. Empty: none, or it cannot be read."""
    try:
        return _Alert.model_validate(tomllib.loads(path.read_text("utf-8-sig")).get("alert", {})).command
    except (OSError, ValueError, RecursionError, AttributeError):
        return ()
