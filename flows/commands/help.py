"""What an exit code or a file means; or the help of a command.

stepwindow help exit-codes
stepwindow help files
stepwindow help nightly
"""

from __future__ import annotations

import argparse

from flows.commands import CLEAN
from flows.output import say

_TOPICS = {"exit-codes": "what the number means with which a command ends", "files": "what lies where in a study"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """About what."""
    parser.add_argument(
        "topic", nargs="?", metavar="TOPIC", help="exit-codes, files, or a command (default: list the topics)"
    )


def call(arguments: argparse.Namespace) -> int:
    """A topic, the list of topics, or what `COMMAND --help` prints."""
    from flows.guide import exit_codes, places

    topic = arguments.topic
    if topic is None:
        _list(list(_TOPICS.items()))
        say("stepwindow help COMMAND: the same as stepwindow COMMAND --help")
    elif topic == "exit-codes":
        _list(exit_codes())
    elif topic == "files":
        _list([(place.path, f"{place.holds} ({place.who})") for place in places()])
    else:
        from flows.cli import parser

        parser(topic).parse_args([topic, "--help"])
    return CLEAN


def _list(rows: list[tuple[str, str]]) -> None:
    from flows.terminal import console, table

    console().print(table(["", ""], rows))
