"""Load what is new in the inbox, judge, publish. Safe to repeat, safe to kill.

stepwindow nightly --study riverside
stepwindow nightly --study riverside --no-engine --json
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from flows.commands import CLEAN, REJECTED, a_date, with_study, with_zip_password

if TYPE_CHECKING:
    from flows.night.run import Scope


def arguments(parser: argparse.ArgumentParser) -> None:
    """What a run takes."""
    with_study(parser)
    with_run(parser)


def with_run(parser: argparse.ArgumentParser) -> None:
    """The options of every run of the steps."""
    parser.add_argument("--as-of", type=a_date, metavar="DATE", help="judge as of this date (default: today)")
    parser.add_argument(
        "--accept-loss", action="store_true", help="what the inbox or a control file no longer has is gone on purpose"
    )
    with_zip_password(parser)
    parser.add_argument("--no-engine", action="store_true", help="without Prefect: for cron on a small machine")
    parser.add_argument(
        "--dask", default=os.environ.get("STEPWINDOW_DASK") or None, metavar="ADDRESS",
        help="read on the workers of a Dask cluster, such as tcp://host:8786 (default: $STEPWINDOW_DASK)",
    )  # fmt: skip


def call(arguments: argparse.Namespace) -> int:
    """One night."""
    from flows.night.run import Scope
    from flows.zip_password import asked_for

    scope = Scope(
        "nightly", as_of=arguments.as_of, accept_loss=arguments.accept_loss, dask=arguments.dask,
        zip_password=asked_for(arguments.zip_password, dask=arguments.dask),
    )  # fmt: skip
    return run_and_show(arguments, scope)


def run_and_show(arguments: argparse.Namespace, scope: Scope) -> int:
    """Run the steps and print the result. The exit code: 0, or 1 where something new could not be used."""
    from flows.answers import run_summary
    from flows.answers.verdicts import show_before_published
    from flows.engine.start import run_by_hand
    from flows.night.run import BeforePublished
    from flows.output import print_json

    try:
        run = run_by_hand(arguments.study, scope, with_engine=not arguments.no_engine)
    except BeforePublished as asked:
        show_before_published(asked, scope.participant, arguments.json)
        return CLEAN
    print_json(run_summary.as_json(run)) if arguments.json else run_summary.show(run)
    return CLEAN if run.is_clean else REJECTED
