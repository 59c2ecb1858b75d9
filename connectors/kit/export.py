"""One export file, wherever it lies: on disk, inside a zip, inside a zip inside a zip."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO, TypeVar

HEAD = 65_536
Found = TypeVar("Found")


@dataclass(eq=False)  # each is one file, not what is in it
class Export:
    """One file to be read. `name` is its path inside what was handed over ("Takeout/Fitbit/steps_2026-03-01.csv")."""

    name: str
    size: int
    opener: Callable[[], BinaryIO] = field(repr=False)
    _found: dict[Callable, Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, look: Callable[[Export], Found]) -> Found:
        """What `look` finds in this file: looked for once, however many ask."""
        if look not in self._found:
            self._found[look] = look(self)
        return self._found[look]

    @staticmethod
    def held(name: str, content: bytes) -> Export:
        """One whose bytes are in memory."""
        return _Held(name, content)

    def open(self) -> BinaryIO:
        """The bytes from the start, as a stream. Close it."""
        return self.opener()

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB."""
        with self.open() as stream:
            return stream.read(HEAD)

    @cached_property
    def may_be_text(self) -> bool:
        """A cheap no for what is binary, before lines are looked for in it."""
        return self.head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" not in self.head[:1000]

    def read(self) -> bytes:
        """All bytes. For small files; big ones are read with `open`."""
        if len(self.head) == self.size < HEAD:
            return self.head
        with self.open() as stream:
            return stream.read()

    @cached_property
    def sha256(self) -> str:
        """What the file is known by."""
        if len(self.head) == self.size < HEAD:
            return hashlib.sha256(self.head).hexdigest()
        with self.open() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]

    @cached_property
    def basename(self) -> str:
        """The last part of the name."""
        return self.name.rstrip("/").rpartition("/")[2]


class _Held(Export):
    """An export in memory: nothing is opened for it."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.size, self.content, self.head = name, len(content), content, content[:HEAD]
        self._found = {}

    def opener(self) -> BinaryIO:
        return io.BytesIO(self.content)

    def read(self) -> bytes:
        return self.content

    @property
    def sha256(self) -> str:  # type: ignore[override]
        return hashlib.sha256(self.content).hexdigest()
