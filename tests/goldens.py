"""The sample and the golden of each connector: `python -m tests.goldens NAME... [--again]`, or `--missing` for all new.

A module in tests/writers may have SAMPLES: connector -> a function that makes {file name: content}. This writes them to
sample_data/exports/CONNECTOR/ and, beside them, golden.json: everything the connector gives for each. A golden is
written once, read by a person, and then compared exactly; only --again writes over it.
"""

from __future__ import annotations

import importlib
import io
import json
import pkgutil
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from connectors import Context, connectors, extract, identify
from connectors.kit.export import Export
from models.clock import ZoneLog
from tests import writers

FOLDER = Path(__file__).parents[1] / "sample_data" / "exports"
CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 12, 31), b"a secret of the goldens")

Make = Callable[[], dict[str, bytes]]


def samples() -> dict[str, Make]:
    """What the writers offer, by connector. Two writers for one connector is an error."""
    made: dict[str, Make] = {}
    for found in pkgutil.iter_modules(writers.__path__):
        module = importlib.import_module(f"tests.writers.{found.name}")
        for name, make in getattr(module, "SAMPLES", {}).items():
            if name in made:
                raise ValueError(f"two writers have a sample for {name}; the second is tests/writers/{found.name}.py")
            made[name] = make
    return made


def export_of(name: str, content: bytes) -> Export:
    """A file as the drop has it."""
    return Export(name, len(content), lambda: io.BytesIO(content))


def golden_of(files: dict[str, bytes]) -> dict[str, dict]:
    """Everything the connectors give for these files, as JSON has it."""
    return {name: _read(export_of(name, content)) for name, content in sorted(files.items())}


def _read(export: Export) -> dict:
    kind = identify(export)
    if not isinstance(kind, str):
        return {"ignored": kind.why}
    result = extract(kind, export, CONTEXT)
    frames = {name: frame.to_dicts() for name, frame in result.frames().items() if frame.height}
    said = {"connector": kind, "tz_source": result.tz_source, "begins": result.begins, "notes": result.notes, **frames}
    return json.loads(json.dumps(said, default=_plain))


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


def write(name: str, again: bool) -> str:
    """Write a connector's sample and golden; what was done, in a line."""
    folder = FOLDER / name
    golden = folder / "golden.json"
    if golden.exists() and not again:
        return f"{name}: golden.json is there already; --again writes over it"
    files = samples()[name]()
    for old in sorted(folder.rglob("*"), reverse=True):
        old.rmdir() if old.is_dir() else old.unlink()
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    golden.write_text(written(golden_of(files)), encoding="utf-8")
    return f"{name}: {len(files)} files and golden.json written; now read them"


def main(arguments: list[str]) -> int:
    """The command line."""
    names = [a for a in arguments if not a.startswith("--")]
    offered = samples()
    if "--missing" in arguments:
        names = [name for name in offered if not (FOLDER / name / "golden.json").exists()]
    unknown = [name for name in names if name not in offered or name not in connectors()]
    if unknown or not (names or "--missing" in arguments):
        print(__doc__ if not unknown else f"no connector, or no SAMPLES in tests/writers, for: {', '.join(unknown)}")
        return 2
    for name in names:
        print(write(name, "--again" in arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
