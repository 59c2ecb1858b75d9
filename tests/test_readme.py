"""What the README and its tables say is so."""

from __future__ import annotations

import re

import pytest

from flows.cli import command_names
from tests.picture import PICTURE, picture
from tests.readme import COMMANDS, README, TABLES, cut
from tests.studies import StudyFolder


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_the_one_that_the_product_gives(name: str) -> None:
    assert cut(name)[1] == TABLES[name][1](), "write it again: python -m tests.readme"


def test_the_page_of_commands_names_every_command_and_only_those() -> None:
    assert set(re.findall(r"^\| `([a-z]+)", COMMANDS.read_text("utf-8"), re.MULTILINE)) == set(command_names())


def test_the_picture_is_what_the_sample_study_publishes(sample: StudyFolder) -> None:
    assert PICTURE.read_text("utf-8") == picture(sample), "draw it again: python -m tests.picture"


def test_the_readme_can_be_read_in_a_few_minutes() -> None:
    assert len(README.read_text("utf-8").splitlines()) < 120
