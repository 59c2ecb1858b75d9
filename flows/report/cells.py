"""Small pieces of HTML that stand in thousands of cells: numbers, dates, marks. Each says also what a machine reads."""

from __future__ import annotations

from datetime import date as Date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from markupsafe import Markup, escape

from flows.report import words
from models.shown import shown_lines


def num(value: Decimal | int | None, missing: str = "not known") -> Markup:
    """A number as people write it, with the database's own beside it where that is another; or what is missing."""
    if value is None:
        return unknown(missing)
    exact = f"{value:f}"
    exact = exact.rstrip("0").rstrip(".") if "." in exact else exact
    shown = words.amount(value)
    return Markup(shown if shown.replace(",", "") == exact else f'<data value="{exact}">{shown}</data>')


def mean(value: Decimal | None, n: int) -> Markup:
    """A mean, never without its number of days."""
    return unknown("not known") if value is None else Markup(f"{words.amount(value)} <i>n = {n}</i>")


def date(value: Date | None, year: bool = False) -> Markup:
    """3 Mar, with the year where asked for."""
    if value is None:
        return unknown("none")
    return Markup(f'<time class="whole" datetime="{value}">{words.day(value, year)}</time>')


def mark(name: str) -> Markup:
    """The sign of a verdict or state, drawn in base.html. Words always stand beside it."""
    return Markup(f'<svg class="mark" aria-hidden="true"><use href="#{escape(name)}"/></svg>')


@cache
def unknown(what: str) -> Markup:
    """What is not there, in words."""
    return Markup(f'<span class="unknown">{escape(what)}</span>')


def rows(days: list[dict[str, Any]], with_source: bool) -> Markup:
    """The rows of a table of days, without the end tags that HTML lets go: five years of them are a third smaller."""
    return Markup("\n".join([_row(day, with_source) for day in days]))


_NUMBERS = ("movement_minutes", "steps", "walking_minutes", "wear_minutes")


def _row(day: dict[str, Any], with_source: bool) -> str:
    beside = "" if day["is_eligible"] else ' class="beside"'
    said = [_text(words.where(day)), _text(words.STATES[day["day_state"]]), *[num(day[name]) for name in _NUMBERS]]
    said.append("; ".join(map(_entry, day["written"])))
    if with_source:
        said.append(_text(day["primary_source"] or "none"))
    return f"<tr{beside}><th>{_weekday(day['local_date'])}<td>{'<td>'.join(said)}"


def _entry(entry: dict[str, Any]) -> str:
    """What was recorded or written down."""
    who = words.recorded(entry["modality"], entry["source"])
    return f"{_text(entry['activity'].replace('_', ' '))} {num(entry['timer_minutes'])} min, {_text(who)}"


@lru_cache(10_000)
def _weekday(when: Date) -> str:
    """Mon 3 Mar 2026."""
    return f"{when:%a} {words.day(when, True)}"


@lru_cache(10_000)
def _text(text: str) -> str:
    return escape(shown_lines(text))
