"""Which reader would take each file, and what it would yield; needs no study.

stepwindow identify takeout.zip 2026-03-09.fit
stepwindow identify --timezone Europe/Berlin diary.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.commands import CLEAN, REJECTED, with_json, with_timezone, with_zip_password
from flows.output import print_json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which files."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    with_timezone(parser)
    with_zip_password(parser)
    with_json(parser)


def call(arguments: argparse.Namespace) -> int:
    """Each file, and each file inside a zip."""
    from flows.answers.identify import look, show
    from flows.zip_password import asked_for

    password = asked_for(arguments.zip_password)
    found = [entry for file in arguments.files for entry in look(file, arguments.timezone, password)]
    print_json(found) if arguments.json else show(found)
    return REJECTED if any(entry["rejected"] for entry in found) else CLEAN
