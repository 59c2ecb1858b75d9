"""Which of a vendor's files a table is, by its columns: in a newer version one of them may have another name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

Families = dict[str, tuple[tuple[str, ...], str]]  # the columns that identify each, and how its files' names begin


def has(columns: Collection[str], needed: Iterable[str], renamed: int = 0) -> bool:
    """Whether all of these columns are there, but for so many that may have been renamed. `columns` as by `header`."""
    return sum(name.casefold() not in columns for name in needed) <= renamed


def family_of(columns: Collection[str], name: str, families: Families) -> str | None:
    """The family whose columns are all there; else one that lacks a single one, by two others or the file's name."""
    complete = [family for family, (telling, _) in families.items() if has(columns, telling)]
    renamed = [
        family
        for family, (telling, begins) in families.items()
        if has(columns, telling, 1) and (len(telling) > 2 or re.match(begins, name.casefold()))
    ]
    return next(iter(complete + renamed), None)
