"""The same road over a chosen part of the inbox.

stepwindow backfill --participant P07 --reload
stepwindow backfill --connector fitbit_takeout --plan
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from flows.commands import CLEAN, a_date, a_moment, with_study
from flows.commands.nightly import walk_and_tell, with_walk
from flows.say import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which part."""
    with_study(parser)
    with_walk(parser)
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
    """Walk, replay what was known, or say what would be read."""
    from connectors import connectors
    from flows.night.steps import Scope, plan
    from flows.terminal import show
    from models.fault import StudyError

    if unknown := set(arguments.connector) - set(connectors()):
        raise StudyError(f"--connector: no reader called {min(unknown)}; there are {', '.join(connectors())}")
    scope = Scope(
        "backfill", as_of=arguments.as_of, participant=arguments.participant, connectors=frozenset(arguments.connector),
        since=arguments.since, until=arguments.until, reload=arguments.reload, verify=arguments.verify,
        rebuild=arguments.rebuild, accept_loss=arguments.accept_loss, dask=arguments.dask,
    )  # fmt: skip
    if arguments.known_by:
        return _replay(arguments)
    if arguments.plan:
        waiting = plan(arguments.study, scope)
        rows = [(who, files, size) for who, (files, size) in sorted(waiting.items())]
        show(["participant_id", "files", "bytes"], rows, arguments.json, "Would be read")
        return CLEAN
    return walk_and_tell(arguments, scope)


def _replay(arguments: argparse.Namespace) -> int:
    """The verdicts with what was known then: on a copy, nothing is kept."""
    from flows.answers.verdicts import VERDICTS, show_verdicts
    from flows.terminal import several
    from models.store.replay import replay
    from models.study.folder import read_study

    study = read_study(arguments.study)
    as_of = arguments.as_of or study.settings.as_of or datetime.now(ZoneInfo(study.timezone)).date()
    then = replay(study, as_of, arguments.known_by, VERDICTS, {"who": arguments.participant, "infusion": None})
    show_verdicts(then.columns, then.rows, arguments.json)
    if then.lost:
        gone = "that counted then were written over, moved or unloaded since: what is shown is without them"
        say(f"{several(then.lost, 'file')} {gone}", to=sys.stderr)
    return CLEAN
