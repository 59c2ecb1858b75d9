"""Fitbit: the JSON files of an account export.

What it is called: `steps-2026-09-11.json`, `moderately_active_minutes-*.json`, `very_active_minutes-*.json`,
`lightly_active_minutes-*.json`, `heart_rate-*.json` (only that a pulse was felt, never how fast) and `exercise-0.json`,
`exercise-100.json`, ... in the folder `Global Export Data` of a Google Takeout, before 2023 `Physical Activity` or
`user-site-export` of the archive from fitbit.com.

Where to find it: takeout.google.com, deselect all, select Fitbit (or Google Health), export as .zip.

Cannot tell: which device counted (these are the account's merged steps, one stream); where the person was. Steps and
pulse are in UTC, the daily minutes in local time. Whether an exercise starts in local time or in UTC is reported both
ways: it is read as local, which is remarked on and marked `assumed`. Daily files are padded to the end of their month
with zeros: those after today are dropped, one between the export and today looks like a day without such minutes.
The layout is well known from many exports (grade A), that exercises are local is not (grade C).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN
from connectors.kit.export import Export
from connectors.kit.grid import spread_coarse_rows
from connectors.kit.json import Fields, elements
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import minutes, totals
from connectors.kit.sessions import Sessions
from connectors.kit.words import listed
from models.activity import DAY_MS, MINUTES, MOST_STEPS, Extract
from models.fault import Impossible, Rejected
from models.set_aside import one_record

VERSION = 4
EXPORT = "archive"
LOOKS_FOR = ("JSON list",)
SOURCES = {"fitbit": "wrist"}
METRICS = by_method(device="steps moderate vigorous mvpa", cadence="walking brisk", session=SPORT)
_MOST_BYTES = 256_000_000
_MOST_ENTRIES = 1_000_000

_NAMED = re.compile(r"(steps|(?:moderately|very|lightly)_active_minutes|sedentary_minutes)(?![a-z_])")
# Fields of an exercise: needed, read where they are; those that are not read are in connectors/words.
_EXERCISE = (("startTime", "duration", "activityName", "logId"), ("activeDuration", "steps", "logType"))
_DAILY = {
    "lightly_active_minutes": "light_ms",
    "moderately_active_minutes": "moderate_ms",
    "very_active_minutes": "vigorous_ms",
}


def identify(export: Export) -> bool:
    """Whether it is a list of times with values of a family that is read, or a list of exercises."""
    return _family(export) in ("steps", "heart_rate", "exercises", *_DAILY)


def _family(export: Export) -> str | None:
    """By content; of the lists that look alike (steps, minutes a day), by the family in the name as well."""
    head = export.head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if not head.startswith(b"["):
        return None
    first, name = head[:400], export.basename.casefold()
    found = sum(key in head for key in (b'"logId"', b'"activityName"', b'"startTime"'))
    if found == 3 or (found == 2 and re.match(r"exercise-\d", name)):
        return "exercises"
    if b'"dateTime"' not in first and b'"value"' not in first:
        return None
    if re.search(rb'"value"\s*:\s*\{\s*"(bpm|confidence)"', first) or re.match(r"heart_rate-\d", name):
        return "heart_rate"
    named = _NAMED.match(name)
    return named[1] if named and not re.search(rb'"value"\s*:\s*[\[{]', first) else None


def companion(export: Export) -> str | None:
    """Why a file of such an export holds nothing for us; None where that is not known."""
    if _family(export) == "sedentary_minutes":
        return "sedentary minutes: no figure here rests on them"
    named = re.match(r"(exercise|heart_rate|steps|[a-z]+_active_minutes)-", export.basename.casefold())
    return "an empty list" if named and export.head.strip() == b"[]" else None


def extract(export: Export, context: Context) -> Extract:
    """Minutes, daily minutes or sessions of one file. Raises Rejected."""
    family = _family(export)
    exercise = (*_EXERCISE, listed("fitbit", "unused_fields"))
    fields = Fields(*(exercise if family == "exercises" else (("dateTime", "value"),)))
    entries = _entries(export, fields)
    remarks = fields.notes()
    if family == "exercises":
        return _exercises(entries, context, remarks)
    if family in _DAILY:
        return _days(entries, _DAILY[family], context, remarks)
    values, notes = _steps(entries, context) if family == "steps" else (_pulse(entries), [])
    schema = {"start_time": MINUTES["start_time"], "value": MINUTES["value"]}
    frame = pl.DataFrame({"start_time": list(values), "value": list(values.values())}, schema=schema)
    frame = minutes(frame.sort("start_time"), context.zones, source="fitbit", metric=family)
    frame = spread_coarse_rows(frame, notes) if family == "steps" else frame
    return Extract(minutes=frame, tz_source=context.zones.source, notes=remarks + notes)


def _entries(export: Export, fields: Fields) -> list[dict]:
    """What is read of each entry. No such field holds more than beats and their confidence."""
    if export.size > _MOST_BYTES:
        raise Rejected("whole file", "a list of over 256 MB", "a month or a day of an account", AGAIN)
    read = (*fields.needed, *fields.optional)
    entries: list[dict] = []
    for entry in elements(export):
        if not isinstance(entry, dict):
            raise Rejected("whole file", "something else than entries", "a list of entries", AGAIN)
        fields.add(entry)
        entries.append({key: entry[key] for key in read if key in entry})
        if any(
            isinstance(value, list) or (isinstance(value, dict) and len(value) > 9) for value in entries[-1].values()
        ):
            raise Rejected(f"entry {len(entries)}", "a list or a large object", "figures", AGAIN)
        if len(entries) > _MOST_ENTRIES:
            raise Rejected(
                "whole file", f"more than {_MOST_ENTRIES:,} entries", "a month or a day of an account", AGAIN
            )
    return entries


def _wrong(number: int, key: str, expected: str) -> Rejected:
    return Rejected(f"entry {number}, {key}", "something else", expected, AGAIN)


def _time(entry: dict, number: int, key: str = "dateTime") -> datetime:
    """MM/DD/YY HH:MM:SS. The year is of this century: 12/31/99 is padding far ahead."""
    found = re.fullmatch(r"(\d\d)/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)", str(entry.get(key)), re.ASCII)
    try:
        if found:
            month, day, year, hour, minute, second = map(int, found.groups())
            return datetime(2000 + year, month, day, hour, minute, second)
    except ValueError:
        pass
    raise _wrong(number, key, "a time like 09/12/26 05:00:00, month first")


def _integer(value: object, number: int, key: str, most: int) -> int:
    """A count, which these files mostly write as text."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,20}(\.0+)?", value, re.ASCII):
        value = int(value.split(".")[0])
    expected = f"a whole number from 0 to {most}"
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(number, key, expected)
    if not 0 <= value <= most:
        raise Impossible(f"entry {number}, {key}", "another number", expected, AGAIN)
    return value


def _values(
    entries: list[dict], last: date, tomorrow: date, most: int, padding: list[datetime]
) -> Iterator[tuple[datetime, int]]:
    """Times and values without the zeros that pad a file beyond `last`; their times are added to `padding`."""
    for number, entry in enumerate(entries, 1):
        time = _time(entry, number)
        with one_record(time):
            value = _integer(entry.get("value"), number, "value", most)
            if value and time.date() > tomorrow:
                raise Impossible(f"entry {number}, dateTime", "another date", "a date that has been", AGAIN)
            if not value and time.date() > last:
                padding.append(time)
            else:
                yield time, value


def _steps(entries: list[dict], context: Context) -> tuple[dict[datetime, int], list[str]]:
    """Steps per minute (UTC). Of two values of one instant the larger counts."""
    instants: dict[datetime, int] = {}
    padding: list[datetime] = []
    tomorrow = context.today + timedelta(days=1)
    for time, steps in _values(entries, tomorrow, tomorrow, MOST_STEPS, padding):
        instants[time] = max(steps, instants.get(time, 0))
    counted: dict[datetime, int] = {}
    for time, steps in instants.items():
        minute = time.replace(second=0, tzinfo=UTC)
        counted[minute] = counted.get(minute, 0) + steps
    return counted, _padding(len(padding))


def _padding(dropped: int) -> list[str]:
    return [f"{dropped} zeros of days to come: padding, left out"] if dropped else []


def _pulse(entries: list[dict]) -> dict[datetime, int]:
    """Minutes (UTC) in which a pulse was felt. Confidence 0 is the app's guess for a tracker that felt none."""
    felt = {}
    for number, entry in enumerate(entries, 1):
        value = entry.get("value")
        if not isinstance(value, dict):
            raise _wrong(number, "value", "beats and confidence")
        time = _time(entry, number)
        with one_record(time):
            beats = _integer(value.get("bpm"), number, "bpm", 1000)
            if beats and _integer(value.get("confidence", 1), number, "confidence", 100):
                felt[time.replace(second=0, tzinfo=UTC)] = 1
    return felt


def _days(entries: list[dict], column: str, context: Context, remarks: list[str]) -> Extract:
    """Minutes of one class per local day, as the account judged them."""
    days: dict[date, int] = {}
    padding: list[datetime] = []
    tomorrow = context.today + timedelta(days=1)
    for time, value in _values(entries, context.today, tomorrow, DAY_MS // 60_000, padding):
        if time.time() != datetime.min.time():
            raise Rejected("dateTime", "a time of day", "days, each at 00:00:00", AGAIN)
        if days.setdefault(time.date(), value) != value:
            raise Rejected("dateTime", "one day twice with other figures", "one entry a day", AGAIN)
    rows = [{"local_date": day, column: 60_000 * value} for day, value in days.items()]
    notes = remarks + _padding(len(padding))
    return Extract(daily_totals=totals(rows, "fitbit"), tz_source=context.zones.source, notes=notes)


def _exercises(entries: list[dict], context: Context, remarks: list[str]) -> Extract:
    """Recorded exercises. 0 steps stand for "not counted", so they are not known (NULL)."""
    first: dict[object, tuple[int, dict]] = {}
    for number, entry in enumerate(entries, 1):
        first.setdefault(str(entry.get("logId", f"entry {number}")), (number, entry))  # of hand-made ones: no id
    starts = context.zones.to_utc(_time(entry, number, "startTime") for number, entry in first.values())
    sessions = Sessions(context, "fitbit")
    for (number, entry), (start, _) in zip(first.values(), starts, strict=True):
        with one_record(start):
            most = 7 * 86_400_000
            length = _integer(entry.get("duration"), number, "duration", most)
            timer = _integer(entry.get("activeDuration", length), number, "activeDuration", most)
            steps = _integer(entry.get("steps") or 0, number, "steps", MOST_STEPS)
            name = entry.get("activityName") or ""
            if not isinstance(name, str):
                raise _wrong(number, "activityName", "a word")
            sessions.add(
                f"entry {number}",
                start,
                start + timedelta(milliseconds=length),
                name=name,
                timer=timedelta(milliseconds=timer),
                steps=steps or None,
                by_hand=str(entry.get("logType")).casefold() == "manual",
            )
    frame = sessions.frame
    notes = ["the zone of startTime is not certain: read as local time"] if frame.height else []
    return Extract(sessions=frame, tz_source="assumed", notes=remarks + notes)
