"""What stands in one cell of a control file, or in one setting: the validators of single values.

A cell is text, "" where it is empty. What cannot be, or can mean two things, is raised as `wrong`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator
from pydantic_core import ErrorDetails, PydanticCustomError

from models.study import written
from models.system.shell import words_of
from models.taxonomy import CUT_POINTS_FORM

MOST = 1_000_000_000  # no number is as large
PARTICIPANT_ID = r"[A-Za-z0-9_-]{1,64}"
MINUTES_OF_A_DATE = 1440
MOST_WEEKS = 520
MOST_PERCENT = 10_000  # added to a baseline: what it makes of any day's minutes is still a target


def wrong(problem: str, expected: str, hint: str = "") -> PydanticCustomError:
    """What a validator raises. The hint may say what the cell says; the others never do."""
    return PydanticCustomError("cell", problem, {"expected": expected, "hint": hint})  # type: ignore[arg-type]


def problem_of(error: ErrorDetails) -> tuple[str, str, str]:
    """(problem, expected, hint) of one validation error, of a row or of study.toml."""
    template = "as `stepwindow init` writes it"
    plain = {"missing": "is missing", "extra_forbidden": "is not a setting", "model_type": "is not a table"}
    if error["type"] in plain:
        return plain[error["type"]], template, ""
    context = error.get("ctx", {})
    return error["msg"], context.get("expected", template), context.get("hint", "")


def text(value: object) -> str:
    """A name or id: no rule but that it fits on a line."""
    if not isinstance(value, str) or not 1 <= len(value) <= 100 or not value.isprintable():
        raise wrong("is not usable", "1 to 100 printable characters")
    return value


def command(value: object) -> tuple[str, ...]:
    """A program and its arguments: a text that is split as a shell would split it, or a list. No shell sees either."""
    expected = 'a program with its arguments, such as "/usr/local/bin/tell-the-team"'
    try:
        words = words_of(value) if isinstance(value, str) else value
    except ValueError:  # a quotation mark that is not closed
        words = None
    if not (isinstance(words, list) and words and all(isinstance(word, str) and word for word in words)):
        raise wrong("is not a command", expected)
    return tuple(words)


def path(value: object) -> str:
    """A path or address: as long as the system that opens it allows."""
    if not isinstance(value, str) or not value or any(ord(c) < 32 or ord(c) == 127 for c in value):
        raise wrong("is not usable", "a path without control characters")
    return value


def one_of(choices: Collection[str]) -> BeforeValidator:
    """A word of a fixed vocabulary, in any case."""

    def check(value: object) -> object:
        word = word_of(value) if isinstance(value, str) else value
        if word not in choices:
            near = isinstance(word, str) and difflib.get_close_matches(word, choices, 1)
            raise wrong("is not known here", ", ".join(choices), f"did you mean {near[0]}?" if near else "")
        return word

    return BeforeValidator(check)


def cut_points() -> BeforeValidator:
    """Three thresholds as GGIR names its files by them."""

    def check(value: object) -> object:
        if not isinstance(value, str) or not re.fullmatch(CUT_POINTS_FORM, value, re.ASCII):
            raise wrong("is not a set of cut-points", "one like L40M100V400, as in the names of GGIR's files")
        return value

    return BeforeValidator(check)


@lru_cache(10_000)
def word_of(value: str) -> str:
    """A word as vocabularies have it: `Stopped early` is stopped_early."""
    return re.sub(r"[\s_-]+", "_", value.strip().casefold())


def yes_no(value: str) -> bool:
    """`true` or `false`; spreadsheets write TRUE."""
    if value.lower() not in ("true", "false"):
        raise wrong("is neither true nor false", "true or false")
    return value.lower() == "true"


def whole_number(value: object, least: int, most: int) -> int:
    """A whole number, from a cell or from TOML."""
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else value
    if type(number) is not int or not least <= number <= most:
        raise wrong("is not a whole number in range", f"{least} to {most}")
    return number


def between(least: int, most: int) -> BeforeValidator:
    """A whole number of that range."""
    return BeforeValidator(lambda value: whole_number(value, least, most))


@lru_cache(100_000)  # a study writes the same few numbers again and again
def number(value: str, expected: str, what: str = "a positive number") -> Decimal:
    """Exactly what is written, where that is one number."""
    meant = written.numbers(value)
    if len(meant) > 1:
        raise wrong("can mean two numbers", f"{expected}, without a thousands mark", written.either(meant))
    if not meant or meant[0] >= MOST or meant[0] % Decimal("0.001"):
        raise wrong(f"is not {what} with at most 3 decimals", expected)
    return meant[0]


def positive(value: str, expected: str) -> Decimal:
    """A number above 0."""
    if not (exact := number(value, expected)):
        raise wrong("is not above 0", expected)
    return exact


def day(value: object, order: str = "iso", expected: str = "2026-03-09") -> date:
    """A date, from a cell or from TOML (which has dates of its own). The years 0206 and 20260 are typing errors."""
    if type(value) is date:
        meant: tuple[date, ...] = (value,)
    else:
        as_written, clock = written.apart(value) if isinstance(value, str) else ("", "")
        meant = written.dates(as_written, order) if clock in ("", "00:00:00") else ()
        if len(meant) > 1:
            remedy = f'{expected}, or `dates = "month_first"` or "day_first" in study.toml'
            raise wrong("can mean two days", remedy, written.either(meant))
        if not meant and written.has_short_year(as_written):
            raise wrong("has a year of two figures", expected)
    if not meant or not 1990 <= meant[0].year < 2200:
        raise wrong("is not a date", expected)
    return meant[0]


def time_of_day(value: str) -> time:
    """A time on the clock on the wall, to the second."""
    clock = written.clock(value)
    try:
        found = time.fromisoformat(clock)
    except ValueError:
        found = None
    if found is None or found.tzinfo:
        raise wrong("is not a time of day", "a time such as 18:30, or an empty cell")
    return found


def minutes(value: str) -> Decimal:
    """How long something took that is over within a day."""
    if (exact := positive(value, "minutes, more than 0 and at most 1440")) > MINUTES_OF_A_DATE:
        raise wrong("is more than a date has", "minutes, at most 1440")
    return exact


def scale(value: str) -> str:
    """The name of an outcome scale. It is published, so it has no room for a sentence."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,23}", value):
        raise wrong("is not the name of a scale", "up to 24 letters, digits, - and _, such as PHQ-9")
    return value


def score(value: str) -> Decimal:
    """A number, which may be below 0."""
    sign = -1 if value[:1] in ("-", "\u2212") else 1
    return sign * number(value[1:].lstrip() if sign < 0 else value, "a number such as 12 or 7.5", "a number")


def zone(value: object) -> str:
    """The name of a time zone."""
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", value) or not _is_zone(value):
        near = _zone_like(value) if isinstance(value, str) else None
        raise wrong(
            "is not a time zone", "an IANA name such as America/New_York", f"did you mean {near}?" if near else ""
        )
    return value


@cache
def _is_zone(name: str) -> bool:
    """Whether it names a place's civil time. The machine's files have others beside: copies, leap seconds, itself."""
    if name.startswith(("posix", "right/")) or name in ("localtime", "Factory"):
        return False
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return False
    return True


@lru_cache(1000)
def _zone_like(value: str) -> str | None:
    """The zone that may be meant: its name in another case, its city alone, or a few letters off. None: no one zone."""
    names = sorted(name for name in available_timezones() if re.match("(?!Etc/).+/", name) and _is_zone(name))
    by_name = {word_of(name): name for name in names}
    by_city = {word_of(name.rpartition("/")[2]): name for name in reversed(names)}  # the first of several
    for known in (by_name, by_city):
        if near := difflib.get_close_matches(word_of(value[:64]), known, 1, 0.8):
            return known[near[0]]
    return None


def participant_id(value: str) -> str:
    """A folder of the inbox has this name, so it holds nothing a path could."""
    if not re.fullmatch(PARTICIPANT_ID, value):
        raise wrong("is not a participant_id", "1 to 64 of A-Z a-z 0-9 _ -")
    return value


@lru_cache(100_000)
def clinic_date(value: str, timezone: str, order: str = "iso") -> date:
    """The civil date at the clinic. A time is local there, unless it brings its own offset from UTC."""
    expected = "2026-03-09 or 2026-03-09T10:30"
    as_written, clock = written.apart(value)
    found = day(as_written, order, expected)
    try:
        moment = datetime.fromisoformat(f"{found}T{clock or '00:00'}")
        return (moment.astimezone(ZoneInfo(timezone)) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        raise wrong("is not a date", expected) from None


def derivation(value: str) -> str:
    """How a target follows from the days or the weeks before. Normalised: `baseline_pct: 10.0` is `baseline_pct:10`."""
    expected = "an empty cell, baseline_pct:10, baseline_plus:1500, percentile:60 or step_up:10;weeks=2;up_to=100"
    name, _, amount = (part.strip() for part in value.partition(":"))
    if name == "step_up":
        return _step_up(amount)
    if name not in ("baseline_pct", "baseline_plus", "percentile"):
        raise wrong("is not a derivation", expected)
    exact = number(amount.removesuffix("%").rstrip() if name == "baseline_pct" else amount, expected)
    if name == "baseline_pct" and exact > MOST_PERCENT:
        raise wrong("is more than a target can grow by", f"baseline_pct:N with N up to {MOST_PERCENT}")
    if name == "percentile" and not 0 < exact < 100:
        raise wrong("is not a percentile", "percentile:N with N between 0 and 100")
    return f"{name}:{exact.normalize():f}"


def _step_up(value: str) -> str:
    """A target that rises with the weeks that were met: by how much, and its options, in one order."""
    expected = "step_up:10, also with ;weeks=2 (met in a row, 1 to 520) and ;up_to=100"
    amount, *options = (part.strip() for part in value.split(";"))
    step_up = [f"step_up:{positive(amount, expected).normalize():f}"]
    given = dict[str, str]()
    for option in options:
        name, _, number_of = (part.strip() for part in option.partition("="))
        if name not in ("weeks", "up_to") or name in given:
            raise wrong("has a part that is not known, or one twice", expected)
        given[name] = number_of
    if "weeks" in given:
        if not re.fullmatch("[0-9]{1,9}", given["weeks"]) or not 1 <= int(given["weeks"]) <= MOST_WEEKS:
            raise wrong("has a number of weeks that cannot be", expected)
        step_up.append(f"weeks={int(given['weeks'])}")
    if "up_to" in given:
        step_up.append(f"up_to={positive(given['up_to'], expected).normalize():f}")
    return ";".join(step_up)
