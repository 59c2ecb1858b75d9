"""The control files, as understood, as rows of the store's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from models.fault import StudyError
from models.study.folder import Participant, Study

STUDY = "name timezone anchor weeks:int grace_days:int estimate truncation"
PARTICIPANT = "participant_id timezone source_priority foot_step_goals:bool zones"
INFUSION = "infusion_id participant_id infused_on:date status course_id"
GOAL = """goal_id version:int participant_id infusion_id from_week:int to_week:int kind metric targets:numbers
    per_day:number derivation set_on:date effective_from:date correction:bool status"""
HOLD = "participant_id from_date:date to_date:date"
TYPES: dict[str, Any] = {"": pl.String, "int": pl.Int32, "bool": pl.Boolean, "date": pl.Date}
TYPES |= {"number": pl.Decimal(18, 3), "numbers": pl.List(pl.Decimal(18, 3))}


def control_frames(study: Study) -> dict[str, pl.DataFrame]:
    """A frame for each table: study, participant, infusion, goal, hold.

    StudyError where Polars, which turns instants into dates, is older than the name of a time zone.
    """
    zones = {study.timezone, *(p.timezone for p in study.participants), *(z.timezone for z in study.zones)}
    for zone in filter(None, zones):
        try:
            pl.select(pl.lit(0).cast(pl.Datetime("ms", "UTC")).dt.convert_time_zone(zone))
        except pl.exceptions.PolarsError:
            raise StudyError(f"time zone {zone}: not known to Polars {pl.__version__}; write its older name") from None
    return {
        "study": _table(STUDY, [dict(study) | dict(study.settings)]),
        "participant": _table(PARTICIPANT, (_participant_row(study, p) for p in study.participants)),
        "infusion": _table(INFUSION, map(vars, study.infusions)),
        "goal": _table(GOAL, map(vars, study.goals)),
        "hold": _table(HOLD, map(vars, study.holds)),
    }


def _participant_row(study: Study, p: Participant) -> dict:
    log = study.zone_log(p.participant_id)
    priority = ";".join(p.source_priority) or None
    return dict(p) | {"timezone": log.home, "source_priority": priority, "zones": log.fingerprint}


def _table(columns: str, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    schema = {name: TYPES[kind] for name, _, kind in (column.partition(":") for column in columns.split())}
    picked = list(rows)
    values: dict[str, Any] = {name: [row[name] for row in picked] for name in schema}
    if "targets" in values:  # Polars takes seconds for 100,000 lists of Decimals, and little for lists of their texts
        texts = pl.Series([list(map(str, targets)) for targets in values["targets"]], dtype=pl.List(pl.String))
        values["targets"] = texts.cast(schema["targets"])
    return pl.DataFrame(values, schema=schema)
