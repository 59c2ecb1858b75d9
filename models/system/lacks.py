"""What the system at hand cannot do for a study and Linux can."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

_NO_WALL = "The system does not keep SQL from files by itself: in `query`, DuckDB's own two walls do."
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)

if sys.platform == "win32":

    def lacks() -> Iterator[tuple[str, str]]:
        """Each in a sentence, and what to see to instead."""
        yield "Who may read the warehouse is not looked at: Windows keeps lists of names.", "docs/privacy.md: Windows"
        yield _NO_WALL, "let nobody run `query` who may not read the warehouse"

    def is_reserved(name: str) -> bool:
        """Whether no file or folder may have this name, whatever ends it has: the system keeps it for a device."""
        return _RESERVED.fullmatch(name) is not None

elif sys.platform == "darwin":

    def lacks() -> Iterator[tuple[str, str]]:
        """Each in a sentence, and what to see to instead."""
        yield "macOS bounds no memory: a file made to harm takes what it wants.", "take exports from people you know"
        yield _NO_WALL, "let nobody run `query` who may not read the warehouse"

    def is_reserved(name: str) -> bool:
        """No name is kept for a device."""
        return False

else:

    def lacks() -> Iterator[tuple[str, str]]:
        """Nothing."""
        yield from ()

    def is_reserved(name: str) -> bool:
        """No name is kept for a device."""
        return False
