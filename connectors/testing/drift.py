"""A vendor changes a file: what is new is remarked on, what is gone or renamed is named, nothing changes in silence.

Every column of a table, and every field of a JSON, is renamed in turn. The file is then rejected naming it, or read
exactly as before, or, where layouts with and without it are known, read with less.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from connectors import Ignored
from connectors.testing.damage import table, written
from connectors.testing.reading import figures, read
from models.activity import Extract
from models.fault import Fault

NEW = "qqq"


def of_columns(name: str, content: bytes, optional: Collection[str] = ()) -> Iterator[str]:
    """What is wrong when a column has a new name. `optional`: what some layouts of the export do not have."""
    found = table(content, name)
    if found is None:
        return
    top, rows, separator = found
    before, header = sound(name, content), rows[0]
    for at, column in enumerate(header):
        names = [NEW if n == at else other for n, other in enumerate(header)]
        after = read(name, written(top, [names, *rows[1:]], separator))
        yield from changed_in_silence(column, before, after, optional)
        if isinstance(after, Extract) and not any(NEW in note for note in after.notes):
            yield f"{column}: its new name is in no note"


def of_a_new_column(name: str, content: bytes) -> Iterator[str]:
    """What is wrong when a column is there that nobody knows."""
    found = table(content, name)
    if found is None:
        return
    top, rows, separator = found
    width = len(rows[0])
    wider = [[*rows[0], NEW], *([*row[:width], "7", *row[width:]] for row in rows[1:])]
    after = read(name, written(top, wider, separator))
    if not isinstance(after, Extract):
        yield f"a new column: not read: {after}"
        return
    if figures(after) != figures(sound(name, content)):
        yield "a new column: other numbers than before"
    if not any(NEW in note for note in after.notes):
        yield "a new column: it is in no note"


def of_fields(name: str, content: bytes, optional: Collection[str] = (), marks: Collection[str] = ()) -> Iterator[str]:
    """What is wrong when a field of a JSON has a new name. `marks`: those by which the file is known at all."""
    if content[:1] not in (b"[", b"{"):
        return
    value, before = json.loads(content), sound(name, content)
    for key in sorted(set(fields(value))):
        after = read(name, json.dumps(renamed(value, key)).encode())
        yield from changed_in_silence(key, before, after, optional, marks)


def changed_in_silence(
    name: str, before: Extract, after: Extract | Fault | Ignored, optional: Collection[str], marks: Collection[str] = ()
) -> Iterator[str]:
    """What is wrong with what comes of a renamed column."""
    word = name.rsplit(".", 1)[-1].split(" (")[0].casefold()
    if isinstance(after, Fault):
        if word not in str(after).casefold() and name not in marks:
            yield f"{name}: is not named: {after}"
    elif isinstance(after, Ignored):
        yield f"{name}: ignored: {after.why}"
    elif figures(after) != figures(before) and name not in optional:
        yield f"{name}: other numbers than before"


def sound(name: str, content: bytes) -> Extract:
    """What the sample itself gives."""
    result = read(name, content)
    assert isinstance(result, Extract), f"{name} is not read: {result}"
    return result


def fields(value: object) -> Iterator[str]:
    """Every key in a JSON value."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from fields(inner)


def renamed(value: object, old: str) -> object:
    """A JSON value with one key renamed wherever it stands."""
    if isinstance(value, dict):
        return {NEW if key == old else key: renamed(inner, old) for key, inner in value.items()}
    return [renamed(inner, old) for inner in value] if isinstance(value, list) else value
