"""What a FIT file says that it is, from its first bytes."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache

from connectors.kit import fit
from connectors.kit.export import Export
from connectors.kit.fit_fields import form_of
from connectors.kit.fit_records import STOP, Damaged, Records, table_of
from models.fault import Rejected

_TYPE = frozenset({0})  # the field of a file_id


def types(export: Export) -> tuple[int | None, ...]:
    """file_id.type of every file in the chain; None where it has none or is too damaged to say. () where it is no FIT.

    Looked for once, since two readers ask. Damage raises nothing: that is for `read` to say.
    """
    return export.once(_types)


def _types(export: Export) -> tuple[int | None, ...]:
    """Reads the first 64 KiB, and more only of a chain."""
    if not fit.may_be_fit(export):
        return ()
    found: list[int | None] = []
    data, size, start = export.head, export.size, 0
    while start < size and len(found) < fit.MOST_PARTS:
        if start + 1024 > len(data) < size <= fit.MOST_BYTES:  # a file_id is the first thing in its file
            data = export.read()
        header = data[start : start + 12]
        if not fit.is_fit(header):
            return tuple(found) or (None,)
        first = start + header[0]
        end = first + int.from_bytes(header[4:8], "little")
        kind = _plain_type(data[first : min(first + 64, end)])
        found.append(_type(data[start:end]) if kind is None else kind)
        start = end + 2
    return tuple(found)


def _plain_type(records: bytes) -> int | None:
    """The type of a file whose first two records are the definition of a file_id and its message, as in most."""
    size = 6 + 3 * records[5] if len(records) > 5 else 0
    if records[:1] != b"\x40" or records[size : size + 1] != b"\0":
        return None
    step, at, invalid = _where(records[1:size])
    if not at or len(records) < size + step:
        return None
    kind = records[size + at]
    return None if kind == invalid else kind


@lru_cache(maxsize=1024)
def _where(definition: bytes) -> tuple[int, int, int]:
    """Of the messages of a definition: how long they are, which byte of them is the type of a file, and what it is not.
    That byte is 0 where there is none."""
    form = form_of(definition, _TYPE)
    plain = [field for field in form.fields if (field.letter, field.items) == ("B", 1)]
    if form.number != fit.FILE_ID or len(form.fields) != 1 or not plain:
        return form.step, 0, 0
    return form.step, plain[0].at, plain[0].invalid


def _type(part: bytes) -> int | None:
    for reach in (256, len(part)):  # rarely all of the file for its first message
        records = Records({fit.FILE_ID: _TYPE}, timed=True)
        with suppress(Damaged, IndexError):  # what lies before the damage, or before `reach`, is noted
            records.scan(part[:reach] + STOP, part[0], min(reach, len(part)))
        found = records.by_number.get(fit.FILE_ID, [])
        if any(layout.places[-1] + layout.form.step > len(part) for layout in found):
            continue  # cut off
        with suppress(Rejected):
            for message in fit.FitPart({fit.FILE_ID: table_of(part, found)}).of(fit.FILE_ID):
                return message.integer(0)
    return None
