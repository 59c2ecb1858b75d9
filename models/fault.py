"""The ways to say that something could not be used: a file or row, the study, or the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from models.shown import shortened, shown


class Holds(NamedTuple):
    """For which dates of the clock the same comes of a file: from the one on, before the other (None: any)."""

    since: date | None = None
    until: date | None = None

    @classmethod
    def till(cls, claimed: date) -> Holds:
        """Until the first date on which nothing is of the future that claims to be of that date."""
        return cls(until=claimed - timedelta(days=1))


ANY_CLOCK = Holds()


@dataclass(eq=False)
class Rejected(Exception):
    """A file (or a row of a control file) that is not used, with the sentence a person needs to mend it.

    `place` is inside the file ("line 14, column steps"), `found` and `expected` are short phrases, `remedy` an
    instruction. These four are published: they hold words of ours and of the vendor, and counts, but nothing that the
    file says itself. What a person needs of that to mend the file (a header, a figure) is in `words`, which stays in
    the store and on the terminal.
    """

    place: str
    found: str
    expected: str
    remedy: str
    words: str | None = None
    holds: Holds = ANY_CLOCK

    def __post_init__(self) -> None:
        self.place, self.found, self.expected, self.remedy = map(
            shown, (self.place, self.found, self.expected, self.remedy)
        )
        self.words = None if self.words is None else shortened(self.words)
        super().__init__(str(self))

    @property
    def reason(self) -> str:
        """The fault in one line, without the place: as it is published."""
        return f"found {self.found}, expected {self.expected}"

    def __str__(self) -> str:
        return f"{self.place}: {with_words(self.reason, self.words)}; {self.remedy}"

    def __reduce__(self) -> tuple:  # travels back from reading processes
        return type(self), (self.place, self.found, self.expected, self.remedy, self.words, self.holds)


class Impossible(Rejected):
    """The rejection of one record of the right form that says what cannot be: it may be set aside (models/aside.py)."""


def with_words(reason: str, words: str | None) -> str:
    """A reason as it is told to the person who can mend the file: with what the file says itself."""
    return reason if words is None else f"{reason} (the file says '{words}')"


class StudyError(Exception):
    """The study cannot be read at all; nothing may be written. One line: what is wrong and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(shown(" ".join(message.split())))


class StoreError(Exception):
    """The store cannot be used; the text is one line and says what to do."""
