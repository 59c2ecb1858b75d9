"""Writes what Health Auto Export writes as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def metric(name: str, units: str, entries: Iterable[tuple[str, float]]) -> dict[str, Any]:
    """One metric; times like "2026-08-20 00:00:00 -0400"."""
    data = [{"date": at, "qty": figure, "source": "Jane’s Watch|Jane’s iPhone"} for at, figure in entries]
    return {"name": name, "units": units, "data": data}


def workout(name: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    """One workout, with a route and heart rates that nobody may read."""
    route = [{"latitude": 40.7, "longitude": -74.0, "timestamp": start}]
    rates = [{"date": start, "Min": 90, "Avg": 101.5, "Max": 133, "units": "bpm"}]
    return {"id": "0A", "name": name, "start": start, "end": end, "route": route, "heartRateData": rates} | more


def export(metrics: Iterable[dict] = (), workouts: Iterable[dict] = ()) -> bytes:
    """The whole file."""
    return json.dumps({"data": {"metrics": list(metrics), "workouts": list(workouts)}}, ensure_ascii=False).encode()


def sample() -> dict[str, bytes]:
    """Two days, a workout with its steps by the minute, and half an hour of minutes."""
    days = ("2026-08-20 00:00:00 -0400", "2026-08-21 00:00:00 -0400")
    walk = workout(
        "Outdoor Walk",
        "2026-08-20 09:04:00 -0400",
        "2026-08-20 09:36:00 -0400",
        duration=1935.5 - 30,
        stepCount=[{"date": f"2026-08-20 09:0{n}:00 -0400", "qty": 1700.4, "units": "count"} for n in (4, 5, 5)],
    )
    return {
        "HealthAutoExport-2026-08-20-2026-08-21.json": export(
            [
                metric("step_count", "count", zip(days, (13010.2, 8021), strict=True)),
                metric("apple_exercise_time", "min", zip(days, (41, 0), strict=True)),
                metric("apple_stand_hour", "count", zip(days, (12, 0), strict=True)),
                metric("weight_body_mass", "kg", zip(days, (80.1, 80.2), strict=True)),
            ],
            [walk],
        ),
        "HealthMetrics-2026-08-22.json": export(
            [metric("step_count", "steps", [(f"2026-08-22 08:0{n}:00 -0400", 90.5) for n in (0, 1, 2, 5)])]
        ),
    }


SAMPLES = {"health_auto_export_json": sample}
