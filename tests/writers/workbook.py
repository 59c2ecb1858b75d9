"""Writes a workbook (.xlsx) as spreadsheets do, by hand: parts of XML in a zip."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_FORMATS = {"": 0, "date": 14, "moment": 22, "time": 20, "span": 46, "percent": 9, "points": 164}  # style: its number


@dataclass(frozen=True)
class Shown:
    """A number under a style: `percent`, `date`, ..."""

    value: float
    style: str


@dataclass(frozen=True)
class Formula:
    """A formula, with what it came to; None: it was never calculated."""

    value: object | None
    text: str = "A1"


@dataclass(frozen=True)
class Error:
    """What a spreadsheet shows where a formula failed."""

    word: str


def workbook(
    rows: Sequence[Sequence[object] | None],
    *,
    shared: bool = True,
    is_1904: bool = False,
    before: str = "",
    sheets: str = '<sheet name="Sheet1" sheetId="1" r:id="rId1"/>',
    extra: dict[str, bytes] | None = None,
) -> bytes:
    """One sheet with a row per list from line 1 on; None leaves a line out, as spreadsheets do with empty ones.

    `shared`: texts stand in the list of the workbook, else in their cells. `before`: XML before the rows.
    """
    texts: dict[str, int] = {}  # each once, by its number
    lines = "".join(
        f'<row r="{line}">{"".join(_cell(c, line, n, texts, shared, is_1904) for n, c in enumerate(cells))}</row>'
        for line, cells in enumerate(rows, 1)
        if cells is not None
    )
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in _FORMATS.values())
    epoch = '<workbookPr date1904="1"/>' if is_1904 else ""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": _relationships({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{epoch}<sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relationships(
            {
                "rId1": ("worksheet", "worksheets/sheet1.xml"),
                "rId2": ("styles", "styles.xml"),
                "rId3": ("sharedStrings", "/xl/sharedStrings.xml"),
            }
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
        f'formatCode="dd\\.mm\\.yyyy;@"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        f"<cellXfs>{formats}</cellXfs></styleSheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">'
        + "".join(f'<si><r><t xml:space="preserve">{escape(text)}</t></r></si>' for text in texts)
        + "</sst>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}">{before}<sheetData>{lines}</sheetData></worksheet>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def _relationships(targets: dict[str, tuple[str, str]]) -> str:
    one = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for name, (kind, to) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{one}</Relationships>'


def _cell(value: object, line: int, column: int, texts: dict[str, int], shared: bool, is_1904: bool) -> str:
    if value is None:
        return ""
    formula = ""
    if isinstance(value, Formula):
        formula, value = f"<f>{value.text}</f>", value.value
        if value is None:
            return f'<c r="{_name(column)}{line}">{formula}</c>'
    kind, style, said = _said(value, is_1904)
    if kind == "str" and shared and not formula:
        kind, said = "s", str(texts.setdefault(str(value), len(texts)))
    at = f'r="{_name(column)}{line}" s="{list(_FORMATS).index(style)}" t={quoteattr(kind)}'
    if kind == "str" and not formula:
        return f'<c r="{_name(column)}{line}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
    return f"<c {at}>{formula}<v>{escape(said)}</v></c>"


def _said(value: object, is_1904: bool) -> tuple[str, str, str]:
    """(type, style, value) of a cell."""
    begin = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)
    match value:
        case Error():
            return "e", "", value.word
        case Shown():
            return "n", value.style, repr(value.value)
        case bool():
            return "b", "", str(int(value))
        case datetime():
            return "n", "moment", repr((value - begin) / timedelta(days=1))
        case date():
            return "n", "date", str((datetime.combine(value, time()) - begin).days)
        case time():
            return "n", "time", repr((value.hour * 60 + value.minute) / 1440)
        case int() | float():
            return "n", "", repr(value)
    return "str", "", str(value)


def _name(column: int) -> str:
    name = ""
    while column >= 0:
        name = chr(65 + column % 26) + name
        column = column // 26 - 1
    return name
