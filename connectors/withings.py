"""Withings (Health Mate): the CSV files of "Download your data".

What it is called: a .zip `data_XXX_<time>/`. Read are `aggregates_steps.csv` (days), `raw_tracker_steps.csv` (minutes),
`raw_tracker_hr.csv` (only that a pulse was felt, never how fast) and `activities.csv` (sessions). Steps, distance and
calories have the same columns, so there the name of the file has to say which they are; activities are known by their
columns, of which the first two are in the language of the account.

Where to find it: the Withings app, Devices or Profile, Settings, Download my data; or account.withings.com.

What it cannot tell: moderate and vigorous minutes (they are not exported); which device counted; when inside an
activity its pauses were. Minutes are delivered more than once: each counts once, with its largest value. So the
vendor's figure of a day goes before the sum of its minutes. Pieces of another length are left to that figure; on days
without a minute they are steps without a cadence. "Multi Sport"
beside another activity of the very same times is that activity again and is left out. Positions are never read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN, Cell, Layout, day, fault, header, integer, read, text
from connectors.kit.export import Export
from connectors.kit.grid import Counted, Longer, of_records
from connectors.kit.header import reheaded
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import totals
from connectors.kit.sessions import Sessions
from connectors.kit.words import column_of
from models.activity import EARLIEST, MOST_SESSIONS, MOST_STEPS, Extract
from models.fault import Impossible
from models.set_aside import one_record, set_aside

VERSION = 4
EXPORT = "archive"
LOOKS_FOR = ("start", "duration", "date", "value", "timezone", "gps", "/data")
SOURCES = {"withings": "wrist"}
METRICS = by_method(device="steps", cadence="walking brisk moderate vigorous", session=SPORT)

_TELLING = {"timezone", "activity type", "data", "gps"}
_EARLY = timedelta(seconds=5)  # after a piece of 59 seconds the next one begins that much before its minute
_DAYS = {"date", "value"}
_RAW = {"start", "duration", "value"}


def identify(export: Export) -> bool:
    """Days and minutes by their columns and what their name says they count; activities by their columns."""
    columns = header(export)
    name = export.basename.casefold()
    if _raw_kind(name):
        return len(_RAW & set(columns)) >= 2
    if name.startswith("aggregates_steps"):
        return bool(_DAYS & set(columns))
    return len(_TELLING & set(columns)) >= 3


def _raw_kind(name: str) -> str | None:
    found = re.match(r"raw_(?:tracker|hr)_(steps|hr)\b", name.casefold())
    return found[1] if found else None


def extract(export: Export, context: Context) -> Extract:
    """Days, minutes or sessions of one file. Raises Rejected."""
    if _raw_kind(export.basename):
        return _minutes(export, context)
    days = export.basename.casefold().startswith("aggregates_steps")
    return _days(export, context) if days else _sessions(export, context)


def _days(export: Export, context: Context) -> Extract:
    layout = Layout({"date": day(context.today), "value": integer(0, MOST_STEPS, empty=True)})
    frame, notes = read(export, layout)
    days = frame.drop_nulls("value").unique(["date", "value"], keep="first", maintain_order=True)
    if (twice := days.filter(pl.col("date").is_duplicated())).height:
        raise fault(int(twice["line"][-1]), "date", "a second row of that date, with another value", "one row a day")
    days = totals(days.select(local_date="date", steps="value"), "withings")
    return Extract(daily_totals=days, tz_source=context.zones.source, notes=notes)


def _minutes(export: Export, context: Context) -> Extract:
    """Stretches of pieces of a minute (a few of 59 or 61 seconds), each with its local time and distance from UTC."""
    kind = _raw_kind(export.basename)
    columns = {
        "start": replace(_OFFSET_TIME, may_be_empty=False),
        "duration": text(empty=False),
        "value": text(empty=False),
    }
    frame, notes = read(export, Layout(columns))
    counted: Counted = {}
    longer: Longer = []
    for line, start, durations, values in frame.select("line", "start", "duration", "value").iter_rows():
        instant = datetime.fromisoformat(start)
        offset = instant.utcoffset() or timedelta(0)
        instant = instant.astimezone(UTC)
        if not _may_be(line, instant, context):
            continue
        pieces: list[tuple[int, int]] = []
        with one_record(instant):
            pieces = list(_pieces(line, durations, values))
        for seconds, value in pieces:
            if kind == "hr" or 55 <= seconds <= 65:
                key = None, (instant + _EARLY).replace(second=0, microsecond=0)
                count = int(value > 0) if kind == "hr" else value
                counted[key] = (max(count, counted.get(key, (0, offset))[0]), offset)
            elif 0 < seconds <= 86_400:
                longer.append((None, instant, timedelta(seconds=seconds), value, offset))
            instant += timedelta(seconds=seconds)
    rows, tz_source, left_out = of_records(
        counted, longer, context.zones, "withings", "heart_rate" if kind == "hr" else "steps"
    )
    if left_out:
        notes.append(f"{left_out} pieces that are not of one minute: they count in the days only")
    return Extract(minutes=rows.filter(pl.col("value") > 0) if kind == "hr" else rows, tz_source=tz_source, notes=notes)


def _may_be(line: int, instant: datetime, context: Context) -> bool:
    """Whether a time has been; where not, its row is set aside."""
    possible = instant >= EARLIEST and instant.date() <= context.today + timedelta(days=1)
    if not possible:
        set_aside(fault(line, "start", "a time outside 1990 to tomorrow", "a time that has been"), [instant])
    return possible


def _pieces(line: int, durations: str, values: str) -> Iterator[tuple[int, int]]:
    """Seconds and counts, side by side; one of each where the list has lost its brackets."""
    lists = []
    for column, cell, most in (("duration", durations, 7 * 86_400), ("value", values, MOST_STEPS)):
        numbers = re.sub(r"[\[\]\s]", "", cell).split(",")
        if not all(re.fullmatch(r"-?\d{1,20}(\.0+)?", n, re.ASCII) for n in numbers):
            raise fault(line, column, "something else", "whole numbers in brackets like [60,60]")
        if not all(0 <= float(n) <= most for n in numbers):
            raise Impossible(f"line {line}, column {column}", "another number", f"0 to {most}", AGAIN)
        lists.append([int(float(n)) for n in numbers])
    seconds, counts = lists
    if len(seconds) != len(counts):
        raise fault(line, "value", f"{len(counts)} values", f"{len(seconds)}, one for each duration")
    return zip(seconds, counts, strict=True)


def _sessions(export: Export, context: Context) -> Extract:
    table = reheaded(export, _translated)
    needed = {"from": _OFFSET_TIME, "to": _OFFSET_TIME, "Activity type": text(), "Data": text()}
    more = {"from (manual)": _OFFSET_TIME, "to (manual)": _OFFSET_TIME}
    frame, notes = read(table, Layout(needed, more, ("timezone", "gps", "modified"), most_rows=MOST_SESSIONS))
    rows = [(row, *_span(row), row["Activity type"] or "") for row in frame.iter_rows(named=True)]
    others = {(start, end) for _, start, end, name in rows if not _is_wrapper(name)}
    sessions = Sessions(context, "withings", what="an activity", start="column from", end="column to", last_counts=True)
    for row, start, end, name in rows:
        steps, pause = _data(row)
        if _is_wrapper(name) and (start, end) in others:
            continue
        if not (0 <= steps <= MOST_STEPS and 0 <= pause <= 7 * 86_400):
            why = fault(row["line"], "Data", "steps or a pause that cannot be", f"0 to {MOST_STEPS}")
            set_aside(why, [start.astimezone(UTC)])
            continue
        sessions.add(
            f"line {row['line']}",
            start.astimezone(UTC),
            end.astimezone(UTC),
            name=name,
            offset=start.utcoffset(),
            timer=end - start - timedelta(seconds=pause),
            steps=steps or None,
            by_hand=not row["from"],
            key=(start, end, name),
        )
    return sessions.extract(notes)


def _translated(names: list[str]) -> list[str]:
    """The two columns that are translated by their English names; all others are English in every account seen."""
    return [column_of("withings").get(name.casefold(), name) for name in names]


def _is_wrapper(name: str) -> bool:
    return name.casefold() in ("multi sport", "multi-sport")


def _span(row: dict[str, Any]) -> tuple[datetime, datetime]:
    """When an activity began and ended, each with its distance from UTC; typed in by hand in columns of their own."""
    begin, finish = (row[name] if row["from"] else row[f"{name} (manual)"] for name in ("from", "to"))
    if not begin or not finish:
        raise fault(row["line"], "to" if begin else "from", "nothing", "a time with its distance from UTC")
    return datetime.fromisoformat(begin), datetime.fromisoformat(finish)


def _data(row: dict[str, Any]) -> tuple[int, float]:
    """The steps of an activity, and the seconds of its pauses."""
    try:
        data = json.loads(row["Data"] or "{}")
        return int(data.get("steps") or 0), float(data.get("pause_duration") or 0)
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        raise fault(row["line"], "Data", "something else", "the JSON of an activity") from None


def _offset_times(cells: pl.Series) -> pl.Series:
    """Left as text, because each has its own distance from UTC; null where it is no such time."""
    form = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:\d\d)$"
    sound = (
        cells.str.contains(form)
        & cells.str.slice(0, 19).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="ms", strict=False).is_not_null()
    )
    near = cells.str.extract(r"[+-](\d\d):\d\d$").fill_null("00").cast(pl.Int32, strict=False) <= 14
    return cells.zip_with((sound & near).fill_null(False), pl.Series([None], dtype=pl.String))


_OFFSET_TIME = Cell("a time like 2026-03-09T07:30:00+01:00", pl.String(), _offset_times, may_be_empty=True)

_FAMILIES = {
    r"aggregates_(?!steps)": "days of a family not needed here",
    r"raw_": "raw values of a family not needed here",
    r"(sleep|weight|bp|height|spo2|temperature|signal|account|body|ecg|afib|pwv|vo2)": "health values or settings",
}


def companion(export: Export) -> str | None:
    """Why a file of a Withings export holds nothing for us; None where that is not known."""
    name = export.basename.casefold()
    in_folder = re.search(r"(^|/)data_[a-z0-9]{2,6}_\d{6,}", export.name.casefold())
    known = set(header(export)) in (_DAYS, _RAW) or in_folder
    if not known or PurePosixPath(name).suffix not in {".csv", ".txt"}:
        return None
    return next(
        (why for pattern, why in _FAMILIES.items() if re.match(pattern, name) and _raw_kind(name) is None), None
    )
