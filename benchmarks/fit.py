"""How fast FIT files are read, beside fitparse: `python -m benchmarks.fit`

Generated days of a watch and recorded walks are read by fitparse (every message's values, its default), by our reader
(the fields that the connectors want), and by fitfast, if it is installed, all with checksums. Then the whole of what
is done with a file: hashed, recognised, turned into canonical frames and checked. The least of a few each; the floor is
hash and checksum of the bytes.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

from fastcrc import crc16
from fitparse import FitFile

from benchmarks.cost import least
from benchmarks.figure import Beside, Figure, tell
from connectors import Context, extract, garmin_fit_activity, garmin_fit_monitoring, identify
from connectors.kit import fit as _fit
from connectors.kit.export import Export
from models.clock import ZoneLog
from tests.writers import fit_volume

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 12, 31), b"secret")


def figures() -> Iterator[Figure]:
    days = [fit_volume.day(MIDNIGHT + timedelta(days=n), n) for n in range(4)]
    walks = [fit_volume.recording(MIDNIGHT + timedelta(days=n, hours=9), n) for n in range(2)]
    for name, files, connector in (
        ("a day of a watch", days, garmin_fit_monitoring),
        ("a recorded activity", walks, garmin_fit_activity),
    ):
        fitparse = Beside("fitparse", least(partial(by_fitparse, files), 2))
        floor = Beside("hash and checksum", least(partial(hashed, files), 15))
        exports = [an_export(data) for data in files]
        wanted = connector.WANTED
        readers: dict[str, Callable[[], object]] = {
            "read": lambda exports=exports, wanted=wanted: [_fit.read(export, wanted) for export in exports],
            "from bytes to frames": lambda files=files: [frames(data) for data in files],
        }
        if importlib.util.find_spec("fitfast"):
            import fitfast

            readers["by fitfast.parse"] = lambda files=files: [fitfast.parse(data) for data in files]
        for what, reader in readers.items():
            yield Figure(f"{name} ({len(files[0]) // 1000} kB), {what}", least(reader, 15), fitparse, floor)


def by_fitparse(files: list[bytes]) -> None:
    for data in files:
        for message in FitFile(data).get_messages():
            message.get_values()


def hashed(files: list[bytes]) -> None:
    for data in files:
        hashlib.sha256(data)
        crc16.arc(data)


def an_export(data: bytes) -> Export:
    return Export("file.fit", len(data), lambda: io.BytesIO(data))


def frames(data: bytes) -> object:
    """All that is done with one file before it is stored."""
    export = an_export(data)
    name = identify(export)
    assert export.sha256
    assert isinstance(name, str)
    return extract(name, export, CONTEXT)


if __name__ == "__main__":
    tell(figures())
