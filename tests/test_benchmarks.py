"""The figures of `make bench`: how they are kept and compared, what the benchmarks are given to read."""

from __future__ import annotations

import io
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks import kept
from benchmarks.__main__ import names
from benchmarks.cost import of_command, of_function, walk
from benchmarks.figure import Beside, Figure, Row
from benchmarks.inputs import INPUTS
from benchmarks.stages import stages
from connectors import Context, Export, extract, identify, members
from models.clock import ZoneLog
from tests.writers import fit
from tests.writers.fit_moved import moved

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
BUSY = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'n = 0\\nwhile n < 3_000_000: n += 1'])"


def row(to_peer: float | None = 0.5, to_floor: float | None = 4.0, peak: int | None = None) -> Row:
    return Row("reading", "a peer", to_peer, "the bytes", to_floor, peak)


# How figures are kept -----------------------------------------------------------------------------------------------
def test_the_page_of_costs_shows_the_figures_that_are_kept() -> None:
    runs = kept.read(kept.KEPT.read_text(encoding="utf-8"))
    assert kept.shown() == kept.table(runs), "run `python -m benchmarks --write`, or make docs/costs.md anew"


def test_the_figures_that_are_kept_are_of_benchmarks_that_there_are_and_each_has_a_peer_or_a_floor() -> None:
    runs = kept.read(kept.KEPT.read_text(encoding="utf-8"))
    assert runs.keys() <= set(names())
    assert all(one.peer or one.floor for run in runs.values() for one in run.figures)


def test_what_is_kept_is_read_as_it_was_written() -> None:
    run = kept.this_run([row(), row(to_peer=None), Row("a day", "", None, "a walk", 2.5, 310, "by the clock")])
    assert kept.read(kept.written_down({"one": run, "two": run})) == {"one": run, "two": run}


def test_a_ratio_is_that_of_the_seconds_in_three_places() -> None:
    figure = Figure("reading", 2.0, Beside("a peer", 3.0), Beside("the bytes", 0.0007), 310.4)
    assert figure.row == Row("reading", "a peer", 0.667, "the bytes", 2860.0, 310)
    assert figure.row.line == "reading: 0.667 x a peer; 2,860 x the bytes; 310 MB"


@pytest.mark.parametrize(
    ("now", "names_it"),
    [
        (row(), False),
        (row(0.6, 4.9), False),  # less than a fifth slower
        (row(0.7, 5.6), True),
        (row(0.7, 4.0), False),  # the peer alone was quicker this time
        (row(None, 5.6), True),  # nothing else to compare with
        (row(0.1, 1.0), False),
    ],
)
def test_a_figure_fell_where_peer_and_floor_say_that_it_is_a_fifth_slower(now: Row, names_it: bool) -> None:
    assert bool(kept.fallen([row()], [now])) == names_it


def test_a_figure_that_needs_much_more_memory_and_one_that_is_gone_are_named() -> None:
    assert kept.fallen([row(peak=100)], [row(peak=126)]) == ["reading: 126 MB, 100 MB before"]
    assert kept.fallen([row(peak=100)], [row(peak=124)]) == []
    assert kept.fallen([row()], []) == ["reading: is not measured any more"]


# How costs are measured ---------------------------------------------------------------------------------------------
def test_the_cost_of_a_command_is_that_of_all_its_processes_and_a_failure_says_what_it_said() -> None:
    alone, with_child = of_command([sys.executable, "-c", ""]), of_command([sys.executable, "-c", BUSY])
    assert with_child.cpu > alone.cpu + 0.05
    assert 5 < alone.peak < 200
    with pytest.raises(RuntimeError, match="no such thing"):
        of_command([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_a_function_is_measured_without_the_start_of_its_process(tmp_path: Path) -> None:
    assert of_function(walk, tmp_path).cpu < 0.01


def test_the_stages_of_a_process_add_up_to_what_it_costs(tmp_path: Path) -> None:
    sampler = str(Path(kept.__file__).parent / "sampler")
    cost = of_command([sys.executable, "-c", BUSY], environment={"PYTHONPATH": sampler, "STAGES": str(tmp_path)})
    assert len(list(tmp_path.glob("*.stages"))) == 2  # the process and its child
    assert 0.5 * cost.cpu < sum(stages(tmp_path).values()) <= 1.01 * cost.cpu


# What the benchmarks read -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "amount", "files", "readers"),
    [
        ("small", 3, 3, {"garmin_fit_monitoring"}),
        ("activities", 1, 1, {"garmin_fit_activity"}),
        ("takeout", 8, 8, {"fitbit_takeout", "fitbit_json"}),
        ("apple", 1, 1, {"apple_health"}),
    ],
)
def test_every_file_of_an_inbox_has_its_reader(
    name: str, amount: int, files: int, readers: set[str], tmp_path: Path
) -> None:
    INPUTS[name].make(tmp_path, amount, None)
    found = []
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        export = Export(path.name, path.stat().st_size, lambda path=path: path.open("rb"))
        inside = members(export)
        found += [identify(export)] if inside is None else [identify(member) for member in inside]
    assert len(found) == files
    assert set(found) == readers


def a_day() -> bytes:
    walks = fit.counters([(MIDNIGHT + timedelta(hours=h), timedelta(minutes=9), 800) for h in (8, 13)])
    return fit.monitoring_day(MIDNIGHT, counters=walks, heart=[MIDNIGHT + timedelta(minutes=n) for n in range(60, 99)])


def read(data: bytes) -> list[tuple]:
    export = Export("day.fit", len(data), lambda: io.BytesIO(data))
    context = Context(ZoneLog("participant_home", "UTC"), date(2026, 12, 31), b"secret")
    extracted = extract("garmin_fit_monitoring", export, context)
    return [row for frame in extracted.frames().values() for row in frame.rows()]


def test_a_moved_fit_file_says_the_same_of_other_days() -> None:
    assert read(a_day())
    assert read(moved(a_day(), 90)) == [later(values, 90) for values in read(a_day())]


def later(values: tuple, days: int) -> tuple:
    return tuple(value + timedelta(days=days) if isinstance(value, date) else value for value in values)


def test_a_fit_file_that_is_moved_there_and_back_is_itself_and_another_serial_is_another_device() -> None:
    assert moved(moved(a_day(), 90), -90) == a_day()
    assert moved(a_day(), 0, 7) != a_day()
    assert moved(moved(a_day(), 0, 7), 0, 3_900_000_001) == a_day()
