"""Privacy at the door: what a connector gives holds times, counts and words of a list, and nothing about the person."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

from connectors import connectors, extract
from models.activity import Extract
from models.fault import Fault
from models.taxonomy import ACTIVITIES
from tests.fuzzing import read
from tests.goldens import CONTEXT, export_of, samples

COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports"
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
POSITION = re.compile(r"-?\d{1,3}\.\d{3,}")
SOURCES = {label for connector in connectors().values() for label in connector.SOURCES}
# Words that only names, notes, devices and places of the samples have.
SECRETS = re.compile(r"jane|anna|ann\b|someone|muster|charge 6|watch\d|iphone|serial|lunch|morning|titel|title", re.I)


def said(result: Extract) -> dict[str, set[str]]:
    """Every text in an extract, by column."""
    texts: dict[str, set[str]] = {}
    for frame in result.frames().values():
        for name, kind in frame.schema.items():
            if kind in (pl.String, pl.Enum):
                texts.setdefault(name, set()).update(frame[name].cast(pl.String).drop_nulls())
    return texts


def betrays(result: Extract) -> list[str]:
    """What of an extract should not be in it."""
    texts = said(result)
    wrong = [f"device {text!r}" for text in texts.get("device", ()) if not re.fullmatch(r"[0-9a-f]{24}", text)]
    wrong += [f"source {text!r}" for text in texts.get("source", set()) - SOURCES]
    wrong += [f"activity {text!r}" for text in texts.get("activity", set()) - set(ACTIVITIES)]
    free = {*texts.get("vendor_activity", ()), *result.notes}
    wrong += [text for text in free if E_MAIL.search(text) or POSITION.search(text) or SECRETS.search(text)]
    wrong += [text for text in texts.get("vendor_activity", ()) if len(text) > 60 or "\n" in text]
    beats = result.minutes.filter(pl.col("metric") == "heart_rate")["value"].unique().to_list()
    return wrong + [f"a heart rate of {beat}" for beat in beats if beat != 1]


@pytest.mark.parametrize("kind", sorted(samples()))
def test_no_sample_gives_away_whose_it_is(kind: str) -> None:
    for name, content in samples()[kind]().items():
        assert not betrays(extract(kind, export_of(name, content), CONTEXT)), name
    golden = (Path(__file__).parents[1] / "sample_data" / "exports" / kind / "golden.json").read_text(encoding="utf-8")
    inside = [row for file in json.loads(golden).values() for rows in file.values() for row in rows or ()]
    assert not E_MAIL.search(json.dumps(inside))


def test_no_collected_export_gives_away_whose_it_is() -> None:
    if not COLLECTED.is_dir():
        pytest.skip("the collected exports are not beside this checkout")
    found = {p.name: read(p.name, p.read_bytes()) for p in sorted(COLLECTED.rglob("*")) if p.is_file()}
    wrong = {name: betrays(result) for name, result in found.items() if isinstance(result, Extract)}
    assert len(wrong) > 40
    assert not any(wrong.values()), wrong
    refused = [str(result) for result in found.values() if isinstance(result, Fault)]
    assert not [words for words in refused if E_MAIL.search(words) or SECRETS.search(words)]


@pytest.mark.parametrize("kind", sorted(samples()))
def test_a_rejection_repeats_nothing_but_figures_and_times_of_a_file(kind: str) -> None:
    for name, content in samples()[kind]().items():
        if name.endswith((".fit", ".db")):
            continue
        secret = content.replace(b",", b",anna.muster@example.org ").replace(
            b": ", b': "anna.muster@example.org", "x": '
        )
        result = read(name, secret)
        if isinstance(result, Fault) and "no such column" not in result.found:
            assert "muster" not in str(result) or result.place.startswith("line 1,"), name
