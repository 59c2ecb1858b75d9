"""The control files as they are, beside those that the last run used: rows added, removed, changed; what is held, why.

The copy has its rows in the order of the file then, without blank lines: a removed row has its line there.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.markup import escape

from flows.output import several
from flows.terminal import console, table
from models.fault import StudyError
from models.study import versions
from models.study.control_file import Row, Sheet
from models.study.rows import FILES
from models.study.settings import TOML
from models.study.study import Study

_Named = dict[tuple[str, ...], Row]


@dataclass(frozen=True)
class Change:
    """One row, or one setting, that is not as it was."""

    file: str
    line: int | None  # of the file as it is; of a row that was removed: of the copy. None: a setting
    change: str  # added | removed | changed
    row: str  # the ids that tell it from others, or the setting
    what: str  # of a change: column, before and after


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
    changes = list(_settings(used[0] / TOML, study.folder / TOML))
    for sheet in study.sheets:
        changes += _rows(before.pop(sheet.stem, Sheet(sheet.file)), sheet, study.forgotten)
    for gone in before.values():
        changes += _rows(gone, Sheet(gone.file), study.forgotten)
    losses = [f"{loss.reason}; {loss.remedy}" for loss in study.losses]
    held = [_held(who, None, str(fault)) for who, fault in sorted(study.held_people.items())]
    held += [_held(study.owners[goal], goal, str(fault)) for goal, fault in sorted(study.held_goals.items())]
    return Difference(used[0], changes, losses, held, [str(fault) for fault in study.faults])


def _held(who: str, goal: str | None, why: str) -> dict[str, str | None]:
    return {"participant_id": who, "goal_id": goal, "why": why}


def _rows(before: Sheet, now: Sheet, but: frozenset[str]) -> Iterator[Change]:
    old, new = _by_key(before, but), _by_key(now, but)
    for key, row in (new | old | new).items():  # the removed ones last
        change = "added" if key not in old else "removed" if key not in new else "changed"
        what = _changed(old[key].cells, row.cells) if change == "changed" else ""
        if what or change != "changed":
            yield Change(now.file, row.line, change, " ".join(filter(None, key)), what)


def _by_key(sheet: Sheet, but: frozenset[str]) -> _Named:
    """The rows by what tells them apart; of several that share it, each by its place among them."""
    row_model = FILES[sheet.stem]
    columns = row_model.KEY or tuple(row_model.columns())  # of a day off it is all that the row says
    seen, found = Counter[tuple[str, ...]](), _Named()
    unsplit = [Row(line, {c: cells.get(c, "") for c in versions.ID_COLUMNS}) for line, cells in sheet.unsplit]
    for row in sorted((*sheet.rows, *unsplit), key=lambda row: row.line):
        if row.cells.get("participant_id") in but:
            continue
        key = tuple(row.cells.get(column, "") for column in columns)
        if columns[-1] == "version":
            key = (*key[:-1], key[-1].lstrip("0") or "1")
        seen[key] += 1
        found[(*key, *[f"again ({seen[key]})"] * (seen[key] > 1))] = row
    return found


def _changed(before: dict[str, str], now: dict[str, str]) -> str:
    columns = [c for c in dict.fromkeys((*before, *now)) if before.get(c, "") != now.get(c, "")]
    return "; ".join(f"{c}: {before.get(c, '') or 'empty'} -> {now.get(c, '') or 'empty'}" for c in columns)


def _settings(before: Path, now: Path) -> Iterator[Change]:
    old, new = (dict(_flat(tomllib.loads(path.read_text("utf-8-sig")))) for path in (before, now))
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            change = "added" if name not in old else "removed" if name not in new else "changed"
            what = f"{old[name]} -> {new[name]}" if change == "changed" else ""
            yield Change(TOML, None, change, name, what)


def _flat(settings: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


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
