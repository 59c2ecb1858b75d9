"""What a small installation lacks is said by the command that needs it; and what each package is for stands in docs."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from flows.cli import main
from tests.studies import StudyFolder

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("words", "package", "extra"),
    [
        (["letter", "--all", "--out"], "typst", "letter"),
        (["export", "--format", "fhir"], "fhir.resources.R4B", "fhir"),
    ],
)
def test_a_command_whose_package_is_not_installed_names_the_extra_and_leaves_nothing(
    sample: StudyFolder, tmp_path: Path, monkeypatch, capsys, words: list[str], package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    for module in [name for name in sys.modules if f"{name}.".startswith("flows.letter.")]:
        monkeypatch.delitem(sys.modules, module)
    assert main([*words, str(tmp_path / "out"), "--study", str(sample.folder)]) == 2
    [said] = capsys.readouterr().err.splitlines()
    assert f"{package} is not installed here; python -m pip install 'stepwindow[{extra}]'" in said
    assert list(tmp_path.iterdir()) == []


def asked_for() -> set[tuple[str, str]]:
    """Every package that pyproject.toml asks for, with its extra; the development's own has none of them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lists = {"": project["dependencies"], **project["optional-dependencies"]}
    found = {(Requirement(text).name, extra) for extra, texts in lists.items() for text in texts}
    return {(name, extra) for name, extra in found if name != "stepwindow"}


def test_every_package_that_is_asked_for_is_explained_with_its_licence_and_what_would_follow_it() -> None:
    lines = re.findall(r"^\| `([^`]+)` \|(.*)\|$", (ROOT / "docs/dependencies.md").read_text("utf-8"), re.MULTILINE)
    rows = {name: [cell.strip() for cell in rest.split("|")] for name, rest in lines}
    assert {(name, row[0].strip("`")) for name, row in rows.items()} == asked_for()
    for name, (_, purpose, size, licence, if_it_died) in rows.items():
        assert all((purpose, licence, if_it_died)), name
        assert re.fullmatch(r"\d+\.\d", size), name


def test_all_extras_are_in_the_one_that_is_called_all() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    [everything] = map(Requirement, extras.pop("all"))
    assert everything.extras == set(extras)
