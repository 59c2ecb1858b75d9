"""Damage of every kind to every sample, for as long as wanted: `python -m tests.fuzzing MINUTES [SEED] [FOLDER...]`.

Files of further folders are damaged as well. What fails is printed, and the damaged bytes are kept beside it.
"""

from __future__ import annotations

import contextlib
import io
import random
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from connectors import members
from connectors.testing.damage import mutations, of_bytes, wrong
from connectors.testing.reading import figures as figures
from connectors.testing.reading import read as read
from models.fault import Fault, Rejected
from tests.goldens import export_of, samples


def of_archive(files: dict[str, bytes], rng: random.Random) -> Iterator[bytes]:
    """The files in a zip in a zip, and that damaged."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*files.items(), ("empty.csv", b""), ("empty.zip", b"")]:
            archive.writestr(name, content)
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a/inner.zip", inner.getvalue())
        archive.writestr("b.csv", b"x,y\n1,2\n")
    for packed in (inner.getvalue(), outer.getvalue()):
        yield packed
        for _, content, _ in of_bytes(packed, rng):
            yield content


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
