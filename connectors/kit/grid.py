"""Which rows of steps are minutes: those of a table whose rows have a start and no length.

A file has minutes when some of its rows lie one minute apart. One that leaves out minutes without steps may have no
such rows: it has minutes if nothing speaks of a coarser grid, such as distances that are mostly multiples of five
minutes. The rows of any other file (quarters of an hour) are steps, and their pace is not known: they are
laid over the minutes up to the next place that a row could have. Rows with a length of their own need no such rule;
those that last longer than a minute are steps without a cadence, too.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import gcd
from typing import Any

import polars as pl

from connectors.kit.offsets import local_dates
from connectors.kit.rows import canonical, minutes
from connectors.kit.stack import own, remarks
from models.activity import MINUTES
from models.clock import ZoneLog

MINUTE = timedelta(minutes=1)
_LONGEST = 60  # minutes that a row's steps are laid over
_STARTS: dict[str, Any] = {"device": pl.String, "start_time": MINUTES["start_time"]}
_COUNT: dict[str, Any] = {"value": pl.Int32, "offset": pl.Duration("ms")}

Counted = dict[tuple[str | None, datetime], tuple[int, timedelta | None]]  # device, minute: count, distance from UTC
Longer = list[
    tuple[str | None, datetime, timedelta, int, timedelta | None]
]  # device, start, how long it lasts, the same


def some_a_minute_apart(times: pl.Series) -> bool:
    """Whether two of these times lie one minute apart, and nothing between them."""
    times = times if times.is_sorted() else times.sort()
    return bool((times.diff() == MINUTE).any())


def spread_coarse_rows(rows: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Canonical minutes of steps, those of each device as what they are: minutes, or steps without a cadence."""
    who = [*own(rows), "source", "device"]
    devices = rows.select(pl.struct(who).n_unique()).item() if rows.height else 0
    if devices > 1 and _all_have_minutes(rows, who):
        return rows
    parts = [rows] if devices < 2 else rows.partition_by(who, maintain_order=True)
    grids = [_grid(part["start_time"]) for part in parts]
    if all(grid == 1 for grid in grids):
        return rows
    coarse = pl.concat([part for part, grid in zip(parts, grids, strict=True) if grid != 1])
    notes += remarks(coarse, "rows of steps that are not a minute apart: steps, but not how fast they were walked")
    return pl.concat([part if grid == 1 else _laid(part, grid) for part, grid in zip(parts, grids, strict=True)])


def _all_have_minutes(rows: pl.DataFrame, who: list[str]) -> bool:
    """Whether some rows of each lie one minute apart."""
    apart = (pl.col("start_time").sort().diff() == MINUTE).any()
    return bool(rows.group_by(who).agg(has=apart)["has"].all())


def _grid(times: pl.Series) -> int:
    """How many minutes a row of these times stands for; 0 where that is not known, but not one."""
    if some_a_minute_apart(times):
        return 1
    apart = times.unique().sort().diff().drop_nulls().dt.total_minutes().to_list()
    length = gcd(*apart)
    if length > 1:
        return length
    coarse = sum(distance % 5 == 0 for distance in apart)
    return 0 if 2 * coarse > len(apart) else 1


def of_records(
    counted: Counted, longer: Longer, zones: ZoneLog, source: str, metric: str = "steps"
) -> tuple[pl.DataFrame, str, int]:
    """Records that have a length, those of a minute and longer ones, as canonical minutes: these, their
    tz_source, and how many of the longer ones were left out."""
    records = [(*key, *count) for key, count in counted.items()]
    rows = pl.DataFrame(records, _STARTS | _COUNT, orient="row").sort("device", "start_time", nulls_last=True)
    dates, tz_source = local_dates(rows["start_time"], rows["offset"], zones)
    rows = minutes(rows.with_columns(local_date=dates), zones, source=source, metric=metric)
    schema = _STARTS | {"lasts": pl.Duration("ms")} | _COUNT
    laid, left_out = _longer_rows(pl.DataFrame(longer, schema, orient="row"), rows, zones)
    return pl.concat([rows, canonical(MINUTES, laid, source=source)]), tz_source, left_out


def _longer_rows(rows: pl.DataFrame, by_minute: pl.DataFrame, zones: ZoneLog) -> tuple[pl.DataFrame, int]:
    """Rows that last longer than a minute, as steps without a cadence, and how many were left out.

    They are the day where their device has no minutes; elsewhere they would cover the minutes.
    """
    dates, _ = local_dates(rows["start_time"], rows["offset"], zones)
    days = by_minute.select("device", "local_date").unique()
    alone = rows.with_columns(local_date=dates).join(days, on=["device", "local_date"], how="anti", nulls_equal=True)
    start = pl.col("start_time")
    last = (start + pl.col("lasts") - timedelta(milliseconds=1)).dt.truncate("1m")
    laid = _spread(alone.with_columns(start_time=start.dt.truncate("1m"), until=last))
    laid = laid.group_by("device", "start_time").agg(pl.col("value").max(), pl.col("offset").first())
    laid = laid.filter(pl.col("value") > 0).sort("device", "start_time", nulls_last=True)
    dates, _ = local_dates(laid["start_time"], laid["offset"], zones)
    spread = pl.lit("steps_spread", dtype=MINUTES["metric"])
    return laid.with_columns(metric=spread, local_date=dates), rows.height - alone.height


def _laid(rows: pl.DataFrame, grid: int) -> pl.DataFrame:
    """Rows of a grid over the minutes that each stands for."""
    length = grid if 1 <= grid <= _LONGEST else 1
    laid = _spread(rows.with_columns(until=pl.col("start_time") + (length - 1) * MINUTE))
    spread = pl.lit("steps_spread", dtype=MINUTES["metric"])
    return laid.with_columns(metric=spread).select(rows.columns)


def _spread(rows: pl.DataFrame) -> pl.DataFrame:
    """The steps of each row over its minutes, from `start_time` to the last one, `until`: integers, none lost."""
    minutes, n, value = pl.col("minutes"), pl.col("n").cast(pl.Int64), pl.col("value").cast(pl.Int64)
    counted = rows.with_columns(minutes=(pl.col("until") - pl.col("start_time")).dt.total_minutes() + 1)
    return (
        counted.with_columns(n=pl.int_ranges(0, minutes))
        .explode("n")
        .with_columns(
            start_time=pl.col("start_time") + n * MINUTE,
            value=((value * (n + 1)) // minutes - (value * n) // minutes).cast(pl.Int32),
        )
    )
