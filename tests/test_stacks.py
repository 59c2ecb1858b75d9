"""Small files of one form, read as one table: of each exactly what it gives alone (connectors/kit/stack.py)."""

from __future__ import annotations

import io
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl
import pytest

from connectors import Context, connectors, extract, extract_all, identify
from connectors.kit.export import Export
from connectors.kit.stack import Stack
from models.activity import SCHEMAS, Extract
from models.clock import ZoneLog
from models.fault import Fault, Rejected
from tests.writers import fitbit, fitbit_json
from tests.writers.google_fit import quarter_hours

CONTEXT = Context(ZoneLog("participant_home", "Europe/Berlin"), date(2026, 10, 7), b"secret")
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def steps_at(*minutes: int, day: int = 0) -> dict[datetime, int]:
    return {NOON + timedelta(days=day, minutes=m): 60 + m % 40 for m in minutes}


def csv(*minutes: int, day: int = 0, by: str | None = "Pixel Watch 3") -> bytes:
    return fitbit.steps({by: list(steps_at(*minutes, day=day).items())})


CSV = {
    "steps_2026-03-09.csv": csv(0, 1, 2),
    "steps_2026-03-10.csv": csv(0, 1, 1440, day=1),
    "steps_2026-03-11.csv": csv(0, 1, day=2).removesuffix(b"\n"),
    "steps_2026-03-12.csv": csv(),
    "steps_2026-03-13.csv": csv(*range(0, 600, 15), day=4),  # quarters of an hour: no minutes
    "steps_2026-03-14.csv": csv(0, 1, day=5).replace(b"\n", b"\r\n"),
    "steps_2026-03-15.csv": csv(0, 1, day=6).replace(b"Pixel Watch 3", b'"Watch, ""mine"""'),
    "steps_2026-03-16.csv": csv(0, 1, day=7).replace(b",61", b",many"),
    "steps_2026-03-17.csv": csv(0, 1, day=8)
    .replace(b"timestamp,steps", b"timestamp,steps,mood")
    .replace(b",6", b",,6"),
    "steps_2026-03-18.csv": csv(0, 1, day=9, by=None),
    "steps_2026-03-19.csv": csv(0, 1, day=10).replace(b"Pixel Watch 3", b""),
    "steps_2026-03-20.csv": csv(*range(300), day=11) + fitbit.stamp(LATER).encode() + b",5,Pixel Watch 3\n",
    "steps_2026-03-21.csv": csv(0, 1, day=12) + b"\n\n",
    "steps_2026-03-22.csv": csv(0, 1, day=13).replace(b"Pixel", b"Gr\xfcn"),
    "heart_rate_2026-03-09.csv": fitbit.heart_rate({"Pixel Watch 3": [(NOON, 71.0), (NOON + timedelta(seconds=9), 0)]}),
    "heart_rate_2026-03-10.csv": fitbit.heart_rate({"Pixel Watch 3": [(NOON + timedelta(days=1), 70.0)]}),
    "UserExercises_2026-03-09.csv": fitbit.exercises([fitbit.Exercise(NOON, NOON + timedelta(minutes=30), "Walk")]),
}
JSON = {
    "steps-2026-03-09.json": fitbit_json.steps(steps_at(0, 1, 2)),
    "steps-2026-03-10.json": fitbit_json.steps(steps_at(0, 1, 2, day=1)),
    "steps-2026-03-11.json": fitbit_json.steps(steps_at(*range(0, 600, 15), day=2)),
    "steps-2026-03-12.json": fitbit_json.steps(steps_at(0, 1) | {LATER: 0}),
    "steps-2026-03-13.json": fitbit_json.steps(steps_at(*range(300), day=3) | {LATER: 5}),
    "steps-2026-03-14.json": fitbit_json.steps(steps_at(0, day=5)).replace(b'"value"', b'"mood": 1, "value"'),
    "steps-2026-03-15.json": fitbit_json.steps(steps_at(0, 1, day=6)).replace(b'"60"', b'"many"'),
    "steps-2026-03-16.json": fitbit_json.steps(steps_at(0, 1, day=7))[:-9],
    "steps-2026-03-17.json": b'\xef\xbb\xbf[{"dateTime": "03/17/26 08:00:00", "value": "7", "value": "8"}]',
    "heart_rate-2026-03-09.json": fitbit_json.heart_rate({NOON: 70, NOON + timedelta(minutes=3): 0}),
    "heart_rate-2026-03-10.json": fitbit_json.heart_rate({NOON + timedelta(days=1): 70}, confidence=0),
    "very_active_minutes-2026-03-01.json": fitbit_json.daily({date(2026, 3, 9): 12}, [fitbit_json.PADDING]),
    "very_active_minutes-2026-04-01.json": fitbit_json.daily({date(2026, 4, 9): 12, date(2026, 4, 10): 0}),
}
QUARTERS = {
    "2026-03-09.csv": quarter_hours([200, None, 33] * 32),
    "2026-03-10.csv": quarter_hours([0, None, 7] * 32, offset="+01:00"),
    "2026-03-11.csv": quarter_hours([None] * 96),
    "2026-03-12.csv": quarter_hours([200] * 40),  # the day of the export
    "2026-03-13.csv": quarter_hours([]),
    "2026-10-07.csv": quarter_hours([5] * 96),
    "quarters.csv": quarter_hours([5] * 96),
    "2026-03-14.csv": quarter_hours([9] * 96).replace(b",9,", b",lots,"),
    "2026-03-15.csv": quarter_hours([9] * 96).replace(b"02:15:00", b"02:00:00"),
}


def an_export(name: str, content: bytes) -> Export:
    return Export(f"Takeout/Fitbit/{name}", len(content), partial(io.BytesIO, content))


def alone(reader: str, export: Export) -> Extract | Fault:
    try:
        return extract(reader, export, CONTEXT)
    except Rejected as rejected:
        return rejected.fault


def beside_rows(extract: Extract) -> dict[str, Any]:
    """What an extract says that is not in its rows."""
    return {each.name: getattr(extract, each.name) for each in fields(extract) if each.name not in (*SCHEMAS, "told")}


@pytest.mark.parametrize(
    ("reader", "files"), [("fitbit_takeout", CSV), ("fitbit_json", JSON), ("google_fit", QUARTERS)]
)
def test_every_file_of_a_stack_gives_what_it_gives_alone(reader: str, files: dict[str, bytes]) -> None:
    exports = [an_export(name, content) for name, content in files.items()]
    assert {identify(export) for export in exports} == {reader}
    found = extract_all(reader, exports, CONTEXT)
    kinds = set()
    for number, (export, file) in enumerate(zip(exports, found.files, strict=True)):
        expected = alone(reader, export)
        kinds.add(type(expected))
        if isinstance(expected, Fault) or isinstance(file, Fault):
            assert file == expected
            continue
        for name in SCHEMAS:
            rows = found.frames[name].remove(pl.col("file") != number).drop("file")
            assert rows.equals(getattr(expected, name)), (export.name, name)
        assert not any(frame.height for frame in file.frames().values())
        assert (beside_rows(expected), expected.rows, expected.labels) == (beside_rows(file), file.rows, file.labels)
    assert kinds == {Extract, Fault}


def test_sound_files_are_read_in_one_stack_whatever_lies_among_them(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, stacks = connectors()["fitbit_takeout"], list[int]()
    one = reader.extract

    def watched(export: Export, context: Context) -> Extract:
        stacks.append(len(export.exports) if isinstance(export, Stack) else 1)
        return one(export, context)

    monkeypatch.setattr(reader, "extract", watched)
    sound = {f"steps_{n}.csv": csv(0, 1, day=n) for n in range(64)}
    extract_all("fitbit_takeout", [an_export(*file) for file in sound.items()], CONTEXT)
    assert stacks == [64]
    stacks.clear()
    extract_all(
        "fitbit_takeout", [an_export(*f) for f in (sound | {"steps_7.csv": csv(0, 1) + b"?\n"}).items()], CONTEXT
    )
    assert stacks.count(1) == 2  # itself, and the one it was left alone with
    assert len(stacks) < 16  # halved, not one by one
