"""The diary: what people do without a watch. `date,activity,minutes[,start_time]`, one entry a line.

What it is called: `diary.csv`, `diary_march.csv`, any name: a sheet the person (or the clinic, on the phone) fills in
and saves as CSV UTF-8. `activity` is a word of the activity list or `none`: "I kept the log this week and have nothing
to enter". Dates are 2026-03-09, minutes may have decimals, `start_time` is the clock on the wall (18:30).

Where to find it: the clinic hands it out.

What it cannot tell: anything nobody wrote down. An entry without a start time has no place in the day, so it adds
minutes to its activity and cannot be laid over what a watch saw. Any further column (notes) is never read.
"""

from __future__ import annotations

import difflib
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import polars as pl

from connectors import Context
from connectors._csv import Layout, day, fault, header, read, text, wrong_cell
from connectors._export import Export
from models.activity import ATTESTATIONS, MOST_SESSIONS, SESSIONS, Extract, session_row
from models.taxonomy import ACTIVITIES

VERSION = 1
EXPORT = "selection"  # what a diary replaces is a rule of its own: day/100_label.sql
SOURCES = {"diary": "self_report"}
METRICS = {
    "workout_minutes": "diary",
    "strength_minutes": "diary",
    "yoga_minutes": "diary",
    "dance_minutes": "diary",
    "massage_minutes": "diary",
}
_REMEDY = "correct the line and put the diary in the inbox again"
_DAY = timedelta(days=1)
_COLUMNS = {"date", "activity", "minutes"}


def identify(export: Export) -> bool:
    """Whether it has the diary's three columns, or, where it is called a diary, two of them."""
    present = _COLUMNS & set(header(export))
    return present == _COLUMNS or (len(present) == 2 and export.basename.casefold().startswith("diary"))


def extract(export: Export, context: Context) -> Extract:
    """Entries as self-reported sessions, `none` as an attestation. Raises Rejected."""
    columns = {"date": day(context.today), "activity": text(), "minutes": text()}
    layout = Layout(columns, {"start_time": text()}, remedy=_REMEDY, most_rows=MOST_SESSIONS)
    frame, notes = read(export, layout)
    entries = list(frame.iter_rows(named=True))
    for entry in entries:
        entry["activity"] = _activity(entry)
        entry["timer"] = _minutes(entry)
        entry["start"] = _start(entry)
    placed = [entry for entry in entries if entry["start"]]
    for entry, (instant, flag) in zip(placed, context.zones.to_utc(e["start"] for e in placed), strict=True):
        entry["start"] = instant
        if flag:
            notes.append(f"line {entry['line']}: {_FLAGS[flag]}")
    rows = []
    seen = set()
    whole: dict[date, timedelta] = {}
    for entry in entries:
        what = (entry["activity"], entry["start"], entry["timer"])
        if entry["activity"] == "none" or (entry["start"] and what in seen):  # the same start twice: written twice
            continue
        seen.add(what)
        whole[entry["date"]] = whole.get(entry["date"], timedelta(0)) + entry["timer"]
        if whole[entry["date"]] > _DAY:
            found = "entries of one date that up to here make more minutes than a day has"
            raise fault(entry["line"], "minutes", found, "at most 1440 on a date, all activities together", _REMEDY)
        rows.append(_session(entry, context))
    nothing = sorted({entry["date"] for entry in entries if entry["activity"] == "none"})
    return Extract(
        sessions=pl.DataFrame(rows, schema=SESSIONS),
        attestations=pl.DataFrame({"local_date": nothing}, schema=ATTESTATIONS),
        tz_source=context.zones.source,
        notes=notes,
    )


_FLAGS = {
    "nonexistent_local_time": "the clocks went forward over this start time; read as one hour later",
    "ambiguous_local_time": "this start time happened twice, the clocks going back; read by the order of the lines",
}


def _activity(entry: dict) -> str:
    word = re.sub(r"[\s-]+", "_", (entry["activity"] or "").casefold())
    if word in ACTIVITIES or word == "none":
        return word
    near = difflib.get_close_matches(word, ACTIVITIES, 1)
    found = f"a word not in the list (close to '{near[0]}')" if near else "a word not in the list"
    raise fault(entry["line"], "activity", found, f"none, {', '.join(ACTIVITIES)}", _REMEDY)


def _minutes(entry: dict) -> timedelta:
    cell = entry["minutes"] or ""
    if cell and not re.fullmatch(r"[+-]?\d{1,9}([.,]\d{0,9})?", cell, re.ASCII):
        raise fault(entry["line"], "minutes", "text", "a number of minutes", _REMEDY)
    minutes = Decimal(cell.replace(",", ".")) if cell else None
    if entry["activity"] == "none":
        if minutes:
            raise fault(entry["line"], "minutes", "minutes of nothing", "0 or nothing beside 'none'", _REMEDY)
        return timedelta(0)
    if minutes is None or not 0 < minutes <= 1440:
        raise wrong_cell(entry["line"], "minutes", entry["minutes"], "more than 0, at most 1440", _REMEDY)
    return timedelta(milliseconds=round(minutes * 60_000))


def _start(entry: dict) -> datetime | None:
    if not entry["start_time"]:
        return None
    found = re.fullmatch(r"(\d{1,2}):(\d\d)(?::(\d\d))?", entry["start_time"])
    try:
        at = time(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None
    except ValueError:
        at = None
    if at is None or entry["activity"] == "none":
        expected = "a time of day like 18:30, or nothing"
        raise wrong_cell(entry["line"], "start_time", entry["start_time"], expected, _REMEDY)
    return datetime.combine(entry["date"], at)


def _session(entry: dict, context: Context) -> dict:
    timer = entry["timer"]
    said = {"source": "diary", "device": None, "activity": entry["activity"], "vendor_activity": None}
    if entry["start"] is not None:
        start = entry["start"]
        return session_row(context.zones, **said, start=start, end=start + timer, modality="self_reported")
    return said | {
        "start_time": None,
        "end_time": None,
        "local_date": entry["date"],
        "timer_ms": timer // timedelta(milliseconds=1),
        "steps": None,
        "modality": "self_reported",
        "parts": [],
    }
