"""Fitbit: the CSV that the website's dashboard exported, a month at most.

What it is called: `fitbit_export_20191031.csv`: blocks below each other, `Body`, `Foods`, `Activities`, `Sleep`,
`Food Log 20191001`, each with its own header. Only the block `Activities` is read, one row a day.

Where to find it: Settings > Data Export on fitbit.com. That page is closed; people still have the files.

Cannot tell: minutes (a daily total has no cadence); which device counted; sessions; the zone. A day without the
tracker is written as 1,440 sedentary minutes and zeros: such a row is taken as not known. What "very active" means the
vendor never published; on real accounts it is mostly brisk walking.
The English file is well known (grade A); others are refused, and so are dates of which the file does not show whether
the day or the month comes first.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN, fault, new_columns, wrong_cell
from connectors.kit.export import Export
from connectors.kit.local_numbers import with_times
from connectors.kit.metrics import by_method
from connectors.kit.rows import totals
from models.activity import DATE_MS, DAY_MS, MOST_STEPS, Extract
from models.fault import Rejected
from models.set_aside import set_aside

VERSION = 3
EXPORT = "report"
LOOKS_FOR = ("^body", "^foods", "^activities", "^sleep", "^food")
SOURCES = {"fitbit": "wrist"}
METRICS = by_method(device="steps moderate vigorous mvpa")

_DATE, _STEPS, _SEDENTARY = "Date", "Steps", "Minutes Sedentary"
_LIGHT, _FAIRLY, _VERY = "Minutes Lightly Active", "Minutes Fairly Active", "Minutes Very Active"
_COUNTS = {_STEPS: MOST_STEPS} | dict.fromkeys((_LIGHT, _FAIRLY, _VERY), DAY_MS // 60_000)
_COUNTS[_SEDENTARY] = DATE_MS // 60_000
_IGNORED = {"calories burned", "distance", "floors", "activity calories"}
_TITLES = ("body", "foods", "activities", "sleep", "food log")
_TELLING = {name.casefold() for name in (*_COUNTS, _DATE)} | _IGNORED
_MOST_BYTES = 50_000_000


def identify(export: Export) -> bool:
    """Whether a line is the title of its activities, and the next one (if need be with columns renamed) its header."""
    lines = export.head.decode(errors="replace").lstrip("\ufeff").splitlines() if export.may_be_text else []
    if not lines or not _title(lines[0]):
        return False
    return any(
        _title(line) == "activities" and len(_TELLING & {cell.casefold() for cell in _cells(below)}) >= 6
        for line, below in pairwise(lines)
    )


def _title(line: str) -> str | None:
    """The block a line begins; a spreadsheet pads it with separators."""
    word = line.strip(' ,;\t"').casefold()
    return next((title for title in _TITLES if word == title or re.fullmatch(rf"{title} \d{{8}}", word)), None)


def _cells(line: str) -> list[str]:
    separator = max(",;\t", key=re.sub(r'"[^"]*"', "", line).count)
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]


def extract(export: Export, context: Context) -> Extract:
    """One daily total a row of the activities. Raises Rejected."""
    lines = _lines(export)
    starts = [number for number, line in enumerate(lines) if _title(line) == "activities"]
    if len(starts) != 1 or starts[0] + 1 == len(lines):
        raise Rejected("whole file", f"{len(starts)} blocks of activities", "one, with its rows", AGAIN)
    names = _cells(lines[starts[0] + 1])
    columns, notes = _columns(names, starts[0] + 2)
    rows = list(_rows(lines, starts[0] + 2, columns, len(names)))
    cells = {"line": [number for number, _ in rows], _DATE: [row[_DATE] for _, row in rows]}
    dated = with_times(pl.DataFrame(cells, schema={"line": pl.Int64, _DATE: pl.String}), [_DATE], context.today)
    days = dict(dated.select("line", pl.col(_DATE).dt.date()).iter_rows())
    reported: dict[date, dict[str, int | None]] = {}
    for number, day, counts in _counts([(number, days[number], row) for number, row in rows if number in days]):
        if reported.setdefault(day, counts) != counts:
            raise fault(number, _DATE, "a second row of that date, with other figures", "one row a day")
    worn = {day: counts for day, counts in sorted(reported.items()) if not _without_tracker(counts)}
    if len(worn) < len(reported):
        notes.append(f"{len(reported) - len(worn)} days without the tracker: not known")
    ms = {"light_ms": _LIGHT, "moderate_ms": _FAIRLY, "vigorous_ms": _VERY}
    figures = [
        {"local_date": day, "steps": counts[_STEPS]}
        | {name: None if (minutes := counts[column]) is None else minutes * 60_000 for name, column in ms.items()}
        for day, counts in worn.items()
    ]
    return Extract(daily_totals=totals(figures, "fitbit"), tz_source=context.zones.source, notes=notes)


def _lines(export: Export) -> list[str]:
    if export.size > _MOST_BYTES:
        raise Rejected("whole file", "a file of over 50 MB", "a month of an account", AGAIN)
    try:
        return export.read().decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise Rejected("whole file", "bytes that are no UTF-8", "UTF-8 text", "save it as CSV UTF-8") from None


def _columns(names: list[str], line: int) -> tuple[dict[str, int], list[str]]:
    """Where each column is, and remarks on those never seen. Raises Rejected for a missing or doubled one."""
    lowered = [name.casefold() for name in names]
    for name in (_DATE, *_COUNTS):
        if lowered.count(name.casefold()) != 1:
            found = "no such column" if name.casefold() not in lowered else "two columns of that name"
            raise fault(line, name, found, f"a column '{name}'")
    unknown = [name for name in names if name and name.casefold() not in _TELLING]
    columns = {name: lowered.index(name.casefold()) for name in (_DATE, *_COUNTS)}
    return columns, new_columns(unknown)


def _rows(lines: list[str], first: int, columns: dict[str, int], width: int) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the block, to the blank line or the title that ends it, with their line."""
    for number, line in enumerate(lines[first:], first + 1):
        if not line.strip(" ,;\t") or _title(line):
            return
        cells = _cells(line)
        if len(cells) != width:
            raise Rejected(f"line {number}", f"{len(cells)} fields", f"{width}, as in the header", AGAIN)
        yield number, {name: cells[at] for name, at in columns.items()}


def _counts(rows: list[tuple[int, date, dict[str, str]]]) -> Iterator[tuple[int, date, dict[str, int | None]]]:
    """Integers; thousands are separated by one and the same mark in all of the file. Empty: not known."""
    marks: set[str] = set()
    for line, day, row in rows:
        counts: dict[str, int | None] = {}
        for name, most in _COUNTS.items():
            cell = row[name]
            grouped = re.fullmatch(r"\d{1,3}(?:([,.'’ \u00a0\u202f])\d{3})(?:\1\d{3})*", cell, re.ASCII)
            if grouped:
                marks.add(grouped[1])
                cell = cell.replace(grouped[1], "")
            fault = wrong_cell(line, name, row[name], f"a whole number from 0 to {most}")
            if cell and not (re.fullmatch(r"-?\d+", cell, re.ASCII) and len(marks) < 2):
                raise fault
            if cell and not (len(cell) < 10 and 0 <= int(cell) <= most):
                set_aside(fault, [day])
                break
            counts[name] = int(cell) if cell else None
        else:
            yield line, day, counts


def _without_tracker(counts: dict[str, int | None]) -> bool:
    """Sedentary all day long and nothing else: how a day without data is written."""
    sedentary = counts[_SEDENTARY]
    rest = (counts[name] for name in (_STEPS, _LIGHT, _FAIRLY, _VERY))
    return sedentary is not None and sedentary >= 1380 and not any(rest)
