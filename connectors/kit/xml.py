"""How a large XML file is read: as a stream, with the standard library's expat, never all at once.

What comes before the root element is skipped, since some exports carry a malformed document type there. With it goes
every entity it may declare: nothing is ever expanded, and a reference to one is an error. Characters that XML forbids
are taken out. An element leaves no trace but what its handler stores.

`sift` takes what nobody wants out of the raw bytes; it never reaches the parser, which is most of the speed.

Where every child of the root stands by itself, one that is damaged need not cost the others: reading goes on at the
next one (`Records`). A file that ends before its root does is never taken for whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.parsers import expat

from connectors.kit.beside import beside
from connectors.kit.export import Export
from models.fault import Rejected
from models.system.processors import processors

BLOCK = 2**20  # beside damage it decides which records are set aside: another one reads such a file otherwise
_LARGE = 128 * 2**20  # from here on a process that helps to sift pays
_LONGEST_TAG = 2 * 2**20  # Apple's longest are some hundred bytes, with a device's description
_DEEPEST = 64
_MOST_DAMAGED, _REMEMBERED = 1_000, 4_096  # records; bytes before the damage in one
_MOST_NAMES = 20_000  # of elements and attributes; vendors have a few hundred
_FORBIDDEN = bytes(set(range(32)) - set(b"\t\n\r"))
_FORBIDDEN_REFERENCE = re.compile(rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[\da-fA-F]));")
_AGAIN = "export the file again, or take it out of the inbox"

Start = Callable[[str, dict[str, str], int], None]
End = Callable[[str, int], None]
Leaf = Callable[[tuple[str, ...], str], None]


@dataclass(frozen=True)
class Records:
    """Children of the root that stand by themselves: where in the raw bytes one begins, or the root ends; and what is
    called with the rejection and the raw bytes of one that is damaged."""

    begin: re.Pattern[bytes]
    damaged: Callable[[Rejected, bytes], None]


def root_at(head: bytes, root: str) -> int:
    """Where the root element begins; -1 where there is none of that name."""
    found = re.search(rb"<" + root.encode() + rb"[\s/>]", head)
    return found.start() if found else -1


def leaves(
    export: Export, root: str, start: Callable[[tuple[str, ...], dict[str, str]], None], leaf: Leaf, skip: bytes
) -> None:
    """Call `start(path, attributes)` and, at its end, `leaf(path, text)` for each element, by names without prefix.

    `path`: its names from below the root on; `skip`: what is taken out of the raw bytes. Raises Rejected as `parse`.
    """
    path: list[str] = []
    pieces: list[str] = []

    def opened(name: str, attributes: dict[str, str], depth: int) -> None:
        if depth > 1:
            path.append(name.rpartition(":")[2])
        pieces.clear()
        start(tuple(path), attributes)

    def closed(_name: str, depth: int) -> None:
        leaf(tuple(path), "".join(pieces).strip())
        pieces.clear()
        if depth > 1:
            path.pop()

    parse(export, root, opened, closed, partial(re.compile(skip, re.S).sub, b""), text=pieces.append)


def parse(
    export: Export,
    root: str,
    start: Start,
    end: End,
    sift: Callable[[bytes], Any],
    keep: Callable[[bytes, Any], bytes] | None = None,
    text: Callable[[str], None] | None = None,
    records: Records | None = None,
) -> None:
    """Call `start(name, attributes, depth)` and `end(name, depth)` for each element; the root has depth 1.

    `sift` is given the bytes in pieces that end before a tag, and gives what of them is to be parsed; or `keep` does,
    given the piece as it stands in the file and what was sifted out of it. `sift` may be called in another process,
    `keep` and all others are called here, in the order of the file. `text` is called with what stands between elements,
    in pieces. Reading ends where the root does. Raises Rejected where the file is not well-formed (but for single
    `records`) or ends too early.
    """
    parser = _Parser(root, start, end, text, records)
    work, pieces = partial(_sifted, sift), _pieces(export, root)
    is_shared = export.size > _LARGE and processors() > 1
    sifted = beside(work, pieces) if is_shared else ((piece, read, work(piece)) for piece, read in pieces)
    with closing(sifted):
        for piece, parser.read, apart in sifted:
            parser.feed(keep(piece, apart) if keep else apart)
            if parser.over:
                return
    raise _broken(parser.read, "an end of the file before the end of its data")


def _pieces(export: Export, root: str) -> Iterator[tuple[bytes, int]]:
    """The file from its root on, cut before tags, and how much of it is read by then. Raises Rejected."""
    rest, begun, read = b"", False, 0
    with export.open() as stream:
        while block := stream.read(BLOCK):
            rest += block
            read += len(block)
            if not begun:
                rest, begun = _from_root(allowed(rest), root)
            cut = rest.rfind(b"<")
            if len(rest) - cut > _LONGEST_TAG:
                rest = rest[:cut] + allowed(rest[cut:])
                if len(rest) - cut > _LONGEST_TAG:
                    raise _broken(read, "a tag of over two megabytes")
            if begun and cut > 0:
                yield rest[:cut], read
                rest = rest[cut:]
    yield rest if begun else b"", read


class _Parser:
    """Expat, and a new one behind each record that is damaged."""

    def __init__(
        self, root: str, start: Start, end: End, text: Callable[[str], None] | None, records: Records | None
    ) -> None:
        self.root, self._start, self._end, self._text, self._records = root, start, end, text, records
        self.read, self.over = 0, False  # how many bytes of the file; whether the root has ended
        self._names: dict[str, str] = {}
        self._damaged, self._is_lost = 0, False  # records; whether the next one is looked for
        self._tail = b""  # of the piece before
        self._begin()

    def _begin(self) -> None:
        self._expat = expat.ParserCreate("UTF-8", None, self._names)
        if hasattr(self._expat, "SetReparseDeferralEnabled"):  # Expat 2.6: else it tells of damage pieces later
            self._expat.SetReparseDeferralEnabled(False)
        self._expat.StartElementHandler = self._opened
        self._expat.EndElementHandler = self._closed
        self._expat.CharacterDataHandler = self._text
        self._depth = self._fed = 0

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _broken(self.read, f"elements nested over {_DEEPEST} deep")
        self._start(name, attributes, self._depth)

    def _closed(self, name: str) -> None:
        self._end(name, self._depth)
        self._depth -= 1
        self.over = self._depth == 0

    def feed(self, data: bytes) -> None:
        """Parse a piece that ends before a tag. What follows the root is not ours, whatever it is."""
        if b"&#" in data:
            data = _FORBIDDEN_REFERENCE.sub(b"", data)
        if self._is_lost:
            data = self._found_again(data, 0)
        while not self._is_lost and (at := self._damage_in(data)) is not None:
            data = self._found_again(data, at)
        self._tail = data[-_REMEMBERED:]
        if len(self._names) > _MOST_NAMES:
            raise _broken(self.read, f"over {_MOST_NAMES} different names")

    def _damage_in(self, data: bytes) -> int | None:
        """Where a piece is damaged, once its record has been told; None where all of it was parsed."""
        try:
            self._expat.Parse(data, False)
        except expat.ExpatError as error:
            if error.code == expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]:
                return None
            fault = _broken(self.read, f"damaged XML ({expat.ErrorString(error.code)})")
            self._damaged += 1
            if self._records is None or self._damaged > _MOST_DAMAGED:
                raise fault from None
            at = max(self._expat.ErrorByteIndex - self._fed, 0 if self._tail else 1)
            before = self._tail + data[max(0, at - _REMEMBERED) : at]
            begin = max((found.start() for found in self._records.begin.finditer(before)), default=0)
            behind = self._records.begin.search(data, at)
            self._records.damaged(fault, before[begin:] + data[at : behind.start() if behind else at + _REMEMBERED])
            self._tail = b""
            return at
        self._fed += len(data)
        return None

    def _found_again(self, data: bytes, at: int) -> bytes:
        """The piece from its next record on, and a new parser for it; nothing where there is none in it."""
        assert self._records is not None
        begin = self._records.begin.search(data, at)
        self._is_lost = begin is None
        if begin is None:
            return b""
        self._begin()
        self._expat.Parse(f"<{self.root}>".encode(), False)
        self._fed = len(self.root) + 2
        return data[begin.start() :]


def allowed(piece: bytes) -> bytes:
    """Bytes without those that XML forbids."""
    return piece.translate(None, _FORBIDDEN)


def _sifted(sift: Callable[[bytes], Any], piece: bytes) -> Any:
    return sift(allowed(piece))


def _from_root(data: bytes, root: str) -> tuple[bytes, bool]:
    at = root_at(data, root)
    return (data[at:], True) if at >= 0 else (data[-256:], False)


def _broken(read: int, found: str) -> Rejected:
    return Rejected(f"before byte {read}", found, "a whole XML file", _AGAIN)
