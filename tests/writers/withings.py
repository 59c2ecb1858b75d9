"""Writes the CSV files of a Withings export: days, minutes in stretches, and activities."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

FOLDER = "data_ANN_1775000000"


def days(rows: Iterable[tuple[date, object]]) -> bytes:
    """`aggregates_steps.csv`, the newest first."""
    return ("\n".join(["date,value", *(f"{day},{count}" for day, count in rows)]) + "\n").encode()


def stretches(rows: Iterable[tuple[str, list[int], list[int]]]) -> bytes:
    """`raw_tracker_steps.csv`: (start with offset, seconds, counts). A list of one is not put in quotes."""
    lines = ["start,duration,value"]
    for start, durations, values in rows:
        cells = (json.dumps(numbers).replace(" ", "") for numbers in (durations, values))
        lines.append(",".join([start, *(f'"{cell}"' if "," in cell else cell for cell in cells)]))
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True)
class Activity:
    """One row. `by_hand` moves the times into the columns for what somebody entered."""

    kind: str
    start: datetime
    end: datetime
    data: dict | None = None
    by_hand: bool = False


def activities(rows: Iterable[Activity], ends: tuple[str, str] = ("from", "to")) -> bytes:
    """`activities.csv`; `ends`: what the account's language makes of the first two columns."""
    lines = [f'{ends[0]},{ends[1]},"from (manual)","to (manual)",Timezone,"Activity type",Data,GPS,Modified']
    for a in rows:
        times = [a.start.isoformat(), a.end.isoformat()]
        cells = ["", "", *times] if a.by_hand else [*times, "", ""]
        data = json.dumps(a.data or {}).replace('"', '""')
        lines.append(",".join([*cells, "Europe/Berlin", a.kind, f'"{data}"', '"[52.5,13.4]"', times[1]]))
    return ("\n".join(lines) + "\n").encode()


def sample() -> dict[str, bytes]:
    """Two days; a stretch delivered twice and one of a single minute; a walk, its wrapper, and something unknown."""
    start, end = (
        datetime.fromisoformat("2026-03-09T23:50:00-04:00"),
        datetime.fromisoformat("2026-03-10T00:20:00-04:00"),
    )
    evening = start.replace(hour=18, minute=0), start.replace(hour=18, minute=45)
    return {
        f"{FOLDER}/aggregates_steps.csv": days([(date(2026, 3, 10), 611), (date(2026, 3, 9), 5563)]),
        f"{FOLDER}/raw_tracker_steps.csv": stretches(
            [
                ("2026-03-09T23:58:00-04:00", [60, 61, 59, 60], [36, 88, 101, 0]),
                ("2026-03-09T23:59:00-04:00", [60, 60], [88, 101]),
                ("2026-03-10T08:00:00-04:00", [60], [14]),
                ("2026-03-10T09:00:00-04:00", [120], [90]),
            ]
        ),
        f"{FOLDER}/raw_tracker_hr.csv": stretches([("2026-03-09T23:58:10-04:00", [0, 60], [71, 74])]),
        f"{FOLDER}/activities.csv": activities(
            [
                Activity("Walking", start, end, {"steps": 2225, "pause_duration": 300, "hr_average": 99}),
                Activity("Multi Sport", start, end),
                Activity("Lawn Darts", *evening, by_hand=True),
            ]
        ),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"withings": sample}
