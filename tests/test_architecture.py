"""Who may import whom: flows -> connectors -> models; prefect, duckdb and fitparse each in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {"models": {"models"}, "connectors": {"connectors", "models"}, "flows": {"flows", "connectors", "models"}}
ONLY_IN = {
    "prefect": ("flows/",),
    "duckdb": ("models/store/",),
    "fitparse": (),  # the reference that tests and benchmarks hold our reader against
    "zipfile": ("connectors/kit/zip.py", "models/study/workbook.py"),
}
FILES = [path for layer in MAY_IMPORT for path in sorted((ROOT / layer).rglob("*.py"))]


def imported(path: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    here = str(path.relative_to(ROOT))
    layer = here.split("/")[0]
    for name in imported(path):
        top = name.split(".")[0]
        assert top not in MAY_IMPORT or top in MAY_IMPORT[layer], f"{here} imports {name}"
        assert here.startswith(ONLY_IN.get(top, (here,))), f"{here} imports {name}: only {ONLY_IN[top]} may"
        other = name.startswith("connectors.") and (ROOT / "connectors" / f"{name.split('.')[1]}.py").exists()
        if layer == "connectors" and other:
            raise AssertionError(f"{here} imports another connector: {name}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_grows_beyond_what_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
