"""Canonical frames at their extremes, and all steps over them: `python -m tests.extremes ROUNDS [SEED]`.

Every column of every frame is driven to 0, to the largest that `check` admits and, where it may be, to NULL, in every
combination; people made at random mix them over devices, files and dates. What a night over them breaks on is printed.
"""

from __future__ import annotations

import random
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl

from flows.answers import day as day_of
from flows.answers import why
from flows.handover import bundles, tables
from flows.night.begin import begin
from flows.night.run import Scope
from flows.night.steps import judge_weeks, publish, read_control_files, resolve_days
from flows.report.write import write_report
from flows.version import CODE_VERSION
from models.activity import DAILY_TOTALS, MINUTES, READINGS, SESSIONS, Extract
from models.check import check
from models.ranges import DATE_MS, DAY_MS, EARLIEST, MOST, MOST_IN_MINUTE, MOST_STEPS
from models.store.analytics import questions
from models.store.batch import Batch
from models.store.file_result import FileResult
from models.store.load import load
from models.store.share import Terms, share
from models.study.folder import read_study
from models.taxonomy import ACTIVITIES, GOAL_KINDS, METRICS
from tests.studies import AS_OF, StudyFolder

FIRST = date(2026, 2, 9)  # three weeks before the infusion
INFUSED = date(2026, 3, 2)
SOURCES = {"garmin": "wrist", "oura": "ring", "phone": "phone", "mirror": "unknown", "diary": "self_report"}
Row = dict[str, Any]
People = dict[str, list[Extract]]  # each with their files

TARGETS = ("0.001", "7000", "999999999.999", "0.001;999999999.999", ";".join(["999999999.999"] * 520))
DERIVATIONS = ("baseline_pct:0.001", "baseline_pct:10000", "baseline_plus:999999999.999", "percentile:0.001",
               "percentile:99.9990")  # fmt: skip


# Frames --------------------------------------------------------------------------------------------------------------
def noon(day: date, minute: int = 0) -> datetime:
    """About midday in New York, as UTC."""
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC) + timedelta(minutes=minute)


def minutes(rows: Iterable[tuple[str, str | None, str, datetime, date, int]]) -> Extract:
    """An extract with these minutes only."""
    return Extract(minutes=pl.DataFrame(list(rows), schema=MINUTES, orient="row"))


def extract(**frames: list[Row]) -> Extract:
    """An extract of rows that tell some columns; the others are NULL."""
    schemas = {"minutes": MINUTES, "readings": READINGS, "sessions": SESSIONS, "daily_totals": DAILY_TOTALS,
               "attestations": pl.Schema({"local_date": pl.Date})}  # fmt: skip
    return Extract(**{
        name: pl.DataFrame([dict.fromkeys(schemas[name]) | row for row in rows], schema=schemas[name], orient="row")
        for name, rows in frames.items()
        if rows
    })  # fmt: skip


def ends(frame: str, column: str) -> list[int | None]:
    """NULL, the least and the largest of a number."""
    return [None, 0, MOST[frame][column]]


def every_reading() -> Iterator[Row]:
    """Each combination of extremes, as the only row of a device's day or one of several."""
    columns = list(MOST["readings"])
    kinds = [None, 0, 1, 6, 255]
    for n, values in enumerate(product(kinds, *(ends("readings", name) for name in columns[1:]))):
        day = FIRST + timedelta(days=n % 40)
        device = None if n % 3 == 0 else f"d{n // 200 % 20}"
        at = noon(day, n // 40 % 300)
        yield {"source": "garmin", "device": device, "end_time": at, "local_date": day} | dict(
            zip(columns, values, strict=True)
        )


def every_total() -> Iterator[Row]:
    """Each combination, every one alone on a day of a device, and all of them together on one."""
    columns = list(MOST["daily_totals"])
    for n, values in enumerate(product(*(ends("daily_totals", name) for name in columns), ("local", "utc"))):
        told = dict(zip([*columns, "day_basis"], values, strict=True))
        yield {"source": "oura", "device": f"d{n // 40}", "local_date": FIRST + timedelta(days=n % 40)} | told
        yield {"source": "phone", "device": None, "local_date": INFUSED + timedelta(days=1)} | told


def every_session() -> Iterator[Row]:
    """Each combination; the parts are none, empty, without length, or as long as the longest date."""
    day = INFUSED + timedelta(days=2)
    at, far = noon(day), timedelta(milliseconds=DATE_MS)
    stretches = [None, [], [(at, at)], [(at - far / 2, at + far / 2)] * 30, [(at - far, at), (at, at + far)]]
    times = [(None, None), (at, at), (EARLIEST, at), (at, at + 7 * far / 9)]
    numbers = product(ends("sessions", "timer_ms"), ends("sessions", "steps"))
    for n, ((start, end), (timer, steps), modality, parts) in enumerate(
        product(times, numbers, ("sensed", "self_reported"), stretches)
    ):
        source = "diary" if modality == "self_reported" else "garmin"
        yield {
            "source": source, "device": None if n % 2 else "d1", "activity": ACTIVITIES[n % len(ACTIVITIES)],
            "vendor_activity": None if n % 5 else "", "start_time": start, "end_time": end,
            "local_date": day + timedelta(days=n % 5), "timer_ms": timer, "steps": steps, "modality": modality,
            "parts": parts and [{"start_time": a, "end_time": b, "local_date": day} for a, b in parts],
        }  # fmt: skip


def every_minute() -> Iterator[Row]:
    """Each metric at 0 and at its largest, on devices that tell it alone and one that tells all."""
    for n, (metric, most) in enumerate(MOST_IN_MINUTE.items()):
        for value, day in ((0, INFUSED + timedelta(days=1)), (most, INFUSED + timedelta(days=2 + n))):
            row = {"metric": metric, "start_time": noon(day), "local_date": day, "value": value}
            yield row | {"source": "garmin", "device": f"alone{n}"}
            yield row | {"source": "oura", "device": None}


def walked(day: date, steps: int, long: int = 600, source: str = "garmin") -> list[Row]:
    """So many steps within so many minutes of a day, with heart beats all day."""
    at, each = noon(day, -600), steps // long
    told: Row = {"source": source, "device": "d1", "local_date": day}
    counts = [each + (n < steps - each * long) for n in range(long)]
    walk = [{"metric": "steps", "start_time": at + timedelta(minutes=n), "value": v} for n, v in enumerate(counts)]
    beats = [{"metric": "heart_rate", "start_time": at + timedelta(minutes=10 * n), "value": 1} for n in range(80)]
    return [told | row for row in (*walk, *beats)]


def counted(day: date, steps: int, active_ms: int | None = 6 * 3_600_000) -> list[Row]:
    """A day of a counter that came to so many steps of walking in one long stretch."""
    told: Row = {"source": "garmin", "device": "d1", "local_date": day, "activity_type": 6}
    return [told | {"end_time": noon(day, 360), "steps": steps, "active_ms": active_ms}]


def restarts(day: date, rows: int = 10_000) -> Extract:
    """A counter that falls to 0 and rises to the most again and again: more steps than 32 bits hold."""
    told: Row = {"source": "garmin", "device": "d1", "local_date": day, "activity_type": 6}
    return extract(readings=[
        told | {"end_time": noon(day) + timedelta(milliseconds=n), "steps": MOST_STEPS * (n % 2),
                "active_ms": DATE_MS * (n % 2)}
        for n in range(rows)
    ])  # fmt: skip


def entries(day: date, number: int, activity: str = "massage", source: str = "diary") -> Extract:
    """So many of the longest entries without a time, all of one date."""
    how = "self_reported" if source == "diary" else "sensed"
    row = {"source": source, "activity": activity, "local_date": day, "timer_ms": 7 * DAY_MS, "modality": how,
           "steps": MOST_STEPS, "parts": []}  # fmt: skip
    return extract(sessions=[row] * number)


# People --------------------------------------------------------------------------------------------------------------
def the_enumerated() -> People:
    """People who between them have every combination, and the days that are known to have broken nights."""
    days = [INFUSED + timedelta(days=n) for n in range(-20, 21)]
    first, two_years = EARLIEST.date(), [date(2024, 2, 29), date(2025, 3, 30), AS_OF]
    together = [entries(days[25], 100 if name in ("walking", "massage") else 2, name) for name in ACTIVITIES]
    return {
        "long_ago": [extract(minutes=walked(first, MOST_STEPS), readings=counted(first, MOST_STEPS))],
        "totals": [extract(daily_totals=list(every_total()))],
        "sessions": [extract(sessions=list(every_session()))],
        "minutes": [extract(minutes=list(every_minute())), *(extract(minutes=walked(d, 9)) for d in days)],
        "many": [minutes([("garmin", None, "steps", noon(days[22], n), days[22], 500_000)]) for n in range(40)],
        "counter": [extract(readings=counted(d, s)) for d, s in zip(days[21:], THE_DAYS, strict=False)],
        "stepper": [extract(minutes=walked(d, s)) for d, s in zip(days[21:], THE_DAYS, strict=False)],
        "restarts": [restarts(d) for d in days[18:28]],
        "diary": together,
        "trips": [entries(days[22], 1_440, "walking", "garmin") for _ in range(3)],
        "years": [extract(minutes=walked(d, MOST_STEPS), attestations=[{"local_date": d}]) for d in two_years],
        "readings": [extract(readings=list(every_reading()))],
        "nothing": [],
    }  # fmt: skip


THE_DAYS = (36_000, 45_000, 45_001, 400_000)


def at_random(rng: random.Random) -> list[Extract]:
    """The files of one person: rows of every enumeration, in any company, on any of a few dates."""
    days = [INFUSED + timedelta(days=rng.choice((-14, -3, 0, 1, 2, 3, 8, 20, 21))) for _ in range(3)]
    pools = {"readings": list(every_reading()), "daily_totals": list(every_total()),
             "sessions": list(every_session()), "minutes": list(every_minute())}  # fmt: skip
    files = []
    for _ in range(rng.randint(1, 5)):
        frames = {}
        for name in rng.sample(sorted(pools), rng.randint(1, 4)):
            rows = [moved(row, rng.choice(days), rng) for row in rng.sample(pools[name], rng.choice((1, 2, 9)))]
            frames[name] = rows if name != "minutes" else thinned(rows)
        files.append(extract(**frames, attestations=[{"local_date": day} for day in days[: rng.randint(0, 2)]]))
    files += rng.choice((
        [], [restarts(days[0], 4_300)], [entries(days[1], 1_440, rng.choice(ACTIVITIES))],
        [extract(minutes=walked(days[0], rng.choice((99, 1_000, *THE_DAYS)), source=rng.choice(list(SOURCES))))],
    ))  # fmt: skip
    return files


def moved(row: Row, day: date, rng: random.Random) -> Row:
    """The row on another date, of another device, at another time of the day."""
    by = timedelta(days=(day - row["local_date"]).days, minutes=rng.choice((0, 0, 1, -1, 300)))
    times = {name: row[name] + by for name in ("start_time", "end_time") if row.get(name) not in (None, EARLIEST)}
    parts = row.get("parts") and [
        {"start_time": p["start_time"] + by, "end_time": p["end_time"] + by, "local_date": day} for p in row["parts"]
    ]
    told = {"source": rng.choice(list(SOURCES)), "device": rng.choice((None, "d1", "d2")), "local_date": day}
    return row | times | told | ({"parts": parts} if "parts" in row else {})


def thinned(rows: list[Row]) -> list[Row]:
    """As many of these minutes as one device can have in a day."""
    sums: dict[tuple, int] = {}
    kept = []
    for row in rows:
        key = (row["source"], row["device"], row["local_date"])
        steps = row["value"] if row["metric"].startswith("steps") else 0
        if sums.setdefault(key, 0) + steps <= MOST_STEPS:
            sums[key] += steps
            kept.append(row)
    return kept


# The steps ------------------------------------------------------------------------------------------------------------
def goals_of(who: str, start: int, to_week: int) -> Iterator[str]:
    """Every fifth kind and metric (five people have them all), with targets and derivations at their extremes."""
    for n, (kind, metric) in list(enumerate(product(GOAL_KINDS, METRICS), start))[start % 5 :: 5]:
        days = kind in ("days_with", "streak")
        target = ("1", "7", "1;7")[n % 3] if days else TARGETS[n % len(TARGETS)]
        per_day = ("0.001", "999999999.999")[n % 2] if days else ""
        told = f"{who}-{n},{{}},{who},,1,{to_week if metric == 'steps' else 3},{kind},{metric},"
        yield told.format(1) + f"{target},{per_day},,1990-01-01,,,"
        if n % 3 == 0:
            derived = DERIVATIONS[n % len(DERIVATIONS)]
            yield told.format(2) + f"{target if days else ''},,{derived},2026-03-01,,,"


def a_study(folder: Path, people: Iterable[str], settings: str = "", to_week: int = 3) -> StudyFolder:
    """A study of these people, with infusions long ago, in the time of the data, and far ahead.

    The first one's goals of steps reach to `to_week`.
    """
    zones = ("", "Pacific/Kiritimati", "Etc/GMT+12")
    study = StudyFolder(folder, participants=[], infusions=[], goals=[], zones=[], holds=[], settings=settings)
    for n, who in enumerate(people):
        study.participants.append(f"{who},{zones[n % 3]},,")
        for day in (INFUSED, *((date(1990, 1, 1), date(2199, 12, 31)) if n % 12 == 0 else ())):
            study.infusions.append(f"{who}-{day},{who},{day},,")
        study.goals += goals_of(who, n, 3 if n else to_week)
        study.zones += [f"{who},2026-03-05,Pacific/Apia", f"{who},2199-12-31,Pacific/Pago_Pago"] * (n % 5 == 4)
        study.holds += [f"{who},2026-03-10,2199-12-31,", f"{who},1990-01-01,2026-02-20,"] * (n % 6 == 5)
    assert not read_study(study.write().folder).faults
    return study


def night(study: StudyFolder, people: People) -> None:
    """A night whose files are these extracts; each is what `check` admits."""
    for files in people.values():
        for file in files:
            check(file, AS_OF)
    results = [
        FileResult(who, f"{who}/{n}", 1, 1, f"{who}{n:05}".ljust(64, "0"), "zones", "made", 1, SOURCES, file)
        for who, files in people.items()
        for n, file in enumerate(files)
    ]
    run = begin(study.folder, Scope())
    try:
        read_control_files(run)
        load(run.store, Batch.of(results), CODE_VERSION, run.run_id)
        for step in (resolve_days, judge_weeks, publish):
            step(run)
    finally:
        run.store.close()


def handed_on(study: StudyFolder, to: Path) -> None:
    """Everything that is made of what is published, and every explanation."""
    warehouse, settings = study.folder / "warehouse", read_study(study.folder)
    write_report(warehouse, "Test")
    for form in ("csv", "parquet", "fhir"):
        (to / form).mkdir(parents=True)
        bundles.write(settings, to / form) if form == "fhir" else tables.write(settings, to / form, form)
    share(settings, to / "share", Terms(k=2, unfinished=True), "", CODE_VERSION)
    for question in questions().values():
        study.ask(question.sql)


def explained(study: StudyFolder, most: int) -> None:
    """Why and where from, of so many goals and days of every state."""
    warehouse = study.folder / "warehouse"
    by_rule = "SELECT min(goal_id), week, infusion_id FROM goal_week GROUP BY infusion_id, status, reason, week, kind"
    for goal, week, infusion in study.ask(f"{by_rule} ORDER BY hash(min(goal_id), week) LIMIT {most}"):
        why.show(why.explain(warehouse, goal, week, infusion))
    days = "SELECT DISTINCT ON (day_state) participant_id, local_date FROM daily_activity WHERE day_state <> 'no_data'"
    for who, day in study.ask(f"{days} ORDER BY day_state, steps DESC LIMIT {most}"):
        day_of.show(day_of.explain(warehouse, who, day))


def walk(folder: Path, people: People, settings: str = "", most: int = 8) -> StudyFolder:
    """All steps over these people."""
    study = a_study(folder / "study", people, settings)
    night(study, people)
    handed_on(study, folder / "out")
    explained(study, most)
    return study


SETTINGS = ("", 'anchor = "overlapping"\nweeks = 520\n', 'anchor = "course"\ntruncation = "flag"\nestimate = "none"\n')


def main(rounds: int = 10, seed: int = 1) -> int:
    """So many studies of ten people at random; returns how many nights broke."""
    broken = 0
    for number in range(seed, seed + rounds):
        rng = random.Random(number)
        people = {f"R{n}": at_random(rng) for n in range(10)}
        with tempfile.TemporaryDirectory() as folder:
            try:
                walk(Path(folder), people, SETTINGS[number % 3], most=4)
            except Exception:
                broken += 1
                print(f"seed {number}:\n{traceback.format_exc()}", file=sys.stderr)
    print(f"{rounds} nights, {broken} broke")
    return broken


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
