"""Damage of every kind to every sample, for as long as wanted: `python -m tests.fuzzing MINUTES [SEED] [FOLDER...]`.

Files of further folders are damaged as well. What fails is printed, and the damaged bytes are kept beside it.
"""

from __future__ import annotations

import contextlib
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from connectors import Context, Ignored, extract, identify, members
from models.activity import Extract
from models.fault import Fault, Rejected
from tests.goldens import CONTEXT, export_of, samples
from tests.mutations import ANY, SAME, Mutation, mutations, of_archive


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


def wrong(name: str, whole: Extract | Fault | Ignored, mutation: Mutation) -> str | None:
    """What is wrong with what comes of a damaged file; None where nothing is."""
    _, content, expected = mutation
    if not content:
        return None
    try:
        result = read(name, content)
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:300]}"
    if expected == ANY or not isinstance(whole, Extract):
        return None
    if isinstance(result, Extract):
        return None if figures(result) == figures(whole) else "other numbers than before"
    return f"not read: {result}" if expected == SAME else None


def unpack(packed: bytes) -> None:
    """Read everything in a zip. Faults are fine."""
    with contextlib.suppress(Rejected):
        for member in members(export_of("drop.zip", packed)) or []:
            if not isinstance(member, Fault):
                read(member.name, member.read())


def _late(*_: object) -> None:
    raise TimeoutError("longer than 20 seconds")


def corpus(folders: list[Path]) -> dict[str, bytes]:
    """Every sample, and every small file of the folders."""
    files = {f"{kind}/{name}": content for kind, make in samples().items() for name, content in make().items()}
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size < 300_000):
            files[str(path.relative_to(folder.parent))] = path.read_bytes()
    return {name: content for name, content in files.items() if content and not name.endswith(("manifest.csv", ".md"))}


def main(arguments: list[str]) -> int:
    """The command line."""
    minutes, seed = float(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 1
    files = corpus([Path(folder) for folder in arguments[2:]])
    wholes = {name: read(name, content) for name, content in files.items()}
    rng, until, tried, failed = random.Random(seed), time.monotonic() + 60 * minutes, 0, set()
    kept = Path(tempfile.mkdtemp(prefix="fuzzing-"))
    signal.signal(signal.SIGALRM, _late)
    while time.monotonic() < until:
        for name, content in files.items():
            for mutation in mutations(name, content, rng):
                signal.alarm(20)
                fault = wrong(name, wholes[name], mutation)
                signal.alarm(0)
                tried += 1
                key = (name, mutation[0], (fault or "")[:60])
                if fault and key not in failed:
                    failed.add(key)
                    where = kept / f"{len(failed)}_{Path(name).name}"
                    where.write_bytes(mutation[1])
                    print(f"{name}: {mutation[0]}: {fault} [{where}]", flush=True)
        for kind, make in samples().items():
            for packed in of_archive(make(), rng):
                signal.alarm(60)
                try:
                    unpack(packed)
                except Exception as error:
                    print(f"zip of {kind}: {type(error).__name__}: {error}", flush=True)
                    (kept / f"{kind}.zip").write_bytes(packed)
                signal.alarm(0)
                tried += 1
        print(f"{tried} tried, {len(failed)} failed", file=sys.stderr, flush=True)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
