"""Clients that are older than the DuckDB that wrote the file."""

from __future__ import annotations

import json
import re
import struct
import subprocess
from pathlib import Path

import pytest

from models.store.analytics import questions
from models.store.older import opens_in_older
from tests.oldest import seen
from tests.studies import StudyFolder

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-oldest" / "bin" / "python"


@pytest.mark.skipif(not PYTHON.exists(), reason="`make .venv-oldest/ready` makes the environment with that DuckDB")
def test_the_oldest_that_the_readme_promises_sees_what_ours_sees(sample: StudyFolder) -> None:
    file = str((sample.folder / "warehouse/analytics.duckdb").resolve())
    asked = [question.sql for question in questions().values()]
    ended = subprocess.run(
        [PYTHON, ROOT / "tests/oldest.py", file, *asked], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert f"(DuckDB {found.pop('version')} or later)" in (ROOT / "README.md").read_text()
    ours = seen(file, asked)
    for part in ours:
        assert found[part] == ours[part], part
    assert len(ours["rows"]["person_day"]) > 300
    assert len(ours["rows"]["verdict_evidence"]) > 300


def test_what_a_part_of_the_metadata_goes_on_to_is_looked_for_in_the_list(sample: StudyFolder, tmp_path: Path) -> None:
    published = (sample.folder / "warehouse/analytics.duckdb").resolve()
    assert opens_in_older(published)
    content = bytearray(published.read_bytes())
    _, catalog, _, _, block = max(struct.unpack_from("<5Q", content, 4096 * n + 8) for n in (1, 2))
    part = 3 * 4096 + (catalog & 2**56 - 1) * block + 8 + (catalog >> 56) * ((block - 8) // 64 // 8 * 8)
    content[part : part + 8] = (2**40).to_bytes(8, "little")
    (tmp_path / "cut").write_bytes(content)
    assert not opens_in_older(tmp_path / "cut")


def test_the_environment_with_the_oldest_has_what_the_readme_promises() -> None:
    [promised] = re.findall(r"\(DuckDB ([\d.]+) or later\)", (ROOT / "README.md").read_text())
    assert f"duckdb=={promised} " in (ROOT / "tests/oldest.lock").read_text()
