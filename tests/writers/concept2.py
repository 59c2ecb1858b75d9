"""Writes the logbook of a Concept2 machine."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable

HEADER = (
    "Log ID,Date,Description,Work Time (Formatted),Work Time (Seconds),Rest Time (Formatted),Rest Time (Seconds),"
    "Work Distance,Rest Distance,Stroke Rate/Cadence,Stroke Count,Pace,Avg Watts,Cal/Hour,Total Cal,Avg Heart Rate,"
    "Drag Factor,Age,Weight,Type,Ranked,Comments,Date Entered"
)


def logbook(rows: Iterable[tuple[str, object, object, str]]) -> bytes:
    """(time, seconds of work, seconds of rest, machine)"""
    text = io.StringIO()
    out = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    out.writerow(next(csv.reader([HEADER])))
    for n, (time, work, rest, machine) in enumerate(rows):
        figures = ["5000", "", "21", "442", "2:07.1", "170", "886", "311", "128", "126", "", ""]
        out.writerow([100 + n, time, "row with Anna", "20:00.0", work, "", rest, *figures, machine, "No", "Anna", time])
    return text.getvalue().encode()


def sample() -> dict[str, bytes]:
    rows = [
        ("2026-03-09 16:30:00", 1271.3, "", "RowErg"),
        ("2026-03-10 07:00:00", 1200, 480, "RowErg"),
        ("2026-03-11 07:00:00", 1800, "", "BikeErg"),
    ]
    return {"concept2-season-2026.csv": logbook(rows)}


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"concept2": sample}
