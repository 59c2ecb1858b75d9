"""The ways to say that something could not be used: a file or row, the study, or the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple, Self

from models.shown import shortened, shown


class Holds(NamedTuple):
    """For which dates of the clock the same comes of a file: from the one on, before the other (None: any)."""

    since: date | None = None
    until: date | None = None


ANY_CLOCK = Holds()


def first_clock(claimed: date | None) -> date | None:
    """The first date on which nothing is of the future that claims to be of that date."""
    return claimed and claimed - timedelta(days=1)


# What it is that is not used: a file of the inbox; something there that is not opened at all, or the folder of nobody
# who is known; a row of a control file; a control file that is not believed; all of the inbox; a reader of another
# package.
REJECTED_FILE, INBOX, UNKNOWN_FOLDER = "rejected_file", "inbox", "unknown_folder"
CONTROL_FILE, LOST_ROWS, ALARM, PLUG_IN = "control_file", "lost_rows", "alarm", "plug_in"


@dataclass(frozen=True)
class Fault:
    """One thing that is not used, with all that a person needs to mend it.

    `place` is inside the file ("line 14, column steps"), `found` and `expected` are short phrases, `remedy` an
    instruction. These are published: they hold words of ours and of the vendor, and counts, but nothing that the file
    says itself. That (a header, a figure, a cell) is in `words`.
    """

    place: str
    found: str
    expected: str  # "": `found` says all of it
    remedy: str
    words: str | None = None  # for the terminal and, unless it is a cell of a control file, for the store
    file: str = ""  # inside the inbox or the archive, or a control file; "": the one that is being read
    participant_id: str | None = None  # whose; None: nobody's
    kind: str = REJECTED_FILE
    line: int = 0  # of a control file
    hint: str = ""  # what the wrong cell may mean: for the terminal only
    holds: Holds = ANY_CLOCK

    @property
    def reason(self) -> str:
        """What is wrong in one line, without the place: as it is published."""
        if not self.expected:
            return self.found
        if self.kind == CONTROL_FILE:
            return f"{self.found} (expected {self.expected})"
        return f"found {self.found}, expected {self.expected}"

    def summary(self, before_row: str = " ") -> str:
        """Where and what is wrong, with what the file says itself. `before_row`: between a control file and its row."""
        between = before_row if self.kind == CONTROL_FILE else ", "
        where = f"{self.file}{between}{self.place}" if self.file else self.place
        if self.kind == CONTROL_FILE:
            cell = self.words or ""
            cell = cell if len(cell) <= 60 else cell[:59] + "…"
            return f"{where}: {f'{cell!r} ' if cell else ''}{self.reason}{f': {self.hint}' if self.hint else ''}"
        quoted = "" if self.words is None else f" (the file says '{self.words}')"
        return f"{where}: {self.reason}{quoted}"

    def __str__(self) -> str:
        return f"{self.summary()}; {self.remedy}"

    @property
    def key(self) -> tuple:
        """What makes it the same fault another night."""
        return self.participant_id, self.file, self.place, self.reason


class Rejected(Exception):
    """What a reader raises for a file that is not used: the fault, before it is known whose file it is."""

    def __init__(self, place: str, found: str, expected: str, remedy: str, words: str | None = None) -> None:
        super().__init__(place, found, expected, remedy, words)
        words = None if words is None else shortened(words)
        self.fault = Fault(shown(place), shown(found), shown(expected), shown(remedy), words)

    @classmethod
    def because(cls, fault: Fault) -> Self:
        """What raises a fault that is known already."""
        rejected = cls(fault.place, fault.found, fault.expected, fault.remedy, fault.words)
        rejected.fault = fault
        return rejected

    def of(self, file: str) -> Fault:
        """The fault of that file, or member of an archive."""
        return replace(self.fault, file=file)

    def until(self, claimed: date) -> Self:
        """The same, for as long as something is of the future that claims to be of that date."""
        self.fault = replace(self.fault, holds=Holds(until=first_clock(claimed)))
        return self

    def __str__(self) -> str:
        return str(self.fault)


class Impossible(Rejected):
    """The rejection of one record that cannot be: it may be set aside (models/set_aside.py)."""


# Why a run cannot go on where that can pass by itself: another process has the store; the study's disk is not there.
BUSY, AWAY = "busy", "away"


class Stopped(Exception):
    """A run cannot go on. The text is one line: what is wrong and what to do. `kind`: where it is no fault."""

    def __init__(self, what: str, remedy: str = "", kind: str = "") -> None:
        super().__init__(f"{what}; {remedy}" if remedy else what)
        self.what, self.remedy, self.kind = what, remedy, kind


class StudyError(Stopped):
    """The study cannot be read at all; nothing may be written."""

    def __init__(self, what: str, remedy: str = "", kind: str = "") -> None:
        what, remedy = (shown(" ".join(text.split())) for text in (what, remedy))
        super().__init__(what, remedy, kind)


class StoreError(Stopped):
    """The store cannot be used."""


def can_pass(fault: BaseException) -> bool:
    """Whether it makes sense to try again after a while, with nothing done about it."""
    return isinstance(fault, Stopped) and fault.kind in (BUSY, AWAY)
