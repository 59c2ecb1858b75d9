"""Print a script by which a shell completes commands and options.

stepwindow completion bash > ~/.local/share/bash-completion/completions/stepwindow
stepwindow completion zsh > ~/.zfunc/_stepwindow
stepwindow completion fish > ~/.config/fish/completions/stepwindow.fish
"""

from __future__ import annotations

import argparse

from flows.commands import CLEAN
from flows.output import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """For which shell."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish", "tcsh"), help="the shell that is to complete")


def call(arguments: argparse.Namespace) -> int:
    """The script is complete in itself: pressing TAB starts nothing of stepwindow."""
    import shtab

    from flows.cli import parser

    say(shtab.complete(parser(), arguments.shell))
    return CLEAN
