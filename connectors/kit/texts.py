"""What may be stored of a file's texts: letters that can be written down and shown, and not many of them.

JSON can spell half of a letter (a lone surrogate), which no store and no page can hold; any format can hold NUL, ESC
and other characters that steer terminals, and texts of any length.
"""

from __future__ import annotations

import polars as pl

from models.activity import Extract
from models.fault import Rejected
from models.shown import kind_of_activity, shortened

_LONGEST_NOTE, _MOST_NOTES = 300, 20


def half_letter() -> Rejected:
    """The rejection of a text that cannot be written as UTF-8."""
    remedy = "export the file again, or take it out of the inbox"
    return Rejected("whole file", "half of a letter in a text", "text that can be written as UTF-8", remedy)


def shorten_texts(extract: Extract) -> None:
    """Shorten the texts of an extract to what may be stored of them."""
    if extract.sessions.height:
        names = extract.sessions["vendor_activity"]
        allowed = {name: kind_of_activity(name) for name in names.unique().drop_nulls()}
        names = names.replace_strict(allowed, default=None, return_dtype=pl.String) if allowed else names
        extract.sessions = extract.sessions.with_columns(names)
    notes = [shortened(note, _LONGEST_NOTE) for note in extract.notes[:_MOST_NOTES]]
    more = len(extract.notes) - _MOST_NOTES
    extract.notes = [*notes, f"and {more} more remarks"] if more > 0 else notes
