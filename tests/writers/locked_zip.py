"""Writes zips that a password opens: by the old encryption of zips, and ones that say they are encrypted by AES."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

PASSWORD = "Correct-Horse-9"


def _step(crc: int, byte: int) -> int:
    return (crc >> 8) ^ _crc_of(crc ^ byte)


def _crc_of(n: int) -> int:
    crc = n & 0xFF
    for _ in range(8):
        crc = (crc >> 1) ^ 0xEDB88320 if crc & 1 else crc >> 1
    return crc


def encrypted(content: bytes, password: str) -> bytes:
    """Bytes as the old encryption of zips writes them."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = _step(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _step(keys[2], keys[1] >> 24)

    for byte in password.encode():
        update(byte)
    out = bytearray()
    for byte in content:
        key = keys[2] | 2
        out.append(byte ^ (((key * (key ^ 1)) >> 8) & 0xFF))
        update(byte)
    return bytes(out)


def locked(files: dict[str, bytes], password: str = PASSWORD, others: dict[str, bytes] | None = None) -> bytes:
    """A zip whose `files` need the password, and whose `others` need none."""
    out, entries = io.BytesIO(), []
    for name, content in (files | (others or {})).items():
        is_locked = name in files
        crc, packed = zlib.crc32(content), zlib.compress(content, 9)[2:-4]
        if is_locked:
            packed = encrypted(bytes(range(11)) + bytes([crc >> 24]) + packed, password)
        about = struct.pack("<HHHHHIIIHH", 20, int(is_locked), 8, 0, 33, crc, len(packed), len(content), len(name), 0)
        entries.append(b"PK\x01\x02" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, out.tell())
                       + name.encode())  # fmt: skip
        out.write(b"PK\x03\x04" + about + name.encode() + packed)
    listed = b"".join(entries)
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(listed), out.tell(), 0)
    return out.getvalue() + listed + b"PK\x05\x06" + end


def by_aes(files: dict[str, bytes]) -> bytes:
    """A zip that looks like one of WinZip with AES; what is in it cannot be opened."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    content = bytearray(buffer.getvalue())
    for mark, at_flags, at_method in ((b"PK\x03\x04", 6, 8), (b"PK\x01\x02", 8, 10)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            content[at + at_flags] |= 1
            struct.pack_into("<H", content, at + at_method, 99)
    return bytes(content)
