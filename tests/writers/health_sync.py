"""Writes the CSV files that Health Sync puts into a folder: steps, heart rate and activities."""

from __future__ import annotations

from collections.abc import Callable, Iterable

WATCH, PHONE = "com.example.someone.watch", "android"
_ACTIVITY = (
    "Source app,Activity type,Activity name,Date,Time,Elapsed time,Active time,Distance (km),Calories (kcal),Steps,"
    "Average heart rate,Max heart rate"
)


def rows(figure: str, told: Iterable[tuple[str, object, str]], with_app: bool = True) -> bytes:
    """(time, value, app); the Samsung Health route has no column of apps."""
    lines = [f"Date,Time,{figure}" + ",Source" * with_app]
    lines += [f"{time},{time[11:]},{value}" + f",{app}" * with_app for time, value, app in told]
    return "\n".join([*lines, ""]).encode()


def steps(told: Iterable[tuple[str, object, str]], with_app: bool = True) -> bytes:
    return rows("Steps", told, with_app)


def beats(told: Iterable[tuple[str, object, str]]) -> bytes:
    return rows("Heart rate", told)


def activity(kind: str, time: str, elapsed: object, active: object, taken: object = "null") -> bytes:
    row = f'someone,{kind},"Anna, at lunch",{time},{time[11:]},{elapsed},{active},1.2,"79.6",{taken},93,110'
    return f"{_ACTIVITY}\n{row}\n".encode()


def walk(hour: str, count: int, app: str, each: int = 100) -> list[tuple[str, object, str]]:
    """Minutes on the grid: "2026.03.09 08"."""
    return [(f"{hour}:{minute:02d}:00", each + minute, app) for minute in range(count)]


def sample() -> dict[str, bytes]:
    """One day by two routes, and the next one of rows at odd seconds beside a total at midnight."""
    between = [("2026.03.09 12:57:01", 8, WATCH), ("2026.03.09 12:57:40", 9, WATCH), ("2026.03.09 08:00:30", 7, PHONE)]
    odd = [("2026.03.10 00:00:00", 6705, WATCH), ("2026.03.10 06:41:09", 6, PHONE), ("2026.03.10 06:41:21", 8, PHONE)]
    return {
        "Health Sync Steps/Steps 2026.03.09 Health Connect.csv": steps([*walk("2026.03.09 08", 3, WATCH), *between]),
        "Health Sync Steps/Steps 2026.03.09 Samsung Health.csv": steps(walk("2026.03.09 08", 2, ""), with_app=False),
        "Health Sync Steps/Steps 2026.03.10 Health Connect.csv": steps(odd),
        "Health Sync Heart rate/Heart rate 11-2026 Health Connect.csv": beats(
            [("2026.03.09 08:00:00", 87, WATCH), ("2026.03.09 08:01:10", "null", ""), ("2026.03.09 08:02:10", 85, "")]
        ),
        "Health Sync Activities/WALKING 2026.03.09 17.48.csv": activity(
            "WALKING", "2026.03.09 17:48:34", 987, 900, 1352
        ),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"health_sync": sample}
