"""Load what is new in the inbox, judge, publish. Safe to repeat, safe to kill."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from flows.commands import CLEAN, REJECTED, a_date, with_study

if TYPE_CHECKING:
    from flows.road import Run


def arguments(parser: argparse.ArgumentParser) -> None:
    """What a run takes."""
    with_study(parser)
    with_walk(parser)


def with_walk(parser: argparse.ArgumentParser) -> None:
    """The options of every walk along the road."""
    parser.add_argument("--as-of", type=a_date, metavar="DATE", help="judge as of this date (default: today)")
    parser.add_argument("--no-engine", action="store_true", help="without Prefect: for cron on a small machine")


def call(arguments: argparse.Namespace) -> int:
    """One night."""
    from flows.road import Scope

    return walk_and_tell(arguments, Scope("nightly", as_of=arguments.as_of))


def walk_and_tell(arguments: argparse.Namespace, scope: Any) -> int:
    """Walk the road and say what came of it. The exit code: 0, or 1 where something new could not be used."""
    from flows.progress import Progress
    from flows.road import begin, walk

    run = begin(arguments.study, scope, Progress())
    if arguments.no_engine:
        walk(run)
    else:
        from flows.engine import settle

        settle(run.study.warehouse)
        from flows.nightly import walk_on_engine

        walk_on_engine(run)
    if arguments.json:
        print(json.dumps(_summary(run), indent=2))
    else:
        _tell(run)
        _tell_faults(run)
    return CLEAN if run.is_clean else REJECTED


def _summary(run: Run) -> dict:
    return {
        "study": run.study.name, "as_of": str(run.as_of), "files_found": run.found, **run.files,
        "rejections_standing": run.standing, "days_resolved": run.days, "verdicts_changed": run.changes,
        "published": str(run.published), "faults": [str(fault) for fault in run.new_faults],
    }  # fmt: skip


def _tell(run: Run) -> None:
    """Counts; the verdicts themselves only on a terminal: what cron is told, it sends by mail."""
    from flows.outcome import verdict_counts
    from flows.verdicts import print_verdicts

    f = run.files
    news = f"{f['loaded']} loaded, {f['duplicate']} duplicate, {f['ignored']} ignored, {f['rejected']} rejected"
    print(f"{run.study.name}, as of {run.as_of}")
    print(f"  inbox      {run.found} files; new: {news}")
    print(f"  days       {run.days} resolved")
    print(f"  verdicts   {run.changes} changed")
    print(f"  published  {os.path.relpath(run.published) if run.published else ''}")
    if run.standing:
        print(f"  {run.standing} rejections stand from before: `stepwindow status` names them")
    if sys.stdout.isatty():
        print_verdicts(run.study.warehouse, False, most=40)
        return
    for status, number in verdict_counts(run.study.warehouse).items():
        print(f"  {status:<18} {number}")


def _tell_faults(run: Run) -> None:
    """A line each, to whoever can mend it. Where nobody watches, exports are not named: their names are people's."""
    from flows.outcome import not_used

    watched = sys.stderr.isatty()
    for fault in run.new_faults:
        if watched or fault.value is not None:  # a row of a control file is named with its value wherever it is told
            print(f"not used: {fault}", file=sys.stderr)
    for row in [] if watched else not_used([fault for fault in run.new_faults if fault.value is None]):
        told = f"{row['how many']} x {row['where']}: expected {row['expected']}; {row['what to do']}"
        print(f"not used: {told} (`stepwindow status` names each)", file=sys.stderr)
