"""What files of every device say of themselves: their kind, their maker, their distance from UTC."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.kit.fit import FitPart

if TYPE_CHECKING:
    from connectors import Context

ACTIVITY, MONITORING = 4, (15, 28, 32)  # file_id.type: an activity; monitoring_a, monitoring_daily, monitoring_b

# Maker of the device (FIT manufacturer number): the label a person can type, and where such devices are worn.
_MAKERS = {
    1: ("garmin", "wrist"), 13: ("garmin", "wrist"), 15: ("garmin", "wrist"), 23: ("suunto", "wrist"),
    32: ("wahoo", "unknown"), 40: ("concept2", "unknown"), 70: ("sigma", "unknown"), 71: ("tomtom", "wrist"),
    123: ("polar", "wrist"), 129: ("coros", "wrist"), 140: ("decathlon", "wrist"), 144: ("zwift", "unknown"),
    260: ("zwift", "unknown"), 265: ("strava", "phone"), 267: ("bryton", "unknown"), 289: ("hammerhead", "unknown"),
    294: ("coros", "wrist"), 305: ("whoop", "wrist"), 310: ("decathlon", "wrist"),
}  # fmt: skip
SOURCES = {**dict(_MAKERS.values()), "fit": "unknown"}  # "fit": any other maker


def who(part: FitPart, context: Context) -> tuple[str, str | None]:
    """The maker's label (a key of SOURCES), and the very device as a pseudonym: None without a serial number."""
    maker, product, serial = (part.file_id.fields.get(field) for field in (1, 2, 3))  # serial: a pair, at times
    device = context.pseudonym(maker, product, serial) if serial else None
    return _MAKERS.get(maker or 0, ("fit", ""))[0], device


def local_offset(utc: int | None, local: int | None) -> timedelta | None:
    """Local time minus UTC from one instant given in both (raw seconds), None where they cannot be the same instant.

    Devices write the two a moment apart (25202 s seen for +07:00), and some trainers are off by years.
    """
    if utc is None or local is None:
        return None
    difference = local - utc
    offset = round(difference / 900) * 900
    return timedelta(seconds=offset) if abs(difference - offset) <= 120 and abs(offset) <= 14 * 3600 else None
