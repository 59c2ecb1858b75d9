"""health.json: what a monitor reads, after good nights and bad ones."""

from __future__ import annotations

import errno
import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from flows.night import health, steps
from flows.night.run import Run
from models.fault import StoreError, StudyError
from tests.studies import StudyFolder, garmin_day


def told(study: StudyFolder) -> dict:
    return json.loads((study.folder / "warehouse" / "health.json").read_text())


def shape(value: object) -> object:
    """The fields, without what stands in them."""
    return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else None


def check(study: StudyFolder) -> subprocess.CompletedProcess:
    """The monitor's check as the document gives it."""
    script = re.findall(r"```python\n(.*?)```", MONITORING, re.DOTALL)[0]
    command = [sys.executable, "-c", script, str(study.folder / "warehouse")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


MONITORING = (Path(__file__).parents[1] / "docs" / "monitoring.md").read_text()


def test_a_night_leaves_counts_and_neither_an_id_nor_a_file_name(study: StudyFolder) -> None:
    study.put("P1/secret-name.fit", garmin_day("2026-03-03"))
    study.put("P2/bad-name.fit", garmin_day("2026-03-03")[:-9])
    study.night()
    path = study.folder / "warehouse" / "health.json"
    found = told(study)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert found["last_attempt"]["exit_code"] == 1
    assert (
        found["last_success_found"] | {"files_loaded": 1, "files_rejected": 1, "rejections_standing": 1}
        == (found["last_success_found"])
    )
    assert found["last_success_found"]["participants_quiet"] == 1  # nothing of P1 since 2026-03-03
    assert not re.search(r"secret|bad-name|P1|P2|I1|G1", path.read_text())
    assert check(study).returncode == 0


@pytest.mark.after_a_night
def test_the_figures_are_there_for_prometheus_too(study: StudyFolder) -> None:
    path = study.folder / "warehouse" / "metrics.prom"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text().splitlines()
    found = {}
    for help_, type_, sample in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name, value = re.fullmatch(r"(stepwindow_[a-z_]+) (\d+)", sample).groups()
        assert help_.startswith(f"# HELP {name} ")
        assert type_ == f"# TYPE {name} gauge"
        assert name not in found
        found[name] = int(value)
    expected = told(study)
    counts = {k: v for k, v in expected["last_success_found"].items() if k != "as_of"}
    assert counts == {k: found[f"stepwindow_last_success_{k}"] for k in counts}
    assert found["stepwindow_last_attempt_exit_code"] == expected["last_attempt"]["exit_code"]
    assert found["stepwindow_disk_free_bytes"] == expected["disk"]["free_bytes"]


@pytest.mark.after_a_night
def test_the_document_shows_every_field_there_is(study: StudyFolder) -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", MONITORING, re.DOTALL)[0])
    assert shape(example) == shape(told(study))


@pytest.mark.after_a_night
def test_a_night_that_fails_says_where_and_what_but_not_whose(study: StudyFolder, monkeypatch) -> None:
    success = told(study)["last_success"]

    def resolve_days(run: Run) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/inbox/P1/a-name.fit")

    monkeypatch.setattr(steps, "STEPS", [*steps.STEPS[:2], resolve_days])
    with pytest.raises(StoreError, match="the disk is full"):
        study.night()
    found = told(study)
    assert found["last_attempt"]["exit_code"] == 2
    assert found["last_attempt"]["failed"] == {
        "step": "resolve days",
        "what": "store.duckdb: the disk is full; free some space, then run again: what was published stands",
    }
    assert found["last_success"] == success
    assert "a-name" not in json.dumps(found)
    assert check(study).returncode == 2
    monkeypatch.undo()
    study.night()  # the store was let go of
    assert told(study)["last_attempt"]["failed"] is None


def test_a_night_that_cannot_begin_is_told_where_a_warehouse_is(study: StudyFolder) -> None:
    goals = study.folder / "goals.csv"
    sound = goals.read_text()
    goals.write_text("who,what\nP1,secret\n")
    with pytest.raises(StudyError):
        study.night()
    assert not (study.folder / "warehouse").exists()
    goals.write_text(sound)
    study.night()
    goals.write_text("who,what\nP1,secret\n")
    with pytest.raises(StudyError):
        study.night()
    assert told(study)["last_attempt"]["failed"] == {"step": "begin", "what": "a control file cannot be read"}


def test_a_health_file_that_is_cut_off_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "health.json").write_text('{"format": 1, "last')
    assert health.read(tmp_path) is None
    (tmp_path / "health.json").write_text("[]")
    assert health.read(tmp_path) is None
