"""What happens to a machine in years: full disks, two runs at once, wrong clocks, damaged files. In real processes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from flows.cli import main
from flows.night.begin import begin
from flows.night.run import Scope
from flows.night.steps import plan, run_steps
from models.store import store
from models.store.store import StoreError, open_store
from tests.dying import CONTEXT, PATIENCE, code_of, ran, started
from tests.studies import StudyFolder, a_walk, at, fill, garmin_day, minutes
from tests.test_night import content_of
from tests.writers import fitbit


def stepwindow(study: StudyFolder, *words: str, **environment: str) -> tuple[int, str, str]:
    """One command in a process of its own: its exit code, what it printed and what it complained of."""
    return ran([*words, "--study", str(study.folder)], **environment)


def refused(done: tuple[int, str, str]) -> str:
    """The one sentence of a command that could not run."""
    code, _, complaints = done
    assert code == 2, complaints
    assert "Traceback" not in complaints
    sentences = [line for line in complaints.splitlines() if line.startswith("stepwindow: ")]
    assert len(sentences) == 1, complaints
    return sentences[0].removeprefix("stepwindow: ")


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Something mounted on a folder for as long as the block runs; skipped where this may not be done."""
    done = subprocess.run(["mount", *options, str(folder)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("mounting a file system needs the rights of root: run the tests as root")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def first_day(study: StudyFolder) -> None:
    """The first file of `fill`."""
    study.put("P1/garmin/2026-03-03.fit", garmin_day("2026-03-03"))


@pytest.fixture(scope="module")
def undisturbed(begun: Callable[..., StudyFolder]) -> dict[str, list[tuple]]:
    """What an undisturbed night leaves of `fill`."""
    return content_of(begun(fill))


# Disks --------------------------------------------------------------------------------------------------------------


def test_a_full_disk_is_a_sentence_and_the_next_night_goes_on(begun, tmp_path: Path, undisturbed) -> None:
    """Over an inbox that cannot be written to, which is read like any other."""
    study = begun(first_day).copied(tmp_path / "study")
    warehouse, inbox = study.folder / "warehouse", study.folder / "inbox"
    fill(study)
    on_a_small_disk, read_only = ("-t", "tmpfs", "-o", "size=40m", "tmpfs"), ("-o", "bind,ro", str(inbox))
    with mounted(warehouse, *on_a_small_disk), mounted(inbox, *read_only):
        with pytest.raises(OSError, match="Read-only"):
            (inbox / "x").touch()
        shutil.copytree(begun(first_day).folder / "warehouse", warehouse, symlinks=True, dirs_exist_ok=True)
        before = content_of(study), os.readlink(warehouse / "analytics.duckdb")
        free = shutil.disk_usage(warehouse).free
        (warehouse / "filler").write_bytes(bytes(free))
        assert "the disk is full; free some space" in refused(stepwindow(study, "nightly", "--no-engine"))
        os.truncate(warehouse / "filler", free - 1_500_000)  # enough to load, too little to publish
        assert "the disk is full; free some space" in refused(stepwindow(study, "nightly", "--no-engine"))
        assert (content_of(study), os.readlink(warehouse / "analytics.duckdb")) == before
        (warehouse / "filler").unlink()
        assert study.night().files["loaded"] == 0  # they were, the night before
        assert content_of(study) == undisturbed
        assert list(warehouse.glob(".draft-*")) == []


def test_a_warehouse_that_cannot_be_written_to_is_a_sentence(study: StudyFolder) -> None:
    warehouse = study.folder / "warehouse"
    open_store(warehouse).close()
    with mounted(warehouse, "-o", "bind,ro", str(warehouse)), pytest.raises(StoreError, match="cannot be written to"):
        study.night()


# Two at once --------------------------------------------------------------------------------------------------------


def hold(folder: Path, is_open: Event, is_over: Event) -> None:
    """A night that has the store open, and waits for its end."""
    run = begin(folder, Scope())
    is_open.set()
    is_over.wait()
    run_steps(run)


def test_of_two_nights_at_once_the_second_waits_and_then_says_who_holds_the_store(study: StudyFolder) -> None:
    a_walk(study)
    is_open, is_over = (CONTEXT.Event() for _ in range(2))
    first = started(hold, study.folder, is_open, is_over)
    assert is_open.wait(PATIENCE)
    patient = started(main, ["nightly", "--no-engine", "--json", "--study", str(study.folder)])
    said = refused(stepwindow(study, "nightly", "--no-engine", STEPWINDOW_WAIT="0.3"))
    assert f"another run is using the store (process {first.pid}: nightly, since 20" in said
    code, shown, _ = stepwindow(study, "status", STEPWINDOW_WAIT="0.3")
    assert (code, f"process {first.pid}" in shown) == (0, True)  # and goes on with what is known without the store
    assert patient.is_alive()
    is_over.set()
    assert (code_of(first), code_of(patient)) == (0, 0)
    assert study.ask("SELECT files_loaded FROM run ORDER BY started_at") == [(1,), (0,)]


def test_somebody_who_looks_into_the_store_is_waited_for_and_named(study: StudyFolder, monkeypatch) -> None:
    path = study.folder / "warehouse/store.duckdb"
    open_store(path.parent).close()
    look = "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", look, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"open\n"
    monkeypatch.setenv("STEPWINDOW_WAIT", "0.2")
    with pytest.raises(StoreError, match=f"process {other.pid} has it open; close it there"):
        study.night()
    other.communicate(b"\n", timeout=PATIENCE)
    open_store(path.parent).close()


# Clocks -------------------------------------------------------------------------------------------------------------


class SetBack(datetime):
    """A clock whose battery died."""

    @classmethod
    def now(cls, tz=None):  # type: ignore[no-untyped-def]
        """The first of January 2000."""
        return cls(2000, 1, 1, 0, 5, tzinfo=tz)


@pytest.mark.after_a_night(over=first_day)
def test_a_clock_set_back_and_times_from_the_future_change_nothing(
    study: StudyFolder, undisturbed, monkeypatch
) -> None:
    fill(study)
    ahead = time.time() + timedelta(days=3650).total_seconds()
    for file in (study.folder / "inbox").rglob("*.csv"):
        os.utime(file, (ahead, ahead))
    monkeypatch.setattr("flows.environment.datetime", SetBack)
    monkeypatch.setattr(store, "datetime", SetBack)
    run = study.night()
    assert (run.started_at.year, run.is_clean, run.files["loaded"]) == (2000, True, 5)
    assert content_of(study) == undisturbed


# Files that are still coming ----------------------------------------------------------------------------------------


def test_a_file_that_is_still_growing_or_called_unfinished_waits_and_is_no_fault(study: StudyFolder) -> None:
    walked = fitbit.steps({None: minutes(at("2026-03-05 10:00"), [100] * 60)}).splitlines(keepends=True)
    file = study.put("P1/steps_2026-03-05.csv", b"".join(walked[:20]))
    names = ("day.fit.part", "day.fit.crdownload", "~$day.fit")
    unfinished = [study.put(f"P2/{name}", garmin_day("2026-03-03")[:200]) for name in names]
    grow = (
        "import sys, time\nwith open(sys.argv[1], 'ab', 0) as out:\n  while True: out.write(b' '); time.sleep(0.0005)"
    )
    writer = subprocess.Popen([sys.executable, "-c", grow, str(file)])
    size = file.stat().st_size
    while file.stat().st_size == size:
        time.sleep(0.01)
    try:
        run = study.night()
    finally:
        writer.kill()
        writer.wait()
    assert (run.is_clean, sum(run.files.values())) == (True, 0)
    waiting = plan(study.folder, Scope())  # which `status` shows
    assert (waiting["P1"][0], waiting["P2"][0]) == (1, len(names))
    file.write_bytes(b"".join(walked))
    for other in unfinished:
        other.unlink()
    assert study.night().files["loaded"] == 1
    assert study.day("2026-03-05")["steps"] == 6000
    assert plan(study.folder, Scope()) == {}


# Damage -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["cut off", "overwritten", "emptied", "one bit"])
def test_a_damaged_store_is_refused_with_a_sentence_and_not_touched(tmp_path: Path, damage: str) -> None:
    open_store(tmp_path).close()
    path = tmp_path / "store.duckdb"
    whole = path.read_bytes()
    flipped = whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]
    damaged = {"cut off": whole[:9000], "overwritten": b"hello" * 9000, "emptied": b"", "one bit": flipped}[damage]
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match=r"the file is damaged; `stepwindow backfill --rebuild` makes it anew"):
        open_store(tmp_path)
    assert path.read_bytes() == damaged


def test_a_store_that_lost_its_second_half_is_told_as_damaged(study: StudyFolder) -> None:
    fill(study)
    study.night()
    store = study.folder / "warehouse/store.duckdb"
    os.truncate(store, store.stat().st_size // 2)
    assert "store.duckdb: the file is damaged" in refused(stepwindow(study, "nightly", "--no-engine"))


def test_a_damaged_store_stops_the_commands_and_a_rebuild_makes_it_anew(study: StudyFolder, undisturbed) -> None:
    fill(study)
    warehouse = study.folder / "warehouse"
    open_store(warehouse).close()
    for name in ("store.duckdb", "analytics-1.duckdb"):
        (warehouse / name).write_bytes(b"hello" * 9000)
    (warehouse / "analytics.duckdb").symlink_to("analytics-1.duckdb")
    assert "store.duckdb: the file is damaged" in refused(stepwindow(study, "nightly", "--no-engine"))
    assert "`stepwindow nightly` publishes it anew" in refused(stepwindow(study, "goals"))
    code, shown, _ = stepwindow(study, "status")
    assert (code, "store.duckdb: the file is damaged" in shown) == (0, True)
    code, _, complaints = stepwindow(study, "backfill", "--rebuild", "--no-engine")
    assert code == 0, complaints
    assert content_of(study) == undisturbed
    assert (study.folder / "warehouse/store.before-rebuild.duckdb").read_bytes() == b"hello" * 9000


def test_a_cut_off_device_key_is_a_sentence(study: StudyFolder) -> None:
    (study.folder / "warehouse").mkdir()
    (study.folder / "warehouse/device.key").write_bytes(b"")
    with pytest.raises(StoreError, match=r"device\.key: cut off; put it back from a backup"):
        study.night()
