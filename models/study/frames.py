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
    settings = study.settings.model_dump(exclude={"as_of", "lock_date"})
    own = pl.DataFrame({"name": study.name, "timezone": study.timezone} | settings)
    return {
        "study": own.cast({pl.Int64: pl.Int32}),
        "participant": _table(Participant, (_participant_row(study, p) for p in study.participants), zones=str),
        "infusion": _table(Infusion, map(vars, study.infusions)),
        "goal": _table(GoalVersion, map(vars, study.goals)),
        "hold": _table(ExcusedDays, map(vars, study.holds)),
    }


def _participant_row(study: Study, p: Participant) -> dict[str, Any]:
    log = study.zone_log(p.participant_id)
    priority = ";".join(p.source_priority) or None
    return vars(p) | {"timezone": log.home, "source_priority": priority, "zones": log.fingerprint}


def _table(model: type[ControlRow], rows: Iterable[Mapping[str, Any]], **more: type) -> pl.DataFrame:
    hints = get_type_hints(model)
    schema = {name: _type(hint) for name, hint in ({name: hints[name] for name in model.model_fields} | more).items()}
    picked = list(rows)
    values: dict[str, Any] = {name: [row[name] for row in picked] for name in schema}
    if "targets" in values:  # Polars takes seconds for 100,000 lists of Decimals, and little for lists of their texts
        texts = pl.Series([list(map(str, targets)) for targets in values["targets"]], dtype=pl.List(pl.String))
        values["targets"] = texts.cast(schema["targets"])
    return pl.DataFrame(values, schema=schema)


def _type(hint: Any) -> Any:
    """The type of a column; of one that may be NULL, that of its values."""
    return _TYPES[hint] if hint in _TYPES else _TYPES[get_args(hint)[0]]
