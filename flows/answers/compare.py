"""What stepwindow makes of an export beside what others say of it: the vendor's own daily totals, and fitparse.

A day of minutes or counters is resolved as in a night, without the totals; the totals are those in the same files, or
in a table of one's own. Nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl
from rich.markup import escape

from connectors import connectors, identify, members
from connectors.kit import csv
from connectors.kit.export import Export
from connectors.kit.fit_by_fitparse import second_opinion
from connectors.kit.rows import totals
from flows.answers.identify import read_alone
from flows.output import number, several
from flows.terminal import console, table
from models.activity import DAY_MS, MOST_STEPS, Extract
from models.clock import ZoneLog
from models.fault import Fault, Rejected
from models.store.file_result import FileResult
from models.store.two_sides import GIVEN, day_by_day

_PAIR = ("source", "totals_of", "metric")
_DAYS_SHOWN = 20


@dataclass
class Comparison:
    """What was compared. `days`: a row for each source, metric and date (models/store/two_sides.py)."""

    days: list[dict[str, Any]] = field(default_factory=list)
    refused: list[Fault] = field(default_factory=list)
    fit_files: int = 0
    fit_values: int = 0
    fit_differences: list[str] = field(default_factory=list)  # the first of each file
    fit_unread: list[str] = field(default_factory=list)  # by fitparse

    def pairs(self) -> list[dict[str, Any]]:
        """How many days are equal, for each source, source of totals and metric.

        A day is equal when both, as whole steps or minutes, are the same number; `near` when they are, or differ by no
        more than 1 % of the total. Days that the files hold in part are counted, not compared.
        """
        rows = []
        for pair, group in groupby(self.days, key=lambda day: [day[key] for key in _PAIR]):
            every = list(group)
            full, part = ([day for day in every if day["is_partial"] is is_partial] for is_partial in (False, True))
            rows.append(
                dict(zip(_PAIR, pair, strict=True))
                | {"days": len(full), "equal": sum(map(_is_equal, full)), "near": sum(map(_is_near, full))}
                | {"largest_difference": max((abs(day["measured"] - day["total"]) for day in full), default=None)}
                | {"partial_days": len(part), "partial_equal": sum(map(_is_equal, part))}
            )
        return rows

    def differing(self) -> list[dict[str, Any]]:
        """The full days of which the two do not say the same."""
        return [day for day in self.days if not day["is_partial"] and not _is_equal(day)]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        fit = {"files": self.fit_files, "values": self.fit_values, "differences": self.fit_differences}
        return {"pairs": self.pairs(), "days": self.days, "fit": fit | {"unread": self.fit_unread},
                "refused": [str(fault) for fault in self.refused]}  # fmt: skip


def _is_equal(day: dict[str, Any]) -> bool:
    return bool(round(day["measured"]) == round(day["total"]))


def _is_near(day: dict[str, Any]) -> bool:
    return _is_equal(day) or abs(day["measured"] - day["total"]) <= day["total"] / 100


def compare(files: Sequence[Path], tables: Sequence[Path], timezone: str) -> Comparison:
    """Read files and tables of totals, and compare what they say of the same days."""
    found = Comparison()
    results: list[FileResult] = []
    for file in files:
        results += read_alone(file, timezone)
        _decode_twice(file, found)
    for number_of_table, path in enumerate(tables, 1):
        label = GIVEN if len(tables) == 1 else f"{GIVEN}_{number_of_table}"
        try:
            given = Extract(daily_totals=_given(path, label))
        except Rejected as rejected:
            results.append(FileResult("", str(path), 0, 0, None, "", rejected=rejected.fault))
        else:
            results.append(FileResult("", str(path), 0, 0, None, "", "table", 1, {label: "unknown"}, given))
    found.refused = [replace(result.rejected, file=result.path) for result in results if result.rejected]
    found.days = day_by_day(results, ZoneLog("assumed", timezone))
    return found


def _given(path: Path, label: str) -> pl.DataFrame:
    """A table of totals that somebody made. Raises Rejected, naming line and column."""
    if not path.is_file():
        raise Rejected("whole file", "no such file", "a table of daily totals", "check the name")
    export = Export(path.name, path.stat().st_size, lambda: path.open("rb"))
    figures = {"steps": _steps()} | {
        f"{name}_minutes": csv.number(0, DAY_MS / 60_000, empty=True) for name in ("moderate", "vigorous", "mvpa")
    }
    days, _ = csv.read(export, csv.Layout({"date": csv.day(datetime.now(UTC).date())}, figures, ignored=("*",)))
    if not figures.keys() & set(csv.header(export)):
        raise Rejected("line 1", "no column of totals", f"any of {', '.join(figures)}", "name the columns so")
    again = days.filter(~pl.col("date").is_first_distinct())
    if again.height:
        raise csv.fault(
            again["line"][0], "date", "a date that stands twice", "each date once: two devices are two tables"
        )
    in_ms = [(pl.col(name) * 60_000).alias(name.replace("_minutes", "_ms")) for name in figures if name != "steps"]
    return totals(days.with_columns(local_date="date").with_columns(in_ms), source=label)


def _steps() -> csv.Cell:
    """A whole number. 6.000 is none: in some countries it is six thousand."""
    whole = csv.integer(0, MOST_STEPS, empty=True)
    return replace(
        whole, parse=lambda cells: whole.parse(cells.set(cells.str.ends_with(".000").fill_null(False), None))
    )


def _decode_twice(file: Path, found: Comparison) -> None:
    """Every FIT file in a file, by our reader and by fitparse."""
    for export in _exports(file):
        try:
            kind = identify(export)
            if not isinstance(kind, str) or not (wanted := getattr(connectors()[kind], "WANTED", None)):
                continue
            opinion = second_opinion(export, wanted)
        except Rejected:
            continue  # it is named as refused
        found.fit_files += opinion.gave_up is None
        found.fit_values += opinion.values
        if opinion.gave_up:
            found.fit_unread.append(f"{export.name}: {opinion.gave_up}")
        if opinion.difference:
            found.fit_differences.append(f"{export.name}: {opinion.difference}")


def _exports(file: Path) -> Iterator[Export]:
    if not file.is_file():
        return
    export = Export(str(file), file.stat().st_size, lambda: file.open("rb"))
    try:
        inside = members(export)
        yield from [export] if inside is None else (one for one in inside if isinstance(one, Export))
    except Rejected:
        return


def show(found: Comparison) -> None:
    """Print it: a line a pair, then the first of the days that differ."""
    out = console()
    if pairs := found.pairs():
        names = ["measured by", "totals of", "metric", "days", "equal", "within 1 %", "largest difference", "in part"]
        rows = [
            (*(row[name] for name in (*_PAIR, "days")), _share(row["equal"], row["days"]),
             _share(row["near"], row["days"]), number(row["largest_difference"]),
             f"{row['partial_days']}, {row['partial_equal']} equal" if row["partial_days"] else "")
            for row in pairs
        ]  # fmt: skip
        out.print(table(names, rows, right=("days", "equal", "within 1 %", "largest difference")))
    else:
        out.print("No day is told twice: give detailed files and the vendor's daily totals, or --totals TABLE.")
    if differing := found.differing():
        out.print(f"[bold]Days that differ[/bold] ({min(_DAYS_SHOWN, len(differing))} of {len(differing):,})")
        names = [*_PAIR, "local_date", "measured", "total"]
        rows = [(*(day[name] for name in names[:-2]), number(day["measured"]), number(day["total"]))
                for day in differing[:_DAYS_SHOWN]]  # fmt: skip
        out.print(table(names, rows, right=("measured", "total")))
    if found.fit_files or found.fit_unread:
        same = f"{found.fit_values:,} values of {several(found.fit_files, 'FIT file')} decoded by fitparse, too"
        out.print(f"{same}: {several(len(found.fit_differences), 'file')} with a difference")
    for line in (*found.fit_differences, *found.fit_unread):
        out.print(escape(f"  {line}"))
    for fault in found.refused:
        out.print(escape(f"rejected: {fault}"))


def _share(part: int, of: int) -> str:
    return f"{100 * part / of:.1f} %" if of else ""
