"""WHOOP: the workouts of an account export.

What it is called: `workouts.csv` in `my_whoop_data_<date>.zip`, beside `physiological_cycles.csv`, `sleeps.csv` and
`journal_entries.csv`.

Where to find it: the WHOOP app, More, App Settings, Data Export; a link comes by mail.

What it cannot tell: steps, walks that nobody recorded, moderate and vigorous minutes (heart-rate zones exist inside
workouts only and are not read). A cycle goes from sleep to sleep and is no calendar day; only its distance from UTC is
used, in which the times of the workout are told. `Activity` is a workout nobody named.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, fault, header, number, read, text
from connectors.kit.export import Export
from connectors.kit.offsets import parse_offset
from connectors.kit.words import activity_of
from models.activity import MOST_SESSIONS, SESSIONS, Extract, session_row
from models.aside import take

VERSION = 1
EXPORT = "history"
SOURCES = {"whoop": "wrist"}
METRICS = {
    "walking_minutes": "session",
    "workout_minutes": "session",
    "strength_minutes": "session",
    "yoga_minutes": "session",
    "dance_minutes": "session",
}

_NAME, _ZONE, _START, _END, _MINUTES = (
    "Activity name",
    "Cycle timezone",
    "Workout start time",
    "Workout end time",
    "Duration (min)",
)
_IGNORED = (
    "cycle start time", "cycle end time", "activity strain", "energy burned (cal)", "max hr (bpm)", "average hr (bpm)",
    "hr zone ? %", "gps enabled", "distance (meters)", "altitude gain (meters)", "altitude change (meters)",
)  # fmt: skip


def identify(export: Export) -> bool:
    """Whether it has the columns of workouts and no other WHOOP file's, if need be but for one."""
    needed = {name.casefold() for name in (_NAME, _ZONE, _START, _END, _MINUTES)}
    columns = set(header(export))
    return len(needed & columns) >= 4 and bool({_START.casefold(), _END.casefold()} & columns)


def extract(export: Export, context: Context) -> Extract:
    """One session a workout. Raises Rejected."""
    columns = {_ZONE: text(empty=False), _START: _LOCAL, _END: _LOCAL, _MINUTES: number(0, 7 * 1440, empty=True)}
    frame, notes = read(export, Layout(columns | {_NAME: text()}, {}, _IGNORED, most_rows=MOST_SESSIONS))
    rows = []
    tz_source = context.zones.source
    for row in frame.unique(columns.keys() | {_NAME}, keep="first", maintain_order=True).iter_rows(named=True):
        offset = parse_offset(row[_ZONE])
        if offset is None:
            raise fault(row["line"], _ZONE, "something else", "an offset like UTC-04:00")
        start, end = (_utc(row[column], offset) for column in (_START, _END))
        if not start <= end <= start + timedelta(days=7):
            take(fault(row["line"], _END, "an end before the start, or a week later", "a workout"), [start])
            continue
        if start.year < 1990 or start.date() > context.today + timedelta(days=1):
            take(fault(row["line"], _START, "a time outside 1990 to tomorrow", "a time that has been"), [start])
            continue
        clock = context.zones.trusting(offset, at=start)
        tz_source = clock.source if clock is not context.zones else tz_source
        name = row[_NAME] or ""
        timer = end - start if row[_MINUTES] is None else timedelta(minutes=row[_MINUTES])
        rows.append(
            session_row(
                clock,
                source="whoop",
                device=None,
                activity=activity_of("whoop", name),
                vendor_activity=name[:60] or None,
                start=start,
                end=end,
                timer=min(timer, end - start),
            )
        )
    return Extract(sessions=pl.DataFrame(rows, schema=SESSIONS), tz_source=tz_source, notes=notes)


def _utc(local: datetime, offset: timedelta) -> datetime:
    return local.replace(tzinfo=UTC) - offset


def _local_times(cells: pl.Series) -> pl.Series:
    return cells.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="ms", strict=False)


_LOCAL = Cell("a time like 2026-03-09 07:30:00", pl.Datetime("ms"), _local_times)


def companion(export: Export) -> str | None:
    """Why a file of a WHOOP export holds nothing for us; None where that cannot be said."""
    columns = set(header(export))
    if not {"cycle start time", "cycle timezone"} <= columns:
        return None
    if {"sleep onset", "wake onset"} & columns:
        return "cycles and sleep: no steps, minutes or sessions in them"
    return "answers to questions: free text is never read" if any("question" in name for name in columns) else None
