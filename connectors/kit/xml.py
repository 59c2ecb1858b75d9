"""How a large XML file is read: as a stream, with the standard library's expat, never all at once.

What comes before the root element is skipped, since some exports carry a malformed document type there. With it goes
every entity it may declare: nothing is ever expanded, and a reference to one is an error. Characters that XML forbids
are taken out. An element leaves no trace but what its handler stores.

`skip` finds elements that nobody wants, in the raw bytes; they never reach the parser, which is most of the speed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from connectors.kit.export import Export
from models.fault import Rejected

BLOCK = 1024 * 1024
_LONGEST_TAG = 2 * BLOCK  # Apple's longest are some hundred bytes, with a device's description
_DEEPEST = 64
_MOST_NAMES = 20_000  # of elements and attributes; vendors have a few hundred
_FORBIDDEN = bytes(set(range(32)) - set(b"\t\n\r"))
_FORBIDDEN_REFERENCE = re.compile(rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[\da-fA-F]));")
_AGAIN = "export the file again, or take it out of the inbox"

Start = Callable[[str, dict[str, str], int], None]
End = Callable[[str, int], None]
Leaf = Callable[[tuple[str, ...], str], None]


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

    parse(export, root, opened, closed, re.compile(skip, re.S), pieces.append)


def parse(
    export: Export,
    root: str,
    start: Start,
    end: End,
    skip: re.Pattern[bytes],
    text: Callable[[str], None] | None = None,
) -> None:
    """Call `start(name, attributes, depth)` and `end(name, depth)` for each element; the root has depth 1.

    `text` is called with what stands between them, in pieces. Reading ends where the root does. Raises Rejected where
    the file is not well-formed or ends too early.
    """
    names: dict[str, str] = {}
    parser = expat.ParserCreate("UTF-8", None, names)
    depth, over = 0, False

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise _broken(read, f"elements nested over {_DEEPEST} deep")
        start(name, attributes, depth)

    def closed(name: str) -> None:
        nonlocal depth, over
        end(name, depth)
        depth -= 1
        over = depth == 0

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = text
    rest, read, begun = b"", 0, False
    with export.open() as stream:
        while block := stream.read(BLOCK):
            rest += _allowed(block)
            read += len(block)
            if not begun:
                rest, begun = _from_root(rest, root)
            cut = rest.rfind(b"<")
            if len(rest) - cut > _LONGEST_TAG:
                raise _broken(read, "a tag of over two megabytes")
            if not begun or cut <= 0:
                continue
            _feed(parser, skip.sub(b"", rest[:cut]), read)
            if len(names) > _MOST_NAMES:
                raise _broken(read, f"over {_MOST_NAMES} different names")
            if over:
                return
            rest = rest[cut:]
    if begun:
        _feed(parser, rest, read)
    if not over:
        raise _broken(read, "an end of the file before the end of its data")


def _allowed(block: bytes) -> bytes:
    return block.translate(None, _FORBIDDEN)


def _from_root(data: bytes, root: str) -> tuple[bytes, bool]:
    at = root_at(data, root)
    return (data[at:], True) if at >= 0 else (data[-256:], False)


def _feed(parser: expat.XMLParserType, data: bytes, read: int) -> None:
    """Parse a piece that ends before a tag. What follows the root is not ours, whatever it is."""
    if b"&#" in data:
        data = _FORBIDDEN_REFERENCE.sub(b"", data)
    try:
        parser.Parse(data, False)
    except expat.ExpatError as error:
        if error.code != expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]:
            raise _broken(read, f"damaged XML ({expat.ErrorString(error.code)})") from None


def _broken(read: int, found: str) -> Rejected:
    return Rejected(f"before byte {read}", found, "a whole XML file", _AGAIN)
