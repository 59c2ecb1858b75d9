"""WHOOP: the workouts of an account export.

What it is called: `workouts.csv` in `my_whoop_data_<date>.zip`, beside `physiological_cycles.csv`, `sleeps.csv` and
`journal_entries.csv`.

Where to find it: the WHOOP app, More, App Settings, Data Export; a link comes by mail.

What it cannot tell: steps, walks that nobody recorded, moderate and vigorous minutes (heart-rate zones exist inside
workouts only and are not read). A cycle goes from sleep to sleep and is no calendar day; only its distance from UTC is
used, in which the times of the workout are written. `Activity` is a workout nobody named.

`Duration (min)` is in full minutes, cut down: 30 for a workout from 23:50:00 to 00:20:30. It counts as it is: it is the
figure that the person sees in the app, and never more than there was. A note says that it was cut down; start and end,
which are exact, stand beside it in every row.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, fault, header, number, read, text
from connectors.kit.export import Export
from connectors.kit.families import has
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.offsets import parse_offset
from connectors.kit.sessions import Sessions
from models.activity import MOST_SESSIONS, Extract

VERSION = 3
EXPORT = "history"
LOOKS_FOR = ("workout start time", "workout end time", "cycle start time")
SOURCES = {"whoop": "wrist"}
METRICS = by_method(session=f"walking {SPORT}")

_NAME, _ZONE, _MINUTES = "Activity name", "Cycle timezone", "Duration (min)"
_START, _END = "Workout start time", "Workout end time"
_CUT_DOWN = (
    "minutes are full ones, cut down by WHOOP: a workout may be up to a minute longer, as its start and end tell"
)
_IGNORED = (
    "cycle start time", "cycle end time", "activity strain", "energy burned (cal)", "max hr (bpm)", "average hr (bpm)",
    "hr zone ? %", "gps enabled", "distance (meters)", "altitude gain (meters)", "altitude change (meters)",
)  # fmt: skip


def identify(export: Export) -> bool:
    """Whether it has the columns of workouts and no other WHOOP file's, if need be but for one."""
    columns = header(export)
    return has(columns, (_NAME, _ZONE, _START, _END, _MINUTES), renamed=1) and has(columns, (_START, _END), renamed=1)


def extract(export: Export, context: Context) -> Extract:
    """One session a workout. Raises Rejected."""
    columns = {_ZONE: text(empty=False), _START: _LOCAL, _END: _LOCAL, _MINUTES: number(0, 7 * 1440, empty=True)}
    frame, notes = read(export, Layout(columns | {_NAME: text()}, {}, _IGNORED, most_rows=MOST_SESSIONS))
    sessions = Sessions(context, "whoop", what="a workout", start=f"column {_START}", end=f"column {_END}")
    is_cut_down = False
    for row in frame.unique(columns.keys() | {_NAME}, keep="first", maintain_order=True).iter_rows(named=True):
        offset = parse_offset(row[_ZONE])
        if offset is None:
            raise fault(row["line"], _ZONE, "something else", "an offset like UTC-04:00")
        start, end = (_utc(row[column], offset) for column in (_START, _END))
        timer = None if row[_MINUTES] is None else timedelta(minutes=row[_MINUTES])
        is_cut_down |= timer is not None and timedelta(0) < end - start - timer < timedelta(minutes=1)
        sessions.add(
            f"line {row['line']}",
            start,
            end,
            name=row[_NAME] or "",
            offset=offset,
            timer=timer,
        )
    return sessions.extract([*notes, _CUT_DOWN] if is_cut_down else notes)


def _utc(local: datetime, offset: timedelta) -> datetime:
    return local.replace(tzinfo=UTC) - offset


def _local_times(cells: pl.Series) -> pl.Series:
    return cells.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="ms", strict=False)


_LOCAL = Cell("a time like 2026-03-09 07:30:00", pl.Datetime("ms"), _local_times)


def companion(export: Export) -> str | None:
    """Why a file of a WHOOP export holds nothing for us; None where that is not known."""
    columns = set(header(export))
    if not {"cycle start time", "cycle timezone"} <= columns:
        return None
    if {"sleep onset", "wake onset"} & columns:
        return "cycles and sleep: no steps, minutes or sessions in them"
    return "answers to questions: free text is never read" if any("question" in name for name in columns) else None
