"""What is handed out instead of a clone: the same bytes whoever builds it, and with all that a first night needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bundle import listed
from tests.dying import PATIENCE
from tests.old_studies import unpack
from tests.studies import StudyFolder

ROOT = Path(__file__).parents[1]
NOT_OURS = shutil.ignore_patterns(".git", ".venv*", "__pycache__", "*.egg-info", "warehouse", "programme", ".*_cache",
                                  ".hypothesis", "dist", "build")  # fmt: skip


def python(folder: Path, *words: object, **environment: str) -> str:
    command = [sys.executable, *map(str, words)]
    known = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    ended = subprocess.run(
        command, cwd=folder, env=known | environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def built(source: Path, out: Path, **environment: str) -> dict[str, bytes]:
    """A wheel and an sdist by name."""
    python(source, "-m", "hatchling", "build", "-d", out, **environment)
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git has, in a folder of its own."""
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("clone") / "stepwindow", ignore=NOT_OURS)


@pytest.fixture(scope="module")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    built(clone, out)
    return next(out.glob("*.whl"))


def test_wheel_and_sdist_are_the_same_bytes_in_another_folder_at_another_time(
    wheel: Path, clone: Path, tmp_path
) -> None:
    other = shutil.copytree(clone, tmp_path / "another place")
    for path in sorted(other.rglob("*")):  # unpacked in another year, by somebody whose files nobody else may read
        os.utime(path, (1_900_000_000, 1_900_000_000))
        path.chmod(path.stat().st_mode & 0o700)
    (other / "sample_data/study/warehouse").mkdir()
    (other / "sample_data/study/warehouse/store.duckdb").write_bytes(b"of a night")
    again = built(other, tmp_path / "dist", TZ="Asia/Tokyo", LC_ALL="C")
    assert again == {path.name: path.read_bytes() for path in wheel.parent.iterdir()}


def test_the_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    unpack(next(wheel.parent.glob("*.tar.gz")), tmp_path)
    [source] = tmp_path.iterdir()
    assert (source / "tests").is_dir()
    assert (source / "requirements.lock").is_file()
    python(source, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist")
    assert (tmp_path / "dist" / wheel.name).read_bytes() == wheel.read_bytes()


def test_whoever_has_a_bundle_alone_has_a_first_night(wheel: Path, sample: StudyFolder, tmp_path: Path) -> None:
    bundle = shutil.copytree(wheel.parent, tmp_path / "bundle", ignore=shutil.ignore_patterns("*.tar.gz"))
    listed(bundle, "linux", "3.11")
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile", "--no-index"]
    pip += ["--find-links", ".", "--require-hashes", "-r", "requirements.txt", "--target"]
    python(bundle, *pip, tmp_path / "site")
    where, here = {"PYTHONPATH": str(tmp_path / "site")}, tmp_path / "riverside"
    assert "stepwindow nightly --study" in python(tmp_path, "-m", "stepwindow", "demo", "riverside", **where)
    assert not here.joinpath("warehouse").exists()
    assert here.stat().st_mode & 0o077 == 0
    said = python(tmp_path, "-m", "stepwindow", "nightly", "--no-engine", "--study", here, **where)
    assert "new: 222 loaded, 0 duplicate, 2 ignored, 0 rejected" in said
    script = f"import stepwindow; print(stepwindow.__file__, stepwindow.goals({str(here)!r}).height, sep=chr(10))"
    weeks = sample.ask("SELECT count(*) FROM goal_week")[0][0]
    assert python(tmp_path, "-c", script, **where).splitlines() == [
        str(tmp_path / "site/stepwindow/__init__.py"),
        str(weeks),
    ]
    assert python(tmp_path, "-m", "stepwindow", "query", "--question", "adherence_by_week", "--study", here, **where)
