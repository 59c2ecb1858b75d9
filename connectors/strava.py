"""Strava: the list of activities of an account export.

What it is called: `activities.csv` in `export_<account>.zip`; ten columns until about 2019, 86 to 103 now, of which
some names stand twice (`Elapsed Time`, `Distance`). Header, dates and kinds of activity are in the language of the
account; English, German, French, Spanish and Portuguese are known. In any other the columns are found by their places,
which are the same in all languages; kinds of activity that are no words known here become `other`.

Where to find it: strava.com, Settings, My Account, Download or Delete Your Account, Request Your Archive.

What it cannot tell: steps of days, moderate and vigorous minutes, walks that nobody recorded; which device recorded;
where the person was (times are UTC). The files in `activities/` repeat the list, and count where the list is missing
(R5.10). The minutes of an activity are its timer time where that is known, else the time in motion, else the full time.

A date written in figures and slashes is read only if some date in the file has a day beyond the twelfth; with points
the day comes first. Names, descriptions and notes are free text and never read.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, fault, header, number, read, text
from connectors.kit.dates import date_and_time, has_dotted_times, slashes_day_first
from connectors.kit.export import Export
from connectors.kit.header import reheaded, top_lines
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.sessions import Sessions
from connectors.kit.words import column_of, columns, listed
from models.activity import EARLIEST, MOST_SESSIONS, MOST_STEPS, Extract
from models.set_aside import set_aside

VERSION = 3
EXPORT = "selection"  # a list by sport is one, too
LOOKS_FOR = ("text", "/export")
SOURCES = {"strava": "unknown"}
METRICS = by_method(session=f"walking {SPORT}")

_PLACES = {
    **{0: "id", 1: "date", 2: "name", 3: "type", 4: "description", 5: "elapsed", 6: "distance", 9: "commute"},
    **{11: "gear", 12: "filename", 15: "elapsed", 16: "moving", 17: "distance"},
}
_OLD = ["id", "date", "name", "type", "description", "elapsed_time"]
_AGAIN = "ask Strava for the archive again"


def identify(export: Export) -> bool:
    """Whether it has the columns that only this list has: an activity's id, date, kind, name and elapsed time."""
    columns = header(export)
    if len(set(columns[:6]) & set(_OLD)) >= 5 and "commute" in columns:
        return True
    named = {column_of("strava").get(name) for name in columns}
    listed_so = len({"id", "date", "name", "type", "elapsed"} & named) >= 4 and not has_dotted_times(export)
    return listed_so or _is_foreign(export)


def _is_foreign(export: Export) -> bool:
    """Whether it is the list in a language that is not known: its two doubled columns are where they belong."""
    columns = header(export)
    if len(columns) < 18 or (columns[5], columns[6]) != (columns[15], columns[17]) or columns[5] == columns[6]:
        return False
    row = [*top_lines(export, 2), "", ""][1]
    named = {"id", "date", "type", "elapsed"} & {column_of("strava").get(name) for name in columns}
    return len(named) < 2 and (not row or re.match(r'"?\d+"?[,;]', row) is not None)


def _in_english(names: list[str]) -> list[str]:
    return [columns("strava")[_PLACES[n]][0] if n in _PLACES else name for n, name in enumerate(names)]


def extract(export: Export, context: Context) -> Extract:
    """One session an activity. Raises Rejected."""
    export = reheaded(export, _in_english) if _is_foreign(export) else export
    spelled = _spellings(header(export))
    table = reheaded(export, lambda names: _renamed(names, spelled))
    needed = {"date": text(empty=False), "type": text(), "elapsed": _SECONDS}
    more = {"id": text(), "elapsed 2": _PARTS, "moving": _PARTS, "timer": _PARTS, "filename": text()}
    more |= {"steps": number(0, MOST_STEPS, empty=True)}
    required, optional = ({spelled[name]: cell for name, cell in cells.items()} for cells in (needed, more))
    ignored = [f"{name}{n}" for name in (*listed("strava", "unused"), *spelled.values()) for n in ("", " [23]")]
    frame, notes = read(table, Layout(required, optional, tuple(ignored), most_rows=MOST_SESSIONS))
    frame = frame.rename({spelled[column]: column for column in needed | more})
    frame = _started(frame, context, spelled["date"])
    has_files = spelled["filename"].casefold() in header(export)
    sessions = Sessions(context, "strava")
    for row in frame.iter_rows(named=True):
        elapsed = timedelta(seconds=row["elapsed 2"] if row["elapsed 2"] is not None else row["elapsed"] or 0)
        timer = row["timer"] or row["moving"]
        name = row["type"] or ""
        sessions.add(
            f"line {row['line']}",
            row["start"],
            row["start"] + elapsed,
            name=name,
            timer=timedelta(seconds=timer) if timer else None,
            steps=round(row["steps"] or 0) or None,
            by_hand=has_files and not row["filename"],
            key=(row["id"], row["start"], row["type"], row["elapsed"]),
        )
    return sessions.extract(notes)


def _spellings(names: list[str]) -> dict[str, str]:
    """Our name of each column as this file spells it; in English where it has none."""
    is_old = len(set(names) & set(_OLD)) >= 4
    spelled = {
        column: next((name for name in spellings if is_old and name in _OLD), spellings[0])
        for column, spellings in columns("strava").items()
    }
    for column, spellings in columns("strava").items():
        spelled[column] = next((name for name in spellings if name.casefold() in names), spelled[column])
    return spelled | {"elapsed 2": spelled["elapsed"] + " 2"}


def _renamed(names: list[str], spelled: dict[str, str]) -> list[str]:
    """The second column of a name as "name 2": there the unit is plain."""
    counts: Counter[str] = Counter()
    renamed = []
    for name in names:
        column = spelled.get(column_of("strava").get(name.casefold(), ""), name)
        counts[column.casefold()] += 1
        n = counts[column.casefold()]
        renamed.append(column if n == 1 else f"{column} {n}")
    return renamed


def _started(frame: pl.DataFrame, context: Context, column: str) -> pl.DataFrame:
    """The rows with their `start` as UTC; those of a date that cannot be are set aside (models/set_aside.py).

    Raises Rejected for the first date that cannot be read.
    """
    cells = [re.sub(r"\s+", " ", cell) for cell in frame["date"].to_list()]  # also U+202F, before AM and PM
    day_first = slashes_day_first(cells, column, _AGAIN)
    latest = datetime(context.today.year, context.today.month, context.today.day, tzinfo=UTC) + timedelta(days=2)
    starts = []
    for line, cell in zip(frame["line"], cells, strict=True):
        try:
            start = date_and_time(cell, "strava", day_first)
        except ValueError:
            start = None
        expected = "a date and time from 1990 to tomorrow in a language that is known"
        why = fault(line, column, "something else", expected, _AGAIN)
        if start is None:
            raise why
        if not EARLIEST <= start < latest:
            set_aside(why, [start])
            start = None
        starts.append(start)
    return frame.with_columns(start=pl.Series(starts, dtype=pl.Datetime("us", "UTC"))).drop_nulls("start")


def _integer_seconds(cells: pl.Series) -> pl.Series:
    return cells.str.replace(r"[.,]0+$", "").cast(pl.Int64, strict=False)


def _seconds(cells: pl.Series) -> pl.Series:
    """With a decimal point, or the comma of the account's language; a week has no thousands to part."""
    return cells.str.replace(r"^(\d+),(\d+)$", "${1}.${2}").cast(pl.Float64, strict=False)


_PARTS = Cell("seconds from 0 to a week", pl.Float64(), _seconds, 0, 7 * 86_400, may_be_empty=True)
_SECONDS = Cell("whole seconds from 0 to a week", pl.Int64(), _integer_seconds, 0, 7 * 86_400, may_be_empty=True)


def companion(export: Export) -> str | None:
    """Why a file of a Strava export holds nothing for us; None where that is not known."""
    path = export.name.casefold()
    stem = re.fullmatch(r"(?:.*/)?export_\d+/(?:[a-z_]+/)?([a-z_]+)\.(?:csv|json|gpx)", path)
    return "account data of Strava" if stem and stem[1] in listed("strava", "account_files") else None
