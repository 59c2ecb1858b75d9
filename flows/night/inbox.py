"""The inbox: what lies in it. It is only ever read."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path

from flows.night.inbox_file import InboxFile, is_passed_over, misplaced, refused, shown, time_of
from flows.night.remote_inbox import scan_address
from models.fault import Fault, StudyError
from models.study.study import Study

DEEPEST_FOLDER = 40
_CHECK = "check the disk and the permissions of the inbox"


def entries(study: Study, only: str | None = None) -> Iterator[InboxFile | Fault]:
    """What lies in a study's inbox, wherever that is. `only`: of this participant."""
    everyone = set(study.people)
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
        if not forgotten(entry.name):
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
        yield refused(participant_id, _inside(entry, inbox), what, "a file that can be read", _CHECK)


def _person(entry: os.DirEntry, inbox: Path, participants: set[str]) -> Iterator[InboxFile | Fault]:
    is_folder = entry.is_dir(follow_symlinks=False)
    if is_passed_over(entry.name, is_folder, participants):
        return
    refused = [] if is_folder else _refuse(None, entry, inbox)
    refused = refused or misplaced(entry.name, is_folder, participants)
    yield from refused or _walk(entry.name, entry.path, inbox, 1)


def _walk(participant_id: str, folder: str, inbox: Path, depth: int) -> Iterator[InboxFile | Fault]:
    path = folder[len(str(inbox)) + 1 :]
    if depth > DEEPEST_FOLDER:
        what = f"folders more than {DEEPEST_FOLDER} deep"
        yield refused(participant_id, path, what, "fewer", "move the exports up", "whole folder")
        return
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=attrgetter("name"))
    except FileNotFoundError:
        return  # taken away meanwhile
    except OSError as error:
        what = f"an unreadable folder ({error.strerror})"
        yield refused(participant_id, path, what, "a folder that can be read", _CHECK, "whole folder")
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


def _refuse(participant_id: str | None, entry: os.DirEntry, inbox: Path) -> list[Fault]:
    """Why something that is no plain file is left alone; a link to elsewhere in the inbox is passed over silently."""
    path = _inside(entry, inbox)
    if entry.is_symlink():
        if _leads_in_a_circle(entry.path):
            return [refused(participant_id, path, "a link that leads in a circle", "the file itself", "remove it")]
        if Path(os.path.realpath(entry.path)).is_relative_to(os.path.realpath(inbox)):
            return []
        what = "a link to a place outside the inbox"
        return [refused(participant_id, path, what, "the file itself", "copy the file here")]
    if not entry.is_file(follow_symlinks=False):
        return [refused(participant_id, path, "a device or pipe", "a file", "remove it")]
    return []


def _leads_in_a_circle(link: str) -> bool:
    try:
        os.stat(link)
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _inside(entry: os.DirEntry, inbox: Path) -> str:
    return entry.path[len(str(inbox)) + 1 :]
