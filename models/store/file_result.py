"""What is known of one file of the inbox: by the ledger, before it is looked at, and when it has been read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from models.fault import ANY_CLOCK, Fault, Holds

if TYPE_CHECKING:
    from models.activity import Extract


@dataclass
class FileResult:
    """What came of one file of the inbox. Exactly one of extract, ignored, rejected is set (None: a known content)."""

    participant_id: str
    path: str
    size: int
    modified_ns: int
    sha256: str | None
    zones: str
    connector: str | None = None
    connector_version: int | None = None
    sources: dict[str, str] = field(default_factory=dict)  # label -> device class
    extract: Extract | None = None
    ignored: str | None = None
    rejected: Fault | None = None
    kind: str | None = None  # of export: what the file is complete for (connectors/__init__.py)
    export: str | None = None  # what it has in common with the files it came with; None: it came alone

    @property
    def is_known(self) -> bool:
        """The content was read before, so it was not read again."""
        return self.extract is None and self.ignored is None and self.rejected is None

    @property
    def status(self) -> str:
        """What came of it in a word: loaded, ignored, rejected; known: it was not read again."""
        if self.rejected:
            return "rejected"
        return "ignored" if self.ignored else "loaded" if self.extract else "known"

    @property
    def holds(self) -> Holds:
        """For which dates of the clock the same comes of it."""
        found = self.extract or self.rejected
        return found.holds if found else ANY_CLOCK


class Known(NamedTuple):
    """What the ledger says of a path."""

    size: int
    modified_ns: int
    sha256: str | None
    status: str
    zones: str
    code_version: str  # and which plug-ins there were
    is_due: bool = False  # what came of it does not hold on today's date: it is looked at again
    connector: str | None = None
