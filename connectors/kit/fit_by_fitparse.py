"""A second opinion on a FIT file: the same values, as the library fitparse decodes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import zip_longest
from typing import Any, NamedTuple

from connectors.kit import fit
from connectors.kit.export import Export

Wanted = Mapping[int, Collection[int]]
_Message = tuple[int, dict[int, Any]]  # its global number, and raw values by field number


class SecondOpinion(NamedTuple):
    """How many values were compared, and where the two part first."""

    values: int
    difference: str | None = None  # None: every value is the same
    gave_up: str | None = None  # why fitparse did not read the file; then nothing was compared


def second_opinion(export: Export, wanted: Wanted) -> SecondOpinion:
    """Decode the wanted fields of a FIT file by our reader and by fitparse, and compare them value for value.

    Values are raw, in the order of the file; "invalid" ones are absent. Raises Rejected where our own reader refuses
    the file.
    """
    ours = [message for part in fit.read(export, wanted) for message in in_order(part)]
    try:
        theirs = by_fitparse(export.read(), wanted)
    except Exception as error:  # the library's own, and whatever a file that it was not made for makes it raise
        return SecondOpinion(0, gave_up=f"fitparse cannot read it ({type(error).__name__})")
    compared = 0
    none: tuple[int | None, dict[int, Any]] = (None, {})
    for n, (mine, other) in enumerate(zip_longest(ours, theirs, fillvalue=none), 1):
        place = f"the {n}. of the messages read"
        if mine[0] != other[0]:
            kinds = (f"number {kind}" if kind is not None else "none" for kind in (mine[0], other[0]))
            return SecondOpinion(compared, f"{place}: {' here, '.join(kinds)} by fitparse")
        place += f" (number {mine[0]})"
        for field in sorted(mine[1].keys() | other[1].keys()):
            here, there = mine[1].get(field), other[1].get(field)
            if repr(here) != repr(there):  # as text: 1 is not 1.0
                return SecondOpinion(compared, f"{place}, field {field}: {here} here, {there} by fitparse")
            compared += 1
    return SecondOpinion(compared)


def by_fitparse(data: bytes, wanted: Wanted) -> list[_Message]:
    """The wanted messages that say anything, as fitparse decodes them. Raises what fitparse raises."""
    from fitparse import FitFile, records  # type: ignore[import-untyped]

    records.DEV_TYPES.clear()  # it would take descriptions from the file it read before
    try:
        messages = [message for message in FitFile(data).get_messages() if message.mesg_num in wanted]
        return [(m.mesg_num, values) for m in messages if (values := _values(m, wanted[m.mesg_num]))]
    finally:
        records.DEV_TYPES.clear()


def in_order(part: fit.FitPart) -> list[_Message]:
    """The messages of a file by our reader, in the order of the file, without file_id."""
    rows = [(place, number, row) for number, t in part.tables.items() for row, place in enumerate(t.places) if number]
    each = (
        (number, {f: c[row] for f, c in part.tables[number].columns.items() if c[row] is not None})
        for _, number, row in sorted(rows)
    )
    return [(number, fields) for number, fields in each if fields]


def _values(message: Any, wanted: Collection[int]) -> dict[int, Any]:
    """The native fields of a message of fitparse as it read them, without those that hold nothing."""
    values = {}
    for one in message.fields:
        number = one.field_def.def_num if one.field_def else 253
        made_up = one.field_type == "devfield" or (one.field_def is None and one.def_num != 253)
        value = one.raw_value
        is_empty = value is None or (isinstance(value, tuple) and all(part is None for part in value))
        if not made_up and number in wanted and not is_empty:
            values[number] = value[0] if isinstance(value, tuple) and len(value) == 1 else value
    return values
