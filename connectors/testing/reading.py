"""One file read as a night reads it, and all that comes of it: as figures, and as a golden that a person reads."""

from __future__ import annotations

import io
import json
from datetime import date, datetime

import polars as pl

from connectors import Context, Ignored, extract, identify
from connectors.kit.export import Export
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Fault, Rejected

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 12, 31), b"a secret of the goldens")


def export_of(name: str, content: bytes) -> Export:
    """A file as the drop has it."""
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(name: str, content: bytes, context: Context = CONTEXT) -> Extract | Fault | Ignored:
    """What comes of a file. Anything but a clean outcome is an error."""
    try:
        kind = identify(export_of(name, content))
        return kind if isinstance(kind, Ignored) else extract(kind, export_of(name, content), context)
    except Rejected as rejected:
        fault = rejected.fault
    assert all((fault.place, fault.found, fault.expected, fault.remedy)), fault
    assert "\n" not in str(fault), fault
    assert len(str(fault)) < 1500, fault
    return fault


def figures(result: Extract) -> list[list[tuple]]:
    """All times and numbers of an extract, in an order of their own."""
    out = []
    for frame in result.frames().values():
        names = [name for name, kind in frame.schema.items() if kind not in (pl.String, pl.Enum) or name == "metric"]
        out.append(sorted(frame.select(names).rows(), key=repr))
    return out


# What `session_row` works out of the rest, for every connector alike; and what few have, where it is empty.
_BESIDE, _RARE = ("local_start_minute", "local_end_date"), ("light_ms",)


def golden_of(files: dict[str, bytes]) -> dict[str, dict]:
    """Everything the connectors give for these files, as JSON has it."""
    return {name: _read(export_of(name, content)) for name, content in sorted(files.items())}


def _read(export: Export) -> dict:
    try:
        kind = identify(export)
        if not isinstance(kind, str):
            return {"ignored": kind.why}
        result = extract(kind, export, CONTEXT)
    except Rejected as why:
        return {"rejected": str(why)}
    frames = {name: _shown(frame) for name, frame in result.frames().items() if frame.height}
    said = {"connector": kind, "tz_source": result.tz_source, "begins": result.begins, "notes": result.notes, **frames}
    return json.loads(json.dumps(said, default=_plain))


def _shown(frame: pl.DataFrame) -> list[dict]:
    empty = [name for name in _RARE if name in frame.columns and frame[name].null_count() == frame.height]
    return frame.drop(_BESIDE, strict=False).drop(empty).to_dicts()


def _plain(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value)} in a frame")


def written(golden: dict[str, dict]) -> str:
    """A golden as it lies on disk: one row a line, for a person to read."""
    lines = []
    for name, said in golden.items():
        parts = []
        for key, value in said.items():
            rows = isinstance(value, list) and value and isinstance(value[0], dict)
            inside = ",\n".join("      " + json.dumps(row, ensure_ascii=False) for row in value) if rows else ""
            shown = f"[\n{inside}\n    ]" if rows else json.dumps(value, ensure_ascii=False)
            parts.append(f"    {json.dumps(key)}: {shown}")
        lines.append(f"  {json.dumps(name, ensure_ascii=False)}: {{\n" + ",\n".join(parts) + "\n  }")
    return "{\n" + ",\n".join(lines) + "\n}\n"
