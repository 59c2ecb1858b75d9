"""Makes the sample study: six people who do not exist, over ten weeks. `python -m tests.writers.study FOLDER`

Everything follows from one seed. Each person lives a simple life (walks of the day, when the watch was worn); the
exports are written from it by the writers beside this module, the way the devices would have written them.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from tests.writers import diary, fit, fitbit, google_fit

FIRST, LAST = date(2026, 1, 12), date(2026, 3, 22)
CLINIC = ZoneInfo("America/New_York")
WALKING, DANCE, TRAINING, STRENGTH, YOGA = 11, 83, 10, 20, 43  # FIT sports and sub-sports
MINUTE = timedelta(minutes=1)

STUDY = """\
# The settings of this study. Lines that begin with # are remarks; what is left out has the default shown.
name = "Sample: six people after ketamine infusions"
timezone = "America/New_York"     # the clinic's; also a participant's unless participants.csv says otherwise

[goals]
anchor = "until_next"             # a day belongs to the latest infusion before it
weeks = 4                         # weeks followed after each infusion
as_of = 2026-03-23                # judge as of this date. Leave it out and it is today: this study stands still
"""
PARTICIPANTS = """\
participant_id,timezone,source_priority,foot_step_goals,language,arm
P01,,,,,standard
P02,,,,,low
P03,,fitbit;fitbit_phone,,,standard
P04,,,,es,low
P05,,,,de,standard
P06,America/Chicago,,,,low
"""
# P01: an induction series of six; P02: weekly maintenance; P03: one that happened, one cancelled, one to come;
# P04 and P05: a single one; P06: two, the second two days before the end
INFUSIONS = """\
infusion_id,participant_id,infused_on,status,course_id,dose_mg
P01-1,P01,2026-01-26,,induction,35
P01-2,P01,2026-01-28,,induction,37.5
P01-3,P01,2026-01-30,,induction,40
P01-4,P01,2026-02-02,,induction,40
P01-5,P01,2026-02-04,stopped_early,induction,20
P01-6,P01,2026-02-06T10:30,,induction,42.5
P02-1,P02,2026-02-16,,,25
P02-2,P02,2026-02-23,,,25
P02-3,P02,2026-03-02,,,27.5
P02-4,P02,2026-03-09,,,27.5
P02-5,P02,2026-03-16,,,30
P03-1,P03,2026-02-02,,,45
P03-2,P03,2026-02-16,cancelled,,
P03-3,P03,2026-03-30,scheduled,,
P04-1,P04,2026-02-23,,,22.5
P05-1,P05,2026-03-02T14:00,,,40
P06-1,P06,2026-02-16,,,27.5
P06-2,P06,2026-03-20,,,27.5
"""
GOALS = """\
goal_id,version,participant_id,infusion_id,from_week,to_week,kind,metric,target,per_day,derivation,set_on,effective_from,correction,status
P01-walk,1,P01,P01-6,1,4,weekly_total,walking_minutes,60;120;150;200,,,2026-02-06,,,
P01-move,1,P01,P01-6,1,4,days_with,movement_minutes,5,10,,2026-02-06,,,
P02-steps,1,P02,,1,4,daily_mean,steps,,,baseline_pct:10,2026-02-16,,,
P02-start,1,P02,,1,1,days_with,walking_minutes,1,10,,2026-02-16,,,
P03-steps,1,P03,P03-1,1,4,daily_mean,steps,6000,,,2026-02-02,,,
P03-steps,2,P03,P03-1,1,4,daily_mean,steps,7500,,,2026-02-16,,,
P03-row,1,P03,P03-1,1,4,streak,movement_minutes,3,20,,2026-02-02,,,
P04-yoga,1,P04,,1,4,days_with,yoga_minutes,4,10,,2026-02-23,,,
P04-dance,1,P04,,1,4,weekly_total,dance_minutes,40,,,2026-02-23,,,
P04-massage,1,P04,,1,4,days_with,massage_minutes,1,30,,2026-02-23,,,
P05-active,1,P05,,1,4,weekly_total,mvpa_equivalent_minutes,150,,,2026-03-02,,,
P05-strength,1,P05,,1,4,days_with,strength_minutes,2,15,,2026-03-02,,,
P06-steps,1,P06,,1,4,days_with,steps,5,5000,,2026-02-16,,,
P06-walk,1,P06,P06-1,1,4,weekly_total,walking_minutes,120,,step_up:20;up_to=200,2026-02-16,,,
"""
# What was led at the clinic, and walks right after a session: the day of an infusion counts in no week
ATTENDANCE = """participant_id,date,activity,minutes,start_time,led_by
P01,2026-02-06,walking,10,13:30,nurse
P04,2026-02-27,massage,30,,therapist
P04,2026-03-03,dance,30,18:00,therapist
P04,2026-03-10,dance,45,18:00,therapist
"""
OUTCOMES = """participant_id,date,scale,score
P01,2026-01-26,PHQ-9,17
P01,2026-02-06,PHQ-9,12
P01,2026-02-20,PHQ-9,9
P01,2026-03-06,PHQ-9,10
P02,2026-02-16,PHQ-9,14
P02,2026-03-02,PHQ-9,11
P02,2026-03-16,PHQ-9,11
"""
HOLDS = """\
participant_id,from_date,to_date,reason
P05,2026-03-11,2026-03-12,a cold
"""


@dataclass
class Life:
    """What a person did: when the watch was worn each day, and each walk as (start, minutes, steps per minute)."""

    zone: ZoneInfo = CLINIC
    worn: dict[date, tuple[datetime, datetime]] = field(default_factory=dict)
    walks: dict[date, list[tuple[datetime, int, int]]] = field(default_factory=dict)

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A wall-clock time where the person lives."""
        return datetime.combine(day, time(hour, minute), self.zone)


def days(first: date = FIRST, last: date = LAST) -> Iterator[date]:
    """Every date from first to last."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def life(chance: Random, effort: dict[date, float], unworn: set[date] = frozenset(), zone: ZoneInfo = CLINIC) -> Life:  # type: ignore[assignment]
    """A life whose days are as busy as `effort` says (1: about 7,000 steps). The watch stays off on `unworn` days."""
    lived = Life(zone)
    for day in days():
        hours = [8, 10, 12, 13, 15, 17, 18, 20]
        lived.walks[day] = []
        for hour in hours:
            pottering = hour in (10, 13, 15, 20)
            length = max(1, round((6 if pottering else 14) * effort.get(day, 1) * (0.7 + 0.6 * chance.random())))
            cadence = chance.randint(30, 55) if pottering else chance.randint(85, 118)
            lived.walks[day].append((lived.at(day, hour, chance.randint(0, 25)), min(length, 30), cadence))
        if day not in unworn:
            lived.worn[day] = (lived.at(day, 7, chance.randint(0, 30)), lived.at(day, 22, chance.randint(0, 30)))
    return lived


# Exports ------------------------------------------------------------------------------------------------------------


def garmin_days(lived: Life, serial: int) -> Iterator[tuple[str, bytes]]:
    """One monitoring file per worn day: totals per walk, intensity, and a heart beat every ten minutes."""
    for day, (on, off) in lived.worn.items():
        seen = [(s, n, c) for s, n, c in lived.walks[day] if on <= s and s + n * MINUTE <= off]
        brisk = [(s + n * MINUTE, n, 0) for s, n, c in seen if c >= 100]
        yield (
            f"garmin/{day}.fit",
            fit.monitoring_day(
                lived.at(day, 0),
                counters=fit.counters((s, n * MINUTE, n * c) for s, n, c in seen),
                intensity=brisk,
                heart=[on + n * 10 * MINUTE for n in range(int((off - on) / (10 * MINUTE)) + 1)],
                serial=serial,
            ),
        )


def minute_steps(lived: Life, worn: bool) -> list[tuple[datetime, int]]:
    """Every minute with steps; only those at which the watch was worn, if `worn`."""
    rows = []
    for day in days():
        on, off = lived.worn.get(day, (lived.at(day, 23), lived.at(day, 0)))
        for start, length, cadence in lived.walks[day]:
            rows += [(start + n * MINUTE, cadence) for n in range(length) if not worn or on <= start + n * MINUTE < off]
    return sorted(rows)


def by_month(rows: list[tuple[datetime, int]]) -> dict[date, list[tuple[datetime, int]]]:
    """Rows by the month of their UTC stamp, as a Takeout has one file each."""
    months: dict[date, list[tuple[datetime, int]]] = {}
    for at, value in rows:
        months.setdefault(at.astimezone(UTC).date().replace(day=1), []).append((at, value))
    return months


def takeout(lived: Life, chance: Random) -> bytes:
    """A whole Google Health Takeout as one zip: watch and phone, heart rate, exercises, a readme."""
    files: dict[str, bytes] = {"Takeout/archive_browser.html": b"<html></html>"}
    watch, phone = by_month(minute_steps(lived, worn=True)), by_month(minute_steps(lived, worn=False))
    for month in phone:
        # the phone stays on the desk for some walks, and counts a little less where it is carried
        carried = [(at, n - 4) for at, n in phone[month] if at.astimezone(CLINIC).hour % 5]
        rows = {"Charge 6": watch.get(month, []), "MobileTrack": carried}
        files[fitbit.path("steps", month)] = fitbit.steps(rows)
    for day, (on, off) in lived.worn.items():
        beats = [(on + n * 10 * MINUTE, 60 + chance.randint(0, 30)) for n in range(int((off - on) / (10 * MINUTE)))]
        files[fitbit.path("heart_rate", day)] = fitbit.heart_rate({"Charge 6": beats})
    ride = lived.at(date(2026, 2, 14), 16)
    offset = timedelta(hours=-5)
    files[fitbit.path("UserExercises", FIRST)] = fitbit.exercises(
        [fitbit.Exercise(ride, ride + 40 * MINUTE, "Outdoor Bike", offset)]
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:  # stored: the same bytes on every machine
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 22, 12, 0, 0)), content)
    return packed.getvalue()


def google_days(lived: Life, carried: set[date]) -> bytes:
    """A phone's daily figures for the days on which it was carried."""
    rows = []
    for day in sorted(carried):
        steps = sum(n * c for _, n, c in lived.walks[day])
        brisk = sum(n for _, n, c in lived.walks[day] if c >= 100)
        walked = sum(n for _, n, c in lived.walks[day] if c >= 60)
        rows.append(
            google_fit.Day(day, steps, walked, heart_points=brisk, heart_minutes=brisk, move_minutes=walked + 12)
        )
    return google_fit.daily(rows)


# People -------------------------------------------------------------------------------------------------------------


def _ramp(first: date, start: float, per_week: float) -> dict[date, float]:
    return {day: start + per_week * max(0, (day - first).days // 7) for day in days()}


def people(chance: Random) -> Iterator[tuple[str, bytes]]:
    """Every export of the study: path in the inbox, content."""
    # P01, a watch: slow before the series, more each week after; two days without the watch
    p01 = life(chance, _ramp(date(2026, 2, 7), 0.45, 0.3), {date(2026, 2, 21), date(2026, 2, 22)})
    yield from (("P01/" + name, content) for name, content in garmin_days(p01, 3_900_000_101))
    walk = p01.at(date(2026, 2, 28), 11)
    recorded = fit.Session(walk, 25 * MINUTE, WALKING, cycles=25 * 52)
    yield "P01/garmin/2026-02-28-walk.fit", fit.activity([recorded], serial=3_900_000_101)

    # P02, a phone: left at home on some days
    p02 = life(chance, _ramp(date(2026, 2, 17), 0.75, 0.07))
    carried = {day for day in days() if chance.random() > 0.12}
    yield "P02/Daily activity metrics.csv", google_days(p02, carried)

    # P03, watch and phone in one account
    p03 = life(chance, _ramp(date(2026, 2, 3), 0.85, 0.12), {date(2026, 2, 11), date(2026, 2, 25)})
    yield "P03/takeout-20260322T120000Z-001.zip", takeout(p03, chance)

    # P04, a diary and nothing else: good weeks, one with nothing to enter, one in which it was forgotten
    def on(day: int) -> date:
        return date(2026, 2, 23) + timedelta(days=day)

    entries = [
        (on(1), "yoga", 12, "07:30"), (on(2), "yoga", 15), (on(2), "dance", 20, "20:00"), (on(4), "yoga", 10, "07:45"),
        (on(5), "massage", 60, "15:00"), (on(6), "yoga", 20, "08:00"), (on(7), "dance", 25, "20:30"),
        (on(9), "yoga", 15, "07:30"), (on(10), "walking", 20, "12:15"), (on(12), "dance", 15, "19:00"),
        (on(17), "none", None),
    ]  # fmt: skip
    yield "P04/diary.csv", diary.diary(entries)

    # P05, a watch, recorded strength and dance, and a diary for what it has no name for
    p05 = life(chance, _ramp(date(2026, 3, 3), 0.8, 0.35))
    yield from (("P05/" + name, content) for name, content in garmin_days(p05, 3_900_000_105))
    trained = {3: (TRAINING, STRENGTH), 6: (DANCE, 0), 8: (TRAINING, STRENGTH), 14: (TRAINING, YOGA), 17: (DANCE, 0)}
    for day, (sport, sub_sport) in trained.items():
        start = p05.at(date(2026, 3, 2) + timedelta(days=day), 18, 40)
        pause = [(start + 10 * MINUTE, 3 * MINUTE)]
        session = fit.Session(start, 30 * MINUTE, sport, sub_sport, pauses=pause)
        yield f"P05/garmin/{start.date()}-{sport}.fit", fit.activity([session], serial=3_900_000_105)
    entries = [(date(2026, 3, 4), "strength", 20, "09:00"), (date(2026, 3, 15), "massage", 45, "16:00")]
    yield "P05/diary.csv", diary.diary(entries)

    # P06, a watch without heart rate, often left in a drawer
    drawer = {day for day in days(date(2026, 2, 10), date(2026, 3, 8)) if chance.random() < 0.6}
    p06 = life(chance, _ramp(FIRST, 0.9, 0.02), drawer, ZoneInfo("America/Chicago"))
    stray = [
        (on + n * 20 * MINUTE + chance.randint(0, 15) * MINUTE, chance.randint(6, 25))
        for on, off in p06.worn.values()
        for n in range(int((off - on) / (20 * MINUTE)))
    ]
    counted = dict([*stray, *minute_steps(p06, worn=True)])
    for month, rows in by_month(sorted(counted.items())).items():
        yield f"P06/Takeout/Fitbit/Physical Activity_GoogleData/steps_{month}.csv", fitbit.steps({None: rows})


def write(folder: Path, seed: int = 2026) -> None:
    """Write the whole study folder."""
    folder.mkdir(parents=True, exist_ok=True)
    control = {
        "study.toml": STUDY, "participants.csv": PARTICIPANTS, "infusions.csv": INFUSIONS, "goals.csv": GOALS,
        "holds.csv": HOLDS, "attendance.csv": ATTENDANCE, "outcomes.csv": OUTCOMES,
    }  # fmt: skip
    for name, text in control.items():
        (folder / name).write_bytes(text.encode())
    for name, content in people(Random(seed)):
        path = folder / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
