"""The inbox: what lies in it. It is only ever read."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

from flows.night.inbox_file import Found, is_passed_over, misplaced, refused
from flows.night.remote_inbox import scan_address
from models.fault import Fault, StudyError
from models.study.study import Study
from models.system.files import below, reachable

DEEPEST_FOLDER = 40
_CHECK = "check the disk and the permissions of the inbox"
_NAME = attrgetter("name")


def look_into(study: Study, only: str | None = None) -> Found:
    """What lies in a study's inbox, wherever that is. `only`: in the folder of this participant."""
    everyone = set(study.people)
    if isinstance(study.inbox, Path):
        return scan(study.inbox, everyone, study.is_forgotten, only)
    return scan_address(study.inbox, everyone, study.is_forgotten, only)


def scan(
    inbox: Path, participants: set[str], forgotten: Callable[[str], bool] = lambda name: False, only: str | None = None
) -> Found:
    """Everything in the inbox, in the order of its names. Links and special files are never followed or opened.

    The folders of people who were forgotten are not looked into, and are no fault.
    """
    found = Found(only, root=reachable(inbox))  # files are read in processes that may work in another folder
    if not inbox.is_dir():
        return found
    try:
        entries = sorted(os.scandir(found.root), key=_NAME)
    except OSError as error:
        raise StudyError(f"{inbox}: cannot be read ({error.strerror}); check its permissions and its disk") from None
    for entry in entries:
        if only in (None, entry.name) and not forgotten(entry.name):
            try:
                _person(found, entry, participants)
            except OSError as error:
                _cannot_look(found, None, entry, error)
    return found


def _person(found: Found, entry: os.DirEntry, participants: set[str]) -> None:
    is_folder = entry.is_dir(follow_symlinks=False)
    if is_passed_over(entry.name, is_folder, participants):
        return
    if is_folder and entry.name in participants:
        _walk(found, entry.name, entry.path, 1)
        return
    why = [] if is_folder else _refused(found, None, entry)
    for fault in why or misplaced(entry.name, is_folder, participants):
        found.refuse(fault)


def _walk(found: Found, participant_id: str, folder: str, depth: int) -> None:
    if depth > DEEPEST_FOLDER:
        what = f"folders more than {DEEPEST_FOLDER} deep"
        found.refuse(
            refused(participant_id, below(found.root, folder), what, "fewer", "move the exports up", "whole folder")
        )
        return
    try:
        with os.scandir(folder) as lying:
            entries = sorted(lying, key=_NAME)
    except FileNotFoundError:
        return  # taken away meanwhile
    except OSError as error:
        what, expected = f"an unreadable folder ({error.strerror})", "a folder that can be read"
        found.refuse(refused(participant_id, below(found.root, folder), what, expected, _CHECK, "whole folder"))
        return
    for entry in entries:
        try:
            if entry.is_file(follow_symlinks=False):
                found.add(below(found.root, entry.path), entry.stat(follow_symlinks=False))
            elif entry.is_dir(follow_symlinks=False):
                _walk(found, participant_id, entry.path, depth + 1)
            else:
                for fault in _refused(found, participant_id, entry):
                    found.refuse(fault)
        except OSError as error:
            _cannot_look(found, participant_id, entry, error)


def _cannot_look(found: Found, participant_id: str | None, entry: os.DirEntry, error: OSError) -> None:
    """One entry that cannot even be looked at is named, and the next one is looked at."""
    if isinstance(error, FileNotFoundError):
        return  # taken away meanwhile
    what = f"something that cannot be looked at ({error.strerror})"
    path = below(found.root, entry.path)
    found.refuse(refused(participant_id, path, what, "a file that can be read", _CHECK))


def _refused(found: Found, participant_id: str | None, entry: os.DirEntry) -> list[Fault]:
    """Why something that is no plain file is left alone; a link to elsewhere in the inbox is passed over silently."""
    path = below(found.root, entry.path)
    if entry.is_symlink():
        if _leads_in_a_circle(entry.path):
            return [refused(participant_id, path, "a link that leads in a circle", "the file itself", "remove it")]
        if Path(os.path.realpath(entry.path)).is_relative_to(os.path.realpath(found.root)):
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
