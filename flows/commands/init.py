"""Make a study folder whose every file explains itself.

stepwindow init riverside
stepwindow init riverside --name "Riverside programme" --timezone Europe/Berlin
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.commands import CLEAN
from flows.output import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where, and what can be asked for beforehand."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new folder, or an empty one")
    parser.add_argument("--name", default="My study", help="how the study is called")
    parser.add_argument("--timezone", metavar="ZONE", help="the clinic's time zone (default: this machine's)")


def call(arguments: argparse.Namespace) -> int:
    """Make it, and say in three lines how it goes on."""
    from flows.new_study import make

    timezone = make(arguments.folder, arguments.name, arguments.timezone)
    say(f"made {arguments.folder}; README.txt in it explains every file. The clinic's time zone is {timezone}:")
    say("if that is wrong, correct it in study.toml. Next:")
    say(f"  1. add a line per person to {arguments.folder / 'participants.csv'} (P01 is a whole line)")
    say(f"  2. put what P01 handed over into {arguments.folder / 'inbox' / 'P01'}, files or .zip as they are")
    say(f"  3. stepwindow nightly --study {arguments.folder}")
    return CLEAN
