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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import reduce
from operator import or_

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN
from connectors.kit.export import Export
from connectors.kit.grid import spread_coarse_rows
from connectors.kit.json import Fields, elements, quoted
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import minutes, totals
from connectors.kit.sessions import Sessions
from connectors.kit.stack import Remark, each_of, own, remarks, with_files
from connectors.kit.stacked import in_stacks
from connectors.kit.words import listed
from models.activity import DAY_MS, MOST_STEPS, Extract, Extracts
from models.fault import Impossible, Rejected
from models.set_aside import one_record

VERSION = 4
EXPORT = "archive"
LOOKS_FOR = ("JSON list",)
SOURCES = {"fitbit": "wrist"}
METRICS = by_method(device="steps moderate vigorous mvpa", cadence="walking brisk", session=SPORT)
_MOST_BYTES = 256_000_000
_MOST_ENTRIES = 1_000_000
_WEEK_MS = 7 * 86_400_000
_TIME = r"^([0-9]{2})/([0-9]{2})/([0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-5][0-9])$"
_ISO = "%Y-%m-%dT%H:%M:%S"
_COUNT = r"^-?[0-9]{1,20}(\.0+)?$"

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
    found = len(quoted(export) & {b"logId", b"activityName", b"startTime"})
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
    entries, notes = _Entries([], []), list[str]()
    for file, each in enumerate(each_of(export)):
        fields = Fields(*(exercise if family == "exercises" else (("dateTime", "value"),)))
        entries.add(_entries(each, fields))
        notes += [Remark(note, file) for note in fields.notes()]
    if family == "exercises":
        return _exercises(entries, context, notes)
    if family in _DAILY:
        return _days(entries, _DAILY[family], context, notes)
    frame = _steps(entries, context, notes) if family == "steps" else _pulse(entries)
    frame = minutes(frame.sort(*own(frame), "start_time"), context.zones, source="fitbit", metric=family)
    frame = spread_coarse_rows(frame, notes) if family == "steps" else frame
    return Extract(minutes=frame, tz_source=context.zones.source, notes=notes)


def extract_all(exports: Sequence[Export], context: Context) -> Extracts:
    """The same of many small files."""
    return in_stacks(exports, context, _alike, extract)


def _alike(export: Export) -> str | None:
    """Minutes or days of one family."""
    return family if (family := _family(export)) != "exercises" else None


@dataclass
class _Entries:
    """What is read of the entries of a file, or of all files of a stack, and how many each file has."""

    all: list[dict]
    of_each: list[int]

    def add(self, entries: list[dict]) -> None:
        """Those of one more file."""
        self.all += entries
        self.of_each.append(len(entries))

    def of(self, key: str) -> list:
        """What each says under a key."""
        return [entry.get(key) for entry in self.all]


def _entries(export: Export, fields: Fields) -> list[dict]:
    """What is read of each entry. No such field holds more than beats and their confidence."""
    if export.size > _MOST_BYTES:
        raise Rejected("whole file", "a list of over 256 MB", "a month or a day of an account", AGAIN)
    read = {*fields.needed, *fields.optional}
    entries: list[dict] = []
    last, is_all_read = None, False
    for entry in elements(export):
        if not isinstance(entry, dict):
            raise Rejected("whole file", "something else than entries", "a list of entries", AGAIN)
        if entry.keys() != last:  # most have the fields of the one before
            fields.add(entry)
            last, is_all_read = entry.keys(), entry.keys() <= read
        entries.append(entry if is_all_read else {key: entry[key] for key in read & entry.keys()})
        for value in entries[-1].values():
            if isinstance(value, list | dict) and (isinstance(value, list) or len(value) > 9):
                raise Rejected(f"entry {len(entries)}", "a list or a large object", "figures", AGAIN)
        if len(entries) > _MOST_ENTRIES:
            raise Rejected(
                "whole file", f"more than {_MOST_ENTRIES:,} entries", "a month or a day of an account", AGAIN
            )
    return entries


def _wrong(number: int, key: str, expected: str) -> Rejected:
    return Rejected(f"entry {number}, {key}", "something else", expected, AGAIN)


def _times(values: list[object]) -> pl.Series:
    """MM/DD/YY HH:MM:SS. The year is of this century: 12/31/99 is padding far ahead. Null where it is no such time."""
    cells = pl.Series([value if isinstance(value, str) else None for value in values], dtype=pl.String)
    return cells.str.replace(_TIME, "20${3}-${1}-${2}T${4}").str.to_datetime(_ISO, time_unit="ms", strict=False)


def _counts(values: list[object]) -> tuple[pl.Series, pl.Series]:
    """Counts, which these files mostly write as text (null: beyond all bounds), and which values are some."""
    kinds = set(map(type, values))
    if kinds == {int}:
        with suppress(OverflowError):
            return pl.Series(values, dtype=pl.Int64), pl.repeat(True, len(values), eager=True)
    is_one = [type(value) is str or type(value) is int for value in values]  # True is none
    cells = pl.Series([str(v) if one else None for v, one in zip(values, is_one, strict=True)], dtype=pl.String)
    return cells.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False), cells.str.contains(_COUNT).fill_null(False)


def _columns(
    entries: _Entries, figures: dict[str, tuple[list, int]], key: str = "dateTime", last: date = date.max
) -> pl.DataFrame:
    """`entry` (from 1 on), `time` and the figures of the entries that can be; the others are set aside.

    `figures`: by name the values, and the most that one can be; the first one is 0 after the date `last`. Raises
    Rejected for the first value of a wrong form.
    """
    columns = {"time": _times(entries.of(key))}
    wrong = [(columns["time"].is_null(), key, "a time like 09/12/26 05:00:00, month first")]
    beyond = []
    for name, (values, most) in figures.items():
        columns[name], are_counts = _counts(values)
        expected = f"a whole number from 0 to {most}"
        wrong.append((~are_counts, name, expected))
        beyond.append((~columns[name].is_between(0, most).fill_null(False), name, "another number", expected))
    late = (columns["time"].dt.date() > last) & (columns[next(iter(figures))] != 0)
    beyond.append((late.fill_null(False), key, "another date", "a date that has been"))
    faults = [(mask.arg_max() or 0, name, expected) for mask, name, expected in wrong if mask.any()]
    for at, name, expected in sorted(faults, key=lambda fault: fault[0])[:1]:
        raise _wrong(at + 1, name, expected)
    gone = reduce(or_, (mask for mask, *_ in beyond))
    for at in gone.arg_true():
        with one_record(columns["time"][at]):
            name, found, expected = next(what for mask, *what in beyond if mask[at])
            raise Impossible(f"entry {at + 1}, {name}", found, expected, AGAIN)
    frame = pl.DataFrame(columns).with_row_index("entry", 1)
    return (with_files(frame, entries.of_each) if len(entries.of_each) > 1 else frame).filter(~gone)


def _values(entries: _Entries, last: date, tomorrow: date, most: int, notes: list[str]) -> pl.DataFrame:
    """`time` and `value` without the zeros that pad a file beyond `last`, which are remarked on."""
    frame = _columns(entries, {"value": (entries.of("value"), most)}, last=tomorrow)
    is_padding = (frame["value"] == 0) & (frame["time"].dt.date() > last)
    notes += remarks(frame.filter(is_padding), "{} zeros of days to come: padding, left out")
    return frame.filter(~is_padding)


def _steps(entries: _Entries, context: Context, notes: list[str]) -> pl.DataFrame:
    """Steps per minute (UTC). Of two values of one instant the larger counts."""
    tomorrow = context.today + timedelta(days=1)
    frame = _values(entries, tomorrow, tomorrow, MOST_STEPS, notes)
    instants = frame.group_by(*own(frame), "time").agg(pl.col("value").max())
    return instants.group_by(*own(frame), start_time=_minute()).agg(pl.col("value").sum())


def _pulse(entries: _Entries) -> pl.DataFrame:
    """Minutes (UTC) in which a pulse was felt. Confidence 0 is the app's guess for a tracker that felt none."""
    values = entries.of("value")
    if (number := next((n for n, value in enumerate(values, 1) if not isinstance(value, dict)), None)) is not None:
        raise _wrong(number, "value", "beats and confidence")
    sure = [value.get("confidence", 1) for value in values]
    frame = _columns(entries, {"bpm": ([value.get("bpm") for value in values], 1000), "confidence": (sure, 100)})
    felt = frame.filter((pl.col("bpm") > 0) & (pl.col("confidence") > 0))
    return felt.select(*own(felt), start_time=_minute()).unique().with_columns(value=1)


def _minute() -> pl.Expr:
    return pl.col("time").dt.truncate("1m").dt.replace_time_zone("UTC")


def _days(entries: _Entries, column: str, context: Context, notes: list[str]) -> Extract:
    """Minutes of one class per local day, as the account judged them."""
    frame = _values(entries, context.today, context.today + timedelta(days=1), DAY_MS // 60_000, notes)
    if (frame["time"].dt.time() != time.min).any():
        raise Rejected("dateTime", "a time of day", "days, each at 00:00:00", AGAIN)
    days = frame.select(*own(frame), local_date=pl.col("time").dt.date(), value=60_000 * pl.col("value")).unique()
    if days.drop("value").is_duplicated().any():
        raise Rejected("dateTime", "one day twice with other figures", "one entry a day", AGAIN)
    days = totals(days.rename({"value": column}), "fitbit")
    return Extract(daily_totals=days, tz_source=context.zones.source, notes=notes)


def _exercises(entries: _Entries, context: Context, notes: list[str]) -> Extract:
    """Recorded exercises. 0 steps stand for "not counted", so they are not known (NULL)."""
    figures = {
        "duration": (entries.of("duration"), _WEEK_MS),
        "activeDuration": ([e.get("activeDuration", e.get("duration")) for e in entries.all], _WEEK_MS),
        "steps": ([steps or 0 for steps in entries.of("steps")], MOST_STEPS),
    }
    frame = _columns(entries, figures, "startTime")
    ids = [str(entry.get("logId", f"entry {n}")) for n, entry in enumerate(entries.all, 1)]  # of hand-made ones: none
    frame = frame.with_columns(id=pl.Series(ids, dtype=pl.String).gather(frame["entry"] - 1))
    frame = frame.unique("id", keep="first", maintain_order=True)
    sessions = Sessions(context, "fitbit")
    starts = context.zones.to_utc(frame["time"])
    for (number, _, length, timer, steps, _), (start, _) in zip(frame.iter_rows(), starts, strict=True):
        entry = entries.all[number - 1]
        name = entry.get("activityName") or ""
        if not isinstance(name, str):
            raise _wrong(number, "activityName", "a word")
        with one_record(start):
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
    notes += ["the zone of startTime is not certain: read as local time"] if frame.height else []
    return Extract(sessions=frame, tz_source="assumed", notes=notes)
