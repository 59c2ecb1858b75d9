"""Write the HTML report: a page over everybody and a page per participant, to be opened from the disk.

stepwindow report --open
"""

from __future__ import annotations

import argparse
import os
import sys

from flows.commands import CLEAN, REJECTED, with_study
from flows.output import print_json, say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which study; whether to show it."""
    with_study(parser)
    parser.add_argument("--open", action="store_true", help="open it in the browser")


def call(arguments: argparse.Namespace) -> int:
    """The report, as of the last run. Only pages whose numbers changed are written."""
    from flows.night.progress import Progress
    from flows.report.write import write_report
    from models.store.lock import held
    from models.store.read import published_file
    from models.study.folder import read_study

    study = read_study(arguments.study)
    published_file(study.warehouse)
    with held(study.warehouse, "report"), Progress() as progress:  # it is written by one at a time
        progress.step("report")
        done = write_report(study.warehouse, study.name, progress)
    if arguments.json:
        pages = {"written": done.written, "unchanged": done.unchanged, "removed": done.removed}
        print_json({"report": str(done.index), **pages, "failed": sorted(done.failed)})
    else:
        say(f"{os.path.relpath(done.index)}  ({done.written} pages written, {done.unchanged} unchanged)")
    if done.failed:
        who = ", ".join(sorted(done.failed))
        say(f"not written: the pages of {who}; report this: a fault of stepwindow", to=sys.stderr)
    if arguments.open:
        import webbrowser

        webbrowser.open(done.index.resolve().as_uri())
    return REJECTED if done.failed else CLEAN
