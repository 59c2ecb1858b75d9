"""The log of the runs: what it says, and what it must not hold."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.cli import main
from flows.night import log, steps
from flows.night.run import Run
from models.store.store import StoreError, open_store
from tests.studies import StudyFolder, garmin_day

ROOT = Path(__file__).parents[1]
WHO = "ZQ7X"


@pytest.fixture
def planted(study: StudyFolder) -> StudyFolder:
    """A study in which everything personal can be told apart: participant, file names, a value."""
    study.participants = [f"{WHO},,,"]
    study.infusions, study.goals = ([row.replace("P1", WHO) for row in rows] for rows in (study.infusions, study.goals))
    study.write()
    study.put(f"{WHO}/jane.doe.fit", garmin_day("2026-03-03", 6789))
    study.put(f"{WHO}/jane.doe.bad.fit", garmin_day("2026-03-04")[:-9])
    study.put(f"{WHO}/jane.doe.what.bin", b"\x00\x01\x02")
    study.put("ZQ7Y/jane.doe.fit", b"")
    study.goals.append(f"G2,,{WHO},I99,1,1,daily_mean,steps,jane,,,2026-03-02,,,")
    return study.write()


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    yield
    log.logger.setLevel(logging.INFO)


def written(study: StudyFolder) -> str:
    return (study.folder / "warehouse" / "logs" / "stepwindow.log").read_text("utf-8")


def test_a_night_is_logged_in_counts_and_durations_and_nothing_personal(planted: StudyFolder, capsys) -> None:
    assert main(["nightly", "--no-engine", "--study", str(planted.folder)]) == 1
    lines = [line.partition("] ")[2] for line in written(planted).splitlines()]  # without process ids
    assert lines[0] == "nightly begins, as of 2026-03-23"
    assert lines[1].startswith("read control files: ")
    assert lines[2].startswith("load exports: 3 files found, 1 loaded, 2 rejected; ")
    assert any(line.startswith("not used: 1 x an export: ") for line in lines)
    assert lines[-1].startswith("nightly ends after ")
    assert lines[-1].endswith("5 not used, 1 goal held: `stepwindow status` names each")
    for personal in (WHO, "ZQ7Y", "jane", "6789", "I99", "G2", str(planted.folder)):
        assert not any(personal in line for line in lines), personal
    told = capsys.readouterr()
    assert "jane.doe" not in told.out + told.err, "what cron sends by mail names no export"
    assert WHO not in told.out
    assert "not used: goals.csv, line 3, target: 'jane'" in told.err, "a control file's row is named with its value"


def test_what_stops_a_run_is_one_line_with_its_remedy(study: StudyFolder, monkeypatch) -> None:
    monkeypatch.setenv("STEPWINDOW_WAIT", "0")
    holder = "import sys; from pathlib import Path; from models.store.store import open_store;"
    holder += " s = open_store(Path(sys.argv[1])); print('open', flush=True); input()"
    command = [sys.executable, "-c", holder, str(study.folder / "warehouse")]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(StoreError):
            study.night()
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    (line,) = written(study).splitlines()
    assert "ERROR" in line
    assert "another run" in line
    assert "wait until it ends" in line


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_an_unexpected_fault_is_one_line_and_a_traceback_only_where_it_is_asked_for(
    planted: StudyFolder, monkeypatch, capsys, level: str
) -> None:
    def broken(run: Run) -> None:
        raise ValueError("jane walked 6789 steps")

    monkeypatch.setattr(steps, "STEPS", [steps.read_control_files, broken])
    log.logger.setLevel(level)
    command = ["nightly", "--no-engine", "--study", str(planted.folder)]
    assert main(command) == 2
    *more, line = capsys.readouterr().err.splitlines()
    assert line.startswith("stepwindow: a fault of stepwindow itself (ValueError, flows/night/steps.py line ")
    for told in ("\n".join(more), written(planted)):
        assert ("Traceback" in told) == ("jane" in told) == (level == "DEBUG")
    assert "ERROR" in written(planted)
    assert line.removeprefix("stepwindow: ") in written(planted)
    assert bool(more) == (level == "DEBUG")


def test_the_log_is_for_its_owner_alone_and_bounded(study: StudyFolder) -> None:
    log.to_file(study.folder / "warehouse")
    for _ in range(40):
        log.logger.info("x" * 400_000)
    files = list((study.folder / "warehouse" / "logs").iterdir())
    assert len(files) == 10
    assert sum(file.stat().st_size for file in files) < 11 * 2**20
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    assert oct(files[0].parent.stat().st_mode & 0o777) == "0o700"


def test_a_log_that_cannot_be_written_stops_no_night(study: StudyFolder) -> None:
    open_store(study.folder / "warehouse").close()
    (study.folder / "warehouse" / "logs").write_text("in the way")
    assert study.night().is_clean
