"""The way into a study: its folder is read, with its settings, control files, and what is used where they are bad.

A bad row is never used in part and never disappears: it is a Fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from models.fault import Fault, StudyError
from models.study import versions
from models.study.checks import checked, histories, moves, one_a_day, only_roles, with_unusable, within_a_day
from models.study.control_file import Sheet, lying, read_sheet
from models.study.covariates import settle
from models.study.forgotten import Tombstones, among, tombstones
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
from models.study.settings import MOST_BY_THE_HOUR, TOML, read_toml
from models.study.study import Study
from models.warehouse import placed


def read_study(folder: Path, *, accept_loss: bool = False) -> Study:
    """Read a study folder, with the rows of earlier versions where today's cannot be used or are gone (holding.py).

    StudyError where that cannot be done; a bad row is in `faults` and the rest is read. `accept_loss`: what a control
    file no longer has is gone on purpose.
    """
    today = _read(folder, None)
    return _in_use(today, today, versions.used(today.warehouse), accept_loss)


def read_as_it_was(today: Study, moment: datetime) -> Study:
    """The study with the control files that were in use at an instant (UTC, naive); before the first: with the first.

    Where there is no version yet, today's.
    """
    used = versions.used(today.warehouse, moment) or versions.used(today.warehouse)[-1:]
    return _in_use(_read(used[0], today), today, used, accept_loss=True) if used else today


def _in_use(study: Study, today: Study, used: list[Path], accept_loss: bool) -> Study:
    """A study with what is used in place of its bad rows. `used`: the versions to take it from, the last one first."""
    before = Ids.of(versions.sheets(used[0]), today.forgotten) if used else Ids()
    return in_use(study, before, _readable(used, today), accept_loss)


def _readable(used: list[Path], today: Study) -> Iterator[Study]:
    """The versions that this version of stepwindow can read."""
    for version in used:
        try:
            yield _read(version, today)
        except StudyError:
            continue


def _read(folder: Path, today: Study | None) -> Study:
    """The control files in a folder: the study's own, or a version of them that is read as part of `today`'s study."""
    toml = read_toml(folder / TOML)
    if today:
        warehouse, inbox = today.warehouse, today.inbox
    else:
        warehouse = placed(folder, toml.warehouse.path, toml.warehouse.key_file)
        inbox = toml.inbox.path if "://" in toml.inbox.path else folder / toml.inbox.path
    if isinstance(inbox, Path) and warehouse.is_relative_to(inbox.resolve()):
        raise StudyError("study.toml: [warehouse] path is inside the inbox, which is only read; choose another folder")
    sheets = {
        stem: read_sheet(path, model)
        for stem, model in FILES.items()
        if lying(path := folder / f"{stem}.csv").exists() or stem not in OPTIONAL_FILES
    }
    stones = tombstones(warehouse)
    gone = _forgotten(stones, inbox, sheets.values())
    for sheet in () if today else sheets.values():  # in a version is nothing else
        settle(sheet, sheets["participants"], gone)
    rows, places = _good_rows(sheets, Context(toml.timezone, toml.goals.weeks, toml.dates))
    used: dict[str, Any] = {
        stem: tuple(row for row in good if row.participant_id not in gone) for stem, good in rows.items()
    }
    return Study(
        folder=today.folder if today else folder, name=toml.name, timezone=toml.timezone, dates=toml.dates,
        cut_points=toml.cut_points, settings=toml.goals, inbox=inbox, warehouse=warehouse,
        reports_nightly=toml.report.nightly, snapshots=toml.report.snapshots, goal_places=places,
        hourly=len(used["participants"]) <= MOST_BY_THE_HOUR if toml.publish.hourly is None else toml.publish.hourly,
        sheets=list(sheets.values()), tombstones=stones, forgotten=gone,
        faults=[fault for sheet in sheets.values() for fault in _faults(sheet, gone)],
        notes=[note for sheet in sheets.values() for note in sheet.notes], **used,
    )  # fmt: skip


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


def _forgotten(stones: Tombstones, inbox: Path | str, sheets: Iterable[Sheet]) -> frozenset[str]:
    """Who, of those named by the control files or a near inbox, has a tombstone: nothing else ever sees them."""
    if not stones:
        return frozenset()
    named = {row.cells.get("participant_id", "") for sheet in sheets for row in sheet.all_rows}
    return among(stones, named | {path.name for path in (inbox.glob("*") if isinstance(inbox, Path) else ())})


def _faults(sheet: Sheet, gone: frozenset[str]) -> list[Fault]:
    """What is wrong in a sheet, from top to bottom; rows of forgotten people are neither right nor wrong."""
    unread = {row.line for row in sheet.all_rows if row.cells.get("participant_id") in gone} if gone else set()
    return sorted((fault for fault in sheet.faults if fault.line not in unread), key=lambda fault: fault.line)
