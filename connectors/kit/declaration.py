"""What a reader must declare (connectors/__init__.py explains it), and what is wrong with one: ours or a plug-in's."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from connectors.kit.export import Export
from models.fault import Rejected
from models.taxonomy import DEVICE_CLASSES, METRICS

KINDS = ("history", "archive", "report", "selection")  # of exports
METHODS = ("device", "cadence", "session", "diary")  # by which a metric comes about
PARTS = ("VERSION", "EXPORT", "LOOKS_FOR", "SOURCES", "METRICS", "identify", "extract")
NO_EXPORTS = {  # whoever takes one of these takes everything of its form, whoever made it
    "note.txt": b"Dear doctor,\nI walked a lot.\n", "table.csv": b"a,b\n1,2\n",
    "days.csv": b"date,value\n2026-03-09,1\n", "list.json": b"[]", "object.json": b"{}", "a.xml": b"<?xml?><a/>",
    "page.html": b"<html><body>steps</body></html>", "report.pdf": b"%PDF-1.7\n1 0 obj\n",
    "photo.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0", "bytes": bytes(range(256)),
}  # fmt: skip


def mistakes(reader: Any) -> Iterator[str]:
    """Everything that is wrong with what a reader declares, each in a few words."""
    missing = [part for part in PARTS if not hasattr(reader, part)]
    if missing:
        yield f"lacks {', '.join(missing)}"
    for part, what, is_right in _FORMS:
        if part not in missing and not is_right(getattr(reader, part)):
            yield f"{part} is not {what}"
    words = (reader.__doc__ or "").lower()
    if not all(word in words for word in ("called", "where", "cannot tell")):
        yield "its docstring does not say what the export is called, where to find it and what it cannot tell"
    if "identify" not in missing and callable(reader.identify):
        yield from _taken_though_no_export(reader)


def _taken_though_no_export(reader: Any) -> Iterator[str]:
    for name, content in NO_EXPORTS.items():
        try:
            takes = reader.identify(Export(name, len(content), partial(io.BytesIO, content)))
        except Rejected:
            continue
        except Exception as error:
            yield f"identify fails on a file of another kind ({name}: {type(error).__name__})"
            return
        if takes:
            yield f"identify takes files that are no export of its kind ({name})"
            return


def _is_texts(value: Any) -> bool:
    """A single text in brackets without a comma is a text: its letters are no signs."""
    return isinstance(value, Collection) and not isinstance(value, str) and bool(value) and _are_texts(value)


def _are_texts(values: Collection) -> bool:
    return all(isinstance(text, str) and text for text in values)


def _is_sources(value: Any) -> bool:
    if not (isinstance(value, dict) and value and _are_texts(value)):
        return False
    return all(re.fullmatch("[a-z][a-z0-9_]*", label) for label in value) and set(value.values()) <= set(DEVICE_CLASSES)


def _is_metrics(value: Any) -> bool:
    return (
        isinstance(value, dict) and bool(value) and set(value) <= set(METRICS) and set(value.values()) <= set(METHODS)
    )


_FORMS = (
    ("VERSION", "a number of 1 or more", lambda value: type(value) is int and value >= 1),
    ("EXPORT", f"one of {', '.join(KINDS)}", lambda value: value in KINDS),
    ("LOOKS_FOR", "a tuple of texts", _is_texts),
    ("SOURCES", "labels of a-z, 0-9, _ with a device class each (models/taxonomy.py)", _is_sources),
    ("METRICS", f"metrics with a method each ({', '.join(METHODS)})", _is_metrics),
    ("identify", "a function", callable),
    ("extract", "a function", callable),
)
