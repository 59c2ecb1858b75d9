"""The binary FIT format, and nothing about what the messages mean: the one place that knows it.

A FIT file is a header, records and a checksum; several may follow one another in one file (a chain). Records are
definitions (which fields, of which type, in which byte order) or data laid out as the last definition of their local
number says. `read` gives the wanted fields of the wanted messages as RAW values: whole numbers as they lie in the
file, no scale, no offset, no names. What reads the bytes underneath may change without a connector noticing.

fitparse knows the record headers, the base types and their "invalid" values. Not used of it: its checksum (3 MB/s;
fastcrc takes no time); its decoding (unwanted messages are stepped over, unwanted fields, positions among them, never
unpacked); its registry of developer fields, one per process, by which a file's result depends on the files before it.
Developer fields (an app's own numbers) are stepped over: nothing needs them, and none can replace a native field.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from fastcrc import crc16
from fitparse.base import FitFile  # type: ignore[import-untyped]
from fitparse.records import BASE_TYPE_BYTE, BASE_TYPES  # type: ignore[import-untyped]

from connectors._export import Export
from models.rejection import Rejected

if TYPE_CHECKING:
    from connectors import Context

FILE_ID, TIMESTAMP = 0, 253  # a message; a field of almost every message
ACTIVITY, MONITORING = 4, (15, 28, 32)  # file_id.type: an activity; monitoring_a, monitoring_daily, monitoring_b
_MOST_BYTES, _MOST_PARTS = 64 << 20, 1000  # ten times the longest activity; a hundred times the longest chain
_EPOCH, _SYSTEM_TIME = datetime(1989, 12, 31, tzinfo=UTC), 0x10000000  # smaller times count from switching on
_AGAIN = "sync the device, then download or export the file again"
_DAMAGE = (struct.error, ValueError, TypeError, LookupError, AssertionError)  # what fitparse raises: ValueErrors

# Maker of the device (FIT manufacturer number): the label a person can type, and where such devices are worn.
_MAKERS = {
    1: ("garmin", "wrist"), 13: ("garmin", "wrist"), 15: ("garmin", "wrist"), 23: ("suunto", "wrist"),
    32: ("wahoo", "unknown"), 40: ("concept2", "unknown"), 70: ("sigma", "unknown"), 71: ("tomtom", "wrist"),
    123: ("polar", "wrist"), 129: ("coros", "wrist"), 140: ("decathlon", "wrist"), 144: ("zwift", "unknown"),
    260: ("zwift", "unknown"), 265: ("strava", "phone"), 267: ("bryton", "unknown"), 289: ("hammerhead", "unknown"),
    294: ("coros", "wrist"), 305: ("whoop", "wrist"), 310: ("decathlon", "wrist"),
}  # fmt: skip
SOURCES = {**dict(_MAKERS.values()), "fit": "unknown"}  # "fit": any other maker


class Message(NamedTuple):
    """One data message: its global number, and field number -> raw value. An "invalid" value is left out."""

    number: int
    fields: dict[int, Any]

    def whole(self, field: int, most: int = 0xFFFFFFFF) -> int | None:
        """A field as a whole number, None where absent. Raises Rejected where it is something else or above `most`."""
        value = self.fields.get(field)
        if value is not None and (not isinstance(value, int) or not 0 <= value <= most):
            raise Rejected(self._place(field), "a value that cannot be", f"a whole number from 0 to {most}", _AGAIN)
        return value

    def instant(self, field: int) -> datetime | None:
        """A date_time field as aware UTC, None where absent. Raises Rejected where it is no date."""
        seconds = self.whole(field)
        if seconds is not None and seconds < _SYSTEM_TIME:
            found, remedy = "a time since the device was switched on", "this file has no dates: sync the device's clock"
            raise Rejected(self._place(field), found, "a date and time", remedy)
        return None if seconds is None else _EPOCH + timedelta(seconds=seconds)

    def _place(self, field: int) -> str:
        return f"FIT message {self.number}, field {field}"


@dataclass
class FitPart:
    """One file of a chain (most chains have one): the wanted messages and every file_id, in the order of the file."""

    messages: list[Message]

    def of(self, number: int) -> list[Message]:
        """The messages of one global number."""
        return [message for message in self.messages if message.number == number]

    @property
    def file_id(self) -> Message:
        """What the file is (field 0) and which device wrote it: maker 1, product 2, serial number 3."""
        return next(iter(self.of(FILE_ID)), Message(FILE_ID, {}))

    def who(self, context: Context) -> tuple[str, str | None]:
        """The maker's label (a key of SOURCES), and the very device as a pseudonym: None without a serial number."""
        maker, product, serial = (self.file_id.fields.get(field) for field in (1, 2, 3))  # serial: a pair, at times
        device = context.pseudonym(maker, product, serial) if serial else None
        return _MAKERS.get(maker or 0, ("fit", ""))[0], device


def local_offset(utc: int | None, local: int | None) -> timedelta | None:
    """Local time minus UTC from one instant told in both (raw seconds), None where they cannot be the same instant.

    Devices write the two a moment apart (25202 s seen for +07:00), and some trainers are off by years.
    """
    if utc is None or local is None:
        return None
    told = local - utc
    offset = round(told / 900) * 900
    return timedelta(seconds=offset) if abs(told - offset) <= 120 and abs(offset) <= 14 * 3600 else None


def is_fit(head: bytes) -> bool:
    """Whether the first bytes of a file are a FIT header."""
    return head[8:12] == b".FIT"


def types(export: Export) -> list[int | None]:
    """file_id.type of every file in the chain; None where it has none or is too damaged to say. [] where it is no FIT.

    Reads the first 64 KiB, and more only of a chain. Damage raises nothing: that is for `read` to say.
    """
    data, found, start = export.head, list[int | None](), 0
    damaged = export.basename.lower().endswith(".fit") and data[:1] in (b"\x0c", b"\x0e")
    if not is_fit(data) and not damaged:
        return []
    while start < export.size and len(found) < _MOST_PARTS:
        if start + 1024 > len(data) < export.size <= _MOST_BYTES:  # a file_id is the first thing in its file
            data = export.read()
        if not is_fit(data[start : start + 12]):
            return [*found, None]
        end = start + data[start] + int.from_bytes(data[start + 4 : start + 8], "little")
        try:
            first = next(_Records(data[start:end], {FILE_ID: {0}}).messages(), None)
            found.append(first.whole(0) if first else None)
        except (Rejected, *_DAMAGE):
            found.append(None)
        start = end + 2
    return found


def read(export: Export, wanted: Mapping[int, Collection[int]]) -> list[FitPart]:
    """The messages wanted (global number -> field numbers), and every file_id, of each file in the chain.

    Raises Rejected, with the byte, for any damage: header, length, checksum, records, or bytes after the end.
    """
    if export.size > _MOST_BYTES:
        raise Rejected("whole file", f"{export.size} bytes", f"at most {_MOST_BYTES} bytes of FIT", _AGAIN)
    parts: list[FitPart] = []
    for start, part in _chain(export.read()):
        if len(parts) == _MOST_PARTS:
            raise Rejected("whole file", f"more than {_MOST_PARTS} FIT files in one", "an activity or a day", _AGAIN)
        records = _Records(part, {**wanted, FILE_ID: range(4)})
        try:
            parts.append(FitPart(list(records.messages())))
        except _DAMAGE as error:
            place = f"byte {start + records.position}"
            raise Rejected(place, f"damaged FIT records ({error})", "whole FIT records", _AGAIN) from error
    return parts


def _chain(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each file of a chain without its checksum, and the byte it starts at, once its length and checksums are right."""
    start = 0
    while start < len(data) or start == 0:
        where, header = f"FIT header (byte {start})", data[start : start + 14]
        if not is_fit(header):
            found = "bytes after the end of the FIT file" if start else "bytes that no FIT file begins with"
            raise Rejected(where, found, "a FIT header", _AGAIN)
        size, length = header[0], int.from_bytes(header[4:8], "little")
        if size != 12 and size < 14:
            raise Rejected(where, f"a header of {size} bytes", "12 or 14", _AGAIN)
        end = start + size + length
        if end + 2 > len(data):
            raise Rejected(where, f"a file cut off at byte {len(data)}", f"{end + 2} bytes, as it says itself", _AGAIN)
        told = int.from_bytes(header[12:14], "little") if size >= 14 else 0  # 0: older devices write none
        if told and told != crc16.arc(header[:12]):
            raise Rejected(where, "a wrong checksum of the header", "an undamaged header", _AGAIN)
        part = data[start:end]
        if crc16.arc(part) != int.from_bytes(data[end : end + 2], "little"):
            raise Rejected(f"FIT checksum (byte {end})", "a wrong checksum", "an undamaged file", _AGAIN)
        yield start, part
        start = end + 2


class _Layout(NamedTuple):
    """How the data messages of one local number lie in the file."""

    number: int
    size: int
    unpack: struct.Struct  # unwanted fields are padding
    fields: list[tuple[int, Any, int]]  # field number, fitparse's base type, how many values
    clock: tuple[str, int] | None  # where the timestamp is


class _Records(FitFile):
    """fitparse, stepping over what is not wanted. `position` is where the record being read begins."""

    def __init__(self, part: bytes, wanted: Mapping[int, Collection[int]]) -> None:
        self._wanted, self._layouts, self._time, self.position = wanted, dict[int, _Layout](), 0, 0
        super().__init__(part, check_crc=False)

    def messages(self) -> Iterator[Message]:
        """The wanted messages. Every record takes at least one byte, so this ends."""
        while self._bytes_left > 0:
            self.position = self._file.tell()
            header = self._parse_message_header()
            if header.is_definition:
                self._layouts[header.local_mesg_num] = self._definition(header.is_developer_data)
            elif (message := self._message(header)) and message.fields:
                yield message

    def _definition(self, has_developer_fields: bool) -> _Layout:
        endian = ">" if self._read_struct("xB") else "<"
        number, count = self._read_struct("HB", endian=endian)
        form, fields, size, clock = endian, [], 0, None
        for field, width, base in struct.iter_unpack("3B", self._read(3 * count) or b""):
            kind = BASE_TYPES.get(base, BASE_TYPE_BYTE)
            if width % kind.size:  # COROS calls fields of one byte four-byte numbers
                kind = BASE_TYPE_BYTE
            values = width // kind.size
            if field == TIMESTAMP and width == 4:
                clock = (endian + "I", size)
            keep = width and field in self._wanted.get(number, ())
            form += f"{values}{kind.fmt}" if keep else f"{width}x"
            if keep:
                fields.append((field, kind, 1 if kind.fmt == "s" else values))
            size += width
        if has_developer_fields:
            count = self._read_struct("B")
            size += sum(width for _, width, _ in struct.iter_unpack("3B", self._read(3 * count) or b""))
        return _Layout(number, size, struct.Struct(form), fields, clock)

    def _message(self, header: Any) -> Message | None:
        if header.local_mesg_num not in self._layouts:
            raise ValueError(f"a message of the undefined local number {header.local_mesg_num}")
        layout = self._layouts[header.local_mesg_num]
        payload = self._read(layout.size) or b""
        if layout.clock:
            (seconds,) = struct.unpack_from(layout.clock[0], payload, layout.clock[1])
            self._time = seconds if seconds != 0xFFFFFFFF else self._time
        if header.time_offset is not None:  # the low 5 bits of the time, counted on from the last message
            self._time = self._apply_compressed_accumulation(header.time_offset, self._time, 5)
        if layout.number not in self._wanted:
            return None
        raw, at, values = layout.unpack.unpack_from(payload), 0, dict[int, Any]()
        for field, kind, count in layout.fields:
            some = raw[at : at + count]
            clean = kind.parse(some) if kind.name == "byte" else tuple(kind.parse(one) for one in some)
            if clean and any(one is not None for one in clean):
                values[field] = clean[0] if count == 1 else clean
            at += count
        if header.time_offset is not None:
            values.setdefault(TIMESTAMP, self._time)
        return Message(layout.number, values)
