"""Words, numbers and dates of one language, as `words/LANGUAGE.toml` says. No sentence of the letter is in Python."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Language:
    """One language: its code, and its words by table and key."""

    code: str
    words: dict[str, Any]

    def say(self, key: str, **given: str) -> str:
        """The sentence of `table.key`, with what is given in its places."""
        return self._at(key).format_map(given)

    def count(self, what: str, n: Decimal | int) -> str:
        """1 day, 6 days; 1,500 steps; 7.5 minutes. All but minutes are whole."""
        exact = Decimal(n).quantize(Decimal("0.1") if what.endswith("minutes") else Decimal(1), ROUND_HALF_UP)
        below = self.words["form"]["one_below"]
        is_one = exact == 1 or (below > 1 and 0 <= exact < below)  # in French 0 and 1.5 are singular
        return self.say(f"count.{what}.{'one' if is_one else 'many'}", n=self.number(exact))

    def number(self, value: Decimal) -> str:
        """12,500 or 7.5 as this language writes it."""
        form = self.words["form"]
        whole, _, part = f"{value:f}".partition(".")
        if len(whole) >= form["grouped_from"]:
            whole = f"{int(whole):,}".replace(",", form["thousands"])
        return whole + (form["decimal"] + part if part.strip("0") else "")

    def day(self, when: date, year: bool = False, weekday: bool = False) -> str:
        """10 March, 10 March 2026, or Tuesday, 10 March."""
        text = self.say("date.day", n=self._ordinal(when), month=self._month(when))
        if year:
            text = self.say("date.year", day=text, year=str(when.year))
        return self.say("date.weekday", weekday=self.weekday(when), day=text) if weekday else text

    def weekday(self, when: date) -> str:
        """Tuesday."""
        return self.words["date"]["weekdays"][when.weekday()]

    def span(self, first: date, last: date, year: bool = False) -> str:
        """10 to 16 March, 28 February to 6 March, 10 March alone; a year at its end, or at both where it changes."""
        if first == last:
            return self.day(first, year)
        if first.year != last.year:
            return self.say("date.span", first=self.day(first, True), last=self.day(last, True))
        if first.month != last.month:
            return self.say("date.span", first=self.day(first), last=self.day(last, year))
        one, other = self._ordinal(first), self._ordinal(last)
        text = self.say("date.span_in_month", first=one, last=other, month=self._month(last))
        return self.say("date.year", day=text, year=str(last.year)) if year else text

    def together(self, parts: Sequence[str]) -> str:
        """a, b and c."""
        *others, last = parts
        return self.say("form.and", others=", ".join(others), last=last) if others else last

    def _ordinal(self, when: date) -> str:
        return self.words["date"]["first"] if when.day == 1 else str(when.day)

    def _month(self, when: date) -> str:
        return self.words["date"]["months"][when.month - 1]

    def _at(self, key: str) -> Any:
        found: Any = self.words
        for part in key.split("."):
            found = found[part]
        return found


@cache
def language(code: str) -> Language:
    """A language by its code, one of models.taxonomy.LANGUAGES."""
    return Language(code, tomllib.loads((WORDS / f"{code}.toml").read_text(encoding="utf-8")))
