"""The packages of the lock: their licences, and the bill of materials."""

from __future__ import annotations

from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.components import PAGE, PROJECT, SCOPES, bill, components, licence, row

WRITE = "write it again: python -m tests.components"


def test_the_page_names_every_package_of_the_lock_and_what_it_is_needed_for() -> None:
    sections = PAGE.read_text("utf-8").split("\n## ")[1:]
    named = {part.splitlines()[0]: [line.split(" | ")[0][2:] for line in part.splitlines()[4:]] for part in sections}
    for scope, title in SCOPES.items():
        assert named[title] == [one.name for one in components() if one.scope == scope], WRITE


def test_the_page_says_of_each_package_that_is_installed_as_locked_the_licence_that_it_says_itself() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    installed = {canonicalize_name(one.name): one.version for one in metadata.distributions()}
    as_locked = [one for one in components() if installed.get(one.name) == one.version]
    assert as_locked
    assert [row(one) for one in as_locked if row(one) not in lines] == [], WRITE


def test_no_package_is_without_a_licence() -> None:
    installed = {canonicalize_name(one.name) for one in metadata.distributions()}
    assert [one.name for one in components() if one.name in installed and not licence(one.name)] == []
    assert "| None |" not in PAGE.read_text("utf-8")


def test_what_is_asked_for_is_required_and_so_is_what_that_needs() -> None:
    scope = {one.name: one.scope for one in components()}
    assert {scope[canonicalize_name(Requirement(line).name)] for line in PROJECT["dependencies"]} == {"required"}
    assert all(scope[other] == "required" for one in components() if one.scope == "required" for other in one.needs)
    assert scope["pytest"] == "excluded"


def test_the_bill_of_materials_names_every_package_once_with_its_digests_and_is_the_same_twice() -> None:
    made = bill()
    assert made == bill()
    references = [one["bom-ref"] for one in made["components"]]
    assert len(references) == len(set(references)) == len(components())
    assert all(one["externalReferences"][0]["hashes"] for one in made["components"])
    edges = {edge["ref"]: edge["dependsOn"] for edge in made["dependencies"]}
    ours = made["metadata"]["component"]["bom-ref"]
    assert set(edges) == {*references, ours}
    reached, waiting = set(), [ours]
    while waiting:
        if (one := waiting.pop()) not in reached:
            reached.add(one)
            waiting += edges[one]
    assert reached - {ours} == {one["bom-ref"] for one in made["components"] if one["scope"] == "required"}
