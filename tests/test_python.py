"""The package `stepwindow`, as a notebook or a program of somebody else has it."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import stepwindow
from stepwindow import rooms
from tests.dying import PATIENCE
from tests.studies import StudyFolder

ROOT = Path(__file__).parents[1]


def test_what_its_page_shows_is_what_comes(sample: StudyFolder, tmp_path: Path, monkeypatch) -> None:
    sample.copied(tmp_path / "riverside")
    monkeypatch.chdir(tmp_path)
    text = re.sub(r"^```.*$", "", (ROOT / "docs/python.md").read_text("utf-8"), flags=re.MULTILINE)
    shown = doctest.DocTestParser().get_doctest(text, {}, "python.md", "docs/python.md", 0)
    assert set(re.findall(r"stepwindow\.([a-z]+)\(", text)) == {n for n in stepwindow.__all__ if n.islower()}
    said: list[str] = []
    assert doctest.DocTestRunner().run(shown, out=said.append).failed == 0, "".join(said)


def test_frames_have_every_column_that_is_published_and_no_decimals(sample: StudyFolder) -> None:
    for frame, relation in (
        (stepwindow.goals(sample.folder), "goal_week"),
        (stepwindow.days(sample.folder), "person_day"),
    ):
        published = sample.ask(f"FROM {relation} ORDER BY ALL")
        assert frame.columns == [name for name, *_ in sample.ask(f"DESCRIBE {relation}")]
        assert not [kind for kind in frame.dtypes if kind.is_decimal()]
        assert [row[:3] for row in frame.rows()] == [row[:3] for row in published]


def test_what_is_published_is_not_written_to(sample: StudyFolder) -> None:
    with stepwindow.connect(sample.folder) as con, pytest.raises(Exception, match="read-only"):
        con.execute("DELETE FROM goal_week")


@pytest.mark.after_a_night
def test_a_night_as_of_a_date_before_what_is_published_is_a_sentence(study: StudyFolder) -> None:
    with pytest.raises(stepwindow.StudyError, match="before what is published"):
        stepwindow.nightly(study.folder, as_of=date(2026, 3, 1))


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
        text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("room", rooms.ROOMS)
def test_another_package_in_the_place_of_ours_is_named_in_a_line(tmp_path: Path, room: str) -> None:
    (tmp_path / f"{room}.py").write_text("")
    ended = run(tmp_path, "-m", "stepwindow", "doctor")
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"stepwindow: another package's `{room}` stands before stepwindow's ({tmp_path}/")
    assert len(ended.stderr.splitlines()) == 1
    imported = run(tmp_path, "-c", "import stepwindow; stepwindow.goals")
    assert "ImportError: another package's" in imported.stderr.splitlines()[-1]


def test_the_command_and_the_package_load_only_what_they_need(tmp_path: Path) -> None:
    script = "import stepwindow.__main__, sys; print(*sys.modules)"
    assert not {"polars", "duckdb", "pydantic", "flows.cli"} & set(run(tmp_path, "-c", script).stdout.split())
    assert run(tmp_path, "-m", "stepwindow", "--version").stdout.startswith("stepwindow ")
