"""Where a day's numbers come from: what every source said of it, what was used, what was set aside, and why.

Nothing of this is kept: the day is resolved again, by the same SQL, from the rows that are.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from rich.markup import escape

from flows.output import number
from flows.terminal import console, table
from models.store.read import day_again
from models.store.sql import queries


def explain(warehouse: Path, who: str, day: date) -> dict[str, list[dict[str, Any]]]:
    """The day as it stands, its sources side by side, which source each stretch of it came from, sessions and files.

    Raises StoreError while a run holds the store, or where nothing was ever loaded.
    """
    return day_again(warehouse, who, day, queries("ask/day"))


def show(found: dict[str, list[dict[str, Any]]]) -> None:
    """Print an explanation."""
    out = console()
    titles = {
        "day": "The day", "sources": "What each source said", "minutes": "Where its steps come from (UTC)",
        "sessions": "Recorded or written down (UTC)", "files": "Files that hold the day",
    }  # fmt: skip
    for name, title in titles.items():
        rows = found[name]
        if not rows:
            continue
        out.print(f"[bold]{title}[/bold]")
        if name == "day":
            out.print(table(["", ""], [(key, _plain(value)) for key, value in rows[0].items() if value is not None]))
        elif name == "sources":
            for source in rows:
                known = {k: v for k, v in source.items() if v is not None and k not in ("source", "role", "why")}
                out.print(escape(f"  {source['source']}: {source['role']} ({source['why']})"))
                out.print(escape("    " + ", ".join(f"{k} {_plain(v)}" for k, v in known.items())), style="dim")
        else:
            cells = [tuple("" if v is None else _plain(v) for v in row.values()) for row in rows]
            out.print(table(list(rows[0]), cells))


def _plain(value: Any) -> str:
    return number(value) if isinstance(value, float) else str(value)
