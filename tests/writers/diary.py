"""Writes a diary, also the way spreadsheets leave it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date


def diary(
    entries: Iterable[tuple[date | str, str, object] | tuple[date | str, str, object, str]],
    *,
    separator: str = ",",
    newline: str = "\n",
    bom: bool = False,
    start_times: bool = True,
) -> bytes:
    """(date, activity, minutes[, "18:30"]) per entry. Minutes None is an empty cell."""
    lines = [separator.join(["date", "activity", "minutes"] + ["start_time"] * start_times)]
    for entry in entries:
        cells = ["" if cell is None else str(cell) for cell in entry]
        cells += [""] * (3 + start_times - len(cells))
        lines.append(separator.join(cells[: 3 + start_times]))
    return (newline.join(lines) + newline).encode("utf-8-sig" if bom else "utf-8")
