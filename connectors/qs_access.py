"""QS Access: an app that writes Apple Health's hourly or daily sums as a table.

Called: `Health Data.csv`, with `Start`, `Finish` and a column for each figure that was ticked.
Where: the app "QS Access" on the iPhone, tick Steps, one hour or one day, Create Table, share it.
Cannot tell: minutes, cadence, workouts, how vigorous a movement was; which device counted (HealthKit has merged them,
each step once). An hour without a step stands there as 0.0 whether the phone lay in a drawer or not, so 0 is no
evidence: a day of nothing but zeros is no row. Times are the phone's own, without a zone; only their date is used.

Known from real exports, hourly and daily. The first and the last day of an export need not be complete. Months are in
English whatever the phone's language; anything else is rejected.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from connectors import Context
from connectors.kit import apple
from connectors.kit.csv import Cell, Layout, fault, header, number, read
from connectors.kit.export import Export
from connectors.kit.metrics import by_method
from models.activity import EARLIEST, MOST_STEPS, Extract

VERSION = 1
EXPORT = "report"
LOOKS_FOR = ("start", "finish")
SOURCES = {"apple_health": "phone"}
METRICS = by_method(device="steps")
_STEPS = "Steps (count)"


def identify(export: Export) -> bool:
    """Whether it has Start, Finish and steps, or two of them and another of the app's figures."""
    columns = header(export)
    telling = {"start", "finish", _STEPS.casefold()} & set(columns)
    ours = {
        "active calories (kcal)",
        "distance (km)",
        "distance (mi)",
        "flights climbed (count)",
        "resting calories (kcal)",
    }
    return len(telling) == 3 or (len(telling) == 2 and len(columns) <= 40 and bool(ours & set(columns)))


def companion(export: Export) -> str | None:
    """Why a table without steps holds nothing for us."""
    columns = header(export)
    if columns[:2] == ["start", "finish"] and not any("step" in name for name in columns):
        return "a QS Access table without steps"
    return None


def extract(export: Export, context: Context) -> Extract:
    """Steps of each day. Raises Rejected."""
    needed = {"Start": _time(context), "Finish": _time(context), _STEPS: number(0, MOST_STEPS, empty=True)}
    frame, notes = read(export, Layout(needed, {}, ("* (*)",)))
    spans = (pl.col("Finish") - pl.col("Start")).dt.total_hours(fractional=True)
    for wrong, column, found, expected in (
        (
            ~spans.is_between(0, 25),
            "Finish",
            "another span than an hour or a day",
            "an hour or a day later",
        ),
        (
            pl.col("Start") < pl.col("Finish").shift(1),
            "Start",
            "a row that begins before the last one ended",
            "rows in order",
        ),
    ):
        if (rows := frame.filter(wrong)).height:
            raise fault(rows["line"][0], column, found, expected)
    over = frame.filter(pl.col("Start").dt.date() != (pl.col("Finish") - timedelta(milliseconds=1)).dt.date())
    if over.height:
        raise fault(over["line"][0], "Finish", "a row that runs into the next day", "hours or days from 00:00")
    days = frame.group_by(local_date=pl.col("Start").dt.date()).agg(steps=pl.col(_STEPS).sum().round())
    days = days.filter(pl.col("steps") > 0).sort("local_date")
    return Extract(
        daily_totals=apple.total_rows(days, source="apple_health"), tz_source=context.zones.source, notes=notes
    )


def _time(context: Context) -> Cell:
    def parse(cells: pl.Series) -> pl.Series:
        return cells.str.to_datetime("%d-%b-%Y %H:%M", time_unit="ms", strict=False)

    latest = pl.Series([context.today]).cast(pl.Datetime("ms"))[0] + timedelta(days=2)
    expected = "a time from 1990 to tomorrow like 20-Sep-2026 19:00"
    return Cell(expected, pl.Datetime("ms"), parse, EARLIEST.replace(tzinfo=None), latest)
