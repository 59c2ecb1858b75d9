"""How a control file (participants.csv, infusions.csv ...) is read: rows with their line numbers, and what is wrong.

A person edits these files in a spreadsheet, so BOM, CRLF, blank lines, UTF-16, and `;` or tabs as separators are all
fine, and so is the workbook itself (.xlsx) in the place of a .csv. What cannot be read is named by line, and no row is
swallowed by a fault in the row above it (R13.1). What the rows mean: rows.py, checks.py.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import io
import operator
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from models.fault import AWAY, CONTROL_FILE, Fault, StudyError
from models.study.rows import ControlRow

SEPARATED_BY = re.compile('"?sep=(.)"?[,;\t ]*', re.IGNORECASE)  # what Excel reads, above the header


class Row(NamedTuple):
    """One row that could be split into cells: every known column has its stripped cell, "" where empty."""

    line: int
    cells: dict[str, str]


@dataclass
class Sheet:
    """One control file, split into rows."""

    file: str
    rows: list[Row] = field(default_factory=list)
    unsplit: list[Row] = field(default_factory=list)  # of rows that could not be split: what seems to be in them
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    others: list[tuple[str, dict[int, str]]] = field(default_factory=list)  # columns that are not ours: cells by line
    unpublished: int = 0  # how many of them are not used (models/study/covariates.py)

    @cached_property
    def stem(self) -> str:
        """The file's name without what says its form: participants, infusions ..."""
        return Path(self.file).stem

    @property
    def all_rows(self) -> list[Row]:
        """Also those that could not be split, which come last."""
        return [*self.rows, *self.unsplit]

    def others_of(self, line: int) -> dict[str, str]:
        """What a row has in the columns that are not ours."""
        return {name: cells[line] for name, cells in self.others if cells.get(line)}

    def fault(
        self, line: int, column: str, cell: str, found: str, expected: str, remedy: str = "correct the row",
        hint: str = "",
    ) -> None:  # fmt: skip
        """A row that is not used. `column`, `cell`: empty where the row as a whole is at fault."""
        place = f"line {line}, {column}" if column else f"line {line}"
        self.faults.append(Fault(place, found, expected, remedy, cell, self.file, None, CONTROL_FILE, line, hint))


def lying(path: Path) -> Path:
    """Where a control file lies: as .csv, or as a workbook in its place. StudyError where it cannot be told."""
    workbook = path.with_suffix(".xlsx")
    if workbook.exists():
        if path.exists():
            problem = "both are there, and only one of them can count; move the other one out of the study's folder"
            raise StudyError(f"{path.name} and {workbook.name}: {problem}")
        return workbook
    for other in (path.with_suffix(suffix) for suffix in (".xls", ".ods", ".numbers") if not path.exists()):
        if other.exists():
            raise StudyError(f"{other.name}: sheets of this form are not read; save it as .xlsx, or as CSV UTF-8")
    for name in (path.name, workbook.name) if not path.exists() else ():
        for placeholder in (f".{name}.icloud", f"{name}.icloud"):
            if path.with_name(placeholder).exists():
                remedy = "tap the cloud beside its name (Download Now), wait, then run again"
                raise StudyError(f"{name}: is a placeholder of iCloud, not downloaded to this machine; {remedy}")
    return path


def read_text(path: Path) -> str:
    """A control file's text, without BOM, its line ends as they are."""
    if path.name == "study.toml" and not path.exists():
        folder = path.parent.resolve()
        remedy = "name the study's folder with --study, or make one with `stepwindow init DIR`"
        raise StudyError(f"study.toml does not exist in {folder}", remedy, AWAY)
    content = _content(path)
    try:
        if (
            path.suffix == ".csv"
            and content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            and content[2:4] != b"\0\0"
        ):  # what Excel calls Unicode text
            return content.decode("utf-16")
        if path.suffix == ".csv" and b"\0" not in content:
            content.partition(b"\n")[0].decode("utf-8-sig")  # the header; elsewhere such a byte is its own cell's fault
            return content.decode("utf-8-sig", "surrogateescape")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StudyError(f"{path.name} is not UTF-8 text; save it again as CSV UTF-8 (a .toml as UTF-8)") from None


def _content(path: Path) -> bytes:
    if not path.is_file():  # a folder or a pipe of that name is no control file either
        raise StudyError(f"{path} does not exist or is not a file; add it (stepwindow init DIR shows how it looks)")
    try:
        return path.read_bytes()
    except OSError as error:
        raise StudyError(f"{path.name} cannot be read ({error.strerror}); check its permissions") from None


class Broken(list[str]):
    """What seems to be in the cells of a line whose quotation marks do not add up."""


Model = type[ControlRow]
Record = tuple[int, list[str]]  # the line it begins in, and its cells


def read_sheet(path: Path, model: Model) -> Sheet:
    """Split a control file into rows: a .csv, or the workbook that lies in its place (`Sheet.file` says which)."""
    path, columns = lying(path), model.columns()
    split = _workbook if path.suffix == ".xlsx" else _csv
    separator, names, records = split(path, model)
    known = {name: i for i, name in enumerate(names) if name in columns}
    pick = operator.itemgetter(*known.values(), 0)  # the extra one, so that it gives a tuple even for one column
    absent = dict.fromkeys(columns, "")
    unnamed = [i for i, name in enumerate(names) if not name]
    sheet = Sheet(path.name, notes=list(_notes(path.name, names, model)))
    others = {i: dict[int, str]() for i, name in enumerate(names) if _is_covariate(name, names, model)}
    sheet.others = [(names[i], cells) for i, cells in others.items()]
    for line, cells in records:
        if isinstance(cells, Broken):
            problem, expected = "cannot be split into cells", "every quotation mark closed within its cell"
            sheet.fault(line, "", "", problem, expected, "correct the quotation marks")
        elif not any(map(str.strip, cells)):
            continue
        elif len(cells) > len(names) or (unnamed and any(cells[i].strip() for i in unnamed if i < len(cells))):
            problem = f"has {len(cells)} cells"
            expected = f"{len(names) - len(unnamed)}"
            expected += f"; a cell that holds '{separator}' stands in quotation marks" if separator else ""
            sheet.fault(line, "", "", problem, expected)
        else:
            cells += [""] * (len(names) - len(cells))  # spreadsheets drop empty cells at the end of a row
            sheet.rows.append(Row(line, absent | dict(zip(known, map(str.strip, pick(cells)), strict=False))))
            for i, column in others.items():
                column[line] = cells[i].strip()
            continue
        sheet.unsplit.append(Row(line, {name: cells[i].strip() for name, i in known.items() if i < len(cells)}))
    return sheet


def _workbook(path: Path, model: Model) -> tuple[str, list[str], Iterator[Record]]:
    """No separator, the column names and the records of a workbook's first sheet."""
    from models.study import workbook  # not at the top: few studies have one

    try:
        rows = list(workbook.rows(io.BytesIO(_content(path))))
    except workbook.Unreadable as why:
        raise StudyError(f"{path.name} {why}; {workbook.SAVE_AGAIN}") from None
    line, header = rows[0] if rows else (0, {})
    names = [header.get(n, "").strip().lower() for n in range(max(header, default=-1) + 1)]
    _check_header(names, path.name, line, model)
    return "", names, ((n, _in_columns(cells, len(names))) for n, cells in rows[1:])


def _in_columns(cells: dict[int, str], width: int) -> list[str]:
    """A row of a workbook as that many cells, and behind them those that stand beside the table."""
    beside = [text for column, text in cells.items() if column >= width]
    return [cells.get(column, "") for column in range(width)] + beside


def _csv(path: Path, model: Model) -> tuple[str, list[str], Iterator[Record]]:
    """The separator, the column names and the records of a text."""
    lines = list(io.StringIO(read_text(path), newline=""))
    start, separator, names = _header(lines, path.name, model)
    one_line = [i for i, name in enumerate(names) if name in model.columns()]
    return separator, names, _records(lines, start + 1, separator, one_line)


def _header(lines: list[str], file: str, model: Model) -> tuple[int, str, list[str]]:
    """The header's index among the lines, the separator, the column names."""
    filled = (i for i, line in enumerate(lines) if line.strip())
    start = next(filled, -1)
    if start >= 0 and (named := SEPARATED_BY.fullmatch(lines[start].strip("\r\n"))):
        start = next(filled, -1)
    if start < 0:
        _check_header([], file, 0, model)
    separators = named[1] if named else ",;\t"
    try:
        split = {by: [c.strip().lower() for c in next(_reader(lines[start : start + 1], by))] for by in separators}
    except csv.Error:
        raise StudyError(f"{file} line {start + 1}: a quotation mark in the header is not closed; close it") from None
    separator, names = max(split.items(), key=lambda item: sum(name in model.required() for name in item[1]))
    _check_header(names, file, start + 1, model)
    for other in ",;\t".replace(separator, ""):
        if any(other in name for name in names):  # two readings of one header: columns would be lost without a word
            both = f"{separator} and {other}".replace("\t", "tabs")
            raise StudyError(f"{file} line {start + 1}: both {both} in the header; separate the columns by one of them")
    return start, separator, names


def _check_header(names: list[str], file: str, line: int, model: Model) -> None:
    """StudyError where there is none, or a column is missing or stands there twice."""
    place, wanted = f"{file} line {line}", ", ".join(model.required())
    if not names:
        raise StudyError(f"{file} is empty (expected a header with {wanted}); write the column names in its first line")
    if missing := [name for name in model.required() if name not in names]:
        raise StudyError(f"{place}: no column {', '.join(missing)} (expected {wanted}); name it in the first line")
    if twice := [name for name in model.columns() if names.count(name) > 1]:
        raise StudyError(f"{place}: column {twice[0]} stands there twice; remove or rename one")


def _reader(lines: Iterable[str], separator: str) -> Any:
    return csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)


def _records(lines: list[str], at: int, separator: str, one_line: list[int]) -> Iterator[Record]:
    """(line number of its first line, cells) of each record; `Broken` where its quotation marks do not add up.

    A forgotten quotation mark makes one record of many rows. Then only the line it stands in is at fault, and reading
    goes on with the next line. Only free text may hold a line break, so one in another column (`one_line`) is the same.
    """
    while at < len(lines):
        begin = at
        reader = _reader((lines[i] for i in range(begin, len(lines))), separator)
        try:
            for cells in reader:
                end = begin + reader.line_num
                if end > at + 1 and any("\n" in c or "\r" in c for c in (cells[i] for i in one_line if i < len(cells))):
                    break
                yield at + 1, cells
                at = end
            else:
                return
        except csv.Error:
            pass
        yield at + 1, Broken(lines[at].replace('"', "").split(separator))
        at += 1


def _notes(file: str, names: list[str], model: Model) -> Iterator[str]:
    for name in names:
        if _is_unknown(name, model) and not _is_covariate(name, names, model):
            meant = _meant(name, names, model)
            yield f"{file}: column {name!r} is not used" + (f"; is {meant[0]} meant?" if meant else "")


def _is_unknown(name: str, model: Model) -> bool:
    return bool(name) and name not in model.columns() and name not in model.UNREAD


def _is_covariate(name: str, names: list[str], model: Model) -> bool:
    """Whether a column is the clinic's own, and not one of ours with an error of typing in its name."""
    return model.has_covariates() and _is_unknown(name, model) and not _meant(name, names, model)


def _meant(name: str, names: list[str], model: Model) -> list[str]:
    return difflib.get_close_matches(name, [c for c in model.columns() if c not in names], n=1, cutoff=0.75)
