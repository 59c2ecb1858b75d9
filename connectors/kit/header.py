"""CSV files whose first lines are not as kit/csv.py wants them: a line before the header, a translated header,
names that stand twice, rows that end with one comma more. The header is written anew; the rows pass untouched and
every line keeps its number.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import BinaryIO, cast

from connectors.kit.export import HEAD, Export
from connectors.kit.stack import Stack


def top_lines(export: Export, count: int) -> list[str]:
    """The first lines of a file as text, without their ends; fewer where there are fewer, none of binary data."""
    if not export.may_be_text:
        return []
    text = export.head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "ignore")
    return [] if "\0" in text[:1000] else re.split(r"\r?\n", text, maxsplit=count)[:count]


def cells(line: str) -> list[str]:
    """The cells of one line of a CSV, by whichever separator cuts it most."""
    outside = re.sub(r'"[^"]*"', "", line)
    try:
        found = next(csv.reader([line], delimiter=max(",;\t", key=outside.count)), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in found]


def reheaded(export: Export, rename: Callable[[list[str]], list[str]], before: int = 0) -> Export:
    """The same export with its header renamed and the `before` lines above it emptied.

    Where every row has one cell more than the header, an empty one, the header gets a nameless column. What is not
    UTF-8 text is left as it is, so that reading it says what is wrong.
    """
    if isinstance(export, Stack):
        return Stack.of([reheaded(each, rename, before) for each in export.exports])
    head = export.head
    mark = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    ends = [found.end() for found in re.finditer(rb"\n", head)]
    if not ends:
        ends = [len(head)]
    while before < len(ends) and not head[(ends[before - 1] if before else mark) : ends[before]].strip(b"\r\n"):
        before += 1  # blank lines above the header
    if b"\0" in head[:1000] or before >= len(ends):
        return export
    begin, end = ends[before - 1] if before else mark, ends[before]
    try:
        line = head[begin:end].decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return export
    outside = re.sub(r'"[^"]*"', "", line)
    separator = max(",;\t", key=outside.count)
    names = rename(cells(line))
    row = cells(_next_line(head[end:]))
    if len(row) == len(names) + 1 and not row[-1]:
        names.append("")
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator="\n").writerow(names)
    top = b"\n" * before + written.getvalue().encode()

    def opener() -> BinaryIO:
        stream = export.open()
        return cast(BinaryIO, io.BufferedReader(_After(top, stream, end)))

    return Export(export.name, export.size - end + len(top), opener)


def _next_line(rest: bytes) -> str:
    line = rest.split(b"\n", 1)[0] if b"\n" in rest or len(rest) < HEAD // 2 else b""
    return line.decode("utf-8", "ignore").rstrip("\r")


class _After(io.RawIOBase):
    """Some bytes, then the rest of a stream."""

    def __init__(self, top: bytes, stream: BinaryIO, skip: int) -> None:
        stream.read(skip)
        self._top, self._stream = top, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def, override]
        block, self._top = self._top[: len(buffer)], self._top[len(buffer) :]
        block = block or self._stream.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._stream.close()
        super().close()
