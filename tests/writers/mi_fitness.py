"""Writes the CSV files of a Mi Fitness export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

ACCOUNT = "20260320_1000000001_MiFitness"
BAND, PHONE = "100000001", "default"
Row = tuple[str, datetime, dict]


def path(kind: str) -> str:
    return f"{ACCOUNT}_fr1_data_copy/{ACCOUNT}_hlth_center_{kind}.csv"


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _table(names: str, rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([names.split(","), *rows])
    return out.getvalue().encode()


def _json(value: dict) -> str:
    return json.dumps(value, separators=(",", ":"))


def steps(at: datetime, count: int) -> Row:
    return "steps", at, {"time": _seconds(at), "steps": count, "distance": count * 7 // 10, "calories": 1}


def intensity(at: datetime) -> Row:
    return "intensity", at, {"time": _seconds(at)}


def beat(at: datetime, bpm: int) -> Row:
    return "heart_rate", at, {"time": _seconds(at), "bpm": bpm, "type": 0}


def minutes(rows: Iterable[Row], sid: str = BAND) -> bytes:
    """fitness_data of one device."""
    return of_devices((sid, row) for row in rows)


def of_devices(rows: Iterable[tuple[str, Row]]) -> bytes:
    """fitness_data of several."""
    table = ((1000000001, sid, key, _seconds(at), _json(value), 1774000000) for sid, (key, at, value) in rows)
    return _table("Uid,Sid,Key,Time,Value,UpdateTime", table)


def days(rows: Iterable[tuple[str, date, dict]], tag: str = "daily_report") -> bytes:
    """aggregated_fitness_data."""
    table = (
        (1000000001, PHONE, tag, key, _seconds(datetime(day.year, day.month, day.day, tzinfo=UTC)), _json(value), 1)
        for key, day, value in rows
    )
    return _table("Uid,Sid,Tag,Key,Time,Value,UpdateTime", table)


def sessions(rows: Iterable[tuple[str, datetime, int, int, int]]) -> bytes:
    """sport_record: (kind, start, seconds of the timer, seconds in all, quarter hours from UTC)."""
    table = []
    for kind, start, timer, elapsed, quarters in rows:
        begin = _seconds(start)
        value = {"avg_hrm": 96, "calories": 120, "duration": timer, "end_time": begin + elapsed, "sport_type": 608,
                 "start_time": begin, "time": begin, "timezone": quarters, "steps": 2100, "version": 8}  # fmt: skip
        table.append((1000000001, BAND, kind, begin, kind, _json(value), 1774000000))
    return _table("Uid,Sid,Key,Time,Category,Value,UpdateTime", table)


def in_utf7(content: bytes) -> bytes:
    """As a spreadsheet saved it: every letter in UTF-7 that may be, as the known copy has them."""
    spelled = {"_": "+AF8-", '"': "+ACI-", "{": "+AHs-", "}": "+AH0-"}
    return "".join(spelled.get(letter, letter) for letter in content.decode()).encode()


def sample() -> dict[str, bytes]:
    """Minutes of a band and of the phone around midnight, two days, a walk with a pause and a match."""
    at = datetime(2026, 3, 10, 3, 58, tzinfo=UTC)
    of_band = [steps(at, 98), steps(at + timedelta(minutes=1), 112), steps(at + timedelta(minutes=2), 31)]
    rows = [(BAND, row) for row in (*of_band, intensity(at), intensity(at + timedelta(minutes=1)), beat(at, 88))]
    rows += [(PHONE, steps(at, 90)), ("100000002", steps(at, 60))]
    monday, tuesday = date(2026, 3, 9), date(2026, 3, 10)
    reported = [("steps", day, {"calories": 9, "distance": n, "steps": n}) for day, n in ((monday, 210), (tuesday, 31))]
    return {
        path("fitness_data"): of_devices(rows),
        path("aggregated_fitness_data"): days([*reported, ("intensity", monday, {"duration": 2})]),
        path("sport_record"): sessions(
            [("outdoor_walking", at - timedelta(hours=6), 1800, 2100, -16), ("badminton", at, 3600, 3600, -16)]
        ),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"mi_fitness": sample}
