"""Writes the CSV files of a Fitabase export. Times are naive and local."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

PERSON = "1000000001"
DAILY_HEADER = (
    "Id,ActivityDate,TotalSteps,TotalDistance,TrackerDistance,LoggedActivitiesDistance,VeryActiveDistance,"
    "ModeratelyActiveDistance,LightActiveDistance,SedentaryActiveDistance,VeryActiveMinutes,FairlyActiveMinutes,"
    "LightlyActiveMinutes,SedentaryMinutes,Calories"
)


@dataclass(frozen=True)
class Day:
    """One row of the daily activity."""

    day: date
    steps: int = 0
    very: int = 0
    fairly: int = 0
    lightly: int = 200
    sedentary: int = 800
    person: str = PERSON


def plain_date(day: date) -> str:
    """4/12/2016"""
    return f"{day.month}/{day.day}/{day.year}"


def stamp(time: datetime) -> str:
    """4/12/2016 12:34:00 AM"""
    half = "AM" if time.hour < 12 else "PM"
    return f"{plain_date(time)} {(time.hour + 11) % 12 + 1}:{time:%M:%S} {half}"


def daily(days: Iterable[Day], form: Callable[[date], str] = plain_date) -> bytes:
    """`dailyActivity_merged.csv`."""
    lines = [DAILY_HEADER]
    for d in days:
        distances = "8.5,8.5,0,1.87,0.55,6.05,0"
        lines.append(
            f"{d.person},{form(d.day)},{d.steps},{distances},{d.very},{d.fairly},{d.lightly},{d.sedentary},1985"
        )
    return ("\r\n".join(lines) + "\r\n").encode()


def minutes(column: str, rows: Iterable[tuple[datetime, int]], form: Callable[[datetime], str] = stamp) -> bytes:
    """`minuteStepsNarrow_merged.csv` (column Steps) or `minuteIntensitiesNarrow_merged.csv` (column Intensity)."""
    lines = [f"Id,ActivityMinute,{column}", *(f"{PERSON},{form(t)},{n}" for t, n in rows)]
    return ("\r\n".join(lines) + "\r\n").encode()


def hours(rows: Iterable[tuple[datetime, int]], resaved: bool = False) -> bytes:
    """`hourlySteps_merged.csv`; `resaved`: as a spreadsheet leaves it, the time in a column of its own."""
    if not resaved:
        lines = ["Id,ActivityHour,StepTotal", *(f"{PERSON},{stamp(t)},{n}" for t, n in rows)]
        return ("\r\n".join(lines) + "\r\n").encode()
    cells = sorted(f"{PERSON},{t:%m/%d/%y},{stamp(t).split(' ', 1)[1]},{n}" for t, n in rows)
    return ("\n".join(["Id,ActivityDate,ActivityHour,StepTotal", *cells]) + "\n").encode()


def sample() -> dict[str, bytes]:
    """One person: three days, some minutes, a day of hours."""
    start = datetime(2016, 4, 12, 23, 58)
    walk = [(start + timedelta(minutes=n), steps) for n, steps in enumerate((0, 62, 104, 131, 8))]
    intensity = [(time, (0, 1, 2, 3, 1)[n]) for n, (time, _) in enumerate(walk)]
    whole_day = [(datetime(2016, 4, 13) + timedelta(hours=n), 10 * n) for n in range(26)]
    days = [Day(date(2016, 4, 12), 13_162, 25, 13), Day(date(2016, 4, 13), 10_735, 21, 19)]
    return {
        "dailyActivity_merged.csv": daily([*days, Day(date(2016, 4, 14), lightly=0, sedentary=1440)]),
        "minuteStepsNarrow_merged.csv": minutes("Steps", walk),
        "minuteIntensitiesNarrow_merged.csv": minutes("Intensity", intensity),
        "hourlySteps_merged.csv": hours(whole_day),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"fitabase": sample}
