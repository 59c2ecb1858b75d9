"""What reading a large `export.xml` costs: `python -m benchmarks.apple_health [MEGABYTES]` (200 unless said).

Printed are the CPU time of the whole extract as a ratio to that of a bare pass of the same XML parser (expat, with no
handler) over the same file, each in a process of its own, and the peak resident memory of the extract. The file is
made for it, one of its samples in fourteen a step sample and three heart rates.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.parsers import expat

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


def bare(path: Path) -> None:
    """Nothing but the parser."""
    parser = expat.ParserCreate()
    with path.open("rb") as stream:
        parser.ParseFile(stream)


def whole(path: Path) -> None:
    """What a night does with the file."""
    export = Export(path.name, path.stat().st_size, lambda: path.open("rb"))
    context = Context(ZoneLog("participant_home", "Europe/Berlin"), date(2100, 1, 1), b"secret")
    print(extract("apple_health", export, context).rows, "rows", file=sys.stderr)


def measured(what: str, path: Path) -> tuple[float, float]:
    """CPU seconds and peak megabytes of one of the two, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.apple_health", what, str(path)]
    cpu, peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(cpu), float(peak)


def main(arguments: list[str]) -> None:
    """Make, measure, print."""
    if arguments and arguments[0] in ("bare", "whole"):
        begin = time.process_time()
        {"bare": bare, "whole": whole}[arguments[0]](Path(arguments[1]))
        print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    megabytes = int(arguments[0]) if arguments else 200
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xml"
        make(path, megabytes)
        parser = min(measured("bare", path) for _ in range(2))
        ours = min(measured("whole", path) for _ in range(2))
    print(f"{megabytes} MB: {ours[0] / parser[0]:.2f} times a bare pass of the parser; peak memory {ours[1]:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
