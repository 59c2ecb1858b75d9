"""Minutes and readings as the store keeps them: what a file says of a device and a date is one row, not one a minute.

So a file of a day is a few rows to write, to find again and to take out, however often its device took a sample.
"""

from __future__ import annotations

import polars as pl

# The canonical frames (models/activity.py) that are kept so: what a row is about, beside file, device and date; the
# time of its samples; and whether they rise in it, each later than the one before: what does not is another row.
SAMPLED = {"minutes": (["metric"], "start_time", True), "readings": ([], "end_time", False)}


def gathered(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A frame of many files (`file`) in which those rows are one that follow each other and are of the same file,
    device, metric and date.

    `samples`: what each of them says, in their order. `first_at`, `last_at`: the first and the last of their times.
    """
    about, at, rises = SAMPLED[name]
    key = ["file", "source", "device", *about, "local_date"]
    is_first = pl.any_horizontal(pl.col(column).ne_missing(pl.col(column).shift()) for column in key)
    if rises:
        is_first |= (pl.col(at) <= pl.col(at).shift()).fill_null(True)
    rows = frame.with_columns(row=is_first.cum_sum().set_sorted())  # sorted: a row is a slice, nothing is looked up
    return (
        rows.group_by("row", maintain_order=True)
        .agg(
            pl.col(key).first(),
            samples=pl.struct(pl.exclude("row", *key)),
            first_at=pl.col(at).min(),
            last_at=pl.col(at).max(),
        )
        .drop("row")
    )
