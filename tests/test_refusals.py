"""A file that no reader takes is refused by what it looks like, with what to hand over instead and where that is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors import Ignored, connectors, identify, members
from connectors.kit.export import Export
from connectors.kit.refusals import instead_of_companions, refusals
from models.fault import Fault, Rejected
from models.taxonomy import NO_READER
from tests.goldens import export_of, samples
from tests.test_privacy import E_MAIL, SECRETS
from tests.test_report_pages import advice
from tests.writers.wrong_files import wrong_files

TOML_TEXT = (Path(__file__).parents[1] / "connectors/refusals.toml").read_text(encoding="utf-8")
WRONG = [(looks, name) for looks, files in wrong_files().items() for name in files]


def refused(name: str, content: bytes) -> Fault:
    """Why a file, or the one file packed in it, is not read."""
    inside = [part for part in members(export_of(name, content)) or [export_of(name, content)]]
    assert [type(part) for part in inside] == [Export]
    with pytest.raises(Rejected) as why:
        identify(inside[0])  # type: ignore[arg-type]
    return why.value.fault


@pytest.mark.parametrize(("looks", "name"), WRONG, ids=[name for _, name in WRONG])
def test_a_wrong_file_is_called_what_it_looks_like_and_what_to_hand_over_is_said(looks: str, name: str) -> None:
    fault = refused(name, wrong_files()[looks][name])
    assert fault.found.startswith(looks)
    assert fault.place == "whole file"
    assert fault.expected
    assert fault.remedy
    assert not SECRETS.search(str(fault).replace(name, ""))
    assert not E_MAIL.search(str(fault))
    assert fault.words is None


@pytest.mark.parametrize(
    "name",
    [
        "ID3.csv", "MZ.csv", "BZh.csv", "OggSpeed.csv",
        "spacers.csv",  # not Pacer's
        "WhatsApp Chat with Mum/Activities.csv",  # it was sent by WhatsApp
    ],
)  # fmt: skip
def test_a_table_is_called_nothing_else_for_how_its_first_line_or_its_path_begins(name: str) -> None:
    first = name.removesuffix(".csv") if "/" not in name else "x"
    assert refused(name, f"{first},steps a day\n2026-03-01,5000\n".encode()).found == "a table that no reader knows"


def test_no_refusal_lists_readers_and_each_is_two_sentences_at_most() -> None:
    for kind in refusals():
        if kind.instead:
            said = str(kind.rejected.fault)
            assert not [name for name in connectors() if "_" in name and name in said], said
            assert len(said) < 520, said
            assert not advice(said.casefold()), said  # it stands on a person's page


def test_no_two_kinds_look_alike_and_the_last_one_is_any_file() -> None:
    looks = [kind.looks_like for kind in refusals()]
    assert len(set(looks)) == len(looks)
    assert [kind.looks_like for kind in refusals() if not kind.known_by] == [NO_READER] == looks[-1:]


def test_every_kind_that_is_named_has_a_wrong_file() -> None:
    """But the one of stores of before, and that of an archive."""
    shown = set(wrong_files())
    missing = [k.looks_like for k in refusals() if k.instead and not any(k.looks_like.startswith(s) for s in shown)]
    assert set(missing) <= {
        "a page or picture: no steps, minutes or sessions in it",
        "an archive with nothing in it",
    }, missing


def test_what_companions_call_for_is_said_for_each_reader_that_knows_companions() -> None:
    know = [name for name, module in connectors().items() if hasattr(module, "companion")]
    assert [name for name in know if instead_of_companions(name) is None] == []


def test_no_sample_of_an_export_and_no_companion_is_refused() -> None:
    for make in samples().values():
        for name, content in make().items():
            assert not isinstance(identify(export_of(name, content)), Ignored)


def test_junk_is_ignored_without_a_word() -> None:
    for name in (".DS_Store", "Thumbs.db", "x/__MACOSX/._a.csv", "steps_readme.txt", "page_files/a.css"):
        assert isinstance(identify(export_of(name, b"1")), Ignored), name


def test_every_sign_is_one_that_is_looked_for_and_in_small_letters() -> None:
    for kind in refusals():
        for sign in kind.known_by:
            for what, wanted in sign.items():
                if what not in ("begins", "at"):
                    assert [text.casefold() for text in wanted] == wanted, kind.looks_like
    used = set(re.findall(r'^instead = "(\w+)"', TOML_TEXT, re.M)) | set(
        re.findall(r'^\w+ = "(\w+)"$', TOML_TEXT, re.M)
    )
    assert set(re.findall(r"^\[instead\.(\w+)\]", TOML_TEXT, re.M)) <= used
