"""What a reading process sends back: a chunk's files as one Arrow stream per frame and a light line per file.

Nothing of it is pickled frame by frame: a chunk of 400 files has at most five streams, whoever read it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from models.activity import SCHEMAS, Extract
from models.store.file_result import FileResult

_FILE = "file"  # which of the chunk's files a row is from


@dataclass(frozen=True)
class Parcel:
    """The results of a chunk. `streams`: Arrow IPC per frame; an extract in `files` has no rows of its own."""

    files: list[FileResult]
    streams: dict[str, bytes]


def pack(results: list[FileResult]) -> Parcel:
    """The results of a chunk, ready to travel."""
    streams = {}
    for name in SCHEMAS:
        parts = [
            frame.with_columns(pl.lit(number, pl.UInt32).alias(_FILE))
            for number, result in enumerate(results)
            if result.extract is not None and (frame := getattr(result.extract, name)).height
        ]
        if parts:
            out = io.BytesIO()
            pl.concat(parts).write_ipc_stream(out, compression="lz4")
            streams[name] = out.getvalue()
    return Parcel([replace(r, extract=r.extract and _without_rows(r.extract)) for r in results], streams)


def unpack(parcel: Parcel) -> list[FileResult]:
    """The results as they were packed."""
    frames: list[dict[str, Any]] = [{} for _ in parcel.files]
    for name, stream in parcel.streams.items():
        rows = pl.read_ipc_stream(stream)
        for (number,), frame in rows.partition_by(_FILE, as_dict=True, include_key=False).items():
            frames[number][name] = frame
    return [
        replace(result, extract=result.extract and replace(result.extract, **found))
        for result, found in zip(parcel.files, frames, strict=True)
    ]


def _without_rows(extract: Extract) -> Extract:
    empty: dict[str, Any] = Extract().frames()
    return replace(extract, **empty)
