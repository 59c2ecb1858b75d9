"""Numbers and dates as people write them where they live, distinguished by evidence in the file, never guessed.

1,214 is a thousand or a bit more than one, 1/2/2026 in January or in February. What all of the file shows decides: a
cell that can be read one way only decides for all of them. Where none does, or two contradict each other, the file is
rejected.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from connectors.kit.claims import claimed
from connectors.kit.csv import wrong_cell
from models.activity import EARLIEST
from models.fault import Rejected
from models.set_aside import ONE_IN, set_aside

_REMEDY = "set the phone to English (US) and export again, or export with ISO dates and plain numbers"
_DECIMAL_POINT = r"^[-+]?(\d+\.(\d{1,2}|\d{4,})|\d{4,}\.\d+|0\.\d+|[\d,]*,\d{3}\.\d+|\d{1,3}(,\d{3}){2,})$"
_DATE = r"^(?<a>\d{1,4})(?<sep>[-/.])(?<b>\d{1,2})[-/.](?<c>\d{1,4})"
_TIME = r"(?:[T,\s]+(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d))?(?:\.\d+)?\s*(?<half>[AaPp])?\.?\s?[Mm]?\.?)?"
_OFFSET = r"(?:\s*(?:Z|[-+]\d\d:?\d\d))?$"


def decimal_of(cells: pl.DataFrame) -> str | None:
    """The decimal sign of all numbers in these columns of text; None where no cell decides. Raises Rejected."""
    every = pl.concat([pl.Series("cell", [], dtype=pl.String), *(c.drop_nulls().alias("cell") for c in cells)])
    every = every.str.replace_all(r"\s", "")
    mirrored = every.str.replace_all(",", ";").str.replace_all(r"\.", ",").str.replace_all(";", ".")
    signs = [sign for sign, as_if in ((".", every), (",", mirrored)) if as_if.str.contains(_DECIMAL_POINT).any()]
    if len(signs) == 2:
        raise Rejected("whole file", "decimal points and decimal commas", "one of them in all of the file", _REMEDY)
    return signs[0] if signs else None


def with_numbers(frame: pl.DataFrame, name: str, decimal: str | None, most: float) -> pl.DataFrame:
    """The frame with a column of text as numbers from 0 to `most`; empty cells are null.

    Rows of other numbers are set aside (models/set_aside.py). Raises Rejected for what is none.
    """
    cells = frame[name].str.replace_all(r"\s", "")
    cells = cells.zip_with(cells != "", pl.Series([None], dtype=pl.String))
    unclear = cells.str.contains("[.,]").fill_null(False)
    if decimal is None and unclear.any():
        at = unclear.arg_max() or 0
        expected = "a number, and a cell in the file that shows whether its mark is of thousands or decimals"
        raise wrong_cell(frame["line"][at], name, cells[at], expected, _REMEDY)
    point, comma = (r"\.", ",") if decimal != "," else (",", r"\.")
    readable = cells.str.contains(rf"^-?(\d{{1,3}}({comma}\d{{3}})+({point}\d+)?|\d+({point}\d*)?)$").fill_null(True)
    plain = cells.str.replace_all(comma, "").str.replace(point, ".").cast(pl.Float64, strict=False)
    readable &= plain.is_not_null() | cells.is_null()  # figures of other scripts are none
    expected = f"a number from 0 to {most:g}"
    return _replaced(frame, {name: (cells, plain, readable, plain.is_between(0, most).fill_null(True))}, expected)


def with_times(frame: pl.DataFrame, names: list[str], today: date) -> pl.DataFrame:
    """The frame with columns of text as local times without a zone; the order of day and month is one for all.

    Rows of times that cannot be are set aside (models/set_aside.py). Raises Rejected for what is no time.
    """
    columns = [frame[name].str.replace_all(r"[\s\x{202f}\x{a0}]+", " ").str.strip_chars(" ") for name in names]
    parts = [_parts(column) for column in columns]
    order = _order(pl.concat(parts), today)
    latest = datetime.combine(today, datetime.min.time()) + timedelta(days=2)
    parsed = {}
    for name, column, part in zip(names, columns, parts, strict=True):
        time = _times(part, order)
        good = time.is_between(EARLIEST.replace(tzinfo=None), latest).fill_null(False)
        parsed[name] = (column, time, part["a"].is_not_null(), good)
    return _replaced(frame, parsed, "a time from 1990 to tomorrow like 2026-03-09 07:30:00")


_Parsed = tuple[pl.Series, pl.Series, pl.Series, pl.Series]  # cells, values, which are readable, which can be


def _replaced(frame: pl.DataFrame, parsed: dict[str, _Parsed], expected: str) -> pl.DataFrame:
    for name, (cells, _, readable, _) in parsed.items():
        if not readable.all():
            at = readable.arg_min() or 0
            raise wrong_cell(frame["line"][at], name, cells[at], expected, _REMEDY)
    remaining = pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True)
    out = frame.with_columns(values.alias(name) for name, (_, values, *_) in parsed.items())
    for name, (cells, _, _, good) in parsed.items():
        if (wrong := remaining & ~good).any():
            rows = out.filter(wrong)
            fault = wrong_cell(rows["line"][0], name, cells.filter(wrong)[0], expected, _REMEDY)
            set_aside(fault, claimed(rows, cells.filter(wrong)))
            remaining &= ~wrong
    return out.filter(remaining)


def _parts(cells: pl.Series) -> pl.DataFrame:
    parts = cells.str.extract_groups(_DATE + _TIME + _OFFSET).struct.unnest()
    numbers = [pl.col(name).cast(pl.Int32) for name in ("a", "b", "c", "hour", "minute", "second")]
    return parts.with_columns(numbers)


def _times(parts: pl.DataFrame, order: str) -> pl.Series:
    year, month, day = (pl.col("abc"[order.index(letter)]) for letter in "ymd")
    if order != "ymd":
        iso = pl.col("a") > 31
        year, month, day = (
            pl.when(iso).then(pl.col(name)).otherwise(part)
            for name, part in zip("abc", (year, month, day), strict=True)
        )
    year = pl.when(year < 100).then(year + 2000).otherwise(year)
    hour = pl.col("hour").fill_null(0)
    half = pl.col("half").str.to_lowercase()
    wrong_half = half.is_not_null() & ~hour.is_between(1, 12)
    hour = pl.when(half == "p").then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
    pieces = [year, month, day, hour, pl.col("minute").fill_null(0), pl.col("second").fill_null(0)]
    written = pl.format("{}-{}-{} {}:{}:{}", *pieces).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ms", strict=False)
    return parts.select(time=pl.when(~wrong_half).then(written))["time"]


def _order(parts: pl.DataFrame, today: date) -> str:
    """ "ymd", "dmy" or "mdy"; with dots it is always the day that comes first. Raises Rejected where it is unclear."""
    local = parts.filter(pl.col("a") <= 31)
    if not local.height:
        return "ymd"
    if (local["sep"] == ".").all():
        return "dmy"
    is_day_first, is_month_first = bool((local["a"] > 12).any()), bool((local["b"] > 12).any())
    if is_day_first and is_month_first:
        raise Rejected("whole file", "dates with the day first and dates with the month first", "one order", _REMEDY)
    if is_day_first or is_month_first:
        return "dmy" if is_day_first else "mdy"
    either = {order: _times(local, order).dt.date() for order in ("dmy", "mdy")}
    if either["dmy"].equals(either["mdy"]):
        return "dmy"
    beyond = {o: dates > today + timedelta(days=1) for o, dates in either.items()}
    possible = [o for o in either if not beyond[o].any()]
    possible = possible or [o for o in either if beyond[o].sum() * ONE_IN <= beyond[o].len()]
    unbroken = [o for o in possible if _unbroken(either[o])]
    for left in (possible, unbroken):
        if len(left) == 1:
            return left[0]
    rejected = Rejected(
        "whole file", "dates like 1/2/2026, which may be in January or February", "a date that tells", _REMEDY
    )
    last: list[Any] = [dates.max() for dates in either.values() if dates.null_count() < dates.len()]
    raise rejected.until(min(last)) if last and not possible else rejected


def _unbroken(dates: pl.Series) -> bool:
    gaps = dates.unique().sort().diff().drop_nulls()
    return gaps.len() > 0 and bool((gaps == timedelta(days=1)).all())
