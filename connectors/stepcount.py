"""stepcount (Oxford Wearables): the steps that this program counts in the recording of a study-issued wrist sensor.

What it is called: `<subject>-Minutely.csv.gz` (steps of each minute), `<subject>-Daily.csv.gz` (steps and minutes of
walking of each date).

Where to find it: in the folder that `stepcount <recording> -o` wrote for each recording.

Cannot tell: moderate and vigorous minutes; sessions; the zone. Its clock is that of the sensor, set once at the start,
and knows no change of clocks: every minute lies at the first plus their distance. Nothing in a cell is not worn. In the
files called `...Adjusted` such time is filled in from other days: they are refused, for only what was seen counts.
The first and last date of a Daily are lower bounds unless it says itself how long the sensor was worn; a date on which
that was less than ten hours is left out, the minutes tell it. Known from the program and its glossary (grade B).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, day, fault, header, number, read, text
from connectors.kit.export import Export
from connectors.kit.families import Families, family_of
from connectors.kit.metrics import by_method
from connectors.kit.rows import minutes, totals
from models.activity import DAY_MS, EARLIEST, MOST_STEPS, Extract
from models.fault import Rejected

VERSION = 1
EXPORT = "report"
LOOKS_FOR = ("enmo(mg)", "walk(mins)", "filename", "/info", "/bouts", "/hourly", "/steptimes", "/steps")
SOURCES = {"stepcount": "study"}
METRICS = by_method(device="steps walking", cadence="brisk")

_FAMILIES: Families = {
    "days": (("Filename", "Date", "Walk(mins)", "Steps"), ".*daily"),
    "minutes": (("Filename", "Time", "Steps", "ENMO(mg)"), ".*minutely"),
}
_IGNORED = ("enmo*", "steps*at", "cadence*", "filename")
_WORN_HOURS = 10  # of R4.5
_REMEDY = "hand over what stepcount wrote for one recording: ...-Minutely.csv.gz and ...-Daily.csv.gz"


def identify(export: Export) -> bool:
    """Whether it has the columns of days or minutes, if need be but for one."""
    return _family(export) is not None and not _is_hourly(export)


def _family(export: Export) -> str | None:
    return family_of(header(export), export.basename, _FAMILIES)


def _is_hourly(export: Export) -> bool:
    return "hourly" in export.basename.casefold() and "adjusted" not in export.basename.casefold()


def companion(export: Export) -> str | None:
    """Why what else lies in the folder of a recording holds nothing for us."""
    name = export.basename.casefold()
    if re.search(r"-info\.json$", name) and b'"Filename"' in export.head and b"(mins)" in export.head:
        return "what stepcount says of a recording: its steps are in the Minutely and Daily files"
    are_windows = name.endswith("-steps.csv") and header(export) in (["time", "steps"], ["filename", "time", "steps"])
    if are_windows or re.search(r"-(bouts|steptimes)\.csv$", name) or (_is_hourly(export) and _family(export)):
        return "stepcount's bouts, hours and windows: the same steps are in the Minutely and Daily files"
    return None


def extract(export: Export, context: Context) -> Extract:
    """Steps of minutes, or steps and walking of dates, as far as the sensor was worn. Raises Rejected."""
    if "adjusted" in export.basename.casefold():
        remedy = "hand over the file of the same name without Adjusted"
        raise Rejected("whole file", "time that was not worn, filled in from other days", "what was seen", remedy)
    return _days(export, context) if _family(export) == "days" else _minutes(export, context)


def _rows(export: Export, needed: dict[str, Cell], optional: dict[str, Cell]) -> tuple[pl.DataFrame, list[str]]:
    """The rows of one recording. Raises Rejected."""
    frame, notes = read(export, Layout(needed | {"Filename": text()}, optional, _IGNORED, _REMEDY))
    if frame["Filename"].n_unique() > 1:
        found = "several recordings in one file, as stepcount-collate-outputs puts them together"
        raise Rejected("column Filename", found, "one recording", _REMEDY)
    return frame.unique(pl.exclude("line"), maintain_order=True), notes


def _days(export: Export, context: Context) -> Extract:
    """Steps and walking of the dates on which the sensor was worn, as far as the file tells."""
    needed = {"Date": day(context.today), "Walk(mins)": number(0, DAY_MS / 60_000, empty=True)}
    optional = {"WearTime(hours)": number(0, 25, empty=True)}
    frame, notes = _rows(export, needed | {"Steps": number(0, MOST_STEPS, empty=True)}, optional)
    if (twice := frame.filter(pl.col("Date").is_duplicated())).height:
        raise fault(int(twice["line"][1]), "Date", "a second row of that date", "one row a date", _REMEDY)
    worn = frame.filter(pl.col("Steps").is_not_null())
    enough = worn.filter((pl.col("WearTime(hours)") >= _WORN_HOURS).fill_null(True))
    if enough.height < worn.height:
        notes.append(f"{worn.height - enough.height} days worn less than ten hours: left out, the minutes tell them")
    is_known = not enough["WearTime(hours)"].null_count()
    walking = (pl.col("Walk(mins)") * 60_000).round()
    rows = totals(enough.select(local_date="Date", steps=pl.col("Steps").round(), walking_ms=walking), "stepcount")
    return Extract(daily_totals=rows, tz_source=context.zones.source, notes=notes, days_are_over=is_known)


def _minutes(export: Export, context: Context) -> Extract:
    """Steps of the minutes in which the sensor was worn."""
    latest = datetime.combine(context.today, datetime.min.time()) + timedelta(days=2)
    expected = "a time from 1990 to tomorrow like 2026-03-09 07:30:00"
    time = Cell(expected, pl.Datetime("ms"), _times, EARLIEST.replace(tzinfo=None), latest)
    frame, notes = _rows(export, {"Time": time, "Steps": number(0, MOST_STEPS, empty=True)}, {})
    if (twice := frame.filter(pl.col("Time").is_duplicated())).height:
        raise fault(int(twice["line"][1]), "Time", "a second row of that time", "one row a minute", _REMEDY)
    frame = frame.sort("Time")
    distances = frame["Time"].diff().drop_nulls().dt.total_seconds()
    if (frame["Time"].dt.second() != 0).any() or (distances.len() and distances.min() != 60):
        raise Rejected("column Time", "rows that are no minutes", "one row a minute, on the minute", _REMEDY)
    origin = frame["Time"].head(1).to_list()
    offset = context.zones.to_utc(origin)[0][0] - origin[0].replace(tzinfo=UTC) if origin else timedelta(0)
    utc = (pl.col("Time").dt.replace_time_zone("UTC") + offset).dt.cast_time_unit("ms")
    worn = frame.filter(pl.col("Steps").is_not_null()).select(start_time=utc, value=pl.col("Steps").round())
    rows = minutes(worn, context.zones, source="stepcount", metric="steps")
    return Extract(minutes=rows, tz_source=context.zones.source, notes=notes)


def _times(cells: pl.Series) -> pl.Series:
    return cells.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ms", strict=False)
