"""What is said of a version in one place is said of it everywhere, and a package knows what it was built from."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from flows.answers import doctor
from flows.built_from import commit
from flows.version import in_full
from models.store.sql import sql_files
from models.version import RULES_VERSION, SCHEMA_VERSION
from tests.old_studies import unpack

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_changelog_citation_and_package_name_one_version() -> None:
    versions = re.findall(
        r"^## \[?(\d+\.\d+\.\d+)\]? - (\d{4}-\d\d-\d\d)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert versions[0] == (PROJECT["version"], str(cited["date-released"]))
    assert (cited["version"], cited["title"]) == (PROJECT["version"], PROJECT["name"])
    numbers = [tuple(map(int, version.split("."))) for version, _ in versions]
    assert numbers == sorted(numbers, reverse=True)
    assert f"to {PROJECT['version']}\n" in (ROOT / "docs/upgrading.md").read_text("utf-8")


def test_the_pythons_that_were_tried_are_the_same_wherever_they_are_named() -> None:
    tried = [text.rpartition(" ")[2] for text in PROJECT["classifiers"] if text.startswith("Programming Language")]
    assert PROJECT["requires-python"] == f">={tried[0]}"
    assert tried[-1] == ".".join(map(str, doctor.NEWEST_TESTED))
    for page in ("README.md", "CONTRIBUTING.md", "Makefile", "docs/installing.md"):
        assert f"Python {tried[0]} to {tried[-1]}" in (ROOT / page).read_text(), page
    jobs = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())["jobs"]
    assert jobs["each"]["strategy"]["matrix"]["python"] == [tried[0], tried[-1]]
    assert [end["python"] for end in jobs["ends"]["strategy"]["matrix"]["include"]] == [tried[0], tried[-1]]


def test_the_version_names_commit_rules_schema_and_store() -> None:
    store = sql_files("migrations")[-1][0][:3]
    assert in_full().endswith(f" (commit {commit()}, rules {RULES_VERSION}, schema {SCHEMA_VERSION}, store {store})")


def test_what_was_built_has_its_commit_in_it_and_a_folder_without_either_says_so(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    module = shutil.copy(ROOT / "flows/built_from.py", tmp_path / "flows")
    assert runpy.run_path(module)["commit"]() == "unknown"
    (tmp_path / "flows/commit.txt").write_text("0123456789ab\n")
    assert runpy.run_path(module)["commit"]() == "0123456789ab"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout of git: nothing says of which commit it is")
def test_a_wheel_and_an_sdist_say_of_which_commit_they_are(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as package:
        assert package.read("flows/commit.txt").decode().strip() == commit()
    (sdist,) = tmp_path.glob("*.tar.gz")
    unpack(sdist, tmp_path)
    (unpacked,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert (unpacked / "flows/commit.txt").read_text("utf-8").strip() == commit()


def test_the_threat_model_names_modules_and_tests_that_there_are() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    tests = set(re.findall(r"`(test_\w+)`", text))
    assert len(tests) > 25
    assert [name for name in tests if not (ROOT / f"tests/{name}.py").exists()] == []
    modules = re.findall(r"`((?:flows|models|connectors)/[\w/.]+)`", text)
    assert [name for name in modules if not (ROOT / name).exists()] == []
    for threat in ("A hostile file", "A curious insider", "A stolen laptop", "A compromised dependency"):
        part = text.partition(f"## {threat}\n")[2].partition("\n## ")[0]
        assert "| proof |" in part
        assert "*What remains*" in part
