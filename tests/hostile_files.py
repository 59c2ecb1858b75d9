"""The files of `tests.hostile`: for each a name that its reader knows it by, and what writes it to a path."""

from __future__ import annotations

import gzip
import io
import itertools
import sqlite3
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from fastcrc import crc16

MB = 1_000_000
Write = Callable[[Path], None]
Part = bytes | Iterable[bytes] | Callable[[], bytes]


def text(*parts: Part) -> Write:
    """A file of these parts, one after the other."""

    def write(path: Path) -> None:
        with path.open("wb") as out:
            for part in parts:
                made = part() if callable(part) else part
                out.writelines([made] if isinstance(made, bytes) else made)

    return write


def times(part: bytes, size: int) -> Iterator[bytes]:
    """As many of one part as fill so many bytes."""
    block = part * max(1, MB // len(part))
    return itertools.repeat(block, max(1, size // len(block)))


def packed(name: str, write: Write, level: int = 9) -> Write:
    """A zip of one member."""

    def write_zip(path: Path) -> None:
        inside = path.with_name("inside")
        write(inside)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
            archive.write(inside, name)
        inside.unlink()

    return write_zip


# Tables

STEPS = b"timestamp,steps\n"
DIARY = b"date,activity,minutes\n"


def columns(count: int) -> bytes:
    """Names of columns, each another one."""
    return b"".join(b",c%x" % n for n in range(count))


def diary_lines(count: int) -> Iterator[bytes]:
    """Entries of a second each, no date with more than an hour of them."""
    for n in range(count):
        yield b"20%02d-%02d-%02d,yoga,0.02\n" % (n // 336 % 26, n // 28 % 12 + 1, n % 28 + 1)


def minutes(count: int) -> Iterator[bytes]:
    """Minutes since 2000, over and over."""
    hour = b"".join(b"%%s%02d:%02d:00Z,7\n" % (n // 60, n % 60) for n in range(1440))
    for n in range(count // 1440):
        day = b"20%02d-%02d-%02dT" % (n // 336 % 26, n // 28 % 12 + 1, n % 28 + 1)
        yield hour.replace(b"%s", day)


# JSON

DAY = b'{"calendarDate": "2026-03-01", "totalSteps": 10, "includesWellnessData": true, '
EXERCISE = b'[{"logId": 1, "startTime": "03/01/26 10:00:00", "duration": 600000, "activityName": "'


def keys(count: int) -> Iterator[bytes]:
    """Fields, each with another name."""
    return (b'"k%x": 1, ' % n for n in range(count))


# Databases


def database(*statements: str, rows: int = 0) -> Write:
    """A Health Connect export changed by statements, and with so many records of steps, a minute each."""
    common = "start_time INTEGER, end_time INTEGER, app_info_id INTEGER, local_date INTEGER, start_zone_offset INTEGER"

    def write(path: Path) -> None:
        with closing(sqlite3.connect(path)) as made:
            made.executescript(
                "CREATE TABLE application_info_table (row_id INTEGER PRIMARY KEY, package_name TEXT);"
                "INSERT INTO application_info_table VALUES (1, 'com.example.watch');"
                f"CREATE TABLE steps_record_table ({common}, count INTEGER);"
                f"CREATE TABLE exercise_session_record_table ({common}, exercise_type INTEGER);"
            )
            each = ((60_000 * n, 60_000 * n + 60_000, 1, n // 1440, 0, 1) for n in range(1 << 24, (1 << 24) + rows))
            made.executemany("INSERT INTO steps_record_table VALUES (?, ?, ?, ?, ?, ?)", each)
            for statement in statements:
                made.execute(statement)
            made.commit()

    return write


MANY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {})"
STEPS_TABLE = "steps_record_table"

# XML


def apple(*parts: Part) -> Write:
    """An Apple export of these elements."""
    return text(b'<?xml version="1.0"?>\n<HealthData locale="en_US">\n', *parts, b"</HealthData>\n")


def sample(who: bytes, minutes_long: int = 119) -> bytes:
    """Steps of two hours by one device."""
    times = b'startDate="2026-03-01 08:00:00 +0000" endDate="2026-03-01 %02d:%02d:00 +0000"'
    told = times % (8 + minutes_long // 60, minutes_long % 60)
    return b'<Record type="HKQuantityTypeIdentifierStepCount" sourceName="%s" value="5000" %s/>\n' % (who, told)


WORKOUT = (
    b'<Workout workoutActivityType="HKWorkoutActivityTypeYoga" sourceName="x" duration="10" durationUnit="min" '
    b'startDate="2026-03-01 08:00:00 +0000" endDate="2026-03-01 08:10:00 +0000">\n'
)
PAUSE = b'<WorkoutEvent type="HKWorkoutEventTypePause" date="2026-03-01 08:0%d:%02d +0000"/>\n'
RESUME = PAUSE.replace(b"Pause", b"Resume")


def pauses(count: int) -> Iterator[bytes]:
    """A pause each second second."""
    return ((RESUME if n % 2 else PAUSE) % (n // 60 % 10, n % 60) for n in range(count))


# FIT


def fit(*records: bytes | Iterable[bytes], kind: int = 32) -> bytes:
    """A FIT file of these records behind its file_id."""
    told = struct.pack("<BBBHB3B", 0x40, 0, 0, 0, 1, 0, 1, 0) + bytes([0, kind])
    body = told + b"".join(part if isinstance(part, bytes) else b"".join(part) for part in records)
    head = struct.pack("<BBHI4s", 14, 0x20, 2195, len(body), b".FIT")
    whole = head + struct.pack("<H", crc16.arc(head)) + body
    return whole + struct.pack("<H", crc16.arc(whole))


def definition(number: int, fields: Iterable[tuple[int, int, int]], local: int = 1, apps: int = 0) -> bytes:
    """A definition message; with developer fields where there are some."""
    fields = list(fields)
    more = bytes([apps]) + b"\0\1\0" * apps if apps else b""
    told = struct.pack("<BBBHB", (0x60 if apps else 0x40) | local, 0, 0, number, len(fields))
    return told + b"".join(bytes(field) for field in fields) + more


MONITORING = definition(55, [(253, 4, 0x86), (3, 4, 0x86), (24, 1, 0x0D), (4, 4, 0x86), (9, 2, 0x84), (10, 2, 0x84)])


def rows_of(count: int) -> Iterator[bytes]:
    """Monitoring messages, each a second later, all of whose values are told."""
    return (
        b"\1" + struct.pack("<IIBIHH", 1_140_000_000 + n, 7 + n % 200_000 * 2, 6, 1000 * (n % 86_400), 7, 300)
        for n in range(count)
    )


def definitions(count: int, fields: int = 255) -> Iterator[bytes]:
    """Definitions, each another one, of many fields."""
    head, end = definition(55, [(9, 1, 2)] * fields)[:6], b"\x09\1\2" * (fields - 2)
    return (head + bytes([n % 256, 1, 2, n // 256 % 256, 1, 2]) + end for n in range(count))


# Archives


def zipped(*members: tuple[str, bytes]) -> bytes:
    """A zip; a name may come twice."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def pointing(names: int, content: bytes) -> bytes:
    """A zip of one member under many names, all of which lie in the same place."""
    one = bytearray(zipped(("00000000.csv", content)))
    at = one.index(b"PK\1\2")
    end = one.index(b"PK\5\6")
    entry, data = bytes(one[at:end]), bytes(one[:at])
    listed = b"".join(entry.replace(b"00000000.csv", b"%08d.csv" % n) for n in range(names))
    most = min(names, 0xFFFF)
    return data + listed + struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, most, most, len(listed), len(data), 0)


def listed(entries: int) -> bytes:
    """A zip whose list of members is all there is of it."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    whole = entry * entries
    return b"PK\3\4" + whole + struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, 0xFFFE, 0xFFFE, len(whole), 4, 0)


def zeros(members: int, size: int) -> Write:
    """A zip of members that are nothing but zeros."""

    def write(path: Path) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        block, crc = bytes(MB), 0
        data = b"".join(packer.compress(block) for _ in range(size // MB)) + packer.flush()
        for _ in range(size // MB):
            crc = zlib.crc32(block, crc)
        with path.open("wb") as out:
            entries = []
            for n in range(members):
                name = b"%06d.csv" % n
                same = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(data), size, len(name), 0)
                entries.append(b"PK\1\2\x14\0" + same + struct.pack("<HHHII", 0, 0, 0, 0, out.tell()) + name)
                out.write(b"PK\3\4" + same + name + data)
            at, whole = out.tell(), b"".join(entries)
            out.write(whole + struct.pack("<4s4HIIH", b"PK\5\6", 0, 0, members, members, len(whole), at, 0))

    return write


def tar(*members: tuple[str, bytes | int], kind: bytes = tarfile.REGTYPE, packs: bool = True) -> Write:
    """A tar, packed or not. A member is its content, or so many zeros."""

    def write(path: Path) -> None:
        with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb") if packs else raw as out:
            for name, content in members:
                header = tarfile.TarInfo(name)
                header.size, header.type = content if isinstance(content, int) else len(content), kind
                out.write(header.tobuf(tarfile.GNU_FORMAT))
                if isinstance(content, int):
                    out.writelines(times(b"\0", content))
                else:
                    out.write(content + bytes(-len(content) % 512))
            out.write(bytes(1024))

    return write


ONE_DIARY = DIARY + b"2026-03-03,yoga,10\n"

FILES: dict[str, Write] = {
    # tables
    "steps_open_quote.csv": text(STEPS, b'2026-03-01T10:00:00Z,"', times(b"1\n", 24 * MB)),
    "steps_one_field.csv": text(STEPS, b'2026-03-01T10:00:00Z,"', times(b"1", 100 * MB), b'"\n'),
    "steps_quotes.csv": text(STEPS, b"2026-03-01T10:00:00Z,", times(b'"', 20 * MB), b"\n"),
    "diary_quoted_cells.csv": text(DIARY[:-1] + columns(200) + b"\n", times(b'"",' * 202 + b'""\n', 6 * MB)),
    "diary_columns.csv": text(DIARY[:-1], lambda: columns(300_000), b"\n"),
    "steps_blank_lines.csv": text(STEPS, times(b"\n", 5 * MB)),
    "diary_nothing_but_commas.csv": text(DIARY[:-1] + columns(1500) + b"\n", times(b"," * 1502 + b"\n", 8 * MB)),
    "diary_many_lines.csv": text(DIARY, diary_lines(210_000)),
    "diary_days_in_one.csv": text(DIARY, b"2026-03-01,yoga,1440\n" * 700),
    "diary_long_number.csv": text(DIARY, b"2026-03-01,yoga,", times(b"1", 4 * MB), b"\n"),
    # JSON
    "steps-2026-03-01.json.zip": packed(
        "steps-2026-03-01.json",
        text(b'[{"dateTime": "03/01/26 10:00:00", "value": "1", "x": [', times(b"{},", 15 * MB), b"{}]}]"),
    ),
    "steps-2026-03-02.json": text(b'[{"dateTime": "03/01/26 10:00:00", "value": "1"},', times(b"{},", 40 * MB), b"{}]"),
    "steps-half_letter.json": text(b'[{"dateTime": "03/01/26 10:00:00", "value": "1", "\\ud800": 1}]'),
    "exercise-half_letter.json": text(EXERCISE, b'\\ud800"}]'),
    "exercise-nul.json": text(EXERCISE, b'Yoga\\u0000\\u001b[31m\\n"}]'),
    "exercise-long_name.json": text(EXERCISE, times(b"Yoga ", 2 * MB), b'"}]'),
    "UDSFile_keys.json": text(b"[" + DAY, keys(300_000), b'"x": 1}]'),
    "UDSFile_number.json": text(b"[" + DAY, b'"x": ', times(b"1", 20 * MB), b"}]"),
    "UDSFile_wide.json": text(b"[" + DAY + '"x": "\U0001f600'.encode(), times(b"x", 20 * MB), b'"}]'),
    "UDSFile_lists.json": text(b"[" + DAY + b'"x": [', times(b"[],", 60 * MB), b"[]]}]"),
    "UDSFile_deep.json": text(b"[" + DAY + b'"x": ', times(b"[", 5 * MB)),
    "2026-03-01T10_00_00+00_00_WALKING.json": text(
        b'{"fitnessActivity": "walking", "startTime": "2026-03-01T10:00:00Z", "endTime": "2026-03-01T10:30:00Z", '
        b'"segment": [',
        times(b"{},", 60 * MB),
        b"{}]}",
    ),
    # databases
    "health_connect_rows.db": database(rows=30_000),
    "health_connect_view.db": database(
        f"DROP TABLE {STEPS_TABLE}",
        f"CREATE VIEW {STEPS_TABLE} AS {MANY.format(-1)} SELECT i AS start_time, i AS end_time, 1 AS app_info_id, "
        "1 AS count FROM n",
    ),
    "health_connect_made_up.db": database(
        f"DROP TABLE {STEPS_TABLE}",
        f"CREATE TABLE {STEPS_TABLE} (start_time INT, end_time INT, app_info_id INT, x INT)",
        f"INSERT INTO {STEPS_TABLE} VALUES (1, 2, 1, 1)",
        f"ALTER TABLE {STEPS_TABLE} ADD COLUMN count INT AS (length(hex(zeroblob(400000000))))",
    ),
    "health_connect_virtual.db": database(
        f"DROP TABLE {STEPS_TABLE}",
        f"CREATE VIRTUAL TABLE {STEPS_TABLE} USING fts5(start_time, end_time, app_info_id, count)",
    ),
    "health_connect_apps.db": database(
        f"INSERT INTO application_info_table {MANY.format(60)} SELECT i + 1, hex(zeroblob(500000)) FROM n"
    ),
    "health_connect_blobs.db": database(
        f"INSERT INTO {STEPS_TABLE} {MANY.format(100_000)} SELECT zeroblob(200), i, 1, 1, 0, 1 FROM n"
    ),
    "health_connect_sessions.db": database(
        f"INSERT INTO exercise_session_record_table {MANY.format(201_000)} "
        "SELECT i * 3000000, i * 3000000 + 60000, 1, 1, 0, 53 FROM n"
    ),
    # XML
    "export_type.xml": apple(b'<Record type="HK', times(b"Identifier", 4 * MB), b'-"/>'),
    "export_attributes.xml": apple(b"<Record", (b' a%x=""' % n for n in range(400_000)), b"/>"),
    "export_deep.xml": apple(times(b"<a>", MB)),
    "export_devices.xml": apple(sample(b"device %d" % n) for n in range(20_000)),
    "export_workouts.xml": apple(lambda: (WORKOUT + b"</Workout>\n") * 201_000),
    "export_pauses.xml": apple(WORKOUT, pauses(100_000), b"</Workout>\n"),
    "export_entity.xml": text(
        b'<!DOCTYPE HealthData [<!ENTITY a "',
        times(b"ha", MB),
        b'"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<HealthData><ExportDate value="&b;"/></HealthData>',
    ),
    # FIT
    "definitions.fit": text(lambda: fit(definitions(20_000))),
    "same_definition.fit": text(lambda: fit(times(definition(55, []), 12 * MB))),
    "timed_definitions.fit": text(lambda: fit(definition(55, [], 0), b"\x80", times(definition(55, [], 0), MB))),
    "developer_fields.fit": text(lambda: fit(definition(55, [(n % 256, 1, 2)], 1, 255) for n in range(20_000))),
    "rows.fit": text(lambda: fit(MONITORING, rows_of(80_000))),
    "one_byte_messages.fit": text(lambda: fit(definition(55, []), times(b"\1", 5 * MB))),
    "chain.fit": text(lambda: fit(MONITORING, rows_of(20)) * 3000),
    # archives
    "same_name_twice.zip": text(
        lambda: zipped(("diary.csv", DIARY + b"2026-03-03,yoga,20\n"), ("diary.csv", ONE_DIARY))
    ),
    "one_content.zip": text(lambda: zipped(*((f"{n}/diary.csv", ONE_DIARY) for n in range(1000)))),
    "one_place.zip": text(lambda: pointing(5000, DIARY + b"2026-03-03,yoga,0.1\n" * 10_000)),
    "long_list.zip": text(lambda: listed(400_000)),
    "zeros.zip": zeros(200, 30 * MB),
    "nested.zip": text(
        lambda: zipped(*((f"{n}.zip", a) for a in [zipped(("a.csv", bytes(60 * MB)))] for n in range(3)))
    ),
    "long_header.tgz": tar(("x", 40 * MB), ("a", b""), kind=b"x"),
    "long_name.tgz": tar(("x", 40 * MB), ("a", b""), kind=b"L"),
    "names_on_names.tar": tar(*[("x", b"y")] * 3000, kind=b"L", packs=False),
    "same_name_twice.tgz": tar(("diary.csv", DIARY + b"2026-03-03,yoga,20\n"), ("diary.csv", ONE_DIARY)),
}

LARGE: dict[str, Write] = {
    "folders.tgz": tar(*[("x", b"")] * 210_000, kind=tarfile.DIRTYPE),
    "steps_open_quote_large.csv": text(STEPS, b'2026-03-01T10:00:00Z,"', times(b"1\n", 200 * MB)),
    "steps_decades.csv": text(STEPS, minutes(40_000_000)),
    "steps_decade.csv": text(STEPS, minutes(5_300_000)),
    "steps_two_decades.csv": text(STEPS, minutes(11_900_000)),
    "diary_millions.csv": text(DIARY, diary_lines(8_000_000)),
    "steps-2026-03-03.json": text(b"[", times(b'{"dateTime":"03/01/26 10:00:00","value":"1"},', 240 * MB), b"{}]"),
    "health_connect_millions.db": database(rows=8_000_000),
    "export_pulse.xml": apple(times(sample(b"x", 1), 900 * MB)),
    "export_many_devices.xml": apple(sample(b"device %d" % n) for n in range(1_000_000)),
    "rows_large.fit": text(lambda: fit(MONITORING, rows_of(3_000_000))),
    "rows_million.fit": text(lambda: fit(MONITORING, rows_of(990_000))),
    "definitions_large.fit": text(lambda: fit(definitions(85_000))),
    "long_header_large.tgz": tar(("x", 4000 * MB), ("a", b""), kind=b"x"),
}
