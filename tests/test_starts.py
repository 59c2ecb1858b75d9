"""The starts that lie in a hand-over: each runs where its language is, as an analyst would, and all say the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from flows.cli import main
from models import hand_over
from models.store.analytics import relations
from tests.dying import PATIENCE
from tests.studies import StudyFolder

LIBRARIES = [Path(folder) for folder in ("/usr/lib/R/site-library", "/usr/local/lib/R/site-library")]
HAS_R = bool(shutil.which("Rscript")) and any((folder / "lme4").is_dir() for folder in LIBRARIES)
needs_r = pytest.mark.skipif(not HAS_R, reason="no R with lme4 on this machine (Debian: r-base-core, r-cran-lme4)")
PYTHON = Path(__file__).parents[1] / ".venv-analyst/bin/python"
needs_python = pytest.mark.skipif(not PYTHON.exists(), reason="`make .venv-analyst/ready` makes the environment")


@pytest.fixture(scope="module")
def given(sample: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both hand-overs of the sample study, as tables."""
    folder = tmp_path_factory.mktemp("given")
    for form in ("csv", "parquet"):
        assert main(["export", "--study", str(sample.folder), "--format", form, str(folder / form)]) == 0
    return folder


@pytest.fixture(scope="module")
def in_r(given: Path) -> str:
    """Of the CSV files: Debian has no R package that reads Parquet."""
    return run(given / "csv", "Rscript", "start.R")


@pytest.fixture(scope="module")
def in_python(given: Path) -> str:
    return run(given / "parquet", str(PYTHON), "start.py")


def run(folder: Path, *command: str) -> str:
    """What a start prints. It leaves the folder as it was: still a hand-over that the next one may replace."""
    one_thread = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=one_thread, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert hand_over.is_hand_over(folder)
    return done.stdout


def days(printed: str) -> dict[str, tuple[int, int]]:
    """Days and seen days of each period, of the table that comes first."""
    numbers = r"(before|week \d+)\D+(\d+)(?:\.0+)?\D+(\d+)"
    return {period: (int(n), int(seen)) for period, n, seen in re.findall(numbers, printed.partition("ixed")[0])}


def effects(printed: str) -> dict[str, float]:
    """The weeks' differences from the days before, of the mixed model's fixed effects."""
    fixed = re.split(r"Fixed effects|Coef\.", printed)[1]
    return {week: float(steps) for week, steps in re.findall(r"(week \d+)\]?\s+(-?[\d.]+)", fixed)}


def seen_in(sample: StudyFolder) -> dict[str, tuple[int, int]]:
    rows = sample.ask(
        """SELECT coalesce('week ' || week, 'before'), count(*), count(*) FILTER (day_state = 'valid' AND steps >= 0)
           FROM person_day WHERE day_number < 0 OR (phase = 'window' AND counts) GROUP BY 1"""
    )
    return {period: (n, seen) for period, n, seen in rows}


@needs_r
def test_the_start_in_r_counts_the_days_and_fits_a_mixed_model(sample: StudyFolder, in_r: str) -> None:
    assert days(in_r) == seen_in(sample)
    assert effects(in_r).keys() == seen_in(sample).keys() - {"before"}


@needs_python
def test_the_start_in_python_counts_the_days_and_fits_a_mixed_model(sample: StudyFolder, in_python: str) -> None:
    assert days(in_python) == seen_in(sample)
    assert effects(in_python).keys() == seen_in(sample).keys() - {"before"}


@needs_r
@needs_python
def test_r_from_csv_and_python_from_parquet_estimate_the_same(in_r: str, in_python: str) -> None:
    assert effects(in_r) == pytest.approx(effects(in_python), rel=1e-3, abs=0.1)
    people = r"people: (\d+) +days: (\d+)"
    assert re.findall(people, in_r) == re.findall(people, in_python) != []


@needs_r
@needs_python
def test_of_too_little_for_a_model_a_start_says_so_and_an_id_of_figures_stays_one(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path / "study", participants=["001,,,"], infusions=["I1,001,2026-03-02,,"], goals=[])
    study.write().night()
    given = tmp_path / "given"
    assert main(["export", "--study", str(study.folder), "--format", "csv", str(given)]) == 0
    for program, start, sentence in (("Rscript", "start.R", "no day"), (str(PYTHON), "start.py", "too little")):
        reading, mark, rest = (given / start).read_text("utf-8").partition("# Every person")
        text = reading + 'print(relation("participant"))\n' + mark + rest
        (tmp_path / start).write_text(text.replace("__file__", f"'{given / start}'"))
        done = subprocess.run([program, tmp_path / start], cwd=given, capture_output=True, text=True, timeout=PATIENCE)
        assert "001" in done.stdout
        assert done.returncode == 1
        assert sentence in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("start", ["start.do", "start.sas"])
def test_the_notes_for_stata_and_sas_name_columns_that_there_are(sample: StudyFolder, given: Path, start: str) -> None:
    text = (given / "csv" / start).read_text("utf-8")
    [day] = [r for r in relations(sample.folder / "warehouse") if r.name == "person_day"]
    named = {column.name for column in day.columns if re.search(rf"\b{column.name}\b", text)}
    assert named >= {"participant_id", "local_date", "phase", "week", "counts", "day_state", "steps"}
    assert [column.name for column in day.columns][:3] == ["participant_id", "local_date", "infusion_id"]  # are texts
    assert not (given / "parquet" / start).exists(), "they read no Parquet"
