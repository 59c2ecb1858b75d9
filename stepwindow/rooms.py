"""Whether `flows`, `connectors` and `models` are ours: their names are plain, and other packages have such, too."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

ROOMS = ("flows", "connectors", "models")
_HOME = Path(__file__).parents[1]


def foreign() -> str | None:
    """Which room another package's stands before, and what to do, in a sentence; None where every room is ours."""
    for room in ROOMS:
        where = _where(room)
        if where.parent != _HOME:
            what = f"another package's `{room}` stands before stepwindow's ({where})"
            return (
                f"{what}; give stepwindow an environment of its own, or take that one out of PYTHONPATH or this folder"
            )
    return None


def check() -> None:
    """Raises ImportError where a room is another package's."""
    if sentence := foreign():
        raise ImportError(sentence)


def _where(room: str) -> Path:
    """The folder or the file of a top-level package, without importing it."""
    spec = find_spec(room)
    inside = list(spec.submodule_search_locations or ()) if spec else []
    return Path(inside[0] if inside else (spec and spec.origin) or room)
