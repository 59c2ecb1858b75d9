"""What is printed without tables: lines, JSON, CSV. Quick to load, unlike flows/terminal.py."""

from __future__ import annotations

import csv
import json
import math
import sys
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, TextIO

from models.shown import in_a_spreadsheet, shown_lines


def say(*lines: str, to: TextIO | None = None) -> None:
    """Print lines, on standard output by default; a control character in them is escaped."""
    print(*map(shown_lines, lines), sep="\n", file=to, flush=to is not None)


def print_csv(columns: list[str], rows: list[tuple]) -> None:
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


def number(value: Any) -> str:
    """12.5, 12, or nothing."""
    if value is None:
        return ""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def several(n: int, what: str) -> str:
    """1 file, 2 files."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
