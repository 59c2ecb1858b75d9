"""Tables on the terminal, by rich: within 100 columns where nobody says how wide it is."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table

from flows.output import print_json
from models.shown import shown_lines


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


def _once(columns: list[str]) -> list[str]:
    """Names of columns that differ: an object cannot hold two of one name."""
    return [name if name not in columns[:n] else f"{name}_{n + 1}" for n, name in enumerate(columns)]
