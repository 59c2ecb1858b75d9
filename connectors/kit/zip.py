"""The exports inside a zip, without unpacking it: each is read from where it lies, as often as wanted.

Takeout and account exports arrive as one zip. What is not read: members that a password closes (kit/zip_password.py),
and what kit/limits.py refuses. Of entries with one name the last is the file, as for whoever unpacks it. A zip whose
entries lie over each other, so that the same bytes would be read many times, is refused altogether.
"""

from __future__ import annotations

import io
import stat
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import IO, BinaryIO

from connectors.kit.export import Export
from connectors.kit.gzip import stored
from connectors.kit.limits import ALL, UNPACK, Budget, Share, absurd, bomb, leads_out, spooled, too_big, too_many
from connectors.kit.zip_password import Password, is_encrypted, shut
from models.fault import Fault, Rejected
from models.study.workbook import looks_like_one

MOST_LISTED = 64_000_000  # bytes of the list of its members
_AS_SMALL = 16_384  # bytes: reading one costs no more than what is paid for a member itself
_HEADER = 30  # bytes before the name of a member
_DOCUMENTS = {
    ".xlsx", ".docx", ".pptx", ".odt", ".ods", ".odp", ".pages", ".numbers", ".key", ".jar", ".apk", ".epub", ".kmz",
    ".gt3x", ".ipa",
}  # fmt: skip
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, OSError, ValueError)


def is_zip(export: Export) -> bool:
    """Whether an export is a zip to look into (an office document is one too, and is not)."""
    if export.head[:4] not in (b"PK\x03\x04", b"PK\x05\x06"):
        return False
    return not (PurePosixPath(export.basename.lower()).suffix in _DOCUMENTS or looks_like_one(export.head))


def is_locked(export: Export, password: Password | None = None) -> bool:
    """Whether an export is a zip of which some members need a password, and another one than this."""
    if not is_zip(export):
        return False
    try:
        with export.open() as stream, zipfile.ZipFile(stream) as archive:
            return bool(shut(enumerate(archive.infolist()), password, partial(_opens, archive))[0])
    except _BROKEN:
        return False


def parts(
    stream: BinaryIO, name: str, budget: Budget, password: Password | None = None, share: Share = ALL
) -> Iterator[Export | Fault]:
    """Every member of a zip, or of a share of it, or why it is refused. Closes the stream when no member exists any
    more."""
    try:
        archive = zipfile.ZipFile(stream) if _lists_at_most(stream, budget.members) else None
    except _BROKEN:
        stream.close()
        yield Rejected("whole file", "a damaged or cut-off zip", "a whole zip", "download it again").of(name)
        return
    if archive is None:
        stream.close()
        yield too_many().of(name)
        return
    weakref.finalize(archive, stream.close)
    if _lie_over_each_other(archive):
        yield Rejected("whole file", "members that lie over each other", "an ordinary zip", UNPACK).of(name)
        return
    last = {info.filename: number for number, info in enumerate(archive.infolist(), 1)}
    files = [(last[name], info) for name, info in archive.NameToInfo.items() if not info.is_dir()]
    closed, why_closed = shut(files, password, partial(_opens, archive))
    if why_closed:
        yield why_closed.of(name)
    if sum(info.file_size for _, info in files) > budget.left:
        yield too_big("whole file").of(name)
        return
    for number, info in files[share.part([_AS_SMALL + info.file_size for _, info in files])]:
        member = f"{name}/{info.filename}"
        if number in closed:
            continue
        why = _refused(number, info)
        yield why.of(member) if why else _export(archive, info, number, member, budget, password)


def _lists_at_most(stream: BinaryIO, most: int) -> bool:
    """Whether a zip lists no more members than that, without a look at any. Raises what a damaged zip raises."""
    end = zipfile._EndRecData(stream)  # type: ignore[attr-defined]
    if not end:
        return True
    size, at = end[zipfile._ECD_SIZE], end[zipfile._ECD_LOCATION]  # type: ignore[attr-defined]
    if size > MOST_LISTED:
        return False
    before = min(at, size + 76)  # between the list and the end of a large zip stand 76 bytes
    stream.seek(at - before)
    return stream.read(before).count(b"PK\x01\x02") <= most


def _lie_over_each_other(archive: zipfile.ZipFile) -> bool:
    """Whether the bytes of a member reach into the next one, or into the list of members."""
    infos = sorted(archive.infolist(), key=lambda info: info.header_offset)
    begins = [info.header_offset for info in infos[1:]] + [archive.start_dir]
    return any(
        info.header_offset + _HEADER + len(info.filename) + info.compress_size > begin
        for info, begin in zip(infos, begins, strict=bool(infos))
    )


def _refused(number: int, info: zipfile.ZipInfo) -> Rejected | None:
    """Why a member is not even opened; None where it may be."""
    place = f"member {number}"
    if leads_out(info.filename):
        return Rejected(place, "a name that leads out of the folder", "a plain relative name", UNPACK)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return Rejected(place, "a link or special file", "a plain file", UNPACK)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return Rejected(place, "an unusual compression", "a zip as apps and websites make it", UNPACK)
    if absurd(info.file_size, info.compress_size):
        return bomb(place)
    return None


def _opens(archive: zipfile.ZipFile, info: zipfile.ZipInfo, password: Password) -> bool:
    """Whether the first bytes of a member say that this is its password. One wrong password of 256 does, too: then the
    member turns out to be damaged."""
    try:
        archive.open(info, pwd=password.bytes).close()
    except _BROKEN:
        return True  # whoever reads it says what is wrong
    except RuntimeError:  # so zipfile says that it is another one; its text names the member
        return False
    return True


def _export(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, number: int, name: str, budget: Budget, password: Password | None
) -> Export | Fault:
    """A member. What is encrypted is decrypted once, which is slow, and stored where it can be read again."""
    damaged = _damaged(f"member {number}", is_encrypted(info))

    def opener() -> BinaryIO:
        try:
            source = archive.open(info, pwd=password.bytes if password and is_encrypted(info) else None)
        except _BROKEN:
            raise damaged from None
        counted = _Counted(source, info.compress_size, damaged, (name, info.header_offset), budget)
        return io.BufferedReader(counted, 256 * 1024)  # type: ignore[return-value]

    if not is_encrypted(info):
        return Export(name, info.file_size, opener)
    try:
        place = spooled(opener())
    except Rejected as why:
        return why.of(name)
    return stored(name, place.seek(0, io.SEEK_END), place)


def _damaged(place: str, was_encrypted: bool) -> Rejected:
    found = "a damaged member, or another password" if was_encrypted else "a damaged member"
    return Rejected(place, found, "a whole zip", "download the zip again")


class _Counted(io.RawIOBase):
    """A member's bytes, counted as they are unpacked."""

    def __init__(self, source: IO[bytes], packed: int, damaged: Rejected, member: tuple[str, int], budget: Budget):
        self._source, self._packed, self._damaged, self._member, self._budget = source, packed, damaged, member, budget
        self._place, self._read = damaged.fault.place, 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        """The next bytes. Raises Rejected where they are damaged or too many."""
        try:
            data = self._source.read(len(buffer))
        except _BROKEN:
            raise self._damaged from None
        self._read += len(data)
        if absurd(self._read, self._packed):
            raise bomb(self._place)
        if not self._budget.spend(self._member, self._read):
            raise too_big(self._place)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the member."""
        self._source.close()
        super().close()
