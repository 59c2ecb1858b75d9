"""Every connector has a sample made by its writer, and gives for it exactly what its golden says."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from connectors import connectors
from connectors.testing.checks import golden_rows, known_words, one_history, one_taker, rows_of_each
from connectors.testing.reading import golden_of, written
from tests.goldens import FOLDER, main, samples, trial_of

EVERY = sorted(connectors())
OF_SAMPLES = (one_taker, golden_rows, rows_of_each, one_history, known_words)


def missing(name: str) -> str | None:
    """The first piece that a connector still lacks, and how to make it."""
    if name not in samples():
        return f"connectors/{name}.py has no sample: add '{name}' to SAMPLES in a module of tests/writers/"
    if not (FOLDER / name / "golden.json").exists():
        return f"sample_data/exports/{name}/golden.json is missing: python -m tests.goldens {name}, then read it"
    return None


COMPLETE = [name for name in EVERY if not missing(name)]


@pytest.mark.parametrize("name", EVERY)
def test_a_connector_has_a_sample_and_a_golden(name: str) -> None:
    if lacks := missing(name):
        pytest.fail(lacks, pytrace=False)


@pytest.mark.parametrize("name", COMPLETE)
def test_a_sample_is_what_its_writer_makes(name: str) -> None:
    folder = FOLDER / name
    lying = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file() and p.name != "golden.json"}
    made = samples()[name]()
    assert sorted(lying) == sorted(made), f"the files of sample_data/exports/{name} are not those that its writer makes"
    assert made
    for path, content in made.items():
        assert lying[path].read_bytes() == content, f"sample_data/exports/{name}/{path} is not what its writer makes"


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("check", OF_SAMPLES, ids=[check.__name__ for check in OF_SAMPLES])
def test_a_sample_is_small_taken_by_one_and_gives_what_its_golden_says(name: str, check: Callable) -> None:
    assert not list(check(trial_of(name)))


def test_every_sample_belongs_to_a_connector() -> None:
    assert set(samples()) <= set(EVERY)
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} <= set(EVERY)


def test_what_is_missing_for_a_new_connector_is_named() -> None:
    assert "tests/writers" in str(missing("brand_new"))


def test_a_golden_is_not_written_over_unasked(capsys: pytest.CaptureFixture[str]) -> None:
    golden = FOLDER / "diary" / "golden.json"
    before = golden.read_bytes()
    assert main(["diary"]) == 0
    assert "--again" in capsys.readouterr().out
    assert golden.read_bytes() == before
    assert main(["no_such_connector"]) == 2


def test_a_golden_is_written_as_a_person_reads_it_and_read_back_the_same() -> None:
    golden = golden_of(samples()["diary"]())
    assert json.loads(written(golden)) == golden
