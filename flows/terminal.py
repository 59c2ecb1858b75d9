"""Tables on the terminal: rich for people, JSON for machines."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table


def show(columns: list[str], rows: list[tuple], as_json: bool, title: str | None = None) -> None:
    """A table for people, or a list of objects for machines."""
    if as_json:
        print(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=str, indent=2))
        return
    table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left", title_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(highlight=False, width=None if sys.stdout.isatty() else 160).print(table)


def number(value: Any) -> str:
    """12.5, 12, or nothing."""
    if value is None:
        return ""
    return f"{value:.1f}".rstrip("0").rstrip(".")
