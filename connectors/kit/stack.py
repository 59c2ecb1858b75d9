"""Many small files of one form read as one table, so that what is paid beside their rows is paid once for all.

A reader whose `extract` can take a `Stack` in place of an export has an `extract_all` that gives it stacks
(kit/stacked.py), of files that are alike. Frames of a stack have `file`, the place of the row's file in the stack, as
their first column, by which whatever is told of a file's rows together is told (`own`). `kit/csv.py` reads a stack as
it reads a file, `kit/rows.py` and `kit/grid.py` keep its files apart.

Nothing out of the ordinary is read like this: a reader may raise what it likes, and so do records that would be set
aside, and clocks that are doubted. Then the stack is halved, until what is out of the ordinary is in a file read alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from connectors.kit.export import Export


@dataclass(eq=False)
class Stack(Export):
    """Exports that are read as one. Name and head are those of the first."""

    exports: Sequence[Export] = ()

    @classmethod
    def of(cls, exports: Sequence[Export]) -> Stack:
        """These, one or more."""
        first = exports[0]
        return cls(first.name, sum(export.size for export in exports), first.opener, exports)


class Remark(str):
    """A note about one file of a stack."""

    file: int

    def __new__(cls, note: str, file: int) -> Remark:
        """`file`: its place in the stack."""
        remark = super().__new__(cls, note)
        remark.file = file
        return remark


def remarks(rows: pl.DataFrame, note: str) -> list[str]:
    """A note about each of the files that rows are of, where there are any; `{}` in it is how many the file has."""
    if not own(rows):
        return [note.format(rows.height)] if rows.height else []
    counts = rows.group_by("file", maintain_order=True).len()
    return [Remark(note.format(count), file) for file, count in counts.iter_rows()]


def each_of(export: Export) -> Sequence[Export]:
    """The files of a stack, or the one file."""
    return export.exports if isinstance(export, Stack) else [export]


def own(frame: pl.DataFrame) -> list[str]:
    """What tells the rows of one file from those of another: the name of that column; nothing where there is one."""
    return ["file"] if "file" in frame.columns else []


def with_files(frame: pl.DataFrame, rows: Sequence[int]) -> pl.DataFrame:
    """The rows of a stack with their file. `rows`: how many each file has."""
    files = pl.DataFrame({"file": range(len(rows)), "rows": rows}, {"file": pl.UInt32, "rows": pl.UInt32})
    numbers = files.filter(pl.col("rows") > 0).select(pl.col("file").repeat_by("rows").explode())
    return frame.select(numbers["file"], pl.all())
