"""A workbook (.xlsx) as rows of text: its first sheet that can be seen, each row with its line in it.

A cell is given as somebody reads it, and so that it can mean one thing alone: 7500; 2026-03-09, with T10:30 where there
is a time; 18:30; TRUE; 10%. A formula is what it came to when the workbook was saved. An error stays one (#N/A), and so
does a formula that no program has calculated: neither may pass for an empty cell.

It is read as a stream of bounded size, with the standard library: the readers of workbooks that are to be had as
packages give an error as an empty cell, and take memory for every cell up to the last one, where a single stray one may
lie a billion cells away.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

MOST_PACKED, MOST_EXPANDED = 32_000_000, 100_000_000  # bytes of a workbook, and of each part that is read of it
MOST_COLUMNS, MOST_ROWS = 16_384, 1_048_576  # a sheet has no more
UNCALCULATED = "#UNCALCULATED!"
SAVE_AGAIN = "open it in its program and save it again as .xlsx, or as CSV UTF-8"
_BLOCK = 64 * 1024
_OLD = b"\xd0\xcf\x11\xe0"  # .xls, and any workbook under a password
_BROKEN = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
    LookupError,
)  # fmt: skip
_PART = re.compile(rb"\[Content_Types\]\.xml|_rels/|docProps/|xl/")

Row = tuple[int, dict[int, str]]  # its line, and its cells that are not empty by column, from 0


class Unreadable(Exception):
    """Why a workbook cannot be read, as the end of a sentence."""


def looks_like_one(head: bytes) -> bool:
    """Whether a file begins as a workbook does: a zip whose first member is a part of one."""
    return head[:4] == b"PK\x03\x04" and bool(_PART.match(head, 30))


def old_form(head: bytes) -> str | None:
    """Which other kind of sheet a file is, by its beginning, that is not read."""
    if head[:4] == _OLD:
        return "a workbook in the old .xls form, or with a password"
    if head[:4] == b"PK\x03\x04" and b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in head[30:200]:
        return "a sheet in the form of LibreOffice (.ods)"
    return None


def rows(content: BinaryIO) -> Iterator[Row]:
    """The rows that are not empty, from top to bottom. Raises Unreadable."""
    if old := old_form(content.read(200)):
        raise Unreadable(f"is {old}")
    if content.seek(0, 2) > MOST_PACKED:
        raise Unreadable(f"is larger than {MOST_PACKED // 1_000_000} MB")
    content.seek(0)
    try:
        with zipfile.ZipFile(content) as archive:
            yield from _rows(archive)
    except _BROKEN:
        raise Unreadable("is a damaged workbook, or none") from None


def _rows(archive: zipfile.ZipFile) -> Iterator[Row]:
    book = _book(archive)
    texts = dict(enumerate(_shared_texts(archive, book.texts) if book.texts else []))
    formats = _formats(archive, book.styles) if book.styles else []
    sheet = _Sheet(texts, formats, book.epoch)
    for _ in _parse(archive, book.sheet, sheet.start, sheet.end, sheet.add):
        yield from sheet.done
        sheet.done = []


# The parts of a workbook ---------------------------------------------------------------------------------------------
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


def _parse(archive: zipfile.ZipFile, part: str, start: Start, end: End, add: End) -> Iterator[None]:
    """Call `start`, `end` and `add` (of text) for a part, block by block. Names come without their namespace."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, given: start(_local(name), {_local(k): v for k, v in given.items()})
    parser.EndElementHandler = lambda name: end(_local(name))
    parser.CharacterDataHandler = add
    parser.StartDoctypeDeclHandler = _refuse
    expanded = 0
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            expanded += len(block)
            if expanded > MOST_EXPANDED:
                raise Unreadable(f"holds a part of over {MOST_EXPANDED // 1_000_000} MB")
            parser.Parse(block, False)
            yield
        parser.Parse(b"", True)
        yield


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse(*declared: object) -> None:
    raise Unreadable("declares a document type, which no workbook does")


def _elements(archive: zipfile.ZipFile, part: str) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small part, in order."""
    found: list[tuple[str, dict[str, str]]] = []
    for _ in _parse(archive, part, lambda *element: found.append(element), lambda name: None, lambda text: None):
        pass
    return found


class _Book(NamedTuple):
    """Where the parts are, and the day before day 1."""

    sheet: str
    texts: str | None
    styles: str | None
    epoch: date


def _book(archive: zipfile.ZipFile) -> _Book:
    lies = {name.casefold(): name for name in archive.namelist()}
    parts: dict[str, tuple[str, str]] = {}
    for name, attributes in _elements(archive, lies["xl/_rels/workbook.xml.rels"]):
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")
            parts[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], lies.get(target.casefold(), target))
    kinds = {kind: part for kind, part in parts.values()}
    epoch, sheets = date(1899, 12, 30), []
    for name, attributes in _elements(archive, lies["xl/workbook.xml"]):
        if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epoch = date(1904, 1, 1)
        elif name == "sheet" and attributes.get("state", "visible") == "visible":
            sheets += [part for kind, part in [parts.get(attributes.get("id", ""), ("", ""))] if kind == "worksheet"]
    if not sheets:
        raise Unreadable("has no sheet that can be seen")
    return _Book(sheets[0], kinds.get("sharedStrings"), kinds.get("styles"), epoch)


def _shared_texts(archive: zipfile.ZipFile, part: str) -> list[str]:
    """The texts that cells refer to by number."""
    texts: list[str] = []
    run = _Run()

    def end(name: str) -> None:
        run.end(name)
        if name == "si":
            texts.append(run.taken())

    for _ in _parse(archive, part, lambda name, _: run.start(name), end, run.add):
        pass
    return texts


class _Run:
    """The text of one cell, gathered from its pieces; how it is pronounced (`rPh`) is no part of it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._is_text = self._is_sound = False

    def start(self, name: str) -> None:
        self._is_sound |= name == "rPh"
        self._is_text = name in ("t", "v") and not self._is_sound

    def end(self, name: str) -> None:
        self._is_sound &= name != "rPh"
        self._is_text = False

    def add(self, text: str) -> None:
        if self._is_text:
            self._pieces.append(text)

    def taken(self) -> str:
        text, self._pieces = "".join(self._pieces), []
        return re.sub("_x([0-9A-Fa-f]{4})_", lambda code: chr(int(code[1], 16)), text) if "_x" in text else text


# Numbers that are something else -------------------------------------------------------------------------------------
_DATES, _TIMES, _PERCENTS = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}, {18, 19, 20, 21, 45, 47}, {9, 10}


def _formats(archive: zipfile.ZipFile, part: str) -> list[str]:
    """What each style of the workbook shows a number as: "date", "time", "span", "percent" or "" (a number)."""
    own: dict[str, str] = {}
    shown: list[str] = []
    is_of_cells = False
    for name, attributes in _elements(archive, part):
        if name == "numFmt":
            own[attributes["numFmtId"]] = _shows(attributes.get("formatCode", ""))
        elif name in ("cellXfs", "cellStyles", "dxfs"):
            is_of_cells = name == "cellXfs"
        elif name == "xf" and is_of_cells:
            number = attributes.get("numFmtId", "0")
            shown.append(own[number] if number in own else _shows_usually(int(number)))
    return shown


def _shows_usually(number: int) -> str:
    """What the formats show that every program knows by number."""
    if number in _PERCENTS:
        return "percent"
    return "date" if number in _DATES else "time" if number in _TIMES else "span" if number == 46 else ""


def _shows(code: str) -> str:
    plain = re.sub(r'"[^"]*"|\\.|_.|\*.', "", code.partition(";")[0]).casefold()
    if re.search(r"\[(h+|m+|s+)\]", plain):
        return "span"
    plain = re.sub(r"\[[^\]]*\]|general", "", plain)
    if re.search("[yd]|^[^hs]*m[^hs]*$", plain):
        return "date"
    return "time" if re.search("[hs]", plain) else "percent" if "%" in plain else ""


def _number(text: str, shown: str, epoch: date) -> str:
    """A number as it is shown, where that is more than a number, else so that no separator can be mistaken."""
    value = float(text)
    if shown in ("date", "time", "span") and 0 <= value < 2_958_466:
        seconds = round(value * 86_400)
        days, rest = divmod(seconds, 86_400)
        if shown == "span":
            return _clock(seconds)
        if shown == "time" or not days:
            return _clock(rest)
        day = str(epoch + timedelta(days))
        return f"{day}T{_clock(rest)}" if rest else day
    exact = Decimal(f"{value * 100 if shown == 'percent' else value:.15g}")  # as many figures as a spreadsheet shows
    plain = f"{exact.normalize():f}"
    if shown == "percent":
        return f"{plain}%"
    return f"{plain}0" if re.search(r"\.[0-9]{3}$", plain) else plain


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours:02}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")


# The sheet -----------------------------------------------------------------------------------------------------------
_REFERENCE = re.compile("([A-Z]{1,3})[0-9]{1,7}")


@dataclass
class _Cell:
    column: int
    kind: str
    style: int
    is_formula: bool = False
    has_value: bool = False


class _Sheet:
    """What is being read of a sheet; `done` are the rows that are complete."""

    def __init__(self, texts: dict[int, str], formats: list[str], epoch: date) -> None:
        self._texts, self._formats, self._epoch = texts, formats, epoch
        self._line, self._column = 0, -1
        self._cells: dict[int, str] = {}
        self._cell: _Cell | None = None
        self._run = _Run()
        self.add = self._run.add
        self.done: list[Row] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            line = int(attributes.get("r", self._line + 1))
            if not self._line < line <= MOST_ROWS:
                raise Unreadable("has rows out of order")
            self._line, self._column, self._cells = line, -1, {}
        elif name == "c":
            self._column = _column(attributes["r"]) if "r" in attributes else self._column + 1
            if self._column >= MOST_COLUMNS:
                raise Unreadable(f"has more than {MOST_COLUMNS:,} columns")
            self._cell = _Cell(self._column, attributes.get("t", "n"), int(attributes.get("s", 0)))
        elif self._cell:
            self._cell.is_formula |= name == "f"
            self._cell.has_value |= name in ("v", "is")
            self._run.start(name)

    def end(self, name: str) -> None:
        self._run.end(name)
        if name == "c" and self._cell:
            text = self._text(self._cell, self._run.taken()).strip()
            if text:
                self._cells[self._cell.column] = text
            self._cell = None
        elif name == "row" and self._cells:
            self.done.append((self._line, self._cells))

    def _text(self, cell: _Cell, text: str) -> str:
        if cell.is_formula and not cell.has_value and cell.kind != "str":
            return UNCALCULATED
        if cell.kind == "s":
            return self._texts[int(text)] if text else ""
        if cell.kind == "b":
            return "TRUE" if text.strip() in ("1", "true") else "FALSE"
        if cell.kind == "n" and text.strip():
            shown = self._formats[cell.style] if cell.style < len(self._formats) else ""
            return _number(text, shown, self._epoch)
        return text  # as it was typed, an ISO date, or an error


def _column(reference: str) -> int:
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise Unreadable("names a cell that no sheet has")
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1
