"""FIT files: the one place that knows the binary format (with its records, kit/fit_records.py), not what messages mean.

A FIT file is a header, records and a checksum; several may follow one another in one file (a chain). `read` gives the
wanted fields of the wanted messages as RAW values, in columns: integers as they lie in the file, no scale, no
offset, no names. Values, and which of them are "invalid", are those of fitparse: the tests hold the two against each
other. Three things differ. A field whose size does not fit its type is read as bytes (COROS writes such), and a
developer field that nobody described is stepped over: for either, fitparse gives up the file, or takes the description
from the file it read before. And no value counts here that is "invalid" in all its parts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from fastcrc import crc16

from connectors.kit.export import Export
from connectors.kit.fit_records import TIMESTAMP, Damaged, Table, tables
from models.fault import Rejected

__all__ = [
    "EPOCH",
    "FILE_ID",
    "MOST_BYTES",
    "MOST_PARTS",
    "MOST_VALUES",
    "SYSTEM_TIME",
    "TIMESTAMP",
    "FitPart",
    "Message",
    "date_time",
    "integers",
    "is_fit",
    "may_be_fit",
    "read",
    "remarks",
]

FILE_ID = 0  # a message
MOST_BYTES, MOST_PARTS = 64 << 20, 1000  # ten times the longest activity; a hundred times the longest chain
MOST_VALUES = 10_000_000  # eleven days of a message a second, with ten wanted values each
EPOCH, SYSTEM_TIME = datetime(1989, 12, 31, tzinfo=UTC), 0x10000000  # smaller times count from switching on
_AGAIN = "sync the device, then download or export the file again"


class Message(NamedTuple):
    """One data message: its global number, and field number -> raw value. An "invalid" value is left out."""

    number: int
    fields: dict[int, Any]

    def integer(self, field: int, most: int = 0xFFFFFFFF) -> int | None:
        """A field as an integer, None where absent. Raises Rejected where it is something else or above `most`."""
        return integers(self.number, field, [self.fields.get(field)], most)[0]

    def instant(self, field: int) -> datetime | None:
        """A date_time field as aware UTC, None where absent. Raises Rejected where it is no date."""
        seconds = self.integer(field)
        return None if seconds is None else date_time(self.number, field, seconds)


def integers(number: int, field: int, values: list[Any], most: int = 0xFFFFFFFF) -> list[int | None]:
    """A column of integers and None. Raises Rejected where one of them is something else or above `most`."""
    present = set(values) - {None}
    if present and (set(map(type, present)) != {int} or min(present) < 0 or max(present) > most):
        raise no_number(number, field, most)
    return values


def no_number(number: int, field: int, most: int) -> Rejected:
    """The rejection of a value that is no whole number from 0 to `most`."""
    place = f"FIT message {number}, field {field}"
    return Rejected(place, "a value that cannot be", f"a whole number from 0 to {most}", _AGAIN)


def date_time(number: int, field: int, seconds: int) -> datetime:
    """A date_time, in FIT's seconds, as aware UTC. Raises Rejected where it is no date."""
    if seconds < SYSTEM_TIME:
        raise no_date(number, field)
    return EPOCH + timedelta(seconds=seconds)


def no_date(number: int, field: int) -> Rejected:
    """The rejection of a time before SYSTEM_TIME."""
    found, remedy = "a time since the device was switched on", "this file has no dates: sync the device's clock"
    return Rejected(f"FIT message {number}, field {field}", found, "a date and time", remedy)


@dataclass
class FitPart:
    """One file of a chain (most chains have one): the wanted messages and every file_id."""

    tables: dict[int, Table]  # by global number
    behind: int = 0  # bytes of the file behind it; of the last part: that are no FIT

    def of(self, number: int) -> list[Message]:
        """The messages of one global number that say anything, one by one."""
        table = self._table(number)
        rows = zip(*table.columns.values(), strict=True)
        each = ({f: v for f, v in zip(table.columns, row, strict=True) if v is not None} for row in rows)
        return [Message(number, fields) for fields in each if fields]

    def _table(self, number: int) -> Table:
        return self.tables.get(number, Table([], {}))

    @property
    def file_id(self) -> Message:
        """What the file is (field 0) and which device wrote it: maker 1, product 2, serial number 3."""
        return next(iter(self.of(FILE_ID)), Message(FILE_ID, {}))


def is_fit(head: bytes) -> bool:
    """Whether the first bytes of a file are a FIT header."""
    return head[8:12] == b".FIT"


def may_be_fit(export: Export) -> bool:
    """Whether a file begins as a FIT file does, or is called one and begins almost so."""
    return is_fit(export.head) or (export.head[:1] in (b"\x0c", b"\x0e") and export.basename.lower().endswith(".fit"))


def is_whole(export: Export) -> bool:
    """Whether lengths and checksums are right: then it is as the device wrote it. Its records are not looked at."""
    try:
        return len(list(chain(export))) > 0
    except Rejected:
        return False


def read(export: Export, wanted: Mapping[int, Collection[int]]) -> list[FitPart]:
    """The messages wanted (global number -> field numbers), and every file_id, of each file in the chain.

    What is complete by its own length and checksums is read, whatever stands behind it: some watches leave bytes there.
    Raises Rejected, with the byte, for any damage: header, length, checksum, records.
    """
    fields = fields_of(wanted)
    parts: list[FitPart] = []
    left = MOST_VALUES
    for start, part, behind in chain(export):
        try:
            found, cost = tables(part, fields, left)
            parts.append(FitPart(found, behind))
            left -= cost
        except Damaged as damage:
            place = f"byte {start + damage.at}"
            raise Rejected(place, f"damaged FIT records ({damage.how})", "whole FIT records", _AGAIN) from damage
    return parts


def fields_of(wanted: Mapping[int, Collection[int]]) -> dict[int, frozenset[int]]:
    """What is wanted, and what every file_id says: of what kind a file is, and of which device."""
    return {number: frozenset(some) for number, some in wanted.items()} | {FILE_ID: frozenset(range(4))}


def remarks(behind: int) -> list[str]:
    """What a person should know of how a file lay there: the same of each, so that one line tells it of all."""
    return ["bytes behind the end of the FIT file: not read"] if behind else []


def chain(export: Export) -> Iterator[tuple[int, bytes, int]]:
    """Each file of a chain without its checksum, once its length and checksums are right: the byte it starts at, its
    bytes, and how many lie behind it. Raises Rejected where one is not right.

    The chain ends where no FIT header follows.

    0e 20 9208 2c010000 2e464954 1234 | records | 5678
    |  |  |    |        ".FIT"   |              checksum of everything before
    |  |  |    length of the records, checksum of the 12 bytes before: absent in a header of 12, 0 on older devices
    size, versions of the protocol and of the profile
    """
    if export.size > MOST_BYTES:
        raise Rejected("whole file", f"{export.size} bytes", f"at most {MOST_BYTES} bytes of FIT", _AGAIN)
    data, start, parts = export.read(), 0, 0
    while start < len(data) or start == 0:
        if start and not is_fit(data[start : start + 12]):
            return
        end = _end(data, start)
        part = data[start:end]
        if crc16.arc(part) != int.from_bytes(data[end : end + 2], "little"):
            raise Rejected(f"FIT checksum (byte {end})", "a wrong checksum", "an undamaged file", _AGAIN)
        parts += 1
        if parts > MOST_PARTS:
            raise Rejected("whole file", f"more than {MOST_PARTS} FIT files in one", "an activity or a day", _AGAIN)
        yield start, part, len(data) - end - 2
        start = end + 2


def _end(data: bytes, start: int) -> int:
    """Where the records of a file end that starts there. Raises Rejected where its header is not right."""
    header = data[start : start + 14]
    if not is_fit(header):
        raise _wrong_header(start, "bytes that no FIT file begins with", "a FIT header")
    size = header[0]
    if size != 12 and size < 14:
        raise _wrong_header(start, f"a header of {size} bytes", "12 or 14")
    end = start + size + int.from_bytes(header[4:8], "little")
    if end + 2 > len(data):
        raise _wrong_header(start, f"a file cut off at byte {len(data)}", f"{end + 2} bytes, as it says itself")
    if size >= 14 and header[12:] != b"\0\0" and crc16.arc(header):  # 0 of bytes with their checksum behind them
        raise _wrong_header(start, "a wrong checksum of the header", "an undamaged header")
    return end


def _wrong_header(start: int, found: str, expected: str) -> Rejected:
    return Rejected(f"FIT header (byte {start})", found, expected, _AGAIN)
