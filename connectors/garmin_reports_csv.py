"""Garmin Connect: the report of daily steps as CSV.

What it is called: `Steps.csv`; the first cell of its header is empty: `,Actual,Goal`. Of the other reports only
`Intensity Minutes.csv` has to do with movement; its rows are weeks, and vigorous minutes count twice in it, so it is
neither days nor minutes on the clock, and is ignored with that reason.

Where to find it: connect.garmin.com, Reports (or Health Stats), Steps, a range of one or four weeks, Export.

What it cannot tell: anything but steps. Over six or twelve months its rows are weeks or months: such a file is refused;
choose a shorter range.

How sure: C, from readers and fixtures; so whatever is not plain is refused. `,Actual,Goal` says that something was
counted, not what, so the name has to say Steps. Dates like 07/08/2026 are read only where the rows settle which is the
month: read one way they are days in a row, the other way they are not. `Mar 27` has no year and is refused.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, fault, read, text
from connectors.kit.export import Export
from connectors.kit.header import cells, reheaded, top_lines
from connectors.kit.metrics import by_method
from connectors.kit.rows import totals
from models.activity import EARLIEST, MOST_STEPS, Extract
from models.fault import Rejected

VERSION = 1
EXPORT = "report"
LOOKS_FOR = ("actual", "goal", "nameless", "date", "duration")
SOURCES = {"garmin_csv": "wrist"}
METRICS = by_method(device="steps")

_SHORTER = "export a range of one or four weeks"
_OTHERS = {
    "floors": "floors",
    "calories": "calories",
    "heart rate": "a resting heart rate is a value, not a sign of wear",
    "stress": "stress",
    "sleep": "sleep",
    "body battery": "body battery",
    "weight": "weight",
}


def identify(export: Export) -> bool:
    """Whether it is a report of an actual and a goal (one may be renamed) and nothing says that it is not of steps."""
    title, columns = _top(export)
    found = len({"actual", "goal"} & set(columns))
    named = "step" in (title or export.basename.casefold())
    mine = columns[0] in ("", "date", "actual") and (found == 2 or (found == 1 and named and len(columns) <= 3))
    return mine and not _other(export, title)


def _top(export: Export) -> tuple[str, list[str]]:
    """The title above the header, if there is one, and the header, both lower-cased."""
    lines = [line for line in top_lines(export, 4) if line.strip()]
    rows = [[cell.casefold() for cell in cells(line)] for line in lines]
    if len(rows) > 1 and len([cell for cell in rows[0] if cell]) == 1 and rows[0][0] and rows[1][:1] == [""]:
        return rows[0][0], rows[1]
    return "", rows[0] if rows and len(rows[0]) > 1 else [""]


def _other(export: Export, title: str) -> str | None:
    """What a report is of, where that is not steps."""
    subject = title or re.sub(r"[_-]+", " ", export.basename.casefold())
    if "intensity" in subject:
        return "weekly totals in which vigorous minutes count twice: no days, and no minutes on the clock"
    if "step" in subject:
        return None
    return next((why for word, why in _OTHERS.items() if word in subject), None)


def extract(export: Export, context: Context) -> Extract:
    """Steps a day. Raises Rejected."""
    title, _ = _top(export)
    if "step" not in (title or export.basename.casefold()):
        raise Rejected("line 1", "a report that does not say of what", "the report of steps", "name it Steps.csv again")
    table = reheaded(
        export, lambda names: ["Date", *names[1:]] if names[:1] == [""] else names, before=int(bool(title))
    )
    layout = Layout({"Date": text(empty=False), "Actual": _STEPS}, {}, ("goal", "value"), _SHORTER)
    frame, notes = read(table, layout)
    frame = frame.with_columns(local_date=pl.Series(_dates(frame, context.today), dtype=pl.Date))
    days = totals(frame.filter(pl.col("Actual") >= 0).rename({"Actual": "steps"}), "garmin_csv")
    return Extract(daily_totals=days, tz_source=context.zones.source, notes=notes)


def _dates(frame: pl.DataFrame, today: date) -> list[date]:
    """The date of each row, by the one reading in which the rows are days in a row. Raises Rejected."""
    texts = frame["Date"].to_list()
    if not texts:
        return []
    readings = {tuple(found) for order in ("ymd", "mdy", "dmy") if (found := _read_as(order, texts))}
    readings = {dates for dates in readings if min(dates) >= EARLIEST.date() and (max(dates) - today).days <= 1}
    if not readings:
        form = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}([./-])\d{1,2}\1\d{4}")
        line = next((n for n, cell in zip(frame["line"], texts, strict=True) if not form.fullmatch(cell)), None)
        expected = "dates with a year, from 1990 to tomorrow, like 2026-03-09"
        raise fault(line, "Date", "something else", expected, _SHORTER)
    daily = [dates for dates in readings if _are_days(dates)]
    if len(daily) != 1:
        why = "dates in which day and month cannot be told apart" if daily else "rows that are not days in a row"
        raise fault(None, "Date", why, "one row a day", _SHORTER)
    return list(daily[0])


def _read_as(order: str, texts: list[str]) -> list[date] | None:
    pattern = r"(\d{4})-(\d\d)-(\d\d)" if order == "ymd" else r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})"
    dates = []
    for cell in texts:
        found = re.fullmatch(pattern, cell)
        if not found:
            return None
        part = {key: int(value) for key, value in zip(order, found.groups(), strict=True)}
        try:
            dates.append(date(part["y"], part["m"], part["d"]))
        except ValueError:
            return None
    return dates


def _are_days(dates: tuple[date, ...]) -> bool:
    """Whether most rows are one day apart and none stands twice. One row alone could be a week or a month."""
    ordered = sorted(dates)
    gaps = [(b - a).days for a, b in pairwise(ordered)]
    return bool(gaps) and min(gaps) == 1 and gaps.count(1) * 2 > len(gaps)


def _steps(values: pl.Series) -> pl.Series:
    parted = values.str.contains(r"^\d{1,3}([,.\u00a0\u202f ]\d{3})+$").fill_null(False)
    plain = values.str.replace_all(r"\D", "").zip_with(parted, values).cast(pl.Int64, strict=False)
    missing = values.is_null() | values.is_in(["--"])
    return plain.zip_with(~missing.fill_null(True), pl.Series([-1], dtype=pl.Int64))


_STEPS = Cell(f"a whole number from 0 to {MOST_STEPS}", pl.Int64(), _steps, -1, MOST_STEPS, may_be_empty=True)


def companion(export: Export) -> str | None:
    """Why a report, or sums that somebody made of one, hold nothing for us; None where that is not known."""
    title, columns = _top(export)
    reports = ("actual", "stress", "active calories", "score", "resting heart rate", "climbed")
    if columns[0].startswith("sleep score") and "duration" in columns:
        return "a Garmin report: sleep"
    is_report = any(word in name for name in columns for word in reports)
    if (columns[0] == "" or title) and is_report and (why := _other(export, title)):
        return f"a Garmin report: {why}"
    if columns in (["date", "steps"], ["date", "actual"]):
        rows = [cells(line) for line in top_lines(export, 6)[1:] if line]
        if rows and all(re.fullmatch(r"[A-Za-z]+ \d{4}", row[0]) for row in rows if row):
            return "sums of whole months: no days in it"
    return None
