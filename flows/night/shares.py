"""Which work is divided: a large zip is read in shares, so that all processors have something of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors import ALL, Share
from flows.night.chunks import Chunk
from flows.night.inbox_file import InboxFile

LARGE = 2**20  # bytes of a zip: below, its members are read sooner than they are shared out
_SHARES = 2  # for each processor: one that is slow does not keep the others waiting


def shared_out(chunks: Iterable[Chunk], workers: int) -> Iterator[tuple[Chunk, list[Share]]]:
    """The same work in the same order. Each large zip is by itself, and in more shares than one."""
    shares = [Share(number, _SHARES * workers) for number in range(_SHARES * workers)]
    for chunk in chunks:
        plain: Chunk = []
        for folder, inbox_file in chunk:
            if workers == 1 or not _is_large_zip(inbox_file):
                plain.append((folder, inbox_file))
                continue
            if plain:
                yield plain, [ALL]
            yield [(folder, inbox_file)], shares
            plain = []
        if plain:
            yield plain, [ALL]


def _is_large_zip(inbox_file: InboxFile) -> bool:
    """Whether it begins like one. What cannot be read now is said by whoever reads it."""
    if inbox_file.size < LARGE or not isinstance(inbox_file.place, str):
        return False
    try:
        with inbox_file.file.open("rb") as stream:
            return stream.read(4) == b"PK\x03\x04"
    except OSError:
        return False
