"""Writes the CSV files of a Fitbit / Google Health Takeout.

Minute files take `{data source: rows}`; `{None: rows}` gives the layout of 2024 without that column. Times are aware.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_COLUMNS = (
    "exercise_id,exercise_start,exercise_end,utc_offset,exercise_created,exercise_last_updated,activity_name,log_type,"
    "pool_length,pool_length_unit,intervals,distance_units,tracker_total_calories,tracker_total_steps,"
    "tracker_total_distance_mm,tracker_total_altitude_mm,tracker_avg_heart_rate,tracker_peak_heart_rate,"
    "tracker_avg_pace_mm_per_second,tracker_avg_speed_mm_per_second,tracker_peak_speed_mm_per_second,"
    "tracker_auto_stride_run_mm,tracker_auto_stride_walk_mm,tracker_swim_lengths,tracker_pool_length,"
    "tracker_pool_length_unit,tracker_cardio_load,manually_logged_total_calories,manually_logged_total_steps,"
    "manually_logged_total_distance_mm,manually_logged_pool_length,manually_logged_pool_length_unit,events"
)
_COLUMNS_OF_2026 = (
    ",activity_type_probabilities,autodetected_confirmed,autodetected_start_timestamp,autodetected_end_timestamp,"
    "autodetected_utc_offset,autodetected_activity_name,autodetected_sensor_based_activity_name,deletion_reason,"
    "activity_label,suggested_start_timestamp,suggested_end_timestamp,reconciliation_status,location_metadata"
)
_FAMILIES = {
    "steps": "Steps",
    "active_minutes": "Active Minutes",
    "activity_level": "Activity Level",
    "active_zone_minutes": "Active Zone Minutes",
    "heart_rate": "Heart Rate",
}


def path(family: str, first_day: date) -> str:
    """Where a file lies in a Takeout of October 2026: `family` is steps, active_minutes, ... or UserExercises."""
    root = "Takeout/Google Health"
    if family == "UserExercises":
        return f"{root}/Health Fitness Data_GoogleData/UserExercises_{first_day}.csv"
    return f"{root}/Physical Activity_GoogleData/{_FAMILIES[family]}/{family}_{first_day}.csv"


def stamp(time: datetime) -> str:
    """2026-03-09T07:30:00Z, with milliseconds only where there are any."""
    time = time.astimezone(UTC)
    fraction = f".{time.microsecond // 1000:03d}" if time.microsecond else ""
    return f"{time:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def steps(readings: Mapping[str | None, Iterable[tuple[datetime, int]]]) -> bytes:
    """`steps_YYYY-MM-DD.csv`: (time, steps)."""
    return _minutes("steps", {name: [(t, str(n)) for t, n in rows] for name, rows in readings.items()})


def active_minutes(judged: Mapping[str | None, Iterable[tuple[datetime, str]]]) -> bytes:
    """`active_minutes_YYYY-MM-DD.csv`: (minute, "light" | "moderate" | "very")."""
    flags = {"light": "1,0,0", "moderate": "0,1,0", "very": "0,0,1"}
    return _minutes("light,moderate,very", {name: [(t, flags[w]) for t, w in rows] for name, rows in judged.items()})


def activity_level(judged: Mapping[str | None, Iterable[tuple[datetime, str]]]) -> bytes:
    """`activity_level_YYYY-MM-DD.csv`: (minute, "SEDENTARY" | "LIGHTLY_ACTIVE" | "MODERATELY_ACTIVE" | ...)."""
    return _minutes("level", judged)


def zone_minutes(zones: Mapping[str | None, Iterable[tuple[datetime, str]]]) -> bytes:
    """`active_zone_minutes_YYYY-MM-DD.csv`: (minute, "fat burn" | "cardio" | "peak"); the total is doubled as there."""
    rows = {}
    for name, given in zones.items():
        spelled = [(t, zone, zone if name is None else zone.upper().replace(" ", "_")) for t, zone in given]
        rows[name] = [(t, f"{word},{1 if zone == 'fat burn' else 2}") for t, zone, word in spelled]
    return _minutes("heart rate zone,total minutes", rows)


def heart_rate(beats: Mapping[str | None, Iterable[tuple[datetime, float]]]) -> bytes:
    """`heart_rate_YYYY-MM-DD.csv`: (time, beats per minute)."""
    return _minutes("beats per minute", {name: [(t, f"{b:.1f}") for t, b in rows] for name, rows in beats.items()})


def _minutes(columns: str, by_source: Mapping[str | None, Iterable[tuple[datetime, str]]]) -> bytes:
    named = set(by_source) != {None}
    rows = sorted((t, n or "", values) for n, given in by_source.items() for t, values in given)
    lines = [f"timestamp,{columns}" + ",data source" * named]
    lines += [f"{stamp(t)},{values}" + f",{name}" * named for t, name, values in rows]
    return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True)
class Exercise:
    """One row of `UserExercises_YYYY-MM-DD.csv`. Times are aware; `offset` is local time minus UTC."""

    start: datetime
    end: datetime
    name: str
    offset: timedelta = timedelta(0)
    log_type: str = "TRACKER"  # AUTO_DETECTED | MANUAL | ...
    steps: int = 0
    deletion_reason: str = "UNSPECIFIED"


def exercises(rows: Iterable[Exercise], columns_2026: bool = True) -> bytes:
    """`UserExercises_YYYY-MM-DD.csv` with the 46 columns of 2026 or the 33 before."""
    header = _COLUMNS + _COLUMNS_OF_2026 * columns_2026
    lines = [header]
    for number, row in enumerate(rows, 1):
        seconds = int(row.offset.total_seconds())
        sign = "-" if seconds < 0 else "+"
        known = {
            "exercise_id": str(10**18 + number),
            "exercise_start": stamp(row.start),
            "exercise_end": stamp(row.end),
            "utc_offset": f"{sign}{abs(seconds) // 3600:02d}:{abs(seconds) % 3600 // 60:02d}",
            "exercise_created": stamp(row.end),
            "exercise_last_updated": stamp(row.end),
            "activity_name": row.name,
            "log_type": row.log_type,
            "tracker_total_steps": str(row.steps),
            "activity_type_probabilities": '"[{walk, 0.9}, {run, 0.1}]"',
            "deletion_reason": row.deletion_reason,
        }
        lines.append(",".join(known.get(column, "") for column in header.split(",")))
    return ("\n".join(lines) + "\n").encode()
