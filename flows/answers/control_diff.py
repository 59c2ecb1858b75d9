"""The control files as they are, beside those that the last run used: rows added, removed, changed; what is held, why.

The copy has its rows in the order of the file then, without blank lines: a removed row has its line there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.markup import escape

from flows.answers.control_rows import Change, rows_changed, settings_changed
from flows.output import several
from flows.terminal import console, table
from models.fault import StudyError
from models.study import versions
from models.study.control_file import Sheet
from models.study.settings import TOML
from models.study.study import Study


@dataclass
class Difference:
    """All that `control --diff` tells."""

    copy: Path
    changes: list[Change]
    losses: list[str] = field(default_factory=list)
    held: list[dict[str, str | None]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def is_none(self) -> bool:
        """Everything is as the last run used it, and can be used."""
        return not (self.changes or self.losses or self.held or self.faults)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {"copy": str(self.copy)}


def compare(study: Study) -> Difference:
    """The folder against what the last run used. StudyError where there was none."""
    used = versions.used(study.warehouse)
    if not used:
        raise StudyError("warehouse/control: no copy of the control files yet; run `stepwindow nightly` first")
    before = {sheet.stem: sheet for sheet in versions.sheets(used[0])}
    changes = list(settings_changed(used[0] / TOML, study.folder / TOML))
    for sheet in study.rows.sheets:
        changes += rows_changed(before.pop(sheet.stem, Sheet(sheet.file)), sheet, study.forgotten)
    for gone in before.values():
        changes += rows_changed(gone, Sheet(gone.file), study.forgotten)
    losses = [f"{loss.reason}; {loss.remedy}" for loss in study.losses]
    held = [_held(who, None, str(fault)) for who, fault in sorted(study.held_people.items())]
    held += [_held(study.owners[goal], goal, str(fault)) for goal, fault in sorted(study.held_goals.items())]
    return Difference(used[0], changes, losses, held, [str(fault) for fault in study.faults])


def _held(who: str, goal: str | None, why: str) -> dict[str, str | None]:
    return {"participant_id": who, "goal_id": goal, "why": why}


def show(found: Difference) -> None:
    """Print it."""
    out = console()
    out.print(f"against {escape(str(found.copy))}, which the last run used")
    if found.changes:
        cells = [(c.file, c.line, c.change, c.row, c.what) for c in found.changes]
        out.print(table(["file", "line", "change", "row", "what"], cells, right=("line",)))
    else:
        out.print("No row and no setting is another.")
    for loss in found.losses:
        out.print(f"not believed: {escape(loss)}", soft_wrap=True)
    for one in found.held:
        what = f"goal {one['goal_id']} of {one['participant_id']}" if one["goal_id"] else one["participant_id"]
        out.print(f"held: {escape(str(what))}: {escape(str(one['why']))}", soft_wrap=True)
    why = {one["why"] for one in found.held}
    for fault in found.faults:
        if fault not in why:
            out.print(f"cannot be used: {escape(fault)}", soft_wrap=True)


def show_copies(copies: list[dict[str, str]]) -> None:
    """Print which copies there are."""
    rows = [(c["since"], c["copy"]) for c in copies]
    console().print(table(["in use since (UTC)", "copy"], rows, several(len(rows), "change") + " of the control files"))
