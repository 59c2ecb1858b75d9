"""What files of every device say of themselves: their kind, their maker, their distance from UTC."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from connectors.kit.fit import Message
from connectors.kit.fit_columns import FitFiles

if TYPE_CHECKING:
    from connectors import Context

ACTIVITY, MONITORING = 4, (15, 28, 32)  # file_id.type: an activity; monitoring_a, monitoring_daily, monitoring_b

# Maker of the device (FIT manufacturer number): the label a person can type, and where such devices are worn.
_MAKERS = {
    1: ("garmin", "wrist"), 13: ("garmin", "wrist"), 15: ("garmin", "wrist"), 23: ("suunto", "wrist"),
    32: ("wahoo", "unknown"), 40: ("concept2", "unknown"), 70: ("sigma", "unknown"), 71: ("tomtom", "wrist"),
    123: ("polar", "wrist"), 129: ("coros", "wrist"), 140: ("decathlon", "wrist"), 144: ("zwift", "unknown"),
    260: ("zwift", "unknown"), 265: ("strava", "phone"), 267: ("bryton", "unknown"), 289: ("hammerhead", "unknown"),
    294: ("coros", "wrist"), 305: ("whoop", "wrist"), 310: ("decathlon", "wrist"),
}  # fmt: skip
_WHO: dict[str, Any] = {"source": pl.String, "device": pl.String}
SOURCES = {**dict(_MAKERS.values()), "fit": "unknown"}  # "fit": any other maker


@cache
def is_monitoring(kinds: tuple[int | None, ...]) -> bool:
    """Whether a chain of files of these kinds (kit/fit_types.py) is a piece of a day, and no activity."""
    return ACTIVITY not in kinds and any(kind in MONITORING for kind in kinds)


def who(file_id: Message, context: Context) -> tuple[str, str | None]:
    """The maker's label (a key of SOURCES), and the very device as a pseudonym: None without a serial number."""
    maker, product, serial = (file_id.fields.get(field) for field in (1, 2, 3))  # serial: a pair, at times
    device = context.pseudonym(maker, product, serial) if serial else None
    return _MAKERS.get(maker or 0, ("fit", ""))[0], device


def owners(files: FitFiles, context: Context) -> pl.DataFrame:
    """Who wrote each part: `source` and `device`, and `owner`, a number for the two."""
    known, numbers = dict[int, int](), dict[tuple[str, str | None], int]()
    for file_id in files.ids:  # files of one device share theirs
        if id(file_id) not in known:
            known[id(file_id)] = numbers.setdefault(who(file_id, context), len(numbers))
    every = pl.DataFrame(list(numbers), schema=_WHO, orient="row").with_row_index("owner")
    return every[pl.Series([known[id(file_id)] for file_id in files.ids], dtype=pl.UInt32)]


def with_who(rows: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Rows of many files with the `source`, `device` and `owner` of their `part`."""
    return rows.with_columns(owners[rows["part"]])


def local_offsets(utc: pl.Series, local: pl.Series) -> pl.Series:
    """`local_offset` of columns (Duration)."""
    differences = local - utc
    offsets = {each: local_offset(0, each) for each in differences.unique().drop_nulls()}
    return differences.replace_strict(offsets, default=None, return_dtype=pl.Duration("ms"))


def local_offset(utc: int | None, local: int | None) -> timedelta | None:
    """Local time minus UTC from one instant given in both (raw seconds), None where they cannot be the same instant.

    Devices write the two a moment apart (25202 s seen for +07:00), and some trainers are off by years.
    """
    if utc is None or local is None:
        return None
    difference = local - utc
    offset = round(difference / 900) * 900
    return timedelta(seconds=offset) if abs(difference - offset) <= 120 and abs(offset) <= 14 * 3600 else None
