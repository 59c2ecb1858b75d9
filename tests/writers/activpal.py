"""Writes the events file of an activPAL. Times are naive: the device's own clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

HEADER = (
    '"Time","DataCount (samples)","Interval (s)","ActivityCode (0=sedentary, 1= standing, 2=stepping)",'
    '"CumulativeStepCount","Activity Score (MET.h)","Abs(sumDiff)"'
)
SIT, STAND, STRIDE, CYCLE, UNWORN = 0.0, 1.0, 2.0, 2.1, 4.0


def events(start: datetime, rows: Iterable[tuple[float, float]], wrapped: bool = False) -> bytes:
    """`... Events.csv`: (code, seconds), one after the other."""
    lines = [HEADER]
    serial = (start - datetime(1899, 12, 30)).total_seconds() / 86_400
    samples = strides = 0
    for code, seconds in rows:
        strides += code == STRIDE
        at = f"#{serial:.10f}#" if wrapped else f"{serial:.10f}"
        interval = f"{seconds:g}".removeprefix("0") or "0"
        lines.append(f"{at},{samples},{interval},{code:g},{strides},1.27E-03,405")
        serial += seconds / 86_400
        samples += round(seconds * 10)
    return ("\r\n".join(lines) + "\r\n").encode()


def with_commas(content: bytes) -> bytes:
    """The same file as a computer writes it that sets decimals apart by a comma, cells by a semicolon."""
    head, rest = content.split(b"\r\n", 1)
    head = head.replace(b'","', b'";"')
    return head + b"\r\n" + rest.replace(b",", b";").replace(b".", b",")


def sample() -> dict[str, bytes]:
    """Two minutes of walking around midnight, a ride, a night without the device."""
    walk = [(STRIDE, 1.0)] * 120
    rows = [(SIT, 1205.6), (STAND, 34.4), *walk, (CYCLE, 60.0), (UNWORN, 180.0), (SIT, 120.0)]
    return {"S01 Events.csv": events(datetime(2016, 9, 19, 23, 38, 20), rows)}


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"activpal": sample}
