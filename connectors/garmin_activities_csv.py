"""Garmin Connect: the list of activities as CSV.

What it is called: `Activities.csv`, `Activities (1).csv`. Its header is in the language of the account and depends on
the sport filter above the list. The languages in connectors/words (garmin.*.toml) are known; in any other the first
seven columns are found by their places, which are the same in all of them, steps and elapsed time are not read, and
kinds of activity that are no words known here become `other`.

Where to find it: connect.garmin.com, Activities, All Activities; scroll down until everything wanted is on the screen
(only that is exported), then Export CSV.

What it cannot tell: steps of days, moderate and vigorous minutes, walks that nobody recorded; when inside an activity
its pauses were; the unit of a distance, so none is read. Times are of the place where the activity was, without a
zone: the participant's zones are used.

The minutes of an activity are its timer time, without pauses: Time, Zeit, Durée, Tempo, Tiempo. The same word can mean
another thing: Portuguese Duração is the elapsed time, French Durée the timer. Where it is "--", the elapsed time is
taken. A file saved again by a spreadsheet is read where its dates leave no doubt about their order. Steps are
integers, so a comma or a point in them marks thousands in any account; no number with decimals is read but the tenths
of a time. Titles are free text and never read.
"""

from __future__ import annotations

import re
from datetime import timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, fault, header, read, text
from connectors.kit.export import Export
from connectors.kit.header import cells, reheaded, top_lines
from connectors.kit.local_numbers import with_times
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.offsets import wall_to_utc
from connectors.kit.sessions import Sessions
from connectors.kit.words import activity_of, by_language, column_of, listed
from models.activity import DAY_MS, MOST_SESSIONS, MOST_STEPS, Extract

VERSION = 4
EXPORT = "selection"  # what was on the screen
LOOKS_FOR = ("text",)
SOURCES = {"garmin_csv": "wrist"}
METRICS = by_method(session=f"walking {SPORT}")

_TELLING = ("type", "date", "favorite", "title", "calories", "timer")
_FIRST = ("Activity Type", "Date", "Favorite", "Title", "Distance", "Calories", "Time")


def identify(export: Export) -> bool:
    """Whether the header has, in one language, the columns that only this list has, if need be but for two; or, in a
    language that is not known, whether the first row has a time, true or false, and a duration in their places."""
    return _language(export) is not None or _is_foreign(export)


def _is_foreign(export: Export) -> bool:
    columns = header(export)
    if len(columns) < 9 or not all(columns[: len(_FIRST)]) or _language(export):
        return False
    row = cells([*top_lines(export, 2), "", ""][1])
    return len(row) == len(columns) and _is_activity(row) and not _is_activity(columns)  # a row is no header


def _is_activity(row: list[str]) -> bool:
    form = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\|(true|false)\|(\d:[0-5]\d|\d{1,3}:[0-5]\d:[0-5]\d([.,]\d+)?|--)"
    return re.fullmatch(form, f"{row[1]}|{row[2]}|{row[6]}".casefold()) is not None


def _language(export: Export) -> str | None:
    columns = set(header(export))
    if not {"activity id", "activity date"}.isdisjoint(columns):
        return None
    if len({column_of("garmin").get(name) for name in columns} & set(_TELLING)) < 4:  # in all languages together
        return None
    best, count = None, 0
    for language, words in by_language("garmin").items():
        names = words.get("columns", {})
        found = [what for what in _TELLING if not columns.isdisjoint(map(str.casefold, names.get(what, ())))]
        if len(found) > max(count, 3) and ("type" in found or "favorite" in found):
            best, count = language, len(found)
    return best


def extract(export: Export, context: Context) -> Extract:
    """One session an activity, at local times as UTC. Raises Rejected."""
    languages = by_language("garmin")
    names = languages["en"]["columns"] | languages[_language(export) or "en"]["columns"]
    if _is_foreign(export):
        export = reheaded(export, lambda columns: [*_FIRST, *columns[len(_FIRST) :]])
    known = {name.casefold(): spellings[0] for spellings in names.values() for name in spellings}
    table = reheaded(export, lambda columns: [known.get(name.casefold(), name) for name in columns])
    column = {what: spellings[0] for what, spellings in names.items()}
    kinds = {"type": text(), "date": text(empty=False), "timer": _DURATION, "elapsed": _DURATION, "steps": _STEPS}
    layout = Layout(
        {column[what]: kinds[what] for what in ("type", "date", "timer")},
        {column[what]: kinds[what] for what in ("elapsed", "steps")},
        tuple(
            re.sub(r"[\[?]", "?", name) for name in [*listed("garmin", "unused"), *(column[what] for what in _TELLING)]
        ),
        most_rows=MOST_SESSIONS,
    )
    frame, notes = read(table, layout)
    frame = with_times(frame, [column["date"]], context.today)
    frame = frame.rename({column[what]: what for what in kinds})
    timer, elapsed = pl.col("timer"), pl.col("elapsed")
    frame = frame.with_columns(timer=pl.when(timer < 0).then(elapsed.fill_null(-1)).otherwise(timer))
    if (empty := frame.filter(timer.is_null())).height:
        raise fault(int(empty["line"][0]), column["timer"], "nothing", "a time like 00:31:24")
    if (minutes := frame.filter(timer > 30 * elapsed, elapsed > 0)).height:  # h:mm where m:ss was meant
        raise fault(int(minutes["line"][0]), column["timer"], "more than the elapsed time", "a time like 00:31:24")
    if untimed := frame.filter(timer < 0).height:
        notes.append(f"{untimed} activities that do not tell how long they were: left out")
    frame = frame.filter(timer >= 0)
    frame = frame.with_columns(pl.when(pl.col(name) >= 0).then(name) for name in ("elapsed", "steps"))
    instants, remarks = wall_to_utc(frame["date"], context.zones)
    sessions = Sessions(context, "garmin_csv")
    for row, start in zip(frame.iter_rows(named=True), instants, strict=True):
        ran = timedelta(milliseconds=row["timer"])
        name = row["type"] or ""
        sessions.add(
            f"line {row['line']}",
            start,
            start + max(ran, timedelta(milliseconds=row["elapsed"] or 0)),
            activity=activity_of("garmin", name),
            name=name,
            timer=ran,
            steps=row["steps"] or None,
            key=(start, row["type"], row["timer"]),
        )
    return sessions.extract(notes + remarks)


def _or_missing(values: pl.Series, cells: pl.Series) -> pl.Series:
    """Garmin writes -- where there is nothing: -1 here, which no value can be."""
    missing = cells.is_in(["--", "'--"]).fill_null(False)
    return values.zip_with(~missing, pl.Series([-1], dtype=pl.Int64))


def _durations(cells: pl.Series) -> pl.Series:
    """hh:mm:ss with any fraction, or h:mm as the Danish list of 2025 writes it, as milliseconds."""
    found = cells.str.extract_groups(r"^(\d{1,3}):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,3}))?)?$").struct
    hours, minutes, seconds = (found.field(str(n)).cast(pl.Int64) for n in (1, 2, 3))
    seconds = seconds.zip_with(seconds.is_not_null() | ~cells.str.contains(r"^\d:\d\d$"), pl.Series([0]))
    fraction = found.field("4").fill_null("0").str.pad_end(3, "0").cast(pl.Int64)
    return _or_missing(((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction, cells)


def _steps(cells: pl.Series) -> pl.Series:
    """An integer; thousands may be separated by a comma, a point, a space or an apostrophe; "9.0" is one too."""
    parted = cells.str.contains(r"^\d{1,3}([,.\u00a0\u202f '’]\d{3})+$").fill_null(False)
    plain = cells.str.replace_all(r"\D", "").zip_with(parted, cells.str.replace(r"[.,]0{1,2}$", ""))
    return _or_missing(plain.cast(pl.Int64, strict=False), cells)


_DURATION = Cell("a time like 00:31:24", pl.Int64(), _durations, -1, 7 * DAY_MS, may_be_empty=True)
_STEPS = Cell(f"a whole number from 0 to {MOST_STEPS}", pl.Int64(), _steps, -1, MOST_STEPS, may_be_empty=True)
