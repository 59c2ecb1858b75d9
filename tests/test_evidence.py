"""What a day rests on: mornings nobody saw, a pulse now and then, dates of up to fifty hours, clocks that are off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from flows.answers import why
from models.clock import ZoneLog
from tests.studies import MINUTE, NEW_YORK, StudyFolder, at, garmin_day, minutes
from tests.together import Person, people, study
from tests.writers import fit, fitbit

__all__ = ["people", "study"]  # the fixtures

DAY = "2026-03-05"
HOUR = timedelta(hours=1)
WALKS = "G1,,P1,,1,1,days_with,walking_minutes,1,45,,2026-03-02,,,"
STEPS = "G2,,P1,,1,1,days_with,steps,1,45000,,2026-03-02,,,"
Told = tuple[str, int, int]  # when, what the walking counter stood at: steps, and minutes of moving


def watch_from(begin: str, *told: Told, pulse: Sequence[datetime] = (), day: str = DAY) -> bytes:
    """A watch's file from a time of the day to its end."""
    counters = [(at(f"{day} {time}"), 6, steps, moving * MINUTE) for time, steps, moving in told]
    end = at(f"{day} 00:00") + timedelta(days=1)
    return fit.monitoring(at(f"{day} {begin}"), end, counters=counters, heart=pulse, totals=False)


def pulse_from(time: str, hours: float, every: int = 10, day: str = DAY) -> list[datetime]:
    return [at(f"{day} {time}") + n * every * MINUTE for n in range(int(hours * 60 / every) + 1)]


def flags(study: StudyFolder, day: str = DAY) -> list[str]:
    return (study.day(day)["flags"] or "").split(";")


# Mornings nobody saw ------------------------------------------------------------------------------------------------


def late(steps: int = 6000, day: str = DAY) -> bytes:
    """Seen from noon on, the counter at `steps` by then in an hour of moving; a walk of 20 minutes in the afternoon."""
    told = ("12:00", steps, 60), ("15:00", steps, 60), ("15:20", steps + 2000, 80)
    return watch_from("12:00", *told, pulse=pulse_from("12:01", 11.9, day=day), day=day)


def test_a_counter_that_was_running_when_its_rows_begin_late_makes_the_minutes_a_lower_bound(
    study: Person,
) -> None:
    study.goals = [WALKS, STEPS]
    study.write()
    for n in (3, 4, 6, 7, 8, 9):
        study.put(f"P1/{n}.fit", garmin_day(f"2026-03-0{n}", steps=2000))
    study.put("P1/late.fit", late())
    # what a phone saw of that morning is in the counter already
    study.put(f"P1/steps_{DAY}.csv", fitbit.steps({"MobileTrack": minutes(at(f"{DAY} 08:00"), [90] * 60)}))
    study.night()
    day = study.day(DAY)
    assert (day["steps"], day["is_partial"], day["day_state"], day["walking_minutes"]) == (8000, True, "valid", 20)
    assert "morning_unseen" in flags(study)
    verdicts = study.ask("SELECT goal_id, status, reason, valid_days FROM goal_week ORDER BY 1")
    assert verdicts == [("G1", "insufficient_data", "undecidable_missing_days", 6), ("G2", "missed", None, 7)]
    means = (
        "SELECT steps_mean_days, walking_minutes_mean_days, walking_minutes_total FROM weekly_activity WHERE week = 1"
    )
    assert study.ask(means) == [(7, 6, 140)]
    days = why.explain(study.folder / "warehouse", study.own("G1"), 1)["days"]
    assert [(day["gave"], day["remark"]) for day in days if str(day["local_date"]) == DAY] == [
        ("unknown", "nobody saw its morning")
    ]
    morning = fit.monitoring(
        at(f"{DAY} 00:00"), at(f"{DAY} 12:00"), counters=[(at(f"{DAY} 09:00"), 6, 6000, 60 * MINUTE)], totals=False
    )
    study.put("P1/early.fit", morning)
    study.night()
    assert (study.day(DAY)["steps"], study.day(DAY)["walking_minutes"], flags(study)) == (8000, 80, [""])


def test_a_morning_was_seen_where_nothing_was_counted_before_it(study: StudyFolder) -> None:
    files = {
        "2026-03-04": late(steps=99, day="2026-03-04"),
        # at rest a watch writes no row: its file began at midnight
        "2026-03-06": watch_from("00:00", ("15:20", 2000, 20), day="2026-03-06"),
        # put on at nine, and walked with
        "2026-03-08": watch_from("09:00", ("09:40", 2000, 20), day="2026-03-08"),
        "2026-03-10": watch_from("00:50", ("00:50", 500, 5), ("15:20", 2500, 25), day="2026-03-10"),
    }
    for day, file in files.items():
        study.put(f"P1/{day}.fit", file)
    study.night()
    assert study.ask("SELECT count(*) FROM daily_activity WHERE flags IS NULL AND steps > 0") == [(len(files),)]


# A pulse now and then -----------------------------------------------------------------------------------------------

HOURLY = [(f"{7 + n:02}:10", 1000 * (n + 1), 10 * (n + 1)) for n in range(15)]


def test_wear_is_from_steps_where_the_samples_of_a_pulse_lie_far_apart(study: StudyFolder) -> None:
    pulses = {
        "2026-03-03": [],
        "2026-03-05": pulse_from("00:01", 23.5, every=30, day="2026-03-05"),
        "2026-03-07": pulse_from("00:01", 23.5, every=16, day="2026-03-07"),
        "2026-03-10": pulse_from("12:00", 0, day="2026-03-10"),
        "2026-03-12": pulse_from("00:01", 23.5, every=15, day="2026-03-12"),
    }
    for day, pulse in pulses.items():
        study.put(f"P1/{day}.fit", watch_from("00:00", *HOURLY, pulse=pulse, day=day))
    study.night()
    worn = study.ask(
        "SELECT wear_method, wear_minutes FROM daily_activity WHERE day_state = 'valid' ORDER BY local_date"
    )
    assert worn == [("steps", 14 * 60 + 10)] * 4 + [("hr", 23 * 60 + 31)]


def test_a_minute_with_steps_is_worn_and_a_pulse_now_and_then_is_something(study: StudyFolder) -> None:
    study.participants = ["P1,,,", "P2,,,"]
    told = ("09:10", 1000, 10), ("20:30", 3000, 30)
    study.put("P1/day.fit", watch_from("00:00", *told, pulse=pulse_from("08:00", 9.5)))
    study.put("P2/day.fit", watch_from("00:00", pulse=pulse_from("08:00", 10, every=60)))
    study.night()
    day, other = study.day(DAY), study.day(DAY, "P2")
    assert (day["wear_method"], day["wear_minutes"], day["day_state"]) == ("hr", 9 * 60 + 31 + 20, "insufficient_wear")
    assert (other["day_state"], other["steps"], other["wear_minutes"]) == ("insufficient_wear", None, None)


# Dates of up to fifty hours -----------------------------------------------------------------------------------------


def test_a_date_that_a_flight_west_makes_twice_as_long_is_one_date(study: StudyFolder) -> None:
    lengths = {"P1": (49, "Pacific/Pago_Pago"), "P2": (50, "Etc/GMT+12")}
    east = ZoneInfo("Pacific/Kiritimati")
    study.participants = [f"{who},Pacific/Kiritimati,," for who in lengths]
    study.zones = [f"{who},2026-03-06,{west}" for who, (_, west) in lengths.items()]
    study.write()
    for who, (_, west) in lengths.items():
        walks = [*minutes(at(f"{DAY} 00:10", east), [80] * 30), *minutes(at(f"{DAY} 23:00", ZoneInfo(west)), [80] * 30)]
        study.put(f"{who}/steps_{DAY}.csv", fitbit.steps({None: walks}))
    study.night()
    for who, (hours, _) in lengths.items():
        day = study.day(DAY, who)
        assert (day["day_minutes"], day["steps"], day["walking_minutes"]) == (60 * hours, 4800, 60)
        assert "tz_changed" in day["flags"]


# Clocks that are off ------------------------------------------------------------------------------------------------


def day_at(hours: float, day: str = DAY) -> bytes:
    """A worn day of a watch whose clock lies that far from UTC."""
    midnight = datetime.fromisoformat(day).replace(tzinfo=timezone(hours * HOUR))
    walks = fit.counters([(midnight + 10 * HOUR, 20 * MINUTE, 2000)])
    return fit.monitoring_day(midnight, counters=walks, heart=[midnight + n * 10 * MINUTE for n in range(1, 144)])


def test_a_clock_three_hours_off_makes_no_day_valid_until_a_zone_explains_it(study: StudyFolder) -> None:
    clocks = {-5: False, -7.75: False, -2.25: False, -8: True, 9: True, 6: True}  # New York is at -5
    for n, hours in enumerate(clocks):
        study.put(f"P1/{n}.fit", day_at(hours, f"2026-02-{10 + 3 * n}"))
    study.night()
    assert study.ask("SELECT count(*) FROM daily_activity WHERE day_state = 'valid'") == [(3,)]
    days = "SELECT steps, day_state, flags FROM daily_activity WHERE steps > 0 ORDER BY local_date"
    good, off = (2000, "valid", None), (2000, "insufficient_wear", "clock_suspect")
    assert study.ask(days) == [off if is_off else good for is_off in clocks.values()]
    study.zones = ["P1,2026-06-01,Asia/Dhaka"]
    study.write()
    study.night()
    assert study.ask(days)[-2:] == [off, good]


def test_a_zone_that_the_person_was_ever_in_and_the_clinics_explain_a_clock(study: StudyFolder) -> None:
    study.participants = ["P1,Europe/Berlin,,", "P2,,,", "P3,,,"]
    study.zones = ["P2,2026-02-01,Europe/Berlin", "P2,2026-02-08,America/New_York", "P3,2026-06-01,Africa/Cairo"]
    study.write()
    for who in ("P1", "P2", "P3"):
        study.put(f"{who}/day.fit", day_at(1))
        study.put(f"{who}/other.fit", day_at(-5, "2026-03-12"))
    study.night()
    days = "SELECT local_date, flags, count(*) FROM daily_activity WHERE day_state = 'valid' GROUP BY ALL ORDER BY ALL"
    assert study.ask(days) == [(date(2026, 3, 5), None, 3), (date(2026, 3, 12), None, 3)]


def test_the_clock_of_a_recording_spoils_no_day_that_another_device_counted(study: StudyFolder) -> None:
    study.put("P1/day.fit", garmin_day(DAY))
    start = datetime(2026, 3, 5, 20, tzinfo=timezone(9 * HOUR))
    study.put("P1/walk.fit", fit.activity([fit.Session(start, 20 * MINUTE, 11)], serial=3_900_000_009))
    study.night()
    assert (study.day(DAY)["day_state"], flags(study)) == ("valid", [""])


def test_the_dates_of_one_file_are_no_matter_of_the_next() -> None:
    log = ZoneLog("assumed", "America/New_York")
    clock = log.trusting(9 * HOUR, at(f"{DAY} 12:00"))
    assert (clock.date_of(at(f"{DAY} 12:00", NEW_YORK)), log.suspect) == (date(2026, 3, 6), {date(2026, 3, 6)})
    assert (log.anew().suspect, log.anew() == log, log.anew().fingerprint) == (set(), True, log.fingerprint)
