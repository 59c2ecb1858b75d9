"""Privacy at the door: what a reader gives holds times, counts and words of a list, and nothing about the person."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from connectors import connectors
from connectors.testing.reading import read
from models.activity import Extract
from models.fault import Fault
from models.taxonomy import ACTIVITIES

E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_POSITION = re.compile(r"-?\d{1,3}\.\d{3,}")


def betrays(result: Extract, secrets: re.Pattern[str] | None = None) -> list[str]:
    """What of an extract should not be in it. `secrets`: words that only names, notes and devices have."""
    texts = _texts(result)
    sources = {label for connector in connectors().values() for label in connector.SOURCES}
    wrong = [f"device {text!r}" for text in texts.get("device", ()) if not re.fullmatch(r"[0-9a-f]{24}", text)]
    wrong += [f"source {text!r}" for text in texts.get("source", set()) - sources]
    wrong += [f"activity {text!r}" for text in texts.get("activity", set()) - set(ACTIVITIES)]
    free = {*texts.get("vendor_activity", ()), *result.notes}
    looked_for = [pattern for pattern in (E_MAIL, _POSITION, secrets) if pattern]
    wrong += [text for text in free if any(pattern.search(text) for pattern in looked_for)]
    wrong += [text for text in texts.get("vendor_activity", ()) if len(text) > 60 or "\n" in text]
    beats = result.minutes.filter(pl.col("metric") == "heart_rate")["value"].unique().to_list()
    return wrong + [f"a heart rate of {beat}" for beat in beats if beat != 1]


def _texts(result: Extract) -> dict[str, set[str]]:
    """Every text in an extract, by column."""
    texts: dict[str, set[str]] = {}
    for frame in result.frames().values():
        for name, kind in frame.schema.items():
            if kind in (pl.String, pl.Enum):
                texts.setdefault(name, set()).update(frame[name].cast(pl.String).drop_nulls())
    return texts


def repeated(name: str, content: bytes) -> Iterator[str]:
    """A rejection that repeats a name which was put into every cell of a file."""
    if name.endswith((".fit", ".db")):
        return
    secret = content.replace(b",", b",anna.muster@example.org ").replace(b": ", b': "anna.muster@example.org", "x": ')
    result = read(name, secret)
    is_told = isinstance(result, Fault) and "no such column" not in result.found and "muster" in str(result)
    if is_told and not (isinstance(result, Fault) and result.place.startswith("line 1,")):
        yield f"{name}: {result}"
