"""What is packed in an export: zips, tars and lone .gz, and those inside them, up to four deep.

A zip inside something needs a place where one can seek: in memory up to a size, else in a temporary file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from connectors.kit import gzip as _gzip
from connectors.kit import tar as _tar
from connectors.kit import zip as _zip
from connectors.kit.export import Export
from connectors.kit.limits import (
    ALL,
    MOST_EXPANDED,
    MOST_FROM_LITTLE,
    MOST_RATIO,
    UNPACK,
    Budget,
    Share,
    spooled,
    too_many,
)
from connectors.kit.zip_password import Password
from models.fault import Fault, Rejected

Parts = Callable[[BinaryIO, str, Budget], Iterator[Export | Fault]]
DEEPEST = 4  # archives inside the archive


def archive_kind(export: Export) -> str | None:
    """ "zip", "tar" (packed or not) or "gzip" where an export is something to look into; None where it is not."""
    if _zip.is_zip(export):
        return "zip"
    return "tar" if _tar.is_tar(export) else "gzip" if _gzip.is_gzip(export) else None


def members(
    export: Export, limit: int = MOST_EXPANDED, password: Password | None = None, share: Share = ALL
) -> Iterator[Export | Fault]:
    """Every export in an archive and in the archives inside it, as "drop.zip/Takeout/steps.csv"; what is refused, why.

    `password`: of zips that are encrypted; `share`: of a zip, this one alone. An `Export` stays readable as long as it
    exists. Reading one raises Rejected where the member turns out to be damaged or to expand beyond reason.
    """
    most = min(limit, max(MOST_FROM_LITTLE, MOST_RATIO * export.size))
    yield from _members(export, 0, Budget(most), password, share)


def _members(
    export: Export, depth: int, budget: Budget, password: Password | None, share: Share = ALL
) -> Iterator[Export | Fault]:
    for part in _parts(export, depth, budget, password, share):
        budget.members -= 1
        if budget.members < 0:
            yield too_many().of(export.name)
            return
        if isinstance(part, Fault):
            yield part
            continue
        try:
            named = part.name.lower().endswith((".zip", ".tgz", ".tar")) and part.size > 0
            inside = bool(archive_kind(part)) or named
            if inside and depth == DEEPEST:
                found = f"more than {DEEPEST} archives inside each other"
                yield Rejected("whole file", found, "fewer", UNPACK).of(part.name)
            elif inside:
                yield from _members(part, depth + 1, budget, password)
            else:
                yield part
        except Rejected as why:
            yield why.of(part.name)


def _seekable(export: Export) -> BinaryIO:
    return spooled(export.open())


def _parts(
    export: Export, depth: int, budget: Budget, password: Password | None, share: Share = ALL
) -> Iterator[Export | Fault]:
    """What is packed in an archive itself; an archive in it is one part."""
    by_name = "zip" if export.name.lower().endswith(".zip") else "tar"
    readers: dict[str, Parts] = {
        "zip": partial(_zip.parts, password=password, share=share), "tar": _tar.parts, "gzip": _gzip.parts
    }  # fmt: skip
    parts = readers[archive_kind(export) or by_name]
    stream = export.open()
    yield from parts(stream if depth == 0 else spooled(stream), export.name, budget)


def holds_locked(export: Export, password: Password | None = None) -> bool:
    """Whether an archive, or one inside it, is a zip that needs another password than this.

    Zips inside an encrypted one are not looked at: it is slow to decrypt.
    """
    return _holds_locked(export, 0, Budget(max(MOST_FROM_LITTLE, MOST_RATIO * export.size)), password)


def _holds_locked(export: Export, depth: int, budget: Budget, password: Password | None) -> bool:
    if _zip.is_locked(export):
        return _zip.is_locked(export, password)
    if depth > DEEPEST or not archive_kind(export):
        return False
    try:
        parts = (
            part for part in _parts(export, 0, budget, password) if isinstance(part, Export) and archive_kind(part)
        )
        inside = (Export(part.name, part.size, partial(_seekable, part)) for part in parts)
        return any(_holds_locked(inner, depth + 1, budget, password) for inner in inside)
    except Rejected:  # damaged: nothing behind it is read either
        return False
