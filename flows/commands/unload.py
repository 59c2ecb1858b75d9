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
from flows.output import print_json, say, several


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose file, and which."""
    with_study(parser)
    parser.add_argument("participant")
    what = "path below inbox/ (an archive, a folder: all in it), or the beginning of its SHA-256"
    parser.add_argument("file", metavar="FILE", help=what)
    undo = "let it count again: it is read anew, where it still lies there"
    parser.add_argument("--undo", action="store_true", help=undo)


def call(arguments: argparse.Namespace) -> int:
    """Take it out (or back), then what a night does after reading."""
    from flows.removal import unload

    done, is_clean = unload(arguments.study, arguments.participant, arguments.file, arguments.undo)
    print_json(done) if arguments.json else _show(done, arguments.undo)
    return CLEAN if is_clean else REJECTED


def _show(done: dict[str, Any], undo: bool) -> None:
    who, loaded = done["participant"], done["loaded"]
    if undo:
        count = done["undone"]
        say(f"{who}: {several(count, 'file')} taken back, {loaded:,} loaded again")
        if loaded < count:
            say("  What no longer lies in the inbox counts again when it is handed over again.")
    else:
        say(f"{who}: {several(done['unloaded'], 'file')} taken out of the count; `--undo` takes back")
    for file in done["files"][:10]:
        say(f"  {file['path']}")
    if more := len(done["files"]) - 10:
        say(f"  ... and {more:,} more") if more > 0 else None
    say(f"  days       {done['days_resolved']:,} resolved")
    say(f"  verdicts   {done['verdicts_changed']:,} changed")
    if done["held"]:
        say("  held       their last published numbers stand: `stepwindow status`")
