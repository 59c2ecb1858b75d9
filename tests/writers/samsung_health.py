"""Writes the CSV files of a Samsung Health export: BOM, a line of the type, and rows with one comma too many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

FOLDER = "samsunghealth_a_20260607134546"


def path(kind: str) -> str:
    return f"{FOLDER}/com.samsung.shealth.{kind}.20260607134546.csv"


def table(kind: str, names: Iterable[str], rows: Iterable[Iterable[object]], comma: str = ",") -> bytes:
    """Any file of an export. `comma`: what ends every row but the header."""
    lines = [f"com.samsung.shealth.{kind},6320001,6", ",".join(names)]
    lines += [",".join("" if cell is None else str(cell) for cell in row) + comma for row in rows]
    return ("\ufeff" + "\n".join(lines) + "\n").encode()


def day_time(day: date, as_text: bool = False) -> str:
    """Midnight in UTC: milliseconds in older apps, text in newer ones."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return f"{midnight:%Y-%m-%d %H:%M:%S}.000" if as_text else str(int(midnight.timestamp() * 1000))


def trend(rows: Iterable[tuple[date, int, int | None]], as_text: bool = False) -> bytes:
    """step_daily_trend: (day, source_type, steps)."""
    names = ["binning_data", "update_time", "source_type", "count", "speed", "distance", "deviceuuid", "day_time"]
    told = [("b.json", "x", kind, steps, 1.2, 900.5, "d", day_time(day, as_text)) for day, kind, steps in rows]
    return table("step_daily_trend", names, told)


def summary(rows: Iterable[tuple[date, str | None, int]]) -> bytes:
    """tracker.pedometer_day_summary: (day, source_info, steps)."""
    names = ["step_count", "active_time", "source_info", "healthy_step", "deviceuuid", "day_time"]
    told = [(steps, 60_000, info, 11, "d", day_time(day)) for day, info, steps in rows]
    return table("tracker.pedometer_day_summary", names, told)


def activity(rows: Iterable[tuple[date, int | None, int | None]]) -> bytes:
    """activity.day_summary: (day, steps, milliseconds walked)."""
    names = ["exercise_time", "step_count", "active_time", "others_time", "run_time", "walk_time", "goal", "day_time"]
    told = [(99, steps, 5, 1, 2, walked, 60, day_time(day, as_text=True)) for day, steps, walked in rows]
    return table("activity.day_summary", names, told)


def vitality(rows: Iterable[tuple[date, int | None]]) -> bytes:
    """vitality_score: (day, milliseconds of moderate and vigorous movement)."""
    told = [(80, mvpa, 4_000_000, day_time(day, as_text=True)) for day, mvpa in rows]
    return table("vitality_score", ["total_score", "mvpa_time", "active_time", "day_time"], told)


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}.000"


def minutes(rows: Iterable[tuple[datetime, int]], device: str = "d1", offset: str = "UTC-0400") -> bytes:
    """tracker.pedometer_step_count: (start, steps) of minutes."""
    prefix = "com.samsung.health.step_count."
    names = ["duration", "run_step", "walk_step"]
    names += [prefix + name for name in ("start_time", "count", "time_offset", "deviceuuid", "end_time")]
    told = [(9000, 0, n, _stamp(t), n, offset, device, _stamp(t + timedelta(minutes=1))) for t, n in rows]
    return table("tracker.pedometer_step_count", names, told)


@dataclass(frozen=True)
class Exercise:
    """One row of the exercises. `timer` defaults to the whole span."""

    code: int
    start: datetime
    end: datetime
    timer: timedelta | None = None
    count: int | None = None
    offset: str = "UTC-0400"


def exercises(rows: Iterable[Exercise], title: str = "") -> bytes:
    """exercise: bare and prefixed names in one header."""
    prefix = "com.samsung.health.exercise."
    names = ["live_data_internal", "source_type", "title"]
    names += [prefix + n for n in ("duration", "start_time", "exercise_type", "mean_heart_rate", "count")]
    names += [prefix + n for n in ("time_offset", "deviceuuid", "end_time", "datauuid")]
    told = []
    for n, e in enumerate(rows):
        timer = int((e.timer if e.timer is not None else e.end - e.start).total_seconds() * 1000)
        row = (
            "live.json",
            4,
            title,
            timer,
            _stamp(e.start),
            e.code,
            105,
            e.count,
            e.offset,
            "d",
            _stamp(e.end),
            f"u{n}",
        )
        told.append(row)
    return table("exercise", names, told)


def sample() -> dict[str, bytes]:
    """Two days, a minute of walking, an unfinished list of exercises with a code nobody knows."""
    one, two = date(2026, 6, 1), date(2026, 6, 2)
    at = datetime(2026, 6, 1, 13, tzinfo=UTC)
    return {
        path("step_daily_trend"): trend([(one, -2, 8410), (one, 0, 5200), (one, 15, 8231), (two, 0, 40)]),
        path("tracker.pedometer_day_summary"): summary([(one, "u.source_info.json", 8410), (one, None, 5200)]),
        path("activity.day_summary"): activity([(one, 8410, 2_801_769)]),
        path("vitality_score"): vitality([(one, 1_260_000)]),
        path("tracker.pedometer_step_count"): minutes([(at, 104), (at + timedelta(minutes=1), 31)]),
        path("exercise"): exercises(
            [
                Exercise(1001, at, at + timedelta(minutes=26), timedelta(minutes=25), count=2600),
                Exercise(9002, at + timedelta(hours=12), at + timedelta(hours=13)),
                Exercise(1007, at + timedelta(hours=3), at + timedelta(hours=4)),
            ]
        ),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"samsung_health": sample}
