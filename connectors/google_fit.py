"""Google Fit: the daily figures and the sessions of a Google Takeout.

What it is called: "Fit" in Google Takeout: `Takeout/Fit/Daily activity metrics/Daily activity metrics.csv` (before
2021 `Daily Aggregations/Daily Summaries.csv`) with one row a day; beside it `2025-01-30.csv`, the quarters of an hour
of the date in its name, which sum to that day's row and give the day where the daily file is not there; and
`Takeout/Fit/All Sessions/*.json` with one recorded or detected activity each. Folders and columns are named in the
language of the account: English and Russian are well known, German and Spanish from readers of such files (grade C).
In another language (Dutch, say) the steps are the one column without a unit behind the three speeds, where they stand
in every known one, if energy and distance stand before these, side by side, and the distance makes a stride with them;
nothing else is read then. Times, dates and units need no language. A file whose steps cannot be found like this is
refused: set the account to English before exporting.

Where to find it: takeout.google.com, deselect all, select Fit, export as .zip.

What it cannot tell: minutes (a daily total has no cadence and cannot be laid over another device's minutes); which
device counted (watch and phone are merged); whether an empty cell means none or not measured, so it is taken as not
known; how vigorous a minute was, except by Heart Points (1 a moderate, 2 a vigorous minute) against Heart Minutes.
The first and the last day of an export are not complete. Positions are never read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

import polars as pl

from connectors import Context
from connectors.kit import google_fit_session
from connectors.kit.csv import AGAIN, Cell, Layout, day, fault, header, integer, number, read, text
from connectors.kit.export import Export
from connectors.kit.header import cells, reheaded, top_lines
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import totals
from connectors.kit.stack import each_of, own
from connectors.kit.stacked import in_stacks
from connectors.kit.words import column_of, listed
from models.activity import DAY_MS, MOST_STEPS, Extract, Extracts
from models.fault import Rejected

VERSION = 5
EXPORT = "archive"
LOOKS_FOR = ("JSON object", "text", "/fit")
SOURCES = {"google_fit": "phone"}
METRICS = by_method(device="steps walking moderate vigorous mvpa", session=SPORT)

_UNKNOWN_LANGUAGE = "set the language of the Google account to English and export again"
_BY_PLACE = (
    "columns in a language that is not known: steps by their place, walking and heart minutes not read; "
    "an export in English has them"
)
_TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$"
_ISO_DATE = r"\d{4}-\d\d-\d\d"
_START, _END, _DISTANCE = "Start time", "End time", "Distance (m)"
_DATE, _STEPS, _POINTS, _HEART = "Date", "Step count", "Heart Points", "Heart Minutes"
_WALKS = ("Walking duration (ms)", "Treadmill walking duration (ms)")
_TELLING = {
    "move minutes count",
    "calories (kcal)",
    "heart points",
    "heart minutes",
    "step count",
    *map(str.lower, _WALKS),
}


def identify(export: Export) -> bool:
    """Whether it is a daily file or quarters of an hour (with columns only Google Fit has), or a session."""
    return _is_daily(export) or _is_quarters(export) or google_fit_session.activity_in(export) is not None


def _english(names: list[str], row: list[str]) -> list[str]:
    """The column names in English as far as there are words; elsewhere the first row shows which of them say when."""
    if _is_known(names):
        return names
    names = [column_of("google_fit").get(name.casefold(), name) for name in names]
    if len(row) > 1 and all(re.match(_TIME_OF_DAY, cell) for cell in row[:2]):
        return [_START, _END, *names[2:]]
    return [_DATE, *names[1:]] if row and re.fullmatch(_ISO_DATE, row[0]) else names


def _is_known(names: list[str]) -> bool:
    return len({name.casefold() for name in names} & _TELLING) >= 2


def _columns(export: Export) -> list[str]:
    """The same of an export, lower-cased."""
    return [name.casefold() for name in _english(header(export), _first_row(export))]


def _first_row(export: Export) -> list[str]:
    return cells(next(iter(top_lines(export, 2)[1:2]), ""))


def _is_daily(export: Export) -> bool:
    names = _columns(export)
    columns = set(names)
    if {_START.casefold(), _END.casefold()} & columns or b"," not in export.head[:1000]:
        return False
    named_so = re.match(r"daily (activity metrics|summaries)", export.basename, re.IGNORECASE) is not None
    if _is_known(names) and (_DATE.casefold() in columns or named_so):
        return True
    return _has_units(columns) and re.fullmatch(_ISO_DATE, next(iter(_first_row(export)), "")) is not None


def _is_quarters(export: Export) -> bool:
    names = _columns(export)
    columns = set(names)
    found = len({_START.casefold(), _END.casefold()} & columns)
    if not found or not (_is_known(names) or _has_units(columns)):
        return False
    return found == 2 or re.match(r"\d\d:\d\d:\d\d", next(iter(_first_row(export)), "")) is not None


def _has_units(columns: Collection[str]) -> bool:
    """Whether a speed, a distance and an energy are among the columns, as in every language."""
    kinds = ("speed", "distance", "energy")
    return all(any(name.endswith(_endings(kind)) for name in columns) for kind in kinds)


def extract(export: Export, context: Context) -> Extract:
    """Daily totals or one session. Raises Rejected."""
    if _is_daily(export):
        return _days(export, context)
    return _quarters(export, context) if _is_quarters(export) else google_fit_session.extract(export, context)


def extract_all(exports: Sequence[Export], context: Context) -> Extracts:
    """The same of many small files: those of a day, of which an account has thousands."""
    return in_stacks(exports, context, _alike, extract)


def _alike(export: Export) -> bytes | None:
    """Quarters of an hour under one header in a known language."""
    is_one = _is_known(_columns(export)) and _is_quarters(export)
    return export.head.partition(b"\n")[0] if is_one else None


def _days(export: Export, context: Context) -> Extract:
    frame, notes = _figures(export, {_DATE: day(context.today)})
    frame = frame.unique([name for name in frame.columns if name != "line"], keep="first", maintain_order=True)
    reported = frame.filter(pl.any_horizontal(pl.col(_STEPS, _HEART, *_WALKS).is_not_null()))
    if (twice := reported.filter(pl.col(_DATE).is_duplicated())).height:
        raise fault(twice["line"][-1], _DATE, "a second row of that date, with other figures", "one row a day")
    return Extract(daily_totals=_totals(reported), tz_source=context.zones.source, notes=notes)


def _quarters(export: Export, context: Context) -> Extract:
    """The sum of the quarters of an hour of a day; all of it where they reach from midnight to midnight."""
    names = pl.Series([each.basename for each in each_of(export)])
    dates = day(context.today).parse(names.str.extract(r"(?:^|[^0-9])([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[^0-9]|$)"))
    if dates.null_count():
        raise Rejected(
            "file name", "no date, which these quarters of an hour do not tell", "a name like 2025-01-30.csv", AGAIN
        )
    frame, notes = _figures(export, {_START: text(empty=False), _END: text(empty=False)})
    for name in (_START, _END):
        if (wrong := frame.filter(~pl.col(name).str.contains(_TIME_OF_DAY))).height:
            raise fault(int(wrong["line"][0]), name, "something else", "a time of day like 00:15:00.000+01:00")
    figures = [_STEPS, _POINTS, _HEART, *_WALKS]
    frame = frame.unique([*own(frame), _START, _END, *figures], keep="first", maintain_order=True)
    if (twice := frame.filter(pl.struct(*own(frame), _START).is_duplicated())).height:
        raise fault(int(twice["line"][-1]), _START, "a second row of that time, with other figures", "one row a time")
    sums = [pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name) for name in figures]
    ends = pl.col(_START).first().str.head(5), pl.col(_END).last().str.head(5)
    files = frame.group_by(own(frame) or pl.lit(0).alias("file"), maintain_order=True).agg(*sums, *ends)
    reported = files.with_columns(dates.gather(files["file"]).alias(_DATE)).drop([] if own(frame) else "file")
    reported = reported.filter(pl.any_horizontal(pl.col(_STEPS, _HEART, *_WALKS).is_not_null()))
    midnights = files.filter(pl.all_horizontal(pl.col(_START, _END) == "00:00")).height
    are_over = (dates < context.today).all() and midnights == dates.len()
    if own(frame) and not are_over:
        raise Rejected("Start time", "days that are over and others", "one of the two", AGAIN)
    return Extract(daily_totals=_totals(reported), tz_source=context.zones.source, notes=notes, days_are_over=are_over)


def _figures(export: Export, when: dict[str, Cell]) -> tuple[pl.DataFrame, list[str]]:
    """The rows of a table with the columns that say when, and every figure that is read. Raises Rejected."""
    if not _is_known(names := _columns(export)) and (places := _places_of_steps_and_distance(names)):
        return _steps_by_place(export, when, *places)
    steps = {_STEPS: integer(0, MOST_STEPS, empty=True)}
    counts = {name for name in names if name and not name.endswith(")")}  # what has no unit
    is_absent = counts <= {
        *map(str.casefold, when),
        "move minutes count",
        "heart points",
        "heart minutes",
    }  # nor under another name
    needed = when | ({} if is_absent else steps)
    most = DAY_MS / 60_000
    optional = {_POINTS: number(0, 2 * most, empty=True), _HEART: number(0, most, empty=True)}
    optional |= steps if is_absent else {}
    optional |= {name: number(0, DAY_MS, empty=True) for name in _WALKS}
    is_english = not set(header(export)) & column_of("google_fit").keys() and bool(
        {*map(str.casefold, when)} & set(header(export))
    )
    table = reheaded(export, lambda names: _english(names, _first_row(export)))
    frame, notes = read(
        table, Layout(needed, optional, listed("google_fit", "unused"), AGAIN if is_english else _UNKNOWN_LANGUAGE)
    )
    if is_absent:
        notes.append(f"no column '{_STEPS}': steps are not known")
    return frame, notes


def _places_of_steps_and_distance(names: list[str]) -> tuple[int, int] | None:
    """The one column without a unit behind three speeds, and before these the distance, which is next to the energy."""
    speeds, metres, energies = (_endings(kind) for kind in ("speed", "distance", "energy"))
    pairs = enumerate(pairwise(names), 1)
    far = next((at for at, (a, b) in pairs if a.endswith(energies) and b.endswith(metres)), len(names))
    for at, name in enumerate(names):
        speeds_before = at > 2 and all(before.endswith(speeds) for before in names[at - 3 : at])
        if speeds_before and not name.endswith(")") and all(after.endswith(")") for after in names[at + 1 : at + 2]):
            return (at, far) if far < at else None
    return None


def _endings(kind: str) -> tuple[str, ...]:
    return tuple(f"({unit})" for unit in listed("google_fit", kind))


def _steps_by_place(export: Export, when: dict[str, Cell], at: int, far: int) -> tuple[pl.DataFrame, list[str]]:
    """Steps alone of a table in an unknown language, if the distance beside them can be that of so many steps."""

    def renamed(names: list[str]) -> list[str]:
        names = _english(names, _first_row(export))
        names[at], names[far] = _STEPS, _DISTANCE
        return names

    columns = when | {_STEPS: integer(0, MOST_STEPS, empty=True), _DISTANCE: number(0, 10_000_000, empty=True)}
    frame, _ = read(reheaded(export, renamed), Layout(columns, ignored=("*",), remedy=_UNKNOWN_LANGUAGE))
    walked = frame.filter((pl.col(_STEPS) > 0) & (pl.col(_DISTANCE) > 0))
    stride = walked.select((pl.col(_DISTANCE) / pl.col(_STEPS)).median()).item()
    if frame[_STEPS].sum() and not (stride and 0.2 <= stride <= 5):
        raise Rejected("line 1", "column names in a language that is not known", "English ones", _UNKNOWN_LANGUAGE)
    figures = frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in (_POINTS, _HEART, *_WALKS))
    return figures, [_BY_PLACE]


def _totals(frame: pl.DataFrame) -> pl.DataFrame:
    """Empty cells are not known. Of Heart Points P and Heart Minutes M: vigorous P - M, moderate 2 M - P."""
    points, heart = pl.col(_POINTS), pl.col(_HEART)
    possible = (points >= heart - 0.01) & (points <= 2 * heart + 0.01)  # else the two do not belong together
    walks = [pl.col(name) for name in _WALKS]
    days = frame.select(
        *own(frame),
        local_date=_DATE,
        steps=_STEPS,
        walking_ms=pl.when(pl.any_horizontal(w.is_not_null() for w in walks)).then(pl.sum_horizontal(walks)),
        moderate_ms=pl.when(possible).then((2 * heart - points).clip(0) * 60_000),
        vigorous_ms=pl.when(possible).then((points - heart).clip(0) * 60_000),
        mvpa_ms=heart * 60_000,
    )
    return totals(days.with_columns(pl.col("^.*_ms$").round()), "google_fit")


def companion(export: Export) -> str | None:
    """Why a file of a Google Fit export holds nothing for us; None where that is not known."""
    head = export.head
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        if b'"Data Source"' in head and b'"Data Points"' in head:
            return "single data points: the daily file holds their sums"
        if google_fit_session.is_no_activity(export):
            return "a session that is no activity (sleep, sitting still, a ride)"
    in_fit = {"fit", "google fit"} & {part.casefold() for part in PurePosixPath(export.name).parts}
    if in_fit and b"<TrainingCenterDatabase" in head:
        return "the track of a session: sessions are read from their .json, positions never"
    return None
