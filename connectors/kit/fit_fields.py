"""A definition of a FIT file taken apart, and the fields of its messages taken out of the bytes, a column at a time.

The messages of one definition are of one length. Laid end to end, byte k of each of them is a slice with a step, and a
field of four bytes is four such slices: no message is looked at by itself.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

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


class Field(NamedTuple):
    """A wanted field of a definition: `items` of them from byte `at` of a message on."""

    number: int
    at: int
    items: int
    letter: str
    invalid: Any

    @property
    def is_whole_number(self) -> bool:
        """Whether every message has one number in it, and no fraction."""
        return self.items == 1 and self.invalid is not None


class Form(NamedTuple):
    """How the data messages of one definition lie in the file."""

    number: int  # global
    step: int  # bytes from one message to the next: a header byte and the fields
    is_big: bool  # the order of the bytes of a number
    fields: tuple[Field, ...]

    @property
    def cost(self) -> int:
        """What holding a message costs, in values: at least ten, however short it is."""
        return max(10, sum(1 if field.letter == "s" else field.items for field in self.fields))

    def laid(self, data: bytes, places: Iterable[int]) -> bytes:
        """The messages that begin at these places, end to end."""
        step = self.step
        return b"".join([data[place : place + step] for place in places])

    def bytes_of(self, field: Field, item: int = 0) -> range:
        """The bytes of a message that one item of a field lies in, the most significant first."""
        size = struct.calcsize(field.letter)
        begin = field.at + item * size
        return range(begin, begin + size) if self.is_big else range(begin + size - 1, begin - 1, -1)

    def items(self, laid: bytes, field: Field, item: int = 0) -> memoryview:
        """One item of a field (no text) in every message, as numbers of its type, the "invalid" ones among them."""
        digits = self.bytes_of(field, item)
        out = bytearray(len(digits) * (len(laid) // self.step))
        for at, digit in enumerate(digits if sys.byteorder == "big" else reversed(digits)):
            out[at :: len(digits)] = laid[digit :: self.step]
        return memoryview(out).cast(field.letter)  # type: ignore[call-overload]

    def values(self, laid: bytes, field: Field) -> list[Any]:
        """A field of every message: text, one number, or a tuple of numbers and None. None where it holds nothing."""
        if field.letter == "s":
            texts = (laid[at : at + field.items] for at in range(field.at, len(laid), self.step))
            return [text.partition(b"\0")[0].decode(errors="replace") or None for text in texts]
        if field.is_whole_number:
            return [None if value == field.invalid else value for value in self.items(laid, field).tolist()]
        items = (self.items(laid, field, item).tolist() for item in range(field.items))
        return [_value(field, several) for several in zip(*items, strict=True)]


def _value(field: Field, items: tuple) -> Any:
    """One number, or a tuple of numbers and None. None where all of them are "invalid"."""
    if field.letter in "fd":
        values = tuple(None if math.isnan(item) else item for item in items)
    elif field.invalid is None:
        values = items if set(items) != {0xFF} else (None,)
    else:
        values = tuple(None if item == field.invalid else item for item in items)
    if all(item is None for item in values):
        return None
    return values[0] if len(values) == 1 else values


@lru_cache(maxsize=1024)
def form_of(definition: bytes, wanted: frozenset[int]) -> Form:
    """A definition taken apart. Cached, since the same bytes say the same in any file, and watches repeat themselves.

    0  order  number number  n  (field size type) x n  [m  (field size app) x m]
    """
    fields, at = list[Field](), 1
    native = definition[5 : 5 + 3 * definition[4]]
    for number, width, base in struct.iter_unpack("3B", native):
        letter, invalid = _KINDS.get(base, _BYTES)
        if width % struct.calcsize(letter):
            letter, invalid = _BYTES  # COROS calls fields of one byte four-byte numbers
        invalid = 0xFF if (letter, invalid) == _BYTES and width == 1 else invalid
        if number in wanted and width:
            fields.append(Field(number, at, width // struct.calcsize(letter), letter, invalid))
        at += width
    at += sum(definition[7 + len(native) :: 3])
    return Form(number_of(definition), at, bool(definition[1]), tuple(fields))


def number_of(definition: bytes) -> int:
    """The global number of its messages."""
    return int.from_bytes(definition[2:4], "big" if definition[1] else "little")
