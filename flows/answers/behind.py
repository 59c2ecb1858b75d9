"""The files or rows behind verdicts that changed (R12.9): of files their paths, as far as the store can be asked, else
their contents; of control files the rows, or, where only what is published can be asked, the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from models.store.sql import statement
from models.store.status import ask as ask_store

Line = dict[str, Any]
_OF_FILES = ("late_data", "corrected_data", "file_moved", "file_unloaded")
_TOLD = ("late_data", "corrected_data")  # by files, and by rows of attendance.csv
# The control files whose rows are behind a cause, the likeliest first.
OF_ROWS = {
    "infusion_moved": ("infusions.csv",),
    "infusion_cancelled": ("infusions.csv",),
    "infusion_added": ("infusions.csv",),
    "infusion_changed": ("infusions.csv",),
    "correction": ("goals.csv",),
    "goal_changed": ("goals.csv",),
    "participant_changed": ("participants.csv",),
    "hold_changed": ("holds.csv",),
    "zone_changed": ("zones.csv", "participants.csv", "study.toml"),
    "settings_changed": ("study.toml",),
}


def with_behind(folder: Path, warehouse: Path, lines: list[Line]) -> list[Line]:
    """Lines of models/sql/ask/changes.sql, each with its list `behind`: empty where no file and no row is behind it."""

    def ask(first: int) -> list[Line]:
        return ask_store(warehouse, {"behind": statement("ask/behind")}, {"first": first}).answers["behind"]

    found = _with_files(lines, ask)
    told = _TOLD if (folder / "attendance.csv").exists() or (folder / "attendance.xlsx").exists() else ()
    if any(line["cause"] in (*OF_ROWS, *told) for line in found):
        from flows.answers.behind_rows import ChangedRows  # here, for most nights change no row: `changes` starts fast

        rows = ChangedRows(folder, warehouse)
        for line in found:
            if line["cause"] in OF_ROWS:
                line["behind"] = rows.of(line, OF_ROWS[line["cause"]])
            elif line["cause"] in told:
                line["behind"] += rows.attended(line)
    return found


def with_published(ask: Callable[..., list[Line]], lines: list[Line]) -> list[Line]:
    """The same for the pages, which name no file of a person's. `ask`: a question to what is published."""

    def ask_published(first: int) -> list[Line]:
        ask(statement("store/known_in_published"))
        return ask(statement("ask/behind"), first=first)

    found = _with_files(lines, ask_published)
    return [line | {"behind": line["behind"] or list(OF_ROWS.get(line["cause"], ())[:1])} for line in found]


def _with_files(lines: list[Line], ask: Callable[[int], list[Line]]) -> list[Line]:
    runs = [line["run_number"] for line in lines if line["cause"] in _OF_FILES]
    files = {_key(row): row["files"] for row in ask(min(runs))} if runs else {}
    return [line | {"behind": [*files.get(_key(line), [])]} for line in lines]


def _key(line: Line) -> tuple:
    return line["run_id"], line["goal_id"], line["infusion_id"], line["week"]
