"""What a file says, made fit to be shown: on a terminal, a page, in a log or a message; and in a spreadsheet.

What is no printable text (control characters, marks that turn the direction of writing, spaces without width, ends of
lines) is escaped, so that it can do nothing but be read. JSON and Parquet need none of this and stay exact.
"""

from __future__ import annotations

import re

LONGEST = 120  # characters of a file that are repeated to a person
LONGEST_KIND = 60
_FORMULA = re.compile(r"[ '\"]*[=+@\-\uff1d\uff0b\uff20\uff0d]")
_ADDRESS = re.compile(r"@|://|\d\D{0,2}(\d\D{0,2}){5}\d")  # of mail or of a page, a telephone number


def shown(text: str) -> str:
    """A text, with what is no printable text in it escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown_lines(text: str) -> str:
    """The same for a text of several lines, which stay apart."""
    return text if text.isprintable() else "\n".join(map(shown, text.split("\n")))


def shortened(text: str, most: int = LONGEST) -> str:
    """The same, of bounded length."""
    short = shown(text[: most + 1])
    return short if len(short) <= most else short[: most - 1] + "…"


def kind_of_activity(name: str | None) -> str | None:
    """What a vendor calls a kind of activity, of bounded length. None: nothing, or an address or telephone number."""
    word = " ".join((name or "").split())
    return None if not word or _ADDRESS.search(word) else shown(word)[:LONGEST_KIND]


def in_a_spreadsheet(text: str) -> str:
    """A text cell of a CSV: what a spreadsheet would run as a formula gets an apostrophe before it, as OWASP says."""
    cell = shown(text)
    return f"'{cell}" if _FORMULA.match(cell) else cell


# The same in SQL for the text CELL; what is no printable text becomes U+FFFD there.
IN_A_SPREADSHEET = r"""regexp_replace(regexp_replace(CELL, '[\p{C}\p{Zl}\p{Zp}]', chr(65533), 'g'),
    '^([\p{Zs}''"]*[=+@\-＝＋＠－])', '''\1')"""
