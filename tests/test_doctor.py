"""`doctor`: each thing that can be wrong is found, and what is well is not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

from flows.answers import doctor
from flows.answers.finding import Finding
from flows.answers.study_checks import called
from flows.cli import main
from models.study.folder import read_study
from tests.dying import PATIENCE
from tests.studies import StudyFolder, garmin_day

pytestmark = pytest.mark.usefixtures("as_tested")


def examined(study: StudyFolder) -> dict[str, Finding]:
    return {finding.kind: finding for finding in doctor.examine(study.folder).findings}


def write_to_store(study: StudyFolder, sql: str) -> None:
    """From a process of its own, as tests open no database themselves."""
    path = str(study.folder / "warehouse" / "store.duckdb")
    script = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); con.execute(sys.argv[2]); con.close()"
    subprocess.run([sys.executable, "-c", script, path, sql], check=True, timeout=PATIENCE)


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """A study of one person of whom everything is known, after its first night."""
    goals = ["G1,,P1,,3,3,daily_mean,steps,5000,,,2026-03-02,,,"]
    study = StudyFolder(tmp_path_factory.mktemp("well") / "study", participants=["P1,,,"], goals=goals)
    study.write().put("P1/a.fit", garmin_day("2026-03-20"))
    study.night()
    return study.folder


@pytest.fixture
def well(kept: Path, tmp_path: Path) -> StudyFolder:
    """A copy of it, to be spoilt."""
    return StudyFolder(Path(shutil.copytree(kept, tmp_path / "study", symlinks=True)))


def test_a_study_that_is_well_gives_exit_code_0_and_no_study_gives_2(well: StudyFolder, tmp_path: Path, capsys) -> None:
    assert main(["doctor", "--json", "--study", str(well.folder)]) == 0, capsys.readouterr().out
    told = json.loads(capsys.readouterr().out)
    assert len(told["checks"]) == len(doctor.CHECKS) + len(doctor.CHECKS_OF_STUDY)
    assert told["findings"] == []
    assert main(["doctor", "--study", str(tmp_path)]) == 2
    assert "stepwindow init DIR" in capsys.readouterr().err


def test_what_is_wrong_around_the_databases_is_found_all_at_once(well: StudyFolder, monkeypatch, capsys) -> None:
    warehouse = well.folder / "warehouse"
    (warehouse / "store.duckdb").chmod(0o644)
    draft = warehouse / ".draft-store.duckdb"
    draft.touch(mode=0o600)
    os.utime(draft, (time.time() - 200_000,) * 2)
    shutil.copy(warehouse / "device.key", warehouse / "store.before-rebuild.duckdb")
    (warehouse / "analytics.duckdb").unlink()
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("flows.answers.doctor.shutil.disk_usage", lambda folder: usage(10**9, 10**9 - 10**6, 10**6))
    write_to_store(
        well, "UPDATE run SET started_at = started_at + INTERVAL 2 DAY; UPDATE source_file SET connector_version = 0"
    )
    found = examined(well)
    assert found.keys() >= {"modes", "leftovers", "kept_copy", "published", "disk", "clock", "older_reader"}
    assert "store.duckdb" in found["modes"].what
    assert "chmod" in found["modes"].remedy
    assert found["older_reader"].what.startswith("1 files were read by an older version of their reader (garmin_fit")
    assert "stepwindow nightly" in found["published"].remedy
    assert main(["doctor", "--study", str(well.folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    urgencies = [line.split()[0] for line in lines if line.startswith(("now ", "soon ", "note "))]
    assert urgencies == sorted(urgencies, key=["now", "soon", "note"].index)
    assert {"now", "soon", "note"} == set(urgencies)


def test_a_store_that_waits_for_a_migration_is_newer_or_damaged_is_told_apart(well: StudyFolder) -> None:
    path = well.folder / "warehouse" / "store.duckdb"
    write_to_store(well, "INSERT INTO migration VALUES ('999_later.sql', NULL)")
    found = examined(well)["store"]
    assert (found.urgency, "999_later.sql" in found.what) == ("now", True)
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes(byte ^ 255 for byte in whole[middle:]))
    assert examined(well)["store"].urgency == "now"


def test_what_people_wrote_and_handed_over_is_looked_through(study: StudyFolder) -> None:
    study.participants = ["P1,,,", "P2,,,", "P3,Mars/X,,", "P4,,,"]
    study.infusions = ["I1,P1,2026-03-02,,", "I2,P1,2026-03-09,scheduled,", "I3,P1,2026-05-01,,", "I4,P4,2026-03-02,,"]
    study.write().put("P1/a.fit", garmin_day("2026-03-20"))
    study.put("P4/a.fit", garmin_day("2026-02-20"))
    study.put("P9/a.fit", garmin_day("2026-03-20"))
    study.night()
    found = examined(study)
    said = {kind: finding.what for kind, finding in found.items()}
    count = "1 held, 1 scheduled, 1 future, 1 silent, 1 undecided, 1 unknown_folder"
    assert said["worklist"] == f"As of the last run: 6 items: {count}."
    assert said["no_infusion"] == "P2 has no infusion."
    assert said["no_goal"] == "P4 has no goal."
    assert said["no_folder"] == "P2, P3 have no folder in the inbox."
    assert not found.keys() & {"control_file", "held", "unknown_folder"}  # which the worklist has
    assert all(finding.remedy for finding in found.values())
    shutil.rmtree(study.folder / "inbox")
    assert "There is no folder" in examined(study)["inbox"].what


def test_the_installation_is_compared_with_what_is_asked_for_and_what_was_tested(as_tested: dict[str, str]) -> None:
    assert list(doctor.installed_versions()) == []
    tested = as_tested["duckdb"]
    as_tested["duckdb"] = "0.1"
    asked_for, not_tested = doctor.installed_versions()
    assert (asked_for.urgency, asked_for.what.split(";")[0]) == ("now", "duckdb 0.1 is installed")
    assert (not_tested.urgency, f"duckdb 0.1 (=={tested})" in not_tested.what) == ("note", True)
    del as_tested["duckdb"]
    (missing,) = doctor.installed_versions()
    assert (missing.urgency, missing.what) == ("now", "duckdb is not installed.")


def test_a_package_with_a_name_of_ours_in_the_same_environment_is_found(tmp_path: Path, monkeypatch) -> None:
    other = tmp_path / "clinic_app-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: clinic-app\nVersion: 1.0\n")
    (other / "RECORD").write_text("clinic.py,,\nmodels/visit.py,,\n")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "visit.py").write_text("")
    assert list(doctor.rooms()) == []
    monkeypatch.syspath_prepend(str(tmp_path))
    [found] = doctor.rooms()
    assert "clinic-app" in found.what
    assert "`models`" in found.what


def test_settings_of_the_engine_that_matter_are_told(monkeypatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    monkeypatch.setenv("PREFECT_SERVER_ANALYTICS_ENABLED", "true")
    said = [finding.what for finding in doctor.engine_settings()]
    assert said[0].startswith("No Prefect server answers")
    assert said[1] == "PREFECT_SERVER_ANALYTICS_ENABLED is on."


def test_an_encrypted_store_asks_for_its_key(well: StudyFolder, monkeypatch) -> None:
    path = well.folder / "warehouse" / "store.duckdb"
    head = bytearray(path.read_bytes())
    head[20] |= 1
    path.write_bytes(head)
    monkeypatch.delenv("STEPWINDOW_KEY", raising=False)
    assert examined(well)["key"].urgency == "now"


def test_an_alert_that_would_call_nobody_is_found(well: StudyFolder) -> None:
    toml = well.folder / "study.toml"
    said = toml.read_text("utf-8")
    found = {}
    for command in ("sh -c true", "no-such-program --now", "./tell", "./inbox"):
        toml.write_text(f'{said}\n[alert]\ncommand = "{command}"\n')
        found[command] = [finding.what for finding in called(read_study(well.folder))]
    assert found.pop("sh -c true") == []
    assert found == {
        "no-such-program --now": ["study.toml, [alert] command: no-such-program is no program that this user may run."],
        "./tell": ["study.toml, [alert] command: ./tell is no program that this user may run."],
        "./inbox": ["study.toml, [alert] command: ./inbox is no program that this user may run."],
    }
    toml.chmod(0o666)
    assert "everybody" in [finding.what for finding in called(read_study(well.folder))][-1]
