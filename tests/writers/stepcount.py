"""Writes what stepcount says of a recording: its minutes and its days. Nothing in a cell is not worn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

DAYS = (
    "Filename,Date,Walk(mins),Steps,Steps5thAt,Steps50thAt,CadencePeak1(steps/min),CadencePeak30(steps/min),"
    "Cadence95th(steps/min),ENMO(mg)"
)


def minutely(start: datetime, steps: Iterable[float | None], apart: int = 60, recording: str = "P01.cwa") -> bytes:
    """`...-Minutely.csv`"""
    rows = [
        f"{recording},{start + n * timedelta(seconds=apart)},{',' if count is None else f'{count},20.5'}"
        for n, count in enumerate(steps)
    ]
    return ("\n".join(["Filename,Time,Steps,ENMO(mg)", *rows]) + "\n").encode()


def daily(rows: Iterable[tuple[str, object, object]], recording: str = "P01.cwa") -> bytes:
    """`...-Daily.csv`: (date, minutes of walking, steps)."""
    lines = [
        f"{recording},{day},{walking},{steps},{',,,,,' if steps == '' else '07:40:00,13:05:00,124.0,104.3,117.2,27.0'}"
        for day, walking, steps in rows
    ]
    return ("\n".join([DAYS, *lines]) + "\n").encode()


def sample() -> dict[str, bytes]:
    minutes = [0.0, 64.0, 104.0, 112.0, None, None, 40.0, 0.0]
    return {
        "P01/P01-Minutely.csv": minutely(datetime(2026, 3, 9, 7, 58), minutes),
        "P01/P01-Daily.csv": daily(
            [
                ("2026-03-08", 44.2, 3510.0),
                ("2026-03-09", 88.5, 7634.0),
                ("2026-03-10", "", ""),
                ("2026-03-11", 61.3, 5021.0),
                ("2026-03-12", 5.0, 402.0),
            ]
        ),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"stepcount": sample}
