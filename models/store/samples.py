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
    import pyarrow as pa  # not at the top: who writes nothing does without

    about, at, rises = SAMPLED[name]
    key = ["file", "source", "device", *about, "local_date"]
    is_first = pl.any_horizontal(pl.col(column).ne_missing(pl.col(column).shift()) for column in key)
    if rises:
        is_first |= (pl.col(at) <= pl.col(at).shift()).fill_null(True)
    first = frame.select(is_first.arg_true()).to_series()
    offsets = pa.array([*first, frame.height], pa.int64())
    flat = {"times": frame[at], "samples": frame.drop(key).to_struct()}
    lists = {of: pa.LargeListArray.from_arrays(offsets, each.rechunk().to_arrow()) for of, each in flat.items()}
    times = pl.col("times").list
    found = pl.DataFrame(pa.table(lists)).select("samples", first_at=times.min(), last_at=times.max())
    return pl.concat([frame[first].select(key), found], how="horizontal")
