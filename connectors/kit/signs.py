"""What one look at a file shows, so that only the connectors are asked that look for some of it.

    FIT  SQLite  JSON list  JSON object  workbook  XML  text      what the file begins like (XML: it has a tag)
    ^com                                                          the first word of its first line
    timestamp                                                     a column of its first line
    nameless                                                      a first line of one cell, or whose first one is empty
    /fitbit                                                       a word of its path

A FIT file that is called one shows that alone. In doubt a file shows both: a question too many costs little, one too
few loses the file.
"""

from __future__ import annotations

import re
from collections.abc import Set

from connectors.kit.csv import UTF16, header
from connectors.kit.export import Export
from connectors.kit.fit import is_fit, may_be_fit
from models.study.workbook import looks_like_one

_WORDS = re.compile("[a-z]+|&")
_FIT_ALONE = frozenset({"FIT"})
_NO_TABLE = re.compile(rb'[\[{]\s*(?:["\[{\]}\d-]|true|false|null)|<[?!a-zA-Z]')


def is_sqlite(head: bytes) -> bool:
    """Whether the first bytes of a file are those of an SQLite database."""
    return head.startswith(b"SQLite format 3\0")


def signs(export: Export) -> Set[str]:
    """Everything that a look at the first bytes and at the name of a file shows."""
    head = export.head
    is_surely_fit = is_fit(head) and head[0] in (12, 14)  # the length of its header: no letter of a text
    if is_surely_fit and export.name[-4:].lower() == ".fit":
        return _FIT_ALONE
    found = {f"/{word}" for word in _WORDS.findall(export.name.casefold())}
    if may_be_fit(export):
        found.add("FIT")
        if is_surely_fit:
            return found
    for form, is_one in (("SQLite", is_sqlite), ("workbook", looks_like_one)):
        if is_one(head):
            return found | {form}
    if b"<" in head:
        found.add("XML")
    begin = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if begin[:1] in (b"[", b"{"):
        found.add("JSON list" if begin.startswith(b"[") else "JSON object")
    return found if _NO_TABLE.match(begin) else found | _first_line(export)


def _first_line(export: Export) -> set[str]:
    """What a text shows. Of damaged or binary data little is sure: `header` finds no column in it."""
    head = export.head
    word = re.search(rb"\w+", head.decode("utf-16", "ignore").encode() if head[:2] in UTF16 else head)
    columns = header(export)
    few = len([name for name in columns if name]) < 2
    found = {"text", *columns} | ({"nameless"} if few or not columns[0] else set())
    return found | {f"^{word[0].lower().decode()}"} if word else found
