"""What may be kept of a file's texts: letters that can be written down and shown, and not many of them.

JSON can spell half of a letter (a lone surrogate), which no store and no page can hold; any format can hold NUL, ESC
and other characters that steer terminals, and texts of any length.
"""

from __future__ import annotations

import polars as pl

from models.activity import Extract
from models.rejection import Rejected

_LONGEST_NAME, _LONGEST_NOTE, _MOST_NOTES = 60, 300, 20
_STEERING = r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+"


def half_letter() -> Rejected:
    """The rejection of a text that cannot be written as UTF-8."""
    remedy = "export the file again, or take it out of the inbox"
    return Rejected("whole file", "half of a letter in a text", "text that can be written as UTF-8", remedy)


def keep_texts(extract: Extract) -> None:
    """Shorten the texts of an extract to what may be kept of them. Raises Rejected for half of a letter."""
    if extract.sessions.height:
        name = pl.col("vendor_activity").str.replace_all(_STEERING, " ").str.strip_chars().str.head(_LONGEST_NAME)
        extract.sessions = extract.sessions.with_columns(pl.when(name != "").then(name).alias("vendor_activity"))
    notes = [shown(note, _LONGEST_NOTE) for note in extract.notes[:_MOST_NOTES]]
    if more := len(extract.notes) - _MOST_NOTES:
        notes += [f"and {more} more remarks"] if more > 0 else []
    if not all(map(_is_whole, notes)):
        raise half_letter()
    extract.notes = notes


def shown(text: str, longest: int) -> str:
    """A text of one line without what steers a terminal, not longer than that."""
    line = "".join(
        letter if letter.isprintable() or "\ud800" <= letter <= "\udfff" else " " for letter in text[:longest]
    )
    return line + "…" * (len(text) > longest)


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def sentence(fault: Rejected) -> Rejected:
    """A rejection that can be written down and read, whatever of the file stands in it."""
    parts = (fault.place, fault.found, fault.expected, fault.remedy)
    return Rejected(*(shown(part, 600).encode("utf-8", "replace").decode() for part in parts))
