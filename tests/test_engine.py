"""The night on Prefect without a server; tests/test_serve.py has a server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.studies import StudyFolder, garmin_day
from tests.writers.locked_zip import PASSWORD, locked

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, subprocess.CompletedProcess]:
    """A first night on an engine that nobody told of a server, where files are open to all if nobody minds; it is asked
    to log all it can, and has the password of a zip."""
    study = StudyFolder(tmp_path_factory.mktemp("engine") / "study").write()
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.put("P2/drop.zip", locked({"b.fit": garmin_day("2026-03-04")}))
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")} | {"STEPWINDOW_LOG": "DEBUG"}
    command = [sys.executable, "-m", "flows.cli", "nightly", "--json", "--zip-password", "--study", str(study.folder)]
    return study, subprocess.run(
        command,
        umask=0,
        capture_output=True,
        text=True,
        timeout=300,
        cwd=ROOT,
        env=clean,
        check=False,
        input=f"{PASSWORD}\n",
    )


def test_the_night_runs_on_the_engine_without_a_server_and_without_noise(night) -> None:
    study, ended = night
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["loaded"] == 2
    assert ended.stderr == ""
    assert study.day("2026-03-03")["steps"] == 6000
    made = [study.folder / "warehouse/prefect", *(study.folder / "warehouse/prefect").rglob("*")]
    assert {str(path): oct(path.stat().st_mode) for path in made if path.stat().st_mode & 0o077} == {}


def test_everything_in_a_warehouse_also_of_the_engine_is_for_its_owner_alone_whatever_the_umask(night) -> None:
    warehouse = night[0].folder / "warehouse"
    found = [warehouse, *(path for path in warehouse.rglob("*") if not path.is_symlink())]
    open_to_others = {str(path): oct(path.stat().st_mode) for path in found if path.stat().st_mode & 0o077}
    assert open_to_others == {}
    assert (warehouse / "prefect" / "prefect.db") in found


def test_no_file_of_the_study_and_nothing_that_was_printed_holds_the_password_of_a_zip(night) -> None:
    study, ended = night
    assert study.day("2026-03-04", "P2")["steps"] == 6000
    assert PASSWORD not in ended.stdout + ended.stderr
    holds = [path for path in study.folder.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert (study.folder / "warehouse/prefect").exists()
    assert not holds
