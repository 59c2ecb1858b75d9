"""Small pieces of HTML that stand in thousands of cells: numbers, dates, marks. Each says also what a machine reads."""

from __future__ import annotations

from datetime import date as Date
from decimal import Decimal
from functools import cache

from markupsafe import Markup, escape

from flows.report import words


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
