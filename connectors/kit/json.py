"""How JSON is read: one element of the outermost list after the other, strictly, within bounds.

A file of a hundred megabytes takes no more memory than its largest element, whose values are counted before they are
decoded. What is cut off, nested too deeply, larger than can be, or names a key twice in one object is
rejected, with all of the file.
"""

from __future__ import annotations

import codecs
import fnmatch
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from connectors.kit.csv import AGAIN, like, wrong_cell
from connectors.kit.export import Export
from models.fault import Impossible, Rejected
from models.shown import shortened

_BLOCK = 1024 * 1024
_LARGEST = 64 * 1024 * 1024  # characters of an element
_MOST_VALUES = 5_000_000  # in an element; a value of a few characters takes up to a hundred bytes
_MOST_ELEMENTS = 3_000_000
_MOST_FIELDS = 5_000  # different ones of one kind of object; vendors have a hundred
_SPACE = re.compile(r"[ \t\r\n]*")


class _Unsound(Exception):
    """What cannot be, whatever follows: the element is not merely cut off."""


def begins_like_json(export: Export) -> bool:
    """Whether the first character is that of a list or an object."""
    return export.head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{")


def quoted(export: Export) -> frozenset[bytes]:
    """Everything in the first bytes that stands between two quotation marks next to each other, keys among it."""
    return export.once(_quoted)


def _quoted(export: Export) -> frozenset[bytes]:
    return frozenset(export.head.split(b'"')[1:-1])


def elements(export: Export, lines: bool = False) -> Iterator[Any]:
    """The elements of the list a file is, or the one object it is; of `lines`, an object each. Raises Rejected."""
    if export.size <= _BLOCK and (found := _at_once(export)) is not None:
        yield from found
        return
    with export.open() as stream:
        text, count = _Text(stream), 0
        if text.peek() == "{":
            yield text.element()
            while lines and text.peek() == "{":
                count += 1
                if count > _MOST_ELEMENTS:
                    raise bad(f"more than {_MOST_ELEMENTS:,} entries")
                yield text.element()
        else:
            text.expect("[")
            while text.peek() != "]":
                count += 1
                if count > _MOST_ELEMENTS:
                    raise bad(f"more than {_MOST_ELEMENTS:,} entries")
                yield text.element()
                if text.peek() != "]":
                    text.expect(",")
                    if text.peek() == "]":
                        raise bad("a comma without anything after it")
            text.expect("]")
        if text.peek():
            raise bad("more after the end")


def objects(export: Export, what: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects that `elements` are, each with its place, such as "day 3". Raises Rejected for anything else."""
    for n, element in enumerate(elements(export), start=1):
        if not isinstance(element, dict):
            raise bad("something else", f"{what} {n}", "an object")
        yield f"{what} {n}", element


def _at_once(export: Export) -> list[Any] | None:
    """The same of a small file that is sound; None where it is not plainly so."""
    try:
        found = _DECODER.decode(export.read().decode("utf-8-sig"))
    except (ValueError, RecursionError, _Unsound):
        return None
    return found if isinstance(found, list) else [found] if isinstance(found, dict) else None


class _Text:
    """A stream of characters of which only what is not yet used is in memory."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._rest = ""
        self._at = 0
        self._over = False

    def _more(self) -> bool:
        if self._over:
            return False
        self._rest, self._at = self._rest[self._at :], 0
        block = self._stream.read(max(_BLOCK, min(len(self._rest), _LARGEST + 1 - len(self._rest))))
        self._over = not block
        try:
            self._rest += self._decode.decode(block, self._over)
        except UnicodeDecodeError:
            raise bad("text that is not UTF-8") from None
        return True

    def peek(self) -> str:
        """The next character that is not space; empty at the end."""
        while True:
            match = _SPACE.match(self._rest, self._at)
            assert match is not None
            self._at = match.end()
            if self._at < len(self._rest) or not self._more():
                return self._rest[self._at : self._at + 1]

    def expect(self, character: str) -> None:
        found = self.peek()
        if found != character:
            raise bad(f"no '{character}' where one belongs" if found else "a file that is cut off")
        self._at += 1

    def element(self) -> Any:
        """The next element; each look at one that is not complete yet takes in twice as much as the last."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._rest, self._at)
                if end < len(self._rest) or self._over:
                    self._at = end
                    return value
            except _Unsound as error:
                raise bad(str(error)) from None
            except RecursionError:
                raise bad("objects nested too deeply") from None
            except json.JSONDecodeError:
                if self._over:
                    raise bad("damaged JSON, or a file that is cut off") from None
            except ValueError:
                raise bad("a number of thousands of digits") from None
            if len(self._rest) - self._at > _LARGEST:
                raise bad("one element of over 64 MB, or damaged JSON")
            self._more()
            if len(self._rest) > 4 * _BLOCK and _values(self._rest) > _MOST_VALUES:
                raise bad(f"one element of over {_MOST_VALUES:,} values, or damaged JSON")


def _values(text: str) -> int:
    """At most how many values a text holds, an object counting as three for what it takes."""
    return 3 * text.count("{") + text.count("[") + text.count(",")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Unsound("a key that stands twice in one object")
    return found


def _constant(name: str) -> Any:
    raise _Unsound(f"'{name}' for a number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


@dataclass
class Fields:
    """The fields that a kind of object has, as the columns of a table: read, known and not read, or remarked on.

    `needed`: some object of a file has it, or the file is rejected; `optional` ones may be absent, under no other name.
    `ignored` may hold patterns. `add` each object, then ask for `notes`.
    """

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    seen: set[str] = field(default_factory=set)

    def add(self, record: dict[str, Any]) -> None:
        """Remember which fields an object has."""
        self.seen.update(record)
        if len(self.seen) > _MOST_FIELDS:
            raise bad(f"more than {_MOST_FIELDS:,} different fields")

    def notes(self) -> list[str]:
        """Remarks on fields never seen before. Raises Rejected for a missing or renamed one."""
        known = {*self.needed, *self.optional}
        unknown = sorted(
            name for name in self.seen - known if not any(fnmatch.fnmatchcase(name, p) for p in self.ignored)
        )
        for name in (*self.needed, *self.optional) if self.seen else ():
            near = like(name, unknown, name in self.needed)
            if name not in self.seen and (near or name in self.needed):
                found = f"no such field, but one like '{name}'" if near else "no such field"
                raise bad(found, f"field {name}", f"a field '{name}'", near)
        if len(unknown) > 8:
            return [f"{len(unknown)} fields that are not known: not read"]
        return [f"new field '{shortened(name, 60)}': not read" for name in unknown]


def object_in(cell: str | None, line: int, column: str) -> dict[str, Any]:
    """The object that a cell of a table holds. Raises Rejected where it is none."""
    try:
        value = json.loads(cell or "")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise wrong_cell(line, column, cell, "an object of JSON")
    return value


def bad(
    found: str, place: str = "whole file", expected: str = "the JSON of this export", words: str | None = None
) -> Rejected:
    """The rejection of a file that is not what it should be. `words`: what it says itself."""
    return Rejected(place, found, expected, AGAIN, words)


def members(record: Any, key: str, place: str) -> list[dict[str, Any]]:
    """The objects of the list under `key`; empty where there is none. Raises Rejected."""
    found = record.get(key, []) if isinstance(record, dict) else None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise bad("something else", f"{place}, field {key}", "a list of objects")
    return found


def number(record: dict[str, Any], key: str, place: str, least: float, most: float) -> float | None:
    """A number; None where the key is absent or null. Raises Rejected for anything else, Impossible out of bounds."""
    value = record.get(key)
    if value is None:
        return None
    where, expected = f"{place}, field {key}", f"a number from {least:g} to {most:g}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad("no number", where, expected)
    if not least <= value <= most:
        figure = f"{value:g}" if isinstance(value, float) else str(value)[:20]
        raise Impossible(where, "another number", expected, AGAIN, figure)
    return value


def integer(record: dict[str, Any], key: str, place: str, least: int, most: int) -> int | None:
    """As `number`, without a fraction."""
    value = number(record, key, place, least, most)
    if value is not None and value != int(value):
        raise bad("a fraction", f"{place}, field {key}", "a whole number", f"{value:g}")
    return None if value is None else int(value)
