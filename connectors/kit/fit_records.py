"""The records of a FIT file, taken apart: bytes in, columns of raw values out.

One scan steps from record to record by the sizes in the definitions, and notes where the wanted messages begin;
then their wanted fields are taken out (kit/fit_fields.py), a definition at a time. Everything else is stepped over:
unwanted messages, unwanted fields (positions among them), and developer fields (an app's own numbers), which nothing
needs and which thus cannot take the place of a native field. Nothing is remembered from one file to the next but what
a definition's own bytes say.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, MutableSequence
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

from connectors.kit.fit_fields import Form, form_of, number_of

TIMESTAMP = 253  # a field of almost every message
_MOST_DEFINITIONS, _MOST_LAYOUTS = 500_000, 2_000  # in a file; different ones, of which watches have some dozens
STOP = b"\x40"  # behind the records of a file: a loop over what nobody wants ends at a definition


class Damaged(Exception):
    """Records that are not complete: where in the file, and how."""

    def __init__(self, at: int, how: str) -> None:
        super().__init__(at, how)
        self.at, self.how = at, how


_Note = tuple[Callable[[int], None], int]


class Layout(NamedTuple):
    """A definition, and where its messages begin. The rest is what a scan does at a header that is its."""

    form: Form
    places: MutableSequence[int]
    skip: tuple[int, ...]  # bytes to step over, where nobody wants the message
    note: tuple[_Note | None, ...]  # or else what notes its place, and the bytes to step over then


Wanted = Mapping[int, frozenset[int]]  # global message number -> field numbers
Layouts = dict[bytes, Layout]  # by definition
# The headers of a local number's messages: two bits say nothing in them; and those with short times.
_HEADERS, _SHORT = [slice(n, 64, 16) for n in range(16)], [slice(0x80 + 32 * n, 0xA0 + 32 * n) for n in range(4)]


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
    data, begin = part + STOP, part[0]
    has_short_times = not scan(data, begin, len(part), wanted, layouts)
    if has_short_times:
        layouts.clear()
        scan(data, begin, len(part), wanted, layouts, timed=True)
    if (spent := cost(layouts)) > most:
        raise Damaged(len(part), "more messages than any recording has")
    found = unpacked(part, layouts)
    if has_short_times:
        _count_on(part, list(found.values()))
    return {number: table for number, table in found.items() if number in wanted}, spent


def cost(layouts: Layouts) -> int:
    """What holding the messages noted costs, in values."""
    return sum(len(layout.places) * layout.form.cost for layout in layouts.values())


def scan(data: bytes, at: int, end: int, wanted: Wanted, layouts: Layouts, *, timed: bool = False) -> bool:
    """Step over the records from `at` to `end`, where STOP stands, and note in `layouts` where the wanted messages
    begin. Raises Damaged.

        01000000  0  order  number number  n  (field size type) x n            a definition of local number 0
        01100000  0  order  number number  n  (field size type) x n  m  (field size app) x m    with developer fields
        00000000  fields of local number 0, laid out as its last definition says
        1nntttttt fields of local number nn, and the low 5 bits of the time

    A short time counts on from that of the message before, of any kind. So with `timed` all messages are noted, and
    without it the scan gives up (False) at the first short time; few files have any.
    """
    definitions, most_layouts = 0, len(layouts) + _MOST_LAYOUTS
    skips, notes = [0] * 256, list[_Note | None]([None]) * 256  # by header
    try:
        while at < end:
            while skip := skips[data[at]]:
                at += skip
            if at >= end:
                break
            head = data[at]
            if noting := notes[head]:
                note, step = noting
                note(at)
                at += step
            elif head & 0xC0 == 0x40:
                size = 6 + 3 * data[at + 5]
                size += 1 + 3 * data[at + size] if head & 0x20 else 0
                if at + size > end:
                    raise Damaged(end, "the last record runs over the end")
                definition, local = data[at + 1 : at + size], head & 15
                definitions += 1
                if (layout := layouts.get(definition)) is None:
                    layout = layouts[definition] = _layout(definition, wanted, timed)
                if definitions > _MOST_DEFINITIONS or len(layouts) > most_layouts:
                    raise Damaged(at, "more definitions than any recording has")
                each = _HEADERS[local]
                skips[each], notes[each] = layout.skip, layout.note
                if timed and local < 4:
                    notes[_SHORT[local]] = layout.note * 8
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


def _layout(definition: bytes, wanted: Wanted, timed: bool) -> Layout:
    fields = wanted.get(number_of(definition), frozenset())
    form = form_of(definition, fields | {TIMESTAMP} if timed else fields)
    places: MutableSequence[int] = [] if form.step > 3 else array("I")  # tiny ones: there may be millions
    if timed or form.fields:
        return Layout(form, places, (0,) * 4, ((places.append, form.step),) * 4)
    return Layout(form, places, (form.step,) * 4, (None,) * 4)


def forget(layouts: Layouts, begin: int) -> None:
    """Take back what the last scan noted, of a file that begins there."""
    for layout in layouts.values():
        while layout.places and layout.places[-1] >= begin:
            layout.places.pop()


def by_number(layouts: Layouts) -> dict[int, list[Layout]]:
    """The layouts that have messages, by their global number."""
    found: dict[int, list[Layout]] = {}
    for layout in layouts.values():
        if layout.places:
            found.setdefault(layout.form.number, []).append(layout)
    return found


def unpacked(data: bytes, layouts: Layouts) -> dict[int, Table]:
    """The messages noted: a table per global number."""
    return {number: _table(data, some) for number, some in by_number(layouts).items()}


def _table(data: bytes, layouts: list[Layout]) -> Table:
    order = sorted(place for layout in layouts for place in layout.places)
    row_at = {place: row for row, place in enumerate(order)}
    columns: dict[int, list[Any]] = {}
    for form, places, *_ in layouts:
        rows, laid = [row_at[place] for place in places], form.laid(data, places)
        for field in form.fields:
            column = columns.setdefault(field.number, [None] * len(order))
            for row, value in zip(rows, form.values(laid, field), strict=True):
                if value is not None:
                    column[row] = value
    return Table(order, columns)


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
