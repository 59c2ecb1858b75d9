"""Take one file of a person out of the count and judge again; it stays out although it lies there.

FILE is its path below inbox/ (an archive or a folder: all that is in it), or the beginning of its SHA-256. It is known
by its content: another copy of it stays out too, also after `backfill --reload` and `--rebuild`.

stepwindow unload P07 P07/takeout.zip
stepwindow unload P07 3f9a2c41b7
stepwindow unload P07 P07/takeout.zip --undo
"""

from __future__ import annotations

import argparse
from typing import Any

from flows.commands import CLEAN, REJECTED, with_study
from flows.say import say


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose file, and which."""
    with_study(parser)
    parser.add_argument("participant")
    parser.add_argument(
        "file",
        metavar="FILE",
        help="path below inbox/ (an archive, a folder: all in it), or the beginning of its SHA-256",
    )
    parser.add_argument(
        "--undo", action="store_true", help="let it count again: it is read anew, where it still lies there"
    )


def call(arguments: argparse.Namespace) -> int:
    """Take it out (or back), then what a night does after reading."""
    from flows.night.progress import Progress
    from flows.night.steps import CODE_VERSION, Scope, begin, walk
    from flows.terminal import print_json
    from models.store import unload as store_unload

    who, undo = arguments.participant, arguments.undo
    run = begin(arguments.study, Scope("unload", participant=who), Progress())
    try:
        files = store_unload.find(run.store, who, arguments.file)
        count = (store_unload.take_back if undo else store_unload.unload)(run.store, who, files, CODE_VERSION)
    except BaseException:
        run.store.close()
        raise
    run.reads = undo
    walk(run)
    told = {
        "participant": who, "undone" if undo else "unloaded": count, "files": [file._asdict() for file in files],
        "days_resolved": run.days, "verdicts_changed": run.changes, "loaded": run.files["loaded"],
        "held": sorted(run.held),
    }  # fmt: skip
    print_json(told) if arguments.json else _show(told, undo)
    return CLEAN if run.is_clean else REJECTED


def _show(told: dict[str, Any], undo: bool) -> None:
    from flows.terminal import several

    who, loaded = told["participant"], told["loaded"]
    if undo:
        count = told["undone"]
        say(f"{who}: {several(count, 'file')} taken back, {loaded:,} loaded again")
        if loaded < count:
            say("  What no longer lies in the inbox counts again when it is handed over again.")
    else:
        say(f"{who}: {several(told['unloaded'], 'file')} taken out of the count; `--undo` takes back")
    for file in told["files"][:10]:
        say(f"  {file['path']}")
    if more := len(told["files"]) - 10:
        say(f"  ... and {more:,} more") if more > 0 else None
    say(f"  days       {told['days_resolved']:,} resolved")
    say(f"  verdicts   {told['verdicts_changed']:,} changed")
    if told["held"]:
        say("  held       their last published numbers stand: `stepwindow status`")
