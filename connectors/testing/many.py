"""Many files read at once, and each by itself: it must be the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import Context, extract, extract_all
from connectors.testing.reading import CONTEXT, export_of
from models.activity import SCHEMAS, Extract, Extracts, of_many
from models.fault import Fault, Rejected

_IN_ROWS = {*SCHEMAS, "told", "in_all"}  # of an extract: what lies in the frames of all, and what is made of it


def otherwise(name: str, files: dict[str, bytes], context: Context = CONTEXT) -> Iterator[str]:
    """Which of the files reader `name` reads otherwise when it reads all of them at once, and in what."""
    found = extract_all(name, [export_of(*file) for file in files.items()], context)
    for frame, schema in SCHEMAS.items():
        if found.frames[frame].schema != of_many(schema) or not found.frames[frame]["file"].is_sorted():
            yield f"{frame}: not of the schema of many files, or not in their order"
    for number, (path, content) in enumerate(files.items()):
        at_once, alone = _of(found, number), _alone(name, path, content, context)
        yield from (f"{path}: {what} {at_once.get(what)}, alone {value}" for what, value in alone.items()
                    if at_once.get(what) != value)  # fmt: skip


def _of(found: Extracts, number: int) -> dict[str, Any]:
    file = found.files[number]
    rows = {name: frame.remove(frame["file"] != number).drop("file").rows() for name, frame in found.frames.items()}
    return _said(file) | rows


def _alone(name: str, path: str, content: bytes, context: Context) -> dict[str, Any]:
    try:
        file = extract(name, export_of(path, content), context)
    except Rejected as rejected:
        return _said(rejected.fault) | {frame: [] for frame in SCHEMAS}
    return _said(file) | {frame: rows.rows() for frame, rows in file.frames().items()}


def _said(file: Extract | Fault) -> dict[str, Any]:
    if isinstance(file, Fault):
        return {"fault": file}
    said = {"rows": file.rows, "labels": file.labels, "covers": file.covers()}
    return said | {key: value for key, value in vars(file).items() if key not in _IN_ROWS}
