"""Encryption at rest: where DuckDB's crypto module is here, and where it is not."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from models.fault import StudyError
from models.store.key import key_of
from models.study.folder import read_study
from tests.dying import PATIENCE
from tests.studies import StudyFolder, garmin_day

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-extensions" / "bin" / "python"
KEY = "a key that nobody guesses, of 40 letters"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What happened in the environment with the crypto module."""
    if not PYTHON.exists():
        pytest.skip("`make .venv-extensions/ready` makes the environment with DuckDB's extensions")
    ended = subprocess.run(
        [PYTHON, "-m", "tests.encrypted", tmp_path_factory.mktemp("encrypted")],
        capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_every_command_works_on_encrypted_databases(seen: dict) -> None:
    assert seen["verdict"] == [["Zebra-4711", "insufficient_data", 2]]
    assert seen["codes"] == [0] * len(seen["codes"])
    assert seen["forgotten"]
    assert seen["how to open"]


def test_a_file_opened_without_the_key_tells_nothing(seen: dict) -> None:
    assert seen["databases"] == ["analytics", "analytics", "store.before", "store.duckdb"]
    assert seen["plain after rebuild"] == []
    for word, says in {"no key": "it is encrypted; set STEPWINDOW_KEY_FILE", "wrong key": "another key"}.items():
        for command in ("nightly", "query", "status"):
            code, said = seen["refused"][f"{word}: {command}"]
            assert code == 2
            assert says in said
            assert said.count("\n") == 1


def test_the_key_is_in_nothing_that_is_said(seen: dict) -> None:
    assert not seen["key was said"]


def test_what_does_not_fit_into_memory_is_encrypted_at_home_and_gone_after(seen: dict) -> None:
    assert seen["spilled"]["bytes"] > 1_000_000
    assert seen["spilled"]["plain"] == 0
    assert seen["spilled"]["mode"] == "0o700"
    assert seen["spilled"]["left"] == 0


def test_a_key_given_later_encrypts_what_was_plain_also_the_copies_and_keeps_the_history(seen: dict) -> None:
    code, plain_before, plain_after = seen["converted"]
    assert code == 0
    assert plain_before >= 3
    assert plain_after == []
    assert seen["history kept"]


# Without the crypto module -------------------------------------------------------------------------------------------
@pytest.mark.skipif(duckdb.__version__ == "1.5.5", reason="here the crypto module may be installed")
def test_without_the_crypto_module_a_key_is_refused_and_nothing_is_written_in_plain(
    study: StudyFolder, monkeypatch, capsys
) -> None:
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    monkeypatch.setenv("STEPWINDOW_KEY", KEY)
    at = ["--study", str(study.folder)]
    assert main(["nightly", "--no-engine", *at]) == 2
    said = capsys.readouterr().err
    assert f"the crypto module of DuckDB {duckdb.__version__} is not installed" in said
    assert "encrypted volume" in said
    assert KEY not in said
    assert [path.name for path in (study.folder / "warehouse").rglob("*") if path.suffix == ".duckdb"] == []
    monkeypatch.delenv("STEPWINDOW_KEY")
    study.night()
    before = {p.name: p.read_bytes() for p in (study.folder / "warehouse").glob("*.duckdb")}
    monkeypatch.setenv("STEPWINDOW_KEY", KEY)
    assert main(["nightly", "--no-engine", *at]) == 2
    assert main(["query", "SELECT 1", *at]) == 2
    assert {p.name: p.read_bytes() for p in (study.folder / "warehouse").glob("*.duckdb")} == before


def test_a_key_out_of_reach_or_open_to_all_stops_the_run(study: StudyFolder, tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "key"
    study.settings = f'[warehouse]\nkey_file = "{file}"\n'
    study.write()
    warehouse = read_study(study.folder).warehouse
    for content, mode, says in (
        (None, 0, "cannot be read"),
        ("short", 0o600, "16 characters"),
        (KEY, 0o644, "chmod 600"),
    ):
        if content:
            file.write_text(content)
            file.chmod(mode)
        with pytest.raises(StudyError, match=says):
            key_of(warehouse)
        with pytest.raises(StudyError, match=says):
            study.night()
    file.chmod(0o600)
    assert key_of(warehouse) == key_of(warehouse / "replay-1") == KEY
    monkeypatch.setenv("STEPWINDOW_KEY", KEY[::-1])
    assert key_of(warehouse) == KEY[::-1]
    assert not [path for path in warehouse.rglob("*") if path.suffix == ".duckdb"]
