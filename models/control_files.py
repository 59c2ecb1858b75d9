"""How a control file (participants.csv, infusions.csv ...) is read: rows with their line numbers, and what is wrong.

A person edits these files in a spreadsheet, so BOM, CRLF, blank lines and `;` as separator are all fine. What cannot
be read is named by line, and no row is swallowed by a fault in the row above it (contract sections 1 and 7.10).
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import io
import operator
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from models.rejection import StudyError

PARTICIPANT_ID = r"[A-Za-z0-9_-]{1,64}"
MOST_PERCENT = 10_000  # added to a baseline: what it makes of any day's minutes is still a target


@dataclass(frozen=True)
class Fault:
    """One problem of one row of a control file. The row is not used; every other row is."""

    file: str
    line: int
    column: str  # empty where the row as a whole is at fault
    value: str  # empty where the cell is, or where the row as a whole is at fault
    problem: str
    expected: str
    what_to_do: str = "correct the row"

    @property
    def place(self) -> str:
        """Where, in the words a spreadsheet user understands."""
        return f"{self.file} line {self.line}" + (f", {self.column}" if self.column else "")

    @property
    def reason(self) -> str:
        """What is wrong, without the value: for logs, which must not hold one (contract section 7.9)."""
        return f"{self.problem} (expected {self.expected})"

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= 60 else self.value[:59] + "…"
        return f"{self.place}: {f'{shown!r} ' if shown else ''}{self.reason}; {self.what_to_do}"


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


def read_text(path: Path) -> str:
    """A control file's text, without BOM, its line ends as they are."""
    if path.name == "study.toml" and not path.exists():
        folder = path.parent.resolve()
        said = "name the study's folder with --study, or make one with `stepwindow init DIR`"
        raise StudyError(f"study.toml does not exist in {folder}; {said}")
    if not path.is_file():  # a folder or a pipe of that name is no control file either
        raise StudyError(f"{path} does not exist or is not a file; add it (stepwindow init DIR shows how it looks)")
    try:
        content = path.read_bytes()
        if path.suffix == ".csv" and b"\0" not in content:
            content.partition(b"\n")[0].decode("utf-8-sig")  # the header; elsewhere such a byte is its own cell's fault
            return content.decode("utf-8-sig", "surrogateescape")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise StudyError(f"{path.name} is not UTF-8 text; save it again as CSV UTF-8 (a .toml as UTF-8)") from None
    except OSError as error:
        raise StudyError(f"{path.name} cannot be read ({error.strerror}); check its permissions") from None


def read_sheet(path: Path, required: Collection[str], optional: Collection[str], ignored: Collection[str]) -> Sheet:
    """Split a control file into rows. `ignored` columns belong to the file and are neither read nor noted."""
    lines = list(io.StringIO(read_text(path), newline=""))
    start, separator, names = _header(lines, path.name, required, optional)
    known = {name: i for i, name in enumerate(names) if name in required or name in optional}
    pick = operator.itemgetter(*known.values(), 0)  # the extra one, so that it gives a tuple even for one column
    absent = dict.fromkeys(optional, "")
    unnamed = [i for i, name in enumerate(names) if not name]
    sheet = Sheet(path.name, notes=_notes(path.name, names, [*known, *ignored], optional))
    for line, cells in _records(lines, start + 1, separator, list(known.values())):
        if cells is None:
            problem, expected = "cannot be split into cells", "every quotation mark closed within its cell"
            sheet.faults.append(Fault(path.name, line, "", "", problem, expected, "correct the quotation marks"))
            cells = lines[line - 1].replace('"', "").split(separator)
        elif not any(map(str.strip, cells)):
            continue
        elif len(cells) > len(names) or (unnamed and any(cells[i].strip() for i in unnamed if i < len(cells))):
            problem = f"has {len(cells)} cells"
            expected = f"{len(names) - len(unnamed)}; a cell that holds '{separator}' stands in quotation marks"
            sheet.faults.append(Fault(path.name, line, "", "", problem, expected))
        else:
            cells += [""] * (len(names) - len(cells))  # spreadsheets drop empty cells at the end of a row
            sheet.rows.append(Row(line, absent | dict(zip(known, map(str.strip, pick(cells)), strict=False))))
            continue
        sheet.unsplit.append(Row(line, {name: cells[i].strip() for name, i in known.items() if i < len(cells)}))
    return sheet


def _header(
    lines: list[str], file: str, required: Collection[str], optional: Collection[str]
) -> tuple[int, str, list[str]]:
    """The header's index among the lines, the separator, the column names."""
    wanted = ", ".join(required)
    start = next((i for i, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise StudyError(f"{file} is empty (expected a header with {wanted}); write the column names in its first line")
    try:
        split = {by: [c.strip().lower() for c in next(_reader(lines[start : start + 1], by))] for by in ",;"}
    except csv.Error:
        raise StudyError(f"{file} line {start + 1}: a quotation mark in the header is not closed; close it") from None
    separator, names = max(split.items(), key=lambda item: sum(name in required for name in item[1]))
    missing = [name for name in required if name not in names]
    if missing:
        raise StudyError(
            f"{file} line {start + 1}: no column {', '.join(missing)} (expected {wanted}); name it in the first line"
        )
    other = ",;".replace(separator, "")
    if any(other in name for name in names):  # two readings of one header: columns would be lost without a word
        raise StudyError(f"{file} line {start + 1}: both , and ; in the header; separate the columns by one of them")
    twice = [name for name in (*required, *optional) if names.count(name) > 1]
    if twice:
        raise StudyError(f"{file} line {start + 1}: column {twice[0]} stands there twice; remove or rename one")
    return start, separator, names


def _reader(lines: Iterable[str], separator: str) -> Any:
    return csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=True)


def _records(lines: list[str], at: int, separator: str, one_line: list[int]) -> Iterator[tuple[int, list[str] | None]]:
    """(line number of its first line, cells) of each record; no cells where its quotation marks do not add up.

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
        yield at + 1, None
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
T = TypeVar("T")


def checked(sheet: Sheet, model: type[Model], key: Sequence[str], context: object) -> list[tuple[int, Model]]:
    """(line, row) of each good row; a Fault in the sheet for each problem of the others.

    Of two rows with one key the second is the bad one, also where the first is bad for another reason: which of them
    is meant cannot be told.
    """
    good, seen = [], dict[tuple[str, ...], int]()
    for line, cells in sheet.rows:
        problems = []
        names = tuple([cells[k] for k in key])
        if "version" in key:  # an empty one is version 1, and so is 01
            names = (*names[:-1], names[-1].lstrip("0") or "1")
        if key and all(names) and (first := seen.setdefault(names, line)) != line:
            problem, expected = f"is there already, on line {first}", f"one row for each {' and '.join(key)}"
            remedy = "remove one of the two rows or correct it"
            problems.append(Fault(sheet.file, line, key[-1], cells[key[-1]], problem, expected, remedy))
        try:
            item = model.model_validate(cells, context=context)
        except ValidationError as errors:
            for error in errors.errors(include_url=False):
                column = str(error["loc"][0])
                problem, expected = _problem_of(error)
                if not cells[column] and not problem.startswith("is empty"):
                    problem = "is empty"
                problems.append(Fault(sheet.file, line, column, cells[column], problem, expected))
        sheet.faults += problems
        if not problems:
            good.append((line, item))
    return good


def read_toml(path: Path, model: type[Model]) -> Model:
    """Settings: all of them good, or StudyError, because each of them concerns every row."""
    try:
        return model.model_validate(tomllib.loads(read_text(path)))
    except ValidationError as errors:
        said = []
        for error in errors.errors(include_url=False):
            problem, expected = _problem_of(error)
            where = ".".join(map(str, error["loc"]))
            value = "" if error["type"] in ("missing", "extra_forbidden") else f"{str(error['input'])[:60]!r} "
            said.append(f"{where}: {value}{problem} (expected {expected})")
        raise StudyError(f"{path.name}, {'; '.join(said)}; correct it") from None
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, and a number of thousands of digits
        raise StudyError(f"{path.name} is not TOML: {error}; correct it") from None


def _problem_of(error: ErrorDetails) -> tuple[str, str]:
    """(problem, expected) of one validation error, for a row or for study.toml."""
    template = "as `stepwindow init` writes it"
    plain = {"missing": "is missing", "extra_forbidden": "is not a setting", "model_type": "is not a table"}
    if error["type"] in plain:
        return plain[error["type"]], template
    return error["msg"], error.get("ctx", {}).get("expected", template)


# Validators of single values -----------------------------------------------------------------------------------------
def wrong(problem: str, expected: str) -> PydanticCustomError:
    """What a validator raises."""
    return PydanticCustomError("cell", problem, {"expected": expected})  # type: ignore[arg-type]


def text(value: object) -> str:
    """A name or id: no rule but that it fits on a line."""
    if not isinstance(value, str) or not 1 <= len(value) <= 100 or not value.isprintable():
        raise wrong("is not usable", "1 to 100 printable characters")
    return value


def path(value: object) -> str:
    """A path or address: as long as the system that opens it allows."""
    if not isinstance(value, str) or not value or any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise wrong("is not usable", "a path without control characters")
    return value


def one_of(choices: Collection[str], empty: str | None = None) -> BeforeValidator:
    """A word of a fixed vocabulary; `empty` is what an empty cell means."""

    def check(value: object) -> object:
        if value == "" and empty is not None:
            return empty
        if value not in choices:
            raise wrong("is not known here", ", ".join(choices))
        return value

    return BeforeValidator(check)


def yes_no(empty: bool) -> BeforeValidator:
    """`true` or `false`; spreadsheets write TRUE."""

    def check(value: str) -> bool:
        if value.lower() not in ("", "true", "false"):
            raise wrong("is neither true nor false", "true or false")
        return value.lower() == "true" if value else empty

    return BeforeValidator(check)


def whole(value: object, least: int, most: int) -> int:
    """A whole number, from a cell or from TOML."""
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else value
    if type(number) is not int or not least <= number <= most:
        raise wrong("is not a whole number in range", f"{least} to {most}")
    return number


def between(least: int, most: int, empty: int | None = None) -> BeforeValidator:
    """A whole number of that range; `empty` is what an empty cell means."""
    return BeforeValidator(lambda value: empty if value == "" and empty else whole(value, least, most))


@lru_cache(100_000)  # a study writes the same few numbers and dates again and again
def number(value: str, expected: str) -> Decimal:
    """Exactly what is written. A comma may be a decimal or a thousands mark: nobody can tell, so it is refused."""
    if "," in value:
        raise wrong("holds a comma, which can mean two things", f"{expected}; a point for decimals, no thousands mark")
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", value):
        raise wrong("is not a positive number with at most 3 decimals", expected)
    return Decimal(value)


def positive(value: str, expected: str) -> Decimal:
    """A number above 0."""
    if not (exact := number(value, expected)):
        raise wrong("is not above 0", expected)
    return exact


def day(value: object, expected: str = "2026-03-09") -> date:
    """A date, from a cell or from TOML (which has dates of its own). The years 0206 and 20260 are typing errors."""
    found = value if type(value) is date else _iso_date(value) if isinstance(value, str) else None
    if found is None or not 1990 <= found.year < 2200:
        raise wrong("is not a date", expected)
    return found


@lru_cache(100_000)
def _iso_date(value: str) -> date | None:
    with contextlib.suppress(ValueError):
        return date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) else None
    return None


def zone(value: object) -> str:
    """The name of a time zone."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", value) or not _is_zone(value):
        raise wrong("is not a time zone", "an IANA name such as America/New_York")
    return value


@cache
def _is_zone(name: str) -> bool:
    """Whether it names a place's civil time. The machine's files have others beside: copies, leap seconds, itself."""
    if name.startswith(("posix", "right/")) or name in ("localtime", "Factory"):
        return False
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True


def optional(check: Callable[[object], T]) -> BeforeValidator:
    """An empty cell is None."""
    return BeforeValidator(lambda value: None if value == "" else check(value))


def participant_id(value: str) -> str:
    """A folder of the inbox has this name, so it holds nothing a path could."""
    if not re.fullmatch(PARTICIPANT_ID, value):
        raise wrong("is not a participant_id", "1 to 64 of A-Z a-z 0-9 _ -")
    return value


def clinic_date(value: str, timezone: str) -> date:
    """The civil date at the clinic. A time is local there, unless it brings its own offset from UTC."""
    expected = "2026-03-09 or 2026-03-09T10:30"
    if not re.fullmatch(r"[0-9-]{10}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:?[0-9]{2})?", value):
        return day(value, expected)
    day(value[:10], expected)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise wrong("is not a date", expected) from None
    return (moment.astimezone(ZoneInfo(timezone)) if moment.tzinfo else moment).date()


def derivation(value: str) -> str:
    """How a target follows from the days before. Normalised: `baseline_pct: 10.0` is `baseline_pct:10`."""
    expected = "an empty cell, baseline_pct:10, baseline_plus:1500 or percentile:60"
    name, _, amount = (part.strip() for part in value.partition(":"))
    if name not in ("baseline_pct", "baseline_plus", "percentile"):
        raise wrong("is not a derivation", expected)
    exact = number(amount, expected)
    if name == "baseline_pct" and exact > MOST_PERCENT:
        raise wrong("is more than a target can grow by", f"baseline_pct:N with N up to {MOST_PERCENT}")
    if name == "percentile" and not 0 < exact < 100:
        raise wrong("is not a percentile", "percentile:N with N between 0 and 100")
    return f"{name}:{exact.normalize():f}"
