"""The exports inside a tar, also a packed one (.tgz, as Google Takeout offers it): read from front to end.

A first pass finds which member of a name is the last, which is the file, as for whoever unpacks it. In the second, one
member at a time is stored where it can be read again, in memory up to a size and else in a temporary file.
"""

from __future__ import annotations

import gzip
import io
import itertools
import lzma
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, cast

from connectors.kit import limits as _limits
from connectors.kit.export import Export
from connectors.kit.gzip import BROKEN, Unpacked, is_gzip, stored
from connectors.kit.limits import UNPACK, Budget, leads_out, spooled, too_many
from models.fault import Fault, Rejected

_BROKEN = (*BROKEN, tarfile.TarError, lzma.LZMAError, RecursionError)
_MARK, _BLOCK = b"ustar", 512
_LONGEST_HEADER = 65_536  # bytes of a name or of what else a header has
_LONG_HEADERS = (b"L", b"K", b"x", b"g", b"X")  # as GNU and as POSIX write them


def is_tar(export: Export) -> bool:
    """Whether an export is a tar, or one packed by gzip; another packed file is none."""
    head = export.head
    if is_gzip(export):
        try:
            head = gzip.GzipFile(fileobj=io.BytesIO(head), mode="rb").read1(2 * _BLOCK)
        except _BROKEN:
            return False
    return head[257:262] == _MARK


def parts(stream: BinaryIO, name: str, budget: Budget) -> Iterator[Export | Fault]:
    """Every member of a tar, or why it is refused. A member stays readable as long as it exists. Closes the stream."""
    number = 0
    with stream:
        try:
            last = _last(stream, name, budget)
            for number, info, archive in _listed(stream, name, budget):
                member = f"{name}/{info.name}"
                if info.isdir() or last[hash(info.name)] != number:
                    continue
                if why := _refused(number, info):
                    yield why.of(member)
                    continue
                source = archive.extractfile(info)
                assert source is not None
                yield stored(member, info.size, spooled(source))
        except Rejected as why:
            yield why.of(name)
        except _BROKEN:
            place = f"after member {number}"
            yield Rejected(place, "a damaged or cut-off archive", "a whole one", "download it again").of(name)


def _last(stream: BinaryIO, name: str, budget: Budget) -> dict[int, int]:
    """The number of the last member of each name, as far as the archive is sound; names by their hash, for size.

    Raises Rejected where it holds more than it may, before anything of it is read.
    """
    last: dict[int, int] = {}
    with suppress(*_BROKEN):
        for number, info, _ in _listed(stream, name, budget):
            last[hash(info.name)] = number
    return last


def _listed(stream: BinaryIO, name: str, budget: Budget) -> Iterator[tuple[int, tarfile.TarInfo, tarfile.TarFile]]:
    """Every header of an archive, numbered. Raises Rejected where there are too many."""
    stream.seek(0)
    source = cast(io.BufferedReader, Unpacked(stream, name, budget))
    with tarfile.open(fileobj=source, mode="r|", tarinfo=_Header) as archive:
        for number in itertools.count(1):
            info = archive.next()
            if info is None:
                return
            archive.members = []  # type: ignore[attr-defined] # or it would hold every header
            if number > _limits.MOST_MEMBERS:
                raise too_many()
            yield number, info, archive


class _Header(tarfile.TarInfo):
    """A header of a member, which is not read where it would fill the memory."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        is_header = self.type in (*_LONG_HEADERS, tarfile.GNUTYPE_SPARSE)
        if is_header and (self.size > _LONGEST_HEADER or self.type == tarfile.GNUTYPE_SPARSE):
            raise _unusual()
        return super()._proc_member(archive)  # type: ignore[misc, no-any-return]

    def _proc_gnusparse_10(self, *_: object) -> None:
        raise _unusual()


def _unusual() -> Rejected:
    return Rejected("whole file", "a member with a header that no app writes", "an ordinary archive", UNPACK)


def _refused(number: int, info: tarfile.TarInfo) -> Rejected | None:
    place = f"member {number}"
    if leads_out(info.name):
        return Rejected(place, "a name that leads out of the folder", "a plain relative name", UNPACK)
    if not info.isreg() or info.issparse():
        return Rejected(place, "a link or special file", "a plain file", UNPACK)
    return None
