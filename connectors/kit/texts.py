"""What may be stored of a file's texts: letters that can be written down and shown, and not many of them.

JSON can spell half of a letter (a lone surrogate), which no store and no page can hold; any format can hold NUL, ESC
and other characters that steer terminals, and texts of any length.
"""

from __future__ import annotations

import polars as pl

from models.activity import Extract, Extracts
from models.fault import Rejected
from models.shown import kind_of_activity, shortened

_LONGEST_NOTE, _MOST_NOTES = 300, 20


def half_letter() -> Rejected:
    """The rejection of a text that cannot be written as UTF-8."""
    remedy = "export the file again, or take it out of the inbox"
    return Rejected("whole file", "half of a letter in a text", "text that can be written as UTF-8", remedy)


def shorten_texts(extract: Extract) -> None:
    """Shorten the texts of an extract to what may be stored of them."""
    extract.sessions = _short_names(extract.sessions)
    extract.notes = _short_notes(extract.notes)


def shorten_all_texts(found: Extracts) -> None:
    """The same of many files."""
    if "sessions" in found.frames:
        found.frames["sessions"] = _short_names(found.frames["sessions"])
    for file in found.files:
        if isinstance(file, Extract) and file.notes:
            file.notes = _short_notes(file.notes)


def _short_names(sessions: pl.DataFrame) -> pl.DataFrame:
    """Sessions with what the vendor calls each, as it may be stored."""
    if sessions.is_empty():
        return sessions
    names = sessions["vendor_activity"]
    allowed = {name: kind_of_activity(name) for name in names.unique().drop_nulls()}
    names = names.replace_strict(allowed, default=None, return_dtype=pl.String) if allowed else names
    return sessions.with_columns(names)


def _short_notes(notes: list[str]) -> list[str]:
    """Remarks as they may be stored: not too many of them."""
    more = len(notes) - _MOST_NOTES
    notes = [shortened(note, _LONGEST_NOTE) for note in notes[:_MOST_NOTES]]
    return [*notes, f"and {more} more remarks"] if more > 0 else notes
