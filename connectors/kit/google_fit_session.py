"""A session of a Google Takeout's `Fit/All Sessions`: one recorded or detected activity, a JSON file each."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from connectors import Context
from connectors.kit.csv import AGAIN
from connectors.kit.export import Export
from connectors.kit.json import elements, quoted
from connectors.kit.sessions import Sessions
from connectors.kit.words import activity_of
from models.activity import MOST_STEPS, Extract
from models.fault import Rejected

_NOT_ACTIVITIES = ("sleep", "still", "in_vehicle", "unknown", "tilting", "door")
_ACTIVITY = re.compile(rb'"fitnessActivity"\s*:\s*"([\w.]{1,60})"')


def activity_in(export: Export) -> str | None:
    """The activity of a session file; None where it is none, or sleep, or a ride in a car."""
    head = export.head
    if not head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return None
    found = _ACTIVITY.search(head)
    keys = quoted(export) & {b"startTime", b"endTime", b"fitnessActivity"}
    if len(keys) < 2 or not (found or re.search(rb'"metricName"\s*:\s*"com\.google\.', head)):
        return None
    activity = found[1].decode() if found else "other"
    return None if activity.split(".")[0] in _NOT_ACTIVITIES else activity


def is_no_activity(export: Export) -> bool:
    """Whether it is a session of something else: sleep, or a ride in a car."""
    found = _ACTIVITY.search(export.head)
    return found is not None and found[1].decode().split(".")[0] in _NOT_ACTIVITIES


def extract(export: Export, context: Context) -> Extract:
    """The session. Raises Rejected."""
    if export.size > 64_000_000:
        raise Rejected("whole file", "a session of over 64 MB", "one activity", AGAIN)
    try:
        (session,) = elements(export)
        activity = session["fitnessActivity"]
        if not isinstance(activity, str):
            raise TypeError("an activity that is no word")
        start, end = _instant(session["startTime"]), _instant(session["endTime"])
        duration = session.get("duration")
        timer = timedelta(seconds=float(duration.removesuffix("s"))) if duration else end - start
        running = _running(session.get("segment") or [], activity)
        counts = {a["metricName"]: a.get("intValue") for a in session.get("aggregate") or []}
        steps = int(counts["com.google.step_count.delta"]) if counts.get("com.google.step_count.delta") else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        where = f"field {error.args[0]}" if isinstance(error, KeyError) else "whole file"
        raise Rejected(where, "a session that cannot be read", "a Google Fit session", AGAIN) from None
    if not start <= end <= start + timedelta(days=7):
        raise Rejected("field endTime", "an end before the start, or a week later", "a session", AGAIN)
    if steps is not None and not 0 <= steps <= MOST_STEPS:
        raise Rejected("field step_count", "another number", f"0 to {MOST_STEPS}", AGAIN, str(steps))
    timer = min(max(timer, timedelta(0)), end - start)
    ran = sum((b - a for a, b in running), timedelta(0))
    sessions = Sessions(context, "google_fit")
    sessions.add(
        "whole file",
        start,
        end,
        activity=activity_of("google_fit", activity, activity.split(".")[0]),
        name=activity,
        offset=_offset(export.basename),
        timer=timer,
        steps=steps,
        running=running if abs(ran - timer) < timedelta(seconds=1) else None,
    )
    return sessions.extract([])


def _instant(stamp: str) -> datetime:
    time = datetime.fromisoformat(stamp)
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return time.astimezone(UTC)


def _running(segments: list[dict], activity: str) -> list[tuple[datetime, datetime]]:
    """When the activity went on, from its segments; touching ones are one."""
    merged: list[tuple[datetime, datetime]] = []
    spans = [
        (_instant(s["startTime"]), _instant(s["endTime"])) for s in segments if s.get("fitnessActivity") == activity
    ]
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _offset(name: str) -> timedelta | None:
    """The distance from UTC, which only the file's name tells: 2025-01-29T20_23_54.103+05_30_WALKING.json."""
    found = re.search(r"T\d\d_\d\d(?:_\d\d)?(?:\.\d+)?([+-])(\d\d)[_:](\d\d)_", name)
    if not found:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -size if found[1] == "-" else size
