"""Which reader would take each file, and what it would yield; needs no study."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from flows.commands import CLEAN, REJECTED, with_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which files."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--timezone", default="UTC", help="where the person was, for files that do not say")
    with_json(parser)


def call(arguments: argparse.Namespace) -> int:
    """A line per file, and per file inside a zip."""
    from flows.inbox import look_at
    from flows.terminal import show

    found = [entry for file in arguments.files for entry in look_at(file, arguments.timezone)]
    if arguments.json:
        print(json.dumps(found, default=str, indent=2))
    else:
        columns = ["file", "connector", "sessions", "minutes", "daily_totals", "covers_from", "covers_to", "reason"]
        show(columns, [tuple(entry[name] for name in columns) for entry in found], False)
    return REJECTED if any(entry["rejected"] for entry in found) else CLEAN
