"""A short walk of tests/histories.py, which walks long by hand."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.histories import Walk
from tests.studies import StudyFolder, read_here


@pytest.mark.parametrize("seed", [7])
def test_after_every_night_is_published_what_a_fresh_study_publishes(seed: int, monkeypatch, tmp_path: Path) -> None:
    read_here(monkeypatch)
    walked = Walk(Random(seed), tmp_path)
    for _ in range(3):
        walked.night()


def test_a_difference_is_found(monkeypatch, tmp_path: Path) -> None:
    """The check can fail."""
    read_here(monkeypatch)
    walked = Walk(Random(1), tmp_path)
    walked.hand_in()
    walked.lay_out(StudyFolder(tmp_path))
    walked.walk()
    walked.drops.clear()  # of which nothing says that it stands
    with pytest.raises(AssertionError, match="has"):
        walked.compare()
