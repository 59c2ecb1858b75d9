"""Writes Peloton's list of workouts."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable

HEADER = (
    "Workout Timestamp,Live/On-Demand,Instructor Name,Length (minutes),Fitness Discipline,Type,Title,Class Timestamp,"
    "Total Output,Avg. Watts,Avg. Resistance,Avg. Cadence (RPM),Avg. Speed (kph),Distance (km),Calories Burned,"
    "Avg. Heartrate,Avg. Incline,Avg. Pace (min/km)"
)


def workouts(rows: Iterable[tuple[str, object, str, str]], header: str = HEADER) -> bytes:
    """(time, minutes, discipline, title)"""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    for time, minutes, kind, title in rows:
        out.writerow([time, "On Demand", "Anna", minutes, kind, "Theme", title, time, *[""] * 6, 90, 120, "", ""])
    return f"{header}\n{text.getvalue()}".encode()


def sample() -> dict[str, bytes]:
    rows = [
        ("2026-03-09 07:05 (EDT)", 20, "Walking", "20 min Walk with Anna"),
        ("2026-03-09 18:30 (-04)", 30, "Yoga", "30 min Focus Flow: Hips"),
        ("2026-03-10 06:10 (UTC)", 20, "Strength", "20 min Full Body, Part 2"),
        ("2026-03-10 06:35 (UTC)", 0, "Strength", "10 min Core"),
    ]
    return {"workouts.csv": workouts(rows)}


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"peloton": sample}
