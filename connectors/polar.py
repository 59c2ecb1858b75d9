"""Polar Flow: the days and training sessions of an account export, and the CSV of one session.

What it is called: `activity-2014-10-27-<id>.json` (one day) and `training-session-2018-06-20-<id>.json` in the .zip of
the account's data, or a session's own CSV (Export session > CSV).

Where to find it: account.polar.com > Download your data; a single session: flow.polar.com, the session, Export.

Cannot tell: walking, except by the cadence of step samples or in recorded walks; which device; in the session's CSV the
zone and pauses. A level of activity that is not listed is known to be none only where those listed fill the day.
Moderate and vigorous are Polar's levels, continuous and intermittent together ("CONTINUOS" is how Polar spells it).
The layouts are those of several readers and of test files made from real exports (grade B; the training session C+).
Step samples without times are minutes where there is one for each of the day's 1,440; without a summary, fewer are
refused. A training session without its distance from UTC is read by the person's zone. The name, notes,
place and position of a session are never read.
"""

from __future__ import annotations

import csv
import fnmatch
import io
import itertools
import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN, fault, new_columns, wrong_cell
from connectors.kit.export import Export
from connectors.kit.grid import spread_coarse_rows
from connectors.kit.json import Fields, elements, quoted
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import minutes, totals
from connectors.kit.sessions import Sessions
from connectors.kit.words import listed
from models.activity import DATE_MS, MINUTES, MOST_STEPS, Extract
from models.clock import plausible_offset
from models.fault import Rejected

VERSION = 5
EXPORT = "archive"
LOOKS_FOR = ("JSON list", "JSON object", "text")
SOURCES = {"polar": "wrist"}
METRICS = by_method(device="steps moderate vigorous mvpa", cadence="walking brisk", session=SPORT)

_CLASS_OF_LEVEL = {
    f"{way}_{level}": f"{level.lower()}_ms"
    for way in ("CONTINUOUS", "INTERMITTENT")
    for level in ("MODERATE", "VIGOROUS")
}
_CLASSES = ("moderate_ms", "vigorous_ms")
_UNWORN = ("NON_WEAR", "NO_DATA")
_OTHER_LEVELS = (*_UNWORN, "SLEEP", "SEDENTARY", "LIGHT")
_MINUTES_OF_DAY = 1440

_NEEDED = ("sport", "date", "start time", "duration")

# Fields of a day and its summary: needed, read where they are, known and not read.
_DAY = (("date",), ("summary", "samples"), ("exportVersion", "physicalInformation", "created", "modified"))
_SUMMARY = (("stepCount", "activityLevels"), ("startTime", "endTime"))


def identify(export: Export) -> bool:
    """Whether it is a day, a training session, or the CSV of one."""
    return _family(export) is not None


def _family(export: Export) -> str | None:
    head = export.head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"{"):
        found = quoted(export)
        if b"exportVersion" not in found:
            return None
        name = export.basename.casefold()
        telling = len(found & {b"exercises", b"startTime"})
        if telling == 2 or (telling and name.startswith("training-session")):
            return "training"
        day = b"date" in found or name.startswith("activity-")
        return "day" if day and found & {b"activityLevels", b"stepCount", b"mets"} else None
    names = [cell.strip(' "').casefold() for cell in head.partition(b"\n")[0].decode(errors="replace").split(",")]
    return "csv" if names[0] == "name" and len(set(_NEEDED) & set(names)) >= 3 and "running index" in names else None


def companion(export: Export) -> str | None:
    """Why a file of such an export holds nothing for us; None where that is not known."""
    names = (
        r"(account|calendar|devices?|products|profile|sport-?profiles|sleep|nightly|247ohr|ppi|planned|favourite|fitness"
        r"|programs?|questionnaire|generic|orthostatic|cardio|recovery|hill|jump|rr-|spo2|temperature|ecg|consent"
        r"|training-target|user)"
    )
    named = re.match(names, export.basename.casefold())
    if named and b'"exportVersion"' in export.head and _family(export) is None:
        return "a family of Polar Flow that is not needed here"
    return None


def extract(export: Export, context: Context) -> Extract:
    """One day or one session. Raises Rejected."""
    family = _family(export)
    if export.size > 256_000_000:
        raise Rejected("whole file", "a file of over 256 MB", "a day or a session", AGAIN)
    try:
        if family == "csv":
            return _table(export.read().decode("utf-8-sig"), context)
        (content,) = elements(export)
        return _training(content, context) if family == "training" else _day(content, context)
    except KeyError as error:
        raise Rejected(f"field {error.args[0]}", "nothing", "a value", AGAIN) from None
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        raise Rejected("whole file", "a file that cannot be read", "a file of Polar Flow", AGAIN) from None


def _length(text: str) -> timedelta:
    """PT3240S, PT1H2M3.5S"""
    found = re.fullmatch(r"PT(?=\d)(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,8}(?:\.\d+)?)S)?", text, re.ASCII)
    if not found:
        raise ValueError("a length of time that is none")
    return timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0), seconds=float(found[3] or 0))


def _integer(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_STEPS or value % 1:
        raise Rejected(f"field {place}", "something else", f"a whole number from 0 to {MOST_STEPS}", AGAIN)
    return int(value)


def _day(record: dict, context: Context) -> Extract:
    """The summary as a daily total; step samples as minutes where they are minutes and make up the summary's steps."""
    day = date.fromisoformat(record["date"])
    summary = record.get("summary") or {}
    remarks = _remarks(record, _DAY) + (
        _remarks(summary, (*_SUMMARY, listed("polar", "unused_summary"))) if summary else []
    )
    steps = _integer(summary["stepCount"], "stepCount") if summary else None
    levels, notes = _levels(summary)
    notes += remarks
    sampled = record.get("samples") or {}
    remarks += _remarks(sampled, ((), ("steps",), ("mets", "metSources", "recordingDevice*")))
    samples = sampled.get("steps") or []
    if not summary and len(samples) != _MINUTES_OF_DAY and any("localTime" not in sample for sample in samples):
        raise Rejected("field localTime", "samples without times, and no summary", "a summary, or times", AGAIN)
    rows = _minutes(samples, day, steps, context, notes)
    if samples and rows.is_empty():
        notes.append("the step samples are no minutes that make up the day's steps: only the total is read")
    days: list[dict[str, Any]] = []
    if steps or any(levels.values()):
        days.append({"local_date": day, "steps": steps, **{name: levels.get(name) for name in _CLASSES}})
    return Extract(minutes=rows, daily_totals=totals(days, "polar"), tz_source=context.zones.source, notes=notes)


def _remarks(record: dict, known: tuple[tuple[str, ...], ...]) -> list[str]:
    fields = Fields(known[0], known[1], known[2])
    fields.add(record)
    return fields.notes()


def _levels(summary: dict) -> tuple[dict[str, int], list[str]]:
    """Milliseconds of moderate and vigorous, and of `worn`. Levels not listed are 0 where the others fill the span.

    A level that stands twice with one length is one. Raises Rejected where it has two.
    """
    lengths: dict[str, timedelta] = {}
    notes = []
    for entry in summary.get("activityLevels") or []:
        level = re.sub("^CONTINUOS_", "CONTINUOUS_", str(entry["level"])[:40])
        if level not in _CLASS_OF_LEVEL and level not in _OTHER_LEVELS:
            notes.append("a new level of activity: not read")
        length = _length(entry["duration"])
        if lengths.setdefault(level, length) != length:
            raise Rejected("field activityLevels", "one level twice with other lengths", "each level once", AGAIN)
    listed = sum(lengths.values(), timedelta(0))
    if listed > timedelta(milliseconds=DATE_MS):
        raise Rejected("field activityLevels", "more time than a day has", "at most 24 hours", AGAIN)
    span = timedelta(days=1)
    if summary.get("startTime") and summary.get("endTime"):
        begin, end = (datetime.combine(date.min, time.fromisoformat(summary[k])) for k in ("startTime", "endTime"))
        span = end - begin if end > begin else span
    out = dict.fromkeys(_CLASSES, 0) if lengths and listed >= span - timedelta(minutes=1) else {}
    for level, length in lengths.items():
        name = _CLASS_OF_LEVEL.get(level, "" if level in _UNWORN else "worn")
        out[name] = out.get(name, 0) + length // timedelta(milliseconds=1)
    out.pop("", None)
    return out, notes


def _minutes(samples: list[dict], day: date, steps: int | None, context: Context, notes: list[str]) -> pl.DataFrame:
    """Step samples that lie full minutes apart and whose sum is the day's within 1 %; without a sum as they are."""
    empty = pl.DataFrame(schema=MINUTES)
    times, counts = _placed(samples, day)
    if len(times) < max(2, len(counts)) or (steps is not None and abs(sum(counts) - steps) > steps * 0.01):
        return empty
    apart = {(b - a).total_seconds() for a, b in pairwise(times)}
    if steps is not None and (min(apart) != 60 or any(gap % 60 for gap in apart)):
        return empty
    instants = [instant.replace(second=0, microsecond=0) for instant, _ in context.zones.to_utc(times)]
    frame = pl.DataFrame({"start_time": pl.Series(instants, dtype=MINUTES["start_time"]), "value": counts})
    frame = frame.group_by("start_time").agg(pl.col("value").sum()).sort("start_time")
    return spread_coarse_rows(minutes(frame, context.zones, source="polar", metric="steps"), notes)


def _placed(samples: list[dict], day: date) -> tuple[list[datetime], list[int]]:
    """Local times and timed, each sample once; those of a full day without times have them by their place."""
    timed = [(sample.get("localTime"), _integer(sample["value"], "value")) for sample in samples]
    if len(timed) == _MINUTES_OF_DAY and not any(at for at, _ in timed):
        midnight = datetime.combine(day, time.min)
        return [midnight + n * timedelta(minutes=1) for n in range(len(timed))], [count for _, count in timed]
    once = list(dict.fromkeys(timed))
    times = [datetime.combine(day, time.fromisoformat(at)) for at, _ in once if at is not None]
    return times, [count for _, count in once]


def _training(training: dict, context: Context) -> Extract:
    """One session row an exercise. Times are local."""
    sessions = Sessions(context, "polar", last_counts=True)
    for part in training["exercises"]:
        exercise = {key: value for key, value in training.items() if key not in ("exercises", "sport")} | part
        offset = _offset(exercise)
        start, stop = (datetime.fromisoformat(exercise[key]) for key in ("startTime", "stopTime"))
        if start.tzinfo or stop.tzinfo:
            raise Rejected("field startTime", "a time with a zone", "local times beside their offset", AGAIN)
        timer = _length(exercise["duration"])
        if not start <= stop <= start + timedelta(days=7) or timer > stop - start + timedelta(seconds=2):
            raise Rejected("field stopTime", "times that do not fit the duration", "a session", AGAIN)
        at = (start - offset).replace(tzinfo=UTC) if offset is not None else context.zones.to_utc([start])[0][0]
        end = at + (stop - start)
        sport = exercise.get("sport")
        sport = f"sport {sport.get('id')}" if isinstance(sport, dict) else str(sport or "")
        sessions.add("exercise", at, end, name=sport, offset=offset, timer=timer, key=(at, end, sport))
    return sessions.extract([])


def _offset(exercise: dict) -> timedelta | None:
    """The distance from UTC in minutes; None where it is not known. Raises Rejected."""
    minutes = exercise.get("timezoneOffset", exercise.get("timeZoneOffset"))
    if minutes is None:
        return None
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not plausible_offset(timedelta(minutes=minutes)):
        raise Rejected("field timezoneOffset", "something else", "minutes from UTC, such as 120", AGAIN)
    return timedelta(minutes=minutes)


def _table(content: str, context: Context) -> Extract:
    """The first of the two tables: one row of the session. The person's name stands in it, and is not read."""
    try:
        names, cells, *rest = [
            row for row in itertools.islice(csv.reader(io.StringIO(content), strict=True), 100) if any(row)
        ][:3]
    except (csv.Error, ValueError):
        raise Rejected("line 2", "no row of a session", "a header and one row", AGAIN) from None
    if rest and rest[0][0].strip().casefold() != "sample rate":
        raise Rejected("line 3", "another row", "the table of samples", AGAIN)
    if len(cells) != len(names):
        raise Rejected("line 2", f"{len(cells)} fields", f"{len(names)}, as in the header", AGAIN)
    row = {name.strip().casefold(): cell.strip() for name, cell in zip(names, cells, strict=True)}
    for name in _NEEDED:
        if name not in row:
            raise fault(1, name.capitalize(), "no such column", f"a column '{name.capitalize()}'")
    try:
        at = datetime.strptime(f"{row['date']} {row['start time']}", "%d-%m-%Y %H:%M:%S")
    except ValueError:
        raise wrong_cell(2, "Date", row["date"], "a day like 20-06-2018 and a time like 11:17:03") from None
    length = re.fullmatch(r"(\d{1,3}):([0-5]\d):([0-5]\d)(?:\.\d+)?", row["duration"], re.ASCII)
    if not length or int(length[1]) > 167:
        raise wrong_cell(2, "Duration", row["duration"], "a time like 00:30:08")
    hours, minutes, seconds = map(int, length.groups())
    ((start, _),) = context.zones.to_utc([at])
    timer = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    sessions = Sessions(context, "polar")
    sessions.add("line 2", start, start + timer, name=row["sport"])
    return sessions.extract(_new(row))


def _new(row: dict[str, str]) -> list[str]:
    known = (*_NEEDED, *listed("polar", "unused"))
    return new_columns([n for n in row if n and not any(fnmatch.fnmatchcase(n, k) for k in known)])
