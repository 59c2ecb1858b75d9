"""What every file of a study and every exit code means: data for `stepwindow help` and for the documents."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from importlib import resources
from typing import NamedTuple


class Place(NamedTuple):
    """A file of a study. `path`: below the study folder, `*` for anything."""

    path: str
    who: str
    holds: str


def places() -> list[Place]:
    """Every file that may lie in a study folder, its own files first."""
    told = _told("places.toml")
    return [
        *(Place(*row) for row in told["study"]),
        *(Place(f"warehouse/{path}", who, holds) for path, who, holds in told["warehouse"]),
    ]


def place_of(path: str) -> Place | None:
    """The place of a file below a study folder, with / between folders."""
    return next((place for place in places() if fnmatchcase(path, place.path)), None)


def exit_codes() -> list[tuple[str, str]]:
    """Each code, and each command that means something of its own by one, with its meaning."""
    told = _told("exit_codes.toml")
    return [(code, meaning) for part in ("codes", "commands", "others") for code, meaning in told[part]]


def _told(name: str) -> dict[str, list[list[str]]]:
    return tomllib.loads(resources.files(__name__).joinpath(name).read_text("utf-8"))
