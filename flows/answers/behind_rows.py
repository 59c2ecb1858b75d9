"""The rows of control files behind verdicts that changed (R12.9): the difference between the copies that a run and the
one before it used, with the lines in the files as they are now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from flows.answers.control_rows import rows_changed, settings_changed
from models.fault import StudyError
from models.shown import shortened
from models.store.read import query_published
from models.study import versions
from models.study.control_file import Row, Sheet, read_sheet
from models.study.rows import FILES
from models.study.settings import TOML

Line = dict[str, Any]
_RUNS = "SELECT run_number, started_at AT TIME ZONE 'UTC' FROM run WHERE run_number IS NOT NULL ORDER BY run_number"


class ChangedRows:
    """Rows and settings that runs found changed; each copy of the control files is read once."""

    def __init__(self, folder: Path, warehouse: Path) -> None:
        self._folder, self._warehouse = folder, warehouse
        began = query_published(warehouse, _RUNS)[1]
        self._began = {number: (before, at) for (_, before), (number, at) in pairwise([(0, None), *began])}
        self._copies: dict[datetime | None, Path | None] = {None: None}
        self._sheets: dict[Path, dict[str, dict[str, list[Row]]]] = {}
        self._today: dict[str, tuple[str, dict[tuple[str, ...], int]]] = {}

    def of(self, line: Line, files: tuple[str, ...]) -> list[str]:
        """Where the rows of these files are that changed; the first file alone where none is found."""
        before, now = map(self._copy, self._began[line["run_number"]])
        found: list[str] = []
        if before and now:
            for file in files:
                is_setting = file == TOML
                found += _settings(line["cause"] == "zone_changed", before, now) if is_setting else ()
                found += self._rows(Path(file).stem, line, before, now) if not is_setting else ()
        return found or [files[0]]

    def attended(self, line: Line) -> list[str]:
        """Where the rows of attendance.csv are that tell otherwise of the week: they come as late as files do."""
        before, now = map(self._copy, self._began[line["run_number"]])
        return list(self._rows("attendance", line, before, now)) if before and now else []

    def _copy(self, moment: datetime | None) -> Path | None:
        """The copy of the control files that was in use at a moment."""
        if moment not in self._copies:
            self._copies[moment] = next(iter(versions.used(self._warehouse, moment)), None)
        return self._copies[moment]

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
        columns = FILES[stem].columns()
        if stem not in self._today:
            try:
                sheet = read_sheet(self._folder / f"{stem}.csv", FILES[stem])
            except StudyError:
                sheet = Sheet(f"{stem}.csv")
            lines = {tuple(row.cells.get(name, "") for name in columns): row.line for row in sheet.rows}
            self._today[stem] = (sheet.file, lines)
        file, lines = self._today[stem]
        number = lines.get(tuple(cells.get(name, "") for name in columns))
        return file if number is None else f"{file} line {number}"

    def _theirs(self, version: Path, stem: str, line: Line) -> list[Row]:
        """The rows of a person in a copy; of goals.csv those of the goal, of attendance.csv those of the week."""
        if version not in self._sheets:
            self._sheets[version] = {}
            for sheet in versions.sheets(version):
                people = self._sheets[version].setdefault(sheet.stem, defaultdict(list))
                for row in sheet.rows:
                    people[row.cells.get("participant_id", "")].append(row)
        rows = self._sheets[version].get(stem, {}).get(line["participant_id"], [])
        if stem == "attendance":
            return [row for row in rows if _is_of_week(row.cells.get("date", ""), line)]
        return [row for row in rows if stem != "goals" or row.cells.get("goal_id") == line["goal_id"]]


def _is_of_week(text: str, line: Line) -> bool:
    """A date that is written in another way than ours may be of any week."""
    with suppress(ValueError):
        return line["week_start"] <= date.fromisoformat(text) <= line["week_end"]
    return True


@cache
def _settings(of_zones: bool, before: Path, now: Path) -> tuple[str, ...]:
    """The settings that are others: where the clinic is, or those about judging."""
    names = [change for change in settings_changed(before / TOML, now / TOML) if _concerns(change.row, of_zones)]
    return tuple(shortened(f"{TOML}: {change.row} {change.what or change.change}") for change in names)


def _concerns(setting: str, of_zones: bool) -> bool:
    if of_zones:
        return setting == "timezone"
    return setting.startswith("goals.") and setting not in ("goals.as_of", "goals.lock_date")
