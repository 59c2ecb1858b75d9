"""Many small files read at once: of each exactly what it gives alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors import Context, extract, extract_all
from connectors.kit.export import Export
from models.activity import SCHEMAS, Extract
from models.fault import Fault, Rejected
from tests.test_fit_reader import an_export, someone_in
from tests.writers import fit

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
A_WALK = fit.counters([(MIDNIGHT + 9 * HOUR, HOUR, 4000)])


def alone(name: str, export: Export, context: Context) -> Extract | Fault:
    try:
        return extract(name, export, context)
    except Rejected as rejected:
        return rejected.fault


def assert_the_same(name: str, files: list[bytes], context: Context) -> None:
    """Of every file, read with the others, the same as by itself: rows, what they say in all, notes, or the fault."""
    found = extract_all(name, [an_export(data, f"{n}.fit") for n, data in enumerate(files)], context)
    assert len(found.files) == len(files)
    for frame, schema in zip(found.frames.values(), SCHEMAS.values(), strict=True):
        assert list(frame.schema) == ["file", *schema]
        assert frame["file"].is_sorted()
    for number, (data, file) in enumerate(zip(files, found.files, strict=True)):
        expected = alone(name, an_export(data, f"{number}.fit"), context)
        if isinstance(expected, Fault) or isinstance(file, Fault):
            assert file == expected
            continue
        assert (file.rows, file.labels, file.covers()) == (expected.rows, expected.labels, expected.covers())
        frames = {n: f.remove(f["file"] != number).drop("file") for n, f in found.frames.items()}
        again = replace(file, **frames, told=None)
        assert {n: f.rows() for n, f in again.frames().items()} == {n: f.rows() for n, f in expected.frames().items()}
        assert [f.schema for f in again.frames().values()] == list(SCHEMAS.values())
        assert {k: v for k, v in vars(again).items() if k not in {*SCHEMAS, "in_all"}} == {
            k: v for k, v in vars(expected).items() if k not in {*SCHEMAS, "in_all"}
        }


def test_a_damaged_file_among_others_costs_no_other_file_anything() -> None:
    day = fit.monitoring_day(MIDNIGHT, counters=A_WALK)
    assert_the_same("garmin_fit_monitoring", [day, day[:-1], day], someone_in())


def test_no_file_at_all_gives_frames_without_rows() -> None:
    found = extract_all("garmin_fit_monitoring", [], someone_in())
    assert found.files == []
    assert all(frame.is_empty() for frame in found.frames.values())


def test_files_without_a_row_and_of_any_reader_are_read_together() -> None:
    walk = fit.activity([fit.Session(MIDNIGHT, HOUR, cycles=1500)])
    assert_the_same("garmin_fit_activity", [walk, fit.other(4), walk], someone_in("Europe/Berlin"))
    assert_the_same("garmin_fit_monitoring", [fit.other(32)], someone_in())
