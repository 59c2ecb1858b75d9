"""Huawei Health: the minutes of an account export.

What it is called: a .zip `HUAWEI_HEALTH_<time>/` (a password opens it; unpack it, or `nightly --zip-password`), in
it `Sport per minute merged data & description/sport per minute merged data*.json`: objects of a day, each with records
of one minute.

Where to find it: the Huawei Health app, Me, Privacy Center, Get data (or Huawei ID, Privacy Center, Get Your Data).

What it cannot tell: which device is the phone and which the watch; moderate and vigorous minutes; sessions (`Motion
path detail data` holds positions and is not read). Phone and watch count the same steps, each in minutes of its own: of
each day the `deviceCode` with the most steps is read, the others are left out and counted in a note.

How sure: B- (parsers agree, no real file was seen), so what is not plain is refused: a record whose day, by its own
time zone, is not the day it stands under; a time or steps that cannot be. Records of family members (`subUser`) are
left out and counted in a note; so are records of more than a minute on days of which there are minutes: elsewhere they
are steps without a cadence. Walking and running listed for the same minute of one device may be the same steps: the
larger is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit.export import Export
from connectors.kit.grid import Counted, Longer, of_records
from connectors.kit.json import Fields, bad, begins_like_json, elements, integer, members, quoted
from connectors.kit.metrics import by_method
from connectors.kit.offsets import parse_offset
from models.activity import MOST_STEPS, Extract
from models.set_aside import one_record

VERSION = 3
EXPORT = "archive"
LOOKS_FOR = ("JSON list", "JSON object", "/motion", "/sport", "/&")
SOURCES = {"huawei": "unknown"}
METRICS = by_method(device="steps", cadence="walking brisk moderate vigorous")

# Fields of a record and of its summary: needed, read where they are, known and not read.
_RECORD = (
    ("startTime", "endTime", "sportBasicInfos"),
    ("timeZone", "deviceCode", "subUser"),
    ("sportType", "version", "dataId", "deviceId", "deviceType", "appType", "packageName", "samplePoints"),
)
_SUMMARY = (("steps",), (), ("distance", "calorie", "duration", "altitude", "floor", "sportType"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_2100 = 4_102_444_800_000
_MINUTE, _LONGEST = timedelta(seconds=61), timedelta(hours=2)  # of a record; a second for rounding
_MOST_MINUTES = 2_000_000  # a decade of five hundred a day


def identify(export: Export) -> bool:
    """Whether it begins like days of records of a minute."""
    found = quoted(export)
    telling = b"sportDataUserData" in found or {b"recordDay", b"sportBasicInfos"} <= found
    return telling and begins_like_json(export)


def extract(export: Export, context: Context) -> Extract:
    """Steps per minute and device. Raises Rejected."""
    named = cache(partial(context.pseudonym, "huawei"))
    counted: Counted = {}
    longer: Longer = []
    left_out = {"of family members": 0, "of no time, or of more than two hours": 0}
    records, summaries = Fields(*_RECORD), Fields(*_SUMMARY)
    for place, day, record in _records(export):
        records.add(record)
        for summary in members(record, "sportBasicInfos", place):
            summaries.add(summary)
        if record.get("subUser") not in (None, "", 0, "0", []):
            left_out["of family members"] += 1
            continue
        start, end = (_instant(record, key, place) for key in ("startTime", "endTime"))
        steps = None
        with one_record(start):
            steps = _steps(record, place)
        if steps is None:
            continue
        if not timedelta(0) < end - start <= _LONGEST:
            left_out["of no time, or of more than two hours"] += 1
            continue
        offset = _offset(record, place)
        if day is not None and offset is not None and (start + offset).date() != day:
            raise bad("another day than its time says", f"{place}, field recordDay", "the day of its records")
        code = _device(record, place)
        device = None if code is None else named(str(code))
        if end - start > _MINUTE:
            longer.append((device, start, end - start, steps, offset))
            continue
        key = (device, start.replace(second=0, microsecond=0))
        counted[key] = (max(steps, counted.get(key, (0, None))[0]), offset)
        if len(counted) + len(longer) > _MOST_MINUTES:
            raise bad(f"more than {_MOST_MINUTES:,} minutes with steps")
    notes = records.notes() + summaries.notes()
    notes += [f"{count} records {words}: left out" for words, count in left_out.items() if count]
    rows, tz_source, beside = of_records(counted, longer, context.zones, "huawei")
    if beside:
        notes.append(f"{beside} records of more than a minute, on days of which there are minutes: left out")
    return Extract(minutes=_of_one_device(rows, notes), tz_source=tz_source, notes=notes)


def _records(export: Export) -> Iterator[tuple[str, date | None, dict[str, Any]]]:
    for n, element in enumerate(elements(export), start=1):
        place = f"day {n}"
        if not isinstance(element, dict):
            raise bad("something else", place, "an object of a day")
        if "sportDataUserData" not in element:
            raise bad("nothing", f"{place}, field sportDataUserData", "the records of the day")
        day = integer(element, "recordDay", place, 19_900_101, 21_000_101)
        try:
            date_of_day = None if day is None else date(day // 10_000, day // 100 % 100, day % 100)
        except ValueError:
            raise bad("no date", f"{place}, field recordDay", "a date like 20260309") from None
        for m, record in enumerate(members(element, "sportDataUserData", place), start=1):
            yield f"{place}, record {m}", date_of_day, record


def _steps(record: dict[str, Any], place: str) -> int | None:
    """The steps of the one summary of the minute; None where it has none. Raises Rejected."""
    summaries = members(record, "sportBasicInfos", place)
    if len(summaries) > 1:
        raise bad(f"{len(summaries)} summaries", f"{place}, field sportBasicInfos", "one")
    return integer(summaries[0], "steps", place, 0, MOST_STEPS) if summaries else None


def _instant(record: dict[str, Any], key: str, place: str) -> datetime:
    milliseconds = integer(record, key, place, 0, _YEAR_2100)
    if milliseconds is None:
        raise bad("nothing", f"{place}, field {key}", "milliseconds since 1970")
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _offset(record: dict[str, Any], place: str) -> timedelta | None:
    zone = record.get("timeZone")
    offset = parse_offset(zone) if isinstance(zone, str) else None
    if zone not in (None, "") and offset is None:
        raise bad("something else", f"{place}, field timeZone", "an offset like +0800")
    return offset


def _device(record: dict[str, Any], place: str) -> int | str | None:
    code = record.get("deviceCode")
    if code is not None and (isinstance(code, bool) or not isinstance(code, int | str)):
        raise bad("something else", f"{place}, field deviceCode", "a number")
    return code


def _of_one_device(rows: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Of each day the minutes of the device that counted the most steps."""
    days = rows.group_by("local_date", "device").agg(pl.col("value").cast(pl.Int64).sum().alias("steps"), pl.len())
    best = days.sort("steps", "len", "device", descending=True).unique("local_date", keep="first", maintain_order=True)
    if others := days.height - best.height:
        notes.append(f"{others} days of a second device, which saw the same walks: left out")
    return rows.join(best, on=["local_date", "device"], how="semi", nulls_equal=True, maintain_order="left")


def companion(export: Export) -> str | None:
    """Why a file of a Huawei Health export holds nothing for us; None where that is not known."""
    parts = [part.casefold() for part in PurePosixPath(export.name).parts[:-1]]
    if any(part.startswith("motion path detail data") for part in parts):
        return "tracks: positions are never read"
    if any(part.startswith("sport per minute merged data") for part in parts):
        return None if begins_like_json(export) else "a description of the data"
    described = any("& description" in part for part in parts)
    return "a family of Huawei Health that is not needed here" if described else None
