"""Writes the workouts of a WHOOP export."""

from __future__ import annotations

from collections.abc import Callable, Iterable

HEADER = (
    "Cycle start time,Cycle end time,Cycle timezone,Workout start time,Workout end time,Duration (min),Activity name,"
    "Activity Strain,Energy burned (cal),Max HR (bpm),Average HR (bpm),HR Zone 1 %,HR Zone 2 %,HR Zone 3 %,HR Zone 4 %,"
    "HR Zone 5 %,GPS enabled"
)


def workouts(rows: Iterable[tuple[str, str, str, object, str]]) -> bytes:
    """(cycle time zone, start, end, minutes, name); the cycle that runs has no end."""
    lines = [HEADER]
    for zone, start, end, minutes, name in rows:
        lines.append(
            f"{start[:10]} 00:43:33,,{zone},{start},{end},{minutes},{name},8.1,300,150,120,10,20,30,10,0,false"
        )
    return ("\n".join(lines) + "\n").encode()


def sample() -> dict[str, bytes]:
    return {
        "my_whoop_data_2026_03_12/workouts.csv": workouts(
            [
                ("UTC-04:00", "2026-03-10 23:50:00", "2026-03-11 00:20:30", 30, "Walking"),
                ("UTCZ", "2026-03-09 10:00:00", "2026-03-09 10:45:00", 45, "Functional Fitness"),
                ("UTC-04:00", "2026-03-08 18:00:00", "2026-03-08 18:20:00", "", "Lawn Darts"),
            ]
        )
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"whoop": sample}
