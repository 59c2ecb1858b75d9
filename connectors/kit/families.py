"""Which of a vendor's files a table is, by its columns: in a newer version some of them may have another name."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def has(columns: Collection[str], needed: Iterable[str], renamed: int = 0) -> bool:
    """Whether all of these columns are there, but for so many that may have been renamed. `columns` as by `header`."""
    return sum(name.casefold() not in columns for name in needed) <= renamed
