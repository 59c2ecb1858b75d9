"""The diary: a list of what people do without a watch. `date,activity,minutes[,start_time]`, one entry a line.

What it is called: `diary.csv`, `diary_march.csv`, any name: a sheet the person (or the clinic, on the phone) fills in
and saves as it likes: CSV or a workbook (.xlsx). `activity` is a word of the activity list or `none`: "I kept the log
this week and have nothing to enter". Dates are 2026-03-09, or any form that means one day alone (else `dates` of
study.toml says what comes first); minutes may have decimals; `start_time` is the clock on the wall (18:30, 6:30 PM).

Where to find it: the clinic hands it out.

What it cannot tell: anything nobody wrote down. An entry without a start time has no place in the day, so it adds
minutes to its activity and cannot be laid over what a watch saw. Any further column (notes) is never read.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Layout, day, fault, read, text, wrong_cell
from connectors.kit.export import Export
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.sheet import columns, table
from models.activity import ATTESTATIONS, MOST_SESSIONS, SESSIONS, Extract, session_row
from models.fault import Impossible, Rejected
from models.set_aside import one_record
from models.study.workbook import looks_like_one
from models.study.written import apart, clock, dates, either, has_short_year, numbers
from models.taxonomy import ACTIVITIES

VERSION = 2
EXPORT = "selection"  # what a diary replaces is a rule of its own: day/100_label.sql
READS_DATES = True
LOOKS_FOR = ("date", "activity", "minutes", "workbook", "^sep")
SOURCES = {"diary": "self_report"}
METRICS = by_method(diary=f"walking {SPORT} massage")
_REMEDY = "correct the line and put the diary in the inbox again"
_DAY = timedelta(days=1)  # all entries of a date together (R7.5)
_COLUMNS = {"date", "activity", "minutes"}


def identify(export: Export) -> bool:
    """Whether it has the diary's three columns, or, where it is called a diary, two of them or a damaged workbook."""
    found, is_called_one = columns(export), export.basename.casefold().startswith("diary")
    present = _COLUMNS & set(found)
    is_workbook = looks_like_one(export.head) and b"word/" not in export.head  # a Word document begins alike
    return present == _COLUMNS or (is_called_one and (len(present) == 2 or (not found and is_workbook)))


def extract(export: Export, context: Context) -> Extract:
    """Entries as self-reported sessions, `none` as an attestation. Raises Rejected."""
    date_cell = replace(day(context.today), parse=lambda cells: _dates(cells, context.dates))
    layout = Layout(
        {"date": date_cell, "activity": text(), "minutes": text()}, {"start_time": text()}, remedy=_REMEDY,
        most_rows=MOST_SESSIONS,
    )  # fmt: skip
    try:
        frame, notes = read(table(export), layout)
    except Rejected as why:
        raise _date_in_words(why, context.dates) from None
    entries = []
    for entry in frame.iter_rows(named=True):
        with one_record(entry["date"]):
            entry["activity"] = _activity(entry)
            entry["timer"] = _minutes(entry)
            entry["start"] = _start(entry)
            entries.append(entry)
    placed = [entry for entry in entries if entry["start"]]
    for entry, (instant, flag) in zip(placed, context.zones.to_utc(e["start"] for e in placed), strict=True):
        entry["start"] = instant
        if flag:
            notes.append(f"line {entry['line']}: {_FLAGS[flag]}")
    rows = []
    seen = set()
    of_date: dict[date, timedelta] = {}
    for entry in entries:
        what = (entry["activity"], entry["start"], entry["timer"])
        if entry["activity"] == "none" or (entry["start"] and what in seen):  # the same start twice: written twice
            continue
        seen.add(what)
        of_date[entry["date"]] = of_date.get(entry["date"], timedelta(0)) + entry["timer"]
        if of_date[entry["date"]] > _DAY:
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


def _dates(cells: pl.Series, order: str) -> pl.Series:
    """Each date that means one day alone; a time of day beside it can only be midnight."""
    found = [apart(cell) if cell else ("", "") for cell in cells]
    meant = [dates(day, order) if time_of_day in ("", "00:00:00") else () for day, time_of_day in found]
    return pl.Series([days[0] if len(days) == 1 else None for days in meant], dtype=pl.Date)


def _date_in_words(rejected: Rejected, order: str) -> Rejected:
    """The rejection of a date, where more is known of it: what it can mean, and how to write which."""
    why = rejected.fault
    if not why.place.endswith("column date") or why.words is None:
        return rejected
    written, _ = apart(why.words)
    if has_short_year(written):
        return Rejected(why.place, "a year of two figures", why.expected, why.remedy, why.words)
    meant = dates(written, order)
    if len(meant) < 2:
        return rejected
    remedy = 'write it as 2026-03-09, or set dates = "month_first" or "day_first" in study.toml'
    return Rejected(
        why.place, "a date that can mean two days", why.expected, remedy, words=f"{written}: {either(meant)}"
    )


def _activity(entry: dict) -> str:
    word = re.sub(r"[\s-]+", "_", (entry["activity"] or "").casefold())
    if word in ACTIVITIES or word == "none":
        return word
    near = difflib.get_close_matches(word, ACTIVITIES, 1)
    found = f"a word not in the list (close to '{near[0]}')" if near else "a word not in the list"
    raise _impossible(fault(entry["line"], "activity", found, f"none, {', '.join(ACTIVITIES)}", _REMEDY))


def _minutes(entry: dict) -> timedelta:
    cell = entry["minutes"] or ""
    meant = numbers(cell.removeprefix("-").removeprefix("+"))
    if len(meant) > 1:
        found, expected = "a number that can mean two things", "a number of minutes without a thousands mark"
        raise fault(entry["line"], "minutes", found, expected, _REMEDY, words=f"{cell}: {either(meant)}")
    if cell and not meant:
        raise _impossible(fault(entry["line"], "minutes", "text", "a number of minutes", _REMEDY))
    minutes = (-meant[0] if cell.startswith("-") else meant[0]) if meant else None
    if entry["activity"] == "none":
        if minutes:
            what, expected = "minutes of nothing", "0 or nothing beside 'none'"
            raise _impossible(fault(entry["line"], "minutes", what, expected, _REMEDY))
        return timedelta(0)
    if minutes is None or not 0 < minutes <= 1440:
        raise _impossible(wrong_cell(entry["line"], "minutes", cell or None, "more than 0, at most 1440", _REMEDY))
    return timedelta(milliseconds=round(minutes * 60_000))


def _impossible(rejected: Rejected) -> Impossible:
    """Each row of a diary stands by itself: one that is wrong is no reason to leave the others out (R7.2)."""
    why = rejected.fault
    return Impossible(why.place, why.found, why.expected, why.remedy, why.words)


def _start(entry: dict) -> datetime | None:
    if not entry["start_time"]:
        return None
    try:
        at = time.fromisoformat(clock(entry["start_time"]))
    except ValueError:
        at = None
    if at is None or at.tzinfo or entry["activity"] == "none":
        expected = "a time of day like 18:30, or nothing"
        raise _impossible(wrong_cell(entry["line"], "start_time", entry["start_time"], expected, _REMEDY))
    return datetime.combine(entry["date"], at)


def _session(entry: dict, context: Context) -> dict:
    timer = entry["timer"]
    named = {"source": "diary", "device": None, "activity": entry["activity"], "vendor_activity": None}
    if entry["start"] is not None:
        start = entry["start"]
        return session_row(context.zones, **named, start=start, end=start + timer, modality="self_reported")
    return named | {
        "start_time": None,
        "end_time": None,
        "local_date": entry["date"],
        "timer_ms": timer // timedelta(milliseconds=1),
        "steps": None,
        "modality": "self_reported",
        "local_start_minute": None,
        "local_end_date": None,
        "parts": [],
    }
