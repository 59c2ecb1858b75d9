"""Who may import whom: stepwindow -> flows -> connectors -> models; some libraries in one place; no circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "models": {"models"},
    "connectors": {"connectors", "models"},
    "flows": {"flows", "connectors", "models"},
    "stepwindow": {"stepwindow", "flows", "connectors", "models"},
}
ONLY_IN = {
    "prefect": ("flows/engine/", "flows/nightly.py"),
    "prefect_dask": ("flows/engine/tasks.py",),
    "duckdb": ("models/store/", "stepwindow/study.py"),  # whose `connect` gives a connection of it
    "deltalake": ("models/lake/",),
    "fitparse": ("connectors/kit/fit_by_fitparse.py",),  # the second opinion; our reader is ours alone
    "fhir": ("flows/handover/bundles.py",),
    "typst": ("flows/letter/forms.py",),
    "altair": (),  # tests.charts makes what the report needs of them
    "vl_convert": (),
    "pyarrow": (),  # a fifth of a small installation; what it did, Polars and DuckDB do
    "zipfile": ("connectors/kit/zip.py", "models/study/workbook.py"),
}
MOST_LINES = 400


class Import(NamedTuple):
    module: str  # what is imported, as far as it is a module
    name: str  # the name taken from it; empty for a module


@cache
def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    found = {}
    for path in sorted(path for layer in MAY_IMPORT for path in (ROOT / layer).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(nodes: list[ast.AST]) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield Import(inner, "") if inner in modules() else Import(node.module, alias.name)


def private_names(nodes: list[ast.AST]) -> Iterator[str]:
    """`_x` of another module of ours: imported from it, or asked of it."""
    ours: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            known = {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
            ours |= {name: module for name, module in known.items() if module in modules()}
        elif isinstance(node, ast.Import):
            ours |= {alias.asname: alias.name for alias in node.names if alias.asname and alias.name in modules()}
    for module, name in imports(nodes):
        if name.startswith("_") and module in modules():
            yield f"{module}.{name}"
    for node in nodes:
        is_ours = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ours
        if is_ours and node.attr.startswith("_") and not node.attr.startswith("__"):
            yield f"{ours[node.value.id]}.{node.attr}"


def is_connector(module: str) -> bool:
    return module.startswith("connectors.") and module.count(".") == 1 and modules()[module].name != "__init__.py"


def violations(module: str, path: Path) -> Iterator[str]:
    here, text = str(path.relative_to(ROOT)), path.read_text("utf-8")
    if len(text.splitlines()) > MOST_LINES:
        yield f"has more than the {MOST_LINES} lines that can be read in one sitting"
    every = list(ast.walk(ast.parse(text)))
    for name in sorted({found.module for found in imports(every)}):
        top = name.partition(".")[0]
        if top in MAY_IMPORT and top not in MAY_IMPORT[here.partition("/")[0]]:
            yield f"imports {name}, against the arrows"
        if top in ONLY_IN and not here.startswith(ONLY_IN[top] or ("nowhere",)):
            yield f"imports {name}: only {', '.join(ONLY_IN[top]) or 'tests and benchmarks'} may"
        if here.startswith("connectors/") and name in modules() and is_connector(name):
            yield f"imports another connector: {name}"
    for name in sorted(set(private_names(every))):
        yield f"uses {name}, which is private"


def test_imports_follow_the_arrows_and_modules_can_be_read_in_one_sitting() -> None:
    found = [f"{path.relative_to(ROOT)} {what}" for name, path in modules().items() for what in violations(name, path)]
    assert not found, "\n".join(["", *found])


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports at any level: none inside a function, and none for types alone, hides one."""
    graph = {
        name: {found.module for found in imports(list(ast.walk(ast.parse(path.read_text("utf-8")))))} & modules().keys()
        for name, path in modules().items()
    }
    circles = []
    while circle := _circle(graph):
        circles.append(" -> ".join(circle))
        graph[circle[0]].discard(circle[1])
    assert not circles, "\n".join(["", *circles])


def _circle(graph: dict[str, set[str]]) -> list[str]:
    """One circle, each importing the next; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1][::-1]
    return []
