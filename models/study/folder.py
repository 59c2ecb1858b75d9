"""The way into a study: its folder is read, with its settings, control files, and what is used where they are bad.

A bad row is never used in part and never disappears: it is a Fault.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from models.fault import Fault, StudyError
from models.study import kept, versions
from models.study.checks import checked, histories, moves, one_a_day, only_roles, with_unusable, within_a_day
from models.study.control_file import Sheet, lying, read_sheet
from models.study.covariates import settle
from models.study.forgotten import among, tombstones
from models.study.holding import Ids, in_use
from models.study.rows import (
    FILES,
    OPTIONAL_FILES,
    Attendance,
    Context,
    ExcusedDays,
    GoalVersion,
    Infusion,
    Outcome,
    Participant,
    Zone,
)  # fmt: skip
from models.study.settings import TOML, read_toml
from models.study.study import Rows, Study
from models.warehouse import placed


def read_study(folder: Path, *, accept_loss: bool = False, before: Study | None = None) -> Study:
    """Read a study folder, with the rows of earlier versions where today's cannot be used or are gone (holding.py).

    StudyError where that cannot be done; a bad row is in `faults` and the rest is read. `accept_loss`: what a control
    file no longer has is gone on purpose. `before`: what was read a moment ago, and is good if nothing is other. Rows
    are read when somebody asks for them, where all else is known (kept.py).
    """
    begun = _begin(folder)
    if before and begun.print and before.print == begun.print:
        return before
    known = None if _forgotten(begun, ()) else kept.read(begun, lambda: _whole(begun, accept_loss))
    return known or _whole(begun, accept_loss)


def _whole(begun: Study, accept_loss: bool) -> Study:
    """The study with all of its rows. Its fingerprint is none where something was changed while it was read."""
    with _uncollected():
        today = _with_rows(begun, begun.folder)
        found = _in_use(today, today, versions.used(today.warehouse), accept_loss)
    return found if kept.fingerprint(begun.folder, begun.warehouse) == begun.print else replace(found, print="")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for garbage: of a hundred thousand rows none is, and each look takes them all into its hand."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def read_as_it_was(today: Study, moment: datetime) -> Study:
    """The study with the control files that were in use at an instant (UTC, naive); before the first: with the first.

    Where there is no version yet, today's.
    """
    used = versions.used(today.warehouse, moment) or versions.used(today.warehouse)[-1:]
    return _in_use(_version(used[0], today), today, used, accept_loss=True) if used else today


def _in_use(study: Study, today: Study, used: list[Path], accept_loss: bool) -> Study:
    """A study with what is used in place of its bad rows. `used`: the versions to take it from, the last one first."""
    before = Ids.of(versions.sheets(used[0]), today.forgotten) if used else Ids()
    return in_use(study, before, _readable(used, today), accept_loss)


def _readable(used: list[Path], today: Study) -> Iterator[Study]:
    """The versions that this version of stepwindow can read."""
    for version in used:
        try:
            yield _version(version, today)
        except StudyError:
            continue


def _begin(folder: Path, today: Study | None = None) -> Study:
    """What study.toml says, and nothing of the rows: of a study's folder, or of a version that is read as part of
    `today`'s study."""
    toml = read_toml(folder / TOML)
    if today:
        warehouse, inbox = today.warehouse, today.inbox
    else:
        warehouse = placed(folder, toml.warehouse.path, toml.warehouse.key_file)
        inbox = toml.inbox.path if "://" in toml.inbox.path else folder / toml.inbox.path
    if isinstance(inbox, Path) and warehouse.is_relative_to(inbox.resolve()):
        raise StudyError("study.toml: [warehouse] path is inside the inbox, which is only read; choose another folder")
    read_from = "" if today else kept.fingerprint(folder, warehouse)
    if read_from and read_toml(folder / TOML) != toml:  # saved just now: the fingerprint is of what was not read
        read_from = ""
    return Study(
        folder=today.folder if today else folder, name=toml.name, timezone=toml.timezone, dates=toml.dates,
        cut_points=toml.cut_points, settings=toml.goals, inbox=inbox, warehouse=warehouse,
        reports_nightly=toml.report.nightly, snapshots=toml.report.snapshots, by_hour=toml.publish.hourly,
        shards=toml.warehouse.shards, tombstones=tombstones(warehouse), print=read_from,
    )  # fmt: skip


def _with_rows(begun: Study, folder: Path) -> Study:
    """The study with the rows of the control files in a folder: its own, or that of a version."""
    sheets = {
        stem: read_sheet(path, model)
        for stem, model in FILES.items()
        if lying(path := folder / f"{stem}.csv").exists() or stem not in OPTIONAL_FILES
    }
    gone = _forgotten(begun, sheets.values())
    for sheet in sheets.values() if folder == begun.folder else ():  # in a version is nothing else
        settle(sheet, sheets["participants"], gone)
    found, places = _good_rows(sheets, Context(begun.timezone, begun.settings.weeks, begun.dates))
    used: dict[str, Any] = {
        stem: tuple(row for row in good if row.participant_id not in gone) for stem, good in found.items()
    }
    rows = Rows(goal_places=places, sheets=list(sheets.values()), **used)
    return replace(
        begun, read=lambda: rows, **rows.in_short, forgotten=gone,
        faults=[fault for sheet in rows.sheets for fault in _faults(sheet, gone)],
        notes=[note for sheet in rows.sheets for note in sheet.notes],
        unpublished={sheet.file: sheet.unpublished for sheet in rows.sheets if sheet.unpublished},
    )  # fmt: skip


def _version(folder: Path, today: Study) -> Study:
    """A version of the control files."""
    return _with_rows(_begin(folder, today), folder)


def _good_rows(sheets: dict[str, Sheet], context: Context) -> tuple[dict[str, Any], dict[tuple[str, int], str]]:
    """The rows of each file that can be used, with what they may refer to before them; and the place of each goal."""
    people = with_unusable(checked(sheets["participants"], Participant, context), sheets["participants"])
    context.participants = {p.participant_id for p in people}
    infusions = one_a_day(checked(sheets["infusions"], Infusion, context), sheets["infusions"])
    context.infusions = {i.infusion_id: i.participant_id for i in infusions}
    only_roles(sheets["goals"], GoalVersion)
    goals = checked(sheets["goals"], GoalVersion, context)
    places = {(g.goal_id, g.version): f"{sheets['goals'].file} line {line}" for line, g in goals}
    rows = {"participants": people, "infusions": infusions, "goals": histories(goals, sheets["goals"])}
    rows["holds"] = [days for _, days in checked(sheets["holds"], ExcusedDays, context)] if "holds" in sheets else []
    rows["zones"] = moves(checked(sheets["zones"], Zone, context), sheets["zones"]) if "zones" in sheets else []
    rows["attendance"] = _attended(sheets["attendance"], context) if "attendance" in sheets else []
    rows["outcomes"] = [row for _, row in checked(sheets["outcomes"], Outcome, context)] if "outcomes" in sheets else []
    return rows, places


def _attended(sheet: Sheet, context: Context) -> list[Attendance]:
    only_roles(sheet, Attendance)
    return within_a_day(checked(sheet, Attendance, context), sheet)


def _forgotten(begun: Study, sheets: Iterable[Sheet]) -> frozenset[str]:
    """Who, of those named by the control files or a near inbox, has a tombstone: nothing else ever sees them."""
    if not begun.tombstones:
        return frozenset()
    named = {row.cells.get("participant_id", "") for sheet in sheets for row in sheet.all_rows}
    folders = begun.inbox.glob("*") if isinstance(begun.inbox, Path) else ()
    return among(begun.tombstones, named | {path.name for path in folders})


def _faults(sheet: Sheet, gone: frozenset[str]) -> list[Fault]:
    """What is wrong in a sheet, from top to bottom; rows of forgotten people are neither right nor wrong."""
    unread = {row.line for row in sheet.all_rows if row.cells.get("participant_id") in gone} if gone else set()
    return sorted((fault for fault in sheet.faults if fault.line not in unread), key=lambda fault: fault.line)
