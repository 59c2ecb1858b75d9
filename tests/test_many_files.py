"""Many small files read at once: of each exactly what it gives alone."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from connectors import extract_all
from connectors.testing.many import otherwise
from tests.test_fit_reader import someone_in
from tests.writers import fit

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
A_WALK = fit.counters([(MIDNIGHT + 9 * HOUR, HOUR, 4000)])
BEATS = [MIDNIGHT + n * HOUR for n in range(1, 24)]
MONITORING = "garmin_fit_monitoring"


def rows(*rows: dict[int, int | bytes | None], info: bool = True, **how: object) -> bytes:
    """A monitoring file of rows as they are, an hour after the other where they give no time."""
    records = fit.Records(**how)  # type: ignore[arg-type]
    records.put(0, {0: 32, 1: 1, 2: 3290, 3: 77})
    if info:
        records.put(103, {253: fit.seconds(MIDNIGHT), 0: fit.seconds(MIDNIGHT)})
    for row in rows:
        records.put(55, row)
    return records.file()


def short_times() -> bytes:
    records = fit.Records()
    records.put(0, {0: 32, 1: 1, 2: 3290, 3: 77})
    records.put(103, {253: fit.seconds(MIDNIGHT), 0: fit.seconds(MIDNIGHT)})
    for seconds in (20, 40, 60):
        records.put(55, {27: 60}, compressed=fit.seconds(MIDNIGHT) + seconds)
    return records.file()


@cache
def days() -> dict[str, bytes]:
    """Monitoring files, sound, odd and damaged in every way that is looked for."""
    now, low, walking = fit.seconds(MIDNIGHT + 9 * HOUR), fit.seconds(MIDNIGHT + 10 * HOUR) & 0xFFFF, {5: 6}
    sound = fit.monitoring_day(MIDNIGHT, counters=A_WALK, heart=BEATS, intensity=[(MIDNIGHT + 15 * HOUR, 4, 0)])
    tokyo = fit.monitoring_day(datetime(2026, 3, 2, tzinfo=ZoneInfo("Asia/Tokyo")), counters=A_WALK, heart=BEATS)
    return {
        "a day": sound,
        "another watch": fit.monitoring_day(MIDNIGHT + 24 * HOUR, heart=BEATS, serial=5, maker=23),
        "a neighbouring zone": fit.monitoring_day(MIDNIGHT, counters=A_WALK, heart=BEATS, offset=HOUR),
        "a clock in doubt": tokyo,
        "no information": fit.monitoring(MIDNIGHT, MIDNIGHT + 8 * HOUR, counters=A_WALK, heart=BEATS, info=False),
        "nothing": fit.other(32),
        "no serial number": fit.monitoring_day(MIDNIGHT, heart=BEATS, serial=None),
        "two days": sound + fit.monitoring_day(MIDNIGHT + 24 * HOUR, heart=BEATS),
        "a day twice": sound * 2,
        "a zone in one part": sound + tokyo,
        "bytes behind": sound + b"behind",
        "cut off": sound[:-20],
        "a wrong checksum": sound[:-1] + bytes([sound[-1] ^ 1]),
        "a second part cut off": sound + sound[:-20],
        "a wrong checksum of the header": sound[:12] + bytes([sound[12] ^ 1]) + sound[13:],
        "no FIT": b"no FIT at all",
        "short times": short_times(),
        "big endian": rows({253: now, **walking, 3: 800, 4: 9000}, {26: low, 27: 61}, big_endian=True),
        "low bits": rows({253: now, **walking, 3: 65_500, 4: 65_500_000}, {253: now + 60, **walking, 9: 64, 10: 63}),
        "low bits of another day": rows({253: now, **walking, 9: 500}, {253: now + 86_400, **walking, 9: 100}),
        "minutes of 8 bits": rows({26: low, 27: 61}, {25: (now // 60 + 90) & 0xFF, 27: 60}, {26: low + 9000, 27: 60}),
        "before any time": rows({26: low, 27: 61}, info=False),
        "before its date is set": rows({253: 1000, 27: 61}, info=False),
        "a row of nothing": rows({26: low, 35: 1}, {26: low + 60, 27: 60}, {253: now, 27: 0}),
        "too many steps": rows({253: now, **walking, 3: 1_000_000_000}, {253: now, **walking, 4: 180_000_001}),
        "too long": rows({253: now, **walking, 4: 180_000_001}, {253: now, **walking, 3: 1_000_000_000}),
        "too many minutes": rows({253: now, 33: 2000}),
        "of the future": rows({253: fit.seconds(MIDNIGHT + 400 * 24 * HOUR), **walking, 3: 5}),
        "a wrong day in a chain": sound + rows({253: now, 33: 2000}) + rows({26: low}, info=False),
        "text for a number": rows({253: now, 8: 3, **walking, 3: 9}).replace(b"\x03\x04\x86", b"\x03\x04\x07"),
    }


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_whatever_lies_beside_a_file_it_gives_what_it_gives_alone(zone: str) -> None:
    assert list(otherwise(MONITORING, days(), someone_in(zone))) == []


@pytest.mark.parametrize("seed", range(5))
def test_neither_the_order_of_files_nor_which_are_read_together_matters(seed: int) -> None:
    names = random.Random(seed).sample(sorted(days()), 8)
    assert list(otherwise(MONITORING, {name: days()[name] for name in names}, someone_in("Europe/Berlin"))) == []


def test_activities_are_read_at_once_as_they_are_alone() -> None:
    walk = fit.activity([fit.Session(MIDNIGHT, HOUR, cycles=1500)])
    tokyo = fit.activity([fit.Session(MIDNIGHT, HOUR)], offset=9 * HOUR)
    future = fit.activity([fit.Session(MIDNIGHT + 400 * 24 * HOUR, HOUR)])
    files = {"a walk": walk, "damaged": walk[:-3], "nothing": fit.other(4), "two": walk * 2, "no FIT": b"text",
             "elsewhere": tokyo, "of the future": future, "other": fit.other(9)}  # fmt: skip
    assert list(otherwise("garmin_fit_activity", files, someone_in("America/New_York"))) == []


def test_files_of_a_reader_of_single_files_are_read_one_by_one() -> None:
    tcx = b'<?xml version="1.0"?><TrainingCenterDatabase></TrainingCenterDatabase>'
    assert list(otherwise("tcx", {"one": tcx, "another": tcx[:40]}, someone_in())) == []


def test_no_file_at_all_gives_frames_without_rows() -> None:
    found = extract_all(MONITORING, [], someone_in())
    assert found.files == []
    assert all(frame.is_empty() for frame in found.frames.values())
