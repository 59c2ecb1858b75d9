"""Check the installation and the study, and say what to do about each finding.

stepwindow doctor
stepwindow doctor --study riverside --json
"""

from __future__ import annotations

import argparse
import sys

from flows.commands import CANNOT, CLEAN, REJECTED, with_study
from flows.say import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which study."""
    with_study(parser)


def call(arguments: argparse.Namespace) -> int:
    """0: all well; 1: there are findings; 2: there is no study that can be read."""
    from flows.answers.doctor import examine
    from flows.answers.finding import by_urgency, show_findings
    from flows.terminal import console, print_json

    found = examine(arguments.study)
    if arguments.json:
        checks = [{"check": name, "is_well": not said} for name, said in found.checks]
        findings = [finding.as_json() for finding in by_urgency(found.findings)]
        print_json({"checks": checks, "findings": findings, "no_study": found.no_study})
    else:
        out = console()
        for name, said in found.checks:
            out.print(f"{'look' if said else 'ok':5} {name}", style="bold" if said else None)
        if found.findings:
            out.print()
            show_findings(by_urgency(found.findings), 20)
    if found.no_study:
        say(f"stepwindow: {found.no_study}", to=sys.stderr)
        return CANNOT
    return REJECTED if found.findings else CLEAN
