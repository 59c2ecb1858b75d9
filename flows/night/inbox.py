"""The inbox: what lies in it. It is only ever read."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from itertools import islice
from operator import attrgetter
from pathlib import Path

from flows.night.inbox_file import Before, Found, Lying, is_passed_over, misplaced, refused
from flows.night.remote_inbox import scan_address
from models.fault import Fault, StudyError
from models.study.study import Study
from models.system.files import open_folder, reachable, under

DEEPEST_FOLDER = 40
EVERYTHING = Before()
_LATELY = 2 * 10**9  # a time of change is as coarse as that in some file systems: within it a folder may change unseen
_CHECK = "check the disk and the permissions of the inbox"
_NAME = attrgetter("name")


def look_into(study: Study, only: str | None = None, before: Before = EVERYTHING) -> Found:
    """What lies in a study's inbox, wherever that is. `only`: in the folder of this participant. At an address all is
    looked at, whatever was noted `before`, and no folder says when it changed."""
    everyone = set(study.people)
    if isinstance(study.inbox, Path):
        return scan(study.inbox, everyone, study.is_forgotten, only, before)
    return scan_address(study.inbox, everyone, study.is_forgotten, only, before.noted)


def scan(
    inbox: Path,
    participants: set[str],
    forgotten: Callable[[str], bool] = lambda name: False,
    only: str | None = None,
    before: Before = EVERYTHING,
) -> Found:
    """Everything in the inbox, in the order of its names. Links and special files are never followed or opened.

    The folders of people who were forgotten are not looked into, and are no fault. Of people of whom all is as it was
    noted `before`, that alone is told.
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
                _person(found, entry, participants, before)
            except OSError as error:
                for fault in _cannot_look(None, entry.name, error):
                    found.refuse(fault)
    return found


def _person(found: Found, entry: os.DirEntry, participants: set[str], before: Before) -> None:
    is_folder = entry.is_dir(follow_symlinks=False)
    if is_passed_over(entry.name, is_folder, participants):
        return
    if is_folder and entry.name in participants:
        _folder(found, entry.name, before)
        return
    why = [] if is_folder else _refused(found.root, None, entry.name, entry)
    for fault in why or misplaced(entry.name, is_folder, participants):
        found.refuse(fault)


def _folder(found: Found, participant_id: str, before: Before) -> None:
    """What lies in the folder of a person, if there is something to look at and room for it."""
    noted = before.noted.get(participant_id)
    if noted and before.by_times and noted.folders and _are_as_they_were(found.root, noted.folders):
        found.as_noted[participant_id] = noted.files
        return
    lying = Lying(None if before.most is None else before.most - len(found.path))
    if not lying.is_too_much:
        _Walk(found.root, participant_id, lying).through(participant_id, 1)
    if lying.is_too_much:
        found.left.append(participant_id)
    else:
        found.take(participant_id, lying, noted)


def _are_as_they_were(root: str, folders: dict[str, int]) -> bool:
    try:
        return all(os.lstat(under(root, folder)).st_mtime_ns == changed for folder, changed in folders.items())
    except OSError:
        return False


class _Walk:
    """Through the folder of one person. Entries are asked of the open folder: their whole paths cost a third more."""

    def __init__(self, root: str, participant_id: str, lying: Lying) -> None:
        self.root, self.who, self.lying = root, participant_id, lying
        self.lately = time.time_ns() - _LATELY

    def through(self, folder: str, depth: int) -> None:
        """Everything in a folder, given inside the inbox, and below."""
        if depth > DEEPEST_FOLDER:
            what = f"folders more than {DEEPEST_FOLDER} deep"
            self.lying.refuse(refused(self.who, folder, what, "fewer", "move the exports up", "whole folder"))
            return
        try:
            with open_folder(under(self.root, folder)) as (opened, changed):
                self._entries(opened, changed, folder, depth)
        except OSError as error:
            self._unreadable(folder, error)

    def _entries(self, opened: int | str, changed: int, folder: str, depth: int) -> None:
        lying = self.lying
        try:
            with os.scandir(opened) as there:
                room = None if lying.room is None else lying.room - len(lying.path) + 1
                entries = sorted(islice(there, room), key=_NAME)
        except OSError as error:
            self._unreadable(folder, error)
            return
        lying.folders[folder] = changed if changed < self.lately else -1
        for entry in entries:
            path = f"{folder}/{entry.name}"
            try:
                if entry.is_file(follow_symlinks=False):
                    lying.add(path, entry.stat(follow_symlinks=False))
                elif entry.is_dir(follow_symlinks=False):
                    self.through(path, depth + 1)
                else:
                    lying.refused += _refused(self.root, self.who, path, entry)
            except OSError as error:
                lying.refused += _cannot_look(self.who, path, error)
            if lying.is_too_much:
                return

    def _unreadable(self, folder: str, error: OSError) -> None:
        if isinstance(error, FileNotFoundError):
            return  # taken away meanwhile
        what, expected = f"an unreadable folder ({error.strerror})", "a folder that can be read"
        self.lying.refuse(refused(self.who, folder, what, expected, _CHECK, "whole folder"))


def _cannot_look(participant_id: str | None, path: str, error: OSError) -> list[Fault]:
    """One entry that cannot even be looked at is named, and the next one is looked at."""
    if isinstance(error, FileNotFoundError):
        return []  # taken away meanwhile
    what = f"something that cannot be looked at ({error.strerror})"
    return [refused(participant_id, path, what, "a file that can be read", _CHECK)]


def _refused(root: str, participant_id: str | None, path: str, entry: os.DirEntry) -> list[Fault]:
    """Why something that is no plain file is left alone; a link to elsewhere in the inbox is passed over silently."""
    if entry.is_symlink():
        whole = under(root, path)
        if _leads_in_a_circle(whole):
            return [refused(participant_id, path, "a link that leads in a circle", "the file itself", "remove it")]
        if Path(os.path.realpath(whole)).is_relative_to(os.path.realpath(root)):
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
