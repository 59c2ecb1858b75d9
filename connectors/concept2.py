"""Concept2: the logbook of a rowing, ski or bike machine.

What it is called: `concept2-season-2027.csv`. Where to find it: log.concept2.com, History, a season, Download, CSV.

What it cannot tell: steps, walks, moderate and vigorous minutes. The minutes are those of work; with those of rest they
are the span. Times are those on the wall of the participant's zone; whether they are those of the beginning or of the
end is not written, they are taken for the beginning. Age, weight and comments are not read.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, header, number, read, text
from connectors.kit.export import Export
from connectors.kit.families import has
from connectors.kit.metrics import by_method
from connectors.kit.offsets import wall_to_utc
from connectors.kit.sessions import Sessions
from models.activity import MOST_SESSIONS, Extract

VERSION = 1
EXPORT = "report"
LOOKS_FOR = ("work time (seconds)", "rest time (seconds)", "work distance")
SOURCES = {"concept2": "unknown"}
METRICS = by_method(session="exercise movement workout")

_DATE, _WORK, _REST, _KIND = "Date", "Work Time (Seconds)", "Rest Time (Seconds)", "Type"
_IGNORED = (
    "id", "log id", "description", "work time (formatted)", "rest time (formatted)", "work distance", "rest distance",
    "stroke rate/cadence", "stroke count", "pace", "avg watts", "cal/hour", "total cal", "avg heart rate",
    "drag factor", "age", "weight", "ranked", "comments", "date entered",
)  # fmt: skip


def identify(export: Export) -> bool:
    """Whether it has the columns that only this logbook has, if need be but for one."""
    return has(header(export), (_WORK, _REST, "Work Distance", _KIND), renamed=1)


def extract(export: Export, context: Context) -> Extract:
    """One session a row. Raises Rejected."""
    week = 7 * 86_400
    cells = {_DATE: _TIME, _WORK: number(0, week), _REST: number(0, week, empty=True), _KIND: text()}
    layout = Layout(cells, {}, _IGNORED, most_rows=MOST_SESSIONS)
    frame, notes = read(export, layout)
    instants, remarks = wall_to_utc(frame[_DATE], context.zones)
    sessions = Sessions(context, "concept2", what="a workout", start=f"column {_DATE}")
    for row, start in zip(frame.iter_rows(named=True), instants, strict=True):
        work, rest = (timedelta(milliseconds=round((row[name] or 0) * 1000)) for name in (_WORK, _REST))
        name, end = row[_KIND] or "", start + work + rest
        sessions.add(f"line {row['line']}", start, end, name=name, timer=work, key=(start, name, work))
    return sessions.extract([*notes, *remarks])


def _times(cells: pl.Series) -> pl.Series:
    return cells.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ms", strict=False)


_TIME = Cell("a time like 2026-03-09 07:30:00", pl.Datetime("ms"), _times)
