"""Some of the damage that `python -m tests.fuzzing` does for as long as one likes, done to every sample."""

from __future__ import annotations

import random

import pytest

from connectors.testing.damage import ANY, mutations, wrong
from models.activity import Extract
from tests.fuzzing import corpus, of_archive, read, unpack
from tests.goldens import samples

FILES = corpus([])
# Rows that a person may well write twice, or whose place alone says their time.
TELLING = {"a row twice": {"diary", "health_auto_export"}, "rows in another order": {"actigraph"}}


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_damaged_file_is_read_right_or_refused_in_a_sentence(name: str) -> None:
    whole = read(name, FILES[name])
    assert isinstance(whole, Extract)
    rng = random.Random(name)
    done = [m for m in mutations(name, FILES[name], rng) if name.split("/")[0] not in TELLING.get(m[0], ())]
    harmless = [m for m in done if m[2] != ANY]
    tried = rng.sample(harmless, min(1, len(harmless))) + rng.sample(done, min(2, len(done)))
    assert not [f"{what}: {fault}" for what, content, to in tried if (fault := wrong(name, whole, (what, content, to)))]


def test_a_damaged_zip_of_a_zip_is_read_or_refused() -> None:
    for packed in of_archive(samples()["fitbit_json"](), random.Random(1)):
        unpack(packed)
