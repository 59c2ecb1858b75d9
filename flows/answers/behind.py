"""The files or rows behind verdicts that changed (R12.9): of files their paths, as far as the store can be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.store.sql import statement
from models.store.status import ask

Line = dict[str, Any]
_OF_FILES = ("late_data", "corrected_data", "file_moved", "file_unloaded")
_OF_NOTHING = ("first_verdict", "time_passed", "code_changed")


def with_behind(folder: Path, warehouse: Path, lines: list[Line]) -> list[Line]:
    """Lines of models/sql/ask/changes.sql, each with its list `behind`: empty where no file and no row is behind it."""
    files = _files(warehouse, lines)
    found = [line | {"behind": files.get(_key(line), [])} for line in lines]
    rows_matter = [line for line in found if line["cause"] not in (*_OF_FILES, *_OF_NOTHING)]
    if rows_matter:
        from flows.answers.behind_rows import ChangedRows  # here, for most nights change no row: `changes` starts fast

        rows = ChangedRows(folder, warehouse)
        for line in rows_matter:
            line["behind"] = rows.of(line)
    return found


def _files(warehouse: Path, lines: list[Line]) -> dict[tuple, list[str]]:
    runs = [line["run_number"] for line in lines if line["cause"] in _OF_FILES]
    if not runs:
        return {}
    known = ask(warehouse, {"behind": statement("ask/behind")}, {"first": min(runs)})
    return {_key(row): row["files"] for row in known.answers["behind"]}


def _key(line: Line) -> tuple:
    return line["run_id"], line["goal_id"], line["infusion_id"], line["week"]
