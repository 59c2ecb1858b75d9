"""Plain lines for a terminal or a mail. What is printed passes here, through flows/terminal.py, or is JSON."""

from __future__ import annotations

from typing import TextIO

from models.shown import shown_lines


def say(*lines: str, to: TextIO | None = None) -> None:
    """Print lines, on standard output where nothing else is said; a control character in them is escaped."""
    print(*map(shown_lines, lines), sep="\n", file=to, flush=to is not None)
