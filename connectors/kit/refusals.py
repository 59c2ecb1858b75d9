"""What a file that no reader takes looks like, and what to hand over instead: connectors/refusals.toml says it."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from connectors.kit.csv import header
from connectors.kit.export import HEAD, Export
from models.fault import Rejected

_AROUND = b"\xef\xbb\xbf \r\n\t"


@dataclass(frozen=True)
class Instead:
    """What to ask a patient for, and where they find it."""

    hand_over: str
    where: str


@dataclass(frozen=True)
class Refusal:
    """A kind of file that is not read. `instead` is None where nobody need hear of it."""

    looks_like: str
    instead: Instead | None
    known_by: list[dict[str, Any]] = field(default_factory=list)
    travels: bool = False  # beside exports of any vendor
    is_missed: bool = False  # what is in it may be missing in the file beside it

    @property
    def rejected(self) -> Rejected:
        """The rejection of such a file."""
        assert self.instead
        return Rejected("whole file", self.looks_like, self.instead.hand_over, self.instead.where)


@cache
def refusals() -> tuple[Refusal, ...]:
    """Every kind of file that is refused by name, in order; the last one is any file."""
    entries = (
        entry | {"instead": _instead(entry["instead"]) if "instead" in entry else None} for entry in _data()["refusal"]
    )
    return tuple(Refusal(**entry) for entry in entries)


def refusal_of(export: Export) -> Refusal:
    """The first kind of file that an export looks like."""
    look = _Look(export)
    return next(kind for kind in refusals() if not kind.known_by or any(look.shows(sign) for sign in kind.known_by))


def is_of_the_system(path: str) -> bool:
    """Whether a file or folder (its path ends in /) is what operating systems leave everywhere, by its name alone."""
    return refusal_of(Export(path, 0, io.BytesIO)).looks_like == "a file of the operating system"


def instead_of_companions(connector: str) -> Instead | None:
    """What to hand over where nothing came of an export but what travels with it."""
    name = _data()["companion"].get(connector)
    return _instead(name) if name else None


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("connectors").joinpath("refusals.toml").read_text("utf-8"))


def _instead(name: str) -> Instead:
    return Instead(**_data()["instead"][name])


class _Look:
    """What is looked at of an export, each once."""

    def __init__(self, export: Export) -> None:
        self.export, self.name, self.path = export, export.basename.lower(), f"/{export.name.lower()}"

    @cached_property
    def text(self) -> bytes:
        """The head in small letters; what is UTF-16 in it (names inside Office's old files), too, as UTF-8."""
        head = self.export.head.lower()
        return head + b"\n" + head.replace(b"\0", b"") if b"\0" in head else head

    @cached_property
    def columns(self) -> set[str]:
        return set(header(self.export))

    def shows(self, sign: dict[str, Any]) -> bool:
        """Whether all that a sign lists holds."""
        at = sign.get("at", 0)
        return all(_CHECKS[what](self, wanted, at) for what, wanted in sign.items() if what != "at")


_CHECKS: dict[str, Callable[[_Look, list[str], int], bool]] = {
    "begins": lambda look, wanted, at: look.export.head[at : at + 64].startswith(tuple(map(_bytes, wanted))),
    "holds": lambda look, wanted, _: all(text.encode() in look.text for text in wanted),
    "keys": lambda look, wanted, _: all(re.search(rb'"%s"\s*:' % key.encode(), look.text) for key in wanted),
    "columns": lambda look, wanted, _: look.columns.issuperset(wanted),
    "is": lambda look, wanted, _: look.export.size < HEAD and look.text.strip(_AROUND) in map(_bytes, wanted),
    "ends": lambda look, wanted, _: look.name.endswith(tuple(wanted)),
    "called": lambda look, wanted, _: look.name in wanted,
    "path": lambda look, wanted, _: any(re.search(_at_word(part), look.path) for part in wanted),
}


def _at_word(part: str) -> str:
    """A part of a path where a word begins: `pacer` is not in spacers.csv. What begins with a sign is anywhere."""
    return rf"(?<![a-z]){re.escape(part)}" if part[0].isalpha() else re.escape(part)


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")
