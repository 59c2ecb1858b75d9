"""Peloton: the list of workouts.

What it is called: `<name>_workouts.csv`. Where to find it: onepeloton.com, Profile, Workouts, Download Workouts.

What it cannot tell: steps, moderate and vigorous minutes, what was done without the app; how long somebody really took
part: `Length` is that of the class. Rows of no minutes are classes that were left at once. Times are those on the wall,
with an abbreviation like (PDT) that names no zone for sure, or with a distance from UTC like (-04): only the latter is
used. Titles are read for one word (Pilates is filed under Strength or Yoga), names of instructors never.
"""

from __future__ import annotations

from datetime import UTC, timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, header, integer, read, text
from connectors.kit.export import Export
from connectors.kit.families import has
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.offsets import parse_offset, wall_to_utc
from connectors.kit.sessions import Sessions
from models.activity import MOST_SESSIONS, Extract

VERSION = 1
EXPORT = "history"
LOOKS_FOR = ("workout timestamp", "fitness discipline")
SOURCES = {"peloton": "unknown"}
METRICS = by_method(session=f"walking exercise movement {SPORT}")

_START, _MINUTES, _KIND, _TITLE = "Workout Timestamp", "Length (minutes)", "Fitness Discipline", "Title"
_IGNORED = (
    "live/on-demand", "instructor name", "type", "class timestamp", "total output", "avg. *", "distance (*)",
    "calories burned",
)  # fmt: skip


def identify(export: Export) -> bool:
    """Whether it has the columns that only this list has, if need be but for one."""
    return has(header(export), (_START, _MINUTES, _KIND), renamed=1)


def extract(export: Export, context: Context) -> Extract:
    """One session a workout. Raises Rejected."""
    layout = Layout({_START: _STAMP, _MINUTES: integer(0, 1440), _KIND: text(), _TITLE: text()}, {}, _IGNORED,
                    most_rows=MOST_SESSIONS)  # fmt: skip
    frame, notes = read(export, layout)
    stamps = frame[_START].str
    local = stamps.slice(0, 16).str.to_datetime("%Y-%m-%d %H:%M", time_unit="ms")
    instants, remarks = wall_to_utc(local, context.zones)
    sessions = Sessions(context, "peloton", what="a workout", start=f"column {_START}")
    zones = stamps.extract(r"\((.*)\)$")
    for row, wall, instant, zone in zip(frame.iter_rows(named=True), local, instants, zones, strict=True):
        if not row[_MINUTES]:
            continue
        offset = parse_offset(f"{zone}:00" if zone and zone[-3:-2] in "+-" else zone)
        start = instant if offset is None else wall.replace(tzinfo=UTC) - offset
        name = "Pilates" if "pilates" in (row[_TITLE] or "").casefold() else row[_KIND] or ""
        end = start + timedelta(minutes=row[_MINUTES])
        sessions.add(f"line {row['line']}", start, end, name=name, offset=offset, key=(start, name, row[_MINUTES]))
    return sessions.extract([*notes, *remarks])


def _stamps(cells: pl.Series) -> pl.Series:
    local = cells.str.extract(r"^(\d{4}-\d\d-\d\d \d\d:\d\d)(?: \([^()]*\))?$")
    return cells.zip_with(
        local.str.to_datetime("%Y-%m-%d %H:%M", strict=False).is_not_null(), pl.Series([None], dtype=pl.String)
    )


_STAMP = Cell("a time like 2026-03-09 07:30 (EDT)", pl.String(), _stamps)
