"""Which reader would take each file, and what it would yield; needs no study.

stepwindow identify takeout.zip 2026-03-09.fit
stepwindow identify --timezone Europe/Berlin diary.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.commands import CLEAN, REJECTED, with_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which files."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--timezone", default="UTC", help="where the person was, for files that do not say")
    with_json(parser)


def call(arguments: argparse.Namespace) -> int:
    """Each file, and each file inside a zip."""
    from rich.markup import escape
    from rich.padding import Padding

    from flows.night.reading_process import look_at
    from flows.terminal import console, print_json

    found = [entry for file in arguments.files for entry in look_at(file, arguments.timezone)]
    if arguments.json:
        print_json(found)
    else:
        out = console()
        for entry in found:
            out.print(entry["file"], style="bold", markup=False)
            for line in _told(entry):
                out.print(Padding(escape(line), (0, 0, 0, 4)))
    return REJECTED if any(entry["rejected"] for entry in found) else CLEAN


def _told(entry: dict) -> list[str]:
    """What a file would yield, in a line or two."""
    said = entry["reason"]
    if entry["rejected"]:
        return [f"rejected: {said}"]
    if not entry["metrics"]:
        return [f"not needed: {said}" if said else "nothing in it"]
    counted = [f"{entry[name]:,} {name.replace('_', ' ')}" for name in ("minutes", "sessions", "daily_totals")]
    days = f", {entry['covers_from']} to {entry['covers_to']}" if entry["covers_from"] else ""
    first = f"{entry['connector']}: {', '.join(n for n in counted if not n.startswith('0 ')) or 'no rows'}{days}"
    return [first, "metrics: " + ", ".join(entry["metrics"]), *([f"note: {said}"] if said else [])]
