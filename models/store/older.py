"""Whether older DuckDBs can open a published file that was written on.

The metadata of a DuckDB file lie in parts, 64 to a block. Each goes on to another or is the last; a list says which
blocks have parts, and which of these are free. A table that nobody changed keeps its parts. What the last of them
goes on to was another table's, and may be free by now. DuckDB 1.4 and later do not look there. Earlier ones do, and
where that block is not in the list any more they open nothing. DuckDB 1.5.0 to 2.0.0 leave about one file in a
hundred so, 2.0.1 none.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_HEAD = 4096  # bytes; a file begins with three, of which the last two take turns
_PARTS = 64
_END = 2**64 - 1
_BLOCK = 2**56 - 1  # the bits of a pointer that name the block; the others name the part


def opens_in_older(path: Path) -> bool:
    """Whether every part in use goes on to a block of the list. For a file that is not encrypted."""
    with path.open("rb") as file:
        _, _, list_at, _, block_bytes = max(_numbers(file, _HEAD * n + 8, 5) for n in (1, 2))
        blocks = _blocks(_chained(file, list_at, block_bytes))
        used = [block | part << 56 for block, free in blocks.items() for part in range(_PARTS) if not free >> part & 1]
        after = [_numbers(file, _place(pointer, block_bytes), 1)[0] for pointer in used]
    return all(pointer == _END or pointer & _BLOCK in blocks for pointer in after)


def _numbers(file: BinaryIO, place: int, count: int) -> tuple[int, ...]:
    file.seek(place)
    return struct.unpack(f"<{count}Q", file.read(8 * count))


def _place(pointer: int, block_bytes: int) -> int:
    """Where a part is in the file; each block begins with a checksum."""
    return 3 * _HEAD + (pointer & _BLOCK) * block_bytes + 8 + (pointer >> 56) * _part_bytes(block_bytes)


def _part_bytes(block_bytes: int) -> int:
    return (block_bytes - 8) // _PARTS // 8 * 8


def _chained(file: BinaryIO, pointer: int, block_bytes: int) -> bytes:
    """What stands in a part and those it goes on to."""
    found = b""
    while pointer != _END:
        file.seek(_place(pointer, block_bytes))
        part = file.read(_part_bytes(block_bytes))
        pointer, found = int.from_bytes(part[:8], "little"), found + part[8:]
    return found


def _blocks(listed: bytes) -> dict[int, int]:
    """The blocks of metadata, with a bit for each free part. Before them stand the free blocks of the file, and those
    that are used by several."""
    place = 0
    for size in (8, 12):
        place += 8 + size * int.from_bytes(listed[place : place + 8], "little")
    count = int.from_bytes(listed[place : place + 8], "little")
    return dict(struct.iter_unpack("<QQ", listed[place + 8 : place + 8 + 16 * count]))
