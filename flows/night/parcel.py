"""What a reading process sends back: a batch as bytes, with one packed Arrow stream for each of its frames."""

from __future__ import annotations

import io
import pickle

import polars as pl

from models.store.batch import Batch


def pack(batch: Batch) -> bytes:
    """A batch, ready to travel, and to wait in little memory."""
    frames = {name: _stream(frame) for name, frame in batch.frames.items()}
    return pickle.dumps((_stream(batch.files), frames, batch.faults, batch.sources))


def unpack(parcel: bytes) -> Batch:
    """The batch as it was packed."""
    files, frames, faults, sources = pickle.loads(parcel)
    return Batch(
        pl.read_ipc_stream(files), {name: pl.read_ipc_stream(frame) for name, frame in frames.items()}, faults, sources
    )


def _stream(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_ipc_stream(out, compression="lz4")
    return out.getvalue()
