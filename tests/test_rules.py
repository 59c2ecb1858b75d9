"""docs/rules.md and what cites it: each rule is named by code, SQL or a test, and nothing names another number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
RULES = ROOT / "docs" / "rules.md"
ROOMS = ("benchmarks", "connectors", "docs", "flows", "models", "tests")
RELATIONS = (
    "day", "week", "publish", "publish/form", "publish/rows", "publish/view", "share", "share_tables", "worklist",
)  # fmt: skip
NUMBER = re.compile(r"\bR\d+\.\d+\b")
HEADER = re.compile(r"-- Rule: (R\d+\.\d+(?:, R\d+\.\d+)*)\n-- Grain: one (?:row|value) per ")
# Texts that are not in this repository, as comments once named them.
ELSEWHERE = re.compile(
    r"\b(?:measurement|contract) (?:sections? )?\d|\bsections? \d+\.\d|\bdecisions? [A-Z]\d|\s\([A-I]\d\d?[,)]"
    r"|\b(?:measurement|contract|decisions)\.md"
)


def texts(*suffixes: str) -> Iterator[tuple[str, str]]:
    """Every text of the project by its name, with the marks of comments and the ends of lines taken out."""
    for path in (ROOT / "README.md", *(path for room in ROOMS for path in (ROOT / room).rglob("*"))):
        if path.suffix in suffixes and path != Path(__file__):
            text = re.sub(r"\n\s*(?:--|#)?\s*", " ", path.read_text(encoding="utf-8"))
            yield path.relative_to(ROOT).as_posix(), text


def numbers() -> list[str]:
    return re.findall(r"^\*\*(R\d+\.\d+)\*\* ", RULES.read_text(encoding="utf-8"), re.MULTILINE)


def relations() -> list[Path]:
    return [path for folder in RELATIONS for path in sorted((ROOT / "models/sql" / folder).glob("*.sql"))]


def test_the_rules_are_numbered_one_after_the_other_in_their_sections() -> None:
    expected = []
    for section in re.split(r"^## (?=\d+ )", RULES.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        count = len(re.findall(r"^\*\*R", section, re.MULTILINE))
        expected += [f"R{int(section.split()[0])}.{n}" for n in range(1, count + 1)]
    assert numbers() == expected


def test_every_number_that_is_cited_is_a_rule() -> None:
    rules = set(numbers())
    cited = {(name, number) for name, text in texts(".py", ".sql", ".md") for number in NUMBER.findall(text)}
    assert {(name, number) for name, number in cited if number not in rules} == set()


def test_every_rule_is_cited_by_what_follows_it() -> None:
    cited = {number for _, text in texts(".py", ".sql") for number in NUMBER.findall(text)}
    assert [number for number in numbers() if number not in cited] == []


def test_every_relation_says_its_rules_and_its_grain_in_lines_that_fit() -> None:
    assert relations()
    for path in relations():
        text = path.read_text(encoding="utf-8")
        assert HEADER.match(text), path
        # what a published column means is one literal, however long
        assert not [line for line in text.splitlines() if len(line) > 120 and not line.startswith("COMMENT ON ")], path


def test_nothing_cites_a_text_that_is_not_in_the_repository() -> None:
    found = {
        (name, cited)
        for name, text in texts(".py", ".sql", ".md", ".html", ".txt")
        for cited in ELSEWHERE.findall(text)
    }
    assert found == set()
