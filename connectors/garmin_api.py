"""Garmin: answers of its server kept as JSON, by programs such as garth, python-garminconnect and GarminDB.

What it is called: as the program likes; GarminDB: `HealthData/FitFiles/Activities/activity_<id>.json` and
`activity_details_<id>.json`. Read are activities (a list, or one), heart rate (only that a pulse was felt) and the list
of intensity minutes by day.

Where to find it: with whoever runs such a program. For anybody else the account export (garmin_account) has the same.

What it cannot tell: steps by the minute; when inside an activity its pauses were; which watch counted. A list of weeks
looks like one of days: a file whose dates lie seven days apart is refused, and so is a lone Monday.

A reader of its own, because what is called the same is not: here `duration` is in seconds and times are text, in the
account export they are milliseconds and numbers. Days and lists of steps by day are the same in both and stay with
garmin_account; the intensity minutes are of that source too, so that a day has its steps and its minutes together.

How sure: A for the lists (recorded answers of 2023 to 2026); B for `activity_details`, of which GarminDB reads the same
members in the same units. Titles, ids, devices and positions are never read.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit.export import Export
from connectors.kit.json import Fields, bad, begins_like_json, integer, number, objects, quoted
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.offsets import local_dates
from connectors.kit.rows import minutes, totals
from connectors.kit.sessions import Sessions
from connectors.kit.words import activity_of, listed
from models.activity import DAY_MS, MOST_SESSIONS, MOST_STEPS, Extract
from models.clock import INSTANT
from models.fault import Rejected
from models.set_aside import one_record

VERSION = 1
EXPORT = "selection"  # of activities; the other answers are reports
LOOKS_FOR = ("JSON list", "JSON object", "/healthdata")
SOURCES = {"garmin_api": "wrist", "garmin_account": "wrist"}
METRICS = by_method(device="moderate vigorous mvpa", session=f"walking {SPORT}")

_ACTIVITY = (
    ("duration", "activityType"),
    ("activityId", "startTimeGMT", "beginTimestamp", "startTimeLocal", "elapsedDuration", "steps", "manualActivity"),
)
_WEEK, _MINUTE = 7 * 86_400, 60_000  # seconds; milliseconds
_ANSWERS = {  # members, and how many of them tell an answer
    "weeks": (("values", "totalSteps", "calendarDate"), 3),
    "quarters": (("startGMT", "primaryActivityLevel"), 2),
    "activities": (("startTimeGMT", "typeKey", "summaryDTO", "activityType", "activityTypeDTO", "duration"), 3),
    "heart_rate": (("heartRateValues", "heartRateValueDescriptors"), 1),
    "intensity": (("moderateValue", "vigorousValue", "weeklyGoal"), 2),
}
_NO_DAYS = {"weeks": "sums of weeks", "quarters": "steps by quarter of an hour, never seen here"}
_ASK = "ask the program for days, or hand over the account export (garmin.com, account, Data Management)"


def identify(export: Export) -> bool:
    """Whether it begins like activities, heart rate or intensity minutes, or like an answer that is refused."""
    if not begins_like_json(export):
        return False
    of_account = re.search(r"summarizedactivities|(?:^|/)di-connect-", export.name.casefold())
    is_account = of_account is not None or b"summarizedActivitiesExport" in quoted(export)
    return not is_account and _answer(export) is not None


def _answer(export: Export) -> str | None:
    found = quoted(export)
    for answer, (members, least) in _ANSWERS.items():
        if sum(member.encode() in found for member in members) >= least:
            return answer
    return None


def extract(export: Export, context: Context) -> Extract:
    """Activities, heart rate or days. Raises Rejected."""
    answer = _answer(export)
    if answer in _NO_DAYS:
        raise Rejected("whole file", _NO_DAYS[answer], "steps by day", _ASK)
    if answer == "activities":
        return _sessions(export, context)
    return _beats(export, context) if answer == "heart_rate" else _days(export, context)


def _sessions(export: Export, context: Context) -> Extract:
    sessions = Sessions(context, "garmin_api", what="an activity", end="field duration", start="field startTimeGMT")
    fields = Fields(*_ACTIVITY, listed("garmin_account", "unused_activity") + listed("garmin_api", "unused_activity"))
    for place, record in objects(export, "activity"):
        activity = _flat(record, place)
        fields.add(activity)
        if len(sessions) == MOST_SESSIONS:
            raise bad(f"more than {MOST_SESSIONS:,} activities")
        with one_record() as one:
            start = one.on = _start(activity, place)
            timer = number(activity, "duration", place, 0, _WEEK)
            if timer is None:
                raise bad("nothing", f"{place}, field duration", "seconds")
            elapsed = number(activity, "elapsedDuration", place, 0, 10**9) or 0  # of some manual entries: rubbish
            local = _time(activity, "startTimeLocal", place)
            kind = _kind(activity, place)
            sessions.add(
                place,
                start,
                start + timedelta(milliseconds=round(1000 * (max(timer, elapsed) if elapsed <= _WEEK else timer))),
                name=kind,
                activity=activity_of("garmin_account", re.sub(r"_(v2|ws)$", "", kind.casefold())),
                offset=local - start if local else None,
                timer=timedelta(milliseconds=round(1000 * timer)),
                steps=integer(activity, "steps", place, 0, MOST_STEPS) or None,
                by_hand=activity.get("manualActivity") is True,
                key=activity.get("activityId") if isinstance(activity.get("activityId"), int) else None,
            )
    return sessions.extract(fields.notes())


def _flat(record: dict[str, Any], place: str) -> dict[str, Any]:
    """The members of an activity, which its details have a level deeper."""
    if "duration" in record or "activityType" in record:
        return record
    summary, kind = record.get("summaryDTO"), record.get("activityTypeDTO")
    for key, value in {"summaryDTO": summary, "activityTypeDTO": kind}.items():
        if not isinstance(value, dict):
            raise bad("nothing", f"{place}, field {key}", "the details of an activity")
    return {**summary, "activityType": kind, "activityId": record.get("activityId")}  # type: ignore[dict-item]


def _kind(activity: dict[str, Any], place: str) -> str:
    kind = activity.get("activityType")
    key = kind.get("typeKey") if isinstance(kind, dict) else None
    if not isinstance(key, str):
        raise bad("nothing", f"{place}, field activityType.typeKey", "what kind of activity it was")
    return key if re.fullmatch(r"[A-Za-z0-9_]{1,60}", key) else ""


def _start(activity: dict[str, Any], place: str) -> datetime:
    if start := _time(activity, "startTimeGMT", place):
        return start
    milliseconds = number(activity, "beginTimestamp", place, 0, 10**13)
    if milliseconds is None:
        raise bad("nothing", f"{place}, field startTimeGMT", "when it began")
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def _time(record: dict[str, Any], key: str, place: str) -> datetime | None:
    """2026-03-09, 2026-03-09 07:30:00 or 2026-03-09T07:30:00.0, as if it were UTC; None where there is none."""
    value = record.get(key)
    try:
        if value is None:
            return None
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(\.\d+)?)?", value):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise bad("something else", f"{place}, field {key}", "a time like 2026-03-09 07:30:00, or a date")


def _beats(export: Export, context: Context) -> Extract:
    beats: list[tuple[int, timedelta | None]] = []  # milliseconds since 1970, and the distance from UTC
    known = ("startTimestampGMT", "startTimestampLocal")
    fields = Fields(("heartRateValues",), known, listed("garmin_api", "unused_day"))
    for place, record in objects(export, "day"):
        fields.add(record)
        gmt, local = (_time(record, key, place) for key in known)
        where = f"{place}, field heartRateValues"
        for pair in record.get("heartRateValues") or []:
            if not isinstance(pair, list) or len(pair) != 2:
                raise bad("something else", where, "pairs of a time and a rate")
            named = dict(zip(("time", "rate"), pair, strict=True))
            at, rate = integer(named, "time", where, 0, 10**13), number(named, "rate", where, -2, 1000)
            if at is not None and rate is not None and rate > 0:
                beats.append((at, local - gmt if local and gmt else None))
    rows = pl.DataFrame(beats, {"start_time": pl.Int64, "offset": pl.Duration("ms")}, orient="row")
    times = pl.from_epoch("start_time", "ms").dt.truncate("1m").dt.replace_time_zone("UTC").cast(INSTANT)
    rows = rows.with_columns(times).unique("start_time").sort("start_time")
    dates, tz_source = local_dates(rows["start_time"], rows["offset"], context.zones)
    rows = minutes(
        rows.with_columns(local_date=dates, value=1), context.zones, source="garmin_api", metric="heart_rate"
    )
    return Extract(minutes=rows, tz_source=tz_source, notes=fields.notes(), export="report")


def _days(export: Export, context: Context) -> Extract:
    days: dict[date, dict[str, Any]] = {}
    fields = Fields(("calendarDate", "moderateValue", "vigorousValue"), (), listed("garmin_api", "unused_day"))
    for place, record in objects(export, "day"):
        fields.add(record)
        with one_record() as one:
            at = one.on = _time(record, "calendarDate", place)
            if at is None:
                raise bad("nothing", f"{place}, field calendarDate", "a date")
            moderate, vigorous = (
                integer(record, f"{level}Value", place, 0, 7 * DAY_MS // _MINUTE) for level in ("moderate", "vigorous")
            )
            days[at.date()] = {
                "local_date": at.date(),
                "moderate_ms": None if moderate is None else moderate * _MINUTE,
                "vigorous_ms": None if vigorous is None else vigorous * _MINUTE,
                "mvpa_ms": None if moderate is None or vigorous is None else (moderate + vigorous) * _MINUTE,
            }
    notes = fields.notes()
    if _are_weeks(sorted(days)):
        raise Rejected("whole file", "intensity minutes of weeks, or of a Monday alone", "those of days", _ASK)
    frame = totals(list(days.values()), "garmin_account")
    return Extract(daily_totals=frame, tz_source=context.zones.source, notes=notes, export="report")


def _are_weeks(days: list[date]) -> bool:
    """Whether all dates lie weeks apart. One date alone may be that of a week where it is a Monday."""
    if len(days) == 1:
        return days[0].weekday() == 0
    return len(days) > 1 and all((after - before).days % 7 == 0 for before, after in pairwise(days))


def companion(export: Export) -> str | None:
    """Why another file of GarminDB's folder holds nothing for us."""
    other = r"(?:^|/)healthdata/.*/(?:sleep|rhr|weight|hydration|hrv|personal-|social-|user-settings)[^/]*\.json$"
    return "a figure of Garmin that is not needed here" if re.search(other, export.name.casefold()) else None
