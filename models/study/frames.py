"""The control files, as understood, as rows of the store's tables: a column for each field of a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import polars as pl

from models.fault import StudyError
from models.study.rows import ControlRow, ExcusedDays, GoalVersion, Infusion, Participant
from models.study.study import Study

_NUMBER = pl.Decimal(18, 3)
_TYPES: dict[Any, Any] = {str: pl.String, int: pl.Int32, bool: pl.Boolean, date: pl.Date, Decimal: _NUMBER}
_TYPES |= {tuple[str, ...]: pl.String, tuple[Decimal, ...]: pl.List(_NUMBER)}


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
    people = []
    for p in study.participants:
        log, priority = study.zone_log(p.participant_id), ";".join(p.source_priority) or None
        people.append(vars(p) | {"timezone": log.home, "source_priority": priority, "zones": log.fingerprint})
    own = {"name": study.name, "timezone": study.timezone, "clearance": study.settings.clearance}
    return {
        "study": pl.DataFrame(own | study.settings.model_dump(exclude=set(study.settings.BESIDE))).cast(
            {pl.Int64: pl.Int32}
        ),
        "participant": _table(Participant, people, zones=str),
        "infusion": _table(Infusion, map(vars, study.infusions)),
        "goal": _table(GoalVersion, map(vars, study.goals)),
        "hold": _table(ExcusedDays, map(vars, study.holds)),
    }


def _table(model: type[ControlRow], rows: Iterable[Mapping[str, Any]], **more: type) -> pl.DataFrame:
    hints = get_type_hints(model)
    kinds = {name: hints[name] for name in model.model_fields} | more
    schema = {name: _TYPES.get(kind) or _TYPES[get_args(kind)[0]] for name, kind in kinds.items()}  # X, or X | None
    picked = list(rows)
    values: dict[str, Any] = {name: [row[name] for row in picked] for name in schema}
    if "targets" in values:  # Polars takes seconds for 100,000 lists of Decimals, and little for lists of their texts
        texts = pl.Series([list(map(str, targets)) for targets in values["targets"]], dtype=pl.List(pl.String))
        values["targets"] = texts.cast(schema["targets"])
    return pl.DataFrame(values, schema=schema)
