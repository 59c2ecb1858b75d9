"""How fast FIT files are read, beside fitparse: `python -m benchmarks.fit`

Generated days of a watch and recorded walks are read by fitparse (every message's values, its default), by our reader
(the fields that the connectors want), and by fitfast, if it is installed, all with checksums. Then the whole of what is
done with a file: hashed, recognised, turned into canonical frames and checked. Printed are ratios of CPU time in this
run, the smallest of a few each.
"""

from __future__ import annotations

import importlib.util
import io
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from fitparse import FitFile

from connectors import Context, extract, garmin_fit_activity, garmin_fit_monitoring, identify
from connectors.kit import fit as _fit
from connectors.kit.export import Export
from models.clock import ZoneLog
from tests.writers import fit_volume

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 12, 31), b"secret")


def main() -> int:
    days = [fit_volume.day(MIDNIGHT + timedelta(days=n), n) for n in range(4)]
    walks = [fit_volume.recording(MIDNIGHT + timedelta(days=n, hours=9), n) for n in range(2)]
    for name, files, connector in (
        ("monitoring", days, garmin_fit_monitoring),
        ("activity", walks, garmin_fit_activity),
    ):
        exports = [an_export(data) for data in files]
        wanted = connector.WANTED
        reference = least(2, lambda files=files: [[m.get_values() for m in FitFile(f).get_messages()] for f in files])
        readers: dict[str, Callable[[], object]] = {
            "read": lambda exports=exports, wanted=wanted: [_fit.read(export, wanted) for export in exports],
            "from bytes to frames": lambda files=files: [frames(data) for data in files],
        }
        if importlib.util.find_spec("fitfast"):
            import fitfast

            readers["fitfast.parse"] = lambda files=files: [fitfast.parse(data) for data in files]
        print(f"{name}: {len(files)} files of {len(files[0]):,} bytes; times faster than fitparse, CPU time")
        for what, reader in readers.items():
            print(f"  {what:22} {reference / least(15, reader):6.0f} x")
    return 0


def an_export(data: bytes) -> Export:
    return Export("file.fit", len(data), lambda: io.BytesIO(data))


def frames(data: bytes) -> object:
    """All that is done with one file before it is stored."""
    export = an_export(data)
    name = identify(export)
    assert export.sha256
    assert isinstance(name, str)
    return extract(name, export, CONTEXT)


def least(repeat: int, work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of a few."""
    found = []
    for _ in range(repeat):
        begin = time.process_time()
        work()
        found.append(time.process_time() - begin)
    return min(found)


if __name__ == "__main__":
    sys.exit(main())
