"""Dates and times as a list writes them in the language of an account: "9. März 2026, 07:30", "Mar 9, 2026, 7:30 AM".

The names of months are words of the vendor (connectors/words).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from connectors.kit.export import Export
from connectors.kit.words import meanings, plain
from models.fault import Rejected

_CLOCK = (
    r"(?:,? (?:à |at |às |um )?|T)(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d+)?(?: ?([AaPp])\.? ?[Mm]\.?)?(?: ?(?:Z|UTC))?"
)
_FORMS = (
    r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)",
    r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})",
    r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4})",
    r"(?P<word>[^\W\d]+)\.? (?P<d>\d{1,2}),? (?P<y>\d{4})",
    r"(?P<d>\d{1,2})\.?(?: de)? (?P<word>[^\W\d]+)\.?,?(?: de)? (?P<y>\d{4})",
)


def has_dotted_times(export: Export) -> bool:
    """Whether its first rows have times like 2026.03.09 07:30:00: only Health Sync writes them."""
    return (
        re.search(rb"\n\"?\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d|,\d{4}\.\d\d\.\d\d \d\d:\d\d:\d\d,", export.head[:2000])
        is not None
    )


def slashes_day_first(cells: list[str], column: str, remedy: str) -> bool:
    """Whether 3/9/2026 is in September, by all dates of a column. Raises Rejected where they do not show it."""
    parts = [(int(m[1]), int(m[2])) for cell in cells if (m := re.match(r"(\d{1,2})/(\d{1,2})/\d{4}\b", cell))]
    if not parts:
        return False
    day_first, month_first = any(a > 12 for a, _ in parts), any(b > 12 for _, b in parts)
    if day_first == month_first:
        found = "dates in which day and month cannot be told apart"
        raise Rejected(f"column {column}", found, "one date beyond the twelfth of its month", remedy)
    return day_first


def date_and_time(cell: str, vendor: str, day_first: bool) -> datetime | None:
    """A date and time in any of the forms above, in any language of the vendor's words, as UTC; None where it is none.

    Raises ValueError for one that does not exist.
    """
    for form in _FORMS:
        found = re.fullmatch(form + _CLOCK, cell)
        if not found:
            continue
        part = found.groupdict()
        if "a" in part:
            part["d"], part["m"] = (part["a"], part["b"]) if day_first else (part["b"], part["a"])
        month = meanings(vendor, "months").get(plain(part["word"])) if "word" in part else part["m"]
        if month is None:
            return None
        hour, minute, second, half = found.groups()[-4:]
        if half and not 1 <= int(hour) <= 12:
            return None
        hours = int(hour) % 12 + 12 * (half.casefold() == "p") if half else int(hour)
        return datetime(int(part["y"]), int(month), int(part["d"]), hours, int(minute), int(second or 0), tzinfo=UTC)
    return None
