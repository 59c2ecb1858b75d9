"""Which rows of steps are minutes: those of a table whose rows tell when they began, and nothing of how long they are.

A file tells minutes when some of its rows lie one minute apart. One that leaves out minutes without steps may have no
such rows: it tells minutes if nothing speaks of a coarser grid, such as distances that are mostly multiples of five
minutes. The rows of any other file (quarters of an hour) are steps, and how fast they were walked is not known: they
are laid over the minutes up to the next place that a row could have. Rows that tell their own length need no such rule.
"""

from __future__ import annotations

from datetime import timedelta
from math import gcd

import polars as pl

from models.activity import MINUTES

MINUTE = timedelta(minutes=1)
_LONGEST = 60  # minutes that a row's steps are laid over


def some_a_minute_apart(times: pl.Series) -> bool:
    """Whether two of these times lie one minute apart, and nothing between them."""
    times = times if times.is_sorted() else times.sort()
    return bool((times.diff() == MINUTE).any())


def told_by_minute(minutes: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Canonical minutes of steps, those of each device as what they are: minutes, or steps without a cadence."""
    who = ["source", "device"]
    devices = minutes.select(pl.struct(who).n_unique()).item() if minutes.height else 0
    parts = [minutes] if devices < 2 else minutes.partition_by(who, maintain_order=True)
    grids = [_grid(part["start_time"]) for part in parts]
    if all(grid == 1 for grid in grids):
        return minutes
    notes.append("rows of steps that are not a minute apart: steps, but not how fast they were walked")
    return pl.concat([part if grid == 1 else _laid(part, grid) for part, grid in zip(parts, grids, strict=True)])


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


def _laid(rows: pl.DataFrame, grid: int) -> pl.DataFrame:
    """Steps over the minutes of their rows, in whole steps, none lost."""
    length = grid if 1 <= grid <= _LONGEST else 1
    value, n = pl.col("value").cast(pl.Int64), pl.col("n").cast(pl.Int64)
    laid = (
        rows.with_columns(n=pl.int_ranges(0, length))
        .explode("n")
        .with_columns(
            metric=pl.lit("steps_spread", dtype=MINUTES["metric"]),
            start_time=pl.col("start_time") + n * MINUTE,
            value=((value * (n + 1)) // length - (value * n) // length).cast(pl.Int32),
        )
    )
    return laid.select(MINUTES.names())
