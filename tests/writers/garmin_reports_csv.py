"""Writes the reports of Garmin Connect: steps, and others that are not read."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def steps(rows: Iterable[tuple[str, object]], header: str = ",Actual,Goal", title: str = "") -> bytes:
    """`Steps.csv`: (date as it is written, steps)."""
    lines = [title] if title else []
    lines += [header, *(f'{day},"{count}",8000' if "," in str(count) else f"{day},{count},8000" for day, count in rows)]
    return ("\n".join(lines) + "\n").encode()


def sample() -> dict[str, bytes]:
    return {
        "Steps.csv": steps([("03/07/2026", 9120), ("03/08/2026", "11,204"), ("03/09/2026", "--"), ("03/10/2026", 0)])
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"garmin_reports_csv": sample}
