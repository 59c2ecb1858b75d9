"""An inbox that lies elsewhere: an object store or any other place that fsspec opens. It is only ever read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from flows.night.inbox_file import Found, Lying, Seen, is_passed_over, misplaced
from models.fault import StudyError
from models.store.scan import Noted

NOTHING: Mapping[str, Noted] = {}


@dataclass(frozen=True)
class AddressedFile:
    """One file at an address. It travels to other processes as its address alone; credentials come from there."""

    address: str

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(self.address).name

    def open(self, mode: str) -> BinaryIO:
        """Its bytes as a stream that can seek."""
        files, path = _place(self.address)
        return files.open(path, mode)

    def stat(self) -> Seen:
        """Its size and age as they are now, past every cache. OSError where it cannot be reached."""
        files, path = _place(self.address)
        files.invalidate_cache()
        return seen(files.info(path))


def scan_address(
    address: str,
    participants: set[str],
    forgotten: Callable[[str], bool] = lambda name: False,
    only: str | None = None,
    noted: Mapping[str, Noted] = NOTHING,
) -> Found:
    """Everything in the inbox at an address, folder by folder in the order of names, as `inbox.scan` gives it."""
    files, root = _place(address)
    files.invalidate_cache()
    found = Found(only, root=address)
    if not files.exists(root):
        return found
    for entry in _listed(files, root):
        who = PurePosixPath(entry["name"]).name
        is_folder = entry["type"] == "directory"
        if only not in (None, who) or is_passed_over(who, is_folder, participants) or forgotten(who):
            continue
        if is_folder and who in participants:
            lying = Lying()
            _walk(lying, files, root, entry["name"])
            found.take(who, lying, noted.get(who))
        for fault in misplaced(who, is_folder, participants):
            found.refuse(fault)
    return found


def seen(info: dict[str, Any]) -> Seen:
    """Size and age. Where a place keeps no time of change its tag stands for it: another content, another number."""
    for key in ("mtime", "LastModified", "last_modified", "updated", "created"):
        at = info.get(key)
        if isinstance(at, datetime):
            at = at.replace(tzinfo=at.tzinfo or UTC).timestamp()
        if isinstance(at, int | float):  # whole seconds: a listing and a closer look differ in the rest
            return Seen(info["size"], int(at) * 1_000_000_000)
    tag = repr(sorted((k, str(v)) for k, v in info.items())).encode()
    return Seen(info["size"], int.from_bytes(hashlib.sha256(tag).digest()[:7]))


def _walk(lying: Lying, files: Any, root: str, folder: str) -> None:
    for entry in _listed(files, folder):
        name = entry["name"]
        if entry["type"] == "directory":
            _walk(lying, files, root, name)
        elif entry["type"] == "file" and not entry.get("islink"):
            lying.add(str(PurePosixPath(name).relative_to(root)), seen(entry))
            lying.place.append(AddressedFile(files.unstrip_protocol(name)))


def _listed(files: Any, folder: str) -> list[dict[str, Any]]:
    found = files.ls(folder, detail=True)
    inside = [entry for entry in found if entry["name"].rstrip("/") != folder.rstrip("/")]
    return sorted(inside, key=lambda entry: entry["name"].rstrip("/"))


def _place(address: str) -> tuple[Any, str]:
    """The file system of an address and the path in it. StudyError where nothing here can open such an address."""
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]

        files, path = url_to_fs(address)
    except (ImportError, ValueError) as error:
        missing = "stepwindow[dask]" if error.args and "fsspec'" in str(error) else str(error)
        raise StudyError(f"study.toml: [inbox] path {address}: cannot be opened here; install {missing}") from None
    return files, path.rstrip("/")
