"""docs/validation.md says what is so: each rule, and tests that there are."""

from __future__ import annotations

import ast

from tests import validation
from tests.test_rules import numbers
from tests.validation import PAGE, ROOT, page, proofs, proved


def test_every_numbered_rule_has_a_test_or_says_why_it_has_none() -> None:
    assert sorted(proofs()) == sorted(numbers()), "tests/proofs.toml"
    assert [number for of_section in validation.rules().values() for number, _ in of_section] == numbers()


def test_every_test_that_is_named_is_one() -> None:
    named = {line for lines in proofs().values() if not isinstance(lines, str) for line in lines}
    there = set()
    for module in {module for module, _ in named}:
        tree = ast.parse((ROOT / f"tests/test_{module}.py").read_text(encoding="utf-8"))
        there |= {(module, f.name.removeprefix("test_")) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)}
    assert named - there == set(), "tests/proofs.toml"


def test_the_page_is_up_to_date_and_every_test_of_it_was_run_and_passed() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again: python -m tests.validation"
    assert {line: result for line, result in proved()[1].items() if "passed" not in result or "," in result} == {}
    assert "not run" not in page(), "run them: python -m tests.validation run"
