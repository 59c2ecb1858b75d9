"""Tables on the terminal: rich for people, within 100 columns where nobody says how wide it is; JSON for machines."""

from __future__ import annotations

import json
import math
import sys
from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def console() -> Console:
    """The terminal as wide as it is, else (a file, a mail) 100 columns."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 100)


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
        made.add_column(escape(name), overflow="fold", justify="right" if name in right else "left")
    for row in rows:
        made.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    return made


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
