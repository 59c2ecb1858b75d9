"""Rows and settings of control files that are not as they were."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.study import versions
from models.study.control_file import Row, Sheet
from models.study.rows import FILES
from models.study.settings import TOML

_Named = dict[tuple[str, ...], Row]


@dataclass(frozen=True)
class Change:
    """One row, or one setting, that is not as it was."""

    file: str
    line: int | None  # of the file as it is; of a row that was removed: of the copy. None: a setting
    change: str  # added | removed | changed
    row: str  # the ids that tell it from others, or the setting
    what: str  # of a change: column, before and after


def rows_changed(before: Sheet, now: Sheet, but: frozenset[str] = frozenset()) -> Iterator[Change]:
    """The rows that are others, without those of some people; the removed ones last."""
    old, new = _by_key(before, but), _by_key(now, but)
    for key, row in (new | old | new).items():
        change = "added" if key not in old else "removed" if key not in new else "changed"
        what = _changed(old[key].cells, row.cells) if change == "changed" else ""
        if what or change != "changed":
            yield Change(now.file, row.line, change, " ".join(filter(None, key)), what)


def _by_key(sheet: Sheet, but: frozenset[str]) -> _Named:
    """The rows by what tells them apart; of several that share it, each by its place among them."""
    row_model = FILES[sheet.stem]
    columns = row_model.KEY or tuple(row_model.columns())  # of a day off it is all that the row says
    seen, found = Counter[tuple[str, ...]](), _Named()
    split = [Row(line, cells | sheet.others_of(line)) for line, cells in sheet.rows]
    unsplit = [Row(line, {c: cells.get(c, "") for c in versions.ID_COLUMNS}) for line, cells in sheet.unsplit]
    for row in sorted((*split, *unsplit), key=lambda row: row.line):
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


def settings_changed(before: Path, now: Path) -> Iterator[Change]:
    """The settings of study.toml that are others."""
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
