"""Which date a row of a table claims that is set aside (models/set_aside.py)."""

from __future__ import annotations

from datetime import date

import polars as pl

from models.set_aside import dates_of


def claimed(rows: pl.DataFrame, cells: pl.Series) -> list[date | None]:
    """The date that each row claims: by its first column of dates or times, else by what in its text looks like one."""
    times = [column for column in rows.iter_columns() if column.dtype == pl.Date or column.dtype == pl.Datetime]
    dates = pl.Series(dates_of(times[0]) if times else [None] * rows.height, dtype=pl.Date)
    words = [rows[name].cast(pl.String) for name, kind in rows.schema.items() if kind in (pl.String, pl.Categorical)]
    text = pl.DataFrame([cells.alias(""), *words]).select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True))
    for pattern, form in ((r"\b(\d{4}-\d\d-\d\d)", "%Y-%m-%d"), (r"\b(\d{1,2}/\d{1,2}/\d{4})\b", "%m/%d/%Y")):
        dates = dates.fill_null(text.to_series().str.extract(pattern).str.to_date(form, strict=False))
    return dates.to_list()
