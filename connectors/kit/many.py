"""Readers of many files at once: asked about one, and made of what reads the sessions of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from connectors.kit.export import Export
from models.activity import SESSIONS, Extract, Extracts, of_many
from models.fault import Fault, Rejected

if TYPE_CHECKING:
    from connectors import Context


def one_of(extract_all: Callable[[Sequence[Export], Context], Extracts], export: Export, context: Context) -> Extract:
    """What a reader of many files gives for one. Raises Rejected where that is a fault."""
    found = extract_all([export], context)
    [file] = found.files
    if isinstance(file, Fault):
        raise Rejected.because(file)
    return file.with_frames({name: rows.drop("file") for name, rows in found.frames.items() if rows.height})


def sessions_of_each(
    read: Callable[[Export, Context], tuple[Extract, list[dict[str, Any]]]], exports: Sequence[Export], context: Context
) -> Extracts:
    """The sessions of many files in one frame. `read`: of one, an extract without rows, and its rows of SESSIONS; it
    may raise Rejected, and sets nothing aside."""
    files, rows = list[Extract | Fault](), list[dict[str, Any]]()
    for number, export in enumerate(exports):
        own = replace(context, zones=context.zones.anew())
        try:
            extract, found = read(export, own)
        except Rejected as rejected:
            files.append(rejected.fault)
            continue
        extract.suspect = frozenset(own.zones.suspect)
        files.append(extract)
        rows += ({"file": number, **row} for row in found)
    return Extracts(files, {"sessions": pl.DataFrame(rows, schema=of_many(SESSIONS))})
