"""A stream of a table cut into pieces of complete records, each byte looked at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

PIECE = 8 * 1024 * 1024
LONGEST_RECORD = 8 * 1024 * 1024
_BLOCK = 1024 * 1024


class Endless(Exception):
    """A record of which no end is in sight."""


def pieces_of(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of a stream in pieces that end where a record ends: after a line feed outside quotes.

    No byte is looked at twice for that. Raises Endless.
    """
    blocks: list[bytes] = []  # from the start of a record on
    size = end = 0  # of the blocks, and of the complete records in them
    is_quoted = False
    while block := stream.read(min(PIECE, _BLOCK)):
        cut, is_quoted = _last_end(block, is_quoted)
        end = size + cut if cut else end
        blocks.append(block)
        size += len(block)
        if end and size >= PIECE:
            piece = b"".join(blocks)
            blocks, size, piece, end = [piece[end:]], size - end, piece[:end], 0
            yield piece
        elif size > LONGEST_RECORD and not end:
            raise Endless
    if blocks:
        yield b"".join(blocks)


def _last_end(block: bytes, is_quoted: bool) -> tuple[int, bool]:
    """Where the last record that ends in a block ends, 0 for none, and whether what follows the block is quoted."""
    then = is_quoted != bool(block.count(b'"') % 2)
    cut = block.rfind(b"\n") + 1
    if not cut or then == bool(block.count(b'"', cut) % 2):
        return cut, then
    *parts, inside = block[:cut].split(b'"')  # every other part, from the last one, is quoted
    while parts:
        cut -= len(inside) + 1
        outside = parts.pop()
        if (at := outside.rfind(b"\n")) >= 0:
            return cut - len(outside) + at + 1, then
        cut -= len(outside) + 1
        inside = parts.pop() if parts else b""
    return 0, then
