"""Write the HTML report: a page over everybody and a page per participant, to be opened from the disk.

stepwindow report --open
stepwindow report --as-of 2026-03-09 --out march
stepwindow report --known-by 2026-03-09T08:00 --out march
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.commands import CLEAN, REJECTED, a_date, a_moment, with_study
from flows.output import print_json, say

if TYPE_CHECKING:
    from flows.report.write import Written
    from models.study.study import Study


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which study, as of when; whether to show it."""
    with_study(parser)
    parser.add_argument("--open", action="store_true", help="open it in the browser")
    parser.add_argument("--as-of", type=a_date, metavar="DATE", help="judged as of this date, with all that is known")
    parser.add_argument("--known-by", type=a_moment, metavar="TIME", help="as it stood, with what was known then")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where such a report is written; the study is left alone"
    )


def call(arguments: argparse.Namespace) -> int:
    """The report, as of the last run or another date. Only pages whose numbers changed are written."""
    from models.fault import StudyError
    from models.study.folder import read_study

    if (arguments.out is None) != (arguments.as_of is None and arguments.known_by is None):
        raise StudyError("--as-of or --known-by go with --out DIR: the report of the study itself is the last run's")
    study = read_study(arguments.study)
    done, more = _of_last_run(study) if arguments.out is None else _earlier(study, arguments)
    if arguments.json:
        pages = {"written": done.written, "unchanged": done.unchanged, "removed": done.removed}
        print_json({"report": str(done.index), **more, **pages, "failed": sorted(done.failed)})
    else:
        say(f"{os.path.relpath(done.index)}  ({done.written} pages written, {done.unchanged} unchanged)")
        if more:
            say(f"as of {more['as_of']}, {more['rests_on']}")
    if done.failed:
        who = ", ".join(sorted(done.failed))
        say(f"not written: the pages of {who}; report this: a fault of stepwindow", to=sys.stderr)
    if arguments.open:
        import webbrowser

        webbrowser.open(done.index.resolve().as_uri())
    return REJECTED if done.failed else CLEAN


def _of_last_run(study: Study) -> tuple[Written, dict[str, Any]]:
    from flows.night.progress import Progress
    from flows.report.write import write_report
    from models.store.lock import held
    from models.store.read import published_file

    published_file(study.warehouse)
    with held(study.warehouse, "report"), Progress() as progress:  # it is written by one at a time
        progress.step("report")
        return write_report(study.warehouse, study.name, progress), {}


def _earlier(study: Study, arguments: argparse.Namespace) -> tuple[Written, dict[str, Any]]:
    from flows.night.progress import Progress
    from flows.report.earlier import write_earlier

    with Progress() as progress:
        progress.step("report")
        found = write_earlier(study, arguments.out, arguments.as_of, arguments.known_by, progress)
    return found.written, {"as_of": str(found.as_of), "rests_on": found.rests_on}
