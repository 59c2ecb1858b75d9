"""How a control file (participants.csv, infusions.csv ...) is read: rows with their line numbers, and what is wrong.

A person edits these files in a spreadsheet, so BOM, CRLF, blank lines, UTF-16, and `;` or tabs as separators are all
fine, and so is the workbook itself (.xlsx) in the place of a .csv. What cannot be read is named by line, and no row is
swallowed by a fault in the row above it (R13.1). What a cell may hold: cells.py, written.py.
"""

from __future__ import annotations

import csv
import difflib
import io
import operator
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from models.fault import CONTROL_FILE, Fault, StudyError
from models.study import written

UTF16 = (b"\xff\xfe", b"\xfe\xff")
SEPARATED_BY = re.compile('"?sep=(.)"?[,;\t ]*', re.IGNORECASE)  # what Excel reads, above the header


class Row(NamedTuple):
    """One row that could be split into cells: every known column has its stripped cell, "" where empty."""

    line: int
    cells: dict[str, str]


@dataclass
class Sheet:
    """One control file, split into rows."""

    file: str
    columns: list[str] = field(default_factory=list)  # that are read, whether the file has them or not
    rows: list[Row] = field(default_factory=list)
    unsplit: list[Row] = field(default_factory=list)  # of rows that could not be split: what seems to be in them
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

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
            said = "both are there, and only one of them can count; move the other one out of the study's folder"
            raise StudyError(f"{path.name} and {workbook.name}: {said}")
        return workbook
    for other in (path.with_suffix(suffix) for suffix in (".xls", ".ods", ".numbers") if not path.exists()):
        if other.exists():
            raise StudyError(f"{other.name}: sheets of this form are not read; save it as .xlsx, or as CSV UTF-8")
    return path


def read_text(path: Path) -> str:
    """A control file's text, without BOM, its line ends as they are."""
    if path.name == "study.toml" and not path.exists():
        folder = path.parent.resolve()
        said = "name the study's folder with --study, or make one with `stepwindow init DIR`"
        raise StudyError(f"study.toml does not exist in {folder}; {said}")
    content = _content(path)
    try:
        if path.suffix == ".csv" and content[:2] in UTF16 and content[2:4] != b"\0\0":  # what Excel calls Unicode text
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


Record = tuple[int, list[str]]  # the line it begins in, and its cells


def read_sheet(path: Path, required: Collection[str], optional: Collection[str], ignored: Collection[str]) -> Sheet:
    """Split a control file into rows: a .csv, or the workbook that lies in its place (`Sheet.file` says which).

    `ignored` columns belong to the file and are neither read nor noted.
    """
    path = lying(path)
    split = _workbook if path.suffix == ".xlsx" else _csv
    separator, names, records = split(path, required, optional)
    known = {name: i for i, name in enumerate(names) if name in required or name in optional}
    pick = operator.itemgetter(*known.values(), 0)  # the extra one, so that it gives a tuple even for one column
    absent = dict.fromkeys(optional, "")
    unnamed = [i for i, name in enumerate(names) if not name]
    sheet = Sheet(path.name, notes=_notes(path.name, names, [*known, *ignored], optional))
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
            continue
        sheet.unsplit.append(Row(line, {name: cells[i].strip() for name, i in known.items() if i < len(cells)}))
    return sheet


def _workbook(
    path: Path, required: Collection[str], optional: Collection[str]
) -> tuple[str, list[str], Iterator[Record]]:
    """No separator, the column names and the records of a workbook's first sheet."""
    from models.study import workbook  # not at the top: few studies have one

    try:
        rows = list(workbook.rows(io.BytesIO(_content(path))))
    except workbook.Unreadable as why:
        raise StudyError(f"{path.name} {why}; {workbook.SAVE_AGAIN}") from None
    wanted = ", ".join(required)
    if not rows:
        raise StudyError(f"{path.name} is empty (expected a header with {wanted}); write the column names in line 1")
    line, header = rows[0]
    names = [header.get(n, "").strip().lower() for n in range(max(header) + 1)]
    _fit(names, f"{path.name} line {line}", required, optional)
    return "", names, ((n, _in_columns(cells, len(names))) for n, cells in rows[1:])


def _in_columns(cells: dict[int, str], width: int) -> list[str]:
    """A row of a workbook as that many cells, and behind them those that stand beside the table."""
    beside = [text for column, text in cells.items() if column >= width]
    return [cells.get(column, "") for column in range(width)] + beside


def _csv(path: Path, required: Collection[str], optional: Collection[str]) -> tuple[str, list[str], Iterator[Record]]:
    """The separator, the column names and the records of a text."""
    lines = list(io.StringIO(read_text(path), newline=""))
    start, separator, names = _header(lines, path.name, required, optional)
    one_line = [i for i, name in enumerate(names) if name in required or name in optional]
    return separator, names, _records(lines, start + 1, separator, one_line)


def _header(
    lines: list[str], file: str, required: Collection[str], optional: Collection[str]
) -> tuple[int, str, list[str]]:
    """The header's index among the lines, the separator, the column names."""
    wanted = ", ".join(required)
    start = next((i for i, line in enumerate(lines) if line.strip()), None)
    if start is not None and (said := SEPARATED_BY.fullmatch(lines[start].strip("\r\n"))):
        start = next((i for i, line in enumerate(lines) if i > start and line.strip()), None)
    if start is None:
        raise StudyError(f"{file} is empty (expected a header with {wanted}); write the column names in its first line")
    separators = said[1] if said else ",;\t"
    try:
        split = {by: [c.strip().lower() for c in next(_reader(lines[start : start + 1], by))] for by in separators}
    except csv.Error:
        raise StudyError(f"{file} line {start + 1}: a quotation mark in the header is not closed; close it") from None
    separator, names = max(split.items(), key=lambda item: sum(name in required for name in item[1]))
    _fit(names, f"{file} line {start + 1}", required, optional)
    for other in ",;\t".replace(separator, ""):
        if any(other in name for name in names):  # two readings of one header: columns would be lost without a word
            both = f"{separator} and {other}".replace("\t", "tabs")
            raise StudyError(f"{file} line {start + 1}: both {both} in the header; separate the columns by one of them")
    return start, separator, names


def _fit(names: list[str], place: str, required: Collection[str], optional: Collection[str]) -> None:
    """StudyError where a column is missing or stands there twice."""
    if missing := [name for name in required if name not in names]:
        wanted = ", ".join(required)
        raise StudyError(f"{place}: no column {', '.join(missing)} (expected {wanted}); name it in the first line")
    if twice := [name for name in (*required, *optional) if names.count(name) > 1]:
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


def _notes(file: str, names: list[str], known: Collection[str], optional: Collection[str]) -> list[str]:
    notes = []
    for name in names:
        if name and name not in known:
            meant = difflib.get_close_matches(name, [o for o in optional if o not in names], n=1, cutoff=0.75)
            notes.append(f"{file}: column {name!r} is not used" + (f"; is {meant[0]} meant?" if meant else ""))
    return notes


# Rows as models ------------------------------------------------------------------------------------------------------
Model = TypeVar("Model", bound=BaseModel)


def checked(sheet: Sheet, model: type[Model], key: Sequence[str], context: object) -> list[tuple[int, Model]]:
    """(line, row) of each good row; a Fault in the sheet for each problem of the others.

    Of two rows with one key the second is the bad one, also where the first is bad for another reason: which of them
    is meant cannot be told.
    """
    good, seen = [], dict[tuple[str, ...], int]()
    order = getattr(context, "dates", "iso")
    for line, cells in sheet.rows:
        before = len(sheet.faults)
        names = tuple([_plain(k, cells[k], order) for k in key])
        if key and all(names) and (first := seen.setdefault(names, line)) != line:
            problem, expected = f"is there already, on line {first}", f"one row for each {' and '.join(key)}"
            remedy = "remove one of the two rows or correct it"
            sheet.fault(line, key[-1], cells[key[-1]], problem, expected, remedy)
        failed = [column for column, value in cells.items() if value[:1] in "#E" and written.is_error(value)]
        for column in failed:
            said = ("is an error of the spreadsheet", "a value", "mend the formula, or write the value in its place")
            sheet.fault(line, column, cells[column], *said)
        try:
            item = model.model_validate(cells, context=context)
        except ValidationError as errors:
            for error in errors.errors(include_url=False):
                column = str(error["loc"][0])
                problem, expected, hint = _problem_of(error)
                if not cells[column] and not problem.startswith("is empty"):
                    problem = "is empty"
                if column not in failed:
                    sheet.fault(line, column, cells[column], problem, expected, hint=hint)
        if len(sheet.faults) == before:
            good.append((line, item))
    return good


def _plain(column: str, cell: str, order: str) -> str:
    """What a cell of the key is compared by: a version may be empty or 01, and a date has many forms."""
    if column == "version":
        return cell.lstrip("0") or "1"
    days = written.dates(written.apart(cell)[0], order) if column == "from_date" else ()
    return str(days[0]) if len(days) == 1 else cell


def read_toml(path: Path, model: type[Model]) -> Model:
    """Settings: all of them good, or StudyError, because each of them concerns every row."""
    try:
        return model.model_validate(tomllib.loads(read_text(path)))
    except ValidationError as errors:
        said = []
        for error in errors.errors(include_url=False):
            problem, expected, hint = _problem_of(error)
            where = ".".join(map(str, error["loc"]))
            value = "" if error["type"] in ("missing", "extra_forbidden") else f"{str(error['input'])[:60]!r} "
            said.append(f"{where}: {value}{problem} (expected {expected}){f': {hint}' if hint else ''}")
        raise StudyError(f"{path.name}, {'; '.join(said)}; correct it") from None
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, and a number of thousands of digits
        raise StudyError(f"{path.name} is not TOML: {error}; correct it") from None


def _problem_of(error: ErrorDetails) -> tuple[str, str, str]:
    """(problem, expected, hint) of one validation error, for a row or for study.toml."""
    template = "as `stepwindow init` writes it"
    plain = {"missing": "is missing", "extra_forbidden": "is not a setting", "model_type": "is not a table"}
    if error["type"] in plain:
        return plain[error["type"]], template, ""
    told = error.get("ctx", {})
    return error["msg"], told.get("expected", template), told.get("hint", "")
