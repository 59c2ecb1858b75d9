"""Canonical rows of what a connector has read: what is the same in every row is given once, what is not known is NULL,
columns get their types and their order."""

from __future__ import annotations

from typing import Any

import polars as pl

from connectors.kit.stack import own
from models.activity import DAILY_TOTALS, MINUTES
from models.clock import Clock


def canonical(schema: pl.Schema, frame: pl.DataFrame, **same: Any) -> pl.DataFrame:
    """The rows of a frame under a schema of models/activity.py; a constant column takes no room.

    Those of a stack keep their `file` (kit/stack.py).
    """

    def column(name: str, kind: pl.DataType) -> pl.Expr:
        is_column = name in frame.columns and name not in same
        return pl.col(name).cast(kind) if is_column else pl.lit(same.get(name), dtype=kind).alias(name)

    of_whom = [] if "file" in schema else own(frame)
    return frame.select(*of_whom, *(column(name, kind) for name, kind in schema.items()))


def minutes(frame: pl.DataFrame, clock: Clock, **same: Any) -> pl.DataFrame:
    """Canonical minutes of a frame with `start_time` and `value`; without dates, those by the clock."""
    if "local_date" not in frame.columns:
        frame = frame.with_columns(local_date=clock.local_dates(frame["start_time"]))
    return canonical(MINUTES, frame, **same)


def totals(days: pl.DataFrame | list[dict[str, Any]], source: str, day_basis: str = "local") -> pl.DataFrame:
    """Canonical daily totals of a vendor's days, by date. Figures that are not there are not known."""
    same = {"source": source, "day_basis": day_basis}
    if isinstance(days, list):
        frame = pl.DataFrame([day | same for day in days], schema=DAILY_TOTALS)
    else:
        frame = canonical(DAILY_TOTALS, days, **same)
    return frame.sort(*own(frame), "local_date")
