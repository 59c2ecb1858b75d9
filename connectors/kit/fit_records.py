"""The records of a FIT file, taken apart: bytes in, columns of raw values out.

One scan steps from record to record by the sizes in the definitions, and notes where the wanted messages begin;
then their wanted fields are taken out (kit/fit_fields.py), a definition at a time. Everything else is stepped over:
unwanted messages, unwanted fields (positions among them), and developer fields (an app's own numbers), which nothing
needs and which thus cannot take the place of a native field. Nothing is remembered from one file to the next but what
a definition's own bytes say.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
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


class Layout(NamedTuple):
    """A definition, and where its messages begin."""

    form: Form
    places: array[int]


Wanted = Mapping[int, frozenset[int]]  # global message number -> field numbers
_Note = tuple[Callable[[int], None], int]  # what notes where a message begins, and the bytes to step over then
# What a scan does at the messages of a local number: bytes to step over where nobody wants them, or else a note.
_Step = tuple[int, int, _Note | None]


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
    data, begin, records = part + STOP, part[0], Records(wanted)
    has_short_times = not records.scan(data, begin, len(part))
    if has_short_times:
        records = Records(wanted, timed=True)
        records.scan(data, begin, len(part))
    if records.cost > most:
        raise Damaged(len(part), "more messages than any recording has")
    found = {number: table_of(part, layouts) for number, layouts in records.by_number.items()}
    if has_short_times:
        _count_on(part, list(found.values()))
    return {number: table for number, table in found.items() if number in wanted}, records.cost


class Records:
    """Where the wanted messages begin in a run of bytes: of one file, or of many that are scanned one by one.

        01000000  0  order  number number  n  (field size type) x n            a definition of local number 0
        01100000  0  order  number number  n  (field size type) x n  m  (field size app) x m    with developer fields
        00000000  fields of local number 0, laid out as its last definition says: two bits say nothing
        1nntttttt fields of local number nn, and the low 5 bits of the time

    A short time counts on from that of the message before, of any kind. So with `timed` all messages are noted.
    """

    def __init__(self, wanted: Wanted, *, timed: bool = False) -> None:
        self.layouts: dict[bytes, Layout] = {}  # by definition
        self._wanted, self._timed = wanted, timed
        self._steps: dict[bytes, _Step] = {}  # by definition with its header: what comes of it, known from before

    def scan(self, data: bytes, at: int, end: int) -> bool:
        """Step over the records from `at` to `end`, where STOP stands, and note where the wanted messages begin.

        Where not all messages are noted, it gives up (False) at the first short time; few files have any. Raises
        Damaged.
        """
        skips: list[int] = [0] * 256  # by header
        notes: list[_Note | None] = [None] * 256
        others: list[int] = []  # headers with a short time, or bits that say nothing: as theirs to the next definition
        most, known = len(self.layouts) + _MOST_LAYOUTS, self._steps.get
        try:
            for _ in range(_MOST_DEFINITIONS):
                while True:
                    while skip := skips[head := data[at]]:
                        at += skip
                    if not (noting := notes[head]):
                        break
                    note, step = noting
                    note(at)
                    at += step
                if at >= end:
                    break
                if head & 0xC0 == 0x40:
                    size = 6 + 3 * data[at + 5]
                    size += 1 + 3 * data[at + size] if head & 0x20 else 0
                    record = data[at : at + size]
                    if at + size > end:
                        raise Damaged(end, "the last record runs over the end")
                    local, skips[local], notes[local] = known(record) or self._step(record)
                    while others:
                        skips[other := others.pop()], notes[other] = 0, None
                    at += size
                    if len(self.layouts) > most:
                        break
                elif head & 0x80 and not self._timed:
                    return False
                else:
                    local = head >> 5 & 3 if head & 0x80 else head & 15
                    if not (skips[local] or notes[local]):
                        raise Damaged(at, f"a message of the undefined local number {local}")
                    skips[head], notes[head] = skips[local], notes[local]
                    others.append(head)
        except IndexError:
            at = end + 1
        if at < end:
            raise Damaged(at, "more definitions than any recording has")
        if at > end:
            raise Damaged(end, "the last record runs over the end")
        return True

    def _step(self, record: bytes) -> _Step:
        """What comes of a definition that was not seen before."""
        definition, local = record[1:], record[0] & 15
        if (layout := self.layouts.get(definition)) is None:
            fields = self._wanted.get(number_of(definition), frozenset())
            form = form_of(definition, fields | {TIMESTAMP} if self._timed else fields)
            layout = self.layouts[definition] = Layout(form, array("I"))
        form, places = layout
        is_noted = self._timed or form.fields
        step = self._steps[record] = (local, 0, (places.append, form.step)) if is_noted else (local, form.step, None)
        return step

    def forget(self, begin: int) -> None:
        """Take back what the last scan noted, of a file that begins there."""
        for _, places in self.layouts.values():
            while places and places[-1] >= begin:
                places.pop()

    @property
    def cost(self) -> int:
        """What holding the messages noted costs, in values."""
        return sum(len(places) * form.cost for form, places in self.layouts.values())

    @property
    def by_number(self) -> dict[int, list[Layout]]:
        """The layouts that have messages, by their global number."""
        found: dict[int, list[Layout]] = {}
        for layout in self.layouts.values():
            if layout.places:
                found.setdefault(layout.form.number, []).append(layout)
        return found


def table_of(data: bytes, layouts: Sequence[Layout]) -> Table:
    """The messages noted of one global number."""
    order = sorted(place for layout in layouts for place in layout.places)
    row_at = {place: row for row, place in enumerate(order)}
    columns: dict[int, list[Any]] = {}
    for form, places in layouts:
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
