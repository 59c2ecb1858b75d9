"""Tables on the terminal, by rich: within 100 columns where nobody says how wide it is."""

from __future__ import annotations

import shutil
import sys
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table

from flows.output import print_json, several
from models.shown import shown_lines


def console() -> Console:
    """The terminal as wide as it is, else (a file, a mail) 100 columns."""
    size = shutil.get_terminal_size((100, 24))  # Rich takes every terminal that is "dumb" for 80 columns wide
    made = _Console(highlight=False, width=size.columns if sys.stdout.isatty() else 100, height=size.lines)
    made.push_render_hook(_EverythingShown())
    return made


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Who reads no more is no fault: `main` knows it. Rich would end with an exit code that says that one was."""
        raise


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
    """A table for people, or a list of objects for machines. Where it is too wide, a block for each row."""
    if as_json:
        print_json([dict(zip(_once(columns), row, strict=True)) for row in rows])
        return
    out = console()
    if not rows or _width(columns, rows) <= out.width:
        out.print(table(columns, rows, title))
        return
    for number, row in enumerate(rows[:_MOST_BLOCKS], 1):
        out.print(f"-[ {number:,} ]".ljust(min(out.width, 40), "-"), style="bold", markup=False)
        out.print(_lines(columns, row, out.width) or _block(columns, row, out.width), soft_wrap=True)
    if (left := len(rows) - _MOST_BLOCKS) > 0:
        out.print(f"... and {several(left, 'row')} more, too wide for a table here: --format csv or --json has all")


_MOST_BLOCKS = 500
_READABLE = 24  # a column that is folded to this many characters can still be read


def _width(columns: list[str], rows: list[tuple]) -> int:
    """How wide a table is whose long cells are folded as far as they can still be read."""
    widths = [cell_len(cell(name)) for name in columns]
    for row in rows:
        widths = [max(width, cell_len(cell(value))) for width, value in zip(widths, row, strict=True)]
    return sum(min(width, _READABLE) for width in widths) + 2 * (len(columns) - 1)


def _lines(columns: list[str], row: tuple, width: int) -> str:
    """A block of which nothing is too long for its line, as text; "" where something is. A table takes fifty times as
    long."""
    cells = [(cell(name), cell(value)) for name, value in zip(columns, row, strict=True)]
    first, second = (max(map(cell_len, side)) for side in zip(*cells, strict=True))
    if first > width // 2 or first + 2 + second > width or any("\n" in part for both in cells for part in both):
        return ""
    return "\n".join(
        f"[bold]{name}[/bold]{' ' * (first + 2 - cell_len(name))}{value}".rstrip() for name, value in cells
    )


def _block(columns: list[str], row: tuple, width: int) -> Table:
    """One row, a line for each column; what is not known is empty."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(overflow="fold", style="bold", max_width=width // 2)
    made.add_column(overflow="fold")
    for name, value in zip(columns, row, strict=True):
        made.add_row(cell(name), cell(value))
    return made


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
