"""Tables on the terminal: rich for people, within 100 columns where nobody says how wide it is; JSON for machines."""

from __future__ import annotations

import csv
import json
import math
import sys
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table

from models.shown import in_a_spreadsheet, shown_lines


def console() -> Console:
    """The terminal as wide as it is, else (a file, a mail) 100 columns."""
    made = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
    made.push_render_hook(_EverythingShown())
    return made


class _EverythingShown(RenderHook):
    """Whatever is printed passes `shown_lines`, before it gets its colours."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Each as it will be printed."""
        return [_Shown(renderable) for renderable in renderables]


class _Shown:
    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for text, style, control in console.render(self._inner, options):
            yield Segment(shown_lines(text), style, control)


def show(columns: list[str], rows: list[tuple], as_json: bool, title: str | None = None) -> None:
    """A table for people, or a list of objects for machines."""
    if as_json:
        print_json([dict(zip(_once(columns), row, strict=True)) for row in rows])
        return
    console().print(table(columns, rows, title))


def table(columns: list[str], rows: list[tuple], title: str | None = None, right: tuple[str, ...] = ()) -> Table:
    """A plain table; a cell that is too long is folded, never cut off. `right`: columns of numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left", title_style="bold")
    made.show_header = any(columns)
    for name in columns:
        made.add_column(cell(name), overflow="fold", justify="right" if name in right else "left")
    for row in rows:
        made.add_row(*map(cell, row))
    return made


def cell(value: Any) -> str:
    """A value in a table, as wide as it will be printed; what is not known is empty."""
    return "" if value is None else escape(shown_lines(str(value)))


def show_csv(columns: list[str], rows: list[tuple]) -> None:
    """Rows as CSV, safe to open in a spreadsheet: numbers and dates as they are, what is not known an empty cell."""
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(map(in_a_spreadsheet, columns))
    out.writerows([_in_csv(value) for value in row] for row in rows)


def _in_csv(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    is_plain = value is None or isinstance(value, int | float | Decimal | date | time | timedelta)
    return value if is_plain else in_a_spreadsheet(str(value))


def print_json(value: Any) -> None:
    """JSON for machines: numbers are numbers, dates are texts, what is not known is null."""
    print(json.dumps(_plain(value), default=str, indent=2, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _once(columns: list[str]) -> list[str]:
    """Names of columns that differ: an object cannot hold two of one name."""
    return [name if name not in columns[:n] else f"{name}_{n + 1}" for n, name in enumerate(columns)]


def number(value: Any) -> str:
    """12.5, 12, or nothing."""
    if value is None:
        return ""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def several(n: int, what: str) -> str:
    """1 file, 2 files."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
