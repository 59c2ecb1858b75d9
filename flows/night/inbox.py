"""The inbox: what lies in it. It is only ever read."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

from models.fault import INBOX, UNKNOWN_FOLDER, Fault, StudyError

if TYPE_CHECKING:
    from models.study.study import Study

DEEPEST_FOLDER = 40
_CHECK = "check the disk and the permissions of the inbox"


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


def time_of(found: Seen | os.stat_result) -> int:
    """When a file was changed, in nanoseconds, as far as 64 bits hold it: a file system may say the year 2400."""
    return max(-(2**63), min(found.st_mtime_ns, 2**63 - 1))


def entries(study: Study, only: str | None = None) -> Iterator[InboxFile | Fault]:
    """What lies in a study's inbox, wherever that is. `only`: of this participant."""
    from flows.night.remote_inbox import scan_address  # which gives what this module defines

    everyone = {p.participant_id for p in study.participants}
    inbox, gone = study.inbox, study.is_forgotten
    found = scan(inbox, everyone, gone) if isinstance(inbox, Path) else scan_address(inbox, everyone, gone)
    for entry in found:
        if only is None or entry.participant_id == only:
            yield entry


def scan(
    inbox: Path, participants: set[str], forgotten: Callable[[str], bool] = lambda name: False
) -> Iterator[InboxFile | Fault]:
    """Everything in the inbox, in the order of its names. Links and special files are never followed or opened.

    The folders of people who were forgotten are not looked into, and are no fault.
    """
    if not inbox.is_dir():
        return
    inbox = inbox.absolute()  # files are read in processes that may work in another folder
    try:
        entries = sorted(os.scandir(inbox), key=lambda e: e.name)
    except OSError as error:
        raise StudyError(f"{inbox}: cannot be read ({error.strerror}); check its permissions and its disk") from None
    for entry in entries:
        if not entry.name.startswith(".") and not forgotten(entry.name):
            yield from _by_itself(None, entry, inbox, _person(entry, inbox, participants))


def _by_itself(
    participant_id: str | None, entry: os.DirEntry, inbox: Path, found: Iterator[InboxFile | Fault]
) -> Iterator[InboxFile | Fault]:
    """What is found at one entry; one that cannot even be looked at is named, and the next one is looked at."""
    try:
        yield from found
    except FileNotFoundError:
        return  # taken away meanwhile
    except OSError as error:
        what = f"something that cannot be looked at ({error.strerror})"
        yield _refused(participant_id, _inside(entry, inbox), what, "a file that can be read", _CHECK)


def _person(entry: os.DirEntry, inbox: Path, participants: set[str]) -> Iterator[InboxFile | Fault]:
    is_folder = entry.is_dir(follow_symlinks=False)
    refused = [] if is_folder else _refuse(None, entry, inbox)
    refused = refused or misplaced(entry.name, is_folder, participants)
    yield from refused or _walk(entry.name, entry.path, inbox, 1)


def misplaced(name: str, is_folder: bool, participants: set[str]) -> list[Fault]:
    """Why something directly in the inbox is left alone: it must be the folder of a known person."""
    if not is_folder:
        found, remedy = "a file outside any participant's folder", "move it into the folder of the person it belongs to"
        return [_refused(None, name, found, "inbox/<participant_id>/...", remedy)]
    if name not in participants:
        return [Fault("whole file", "the folder of an unknown participant", "a participant_id of participants.csv",
                      "add the person to participants.csv, or rename the folder", file=shown(name),
                      participant_id=shown(name), kind=UNKNOWN_FOLDER)]  # fmt: skip
    return []


def _walk(participant_id: str, folder: str, inbox: Path, depth: int) -> Iterator[InboxFile | Fault]:
    path = folder[len(str(inbox)) + 1 :]
    if depth > DEEPEST_FOLDER:
        what = f"folders more than {DEEPEST_FOLDER} deep"
        yield _refused(participant_id, path, what, "fewer", "move the exports up", "whole folder")
        return
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=attrgetter("name"))
    except FileNotFoundError:
        return  # taken away meanwhile
    except OSError as error:
        what = f"an unreadable folder ({error.strerror})"
        yield _refused(participant_id, path, what, "a folder that can be read", _CHECK, "whole folder")
        return
    for entry in entries:
        yield from _by_itself(participant_id, entry, inbox, _entry(participant_id, entry, inbox, depth))


def _entry(participant_id: str, entry: os.DirEntry, inbox: Path, depth: int) -> Iterator[InboxFile | Fault]:
    if entry.is_dir(follow_symlinks=False):
        yield from _walk(participant_id, entry.path, inbox, depth + 1)
    elif entry.is_file(follow_symlinks=False):
        found = entry.stat(follow_symlinks=False)
        name = shown(_inside(entry, inbox))
        yield InboxFile(participant_id, name, entry.path, found.st_size, time_of(found))
    else:
        yield from _refuse(participant_id, entry, inbox)


def shown(name: str) -> str:
    """A file's name as it is kept and told: what is no printable text in it is escaped."""
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _refuse(participant_id: str | None, entry: os.DirEntry, inbox: Path) -> list[Fault]:
    """Why something that is no plain file is left alone; a link to elsewhere in the inbox is passed over silently."""
    path = _inside(entry, inbox)
    if entry.is_symlink():
        if _leads_in_a_circle(entry.path):
            return [_refused(participant_id, path, "a link that leads in a circle", "the file itself", "remove it")]
        if Path(os.path.realpath(entry.path)).is_relative_to(os.path.realpath(inbox)):
            return []
        what = "a link to a place outside the inbox"
        return [_refused(participant_id, path, what, "the file itself", "copy the file here")]
    if not entry.is_file(follow_symlinks=False):
        return [_refused(participant_id, path, "a device or pipe", "a file", "remove it")]
    return []


def _leads_in_a_circle(link: str) -> bool:
    try:
        os.stat(link)
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _inside(entry: os.DirEntry, inbox: Path) -> str:
    return entry.path[len(str(inbox)) + 1 :]


def _refused(
    participant_id: str | None, path: str, found: str, expected: str, remedy: str, place: str = "whole file"
) -> Fault:
    return Fault(place, found, expected, remedy, file=shown(path), participant_id=participant_id, kind=INBOX)
