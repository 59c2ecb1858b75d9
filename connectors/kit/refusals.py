"""What a file that no reader takes looks like, and what to hand over instead: connectors/refusals.toml says it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from connectors.kit.csv import header
from connectors.kit.export import Export
from models.fault import Rejected


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
    return next(kind for kind in refusals() if not kind.known_by or any(_shows(export, s) for s in kind.known_by))


def instead_of_companions(connector: str) -> Instead | None:
    """What to hand over where nothing came of an export but what travels with it."""
    name = _data()["companion"].get(connector)
    return _instead(name) if name else None


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(files("connectors").joinpath("refusals.toml").read_text("utf-8"))


def _instead(name: str) -> Instead:
    return Instead(**_data()["instead"][name])


def _shows(export: Export, sign: dict[str, Any]) -> bool:
    """Whether all that a sign lists holds of an export."""
    at = sign.get("at", 0)
    return all(_CHECKS[what](export, wanted, at) for what, wanted in sign.items() if what != "at")


def _begins(export: Export, wanted: list[str], at: int) -> bool:
    return export.head[at:].startswith(tuple(text.encode("latin-1") for text in wanted))


def _holds(export: Export, wanted: list[str], _: int) -> bool:
    head = export.head.lower()
    return all(text.encode() in head or text.encode("utf-16-le") in head for text in wanted)


def _keys(export: Export, wanted: list[str], _: int) -> bool:
    head = export.head.lower()
    return all(re.search(rb'"%s"\s*:' % re.escape(key.encode()), head) for key in wanted)


_CHECKS: dict[str, Callable[[Export, list[str], int], bool]] = {
    "begins": _begins,
    "holds": _holds,
    "keys": _keys,
    "columns": lambda export, wanted, _: set(wanted) <= set(header(export)),
    "is": lambda export, wanted, _: export.head.decode("utf-8-sig", "replace").strip() in wanted,
    "ends": lambda export, wanted, _: export.basename.lower().endswith(tuple(wanted)),
    "called": lambda export, wanted, _: export.basename.lower() in wanted,
    "path": lambda export, wanted, _: any(part in f"/{export.name.lower()}" for part in wanted),
}
