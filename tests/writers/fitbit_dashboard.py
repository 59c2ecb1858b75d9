"""Writes the CSV of the Fitbit dashboard: blocks below each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

HEADER = (
    "Date,Calories Burned,Steps,Distance,Floors,Minutes Sedentary,Minutes Lightly Active,Minutes Fairly Active,"
    "Minutes Very Active,Activity Calories"
)


@dataclass(frozen=True)
class Day:
    """One row of the activities."""

    day: date
    steps: int = 0
    fairly: int = 0
    very: int = 0
    lightly: int = 90
    sedentary: int = 800


def export(days: Iterable[Day], form: str = "%Y-%m-%d", thousands: str = ",", header: str = HEADER) -> bytes:
    """`fitbit_export_YYYYMMDD.csv`. Rows are quoted, headers are not."""
    days = list(days)

    def count(n: int) -> str:
        return f"{n:,}".replace(",", thousands)

    def row(*cells: str) -> str:
        return ",".join(f'"{cell}"' for cell in cells)

    lines = ["Body", "Date,Weight,BMI,Fat", *(row(d.day.strftime(form), "70", "24.0", "0") for d in days), ""]
    lines += ["Foods", "Date,Calories In", *(row(d.day.strftime(form), "0") for d in days), "", "Activities", header]
    for d in days:
        minutes = map(count, (d.sedentary, d.lightly, d.fairly, d.very))
        lines.append(row(d.day.strftime(form), "4,188", count(d.steps), "10.22", "29", *minutes, "2,417"))
    lines += ["", "Sleep", "Start Time,End Time,Minutes Asleep", row("2019-10-14 11:36PM", "2019-10-15 9:26AM", "525")]
    lines += ["", f"Food Log {days[0].day:%Y%m%d}" if days else "Food Log 20191001", "Daily Totals", '"","Fat","0 g"']
    return ("\n".join(lines) + "\n").encode()


def sample() -> dict[str, bytes]:
    """Three days, one of them without the tracker."""
    days = [
        Day(date(2019, 10, 1), 20_866, 17, 168),
        Day(date(2019, 10, 2), 0, lightly=0, sedentary=1440),
        Day(date(2019, 10, 3), 940, 0, 0, 41, 1_192),
    ]
    return {"fitbit_export_20191031.csv": export(days)}


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"fitbit_dashboard": sample}
