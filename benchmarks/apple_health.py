"""What reading a large `export.xml` costs: `python -m benchmarks.apple_health [MEGABYTES]` (1,000 unless said).

The whole extract, beside a bare pass of the same XML parser (expat, with no handler) over the same file, and beside the
least, which is to read and hash it, each in a process of its own, with the peak memory of the extract. The file is
made for it, one of its samples in fourteen a step sample and three heart rates.
"""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.parsers import expat

from benchmarks.cost import of_function
from benchmarks.figure import Beside, Figure, tell
from connectors import Context, extract
from connectors.kit.export import Export
from models.clock import ZoneLog
from tests.writers.apple import HEAD, PHONE, WATCH, metadata, record, rings, workout

KINDS = ("StepCount", "HeartRate", "ActiveEnergyBurned", "BasalEnergyBurned", "DistanceWalkingRunning")
SHARES = (2, 6, 9, 8, 3)


def make(path: Path, megabytes: int) -> None:
    """An export of some years."""
    draw = random.Random(1)
    now, size = datetime(2016, 1, 1, tzinfo=UTC), 0
    motion = metadata("HKMetadataKeyHeartRateMotionContext", 0)
    with path.open("w", encoding="utf-8") as out:
        out.write(HEAD + '<HealthData locale="en_US">\n')
        while size < megabytes * 1_000_000:
            piece = [rings(now.date(), draw.randrange(90)), workout("Walking", now, now + timedelta(minutes=30))]
            for kind in draw.choices(KINDS, SHARES, k=1500):
                now += timedelta(seconds=draw.randrange(60))
                lasts = timedelta(seconds=0 if kind == "HeartRate" else draw.randrange(2, 600))
                inside = motion if kind == "HeartRate" else ""
                device = PHONE if kind != "HeartRate" and draw.random() < 0.4 else WATCH
                name = "iPhone" if device is PHONE else "Watch"
                kind = f"HKQuantityTypeIdentifier{kind}"
                piece.append(
                    record(now, now + lasts, draw.randrange(150), kind=kind, name=name, device=device, inside=inside)
                )
            size += out.write("".join(piece))
        out.write("</HealthData>\n")


def bare(path: str) -> None:
    """Nothing but the parser."""
    parser = expat.ParserCreate()
    with open(path, "rb") as stream:
        parser.ParseFile(stream)


def whole(file: str) -> None:
    """What a night does with the file."""
    path = Path(file)
    export = Export(path.name, path.stat().st_size, lambda: path.open("rb"))
    context = Context(ZoneLog("participant_home", "Europe/Berlin"), date(2100, 1, 1), b"secret")
    assert extract("apple_health", export, context).rows


def hashed(path: str) -> None:
    """The least: every byte read once."""
    with open(path, "rb") as stream:
        hashlib.file_digest(stream, "sha256")  # type: ignore[arg-type]


def figures(megabytes: int = 1_000) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xml"
        make(path, megabytes)
        ours, parser, read = (of_function(function, path, times=2) for function in (whole, bare, hashed))
    peer, floor = Beside("a bare pass of expat", parser.cpu), Beside("reading and hashing it", read.cpu)
    yield Figure(f"an `export.xml` of {megabytes:,} MB", ours.cpu, peer, floor, ours.peak)


if __name__ == "__main__":
    tell(figures(*map(int, sys.argv[1:])))
