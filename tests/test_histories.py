"""A short walk of tests/histories.py, which walks long by hand."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.histories import Walk
from tests.studies import read_here


def test_after_a_history_is_published_what_a_fresh_study_publishes_and_a_difference_is_found(
    monkeypatch, tmp_path: Path
) -> None:
    read_here(monkeypatch)
    walked = Walk(Random(36), tmp_path)
    walked.night(things=8, is_compared=False)
    walked.night(things=12)
    found = walked.before
    row = sorted(found["daily_activity"], key=str)[0]
    without = {**found, "daily_activity": found["daily_activity"] - {row}}
    assert walked.differences(found, without) == [f"daily_activity lacks {row}"]
    assert walked.differences(without, found) == [f"daily_activity has {row}"]
