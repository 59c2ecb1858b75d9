"""Print a script by which a shell completes commands and options.

stepwindow completion bash > ~/.local/share/bash-completion/completions/stepwindow
stepwindow completion zsh > ~/.zfunc/_stepwindow
stepwindow completion fish > ~/.config/fish/completions/stepwindow.fish
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.commands import CLEAN
from flows.output import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """For which shell."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish", "tcsh"), help="the shell that is to complete")


def call(arguments: argparse.Namespace) -> int:
    """The script is complete in itself: pressing TAB starts nothing of stepwindow."""
    import shtab

    from flows.cli import parser

    whole = parser()
    _complete_paths(whole)
    say(shtab.complete(whole, arguments.shell))
    return CLEAN


def _complete_paths(parser: argparse.ArgumentParser) -> None:
    """Every path is completed as one, in each command."""
    import shtab

    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                _complete_paths(command)
        elif action.type is Path:
            is_folder = action.metavar in ("DIR", "OUT")
            action.complete = shtab.DIRECTORY if is_folder else shtab.FILE  # type: ignore[attr-defined]
