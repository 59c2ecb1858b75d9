"""What a look into the inbox sees, before any file is opened."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from models.store.store import Store


@dataclass
class Scan:
    """What lies in the inbox, in the order of its names: columns, for there may be a million files.

    A `path` is inside the inbox and begins with the participant's folder. `only`: whose folder alone was looked into.
    `unseen`: what could not be looked into.
    """

    only: str | None = None
    path: list[str] = field(default_factory=list)
    size: array[int] = field(default_factory=lambda: array("q"))  # bytes
    modified_ns: array[int] = field(default_factory=lambda: array("q"))
    unseen: list[str] = field(default_factory=list)

    def whose(self, number: int) -> str:
        """The participant in whose folder a file lies."""
        return self.path[number].partition("/")[0]

    @contextmanager
    def lying(self, store: Store) -> Iterator[None]:
        """As the view `lying` of a store (number, path, size_bytes, modified_ns), for as long as the block runs.

        Once it was asked for, nothing is added any more.
        """
        with store.registered("lying", self._frame):
            yield

    @cached_property
    def _frame(self) -> pl.DataFrame:
        import polars as pl  # here: whoever looks into the inbox and compares it with nothing needs no table

        columns: dict[str, Sequence] = {"path": self.path, "size_bytes": self.size, "modified_ns": self.modified_ns}
        schema = {"path": pl.String, "size_bytes": pl.Int64, "modified_ns": pl.Int64}
        return pl.DataFrame(columns, schema=schema).with_row_index("number")
