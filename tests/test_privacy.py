"""Privacy at the door: what a connector gives holds times, counts and words of a list, and nothing about the person."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.testing.checks import private_rejections, private_rows
from connectors.testing.privacy import E_MAIL, betrays
from models.activity import Extract
from models.fault import Fault
from tests.fuzzing import read
from tests.goldens import samples, trial_of

COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports"
# Words that only names, notes, devices and places of the samples have.
SECRETS = re.compile(r"jane|anna|ann\b|someone|muster|charge 6|watch\d|iphone|serial|lunch|morning|titel|title", re.I)


@pytest.mark.parametrize("kind", sorted(samples()))
def test_no_sample_gives_away_whose_it_is(kind: str) -> None:
    assert not list(private_rows(replace(trial_of(kind), secrets=SECRETS)))


def test_no_collected_export_gives_away_whose_it_is() -> None:
    if not COLLECTED.is_dir():
        pytest.skip("the collected exports are not beside this checkout")
    found = {p.name: read(p.name, p.read_bytes()) for p in sorted(COLLECTED.rglob("*")) if p.is_file()}
    wrong = {name: betrays(result, SECRETS) for name, result in found.items() if isinstance(result, Extract)}
    assert len(wrong) > 40
    assert not any(wrong.values()), wrong
    refused = [str(result) for result in found.values() if isinstance(result, Fault)]
    assert not [words for words in refused if E_MAIL.search(words) or SECRETS.search(words)]


@pytest.mark.parametrize("kind", sorted(samples()))
def test_a_rejection_repeats_nothing_but_figures_and_times_of_a_file(kind: str) -> None:
    assert not list(private_rejections(trial_of(kind)))
