"""What a site gives to a programme: files of rows, and what is said of the site beside them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

Columns = tuple[tuple[str, str], ...]  # (name, SQL type), without `site`


def form(columns: Columns) -> str:
    """A short name of these columns, which the name of a file of them holds."""
    return hashlib.sha256(repr(columns).encode()).hexdigest()[:8]


class Part(NamedTuple):
    """A Parquet file of one relation and one site.

    `path`, below the relation's folder, names the rows: `site=riverside/3f-2026-<columns>-<rows>.parquet`. The same
    rows have the same name, so that what lies there already is not written again.
    """

    path: str
    rows: int
    bytes: int

    @property
    def site(self) -> str:
        """Whose rows these are."""
        return self.path.partition("/")[0].removeprefix("site=")


def form_of(uri: str) -> str:
    """The form of a file, by its name."""
    return uri.rpartition("/")[2].rsplit("-", 3)[-3]


@dataclass(frozen=True)
class Contribution:
    """All that a site gives: the parts of each relation, whether they lay in the lake before or not."""

    site: str
    as_of: date | None
    version: str  # of the code that published it
    schema_version: str
    people: int
    files: int
    withdrawn: int  # people who were forgotten there
    columns: dict[str, Columns] = field(default_factory=dict)  # relation: its columns
    parts: dict[str, list[Part]] = field(default_factory=dict)  # relation: its files
    silent: int | None = None  # of the people; None where shares are sent: those are over with
    written: int = 0  # bytes that this time were new
