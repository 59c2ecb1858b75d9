"""A table as a spreadsheet stores it, made the plain CSV that kit/csv.py reads; every row keeps its line.

A workbook (.xlsx): its first sheet. What Excel calls Unicode text (UTF-16). A first line `sep=;`, which Excel reads as
the separator. Whatever is none of these stays as it is.
"""

from __future__ import annotations

import csv
import io
import re

from connectors.kit.csv import header
from connectors.kit.export import Export
from models.fault import Rejected
from models.study import workbook
from models.study.workbook import MOST_PACKED

_SEPARATOR = re.compile(rb'(?:\xef\xbb\xbf)?"?sep=[^\r\n]{0,20}\r?\n', re.IGNORECASE)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_MOST_TEXT = 100_000_000  # bytes of a workbook as CSV: one text can stand in many cells


def columns(export: Export) -> list[str]:
    """The column names, lower-cased, for `identify`. Empty where there are none, also where nothing can be read."""
    if not workbook.looks_like_one(export.head):
        return header(_plain(export))
    try:
        with _bounded(export) as content:
            _, first = next(workbook.rows(content), (0, {}))
    except (Rejected, workbook.Unreadable):
        return []
    return [text.casefold() for text in first.values()]


def table(export: Export) -> Export:
    """The table as CSV. Raises Rejected where a workbook cannot be read."""
    if not workbook.looks_like_one(export.head):
        return _plain(export)
    try:
        with _bounded(export) as content:
            return _as_export(export, _as_csv(content))
    except workbook.Unreadable as why:
        raise Rejected("whole file", str(why).removeprefix("is "), "a workbook", workbook.SAVE_AGAIN) from None


def _bounded(export: Export) -> io.BytesIO:
    if export.size > MOST_PACKED:
        raise Rejected("whole file", f"a workbook of over {MOST_PACKED // 1_000_000} MB", "less",
                       "take out what is no table, or save the sheet as CSV UTF-8")  # fmt: skip
    return io.BytesIO(export.read())


def _plain(export: Export) -> Export:
    """A text as UTF-8 without a line that names the separator. One that is too large for a person's stays as it is."""
    named = _SEPARATOR.match(export.head)
    is_wide = export.head[:2] in _UTF16
    if not (named or is_wide) or export.size > MOST_PACKED:
        return export
    content = export.read()
    if is_wide:
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError:
            return export
        named = _SEPARATOR.match(content)
    return _as_export(export, b"\n" + content[named.end() :] if named else content)


def _as_export(export: Export, content: bytes) -> Export:
    return Export(export.name, len(content), lambda: io.BytesIO(content))


def _as_csv(content: io.BytesIO) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    line, width = 1, 0
    for at, cells in workbook.rows(content):
        width = width or max(cells) + 1
        out.write("\n" * (at - line))
        beside = [text for column, text in cells.items() if column >= width]
        row = [" ".join(cells.get(column, "").split()) for column in range(width)] + beside
        writer.writerow(row)
        line = at + 1
        if out.tell() > _MOST_TEXT:
            raise workbook.Unreadable(f"holds texts of over {_MOST_TEXT // 1_000_000} MB")
    return out.getvalue().encode()
