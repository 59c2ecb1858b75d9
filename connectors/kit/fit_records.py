"""The records of a FIT file, taken apart: bytes in, columns of raw values out.

One scan steps from record to record by the sizes in the definitions, and notes where the wanted messages begin;
then their wanted fields are unpacked, a definition at a time. Everything else is stepped over: unwanted messages,
unwanted fields (positions among them), and developer fields (an app's own numbers), which nothing needs and which thus
cannot take the place of a native field. Nothing is remembered from one file to the next but what a definition's own
bytes say.
"""

from __future__ import annotations

import math
import struct
from array import array
from collections.abc import Callable, Iterable, Mapping, MutableSequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

TIMESTAMP = 253  # a field of almost every message
_MOST_DEFINITIONS, _MOST_LAYOUTS = 500_000, 2_000  # in a file; different ones, of which watches have some dozens
# Base types: the letter of `struct`, and the value that means "none".
_KINDS: dict[int, tuple[str, Any]] = {
    0x00: ("B", 0xFF), 0x01: ("b", 0x7F), 0x02: ("B", 0xFF), 0x0A: ("B", 0),
    0x83: ("h", 0x7FFF), 0x84: ("H", 0xFFFF), 0x8B: ("H", 0),
    0x85: ("i", 0x7FFFFFFF), 0x86: ("I", 0xFFFFFFFF), 0x8C: ("I", 0),
    0x8E: ("q", 0x7FFFFFFFFFFFFFFF), 0x8F: ("Q", 0xFFFFFFFFFFFFFFFF), 0x90: ("Q", 0),
    0x88: ("f", None), 0x89: ("d", None),  # NaN
    0x07: ("s", None),  # empty
}  # fmt: skip
_BYTES = ("B", None)  # 0x0d, and any type that FIT does not know: none where all bytes are 0xff


class Damaged(Exception):
    """Records that are not complete: where in the file, and how."""

    def __init__(self, at: int, how: str) -> None:
        super().__init__(at, how)
        self.at, self.how = at, how


class _Field(NamedTuple):
    """A wanted field of a definition: items `at` to `upto` of what its struct unpacks."""

    number: int
    at: int
    upto: int
    letter: str
    invalid: Any


class _Form(NamedTuple):
    """How the data messages of one definition lie in the file."""

    number: int  # global
    step: int  # bytes from one message to the next: a header byte and the fields
    unpack_from: Callable[..., tuple]  # unwanted bytes, the header among them, are padding
    fields: tuple[_Field, ...]


Wanted = Mapping[int, frozenset[int]]  # global message number -> field numbers
Places = MutableSequence[int]  # where messages begin
Layouts = dict[bytes, tuple[_Form, Places]]  # definition -> its form, and its messages


@dataclass
class Table:
    """The messages of one global number, in the order of the file."""

    places: list[int]  # the byte where each begins
    columns: dict[int, list[Any]]  # field number -> a raw value per message, None where absent or "invalid"


def tables(part: bytes, wanted: Wanted, most: int) -> tuple[dict[int, Table], int]:
    """The wanted messages of one file (header, records, no checksum) by global number, and what holding them costs.

    That is counted in values, at least ten a message: a message may be a single byte, a field 255 numbers. Raises
    Damaged, also where they cost more than `most`.
    """
    layouts: Layouts = {}
    has_short_times = not scan(part, wanted, layouts)
    if has_short_times:
        layouts.clear()
        scan(part, wanted, layouts, timed=True)
    cost = sum(len(places) * max(10, form.fields[-1].upto if form.fields else 0) for form, places in layouts.values())
    if cost > most:
        raise Damaged(len(part), "more messages than any recording has")
    found = unpacked(part, layouts)
    if has_short_times:
        _count_on(part, list(found.values()))
    return {number: table for number, table in found.items() if number in wanted}, cost


def scan(part: bytes, wanted: Wanted, layouts: Layouts, *, timed: bool = False) -> bool:
    """Step over the records and note in `layouts` where the wanted messages begin. Raises Damaged.

        01000000  0  order  number number  n  (field size type) x n            a definition of local number 0
        01100000  0  order  number number  n  (field size type) x n  m  (field size app) x m    with developer fields
        00000000  fields of local number 0, laid out as its last definition says
        1nntttttt fields of local number nn, and the low 5 bits of the time

    A short time counts on from that of the message before, of any kind. So with `timed` all messages are noted, and
    without it the scan gives up (False) at the first short time; few files have any.
    """
    at, end, part = part[0], len(part), part + b"\x40"  # the loop over what nobody wants ends at a definition
    definitions = 0
    skips, steps, notes = [0] * 256, [0] * 256, list[Callable[[int], None]]([lambda place: None]) * 256  # by header
    try:
        while at < end:
            while skip := skips[part[at]]:
                at += skip
            head = part[at]
            if step := steps[head]:
                notes[head](at)
                at += step
            elif at == end:
                return True
            elif head & 0xC0 == 0x40:
                size = 6 + 3 * part[at + 5]
                size += 1 + 3 * part[at + size] if head & 0x20 else 0
                if at + size > end:
                    break
                definition, local = part[at + 1 : at + size], head & 15
                definitions += 1
                if definitions > _MOST_DEFINITIONS or len(layouts) > _MOST_LAYOUTS:
                    raise Damaged(at, "more definitions than any recording has")
                if definition not in layouts:
                    fields = wanted.get(_number(definition), frozenset())
                    form = _form(definition, fields | {TIMESTAMP} if timed else fields)
                    layouts[definition] = form, [] if form.step > 3 else array("I")  # tiny ones: there may be millions
                form, places = layouts[definition]
                heads = [local, local | 0x10, local | 0x20, local | 0x30]  # those two bits say nothing here
                heads += range(0x80 + 32 * local, 0xA0 + 32 * local) if timed and local < 4 else ()
                for each in heads:
                    skips[each], steps[each] = (0, form.step) if timed or form.fields else (form.step, 0)
                    notes[each] = places.append
                at += size
            elif head & 0x80 and not timed:
                return False
            else:
                local = head >> 5 & 3 if head & 0x80 else head & 15
                raise Damaged(at, f"a message of the undefined local number {local}")
    except IndexError:
        at = end + 1
    if at == end:
        return True
    raise Damaged(end, "the last record runs over the end")


def _number(definition: bytes) -> int:
    return int.from_bytes(definition[2:4], "big" if definition[1] else "little")


@lru_cache(maxsize=1024)
def _form(definition: bytes, wanted: frozenset[int]) -> _Form:
    """A definition taken apart. Cached, since the same bytes say the same in any file, and watches repeat themselves.

    0  order  number number  n  (field size type) x n  [m  (field size app) x m]
    """
    letters, fields, items, size = "x", list[_Field](), 0, 0
    native = definition[5 : 5 + 3 * definition[4]]
    for number, width, base in struct.iter_unpack("3B", native):
        letter, invalid = _KINDS.get(base, _BYTES)
        if width % struct.calcsize(letter):
            letter, invalid = _BYTES  # COROS calls fields of one byte four-byte numbers
        invalid = 0xFF if (letter, invalid) == _BYTES and width == 1 else invalid
        count = width // struct.calcsize(letter)
        if number in wanted and width:
            letters += f"{count}{letter}"
            upto = items + (1 if letter == "s" else count)
            fields.append(_Field(number, items, upto, letter, invalid))
            items = upto
        else:
            letters += f"{width}x"
        size += width
    size += sum(definition[7 + len(native) :: 3])
    unpack_from = struct.Struct((">" if definition[1] else "<") + letters).unpack_from
    return _Form(_number(definition), 1 + size, unpack_from, tuple(fields))


def unpacked(part: bytes, layouts: Layouts) -> dict[int, Table]:
    """The messages noted: a table per global number."""
    by_number: dict[int, list[tuple[_Form, Places]]] = {}
    for form, places in layouts.values():
        if places:
            by_number.setdefault(form.number, []).append((form, places))
    return {number: _table(part, some) for number, some in by_number.items()}


def _table(part: bytes, layouts: list[tuple[_Form, Places]]) -> Table:
    order = sorted(place for _, places in layouts for place in places)
    row_at = {place: row for row, place in enumerate(order)}
    columns: dict[int, list[Any]] = {}
    for form, places in layouts:
        rows = [row_at[place] for place in places]
        items = list(zip(*map(form.unpack_from, repeat(part), places), strict=True))  # one column per item
        for field in form.fields:
            column = columns.setdefault(field.number, [None] * len(order))
            values: Iterable[Any] = items[field.at]
            none = field.invalid
            if none is None or field.upto - field.at > 1:
                several = zip(*items[field.at : field.upto], strict=True)
                values, none = map(partial(_value, field.letter, none), several), None
            for row, value in zip(rows, values, strict=True):
                if value != none:
                    column[row] = value
    return Table(order, columns)


def _value(letter: str, invalid: Any, items: tuple) -> Any:
    """Text, one number, or a tuple of numbers and None. None where the field holds nothing at all."""
    if letter == "s":
        return items[0].partition(b"\0")[0].decode(errors="replace") or None
    if letter in "fd":
        values = tuple(None if math.isnan(item) else item for item in items)
    elif invalid is None:
        values = items if set(items) != {0xFF} else (None,)
    else:
        values = tuple(None if item == invalid else item for item in items)
    if all(item is None for item in values):
        return None
    return values[0] if len(values) == 1 else values


def _count_on(part: bytes, found: list[Table]) -> None:
    """Fill in the times of which only the low 5 bits are there."""
    now, stamps = 0, list[tuple[int, int, list[Any]]]()
    for table in found:
        times = table.columns.setdefault(TIMESTAMP, [None] * len(table.places))
        stamps += zip(table.places, range(len(times)), repeat(times))
    for place, row, times in sorted(stamps, key=itemgetter(0)):
        now = times[row] if isinstance(times[row], int) else now
        if part[place] & 0x80:
            now += (part[place] - now) & 0x1F
            times[row] = now
