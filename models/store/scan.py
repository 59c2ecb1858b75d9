"""What a look into the inbox sees, before any file is opened."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Scan:
    """What lies in the inbox. `only`: whose folder alone was looked into. `unseen`: what could not be looked into."""

    only: str | None = None
    who: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    modified_ns: list[int] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    def add(self, participant_id: str, path: str, size: int, modified_ns: int) -> None:
        """A file that lies there."""
        self.who.append(participant_id)
        self.path.append(path)
        self.size.append(size)
        self.modified_ns.append(modified_ns)
