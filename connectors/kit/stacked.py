"""Reading stacks (kit/stack.py): which files lie in one, and what a reader gives of it, told by file."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from connectors.kit.context import Context
from connectors.kit.export import Export
from connectors.kit.stack import Remark, Stack
from models.activity import SCHEMAS, Extract, Extracts

_LARGEST, _MOST_BYTES = 256 * 1024, 8 * 1024 * 1024  # of a file in a stack; of all in one

Extractor = Callable[[Export, Context], Extract]


class Odd(Exception):
    """Something in a stack is out of the ordinary."""


def in_stacks(
    exports: Sequence[Export], context: Context, alike: Callable[[Export], Hashable | None], extract: Extractor
) -> Extracts:
    """What a reader's `extract` gives of exports of which `alike` says the same, in stacks; the others are unread."""
    files = [Extract() for _ in exports]
    unread = set(range(len(exports)))
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in SCHEMAS}
    for pile in _piles(exports, alike):
        for places, found in _halved(pile, exports, context, extract):
            numbers = pl.Series("file", places, dtype=pl.UInt32)
            unread.difference_update(places)
            for name, frame in found.frames().items():
                if frame.height:
                    parts[name].append(frame.with_columns(numbers.gather(frame["file"])))
            for number, place in enumerate(places):
                own = [str(note) for note in found.notes if not isinstance(note, Remark) or note.file == number]
                files[place] = replace(found, **_NONE, notes=own)
    frames = {name: pl.concat(part).sort("file", maintain_order=True) for name, part in parts.items() if part}
    return Extracts([*files], frames, frozenset(unread))


_NONE: Any = Extract().frames()


@dataclass
class _Pile:
    places: list[int] = field(default_factory=list)
    size: int = 0


def _piles(exports: Sequence[Export], alike: Callable[[Export], Hashable | None]) -> Iterator[list[int]]:
    """The places of exports that may be read together."""
    piles: dict[Hashable, _Pile] = {}
    for place, export in enumerate(exports):
        kind = alike(export) if 0 < export.size <= _LARGEST else None
        if kind is None:
            continue
        pile = piles.setdefault(kind, _Pile())
        if pile.size + export.size > _MOST_BYTES:
            yield pile.places
            pile = piles[kind] = _Pile()
        pile.places.append(place)
        pile.size += export.size
    yield from (pile.places for pile in piles.values())


def _halved(
    places: list[int], exports: Sequence[Export], context: Context, extract: Extractor
) -> Iterator[tuple[list[int], Extract]]:
    """What a stack of these files gives; of its halves where something is odd; nothing of a file by itself."""
    if len(places) < 2:
        return
    own = replace(context, zones=context.zones.anew())
    try:
        found = extract(Stack.of([exports[place] for place in places]), own)
        if own.zones.suspect:
            raise Odd
    except (MemoryError, OSError):
        raise
    except Exception:  # whatever it is: the file in which it is says it by itself
        middle = len(places) // 2
        yield from _halved(places[:middle], exports, context, extract)
        yield from _halved(places[middle:], exports, context, extract)
    else:
        yield places, found
