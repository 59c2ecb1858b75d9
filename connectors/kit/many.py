"""A reader of many files at once, asked about one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.kit.export import Export
from models.activity import Extract, Extracts
from models.fault import Fault, Rejected

if TYPE_CHECKING:
    from connectors import Context


def one_of(extract_all: Callable[[Sequence[Export], Context], Extracts], export: Export, context: Context) -> Extract:
    """What a reader of many files gives for one. Raises Rejected where that is a fault."""
    found = extract_all([export], context)
    [file] = found.files
    if isinstance(file, Fault):
        raise Rejected.because(file)
    return replace(file, **{name: rows.drop("file") for name, rows in found.frames.items() if rows.height})
