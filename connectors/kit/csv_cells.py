"""What the columns of a CSV hold: text, words, numbers, instants, dates, and how text becomes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from models.activity import EARLIEST
from models.clock import INSTANT


@dataclass(frozen=True)
class Cell:
    """What a column holds: what that is in words, how text becomes it, and between which values it can be."""

    expected: str
    dtype: pl.DataType
    parse: Callable[[pl.Series], pl.Series]
    least: object = None
    most: object = None
    may_be_empty: bool = False
    form: str = r"$^"  # of what has the right form and yet is no value: the 30th of February
    null: str | None = None  # what is written where there is nothing

    def impossible(self, values: pl.Series, cells: pl.Series) -> pl.Series:
        """Which cells are of the right form and say what cannot be."""
        beyond = values.is_null() & cells.str.contains(self.form).fill_null(False)
        if self.least is None:
            return beyond
        return beyond | ~values.is_between(self.least, self.most).fill_null(True)

    def all_good(self, values: pl.Series, cells: pl.Series) -> bool:
        """Whether a column is as it should be, so that no cell of it need be looked at."""
        if values.null_count() > (cells.null_count() if self.may_be_empty else 0):
            return False
        least, most = values.min(), values.max()
        return self.least is None or least is None or bool(self.least <= least and most <= self.most)  # type: ignore[operator]


def text(empty: bool = True) -> Cell:
    """Any text."""
    return Cell("text", pl.String(), lambda cells: cells, may_be_empty=empty)


def word() -> Cell:
    """One of a few words, many times over: stored as a number."""
    return Cell("text", pl.Categorical(), lambda cells: cells.cast(pl.Categorical), may_be_empty=True)


def integer(least: int, most: int, empty: bool = False) -> Cell:
    """An integer; "9.0" is one."""
    return Cell(f"a whole number from {least} to {most}", pl.Int64(), _ints, least, most, empty, r"^[-+]?\d+(\.0*)?$")


def number(least: float, most: float, empty: bool = False) -> Cell:
    """A number with a decimal point."""
    return Cell(f"a number from {least:g} to {most:g}", pl.Float64(), _numbers, least, most, empty)


def instant(today: date) -> Cell:
    """A UTC time that says so: 2026-03-09T07:30:00Z, with any fraction; "+0000" and a space for the T are fine."""
    expected = "a UTC time from 1990 to tomorrow like 2026-03-09T07:30:00Z"
    latest = datetime.combine(today, datetime.min.time(), UTC) + timedelta(days=2, hours=14)  # as models.activity.check
    return Cell(
        expected, INSTANT, _instants, EARLIEST, latest, form=r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?Z$"
    )


def day(today: date) -> Cell:
    """An ISO date."""
    expected = "a date from 1990 to tomorrow like 2026-03-09"
    return Cell(expected, pl.Date(), _dates, EARLIEST.date(), today + timedelta(days=1), form=r"^\d{4}-\d\d-\d\d$")


def _ints(cells: pl.Series) -> pl.Series:
    values = cells.cast(pl.Int64, strict=False)
    if values.null_count() > cells.null_count():
        values = cells.str.replace(r"\.0*$", "").cast(pl.Int64, strict=False)
    return values


def _numbers(cells: pl.Series) -> pl.Series:
    values = cells.cast(pl.Float64, strict=False)
    return values.zip_with(values.is_finite().fill_null(False), pl.Series([None], dtype=pl.Float64))


def _instants(cells: pl.Series) -> pl.Series:
    form = "%Y-%m-%dT%H:%M:%S"  # the one form that is parsed fast
    times = cells.str.to_datetime(form + "Z", time_unit="ms", strict=False, cache=False)  # hardly one stands twice
    if times.null_count() > cells.null_count():
        usual = cells.str.replace(r"\+00:?00$", "Z").str.replace(r"^(\d{4}-\d\d-\d\d) ", "${1}T")
        sound = usual.str.contains(r"^.{19}(\.\d{1,9})?Z$").fill_null(False)
        part = usual.str.slice(19, 4).str.strip_chars_end("Z").str.replace(r"^\.", "0.").cast(pl.Float64, strict=False)
        seconds = usual.str.head(19).str.to_datetime(form, time_unit="ms", strict=False)
        exact = seconds + (part.fill_null(0.0) * 1000).round().cast(pl.Int64).cast(pl.Duration("ms"))
        times = exact.zip_with(sound, pl.Series([None], dtype=exact.dtype))
    return times.dt.replace_time_zone("UTC")


def _dates(cells: pl.Series) -> pl.Series:
    iso = cells.str.contains(r"^\d{4}-\d\d-\d\d$").fill_null(False)
    return cells.str.to_date("%Y-%m-%d", strict=False).zip_with(iso, pl.Series([None], dtype=pl.Date))
