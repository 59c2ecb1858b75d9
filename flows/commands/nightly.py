"""Load what is new in the inbox, judge, publish. Safe to repeat, safe to kill.

stepwindow nightly --study riverside
stepwindow nightly --study riverside --no-engine --json
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.commands import CLEAN, REJECTED, a_date, with_study
from flows.say import say

if TYPE_CHECKING:
    from flows.night.steps import LooksBack, Run
    from models.fault import Fault


def arguments(parser: argparse.ArgumentParser) -> None:
    """What a run takes."""
    with_study(parser)
    with_walk(parser)


def with_walk(parser: argparse.ArgumentParser) -> None:
    """The options of every walk along the road."""
    parser.add_argument("--as-of", type=a_date, metavar="DATE", help="judge as of this date (default: today)")
    parser.add_argument(
        "--accept-loss", action="store_true", help="what the inbox or a control file no longer has is gone on purpose"
    )
    parser.add_argument("--no-engine", action="store_true", help="without Prefect: for cron on a small machine")
    parser.add_argument(
        "--dask", default=os.environ.get("STEPWINDOW_DASK") or None, metavar="ADDRESS",
        help="read on the workers of a Dask cluster, such as tcp://host:8786 (default: $STEPWINDOW_DASK)",
    )  # fmt: skip


def call(arguments: argparse.Namespace) -> int:
    """One night."""
    from flows.night.steps import Scope

    return walk_and_tell(
        arguments, Scope("nightly", as_of=arguments.as_of, accept_loss=arguments.accept_loss, dask=arguments.dask)
    )


def walk_and_tell(arguments: argparse.Namespace, scope: Any) -> int:
    """Walk the road and say what came of it. The exit code: 0, or 1 where something new could not be used."""
    from flows.engine.cluster import check, fan_out
    from flows.night.progress import Progress
    from flows.night.steps import LooksBack, begin, walk
    from flows.terminal import print_json
    from models.fault import StudyError

    check(scope.dask)
    try:
        run = begin(arguments.study, scope, Progress())
    except LooksBack as back:
        return look_back(back, arguments)
    if arguments.no_engine:
        with fan_out(run):
            walk(run)
    else:
        from flows.engine.settings import settle

        settle(run.study.warehouse)
        try:
            from flows.nightly import walk_on_engine
        except ValueError:  # of pydantic, over many lines
            run.store.close()
            raise StudyError(
                "Prefect refuses a setting of the environment; look at its PREFECT_ variables, or run with --no-engine"
            ) from None

        walk_on_engine(run)
    if arguments.json:
        print_json(_summary(run))
    else:
        _tell(run)
        _tell_faults(run)
    return CLEAN if run.is_clean else REJECTED


def look_back(back: LooksBack, arguments: argparse.Namespace) -> int:
    """The verdicts as of an earlier date, judged on a copy: nothing is kept or published."""
    from flows.answers.verdicts import VERDICTS, show_verdicts
    from models.store.replay import replay

    who = getattr(arguments, "participant", None)
    then = replay(back.study, back.as_of, None, VERDICTS, {"who": who, "infusion": None})
    show_verdicts(then.columns, then.rows, arguments.json)
    if not arguments.json:
        say(f"As of {back.as_of}, before what is published ({back.known}): nothing was read, kept or published.")
    return CLEAN


def _summary(run: Run) -> dict:
    return {
        "study": run.study.name, "as_of": str(run.as_of), "files_found": run.found, **run.files,
        "rejections_standing": run.standing, "days_resolved": run.days, "verdicts_changed": run.changes,
        "files_moved": run.moved,
        "published": str(run.published), "report": str(run.report) if run.report else None,
        "forgotten": len(run.study.forgotten),
        "faults": [_sentence(fault) for fault in run.new_faults], "held": sorted(run.held),
        "held_goals": sorted(run.held_goals), "alarms": [str(alarm) for alarm in run.alarms], "next": _next(run),
    }  # fmt: skip


def _tell(run: Run) -> None:
    """Counts; the verdicts themselves only on a terminal: what cron is told, it sends by mail."""
    from flows.answers.verdicts import print_verdicts
    from flows.night.outcome import verdict_counts
    from flows.terminal import several

    f = run.files
    news = f"{f['loaded']} loaded, {f['duplicate']} duplicate, {f['ignored']} ignored, {f['rejected']} rejected"
    say(f"{run.study.name}, as of {run.as_of}")
    say(f"  inbox      {several(run.found, 'file')}; new: {news}")
    say(f"  days       {run.days:,} resolved")
    say(f"  verdicts   {run.changes:,} changed")
    say(f"  published  {_short(run.published)}")
    if run.report:
        say(f"  report     {_short(run.report)}")
    if gone := len(run.study.forgotten):
        say(f"  {several(gone, 'participant')} forgotten: their folder and rows were not read")
    if run.moved:
        say(f"  moved      {several(run.moved, 'file')} to another folder, taken out where it lay before")
    if run.held:
        say(f"  held       {several(len(run.held), 'participant')}, their numbers stand as before: `stepwindow status`")
    if run.held_goals:
        say(f"  held       {several(len(run.held_goals), 'goal')}, verdicts stand as before: `stepwindow status`")
    if run.standing:
        say(f"  {several(run.standing, 'rejection')} from before: `stepwindow status` names what is not used")
    if run.study.goals and sys.stdout.isatty():
        print_verdicts(run.study.warehouse, False, most=40)
    elif run.study.goals:
        for status, number in verdict_counts(run.study.warehouse).items():
            say(f"  {status:<18} {number}")
    if step := _next(run):
        say(f"next: {step}")


def _tell_faults(run: Run) -> None:
    """A line each, to whoever can mend it. Where nobody watches, exports are not named: their names are people's."""
    from flows.night.outcome import not_used
    from models.fault import CONTROL_FILE

    watched = sys.stderr.isatty()
    for alarm in run.alarms:
        say(f"amiss: {alarm}", to=sys.stderr)
    for fault in run.new_faults:
        if fault in run.alarms:
            continue
        if watched or fault.kind == CONTROL_FILE:  # a row of a control file is named with its value wherever it is told
            say(f"not used: {_sentence(fault)}", to=sys.stderr)
    for who, why in run.held.items():
        if watched or why.is_by_row:  # as above
            say(f"held: {who}: {why.reason}; {why.what_to_do}", to=sys.stderr)
    for goal, held in run.held_goals.items():
        say(f"held: goal {goal} of {held.participant_id}: {held.reason}; {held.what_to_do}", to=sys.stderr)
    for row in (
        []
        if watched
        else not_used([fault for fault in run.new_faults if fault.kind != CONTROL_FILE and fault not in run.alarms])
    ):
        told = f"{row['how many']} x {row['where']}: expected {row['expected']}; {row['what to do']}"
        say(f"not used: {told} (`stepwindow status` names each)", to=sys.stderr)


def _sentence(fault: Fault) -> str:
    """Rows of control files stand in one list with exports here: the name, a comma, the place."""
    return f"{fault.summary(', ')}; {fault.remedy}"


def _next(run: Run) -> str | None:
    """What a new study still lacks."""
    if run.alarms:
        return None
    study, readme = run.study, "README.txt in the study folder explains how"
    if not study.participants:
        return f"participants.csv has no usable line yet: add one per person (P01 is a whole line); {readme}"
    if not run.found:
        who = study.participants[0].participant_id
        return f"the inbox is empty: put exports into inbox/<participant_id>/, for example inbox/{who}/"
    if not study.infusions:
        return f"infusions.csv has no usable line yet: weeks begin with an infusion; {readme}"
    if not study.goals:
        return f"goals.csv has no usable line yet: no week is judged without a goal; {readme}"
    return None


def _short(path: Path | None) -> str:
    """From here, where it is below."""
    if path is None:
        return ""
    short = os.path.relpath(path)
    return str(path) if short.startswith("..") else short
