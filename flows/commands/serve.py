"""The schedules: a night at a fixed time, and a backfill with a form, in a Prefect server here.

stepwindow serve --study riverside --at 02:30
"""

from __future__ import annotations

import argparse
import re

from flows.commands import CLEAN, of_study


def arguments(parser: argparse.ArgumentParser) -> None:
    """When, and where the server listens."""
    of_study(parser)
    parser.add_argument(
        "--at", type=_a_time, default="02:30", metavar="HH:MM", help="in the study's zone (%(default)s)"
    )
    parser.add_argument(
        "--port", type=_a_port, default=4200, help="of the server, on the loopback (%(default)s); a server that "
        "PREFECT_API_URL names is used instead"
    )  # fmt: skip


def call(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    from flows.engine.serve import serve

    serve(arguments.study, arguments.at, arguments.port)
    return CLEAN


def _a_port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port such as 4200")
    return int(text)


def _a_time(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time of day such as 02:30")
    return text
