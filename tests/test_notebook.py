"""The notebook to start from runs as it stands, and its charts hold the published numbers."""

from __future__ import annotations

import shutil
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace

import marimo
import pytest

from tests.docs import DOCS
from tests.studies import StudyFolder


def notebook_at(path: Path) -> ModuleType:
    spec = spec_from_file_location("start", path)
    assert spec is not None
    assert spec.loader is not None
    notebook = module_from_spec(spec)
    spec.loader.exec_module(notebook)
    return notebook


def test_every_cell_runs_and_the_charts_show_what_is_published(sample: StudyFolder, monkeypatch) -> None:
    monkeypatch.setenv("STEPWINDOW_DATABASE", str(sample.folder / "warehouse/analytics.duckdb"))
    _, made = notebook_at(DOCS / "start.py").app.run()
    try:
        assert set(made["relations"]["relation"]) >= {"daily_activity", "goal_week", "baseline"}
        shown = made["verdict_chart"].to_dict()["datasets"]
        counted = {(row["week"], row["status"]): row["goals"] for rows in shown.values() for row in rows}
        published = "SELECT week, status, count(*) FROM goal_week WHERE status <> 'superseded' GROUP BY ALL"
        assert counted == {(week, status): n for week, status, n in sample.ask(published)}
        assert len(made["steps_chart"].to_dict()["vconcat"]) == 6
        first = made["walking"].row(0, named=True)
        next_day = sample.ask(
            """SELECT avg(walking_minutes), count(*) FROM daily_activity d JOIN infusion i
                   ON i.participant_id = d.participant_id AND i.infused_on + 1 = d.local_date
               WHERE d.day_state = 'valid' AND i.status IN ('completed', 'stopped_early')"""
        )
        assert (first["walking_minutes_mean"], first["walking_minutes_mean_days"]) == pytest.approx(next_day[0])
        assert first["day_number"] == 1
    finally:
        made["con"].close()


@pytest.mark.parametrize(("mode", "is_shown"), [(0o755, False), (0o750, False), (0o700, True)])
def test_what_its_cells_show_is_kept_in_no_folder_that_others_may_read(
    sample: StudyFolder, tmp_path: Path, monkeypatch, mode: int, is_shown: bool
) -> None:
    monkeypatch.setenv("STEPWINDOW_DATABASE", str(sample.folder / "warehouse/analytics.duckdb"))
    monkeypatch.setattr(marimo, "app_meta", lambda: SimpleNamespace(mode="edit"))
    monkeypatch.setattr(marimo, "notebook_dir", lambda: tmp_path)
    tmp_path.chmod(mode)
    shutil.copy(DOCS / "start.py", tmp_path)
    shown, made = notebook_at(tmp_path / "start.py").app.run()
    assert ("con" in made) == is_shown
    if is_shown:
        made["con"].close()
    else:
        assert [output for output in shown if output is not None and "make notebook" not in output.text] == []


def test_what_notebooks_leave_beside_them_is_in_no_commit() -> None:
    ignored = (DOCS.parent / ".gitignore").read_text("utf-8").split()
    assert {"__marimo__/", ".ipynb_checkpoints/"} <= set(ignored)
