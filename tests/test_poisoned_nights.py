"""A few of the poisoned nights of tests/poisoned_nights.py, a kind of poison each; the long run is by hand."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests import poisoned_nights as poison


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[poison.Files, poison.Files], list[poison.Rows]]:
    """Ordinary people's files, and what is published of them after each of two nights."""
    files = poison.healthy(random.Random(5))
    study = poison.a_study(tmp_path_factory.mktemp("healthy") / "study", poison.HEALTHY, files[0])
    poison.night(study, [])
    expected = [poison.of_the_others(study)]
    for path, content in files[1].items():
        study.put(path, content)
    poison.night(study, [])
    return files, [*expected, poison.of_the_others(study)]


@pytest.mark.parametrize("kind", poison.KINDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_others_rows_are_those_of_a_night_without_the_poisoned(kind, seed, healthy, monkeypatch, tmp_path: Path):
    files, expected = healthy
    monkeypatch.setattr(poison, "KINDS", {kind: poison.KINDS[kind]})
    poison.poisoned(tmp_path / "study", files, expected, random.Random(seed))


def test_a_difference_is_found(healthy, tmp_path: Path) -> None:
    """The check can fail."""
    files, (first, second) = healthy
    other = {**first, "daily_activity": first["daily_activity"][1:]}
    with pytest.raises(AssertionError, match="other rows of people who are not poisoned in the first night"):
        poison.poisoned(tmp_path / "study", files, [other, second], random.Random(1))
