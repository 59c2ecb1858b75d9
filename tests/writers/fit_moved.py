"""Moves a FIT file to other dates: the same records so many days later, under another serial number if one is given."""

from __future__ import annotations

import struct

from fastcrc import crc16

_DAY = 86_400
_ANY, _FILE_ID, _DEVICE = -1, 0, 23
_SERIAL = {(_FILE_ID, 3), (_DEVICE, 3)}
# Where times stand: message and field. A field 253 is one in every message.
_TIMES = {(_ANY, 253), (_FILE_ID, 4), (103, 0), (18, 2), (19, 2), (34, 5), (55, 11)}
_LOW_TIMES = {(55, 26)}  # the low 16 bits of one
_INVALID = {2: 0xFFFF, 4: 0xFFFF_FFFF}
_FORMS = {2: "H", 4: "I"}


def moved(data: bytes, days: int, serial: int | None = None) -> bytes:
    """A sound FIT file of one part, `days` later. Times are those of the messages that the readers read."""
    begin, size = data[0], struct.unpack_from("<I", data, 4)[0]
    out, at, layouts = bytearray(data[: begin + size]), begin, {}
    while at < begin + size:
        head = out[at]
        at += 1
        if head & 0xC0 == 0x40:
            at, layouts[head & 0x0F] = _layout(out, at, bool(head & 0x20))
            continue
        length, places = layouts[head >> 5 & 3 if head & 0x80 else head & 0x0F]
        for form, place, is_serial in places:
            _move(out, form, at + place, days * _DAY, serial if is_serial else None, is_serial)
        at += length
    if begin >= 14:
        struct.pack_into("<H", out, 12, crc16.arc(bytes(out[:12])))
    return bytes(out + struct.pack("<H", crc16.arc(bytes(out))))


def _layout(out: bytearray, at: int, has_apps: bool) -> tuple[int, tuple[int, list[tuple[str, int, bool]]]]:
    """Where a definition ends, how long its messages are, and where in them the times stand."""
    order = ">" if out[at + 1] else "<"
    message, count = struct.unpack_from(order + "HB", out, at + 2)
    at, place, places = at + 5, 0, []
    for _ in range(count):
        number, length, _ = out[at : at + 3]
        names = {(message, number), (_ANY, number)}
        is_serial = bool(names & _SERIAL)
        if (length == 4 and (names & _TIMES or is_serial)) or (length == 2 and names & _LOW_TIMES):
            places.append((order + _FORMS[length], place, is_serial))
        at, place = at + 3, place + length
    if has_apps:
        place += sum(out[at + 2 + 3 * n] for n in range(out[at]))
        at += 1 + 3 * out[at]
    return at, (place, places)


def _move(out: bytearray, form: str, at: int, seconds: int, serial: int | None, is_serial: bool) -> None:
    value, invalid = struct.unpack_from(form, out, at)[0], _INVALID[struct.calcsize(form)]
    if value == invalid or (is_serial and serial is None):
        return
    struct.pack_into(form, out, at, serial if is_serial else (value + seconds) & invalid)
