"""The ways to say that something could not be used: a file or row, the study, or the store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False)
class Rejected(Exception):
    """A file (or a row of a control file) that is not used, with the sentence a person needs to mend it.

    `place` is inside the file ("line 14, column steps"), `found` and `expected` are short phrases, `remedy` an
    instruction. None of them may hold a measured value that identifies someone, a name or a position.
    """

    place: str
    found: str
    expected: str
    remedy: str

    def __post_init__(self) -> None:
        super().__init__(str(self))

    @property
    def reason(self) -> str:
        """The fault in one line, without the place."""
        return f"found {self.found}, expected {self.expected}"

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}; {self.remedy}"

    def __reduce__(self) -> tuple:  # travels back from reading processes
        return type(self), (self.place, self.found, self.expected, self.remedy)


class StudyError(Exception):
    """The study cannot be read at all; nothing may be written. One line: what is wrong and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class StoreError(Exception):
    """The store cannot be used; the text is one line and says what to do."""
