"""The control files as runs used them: every version of them, once, and since when it was in use.

    warehouse/control/2026-03-09T023011.482913Z/    participants.csv, infusions.csv ..., study.toml
    warehouse/control/used.csv                      since (UTC), set: a line for each change

A version holds the columns that stepwindow reads, and of the clinic's own those that are published (covariates.py); the
reason of a hold is in none.
Of a row that could not be split it holds the ids, in a row that cannot be split either. Of who or what is held it holds
the rows that are used, those of the version before: however long that goes on, they are known. People who withdrew are
in none.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from models.study.control_file import Row, Sheet
from models.study.holding import IDS, with_earlier
from models.study.rows import FILES
from models.study.settings import TOML
from models.study.study import Study
from models.system.files import private, to_disk

FOLDER, USED = "control", "used.csv"
ID_COLUMNS = ("participant_id", *IDS.values())
_MOMENT = "%Y-%m-%dT%H%M%S.%fZ"


def used(warehouse: Path, until: datetime | None = None) -> list[Path]:
    """The versions that were in use up to an instant (UTC, naive), each once, the last one first."""
    found = dict[Path, None]()
    for since, name in reversed(_log(warehouse)):
        if (until is None or since <= until) and (warehouse / FOLDER / name / TOML).is_file():
            found.setdefault(warehouse / FOLDER / name)
    return list(found)


def copies(warehouse: Path) -> list[dict[str, str]]:
    """Since when which version was in use, the last change first."""
    return [
        {"since": f"{since:%Y-%m-%d %H:%M:%S}", "copy": str(warehouse / FOLDER / name)}
        for since, name in reversed(_log(warehouse))
    ]


def sheets(version: Path) -> list[Sheet]:
    """The rows of a version, as they are."""
    found = []
    for path in sorted(version.glob("*.csv")):
        header, *rows = csv_rows(path) or [[]]
        lines = [Row(n, dict(zip(header, row, strict=False))) for n, row in enumerate(rows, 2)]
        found.append(Sheet(path.name, rows=lines))
    return found


def record(warehouse: Path, study: Study, moment: datetime) -> None:
    """Store the control files that a run uses from now on, unless they are those in use already.

    A run that dies here leaves a draft, or a version that is not in use yet: the next one begins again.
    """
    log = _log(warehouse)
    earlier = _EarlierRows(study, next(iter(used(warehouse)), None))
    files = {f"{sheet.stem}.csv": _as_csv(sheet, study.forgotten, earlier) for sheet in study.rows.sheets}
    files[TOML] = (study.folder / TOML).read_bytes()
    names = [name for _, name in reversed(log)]
    same = next((name for name in dict.fromkeys(names) if _content(warehouse / FOLDER / name) == files), None)
    if same is not None and same == names[0]:
        return
    if same is None:
        same = f"{moment:{_MOMENT}}"
        made = warehouse / ".draft-control"
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(mode=0o700)
        for name, content in files.items():
            _write(made / name, content)
        to_disk(made)
        (warehouse / FOLDER).mkdir(mode=0o700, exist_ok=True)
        shutil.rmtree(warehouse / FOLDER / same, ignore_errors=True)
        os.replace(made, warehouse / FOLDER / same)
    lines = [(f"{since:{_MOMENT}}", name) for since, name in log] + [(f"{moment:{_MOMENT}}", same)]
    _replace(warehouse, warehouse / FOLDER / USED, _csv(["since", "set"], lines))


def take_out(warehouse: Path, is_theirs: Callable[[list[str], list[str]], bool]) -> int:
    """Take rows out of every version, file by file; returns how many there were."""
    count = 0
    for path in sorted((warehouse / FOLDER).glob("*/*.csv")):
        header, *rows = csv_rows(path) or [[]]
        others = [row for row in rows if not is_theirs(header, row)]
        if len(others) < len(rows):
            count += len(rows) - len(others)
            _replace(warehouse, path, _csv(header, others))
    return count


def _log(warehouse: Path) -> list[tuple[datetime, str]]:
    try:
        lines = csv_rows(warehouse / FOLDER / USED)[1:]
        return [(datetime.strptime(since, _MOMENT), name) for since, name in lines]
    except (OSError, ValueError, csv.Error):
        return []


class _EarlierRows:
    """The rows of the version before that are used for who or what is held."""

    def __init__(self, study: Study, last: Path | None) -> None:
        held = {who: why for who, why in study.held_people.items() if who in study.replaced}
        self._of = {stem: with_earlier(study, held, stem) for stem in FILES}
        self._goals = study.replaced & study.held_goals.keys()
        self._ids = {
            "infusions": {i.infusion_id for i in study.rows.infusions if i.participant_id in held},
            "goals": {g.goal_id for g in study.rows.goals if g.participant_id in held} | self._goals,
        }
        before = sheets(last) if last and study.replaced else []
        self._before = {sheet.stem: [row.cells for row in sheet.rows] for sheet in before}

    def of(self, stem: str) -> list[dict[str, str]]:
        """Those of one file."""
        rows = [row for row in self._before.get(stem, []) if self._is_theirs(stem, row)]
        return [row for row in rows if stem not in IDS or row.get(IDS[stem]) in self._ids[stem]]

    def replaces(self, stem: str, row: dict[str, str]) -> bool:
        """Whether a row of today is one of those that cannot be used, or goes with them."""
        is_of_theirs = stem == "infusions" and row.get("infusion_id") in self._ids[stem]
        return is_of_theirs or self._is_theirs(stem, row)

    def _is_theirs(self, stem: str, row: dict[str, str]) -> bool:
        return row.get("participant_id") in self._of[stem] or row.get("goal_id") in self._goals


def _as_csv(sheet: Sheet, but: frozenset[str], earlier: _EarlierRows) -> bytes:
    of_earlier = earlier.of(sheet.stem)
    ours = FILES[sheet.stem].columns()
    columns = [*ours, *(name for name, _ in sheet.others)]  # what is not published today stands in no copy (R18.2)
    rows = [[row.get(name, "") for name in columns] for row in of_earlier]
    for is_split, today in ((True, sheet.rows), (False, sheet.unsplit)):
        for line, row in today:
            if row.get("participant_id") in but or earlier.replaces(sheet.stem, row):
                continue
            found = row | sheet.others_of(line)
            cells = [found.get(name, "") if is_split or name in ID_COLUMNS else "" for name in columns]
            rows.append(cells if is_split else [*(cell[:100] for cell in cells), "?"])
    return _csv(columns, rows)


def _content(version: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in version.iterdir()} if version.is_dir() else {}


def csv_rows(path: Path) -> list[list[str]]:
    """The rows of one of its files, the header first."""
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return list(csv.reader(file))


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8", "surrogateescape")


def _replace(warehouse: Path, path: Path, content: bytes) -> None:
    made = warehouse / f".draft-{path.name}"
    _write(made, content)
    os.replace(made, path)
    to_disk(path.parent)


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb", opener=private) as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
