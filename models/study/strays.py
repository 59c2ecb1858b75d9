"""Files beside the control files that look like one of them: copies that a synchronisation, a mail or a hand left, what
a program locks them with, and placeholders of what was not downloaded. None of them is read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from models.study.rows import FILES
from models.study.settings import TOML

_FORMS = r"\.(csv|xlsx|xls|xlsm|ods|numbers|tsv|txt)"
_LOOKS = re.compile(rf"(?<![a-z])({'|'.join(FILES)})(?![a-z]).*{_FORMS}", re.IGNORECASE)
_SETTINGS = re.compile(r"(?<![a-z])study(?![a-z]).*\.toml", re.IGNORECASE)
COPY, LOCK, PLACEHOLDER = "copy", "lock", "placeholder"


class Stray(NamedTuple):
    """A file in the study's folder that is not read, what it is, and the control file that it looks like."""

    name: str
    kind: str
    of: str


def strays(folder: Path) -> Iterator[Stray]:
    """Those in a study's folder, in the order of their names."""
    for name in sorted(entry.name for entry in os.scandir(folder) if not entry.is_dir(follow_symlinks=False)):
        found = _LOOKS.search(name) or _SETTINGS.search(name)
        if found is None or name == TOML or re.fullmatch(rf"({'|'.join(FILES)})\.(csv|xlsx)", name):
            continue
        of = TOML if found.re is _SETTINGS else f"{found[1].lower()}.csv"
        yield Stray(name, _kind(name), of)


def _kind(name: str) -> str:
    if name.lower().endswith(".icloud"):
        return PLACEHOLDER
    return LOCK if name.startswith(("~$", ".~lock.")) else COPY
