"""Zepp, Amazfit, Zepp Life (Mi Fit): the CSV files of an account export.

What it is called: a .zip `<account>_<time>/` that a password opens (it came by the same mail; unpack it, or `nightly
--zip-password`). Read are `ACTIVITY/*.csv` (days), `ACTIVITY_MINUTE/*.csv` (minutes), `SPORT/*.csv` (sessions) and
`HEARTRATE_AUTO/*.csv` (only that a pulse was felt, never how fast). Files with nothing but a header are common. Old Mi
Fit has `lastSyncTime` behind the date; its files are known by their columns where somebody took the number off.

Where to find it: the Zepp app, Profile, Settings, Account, Exercising user rights (or About, Privacy), Export data.

What it cannot tell: moderate and vigorous minutes; which device counted; pauses inside a session; where the person was
(minutes are local and without a zone: the participant's zones are used; sessions are in UTC). `runDistance` is no
session. Minutes of sleep were seen a day late in one export; minutes of steps are believed here, so compare a day of
them with the day's total once.

How sure: B, from parsers and fixtures that follow real exports. Sport codes 1, 6, 8, 9 and 10 are agreed upon; of all
others the meaning is not sure: they become `other`, with the code.
"""

from __future__ import annotations

import re
from datetime import timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, day, header, instant, integer, number, read
from connectors.kit.dates import has_dotted_times
from connectors.kit.export import Export
from connectors.kit.families import has
from connectors.kit.grid import spread_coarse_rows
from connectors.kit.metrics import by_method
from connectors.kit.offsets import wall_to_utc
from connectors.kit.rows import minutes, totals
from connectors.kit.sessions import Sessions
from models.activity import MOST_SESSIONS, MOST_STEPS, Extract

VERSION = 3
EXPORT = "archive"
LOOKS_FOR = (
    "sporttime(s)", "starttime", "date", "steps", "time", "/activity", "/sleep", "/heartrate", "/body", "/user",
    "/health", "lastsynctime", "deepsleeptime", "stop", "fatrate", "birthday",
)  # fmt: skip
SOURCES = {"zepp": "wrist"}
METRICS = by_method(device="steps", cadence="walking brisk moderate vigorous", session="workout")

_UNUSED_SPORT = ("maxpace(/meter)", "minpace(/meter)", "distance(m)", "avgpace(/meter)", "calories(kcal)")
_SPORT = ("type", "starttime", "sporttime(s)", *_UNUSED_SPORT)
_DAY = ("date", "steps", "distance", "rundistance", "calories")


def identify(export: Export) -> bool:
    """Whether the header is that of days, minutes, sessions or heart rate, if need be with one column renamed."""
    return _family(export) is not None


def _family(export: Export) -> str | None:
    columns = header(export)
    folder = export.name.casefold()
    if has(columns, _SPORT[:3]) or (has(columns, _SPORT, renamed=1) and {"sporttime(s)", "starttime"} & set(columns)):
        return "sport"
    days = re.match(r"activity_\d", export.basename.casefold()) or "rundistance" in columns
    if has(columns, _DAY, renamed=1) and days:
        return "day"
    named = re.search(r"activity_minute|heartrate_auto", folder)
    for family, last in (("steps", "steps"), ("heart_rate", "heartrate")):
        here = named is not None and (named[0] == "activity_minute") == (family == "steps")
        if has(columns, ("date", "time", last), renamed=int(here)) and (here or len(columns) == 3):
            return None if has_dotted_times(export) else family
    return None


def extract(export: Export, context: Context) -> Extract:
    """Days, minutes or sessions of one file. Raises Rejected."""
    family = _family(export)
    if family == "day":
        return _days(export, context)
    return _sessions(export, context) if family == "sport" else _minutes(export, context, str(family))


def _days(export: Export, context: Context) -> Extract:
    columns = {"date": day(context.today), "steps": integer(0, MOST_STEPS, empty=True)}
    frame, notes = read(export, Layout(columns, {}, ("lastsynctime", "distance", "rundistance", "calories")))
    days = frame.drop_nulls("steps").group_by(local_date="date").agg(pl.col("steps").max())  # a day synced twice grows
    return Extract(daily_totals=totals(days, "zepp"), tz_source=context.zones.source, notes=notes)


def _clock_times(cells: pl.Series) -> pl.Series:
    return (
        cells.str.replace(r"^(\d):", "0${1}:")
        .str.replace(r"^(\d\d:\d\d):00$", "${1}")
        .str.to_time("%H:%M", strict=False)
    )


def _minutes(export: Export, context: Context, family: str) -> Extract:
    column = "steps" if family == "steps" else "heartRate"
    columns = {"date": day(context.today), "time": Cell("a time of day like 09:30", pl.Time(), _clock_times)}
    most = MOST_STEPS if family == "steps" else 1000
    frame, notes = read(export, Layout(columns | {column: integer(0, most, empty=True)}))
    frame = frame.drop_nulls(column)
    instants, remarks = wall_to_utc(frame.select(t=pl.col("date").dt.combine(pl.col("time")))["t"], context.zones)
    value = pl.col(column) if family == "steps" else (pl.col(column) > 0).cast(pl.Int32)
    rows = frame.with_columns(start_time=instants).group_by("start_time").agg(value=value.max()).sort("start_time")
    rows = rows if family == "steps" else rows.filter(pl.col("value") > 0)
    rows = minutes(rows, context.zones, source="zepp", metric=family)
    rows = spread_coarse_rows(rows, notes) if family == "steps" else rows
    return Extract(minutes=rows, tz_source=context.zones.source, notes=notes + remarks)


def _sessions(export: Export, context: Context) -> Extract:
    """-1 stands for what is missing. A session without its length is none."""
    columns = {"type": integer(0, 10**6), "startTime": instant(context.today), "sportTime(s)": number(-1, 7 * 86_400)}
    frame, notes = read(export, Layout(columns, {}, _UNUSED_SPORT, most_rows=MOST_SESSIONS))
    if endless := frame.filter(pl.col("sportTime(s)") < 0).height:
        notes.append(f"{endless} sessions that do not tell how long they were: left out")
    frame = frame.filter(pl.col("sportTime(s)") >= 0)
    sessions = Sessions(context, "zepp")
    for kind, start, seconds in frame.select("type", "startTime", "sportTime(s)").unique(maintain_order=True).rows():
        end = start + timedelta(seconds=seconds)
        sessions.add("sport", start, end, name=str(kind))
    return sessions.extract(notes)


_OTHERS = {  # families that are not read, by the columns that none but they have
    "activity_stage": ("date", "start", "stop", "distance", "calories", "steps"),
    "sleep": ("date", "deepsleeptime", "shallowsleeptime"),
    "heartrate": ("date", "lastsynctime", "heartrate"),
    "body": ("weight", "bmi", "fatrate"),
    "user": ("userid", "nickname", "avatar", "birthday"),
    "sleep_minute": None,
    "health_data": None,
}


def companion(export: Export) -> str | None:
    """Why a file of such an export holds nothing for us; None where that is not known."""
    found = re.fullmatch(r"([a-z_]+)_\d{10,}.*\.csv", export.basename.casefold())
    columns = header(export)
    known = any(telling and has(columns, telling) for telling in _OTHERS.values())
    if known or (found and found[1] in _OTHERS):
        return "a family of the Zepp export that is not needed here"
    return None
