"""What a site sends to an address, where the programme takes it up: files, and `contribution.json`, which names them.

That one is replaced in one step when all files are there; what it does not name any more is deleted after that. So
whoever reads finds one whole contribution, and what was withdrawn at the site lies there no longer.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from models.fault import StudyError
from models.lake.address import Address
from models.lake.part import Contribution, Part

MANIFEST = "contribution.json"
VERSION = 1  # of it; another one where a reader of this could not read it
Form = Literal["all", "share"]
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Sent:
    """What a site sent last, and how: all, share."""

    send: Form
    given: Contribution
    version: int = VERSION


_SENT = TypeAdapter(Sent)


class Outbox(Address):
    """The place where one site lays what it sends."""

    def sent(self) -> Sent | None:
        """What lies there. None: nothing was sent yet. StudyError where it cannot be what a site sent."""
        with self._reached():
            try:
                text = self._files.cat_file(f"{self._root}/{MANIFEST}")
            except FileNotFoundError:
                return None
        try:
            if (found := json.loads(text).get("version")) != VERSION:
                what = f"what lies at the address is of another version of stepwindow ({found}, not {VERSION})"
                raise StudyError(what, "install the same version at the site and here")
            sent = _SENT.validate_json(text)
        except (ValueError, AttributeError, ValidationError):
            sent = None
        if sent is None or not _is_sound(sent.given):
            what = f"{MANIFEST} at the address is damaged"
            raise StudyError(what, "run `stepwindow programme send` at the site again")
        return sent

    def read(self, relation: str, part: Part) -> bytes:
        """A file that lies there."""
        with self._reached():
            return self._files.cat_file(f"{self._root}/{relation}/{part.path}")

    def lay(self, sent: Sent) -> None:
        """Say that this is what the site sends; its files are there. What is not in it is deleted."""
        draft, names = f"{self._root}/.draft-{MANIFEST}", f"*/site={sent.given.site}/*.parquet"
        named = {f"{relation}/{part.path}" for relation, parts in sent.given.parts.items() for part in parts}
        with self._reached():
            if sent != self.sent():
                self._files.makedirs(self._root, exist_ok=True)
                self._files.pipe_file(draft, _SENT.dump_json(sent))
                self._files.mv(draft, f"{self._root}/{MANIFEST}")
            there = (path.removeprefix(f"{self._root}/") for path in self._files.find(self._root))
            self._delete([name for name in there if name not in named and fnmatch(name, names)])


def _is_sound(given: Contribution) -> bool:
    """Whether all names in it are such as a site gives: they become paths here, and words of SQL."""
    own = re.compile(rf"site={re.escape(given.site)}/[A-Za-z0-9-]+\.parquet")
    names = [*given.columns, *given.parts, *(name for columns in given.columns.values() for name, _ in columns)]
    files = [part for parts in given.parts.values() for part in parts]
    return all(map(_NAME.fullmatch, names)) and all(own.fullmatch(part.path) for part in files)
