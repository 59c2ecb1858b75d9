"""The notebook to start from runs as it stands, and its charts hold the published numbers."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location

import pytest

from tests.docs import DOCS
from tests.studies import StudyFolder


def test_every_cell_runs_and_the_charts_show_what_is_published(sample: StudyFolder, monkeypatch) -> None:
    monkeypatch.setenv("STEPWINDOW_DATABASE", str(sample.folder / "warehouse/analytics.duckdb"))
    spec = spec_from_file_location("start", DOCS / "start.py")
    assert spec is not None
    assert spec.loader is not None
    notebook = module_from_spec(spec)
    spec.loader.exec_module(notebook)
    _, made = notebook.app.run()
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
