"""Writes FIT files: activities, and Garmin monitoring files as a fenix lays them out.

Times are aware; the file's distance from UTC is that of its first time, unless `offset` says otherwise. A chain is
the files one after another: `activity(...) + other(2)`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
# A field's type by its letter: number in the file, struct letter, the value that means "invalid".
_TYPES = {"e": (0x00, "B", 0xFF), "B": (0x02, "B", 0xFF), "b": (0x0D, "B", 0xFF), "H": (0x84, "H", 0xFFFF),
          "I": (0x86, "I", 0xFFFFFFFF), "Z": (0x8C, "I", 0), "s": (0x07, "8s", b""),
          "y": (0x0D, "4s", b"\xff\xff\xff\xff")}  # fmt: skip
# Message -> field -> type; every other field is "I".
_FORMS = {
    0: {0: "e", 1: "H", 2: "H", 3: "Z"},
    18: {0: "e", 1: "e", 5: "e", 6: "e", 254: "H"},
    20: {3: "B"},
    21: {0: "e", 1: "e"},
    34: {1: "H", 2: "e"},
    55: {5: "e", 9: "H", 10: "H", 19: "H", 24: "b", 25: "B", 26: "H", 27: "B", 29: "H", 33: "H", 34: "H", 37: "H",
         38: "H"},
    206: {0: "B", 1: "B", 2: "B", 3: "s", 14: "H", 15: "B"},
    207: {3: "B"},
    233: {2: "y"},
}  # fmt: skip


def _byte_crc(value: int) -> int:
    for _ in range(8):
        value = (value >> 1) ^ (0xA001 if value & 1 else 0)
    return value


_CRC_OF_BYTE = [_byte_crc(value) for value in range(256)]


def crc(data: bytes) -> int:
    """CRC-16/ARC, the checksum of FIT."""
    value = 0
    for byte in data:
        value = (value >> 8) ^ _CRC_OF_BYTE[(value ^ byte) & 0xFF]
    return value


def seconds(at: datetime) -> int:
    """An aware time as FIT counts it."""
    return (at - _EPOCH) // timedelta(seconds=1)


@dataclass
class Records:
    """The records of one file, as they are put. A definition is written whenever the layout of a message is new.

    `local_numbers`: how many layouts are in force at a time, at most 16; the one defined first makes room.
    """

    big_endian: bool = False
    local_numbers: int = 1
    _body: bytearray = field(default_factory=bytearray)
    _layouts: dict[tuple, int] = field(default_factory=dict)

    def put(
        self,
        number: int,
        fields: Mapping[int, int | bytes | None],
        developer: Mapping[int, int] | None = None,
        compressed: int | None = None,
    ) -> None:
        """One message; None is written as "invalid". `developer`: uint32 fields of application 0.

        `compressed`: the time (seconds) goes into the low 5 bits of the record header.
        """
        forms = [_TYPES[_FORMS.get(number, {}).get(n, "I")] for n in fields]
        order = ">" if self.big_endian else "<"
        apps = developer or {}
        layout = (number, tuple(fields), tuple(apps))
        if layout not in self._layouts:
            full = len(self._layouts) == self.local_numbers
            self._layouts[layout] = self._layouts.pop(next(iter(self._layouts))) if full else len(self._layouts)
            self._body += bytes([(0x60 if apps else 0x40) | self._layouts[layout], 0, self.big_endian])
            self._body += struct.pack(order + "HB", number, len(fields))
            for n, (base, form, _) in zip(fields, forms, strict=True):
                self._body += bytes([n, struct.calcsize(form), base])
            if apps:
                self._body += bytes([len(apps)]) + b"".join(bytes([n, 4, 0]) for n in apps)
        local = self._layouts[layout]
        self._body.append(local if compressed is None else 0x80 | local << 5 | (compressed & 0x1F))
        for value, (_, form, invalid) in zip(fields.values(), forms, strict=True):
            self._body += struct.pack(order + form, invalid if value is None else value)
        for value in apps.values():
            self._body += struct.pack(order + "I", value)

    def file(self, header_crc: bool = True) -> bytes:
        """Header, records and checksum."""
        header = struct.pack("<BBHI4s", 14, 0x20, 2194, len(self._body), b".FIT")
        whole = header + struct.pack("<H", crc(header) if header_crc else 0) + self._body
        return whole + struct.pack("<H", crc(whole))


def _begin(kind: int, created: datetime, maker: int, product: int, serial: int | None, big_endian: bool) -> Records:
    records = Records(big_endian)
    records.put(0, {3: serial, 4: seconds(created), 1: maker, 2: product, 0: kind})
    return records


def other(kind: int, created: datetime = datetime(2026, 3, 2, tzinfo=UTC)) -> bytes:
    """A file that says what it is (file_id.type) and nothing else."""
    return _begin(kind, created, 1, 3290, 3_900_000_001, False).file()


@dataclass(frozen=True)
class Session:
    """One session: `timer` runs from `start`, standing still in `pauses` [(from, how long), ...]."""

    start: datetime
    timer: timedelta | None
    sport: int | None = 11
    sub_sport: int | None = 0
    cycles: int | None = None  # strides, in a walk: half the steps
    pauses: Sequence[tuple[datetime, timedelta]] = ()
    elapsed: timedelta | None = None  # as the file says it; else timer and pauses

    @property
    def end(self) -> datetime:
        pauses = sum((length for _, length in self.pauses), timedelta(0))
        return self.start.astimezone(UTC) + (self.timer or timedelta(0)) + pauses


def activity(
    sessions: Sequence[Session],
    *,
    offset: timedelta | None = None,
    local_time: bool = True,
    maker: int = 1,
    product: int = 3290,
    serial: int | None = 3_900_000_001,
    kind: int = 4,
    events: bool = True,
    big_endian: bool = False,
    header_crc: bool = True,
    compressed: bool = False,
    developer: Mapping[int, int] | None = None,
    position: tuple[int, int] | None = None,
) -> bytes:
    """An activity file. `offset`: local time minus UTC, in the activity message, which has none without `local_time`.

    `compressed`: events carry their time in their headers, with a record every 20 s between them.
    `developer`: field number -> value of an app's own fields in every session, each meant for the native field 8.
    `position`: where every session began, in semicircles north and east.
    """
    start = min(s.start for s in sessions) if sessions else datetime(2026, 3, 2, tzinfo=UTC)
    end = max((s.end for s in sessions), default=start)
    records = _begin(kind, start, maker, product, serial, big_endian)
    if developer:
        records.put(207, {3: 0})
        for number in developer:  # a name of a native field, as some apps do
            records.put(206, {0: 0, 1: number, 2: 0x86, 3: b"timer", 14: 18, 15: 8})
    if events:
        _events(records, sessions, compressed)
    for number, s in enumerate(sessions):
        elapsed = s.end - s.start if s.elapsed is None else s.elapsed
        milliseconds = None if s.timer is None else s.timer // timedelta(milliseconds=1)
        fields = dict(zip((3, 4), position, strict=True)) if position else {}
        fields |= {254: number, 253: seconds(s.end), 2: seconds(s.start), 7: elapsed // timedelta(milliseconds=1)}
        records.put(18, {**fields, 8: milliseconds, 10: s.cycles, 5: s.sport, 6: s.sub_sport}, developer)
    offset = start.utcoffset() if offset is None else offset
    local = seconds(end) + int((offset or timedelta(0)).total_seconds())
    records.put(34, {253: seconds(end), 5: local if local_time else None, 1: len(sessions), 2: 0})
    return records.file(header_crc)


def _events(records: Records, sessions: Sequence[Session], compressed: bool) -> None:
    happened = []
    for s in sessions:
        again = [(t.astimezone(UTC) + length, 0) for t, length in s.pauses]
        happened += [(s.start, 0), *((t, 4) for t, _ in s.pauses), *again, (s.end, 4)]
    last: int | None = None
    for at, event_type in sorted(happened, key=lambda one: one[0]):
        now = seconds(at)
        if not compressed or last is None:
            records.put(21, {253: now, 0: 0, 1: event_type})
        else:
            for between in range(last + 20, now, 20):
                records.put(20, {3: 80}, compressed=between)
            records.put(21, {0: 0, 1: event_type}, compressed=now)
        last = now


Counter = tuple[datetime, int, int, timedelta]


def counters(walks: Iterable[tuple[datetime, timedelta, int]], kind: int = 6) -> list[Counter]:
    """Walks of one local day (start, how long, how many steps) as the totals a watch writes at the end of each."""
    rows, steps, active = [], 0, timedelta(0)
    for start, length, more in sorted(walks):
        steps, active = steps + more, active + length
        rows.append((start.astimezone(UTC) + length, kind, steps, active))
    return rows


def monitoring(
    begin: datetime,
    end: datetime,
    *,
    counters: Iterable[Counter] = (),
    intensity: Iterable[tuple[datetime, int, int]] = (),
    heart: Iterable[datetime] = (),
    before: tuple[int, int] = (0, 0),
    summary: bool = True,
    totals: bool = True,
    info: bool = True,
    offset: timedelta | None = None,
    kind: int = 32,
    maker: int = 1,
    product: int = 3290,
    serial: int | None = 3_900_000_001,
) -> bytes:
    """A monitoring file from `begin` to `end` (a midnight or a sync).

    `counters`: (when, FIT activity type, total since midnight: steps or cycles, total active time).
    `intensity`: (when, moderate minutes, vigorous minutes) since the row before; `before`: their sums since midnight
    when the file begins. `heart`: when a beat was measured, in any order. `summary`: the day's totals again, stamped
    `end`. `totals`: whether running sums of the intensity are written (watches of 2014 write none).
    """
    records = _begin(kind, begin, maker, product, serial, False)
    offset = begin.utcoffset() if offset is None else offset
    if info:
        records.put(103, {253: seconds(begin), 0: seconds(begin) + int((offset or timedelta(0)).total_seconds())})
    sums = list(before)
    if totals:
        records.put(55, {253: seconds(begin), 37: sums[0], 38: sums[1]})
    rows: list[tuple[datetime, int, tuple]] = [(at, 2, ()) for at in heart]
    rows += [(at, 0, tuple(row)) for at, *row in counters]
    rows += [(at, 1, tuple(row)) for at, *row in intensity]
    last: dict[int, tuple[int, int]] = {}
    moving = None
    for at, what, row in sorted(rows, key=lambda one: one[:2]):
        low = seconds(at) & 0xFFFF
        if what == 0:
            activity_type, total, active = row
            if activity_type != moving:  # a change of movement is written with its full time
                records.put(55, {253: seconds(at), 24: activity_type | 3 << 5})
            moving, last[activity_type] = activity_type, (total, active // timedelta(milliseconds=1))
            records.put(55, {3: total, 4: last[activity_type][1], 19: total // 25, 26: low, 24: activity_type | 3 << 5})
        elif what == 1:
            sums = [a + b for a, b in zip(sums, row, strict=True)]
            fields = {26: low, 33: row[0], 34: row[1]}
            records.put(55, {**fields, 37: sums[0], 38: sums[1]} if totals else fields)
        else:
            records.put(55, {26: low, 27: 61})
    if summary:
        midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
        for activity_type, (total, milliseconds) in last.items():
            fields = {253: seconds(end), 2: total * 70, 3: total, 4: milliseconds, 19: total // 25}
            records.put(55, {**fields, 29: (end - midnight) // timedelta(minutes=1), 5: activity_type})
    if totals:
        records.put(55, {253: seconds(end), 37: sums[0], 38: sums[1]})
    return records.file()


def monitoring_day(midnight: datetime, **told: object) -> bytes:
    """The monitoring file of the whole local day that begins at `midnight` (its zone knows when the next one is)."""
    following = (midnight.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=midnight.tzinfo)
    return monitoring(midnight, following, **told)  # type: ignore[arg-type]
