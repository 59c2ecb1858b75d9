"""The control files, as understood, as rows of the store's tables: a column for each field of a row."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import polars as pl

from models.activity import session_row
from models.clock import ZoneLog
from models.fault import StudyError
from models.study.covariates import rows as covariates
from models.study.rows import (
    COVARIATES,
    Attendance,
    ControlRow,
    ExcusedDays,
    GoalVersion,
    Infusion,
    Outcome,
    Participant,
)
from models.study.study import Study

_NUMBER, _INSTANT = pl.Decimal(18, 3), pl.Datetime("us")
_TYPES: dict[Any, Any] = {
    str: pl.String,
    int: pl.Int32,
    bool: pl.Boolean,
    date: pl.Date,
    Decimal: _NUMBER,
    time: pl.Time,
}
_TYPES |= {datetime: _INSTANT}
_TYPES |= {tuple[str, ...]: pl.String, tuple[Decimal, ...]: pl.List(_NUMBER)}


_PART: dict[str, Any] = dict.fromkeys(("participant_id", "session_id"), pl.String)
_PART |= {"start_time": _INSTANT, "end_time": _INSTANT, "local_date": pl.Date}
_COVARIATE: dict[str, Any] = dict.fromkeys(("participant_id", "infusion_id", "name", "value"), pl.String)
_COVARIATE |= {"number": pl.Decimal(18, 9), "date": pl.Date}


def control_frames(study: Study, today: date | None = None) -> dict[str, pl.DataFrame]:
    """A frame for each table: study, participant, infusion, goal, hold, attendance, attendance_part, outcome,
    covariate.

    `today`: what attendance.csv and outcomes.csv say of days after tomorrow is left out, until they have come (R14.5).

    StudyError where Polars, which turns instants into dates, is older than the name of a time zone.
    """
    rows = study.rows
    zones = {study.timezone, *(p.timezone for p in rows.participants), *(z.timezone for z in rows.zones)}
    for zone in filter(None, zones):
        try:
            pl.select(pl.lit(0).cast(pl.Datetime("ms", "UTC")).dt.convert_time_zone(zone))
        except pl.exceptions.PolarsError:
            raise StudyError(f"time zone {zone}: not known to Polars {pl.__version__}; write its older name") from None
    people = []
    for p in rows.participants:
        log, priority = study.zone_log(p.participant_id), ";".join(p.source_priority) or None
        people.append(vars(p) | {"timezone": log.home, "source_priority": priority, "zones": log.fingerprint})
    own: dict[str, Any] = {"name": study.name, "timezone": study.timezone, "dates": study.dates}
    own |= {"clearance": study.settings.clearance, "hourly": study.hourly}
    return {
        "study": pl.DataFrame(own | study.settings.model_dump(exclude=set(study.settings.BESIDE))).cast(
            {pl.Int64: pl.Int32}
        ),
        "participant": _table(Participant, people, zones=str),
        "infusion": _table(Infusion, map(vars, rows.infusions)),
        "goal": _table(GoalVersion, map(vars, rows.goals)),
        "hold": _table(ExcusedDays, map(vars, rows.holds)),
        **_attendance(study, today),
        "outcome": _table(Outcome, (vars(o) for o in rows.outcomes if _has_come(o.date, today))),
        "covariate": pl.DataFrame(list(covariates(study)), schema=_COVARIATE, orient="row"),
    }


def _has_come(day: date, today: date | None) -> bool:
    return today is None or day <= today + timedelta(days=1)


def _attendance(study: Study, today: date | None) -> dict[str, pl.DataFrame]:
    """What was done at the clinic, as sessions: with a start time on the clinic's clock, their instants (UTC), the date
    where the person was, and their parts, cut at midnight there."""
    attended = [row for row in study.rows.attendance if _has_come(row.date, today)]
    clinic = ZoneLog("assumed", study.timezone, (), study.timezone)
    local = {id(row): datetime.combine(row.date, row.start_time) for row in attended if row.start_time is not None}
    instants = clinic.utc_of(pl.Series(local.values(), dtype=pl.Datetime("us")), in_order=False)["utc"] if local else ()
    starts = dict(zip(local, instants, strict=True))
    rows, parts, alike = [], [], Counter[str]()
    for row in attended:
        what = f"{row.participant_id}|{row.date}|{row.activity}|{row.minutes:f}|{row.start_time}"
        alike[what] += 1
        name = f"attended-{hashlib.sha256(f'{what}|{alike[what]}'.encode()).hexdigest()[:12]}"
        made: dict[str, Any] = {"session_id": name, "begins": None, "ends": None, "local_date": row.date}
        made |= {"local_start_minute": None, "local_end_date": None}
        if start := starts.get(id(row)):
            end = start + timedelta(milliseconds=int(row.minutes * 60_000))
            session = session_row(
                study.zone_log(row.participant_id), source="attendance", device=None, activity=row.activity,
                vendor_activity=None, start=start, end=end,
            )  # fmt: skip
            made |= {"begins": _naive(start), "ends": _naive(end)}
            made |= {field: session[field] for field in ("local_date", "local_start_minute", "local_end_date")}
            for part in session["parts"]:
                times = _naive(part["start_time"]), _naive(part["end_time"])
                parts.append((row.participant_id, name, *times, part["local_date"]))
        rows.append(vars(row) | made)
    return {
        "attendance": _table(
            Attendance,
            rows,
            session_id=str,
            begins=datetime,
            ends=datetime,
            local_date=date,
            local_start_minute=int,
            local_end_date=date,
        ),
        "attendance_part": pl.DataFrame(parts, schema=_PART, orient="row"),
    }


def _naive(instant: datetime) -> datetime:
    """As the store has instants: UTC, without saying so."""
    return instant.replace(tzinfo=None)


def _table(model: type[ControlRow], rows: Iterable[Mapping[str, Any]], **more: type) -> pl.DataFrame:
    hints = get_type_hints(model)
    kinds = {name: hints[name] for name in model.model_fields if name != COVARIATES} | more
    schema = {name: _TYPES.get(kind) or _TYPES[get_args(kind)[0]] for name, kind in kinds.items()}  # X, or X | None
    picked = list(rows)
    values: dict[str, Any] = {name: [row[name] for row in picked] for name in schema}
    if "targets" in values:  # Polars takes seconds for 100,000 lists of Decimals, and little for lists of their texts
        texts = pl.Series([list(map(str, targets)) for targets in values["targets"]], dtype=pl.List(pl.String))
        values["targets"] = texts.cast(schema["targets"])
    return pl.DataFrame(values, schema=schema)
