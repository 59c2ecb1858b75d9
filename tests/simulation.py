"""A simulator of people: minute-level truth of some days, and the exports several devices would have written of them.

The truth is what the person did. The exports are what a coordinator gets: a Takeout made on three dates, a Garmin watch
synced at odd times, a phone's daily figures, recorded activities, a diary. Different exports tell of the same minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

from tests.writers import diary, fit, fitbit, google_fit

MINUTE = timedelta(minutes=1)


@dataclass
class Truth:
    """What was done: the steps of each minute (UTC) with any, when the watch was worn, what was recorded."""

    zone: ZoneInfo
    dates: list[date]
    steps: dict[datetime, int]
    worn: list[tuple[datetime, datetime]]
    recorded: list[tuple[datetime, int, int, int]]  # start, minutes, FIT sport, sub-sport

    def is_worn(self, minute: datetime) -> bool:
        """Whether the watch was on the wrist in a minute."""
        return any(on <= minute < off for on, off in self.worn)

    def midnight(self, day: date) -> datetime:
        """The instant a local date begins."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)


def person(chance: Random, first: date, days: int, zone: ZoneInfo) -> Truth:
    """A few days of a life: walks, pottering, a watch mostly worn, now and then a recorded activity."""
    truth = Truth(zone, [first + timedelta(days=n) for n in range(days)], {}, [], [])
    for day in truth.dates:
        begin = truth.midnight(day).astimezone(UTC)
        for _ in range(chance.randint(3, 12)):
            start = begin + chance.randint(6 * 60, 22 * 60) * MINUTE
            cadence = chance.choice([15, 45, 59, 60, 75, 99, 100, 115, 131])
            truth.steps |= {start + n * MINUTE: cadence for n in range(chance.randint(1, 35))}
        if chance.random() < 0.8:
            on = begin + chance.randint(6 * 60, 9 * 60) * MINUTE
            off = begin + chance.randint(17 * 60, 23 * 60) * MINUTE
            charging = on + chance.randint(60, 300) * MINUTE
            truth.worn += [(on, charging), (charging + 40 * MINUTE, off)]
        if chance.random() < 0.4:
            sport = chance.choice([(11, 0), (83, 0), (10, 20), (10, 43)])
            truth.recorded.append((begin + chance.randint(9 * 60, 20 * 60) * MINUTE, chance.randint(5, 45), *sport))
    return truth


def takeout(truth: Truth, until: datetime) -> dict[str, bytes]:
    """A Fitbit account's export made at `until`: a watch without a pause between walks, and a phone beside it."""
    watch = [(t, n) for t, n in sorted(truth.steps.items()) if t < until and truth.is_worn(t)]
    phone = [(t, max(1, n - 3)) for t, n in sorted(truth.steps.items()) if t < until and t.minute % 7]
    beats = [
        (on + n * 10 * MINUTE, 64.0)
        for on, off in truth.worn
        for n in range(int((min(off, until) - on) / (10 * MINUTE)) + 1)
        if on < until
    ]
    stamp = f"{until:%Y%m%dT%H%M}"
    return {
        f"takeout-{stamp}/steps_{truth.dates[0]}.csv": fitbit.steps({"Charge 6": watch, "MobileTrack": phone}),
        f"takeout-{stamp}/heart_rate_{truth.dates[0]}.csv": fitbit.heart_rate({"Charge 6": beats}),
    }


def garmin(truth: Truth, cuts: Iterable[datetime], serial: int = 4_000_000_001) -> dict[str, bytes]:
    """A Garmin watch: a file from each midnight or sync to the next, totals since midnight in each row."""
    files = {}
    for day in truth.dates:
        begin, end = truth.midnight(day), truth.midnight(day + timedelta(days=1))
        edges = [begin, *sorted(c for c in cuts if begin < c < end), end]
        walks = [(t, MINUTE, n) for t, n in sorted(truth.steps.items()) if begin <= t < end and truth.is_worn(t)]
        rows = fit.counters(walks)
        beats = [on + n * 5 * MINUTE for on, off in truth.worn for n in range(int((off - on) / (5 * MINUTE)))]
        for number, (a, b) in enumerate(pairwise(edges)):
            files[f"garmin/{day}-{number}.fit"] = fit.monitoring(
                a,
                b,
                counters=[row for row in rows if a < row[0] <= b],
                heart=[t for t in beats if a <= t < b],
                serial=serial,
                summary=b == end,
            )
    return files


def phone_totals(truth: Truth, until: date) -> dict[str, bytes]:
    """A Google Fit daily file that ends with `until`, a day cut short."""
    days = []
    for day in truth.dates:
        if day <= until:
            begin, end = truth.midnight(day), truth.midnight(day + timedelta(days=1))
            count = sum(n for t, n in truth.steps.items() if begin <= t < end)
            days.append(google_fit.Day(day, count if day < until else count // 2, walking_minutes=count / 90))
    return {f"fit-{until}/Daily activity metrics.csv": google_fit.daily(days)}


def recordings(truth: Truth) -> dict[str, bytes]:
    """A FIT file of each recorded activity, and a diary that mentions some of them."""
    files, entries = {}, []
    for start, length, sport, sub_sport in truth.recorded:
        session = fit.Session(start.astimezone(truth.zone), length * MINUTE, sport, sub_sport)
        files[f"recorded/{start:%Y%m%dT%H%M}.fit"] = fit.activity([session], serial=4_000_000_001)
        if length % 2:
            entries.append((start.astimezone(truth.zone).date(), "massage" if sport == 11 else "yoga", length))
    return files | ({"diary.csv": diary.diary(entries)} if entries else {})
