"""Garmin: the JSON files of an account export.

What it is called: the .zip that Garmin sends by mail, `DI_CONNECT/DI-Connect-Aggregator/UDSFile_<from>_<to>.json` (one
object a day) and `DI_CONNECT/DI-Connect-Fitness/<e-mail>_0_summarizedActivities.json` (a thousand activities each). The
FIT files of the same zip are read by the FIT readers; they come from the same watch and are the more direct way.

Where to find it: garmin.com, account, Data Management, Export Your Data; the mail comes after some days.

What it cannot tell: minutes; walking apart from other movement (`activeSeconds` is any activity); which watch counted;
when inside an activity its pauses were. Days before the watch hold calories only and are left out.

How sure: B; keys as three readers of real exports name them. The moderate and vigorous minutes of the days are minutes
on the clock: vigorous ones are not counted twice here. E-mail addresses, titles and positions are never read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors import Context
from connectors.kit.export import Export
from connectors.kit.json import (
    AGAIN,
    Fields,
    bad,
    begins_like_json,
    elements,
    integer,
    members,
    number,
    objects,
    quoted,
)
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import totals
from connectors.kit.sessions import Sessions
from connectors.kit.words import activity_of, listed
from models.activity import DATE_MS, DAY_MS, MOST_SESSIONS, MOST_STEPS, Extract
from models.fault import Impossible, Rejected
from models.set_aside import one_record

VERSION = 4
EXPORT = "archive"
LOOKS_FOR = ("JSON list", "JSON object", "/connect")
SOURCES = {"garmin_account": "wrist"}
METRICS = by_method(device="steps moderate vigorous mvpa", session=f"walking {SPORT}")

# Fields of a day and of an activity: needed, read where they are; those that are not read are in connectors/words.
_DAY = (
    ("calendarDate",),
    ("totalSteps", "includesWellnessData", "moderateIntensityMinutes", "vigorousIntensityMinutes",
     "durationInMilliseconds"),
)  # fmt: skip
_ACTIVITY = (
    ("duration",),
    ("activityType", "activityId", "startTimeGmt", "beginTimestamp", "startTimeLocal", "elapsedDuration", "steps",
     "manualActivity"),
)  # fmt: skip
_ACTIVITIES_KEY = b"summarizedActivitiesExport"
_DAY_KEYS = {b"totalSteps", b"includesWellnessData", b"dailyStepGoal", b"wellnessTotalKilocalories"}
_MINUTE = 60_000
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def identify(export: Export) -> bool:
    """Whether it begins like a list of activities or of days."""
    named = "summarizedactivities" in export.basename.casefold() and b"activityId" in quoted(export)
    return begins_like_json(export) and (_ACTIVITIES_KEY in quoted(export) or named or _is_days(export))


def _is_days(export: Export) -> bool:
    found = quoted(export)
    named = export.basename.casefold().startswith("udsfile")
    others = found & {_ACTIVITIES_KEY, b"values"}  # garmin_api refuses weeks, which have values
    return bool(found & _DAY_KEYS) and not others and (b"calendarDate" in found or named)


def extract(export: Export, context: Context) -> Extract:
    """Days, or activities. Raises Rejected."""
    return _days(export, context) if _is_days(export) else _sessions(export, context)


def _days(export: Export, context: Context) -> Extract:
    """Each day once; of two rows of one date the one with more steps, the other being an earlier state of it."""
    days: dict[date, dict[str, Any]] = {}
    partial, is_full = 0, False
    fields = Fields(*_DAY, listed("garmin_account", "unused_day"))
    for place, record in objects(export, "day"):
        fields.add(record)
        with one_record() as one:
            one.on = _date_or_none(record)
            steps = integer(record, "totalSteps", place, 0, MOST_STEPS)
            if record.get("includesWellnessData") is False or (
                steps is None and not record.get("includesWellnessData")
            ):
                continue
            day = _date(record.get("calendarDate"), place)
            moderate, vigorous = (
                integer(record, f"{level}IntensityMinutes", place, 0, 2 * DAY_MS // _MINUTE)
                for level in ("moderate", "vigorous")
            )
            lasted = number(record, "durationInMilliseconds", place, 0, DATE_MS)
            begins, ends = context.zones.day_bounds(day)
            is_full = lasted is not None and timedelta(milliseconds=lasted) >= ends - begins - timedelta(minutes=1)
            partial += lasted is not None and not is_full
            row = {
                "local_date": day,
                "steps": steps,
                "moderate_ms": None if moderate is None else moderate * _MINUTE,
                "vigorous_ms": None if vigorous is None else vigorous * _MINUTE,
                "mvpa_ms": None if moderate is None or vigorous is None else (moderate + vigorous) * _MINUTE,
            }
            if day not in days or (days[day]["steps"] or 0) < (steps or 0):
                days[day] = row
    remarks = fields.notes()
    if days and all(row["steps"] is None for row in days.values()):
        raise bad("no day that has it", "field totalSteps", "the steps of each day")
    notes = remarks + ([f"{partial} days that are not whole"] if partial else [])
    notes += [] if days else ["no day of a watch in it"]
    frame = totals(list(days.values()), "garmin_account")
    is_over = len(days) == 1 and is_full  # a file a day (GarminDB): no other day of it says that this one was over
    return Extract(daily_totals=frame, tz_source=context.zones.source, notes=notes, days_are_over=is_over)


def _date(value: Any, place: str) -> date:
    """2026-03-09; in exports of some years {"date": "Mar 09, 2019 12:00:00 AM"}."""
    text = value.get("date") if isinstance(value, dict) else value
    try:
        if found := re.fullmatch(r"([A-Z][a-z]{2}) (\d\d), (\d{4}) 12:00:00 AM", str(text)):
            return date(int(found[3]), _MONTHS.index(found[1]) + 1, int(found[2]))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", str(text)):
            return date.fromisoformat(str(text))
    except ValueError:
        pass
    raise bad("something else", f"{place}, field calendarDate", "a date like 2026-03-09")


def _date_or_none(record: dict[str, Any]) -> date | None:
    """The date of a day of which something else may be wrong."""
    try:
        return _date(record.get("calendarDate"), "")
    except Rejected:
        return None


def _activities(export: Export) -> Iterator[tuple[str, dict[str, Any]]]:
    n = 0
    for chunk in elements(export):
        if isinstance(chunk, dict) and "summarizedActivitiesExport" not in chunk:
            raise bad("nothing", "field summarizedActivitiesExport", "a list of activities")
        for activity in members(chunk, "summarizedActivitiesExport", "whole file"):
            n += 1
            yield f"activity {n}", activity


def _sessions(export: Export, context: Context) -> Extract:
    sessions, seen = Sessions(context, "garmin_account"), set()
    fields = Fields(*_ACTIVITY, listed("garmin_account", "unused_activity"))
    for place, activity in _activities(export):
        fields.add(activity)
        key = activity.get("activityId")
        if isinstance(key, int) and key in seen:
            continue
        seen.add(key if isinstance(key, int) else None)
        if len(sessions) == MOST_SESSIONS:
            raise bad(f"more than {MOST_SESSIONS:,} activities")
        with one_record() as one:
            start = _instant(activity, "startTimeGmt", place) or _instant(activity, "beginTimestamp", place)
            one.on = start
            timer = number(activity, "duration", place, 0, 7 * DAY_MS)
            if start is None or timer is None:
                missing = "duration" if start else "startTimeGmt"
                raise bad("nothing", f"{place}, field {missing}", "a start and a duration in milliseconds")
            elapsed = number(activity, "elapsedDuration", place, 0, 10**12) or 0  # of some manual entries: rubbish
            span = max(timer, elapsed) if elapsed <= 7 * DAY_MS else timer
            local = _instant(activity, "startTimeLocal", place)
            if "activityType" not in activity:
                raise bad("nothing", f"{place}, field activityType", "what kind of activity it was")
            kind = activity["activityType"]  # in some exports an object
            kind = kind.get("typeKey") if isinstance(kind, dict) else kind
            name = str(kind)[:60] if isinstance(kind, str) and re.fullmatch(r"[A-Za-z0-9_]+", kind) else None
            sessions.add(
                place,
                start,
                start + timedelta(milliseconds=round(span)),
                activity=activity_of("garmin_account", re.sub(r"_(v2|ws)$", "", (name or "").casefold())),
                name=name or "",
                offset=local - start if local else None,
                timer=timedelta(milliseconds=round(timer)),
                steps=integer(activity, "steps", place, 0, MOST_STEPS) or None,
                by_hand=activity.get("manualActivity") is True,
            )
    return sessions.extract(fields.notes())


def _instant(activity: dict[str, Any], key: str, place: str) -> datetime | None:
    milliseconds = number(activity, key, place, 0, 10**14)
    try:
        return None if milliseconds is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        found = "a time beyond all years"
        raise Impossible(f"{place}, field {key}", found, "milliseconds since 1970", AGAIN) from None


# Folders of such an account. What lies in another one is a family that nobody has looked at yet.
_FAMILIES = (
    "aggregator", "device", "fitness", "fitness-uploaded-files", "golf", "insights", "marine", "metrics", "nutrition",
    "privacy", "social", "uploaded-files", "user", "wellness",
)  # fmt: skip


def companion(export: Export) -> str | None:
    """Why a file of a Garmin account export holds nothing for us; None where that is not known."""
    path = export.name.casefold()
    family = re.search(r"(?:^|/)di-connect-([a-z-]+)/", path)
    if not family or family[1] not in _FAMILIES:
        return None
    if path.endswith(".json") and not re.search(r"udsfile_|summarizedactivities", path):
        return "a family of the Garmin account that is not needed here"
    return "a file of the Garmin account without steps or sessions" if path.endswith((".csv", ".txt", ".xml")) else None
