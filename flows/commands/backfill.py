"""The same steps over a chosen part of the inbox.

stepwindow backfill --participant P07 --reload
stepwindow backfill --connector fitbit_takeout --plan
stepwindow backfill --participant P07 --zip-password
"""

from __future__ import annotations

import argparse

from flows.commands import CLEAN, a_date, a_moment, with_study
from flows.commands.nightly import run_and_show, with_run


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which part."""
    with_study(parser)
    with_run(parser)
    parser.add_argument("--participant", help="only this person's folder")
    parser.add_argument(
        "--from", dest="since", type=a_date, metavar="DATE", help="only files with data on or after this date"
    )
    parser.add_argument(
        "--to", dest="until", type=a_date, metavar="DATE", help="only files with data on or before this date"
    )
    parser.add_argument("--connector", action="append", default=[], help="only exports of this kind (may be repeated)")
    parser.add_argument("--reload", action="store_true", help="decode again what was loaded before")
    parser.add_argument("--verify", action="store_true", help="look at the content of every file, changed or not")
    parser.add_argument("--rebuild", action="store_true", help="make the store anew from the inbox")
    parser.add_argument(
        "--known-by", type=a_moment, metavar="TIME", help="with what was loaded until then; keeps nothing"
    )
    parser.add_argument("--plan", action="store_true", help="say what would be read, do nothing")


def call(arguments: argparse.Namespace) -> int:
    """Run, replay what was known, or print what would be read."""
    from connectors import connectors
    from flows.answers.verdicts import show_known_by
    from flows.environment import as_of
    from flows.night.run import Scope
    from flows.night.steps import plan
    from flows.terminal import show
    from flows.zip_password import asked_for
    from models.fault import StudyError
    from models.study.folder import read_study

    if unknown := set(arguments.connector) - set(connectors()):
        raise StudyError(f"--connector: no reader called {min(unknown)}; there are {', '.join(connectors())}")
    scope = Scope(
        "backfill", as_of=arguments.as_of, participant=arguments.participant, connectors=frozenset(arguments.connector),
        since=arguments.since, until=arguments.until, reload=arguments.reload, verify=arguments.verify,
        rebuild=arguments.rebuild, accept_loss=arguments.accept_loss, dask=arguments.dask,
        zip_password=asked_for(arguments.zip_password, dask=arguments.dask),
    )  # fmt: skip
    if arguments.known_by:
        study = read_study(arguments.study)
        date = arguments.as_of or as_of(study)
        show_known_by(study, date, arguments.known_by, arguments.participant, arguments.json)
        return CLEAN
    if arguments.plan:
        rows = [(who, *waiting) for who, waiting in sorted(plan(arguments.study, scope).items())]
        show(["participant_id", "files", "bytes"], rows, arguments.json, "Would be read")
        return CLEAN
    return run_and_show(arguments, scope)
