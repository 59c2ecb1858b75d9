"""A study of many people with a year each: control files, an inbox, and a store that holds the year already.

The people do not exist. The year goes straight into canonical rows, by SQL: by way of files it would take days for
20,000 people. It goes in week by week, as nights bring it, so that a person's rows lie far apart. What is thinned, for
the size of it: minutes and readings are there for the last `MINUTE_DAYS` days alone, of which a day has `BEATS` minutes
with a heart rate and `WALKS` counters; the files in the ledger hold a week each, and one byte in the inbox. New files
are real ones (FIT, of a worn watch), and everything else is done by the product: the control files are read, the year
is judged and published by its own steps. The same number gives the same study.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from connectors import Context, connectors
from flows.night.begin import begin
from flows.night.run import Run, Scope
from flows.night.steps import read_control_files, run_step
from flows.version import CODE_VERSION
from models.store.store import Store, device_secret
from models.study.study import Study
from tests.studies import garmin_day

DAYS, MINUTE_DAYS, BEATS, WALKS = 364, 14, 300, 8
LAST = date(2025, 6, 29)  # a Sunday; the study's first night is as of the day after
FIRST = LAST - timedelta(days=DAYS - 1)
ZONES = ("", "America/New_York", "America/Chicago", "America/Los_Angeles")
WRITTEN = 1_750_000_000 * 10**9  # when every file of the year was last changed, in nanoseconds
READER = "garmin_fit_monitoring"

# The dates of one week, of everybody. A chance is a number that looks random and is the same every time.
_WEEK = """
    CREATE OR REPLACE TEMP TABLE week AS
    SELECT participant_id, n, local_date, zone, sha256(path) AS sha256, path, file_id, device_id, zones,
           (hash(participant_id, local_date) % 1000003)::INTEGER AS chance,
           CASE WHEN chance % 100 < 85 THEN 'valid' WHEN chance % 100 < 93 THEN 'insufficient_wear' ELSE 'no_data' END
               AS state
    FROM (
        SELECT participant_id, n, $monday::DATE + day::INTEGER AS local_date,
               coalesce(timezone, 'America/New_York') AS zone,
               participant_id || '/garmin/' || $monday || '.fit' AS path,
               $week * 1_000_000 + n AS file_id, n AS device_id, zones
        FROM (SELECT *, row_number() OVER (ORDER BY participant_id) AS n FROM participant) p, range(7) d(day)
    ) ORDER BY local_date, participant_id"""
_ROWS = {
    "source_file": f"""
        INSERT INTO source_file BY NAME
        SELECT DISTINCT ON (participant_id) file_id, participant_id, path, 1 AS size_bytes, {WRITTEN} AS modified_ns,
               sha256, 'loaded' AS status, '' AS note, '{READER}' AS connector, $version AS connector_version,
               '{CODE_VERSION}' AS code_version, zones, 'garmin' AS source, $monday::DATE AS covers_from,
               $monday::DATE + 6 AS covers_to, 7 * {BEATS + WALKS} AS rows, $monday::TIMESTAMP AS first_seen_at,
               $monday::TIMESTAMP AS loaded_at, $monday::DATE AS holds_since, 'selection' AS kind
        FROM week ORDER BY participant_id""",
    "coverage": """
        INSERT INTO coverage BY NAME
        SELECT file_id, device_id, metric, min(local_date) + INTERVAL 13 HOUR AS covers_from,
               max(local_date) + INTERVAL 26 HOUR AS covers_to, 'assumed' AS tz_source
        FROM week, (VALUES ('heart_rate'), ('readings')) m(metric) GROUP BY ALL ORDER BY file_id, metric""",
    "day": """
        INSERT INTO day BY NAME
        SELECT * EXCLUDE (n, zone, sha256, path, file_id, device_id, zones, chance, state), state AS day_state,
               FALSE AS is_partial, FALSE AS is_logged, 86_400_000 AS day_ms, FALSE AS is_morning_unseen,
               1_000 + chance % 11_000 AS steps, 60_000 * (chance % 71) AS walking_ms,
               walking_ms AS device_walking_ms, 60_000 * (chance % 41) AS brisk_ms,
               60_000 * (chance % 37) AS moderate_ms, 60_000 * (chance % 13) AS vigorous_ms,
               moderate_ms + vigorous_ms AS mvpa_ms, moderate_ms + 2 * vigorous_ms AS mvpa_equivalent_ms,
               mvpa_ms AS exercise_ms, greatest(walking_ms, exercise_ms) AS movement_ms,
               CASE state WHEN 'valid' THEN 50_460_000 ELSE 18_000_000 END AS wear_ms, 'cadence' AS walking_method,
               'device' AS intensity_method, 'device' AS exercise_method, 'hr' AS wear_method,
               'garmin' AS primary_source, 'garmin' AS sources
        FROM week WHERE state <> 'no_data'""",
    "no_data": """
        INSERT INTO day BY NAME
        SELECT participant_id, local_date, state AS day_state, FALSE AS is_partial, FALSE AS is_logged,
               86_400_000 AS day_ms, FALSE AS is_morning_unseen, 'none' AS walking_method, 'none' AS intensity_method,
               'none' AS exercise_method, 'none' AS wear_method
        FROM week WHERE state = 'no_data'""",
    "source_day": """
        INSERT INTO source_day BY NAME
        SELECT participant_id, local_date, 1 AS rank, 'garmin' AS source, 'wrist' AS device_class, steps, wear_ms,
               wear_method, FALSE AS is_partial
        FROM day SEMI JOIN week USING (participant_id, local_date) WHERE steps IS NOT NULL""",
    "local_day": """
        INSERT INTO local_day BY NAME
        SELECT participant_id, local_date, timezone('UTC', timezone(zone, local_date::TIMESTAMP)) AS begins,
               timezone('UTC', timezone(zone, local_date + INTERVAL 1 DAY)) AS ends
        FROM week WHERE ends - begins = INTERVAL 24 HOUR""",
}
_MINUTES = {
    "minutes": f"""
        INSERT INTO minutes BY NAME
        SELECT *, samples[1].start_time AS first_at, samples[-1].start_time AS last_at FROM (
        SELECT file_id, participant_id, device_id, 'heart_rate' AS metric, local_date,
               [{{'start_time': timezone('UTC', timezone(zone, local_date + INTERVAL 8 HOUR)) + to_minutes(3 * minute),
                  'value': 1}} FOR minute IN range({BEATS})] AS samples
        FROM week WHERE state <> 'no_data')""",
    "readings": f"""
        INSERT INTO readings BY NAME
        SELECT *, samples[1].end_time AS first_at, samples[-1].end_time AS last_at FROM (
        SELECT file_id, participant_id, device_id, local_date,
               [{{'end_time': timezone('UTC', timezone(zone, local_date + INTERVAL 9 HOUR)) + to_hours(hour),
                  'activity_type': 6, 'steps': steps * (hour + 1) // {WALKS},
                  'active_ms': walking_ms * (hour + 1) // {WALKS}, 'moderate_total_min': NULL,
                  'vigorous_total_min': NULL, 'moderate_increment_min': NULL, 'vigorous_increment_min': NULL}}
                FOR hour IN range({WALKS})] AS samples
        FROM week JOIN day USING (participant_id, local_date) WHERE state <> 'no_data')""",
}


def people(count: int) -> list[str]:
    """Their ids."""
    return [f"P{n:05d}" for n in range(count)]


def build(folder: Path, count: int) -> Run:
    """Make the study, with its year, in an empty folder; returns the night that is to publish it.

    That has read the control files. Its other steps are to be taken: `flows.night.steps.run_step`.
    """
    write_study(folder, people(count))
    write_inbox(folder, people(count))
    run = begin(folder, Scope())
    run_step(read_control_files, run)
    fill(run.store, run.study)
    return run


def write_study(folder: Path, of: list[str]) -> None:
    """The control files: six infusions and two goals of everybody, of which one in five was agreed anew once; one in a
    hundred travels."""
    folder.mkdir(parents=True, exist_ok=True)
    set_as_of(folder, LAST + timedelta(days=1))
    sheets = {
        "participants.csv": ("participant_id,timezone", (f"{who},{ZONES[n % len(ZONES)]}" for n, who in enumerate(of))),
        "infusions.csv": ("infusion_id,participant_id,infused_on", _infusions(of)),
        "goals.csv": ("goal_id,version,participant_id,kind,metric,target,derivation,set_on", _goals(of)),
        "zones.csv": ("participant_id,from_date,timezone",
                      (f"{who},{FIRST + timedelta(days=100)},Europe/Berlin" for who in of[::100])),
    }  # fmt: skip
    for name, (header, lines) in sheets.items():
        with (folder / name).open("w") as out:
            out.write(f"{header}\n")
            out.writelines(f"{line}\n" for line in lines)


def set_as_of(folder: Path, day: date) -> None:
    """Settings, with the date as of which the next night judges."""
    settings = f'name = "Benchmark"\ntimezone = "America/New_York"\n[report]\nnightly = false\n[goals]\nas_of = {day}\n'
    (folder / "study.toml").write_text(settings)


def _infusions(of: list[str]) -> Iterator[str]:
    for n, who in enumerate(of):
        for k in range(6):
            yield f"{who}-{k + 1},{who},{FIRST + timedelta(days=30 + 56 * k + n % 14)}"


def _goals(of: list[str]) -> Iterator[str]:
    for n, who in enumerate(of):
        yield f"{who}-steps,1,{who},daily_mean,steps,{5000 + 100 * (n % 30)},,{FIRST}"
        target = ",baseline_pct:10" if n % 2 else "150,"
        yield f"{who}-walk,1,{who},weekly_total,walking_minutes,{target},{FIRST}"
        if n % 5 == 0:
            yield f"{who}-steps,2,{who},daily_mean,steps,{6000 + 100 * (n % 30)},,{FIRST + timedelta(days=180)}"


def write_inbox(folder: Path, of: list[str]) -> None:
    """A file of each week of everybody."""
    for who in of:
        (folder / "inbox" / who / "garmin").mkdir(parents=True)
        for monday in mondays():
            path = folder / "inbox" / who / "garmin" / f"{monday}.fit"
            path.write_bytes(b"x")
            os.utime(path, ns=(WRITTEN, WRITTEN))


def mondays() -> list[date]:
    """The first day of each week of the year."""
    return [FIRST + timedelta(days=n) for n in range(0, DAYS, 7)]


def fill(store: Store, study: Study) -> None:
    """The year, a week of everybody after the other."""
    devices = Context(study.zone_log("P00000"), LAST, device_secret(study.warehouse))
    names = [devices.pseudonym(1, 3290, serial(n)) for n in range(len(study.people))]
    store.con.execute(
        """INSERT INTO device BY NAME
           SELECT n + 1 AS device_id, format('P{:05d}', n) AS participant_id, 'garmin' AS source,
                  'wrist' AS device_class, pseudonym FROM (SELECT unnest($1) AS pseudonym, unnest(range($2)) AS n)""",
        [names, len(names)],
    )
    first_with_minutes = LAST - timedelta(days=MINUTE_DAYS)
    for week, monday in enumerate(mondays()):
        given = {"monday": str(monday), "week": week, "version": connectors()[READER].VERSION}
        for sql in (_WEEK, *_ROWS.values(), *(_MINUTES.values() if monday > first_with_minutes else ())):
            store.con.execute(sql, {name: value for name, value in given.items() if f"${name}" in sql})
    store.con.execute("CHECKPOINT")


def serial(n: int) -> int:
    """The number of a person's watch."""
    return 3_900_000_000 + n


def bring(folder: Path, of: list[str], days: list[date], name: str) -> None:
    """New files: some dates of some people, a file each, that were written before now."""
    for who in of:
        n = int(who[1:])
        for day in days:
            path = folder / "inbox" / who / "garmin" / f"{day}-{name}.fit"
            path.write_bytes(garmin_day(str(day), 1000 + 100 * (hash((n, day.toordinal())) % 110), serial=serial(n)))
