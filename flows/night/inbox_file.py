"""What lies in an inbox, wherever that is: files, and what is not opened at all."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from models.fault import INBOX, UNKNOWN_FOLDER, Fault
from models.store.scan import Noted, Scan
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


@dataclass(frozen=True)
class Before:
    """What an earlier look noted, and how much of that a look relies on."""

    noted: Mapping[str, Noted] = field(default_factory=dict)  # by person
    by_times: bool = False  # who has no folder whose names changed since is not looked at
    most: int | None = None  # files that are looked at before the rest is left; None: all


@dataclass
class Lying:
    """What lies in the folder of one person, while it is looked through: files, folders, and what is `refused`."""

    room: int | None = None  # how many files may be looked at; None: all of them
    path: list[str] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    modified_ns: list[int] = field(default_factory=list)
    place: list[RemoteFile] = field(default_factory=list)  # of each; none: they lie in the inbox under their path
    folders: dict[str, int] = field(default_factory=dict)
    refused: list[Fault] = field(default_factory=list)

    def add(self, path: str, seen: Seen | os.stat_result) -> None:
        """A file that lies there."""
        self.path.append(path)
        self.size.append(seen.st_size)
        self.modified_ns.append(seen.st_mtime_ns)

    def refuse(self, fault: Fault) -> None:
        """Something that is not looked into."""
        self.refused.append(fault)

    @property
    def is_too_much(self) -> bool:
        """Whether more lies there than may be looked at."""
        return self.room is not None and len(self.path) > self.room


@dataclass
class Found(Scan):
    """What was found in an inbox: its files, and what is `refused`, each in the order of the names."""

    root: str = ""  # of files that lie in the inbox under their path
    elsewhere: dict[int, str | RemoteFile] = field(default_factory=dict)  # where others lie, by their number
    refused: list[Fault] = field(default_factory=list)

    def take(self, participant_id: str, lying: Lying, noted: Noted | None = None) -> None:
        """Everything of one person. `noted`: what lay there when nothing was left to read."""
        for fault in lying.refused:
            self.refuse(fault)
        sizes, times = array("q", lying.size), _times(lying.modified_ns)
        are_plain = "".join(lying.path).isprintable()
        paths = lying.path if are_plain else [shown(path) for path in lying.path]
        now = Noted(_fingerprint(paths, sizes, times, lying.refused), len(paths), lying.folders)
        if noted and noted.lies == now.lies:
            self.as_noted[participant_id] = len(paths)
            return
        if noted and noted.folders == now.folders and -1 not in now.folders.values():
            self.times_tell &= noted.files == now.files
        first = len(self.path)
        if lying.place:
            self.elsewhere.update(enumerate(lying.place, first))
        elif not are_plain:
            odd = ((n, path) for n, path in enumerate(lying.path) if path != paths[n])
            self.elsewhere.update((first + n, under(self.root, path)) for n, path in odd)
        self.path.extend(paths)
        self.size += sizes
        self.modified_ns += times
        self.new[participant_id] = now

    def refuse(self, fault: Fault) -> None:
        """Something that is not looked into."""
        self.refused.append(fault)
        self.unseen.append(fault.file)

    def file(self, number: int) -> InboxFile:
        """A file, by its number in the order of the names."""
        path = self.path[number]
        place = self.elsewhere.get(number) or under(self.root, path)
        return InboxFile(self.whose(number), path, place, self.size[number], self.modified_ns[number])


def _fingerprint(paths: list[str], sizes: array[int], times: array[int], refused: list[Fault]) -> bytes:
    read = hashlib.blake2b(repr((len(paths), [fault.key for fault in refused])).encode(), digest_size=16)
    for column in ("\n".join(paths).encode(), sizes, times):
        read.update(column)
    return read.digest()


def _times(each: list[int]) -> array[int]:
    try:
        return array("q", each)
    except OverflowError:
        return array("q", map(_in_64_bits, each))


def time_of(found: Seen | os.stat_result) -> int:
    """When a file was changed, in nanoseconds, as far as 64 bits hold it: a file system may say the year 2400."""
    return _in_64_bits(found.st_mtime_ns)


def _in_64_bits(time: int) -> int:
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
