"""Many FIT files at once: the messages of all of them in one frame per global number.

The files lie in one run of bytes, one behind the other, so that a place says which file a message is of; a definition
that many of them share is taken apart once, and its messages are taken out together. What is wrong with a file is kept
as its fault: the first that there is, in the order in which a file by itself would be looked at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import polars as pl

from connectors.kit import fit
from connectors.kit.export import Export
from connectors.kit.fit_records import (
    STOP,
    Damaged,
    Layout,
    Layouts,
    Table,
    by_number,
    cost,
    forget,
    scan,
    tables,
    unpacked,
)
from models.fault import Fault, Rejected

_NO_NUMBER = -1  # in a column: what is no whole number from 0 on
_UNSIGNED = "BHI"  # types of at most 32 bits
_PLACED: dict[str, Any] = {"file": pl.UInt32, "part": pl.UInt32, "place": pl.UInt32}


class Part(NamedTuple):
    """One file of a chain (most chains have one)."""

    file: int  # of which of the exports
    begin: int  # its bytes in the run
    end: int


@dataclass
class FitFiles:
    """What was wanted of many files. `notes`: of each export; `ids`: the file_id of each part."""

    parts: list[Part] = field(default_factory=list)
    notes: list[list[str]] = field(default_factory=list)
    ids: list[fit.Message] = field(default_factory=list)
    frames: dict[int, pl.DataFrame] = field(default_factory=dict)  # by global number
    damaged: dict[int, Fault] = field(default_factory=dict)  # by export
    wrong: dict[int, Fault] = field(default_factory=dict)  # by part: what it says cannot be

    @cached_property
    def starts(self) -> pl.DataFrame:
        """Where each part begins: `file`, `part`, `place`."""
        rows = [(part.file, number, part.begin) for number, part in enumerate(self.parts)]
        return pl.DataFrame(rows, schema=_PLACED, orient="row")

    def rows(self, number: int) -> pl.DataFrame:
        """The messages of a global number, in the order of the files: `file`, `part`, `place` (the byte where it
        begins) and a column for each wanted field, by its number; NULL where it is absent or "invalid"."""
        return self.frames[number]

    def whole_numbers(self, rows: pl.DataFrame, number: int, field: int, most: int = 0xFFFFFFFF) -> pl.DataFrame:
        """The rows of parts where a field is from 0 to `most`, as `fit.integers` has it; the others have that fault."""
        values: Any = rows[f"{field}"]
        if values.null_count() == values.len() or 0 <= values.min() <= values.max() <= most:
            return rows
        return self.without(rows, ~pl.col(f"{field}").is_between(0, most), fit.no_number(number, field, most))

    def at_least(self, rows: pl.DataFrame, column: str, least: int, why: Rejected) -> pl.DataFrame:
        """The rows of parts where a column without NULL is nowhere less; the others have that fault."""
        first: Any = rows[column].min()
        return rows if first is None or first >= least else self.without(rows, pl.col(column) < least, why)

    def without(self, rows: pl.DataFrame, where: pl.Expr, why: Rejected) -> pl.DataFrame:
        """The rows of parts in which no row is `where`; the others have that fault, unless they have one."""
        parts = rows.filter(where)["part"].unique()
        for part in parts:
            self.wrong.setdefault(part, why.fault)
        return self.sound(rows) if parts.len() else rows

    def sound(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows of parts in which nothing is wrong so far."""
        return rows.remove(pl.col("part").is_in(list(self.wrong))) if self.wrong else rows

    @property
    def faults(self) -> dict[int, Fault]:
        """Of each rejected export, why: the damage, or what is wrong with the first part that cannot be."""
        return {self.parts[part].file: self.wrong[part] for part in sorted(self.wrong, reverse=True)} | self.damaged


@dataclass
class _Run:
    """The bytes of all parts, where messages begin in them, and the parts that were read by themselves."""

    data: bytes
    layouts: Layouts = field(default_factory=dict)
    by_itself: dict[int, dict[int, Table]] = field(default_factory=dict)  # those with short times


def read_all(exports: Sequence[Export], wanted: Mapping[int, Collection[int]]) -> FitFiles:
    """As `fit.read`, of many exports of a few megabytes together. Raises Rejected where they hold too many messages."""
    files, pieces, at = FitFiles(), list[bytes](), 0
    for file, export in enumerate(exports):
        remarks = list[str]()
        try:
            for _, part, behind in fit.chain(export):
                pieces += (part, STOP)
                files.parts.append(Part(file, at, at + len(part)))
                at += len(part) + 1
                remarks = fit.remarks(behind)
        except Rejected:
            files.damaged[file] = _why(export, wanted)
        files.notes.append(remarks)
    run, fields = _Run(b"".join(pieces)), fit.fields_of(wanted)
    for number, (file, begin, end) in enumerate(files.parts):
        try:
            if file not in files.damaged and not scan(run.data, begin + run.data[begin], end, fields, run.layouts):
                forget(run.layouts, begin)
                run.by_itself[number] = tables(run.data[begin:end], fields, fit.MOST_VALUES)[0]
        except Damaged:
            forget(run.layouts, begin)
            files.damaged[file] = _why(exports[file], wanted)
    if cost(run.layouts) > fit.MOST_VALUES:
        for export in exports:
            fit.read(export, wanted)  # of one file: says where
        raise Rejected("whole file", "too many messages in files read at once", "fewer", "read them one by one")
    files.frames = {number: _rows(files, run, number, fields[number]) for number in wanted}
    files.ids = _ids(files, run)
    return files


def _why(export: Export, wanted: Mapping[int, Collection[int]]) -> Fault:
    """What is wrong with a damaged file, and where: by itself, for that is said of the first thing that is."""
    try:
        fit.read(export, wanted)
    except Rejected as rejected:
        return rejected.fault
    raise AssertionError("a file that is damaged among others and sound by itself")


def _rows(files: FitFiles, run: _Run, number: int, fields: frozenset[int]) -> pl.DataFrame:
    """The messages of a global number, of every part."""
    frames = [pl.DataFrame(schema=_PLACED | {f"{one}": pl.Int64 for one in sorted(fields)})]
    if some := [_frame(run.data, layout) for layout in by_number(run.layouts).get(number, ())]:
        frames.append(pl.concat(some, how="diagonal").sort("place").join_asof(files.starts, on="place"))
    short = [(n, found[number]) for n, found in run.by_itself.items() if number in found]
    frames += (_frame_of(n, files.parts[n], table) for n, table in short)
    rows = pl.concat(frames, how="diagonal")
    return rows.sort("place") if short else rows


def _frame(data: bytes, layout: Layout) -> pl.DataFrame:
    """The messages of one definition: `place`, and its wanted fields."""
    form, places = layout.form, pl.Series(layout.places, dtype=pl.UInt32)
    import pyarrow as pa  # not at the top: most who import connectors read no file

    every = pl.from_arrow(pa.Array.from_buffers(pa.uint8(), len(data), [None, pa.py_buffer(data)]))
    columns = {"place": places}
    for each in form.fields:
        if each.letter in _UNSIGNED and each.is_whole_number:
            whole = _unsigned(every, places, form.bytes_of(each))
            values = whole.set(whole == each.invalid, None).cast(pl.Int64)
        else:
            values = _numbers(form.values(form.laid(data, layout.places), each))
        name = f"{each.number}"
        columns[name] = values.zip_with(values.is_not_null(), columns[name]) if name in columns else values
    return pl.DataFrame(columns)


def _unsigned(every: Any, places: pl.Series, digits: Sequence[int]) -> pl.Series:
    """Numbers in messages that begin at these places. `digits`: the bytes from there, the most significant first."""
    number = every[places + digits[0]]
    for digit in digits[1:]:
        number = number.cast(pl.UInt32) * 256 + every[places + digit]
    return number


def _frame_of(number: int, part: Part, table: Table) -> pl.DataFrame:
    """The messages of one number in a part that was read by itself."""
    columns = {f"{field}": _numbers(values) for field, values in table.columns.items()}
    places = pl.Series([part.begin + place for place in table.places], dtype=pl.UInt32)
    whose = {"file": pl.lit(part.file, pl.UInt32), "part": pl.lit(number, pl.UInt32)}
    return pl.DataFrame({"place": places} | columns).with_columns(**whose)


def _numbers(values: list[Any]) -> pl.Series:
    whole = (None if v is None else v if type(v) is int and 0 <= v < 2**63 else _NO_NUMBER for v in values)
    return pl.Series(list(whole), dtype=pl.Int64)


def _ids(files: FitFiles, run: _Run) -> list[fit.Message]:
    """The first file_id of each part that says anything."""
    found = {n: fit.FitPart(tables).file_id for n, tables in run.by_itself.items()}
    mine = {key: layout for key, layout in run.layouts.items() if layout.form.number == fit.FILE_ID}
    table = unpacked(run.data, mine).get(fit.FILE_ID, Table([], {}))
    begins = [part.begin for part in files.parts]
    for place, row in zip(table.places, zip(*table.columns.values(), strict=True), strict=True):
        part, fields = (
            bisect_right(begins, place) - 1,
            {f: v for f, v in zip(table.columns, row, strict=True) if v is not None},
        )
        if part not in found and fields:
            found[part] = fit.Message(fit.FILE_ID, fields)
    return [found.get(n, fit.Message(fit.FILE_ID, {})) for n in range(len(begins))]


def counted_on(full: pl.Expr, low: pl.Expr, anew: pl.Expr, back: int = 0) -> pl.Expr:
    """Numbers of which most rows give only the low 16 bits: counted on from the row before, at most `back` backwards.
    A row that gives neither is as the one before.

    Where counting begins `anew` without a full number, the low bits are all of it.
    """
    number, anew = pl.coalesce(full, low).forward_fill(), anew | full.is_not_null()
    grown = pl.when(anew).then(0).otherwise(((number - number.shift() + back) & 0xFFFF) - back).cum_sum()
    return pl.when(anew).then(number - grown).forward_fill() + grown
