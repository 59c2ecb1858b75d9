"""Many FIT files at once: the messages of all of them in one frame per global number.

The files lie in one run of bytes, one behind the other, so that a place says which file a message is of; a definition
that many of them share is taken apart once, and its messages are taken out together. What is wrong with a file is kept
as its fault: the first that there is, in the order in which a file by itself would be looked at.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import polars as pl

from connectors.kit import fit
from connectors.kit.export import Export
from connectors.kit.fit_fields import Field
from connectors.kit.fit_records import STOP, Damaged, Layout, Records, Table, table_of, tables
from models.fault import Fault, Rejected

_NO_NUMBER = -1  # in a column: what is no whole number from 0 on
_UNSIGNED = "BHI"  # types of at most 32 bits
_PLACE: dict[str, Any] = {"place": pl.UInt32}
_PLACED = {"file": pl.UInt32, "part": pl.UInt32} | _PLACE


class Part(NamedTuple):
    """One file of a chain (most chains have one)."""

    file: int  # of which of the exports
    begin: int  # its bytes in the run
    end: int


@dataclass
class FitFiles:
    """What was wanted of many files. `data`: the bytes of all parts; `notes`: of each export."""

    data: bytes
    parts: list[Part]
    notes: list[list[str]]
    damaged: dict[int, Fault]  # by export
    records: Records  # where messages begin in `data`
    by_itself: dict[int, dict[int, Table]] = field(default_factory=dict)  # of parts with short times
    wrong: dict[int, Fault] = field(default_factory=dict)  # by part: what it says cannot be

    @cached_property
    def starts(self) -> pl.DataFrame:
        """Where each part begins: `file`, `part`, `place`."""
        files, places = [part.file for part in self.parts], [part.begin for part in self.parts]
        return pl.DataFrame({"file": files, "part": range(len(files)), "place": places}, schema=_PLACED)

    def rows(self, number: int, fields: Collection[int], *, with_any: bool = False) -> pl.DataFrame:
        """The messages of a global number, in the order of the files: `place` (the byte where it begins) and a column
        for each of these fields, by its number; NULL where it is absent or "invalid". `with_any`: without those whose
        definition has none of the fields."""
        frames = [pl.DataFrame(schema=_PLACE | {f"{one}": pl.Int64 for one in fields})]
        for layout in self._layouts.get(number, ()):
            own = [each for each in layout.form.fields if each.number in fields]
            if own or not with_any:
                frames.append(self._frame(layout, own))
        for part, found in self.by_itself.items():
            if number in found:
                frames.append(_frame_of(self.parts[part], found[number], fields))
        return pl.concat(frames, how="diagonal").sort("place")

    def _frame(self, layout: Layout, fields: Sequence[Field]) -> pl.DataFrame:
        """The messages of one definition: `place`, and these fields."""
        form, places = layout.form, _whole(layout.places)
        columns = {"place": places}
        for each in fields:
            if each.letter in _UNSIGNED and each.is_whole_number:
                whole = _unsigned(self._bytes, places, form.bytes_of(each))
                values = whole.set(whole == each.invalid, None).cast(pl.Int64)
            else:
                values = _numbers(form.values(form.laid(self.data, layout.places), each))
            name = f"{each.number}"
            columns[name] = values.zip_with(values.is_not_null(), columns[name]) if name in columns else values
        return pl.DataFrame(columns)

    @cached_property
    def _layouts(self) -> dict[int, list[Layout]]:
        return self.records.by_number

    @cached_property
    def _bytes(self) -> pl.Series:
        return pl.Series([self.data]).cast(pl.List(pl.UInt8)).explode()

    @cached_property
    def ids(self) -> list[fit.Message]:
        """The first file_id of each part that says anything; the same message where it says the same."""
        found = {n: fit.FitPart(tables).file_id for n, tables in self.by_itself.items()}
        said, none = dict[tuple, fit.Message](), fit.Message(fit.FILE_ID, {})
        table = table_of(self.data, self._layouts.get(fit.FILE_ID, []))
        begins = [part.begin for part in self.parts]
        for place, row in zip(table.places, zip(*table.columns.values(), strict=True), strict=True):
            if (message := said.get(row)) is None:
                fields = {f: v for f, v in zip(table.columns, row, strict=True) if v is not None}
                message = said[row] = fit.Message(fit.FILE_ID, fields) if fields else none
            if message is not none:
                found.setdefault(bisect_right(begins, place) - 1, message)
        return [found.get(number, none) for number in range(len(begins))]

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


def read_all(exports: Sequence[Export], wanted: Mapping[int, Collection[int]]) -> FitFiles:
    """As `fit.read`, of many exports of a few megabytes together. Raises Rejected where they hold too many messages."""
    fields, pieces, at = fit.fields_of(wanted), list[bytes](), 0
    parts, notes, damaged = list[Part](), list[list[str]](), dict[int, Fault]()
    for file, export in enumerate(exports):
        remarks: list[str] = []
        try:
            for _, part, behind in fit.chain(export):
                pieces += (part, STOP)
                parts.append(Part(file, at, at + len(part)))
                at += len(part) + 1
                remarks = fit.remarks(behind)
        except Rejected:
            damaged[file] = _why(export, wanted)
        notes.append(remarks)
    files = FitFiles(b"".join(pieces), parts, notes, damaged, Records(fields))
    data, records = files.data, files.records
    for number, (file, begin, end) in enumerate(parts):
        try:
            if file not in damaged and not records.scan(data, begin + data[begin], end):
                records.forget(begin)
                files.by_itself[number] = tables(data[begin:end], fields, fit.MOST_VALUES)[0]
        except Damaged:
            records.forget(begin)
            damaged[file] = _why(exports[file], wanted)
    if records.cost > fit.MOST_VALUES:
        for export in exports:
            fit.read(export, wanted)  # of one file: says where
        raise Rejected("whole file", "too many messages in files read at once", "fewer", "read them one by one")
    return files


def _why(export: Export, wanted: Mapping[int, Collection[int]]) -> Fault:
    """What is wrong with a damaged file, and where: by itself, for that is said of the first thing that is."""
    try:
        fit.read(export, wanted)
    except Rejected as rejected:
        return rejected.fault
    raise AssertionError("a file that is damaged among others and sound by itself")


def _whole(numbers: array[int]) -> pl.Series:
    """Numbers as a column, as they lie in memory."""
    kind = pl.Array(pl.UInt32, len(numbers))
    return pl.Series([numbers.tobytes()]).bin.reinterpret(dtype=kind, endianness=sys.byteorder).explode()


def _unsigned(every: Any, places: pl.Series, digits: Sequence[int]) -> pl.Series:
    """Numbers in messages that begin at these places. `digits`: the bytes from there, the most significant first."""
    number = every[places + digits[0]]
    for digit in digits[1:]:
        number = number.cast(pl.UInt32) * 256 + every[places + digit]
    return number


def _frame_of(part: Part, table: Table, fields: Collection[int]) -> pl.DataFrame:
    """The messages of one number in a part that was read by itself."""
    places = pl.Series([part.begin + place for place in table.places], dtype=pl.UInt32)
    columns = {f"{field}": _numbers(values) for field, values in table.columns.items() if field in fields}
    return pl.DataFrame({"place": places} | columns)


def _numbers(values: list[Any]) -> pl.Series:
    whole = (None if v is None else v if type(v) is int and 0 <= v < 2**63 else _NO_NUMBER for v in values)
    return pl.Series(list(whole), dtype=pl.Int64)


Number = TypeVar("Number", int, pl.Expr)


def onward(number: Number, low: Number, back: int = 0) -> Number:
    """How far it is from a number to one with these low 16 bits: the next, or one that lies at most `back` before."""
    return ((low - number + back) & 0xFFFF) - back


def counted_on(rows: pl.DataFrame, full: pl.Expr, low: pl.Expr, anew: pl.Expr, back: int = 0) -> pl.Series:
    """Numbers of which most rows give only the low 16 bits: counted on from the row before, at most `back` backwards.
    A row that gives neither is as the one before.

    Where counting begins `anew` without a full number, the low bits are all of it.
    """
    rows = rows.select(number=pl.coalesce(full, low).forward_fill(), anew=anew | full.is_not_null())
    number, anew, grown = pl.col("number"), pl.col("anew"), pl.col("grown")
    grows = pl.when(anew).then(0).otherwise(onward(number.shift(), number, back))
    rows = rows.with_columns(grown=grows.cum_sum())  # in steps: Polars makes an expression anew wherever it stands
    return rows.select(pl.when(anew).then(number - grown).forward_fill() + grown).to_series()
