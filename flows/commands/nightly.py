"""Load what is new in the inbox, judge, publish. Safe to repeat, safe to kill."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from flows.commands import CLEAN, REJECTED, a_date, with_study


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
    from flows.road import begin, walk
    from flows.verdicts import print_verdicts

    run = begin(arguments.study, scope, tell=lambda line: print(line, file=sys.stderr))
    if arguments.no_engine:
        walk(run)
    else:
        from flows.nightly import walk_on_engine

        walk_on_engine(run)
    summary = {
        "study": run.study.name, "as_of": str(run.as_of), "files_found": run.found, **run.files,
        "rejections_standing": run.standing, "days_resolved": run.days, "verdicts_changed": run.changes,
        "published": str(run.published), "report": str(run.report),
        "faults": [str(fault) for fault in run.new_faults],
    }  # fmt: skip
    if arguments.json:
        print(json.dumps(summary, indent=2))
        return CLEAN if run.is_clean else REJECTED
    f = run.files
    news = f"{f['loaded']} loaded, {f['duplicate']} duplicate, {f['ignored']} ignored, {f['rejected']} rejected"
    print(f"{run.study.name}, as of {run.as_of}")
    print(f"  inbox      {run.found} files; new: {news}")
    print(f"  days       {run.days} resolved")
    print(f"  verdicts   {run.changes} changed")
    print(f"  published  {os.path.relpath(run.published) if run.published else ''}")
    print(f"  report     {os.path.relpath(run.report) if run.report else ''}")
    if run.standing:
        print(f"  {run.standing} rejections stand from before: `stepwindow status` names them")
    print_verdicts(run.study.warehouse, False)
    for fault in run.new_faults:
        print(f"not used: {fault}", file=sys.stderr)
    return CLEAN if run.is_clean else REJECTED
