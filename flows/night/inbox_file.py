"""What lies in an inbox, wherever that is: files, and what is not opened at all."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from models.fault import INBOX, UNKNOWN_FOLDER, Fault
from models.store.scan import Scan
from models.system.files import under


class InboxFile(NamedTuple):
    """One file of a participant's folder, as it lay there when the scan passed."""

    participant_id: str
    path: str  # inside the inbox
    place: str | RemoteFile
    size: int
    modified_ns: int

    @property
    def file(self) -> Path | RemoteFile:
        """Where it lies."""
        return Path(self.place) if isinstance(self.place, str) else self.place


class RemoteFile(Protocol):
    """What an InboxFile needs of a file that is not on a local disk."""

    @property
    def name(self) -> str:
        """The last part of its path."""

    def open(self, mode: str) -> BinaryIO:
        """Its bytes as a stream that can seek."""

    def stat(self) -> Seen:
        """Its size and age as they are now."""


class Seen(NamedTuple):
    """What `stat` says of a file, under the names of `os.stat_result`."""

    st_size: int
    st_mtime_ns: int


@dataclass
class Found(Scan):
    """What was found in an inbox: its files, and what is `refused`, each in the order of the names."""

    root: str = ""  # of files that lie in the inbox under their path
    elsewhere: dict[int, str | RemoteFile] = field(default_factory=dict)  # where others lie, by their number
    refused: list[Fault] = field(default_factory=list)

    def add(self, path: str, seen: Seen | os.stat_result, place: str | RemoteFile | None = None) -> None:
        """A file that lies there. `place`: where, if not under its path."""
        if not path.isprintable():
            place, path = place or under(self.root, path), shown(path)
        if place is not None:
            self.elsewhere[len(self.path)] = place
        self.path.append(path)
        self.size.append(seen.st_size)
        self.modified_ns.append(time_of(seen))

    def refuse(self, fault: Fault) -> None:
        """Something that is not looked into."""
        self.refused.append(fault)
        self.unseen.append(fault.file)

    def file(self, number: int) -> InboxFile:
        """A file, by its number in the order of the names."""
        path = self.path[number]
        place = self.elsewhere.get(number) or under(self.root, path)
        return InboxFile(self.whose(number), path, place, self.size[number], self.modified_ns[number])


def time_of(found: Seen | os.stat_result) -> int:
    """When a file was changed, in nanoseconds, as far as 64 bits hold it: a file system may say the year 2400."""
    time = found.st_mtime_ns
    return time if -(2**63) <= time < 2**63 else max(-(2**63), min(time, 2**63 - 1))


def shown(name: str) -> str:
    """A file's name as it is stored and shown: what is no printable text in it is escaped."""
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def refused(
    participant_id: str | None, path: str, found: str, expected: str, remedy: str, place: str = "whole file"
) -> Fault:
    """The fault of something that is not opened."""
    return Fault(place, found, expected, remedy, file=shown(path), participant_id=participant_id, kind=INBOX)


def is_passed_over(name: str, is_folder: bool, participants: set[str]) -> bool:
    """Whether something directly in the inbox is of no concern: hidden, or what operating systems leave everywhere."""
    if name.startswith(".") or name in participants:
        return name.startswith(".")
    from connectors import is_of_the_system  # here: most inboxes are looked through without a reader

    return is_of_the_system(f"{name}/" if is_folder else name)


def misplaced(name: str, is_folder: bool, participants: set[str]) -> list[Fault]:
    """Why something directly in the inbox is left alone: it must be the folder of a known person."""
    if not is_folder:
        found, remedy = "a file outside any participant's folder", "move it into the folder of the person it belongs to"
        return [refused(None, name, found, "inbox/<participant_id>/...", remedy)]
    if name not in participants:
        return [Fault("whole file", "the folder of an unknown participant", "a participant_id of participants.csv",
                      "add the person to participants.csv, or rename the folder", file=shown(name),
                      participant_id=shown(name), kind=UNKNOWN_FOLDER)]  # fmt: skip
    return []
