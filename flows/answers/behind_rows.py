"""The rows of control files behind verdicts that changed (R12.9): the difference between the copies that a run and the
one before it used, with the lines in the files as they are now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.answers.behind import OF_ROWS
from flows.answers.control_rows import rows_changed, settings_changed
from models.fault import StudyError
from models.shown import shortened
from models.store.read import query_published
from models.study import versions
from models.study.control_file import Row, Sheet, read_sheet
from models.study.rows import FILES
from models.study.settings import TOML

Line = dict[str, Any]
_RUNS = "SELECT run_id, run_number, started_at AT TIME ZONE 'UTC' FROM run ORDER BY run_number"


class ChangedRows:
    """Rows and settings that runs found changed; a copy of a control file is read once."""

    def __init__(self, folder: Path, warehouse: Path) -> None:
        self._folder, self._warehouse = folder, warehouse
        self._began: dict[int, datetime] | None = None
        self._sheets: dict[Path, dict[str, dict[str, list[Row]]]] = {}
        self._today: dict[str, Sheet] = {}

    def of(self, line: Line) -> list[str]:
        """Where the rows are, or the control file alone where none is found; nothing for other causes."""
        cause, files = line["cause"], OF_ROWS.get(line["cause"], ())
        if not files:
            return []
        before, now = self._used(line["run_number"])
        found: list[str] = []
        if before and now:
            for file in files:
                found += (
                    self._rows(Path(file).stem, line, before, now) if file != TOML else _settings(cause, before, now)
                )
        return found or [files[0]]

    def _used(self, run: int) -> tuple[Path | None, Path | None]:
        """The copies that the run before and this one used."""
        if self._began is None:
            self._began = {number: at for _, number, at in query_published(self._warehouse, _RUNS)[1]}
        earlier = max((number for number in self._began if number < run), default=None)
        return self._copy(earlier), self._copy(run)

    def _copy(self, run: int | None) -> Path | None:
        used = versions.used(self._warehouse, self._began[run]) if self._began and run is not None else []
        return used[0] if used else None

    def _rows(self, stem: str, line: Line, before: Path, now: Path) -> Iterator[str]:
        then, after = (self._theirs(version, stem, line) for version in (before, now))
        for change in rows_changed(Sheet(f"{stem}.csv", then), Sheet(f"{stem}.csv", after)):
            if change.change == "removed":
                yield shortened(f"{stem}.csv: {change.row} was taken out")
            else:
                where = self._place(stem, next(row.cells for row in after if row.line == change.line))
                yield shortened(f"{where} ({change.what})" if change.what else f"{where} (added)")

    def _place(self, stem: str, cells: dict[str, str]) -> str:
        """Where the row is in the file as it is now; without a line where it is another by now."""
        if stem not in self._today:
            try:
                self._today[stem] = read_sheet(self._folder / f"{stem}.csv", FILES[stem])
            except StudyError:
                self._today[stem] = Sheet(f"{stem}.csv")
        sheet = self._today[stem]
        same = (row.line for row in sheet.rows if all(row.cells.get(name, "") == cell for name, cell in cells.items()))
        number = next(same, None)
        return sheet.file if number is None else f"{sheet.file} line {number}"

    def _theirs(self, version: Path, stem: str, line: Line) -> list[Row]:
        """The rows of a person in a copy; of goals.csv those of the goal."""
        if version not in self._sheets:
            self._sheets[version] = {}
            for sheet in versions.sheets(version):
                people = self._sheets[version].setdefault(sheet.stem, defaultdict(list))
                for row in sheet.rows:
                    people[row.cells.get("participant_id", "")].append(row)
        rows = self._sheets[version].get(stem, {}).get(line["participant_id"], [])
        return [row for row in rows if stem != "goals" or row.cells.get("goal_id") == line["goal_id"]]


def _settings(cause: str, before: Path, now: Path) -> Iterator[str]:
    """The settings that are others: those about judging, or where the clinic is."""
    for change in settings_changed(before / TOML, now / TOML):
        is_of_judging = change.row.startswith("goals.") and change.row not in ("goals.as_of", "goals.lock_date")
        if change.row == "timezone" if cause == "zone_changed" else is_of_judging:
            yield shortened(f"{TOML}: {change.row} " + (change.what or change.change))
