"""Numbers and dates as people and their spreadsheets write them: everything that a cell can mean.

Nothing is guessed. Who asks gets each meaning that a cell can have, and refuses one that has two: `6,500` and `1.500`
may be thousands or a bit more than one, `03/04/2026` is in March or in April (R13.4).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache

ORDERS = ("iso", "month_first", "day_first")  # `dates` of study.toml; iso: only what can mean one day alone
_LONGEST = 60

# Numbers -------------------------------------------------------------------------------------------------------------
_BLANK = " \u00a0\u2007\u2009\u202f"  # a blank, and those that do not break, are as wide as a figure, thin, or narrow
_THOUSANDS = f".,{_BLANK}'\u2018\u2019\u02bc"
_GROUPED = re.compile(rf"([1-9][0-9]{{0,2}}([{_THOUSANDS}])[0-9]{{3}}(?:\2[0-9]{{3}})*)(?:(?!\2)[.,]([0-9]+))?")
_PLAIN = re.compile(r"([0-9]+)(?:[.,]([0-9]*))?")


def numbers(cell: str) -> list[Decimal]:
    """What a number without a sign can mean: two things where one mark stands once, before three figures."""
    if len(cell) > _LONGEST:
        return []
    found = []
    if grouped := _GROUPED.fullmatch(cell):
        found.append(Decimal(f"{re.sub('[^0-9]', '', grouped[1])}.{grouped[3] or 0}"))
    if plain := _PLAIN.fullmatch(cell):
        found.append(Decimal(f"{plain[1]}.{plain[2] or 0}"))
    return list(dict.fromkeys(found))


def either(meanings: Iterable[Decimal | date]) -> str:
    """The meanings of a cell, for the sentence that refuses it."""
    return " or ".join(f"{m.normalize():f}" if isinstance(m, Decimal) else str(m) for m in meanings)


# Dates ---------------------------------------------------------------------------------------------------------------
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIGURES = re.compile(r"([0-9]{1,4})([-/.]) ?([0-9]{1,2})\2 ?([0-9]{1,4})")
_MONTH = r"(?P<m>[^\W\d_]{3,})\.?"
_NAMED = (
    re.compile(rf"(?P<d>[0-9]{{1,2}})\.?[- /]*(?:de )?{_MONTH},?[- /]*(?:de )?(?P<y>[0-9]+)"),  # 28-Feb-2026
    re.compile(rf"{_MONTH} (?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<y>[0-9]+)"),  # February 28, 2026
    re.compile(rf"(?P<y>[0-9]+)[- ]{_MONTH}[- ](?P<d>[0-9]{{1,2}})"),
)
# As English, German, Spanish and French call them, without accents; three letters are enough where they tell.
_MONTHS = (
    "january januar janner enero janvier", "february februar febrero fevrier", "march marz maerz mrz marzo mars",
    "april abril avril", "may mai mayo", "june juni junio juin", "july juli julio juillet", "august agosto aout",
    "september septiembre septembre", "october oktober octubre octobre", "november noviembre novembre",
    "december dezember diciembre decembre",
)  # fmt: skip


@lru_cache(100_000)  # a study writes the same few dates again and again
def dates(cell: str, order: str = "iso") -> tuple[date, ...]:
    """The days that a date can mean; none where it is no date or its year has two figures.

    Points stand after the day in every country; where `order` says that the month comes first, the two contradict.
    """
    if _ISO.fullmatch(cell):
        return _days((cell[:4], cell[5:7], cell[8:]))
    if len(cell) > _LONGEST:
        return ()
    if found := _FIGURES.fullmatch(cell):
        first, mark, second, last = found.groups()
        if len(first) == 4:
            return _days((first, second, last))
        if len(last) != 4:
            return ()
        day_first, month_first = _days((last, second, first)), _days((last, first, second))
        if mark == ".":
            return _both(day_first, month_first) if order == "month_first" else day_first
        if order == "iso":
            return _both(day_first, month_first)
        return (month_first or day_first) if order == "month_first" else (day_first or month_first)
    for form in _NAMED:
        if (found := form.fullmatch(cell)) and len(found["y"]) == 4:
            return _days((found["y"], _month(found["m"]), found["d"]))
    return ()


def has_short_year(cell: str) -> bool:
    """Whether it would be a date if its year were written out."""
    short = (re.sub(r"[0-9]{2}$", r"20\g<0>", cell), re.sub(r"^[0-9]{2}", r"20\g<0>", cell))
    return not dates(cell) and any(map(dates, short))


def _both(*some: tuple[date, ...]) -> tuple[date, ...]:
    return tuple(sorted(set().union(*some)))


def _days(parts: tuple[str, str, str]) -> tuple[date, ...]:
    """The day of that year, month and day; none where there is no such day."""
    year, month, day = map(int, parts)
    try:
        return (date(year, month, day),)
    except ValueError:
        return ()


def _month(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    called = [n for n, names in enumerate(_MONTHS, 1) if any(full.startswith(plain) for full in names.split())]
    return str(called[0]) if len(called) == 1 else "0"


_TIME = (
    r"(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def clock(cell: str) -> str:
    """A time of day as ISO has it, 18:30:00 for 6:30 PM, with the offset from UTC where there is one; "" for none."""
    found = re.fullmatch(_TIME, re.sub(f"[{_BLANK}]+", " ", cell))
    if not found:
        return ""
    hour = int(found["h"])
    if found["half"]:
        hour = hour % 12 + 12 * (found["half"] in "pP") if 1 <= hour <= 12 else 99
    return f"{hour:02}:{found['m']}:{found['s'] or '00'}{found['offset'] or ''}"


@lru_cache(100_000)
def apart(cell: str) -> tuple[str, str]:
    """A cell's date as it is written, and its time as `clock` has it."""
    blank = re.sub(f"[{_BLANK}]+", " ", cell)
    found = re.fullmatch(f"(?P<day>.+?)(?:T|,? )(?P<time>{_TIME})", blank)
    return (found["day"], clock(found["time"])) if found else (blank, "")


# Errors --------------------------------------------------------------------------------------------------------------
_ERROR = re.compile(r"#N/A|#NV|#GETTING_DATA|#[^\W\d_][^\W_]*(?:/0)?[!?]|Err:[0-9]{3}", re.IGNORECASE)


def is_error(cell: str) -> bool:
    """Whether a spreadsheet says in this cell that its formula failed: `#REF!`, `#N/A`, `Err:502`."""
    return bool(_ERROR.fullmatch(cell))
