"""What gzip packs: a file alone, as sport sites and study programs hand over theirs (an archive of one), and tars.

What is unpacked is stored where it can be read again, in memory up to a size and else in a temporary file.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO, cast

from connectors.kit.export import Export
from connectors.kit.limits import Budget, absurd, bomb, spooled, too_big
from models.fault import Fault, Rejected

MARK = b"\x1f\x8b"
BROKEN = (zlib.error, EOFError, OSError, ValueError)


def is_gzip(export: Export) -> bool:
    """Whether an export is packed by gzip, whatever is in it."""
    return export.head.startswith(MARK)


def parts(stream: BinaryIO, name: str, budget: Budget) -> Iterator[Export | Fault]:
    """The one file in a .gz, under its name without that, or why it is refused. Closes the stream."""
    own = name.rpartition("/")[2]
    inner = own[:-3] if own.lower().endswith(".gz") else own
    with stream:
        try:
            place = spooled(cast(IO[bytes], Unpacked(stream, name, budget)))
        except Rejected as why:
            yield why.of(name)
        except BROKEN:
            yield Rejected("whole file", "a damaged or cut-off .gz", "a complete one", "download it again").of(name)
        else:
            yield stored(f"{name}/{inner}", place.seek(0, io.SEEK_END), place)


class Unpacked:
    """The bytes of a stream, unpacked where gzip packed them, counted as they come."""

    def __init__(self, stream: BinaryIO, name: str, budget: Budget):
        self._raw, self._name, self._budget, self._read = stream, name, budget, 0
        stream.seek(0)
        self._packed = stream.read(2) == MARK
        stream.seek(0)
        self._source = gzip.GzipFile(fileobj=stream, mode="rb") if self._packed else stream

    def __enter__(self) -> Unpacked:
        return self

    def __exit__(self, *_: object) -> None:
        pass  # the stream belongs to whoever opened it

    def read(self, size: int) -> bytes:
        """The next bytes. Raises Rejected where there are too many."""
        data = self._source.read(size)
        self._read += len(data)
        if self._packed and absurd(self._read, self._raw.tell()):
            raise bomb("whole file")
        if not self._budget.spend((self._name, 0), self._read):
            raise too_big("whole file")
        return data


def stored(name: str, size: int, place: BinaryIO) -> Export:
    """An export of what is stored in one place, which may be read many times."""

    def opener() -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(_Again(place, size), 256 * 1024))

    return Export(name, size, opener)


class _Again(io.RawIOBase):
    """What is stored in one place, read from its beginning; each reader has its own position."""

    def __init__(self, place: BinaryIO, size: int):
        self._place, self._size, self._at = place, size, 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def, override]
        """The next bytes."""
        self._place.seek(self._at)
        data = self._place.read(len(buffer))
        self._at += len(data)
        buffer[: len(data)] = data
        return len(data)
