"""docs/exports.md has, for every connector, how its files are to be had and what they tell."""

from __future__ import annotations

import re

from connectors import connectors
from tests.exports_doc import BLOCK, PAGE, page
from tests.test_refusals import TOML_TEXT
from tests.test_report_pages import advice

TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]


def test_every_connector_has_its_place_in_one_section() -> None:
    placed = [name for block in BLOCK.finditer(TEXT) for name in block[2].split()]
    assert len(set(placed)) == len(placed)
    assert connectors().keys() - set(placed) == set()


def test_what_a_connector_tells_is_what_it_declares() -> None:
    assert page(TEXT) == TEXT, "write it again: python -m tests.exports_doc"


def test_every_section_has_a_message_to_paste_step_by_step() -> None:
    for section in SECTIONS:
        title = section.splitlines()[0]
        messages = re.findall(r"(?:^> .*\n?)+", section, re.MULTILINE)
        assert messages, title
        assert all("\n> 1. " in message and "\n> 2. " in message for message in messages), title
        assert len(BLOCK.findall(section)) == 1, title
        assert not advice(" ".join(messages).casefold()), title


def test_refusals_send_to_a_page_that_is_there() -> None:
    assert "docs/exports.md" in TOML_TEXT
