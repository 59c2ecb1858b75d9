"""The steps in a DuckLake with a PostgreSQL catalogue: same days, same verdicts. In an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.lake import programs

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-extensions" / "bin" / "python"


@pytest.mark.skipif(
    not PYTHON.exists(), reason="`make .venv-extensions/ready` makes the environment with DuckDB's extensions"
)
@pytest.mark.skipif(programs() is None, reason="PostgreSQL's server is not installed (Debian: postgresql)")
def test_the_steps_in_a_lake_give_the_days_and_verdicts_of_an_ordinary_store(tmp_path: Path) -> None:
    ended = subprocess.run(
        [PYTHON, "-m", "tests.lake", ROOT / "sample_data" / "study"],
        capture_output=True, text=True, timeout=300, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["equal"], told
    assert (told["days"], told["verdicts"]) == (367, 73)
    assert told["left by a killed load"] == 0
