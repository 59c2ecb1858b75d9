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


def with_who(rows: pl.DataFrame, files: FitFiles, context: Context) -> pl.DataFrame:
    """Rows of many files with their `source` and `device`."""
    known, each = dict[tuple, tuple[str, str | None]](), list[tuple[str, str | None]]()
    for file_id in files.ids:
        identity = tuple(map(file_id.fields.get, (1, 2, 3)))
        if identity not in known:
            known[identity] = who(file_id, context)
        each.append(known[identity])
    of_part = pl.DataFrame(each, schema=_WHO, orient="row")
    return rows.with_columns(of_part[name][rows["part"]] for name in _WHO)


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
