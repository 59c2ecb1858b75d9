"""The sample study in a folder of its own, to try everything on.

stepwindow demo riverside
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.commands import CLEAN
from flows.output import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a new folder, or an empty one")


def call(arguments: argparse.Namespace) -> int:
    """Make it, and say what comes next."""
    from flows import sample

    sample.make(arguments.folder)
    say(f"made {arguments.folder}: exports of six people who do not exist, over ten weeks. Next:")
    say(f"  1. stepwindow nightly --study {arguments.folder}")
    say(f"  2. stepwindow goals --study {arguments.folder}")
    say(f"  3. stepwindow report --open --study {arguments.folder}")
    say("a study of your own: stepwindow init DIR")
    return CLEAN
