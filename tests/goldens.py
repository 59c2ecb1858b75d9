"""The sample and the golden of each connector: `python -m tests.goldens NAME... [--again]`, or `--missing` for all new.

A module in tests/writers may have SAMPLES: connector -> a function that makes {file name: content}. This writes them to
sample_data/exports/CONNECTOR/ and, beside them, golden.json: everything the connector gives for each. A golden is
written once, read by a person, and then compared exactly; only --again writes over it.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path

from connectors import connectors
from connectors.testing.checks import Trial
from connectors.testing.reading import CONTEXT as CONTEXT
from connectors.testing.reading import export_of as export_of
from connectors.testing.reading import golden_of, written
from tests import writers

FOLDER = Path(__file__).parents[1] / "sample_data" / "exports"

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


def trial_of(name: str) -> Trial:
    """A connector and its samples, for the checks that a plug-in passes as well."""
    golden = FOLDER / name / "golden.json"
    return Trial(name, samples()[name](), json.loads(golden.read_text("utf-8")) if golden.exists() else None)


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
