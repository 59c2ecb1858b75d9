"""Reading stacks (kit/stack.py): which files may lie in one, and what a reader gives of it, taken apart by file."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl

from connectors.kit.export import Export
from connectors.kit.stack import Remark, Stack
from connectors.kit.texts import shorten_texts
from models.activity import SCHEMAS, Extract, Extracts, check, claims_by_file, together, told
from models.fault import Fault, Holds, first_clock

_LARGEST, _MOST_BYTES = 256 * 1024, 8 * 1024 * 1024  # of a file in a stack; of all in one

_NONE: dict[str, Any] = Extract().frames()

Frames = dict[str, pl.DataFrame]


class Odd(Exception):
    """Something in a stack is out of the ordinary."""


def in_stacks(
    reader: Any,
    exports: Sequence[Export],
    today: date,
    alone: Callable[[Export], Extract | Fault],
    stacked: Callable[[Stack], Extract],
) -> Extracts:
    """What a reader that has `alike` reads from exports: of each what `alone` gives, which is asked of some; of the
    others the same from `stacked`, which raises whatever is odd."""
    files: dict[int, Extract | Fault] = {}
    parts: list[Frames] = []

    def read(stack: Stack) -> Extracts:
        return _apart(stacked(stack), len(stack.exports), reader, today)

    for pile in _piles(reader.alike, exports):
        for places, found in _halved(pile, exports, read):
            files |= zip(places, found.files, strict=True)
            parts.append(_at(places, found.frames))
    rest = [place for place in range(len(exports)) if place not in files]
    single = together([alone(exports[place]) for place in rest])
    files |= zip(rest, single.files, strict=True)
    parts.append(_at(rest, single.frames))
    frames = {name: pl.concat([part[name] for part in parts]).sort("file", maintain_order=True) for name in SCHEMAS}
    return Extracts([files[place] for place in range(len(exports))], frames)


def _at(places: list[int], frames: Frames) -> Frames:
    """Frames of some files as frames of those in these places."""
    numbers = pl.Series("file", places, dtype=pl.UInt32)
    return {name: frame.with_columns(numbers.gather(frame["file"])) for name, frame in frames.items()}


@dataclass
class _Pile:
    places: list[int] = field(default_factory=list)
    size: int = 0


def _piles(alike: Callable[[Export], Hashable | None], exports: Sequence[Export]) -> Iterator[list[int]]:
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
    places: list[int], exports: Sequence[Export], read: Callable[[Stack], Extracts]
) -> Iterator[tuple[list[int], Extracts]]:
    """What a stack of these files gives; of its halves where something is odd; nothing of a file by itself."""
    if len(places) < 2:
        return
    try:
        found = read(Stack.of([exports[place] for place in places]))
    except (MemoryError, OSError):
        raise
    except Exception:  # whatever it is: the file in which it is says it by itself
        middle = len(places) // 2
        yield from _halved(places[:middle], exports, read)
        yield from _halved(places[middle:], exports, read)
    else:
        yield places, found


def _apart(result: Extract, files: int, reader: Any, today: date) -> Extracts:
    """What a reader gave of a stack of so many files, checked, and told by file. Raises whatever is odd."""
    notes, result.notes = result.notes, []
    shorten_texts(result)
    frames = {name: _with_file(frame) for name, frame in result.frames().items()}
    alike: Extract = replace(result, **{name: frame.drop("file") for name, frame in frames.items()})
    check(alike, today)  # no record is set aside here: where one would be, it raises
    if not alike.labels <= set(reader.SOURCES):
        raise Odd
    lasts = claims_by_file(frames)
    extracts: list[Extract | Fault] = []
    for number, has in enumerate(told(frames, files)):
        own = [note for note in notes if not isinstance(note, Remark) or note.file == number]
        extract = replace(result, **_NONE, notes=own, holds=Holds(first_clock(lasts.get(number))), told=has)
        shorten_texts(extract)
        extracts.append(extract)
    return Extracts(extracts, frames)


def _with_file(frame: pl.DataFrame) -> pl.DataFrame:
    return frame if "file" in frame.columns else frame.select(pl.lit(0, pl.UInt32).alias("file"), pl.all())
