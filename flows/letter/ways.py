"""In which way a person makes an export that is read: ways.toml."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def ways() -> dict[str, str]:
    """By reader: in which way a person makes such an export, a key of `way` in words/LANGUAGE.toml."""
    return {reader: way for way, readers in listed()["way"].items() for reader in readers}


@cache
def listed() -> dict[str, dict[str, list[str]]]:
    """The file as it is written."""
    return tomllib.loads((Path(__file__).parent / "ways.toml").read_text(encoding="utf-8"))


def is_made_by_patients(reader: str) -> bool:
    """Whether a patient can be asked for such an export: some only the clinic, or a program of its own, can make."""
    return ways().get(reader) != "device"
