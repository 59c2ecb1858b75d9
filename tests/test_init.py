"""The first run: what a new user meets between `init` and the first verdict."""

from __future__ import annotations

import re
import shutil
import stat
import tomllib
from pathlib import Path

import pytest

from flows.cli import main
from models.study.folder import read_study
from models.study.rows import FILES
from models.study.settings import Settings

SAMPLES = Path(__file__).parents[1] / "sample_data" / "exports"


@pytest.fixture
def new(tmp_path: Path, monkeypatch, capsys) -> Path:
    """A folder that `init` made, entered."""
    assert main(["init", str(tmp_path / "mine"), "--timezone", "America/New_York"]) == 0
    capsys.readouterr()
    monkeypatch.chdir(tmp_path / "mine")
    return tmp_path / "mine"


def add(file: str, line: str) -> None:
    with Path(file).open("a") as out:
        out.write(line + "\n")


def night(capsys) -> tuple[int, str, str]:
    code = main(["nightly", "--no-engine"])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_sample_study_is_made_anywhere_but_over_nothing_that_is_there(tmp_path: Path, capsys) -> None:
    folder = tmp_path / "a b" / "demo"
    assert main(["demo", str(folder)]) == 0
    assert "stepwindow nightly --study" in capsys.readouterr().out
    sample = SAMPLES.with_name("study")
    copied = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    lying = (path.relative_to(sample) for path in sample.rglob("*") if path.is_file())
    assert copied == {path for path in lying if path.parts[0] != "warehouse"}
    assert read_study(folder).name == "Sample: six people after ketamine infusions"
    assert stat.S_IMODE((folder / "inbox" / "P01").stat().st_mode) == 0o700
    assert main(["demo", str(folder)]) == 2
    assert "is there already and not empty" in capsys.readouterr().err


def test_a_new_user_gets_from_an_empty_folder_to_a_verdict_by_what_is_said(new: Path, as_tested, capsys) -> None:
    assert main(["status"]) == 0
    assert "There was no night yet" in capsys.readouterr().out
    code, out, err = night(capsys)
    assert (code, err) == (0, "")
    assert "next: participants.csv has no usable line yet: add one per person (P01 is a whole line)" in out

    shutil.copytree(SAMPLES / "garmin_fit_monitoring", new / "inbox" / "P01", ignore=shutil.ignore_patterns("*.json"))
    code, out, err = night(capsys)
    assert code == 1
    assert "add the person to participants.csv" in err
    assert main(["status"]) == 0
    assert "inbox/P01: found the folder of an unknown participant" in capsys.readouterr().out

    add("participants.csv", "P01")
    code, out, err = night(capsys)
    assert code == 0
    assert "new: 1 loaded" in out
    assert "next: infusions.csv has no usable line yet" in out
    assert main(["day", "P01", "2026-03-09"]) == 0
    assert "garmin" in capsys.readouterr().out
    assert main(["goals"]) == 0
    assert "no week is judged without a goal" in capsys.readouterr().out

    add("infusions.csv", "P01-1,P01,2026-03-06")
    add("goals.csv", "P01-steps,,P01,,,,days_with,steps,1,500,,2026-03-06")
    code, out, err = night(capsys)
    assert code == 0
    assert "next:" not in out
    assert main(["goals"]) == 0
    assert re.search(r"P01-steps\s+1 2026-03-07 met", capsys.readouterr().out)
    assert main(["doctor"]) == 0, capsys.readouterr().out


def test_a_folder_that_is_not_empty_is_refused_and_left_as_it_is(tmp_path: Path, capsys) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    assert main(["init", str(tmp_path)]) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_zone_or_name_that_cannot_be_used_leaves_nothing_behind(tmp_path: Path, capsys) -> None:
    assert main(["init", str(tmp_path / "a"), "--timezone", "Mars/Olympus"]) == 2
    assert "is not a time zone" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()
    assert main(["init", str(tmp_path / "a"), "--name", 'the "new" \\ study']) == 0
    assert read_study(tmp_path / "a").name == 'the "new" \\ study'


def test_what_is_made_is_for_its_owner_alone(new: Path) -> None:
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [new, *new.rglob("*")]}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_the_examples_are_a_study_without_a_fault(new: Path) -> None:
    for file in (new / "examples").glob("*.csv"):
        shutil.copy(file, new / file.name)
    study = read_study(new)
    assert (study.faults, study.notes) == ([], [])
    assert {goal.kind for goal in study.rows.goals} == {"weekly_total", "daily_mean", "days_with", "streak"}
    assert all((study.rows.holds, study.rows.zones, study.rows.attendance, study.rows.outcomes))


def test_every_setting_is_shown_with_its_default_and_every_column_explained(new: Path) -> None:
    text = (new / "study.toml").read_text("utf-8")
    shown = tomllib.loads(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE))
    assert shown["goals"].keys() == Settings.model_fields.keys()
    assert (shown["inbox"], shown["warehouse"]) == (
        {"path": "inbox"},
        {"path": "warehouse", "key_file": "../stepwindow.key", "shards": 1},
    )
    assert shown["alert"] == {"command": "/usr/local/bin/tell-the-team"}
    defaults = {name: value for name, value in Settings().model_dump().items() if value is not None}
    assert {name: shown["goals"][name] for name in defaults} == defaults
    explained = (new / "README.txt").read_text("utf-8")
    for model in FILES.values():
        for name, field in model.model_fields.items():
            assert re.search(rf"\b{field.alias or name}\b", explained), name
