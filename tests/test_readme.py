"""What the README says is so."""

from __future__ import annotations

import re

from flows.cli import command_names
from tests.readme import README, kept, table


def test_its_table_of_exports_is_the_one_the_connectors_give() -> None:
    assert kept() == table(), "write it again: python -m tests.readme"


def test_it_names_every_command_and_only_those() -> None:
    named = set(re.findall(r"^\| `([a-z]+)", README.read_text().partition("## How a number")[0], re.MULTILINE))
    assert named == set(command_names())
