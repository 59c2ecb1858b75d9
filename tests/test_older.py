"""Clients that are older than the DuckDB that wrote the file."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from models.store.analytics import questions
from tests.dying import PATIENCE
from tests.oldest import seen
from tests.studies import StudyFolder

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-oldest" / "bin" / "python"


@pytest.mark.skipif(not PYTHON.exists(), reason="`make .venv-oldest/ready` makes the environment with that DuckDB")
def test_the_oldest_that_the_readme_promises_sees_what_ours_sees(sample: StudyFolder) -> None:
    file = str((sample.folder / "warehouse/analytics.duckdb").resolve())
    asked = [question.sql for question in questions().values()]
    ended = subprocess.run(
        [PYTHON, ROOT / "tests/oldest.py", file, *asked], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert f"(DuckDB {found.pop('version')} or later)" in (ROOT / "README.md").read_text("utf-8")
    ours = seen(file, asked)
    for part in ours:
        assert found[part] == ours[part], part
    assert len(ours["rows"]["person_day"]) > 300
    assert len(ours["rows"]["verdict_evidence"]) > 300


def test_the_environment_with_the_oldest_has_what_the_readme_promises() -> None:
    [promised] = re.findall(r"\(DuckDB ([\d.]+) or later\)", (ROOT / "README.md").read_text("utf-8"))
    assert f"duckdb=={promised} " in (ROOT / "tests/oldest.lock").read_text("utf-8")
