"""Texts in another encoding than UTF-8, read as UTF-8 while they stream."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO, cast

from connectors.kit.csv import AGAIN
from connectors.kit.export import Export
from models.fault import Rejected

_BLOCK = 1024 * 1024
_LONGEST_WORD = 8 * _BLOCK  # bytes that mean nothing before others have come


def is_utf8(export: Export) -> bool:
    """Whether all of a file is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with export.open() as stream:
        try:
            while block := stream.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", True)
        except UnicodeDecodeError:
            return False
    return True


def recoded(export: Export, encoding: str) -> Export:
    """The same export as UTF-8. Reading it raises Rejected where it is not in this encoding either."""

    def opener() -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(_Recoded(export.open(), encoding), _BLOCK))

    return Export(export.name, export.size, opener)


class _Recoded(io.RawIOBase):
    """The text of a stream as UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream, self._encoding = stream, encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._ready, self._over = b"", False
        mark = stream.read(len(codecs.BOM_UTF8))
        self._unread = b"" if mark == codecs.BOM_UTF8 else mark

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def, override]
        while not self._ready and not self._over:
            block, self._unread = self._unread or self._stream.read(_BLOCK), b""
            self._over = not block
            self._ready = self._decoded(block).encode()
        block, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(block)] = block
        return len(block)

    def _decoded(self, block: bytes) -> str:
        try:
            text = self._decoder.decode(block, self._over)
        except UnicodeError:
            text = None
        if text is None or len(self._decoder.getstate()[0]) > _LONGEST_WORD:
            remedy = "save it as CSV UTF-8, or " + AGAIN
            raise Rejected("whole file", "text in an unknown encoding", "UTF-8 text", remedy)
        return text

    def close(self) -> None:
        self._stream.close()
        super().close()
