"""Huawei Health: the minutes of an account export.

What it is called: a .zip `HUAWEI_HEALTH_<time>/` (a password opens it; unpack it before putting it into the inbox), in
it `Sport per minute merged data & description/sport per minute merged data*.json`: objects of a day, each with records
of one minute.

Where to find it: the Huawei Health app, Me, Privacy Center, Get data (or Huawei ID, Privacy Center, Get Your Data).

What it cannot tell: which device is the phone and which the watch; moderate and vigorous minutes; sessions (`Motion
path detail data` holds positions and is not read). Phone and watch tell the same walk, each in minutes of its own: of
each day the `deviceCode` with the most steps is read, the others are left out and counted in a note.

How sure: B- (parsers agree, no real file was seen), so what is not plain is refused: a record whose day, by its own
time zone, is not the day it stands under; a time or steps that cannot be. Records of family members (`subUser`) are
left out and counted in a note; so are records of more than a minute on days of which there are minutes: elsewhere they
are steps without a cadence. Walking and running told for the same minute of one device may be the same steps: the
larger is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit.export import Export
from connectors.kit.grid import LONGER as _LONGER
from connectors.kit.grid import longer_rows
from connectors.kit.json import Fields, bad, begins_like_json, elements, members, whole
from connectors.kit.offsets import local_dates, parse_offset
from models.activity import MINUTES, MOST_STEPS, Extract
from models.aside import one_record

VERSION = 3
EXPORT = "archive"
LOOKS_FOR = ("JSON list", "JSON object", "/motion", "/sport", "/&")
SOURCES = {"huawei": "unknown"}
METRICS = {
    "steps": "device",
    "walking_minutes": "cadence",
    "brisk_minutes": "cadence",
    "moderate_minutes": "cadence",
    "vigorous_minutes": "cadence",
}

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
    told = b'"sportDataUserData"' in export.head or (
        b'"recordDay"' in export.head and b'"sportBasicInfos"' in export.head
    )
    return told and begins_like_json(export)


def extract(export: Export, context: Context) -> Extract:
    """Steps per minute and device. Raises Rejected."""
    counted: dict[tuple[Any, datetime], tuple[int, timedelta | None]] = {}
    long: list[tuple[Any, datetime, timedelta, int, timedelta | None]] = []
    left_out = {"of family members": 0, "of no time, or of more than two hours": 0}
    records, summaries = Fields(*_RECORD), Fields(*_SUMMARY)
    for place, day, record in _records(export):
        records.take(record)
        for summary in members(record, "sportBasicInfos", place):
            summaries.take(summary)
        if record.get("subUser") not in (None, "", 0, "0", []):
            left_out["of family members"] += 1
            continue
        begin, end = (whole(record, key, place, 0, _YEAR_2100) for key in ("startTime", "endTime"))
        if begin is None or end is None:
            raise bad("nothing", f"{place}, field {'endTime' if begin else 'startTime'}", "milliseconds since 1970")
        steps = None
        with one_record(_EPOCH + timedelta(milliseconds=begin)):
            steps = _steps(record, place)
        if steps is None:
            continue
        lasts = timedelta(milliseconds=end - begin)
        if not timedelta(0) < lasts <= _LONGEST:
            left_out["of no time, or of more than two hours"] += 1
            continue
        start = _EPOCH + timedelta(milliseconds=begin)
        offset = _offset(record, place)
        if day is not None and offset is not None and (start + offset).date() != day:
            raise bad("another day than its time says", f"{place}, field recordDay", "the day of its records")
        if lasts > _MINUTE:
            long.append((_device(record, place), start, lasts, steps, offset))
            continue
        key = (_device(record, place), start.replace(second=0, microsecond=0))
        counted[key] = (max(steps, counted.get(key, (0, None))[0]), offset)
        if len(counted) + len(long) > _MOST_MINUTES:
            raise bad(f"more than {_MOST_MINUTES:,} minutes with steps")
    notes = records.notes() + summaries.notes()
    notes += [f"{count} records {words}: left out" for words, count in left_out.items() if count]
    return _extract(counted, long, notes, context)


def _records(export: Export) -> Iterator[tuple[str, date | None, dict[str, Any]]]:
    for n, element in enumerate(elements(export), start=1):
        place = f"day {n}"
        if not isinstance(element, dict):
            raise bad("something else", place, "an object of a day")
        if "sportDataUserData" not in element:
            raise bad("nothing", f"{place}, field sportDataUserData", "the records of the day")
        day = whole(element, "recordDay", place, 19_900_101, 21_000_101)
        try:
            told = None if day is None else date(day // 10_000, day // 100 % 100, day % 100)
        except ValueError:
            raise bad("no date", f"{place}, field recordDay", "a date like 20260309") from None
        for m, record in enumerate(members(element, "sportDataUserData", place), start=1):
            yield f"{place}, record {m}", told, record


def _steps(record: dict[str, Any], place: str) -> int | None:
    """The steps of the one summary of the minute; None where none is told. Raises Rejected."""
    summaries = members(record, "sportBasicInfos", place)
    if len(summaries) > 1:
        raise bad(f"{len(summaries)} summaries", f"{place}, field sportBasicInfos", "one")
    return whole(summaries[0], "steps", place, 0, MOST_STEPS) if summaries else None


def _offset(record: dict[str, Any], place: str) -> timedelta | None:
    told = record.get("timeZone")
    offset = parse_offset(told) if isinstance(told, str) else None
    if told not in (None, "") and offset is None:
        raise bad("something else", f"{place}, field timeZone", "an offset like +0800")
    return offset


def _device(record: dict[str, Any], place: str) -> int | str | None:
    told = record.get("deviceCode")
    if told is not None and (isinstance(told, bool) or not isinstance(told, int | str)):
        raise bad("something else", f"{place}, field deviceCode", "a number")
    return told


def _extract(
    counted: dict[tuple[Any, datetime], tuple[int, timedelta | None]],
    long: list[tuple[Any, datetime, timedelta, int, timedelta | None]],
    notes: list[str],
    context: Context,
) -> Extract:
    codes = {code for code, *_ in (*counted, *long)}
    devices = {code: None if code is None else context.pseudonym("huawei", str(code)) for code in codes}
    rows = pl.DataFrame(
        {
            "device": pl.Series([devices[code] for code, _ in counted], dtype=pl.String),
            "start_time": pl.Series([start for _, start in counted], dtype=MINUTES["start_time"]),
            "offset": pl.Series([offset for _, offset in counted.values()], dtype=pl.Duration("ms")),
            "value": pl.Series([steps for steps, _ in counted.values()], dtype=pl.Int32),
        }
    ).sort("device", "start_time", nulls_last=True)
    dates, tz_source = local_dates(rows["start_time"], rows["offset"], context.zones)
    rows = rows.with_columns(metric=pl.lit("steps", dtype=MINUTES["metric"]), local_date=dates)
    longer = pl.DataFrame([(devices[code], *rest) for code, *rest in long], _LONGER, orient="row")
    laid, beside = longer_rows(longer, rows, context.zones)
    if beside:
        notes.append(f"{beside} records of more than a minute, on days of which there are minutes: left out")
    rows = pl.concat([rows, laid.select(rows.columns)]).with_columns(source=pl.lit("huawei"))
    days = rows.group_by("local_date", "device").agg(pl.col("value").cast(pl.Int64).sum().alias("steps"), pl.len())
    best = days.sort("steps", "len", "device", descending=True).unique("local_date", keep="first", maintain_order=True)
    if others := days.height - best.height:
        notes.append(f"{others} days of a second device, which saw the same walks: left out")
    rows = rows.join(best, on=["local_date", "device"], how="semi", nulls_equal=True, maintain_order="left")
    rows = rows.select(pl.col(name).cast(kind) for name, kind in MINUTES.items())
    return Extract(minutes=rows, tz_source=tz_source, notes=notes)


def companion(export: Export) -> str | None:
    """Why a file of a Huawei Health export holds nothing for us; None where that cannot be said."""
    parts = [part.casefold() for part in PurePosixPath(export.name).parts[:-1]]
    if any(part.startswith("motion path detail data") for part in parts):
        return "tracks: positions are never read"
    if any(part.startswith("sport per minute merged data") for part in parts):
        return None if begins_like_json(export) else "a description of the data"
    described = any("& description" in part for part in parts)
    return "a family of Huawei Health that is not needed here" if described else None
