"""Damage done to a file on purpose: whatever is done, it is read, or refused cleanly, and never anything else."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator

from connectors import Context, Ignored, extract, identify
from connectors.kit.export import Export
from models.activity import Extract
from models.fault import Rejected


def export(content: bytes, name: str) -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def attempt(content: bytes, name: str, context: Context) -> Extract | None:
    """What is read from it; None where it is ignored or rejected. Any other exception is a failure of the test."""
    fault = None
    try:
        kind = identify(export(content, name))
        return None if isinstance(kind, Ignored) else extract(kind, export(content, name), context)
    except Rejected as rejected:
        fault = rejected.fault
    assert all((fault.place, fault.found, fault.expected, fault.remedy))
    return None


def damaged(content: bytes, seed: int = 1, count: int = 4) -> Iterator[bytes]:
    """The file cut off, with bytes flipped, lines dropped, doubled or emptied, cells swapped, in other encodings."""
    rng = random.Random(seed)
    lines = content.split(b"\n")
    for _ in range(count):
        flipped = bytearray(content)
        for _ in range(rng.randint(1, 4)):
            flipped[rng.randrange(len(flipped))] = rng.randrange(256)
        yield bytes(flipped)
        yield content[: rng.randrange(len(content))]
        i = rng.randrange(len(lines))
        yield b"\n".join([*lines[:i], *lines[i + 1 :]])
        yield b"\n".join([*lines[:i], lines[i], *lines[i:]])
        cells = lines[i].split(b",")
        a, b = rng.randrange(len(cells)), rng.randrange(len(cells))
        cells[a], cells[b] = cells[b], cells[a]
        yield b"\n".join([*lines[:i], b",".join(cells), *lines[i + 1 :]])
        cells[a] = rng.choice(
            [b"", b"-3", b"1e9", b"25:61", b"nan", b'"', b"9" * 30, b"null", b"[1", "ä".encode("cp1252")]
        )
        yield b"\n".join([*lines[:i], b",".join(cells), *lines[i + 1 :]])
    text = content.decode("utf-8-sig")
    yield text.encode("utf-16")
    yield text.encode("cp1252", "replace")
    yield text.replace("\n", "\r\n").encode()
    yield text.replace(",", ";").encode()


def columns_reversed(content: bytes, skip: int = 0) -> bytes:
    """A CSV without quotes, its columns in the reverse order, after `skip` lines that stay."""
    lines = content.decode("utf-8-sig").splitlines()
    turned = [",".join(reversed(line.split(","))) for line in lines[skip:]]
    return ("\n".join([*lines[:skip], *turned]) + "\n").encode()


def survives(content: bytes, name: str, context: Context, same: Callable[[Extract], object]) -> None:
    """Every damage is refused, or read; with Windows line ends the same is read as before."""
    whole = attempt(content, name, context)
    assert whole is not None
    for broken in damaged(content):
        attempt(broken, name, context)
    again = attempt(content.replace(b"\n", b"\r\n"), name, context)
    assert again is not None
    assert same(again) == same(whole)
