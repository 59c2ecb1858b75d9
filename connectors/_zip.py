"""The exports inside a zip, without unpacking it: each is read from where it lies, as often as wanted.

Takeout and account exports arrive as one zip, sometimes with zips inside. What is not read: encrypted members, names
that lead outside, links and special files, members that expand beyond reason, more than four zips inside each other
(contract section 7.12). What a zip says of its own sizes is never believed alone: bytes are counted as they come.
"""

from __future__ import annotations

import io
import re
import stat
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from connectors._export import Export
from models.rejection import Rejected

DEEPEST = 4  # zips inside the zip
MOST_EXPANDED = 20_000_000_000
MOST_RATIO = 200
MOST_MEMBERS = 200_000  # of an archive with all inside it
MOST_LISTED = 64_000_000  # bytes of the list of its members
ALWAYS_ALLOWED = 100_000_000  # a member below this may expand as it likes
IN_MEMORY = 32 * 1024 * 1024  # of a zip inside a zip; the rest of it is in a temporary file
_DOCUMENTS = {".xlsx", ".docx", ".pptx", ".odt", ".ods", ".jar", ".apk", ".epub", ".kmz"}
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, OSError, ValueError)
_UNPACK = "take it out of the zip on a computer you trust, look at it, and put the exports themselves in the inbox"


@dataclass(frozen=True)
class Refusal:
    """A member (or a whole zip) that is not read. `name` may hold an e-mail address; `why` holds no name."""

    name: str
    why: Rejected


@dataclass
class _Budget:
    """How many bytes an archive, with all inside it, may still expand to. A member read twice is counted once."""

    left: int
    members: int = MOST_MEMBERS
    counted: dict[tuple[str, int], int] = field(default_factory=dict)

    def spend(self, member: tuple[str, int], expanded: int) -> bool:
        """Count what was read of a member so far; False where the archive is over its limit."""
        new = expanded - self.counted.get(member, 0)
        if new > 0:
            self.counted[member] = expanded
            self.left -= new
        return self.left >= 0


def is_zip(export: Export) -> bool:
    """Whether an export is a zip to look into (an office document is one too, and is not)."""
    is_document = PurePosixPath(export.basename.lower()).suffix in _DOCUMENTS
    return export.head[:4] in (b"PK\x03\x04", b"PK\x05\x06") and not is_document


def members(opener: Callable[[], BinaryIO], name: str, limit: int = MOST_EXPANDED) -> Iterator[Export | Refusal]:
    """Every export in a zip and in the zips inside it, as "drop.zip/Takeout/steps.csv"; what is refused, with why.

    An `Export` stays readable as long as it is kept. Reading one raises Rejected where the member turns out to be
    damaged or to expand beyond reason.
    """
    yield from _members(opener(), name, 0, _Budget(limit))


def _members(stream: BinaryIO, name: str, depth: int, budget: _Budget) -> Iterator[Export | Refusal]:
    try:
        end = zipfile._EndRecData(stream)  # type: ignore[attr-defined] # how long the list of members is, before it is read
        archive = zipfile.ZipFile(stream) if not end or end[5] <= MOST_LISTED else None
    except _BROKEN:
        stream.close()
        yield Refusal(name, Rejected("whole file", "a damaged or cut-off zip", "a whole zip", "download it again"))
        return
    if archive:
        budget.members -= len(archive.infolist())
    if not archive or budget.members < 0:
        stream.close()
        yield Refusal(name, Rejected("whole file", f"more than {MOST_MEMBERS} members", "fewer", _UNPACK))
        return
    weakref.finalize(archive, stream.close)
    files = [(number, info) for number, info in enumerate(archive.infolist(), 1) if not info.is_dir()]
    encrypted = {number for number, info in files if info.flag_bits & 0x1}
    if encrypted:
        yield Refusal(name, _encrypted(len(encrypted), len(files)))
    if sum(info.file_size for _, info in files) > budget.left:
        yield Refusal(name, _too_big("whole file"))
        return
    for number, info in files:
        member = f"{name}/{info.filename}"
        if number in encrypted:
            continue
        if why := _refused(number, info):
            yield Refusal(member, why)
            continue
        export = _export(archive, info, number, member, budget)
        try:
            nested = is_zip(export) or (member.lower().endswith(".zip") and info.file_size > 0)
            if nested and depth == DEEPEST:
                why = Rejected(f"member {number}", f"more than {DEEPEST} zips inside each other", "fewer", _UNPACK)
            inner = _spooled(export) if nested and not why else None
        except Rejected as rejected:
            why = rejected
        if why:
            yield Refusal(member, why)
        elif inner:
            yield from _members(inner, member, depth + 1, budget)
        else:
            yield export


def _refused(number: int, info: zipfile.ZipInfo) -> Rejected | None:
    """Why a member is not even opened; None where it may be."""
    place = f"member {number}"
    parts = re.split(r"[/\\]", info.filename)
    if ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", info.filename):
        return Rejected(place, "a name that leads out of the folder", "a plain relative name", _UNPACK)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return Rejected(place, "a link or special file", "a plain file", _UNPACK)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return Rejected(place, "an unusual compression", "a zip as apps and websites make it", _UNPACK)
    if _absurd(info.file_size, info.compress_size):
        return _bomb(place)
    return None


def _absurd(expanded: int, packed: int) -> bool:
    return expanded > ALWAYS_ALLOWED and expanded > MOST_RATIO * max(packed, 1)


def _bomb(place: str) -> Rejected:
    found = f"a member that expands over {MOST_RATIO} times and over {ALWAYS_ALLOWED // 1_000_000} MB"
    return Rejected(place, found, "an ordinary export", _UNPACK)


def _too_big(place: str) -> Rejected:
    return Rejected(place, "more data than a zip may expand to", "less", "unpack it and put its parts in one by one")


def _encrypted(some: int, total: int) -> Rejected:
    found = "an encrypted zip" if some == total else f"{some} of {total} members encrypted"
    remedy = "unpack it with the password on a computer you trust and put the files in the inbox"
    return Rejected("whole file", found, "a zip without a password", remedy)


def _export(archive: zipfile.ZipFile, info: zipfile.ZipInfo, number: int, name: str, budget: _Budget) -> Export:
    place = f"member {number}"

    def opener() -> BinaryIO:
        try:
            source = archive.open(info)
        except _BROKEN:
            raise _damaged(place) from None
        counted = _Counted(source, info.compress_size, place, (name, info.header_offset), budget)
        return io.BufferedReader(counted, 256 * 1024)  # type: ignore[return-value]

    return Export(name, info.file_size, opener)


def _damaged(place: str) -> Rejected:
    return Rejected(place, "a damaged member", "a whole zip", "download the zip again")


class _Counted(io.RawIOBase):
    """A member's bytes, counted as they are unpacked."""

    def __init__(self, source: IO[bytes], packed: int, place: str, member: tuple[str, int], budget: _Budget):
        self._source, self._packed, self._place, self._member, self._budget = source, packed, place, member, budget
        self._read = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        """The next bytes. Raises Rejected where they are damaged or too many."""
        try:
            data = self._source.read(len(buffer))
        except _BROKEN:
            raise _damaged(self._place) from None
        self._read += len(data)
        if _absurd(self._read, self._packed):
            raise _bomb(self._place)
        if not self._budget.spend(self._member, self._read):
            raise _too_big(self._place)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the member."""
        self._source.close()
        super().close()


def _spooled(export: Export) -> BinaryIO:
    """A zip inside a zip needs a place where one can seek."""
    place = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed with the archive in it)
    with export.open() as stream:
        while block := stream.read(1024 * 1024):
            place.write(block)
    place.seek(0)
    return place  # type: ignore[return-value]
