"""TCX files: recorded activities, each by itself or several in one.

Called: a file ending in .tcx, often packed as .tcx.gz. Where: Garmin Connect, an activity, the gear wheel, Export to
TCX; Polar Flow, a training session, Export session; Fitbit, an exercise, Export as TCX; in Strava's archive, in the
folder `activities`. Cannot tell: days, steps; yoga, dance, strength or a walk on most devices: the format knows
Running, Biking and Other, and few apps write another word.

Minutes are those of the timer, the sum over the laps; resting laps are part of it. In a Takeout of Google Fit the
session beside it, a JSON, is read instead: the TCX begins minutes too early. Positions, notes and serial numbers are
not read.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors import Context
from connectors.kit.export import Export
from connectors.kit.metrics import by_method
from connectors.kit.offsets import stamp
from connectors.kit.sessions import Sessions
from connectors.kit.xml import leaves, root_at
from models.activity import Extract
from models.fault import Rejected

VERSION = 2
EXPORT = "selection"
LOOKS_FOR = ("XML",)
SOURCES = {"tcx": "unknown"}
METRICS = by_method(session="walking exercise movement workout")

_ROOT = "TrainingCenterDatabase"
_SKIP = rb"<(?:\w+:)?(Position|Extensions|HeartRateBpm|Notes|Creator|Training)(?:\s[^>]*)?(?<!/)>.*?</(?:\w+:)?\1\s*>"
_OF_GOOGLE_FIT = re.compile(r"(?i)(^|/)fit/.*[.]tcx$")
_AGAIN = "export the activity again, or write it into the diary"


@dataclass
class _Lap:
    start: datetime | None = None
    ran: timedelta = timedelta(0)


@dataclass
class _Activity:
    sport: str
    offset: timedelta | None = None
    begins: datetime | None = None
    first: datetime | None = None  # of its points
    last: datetime | None = None
    laps: list[_Lap] = field(default_factory=list)


def identify(export: Export) -> bool:
    """Files of that root, but for what stands beside its own JSON in Google's Takeout."""
    return root_at(export.head, _ROOT) >= 0 and not _OF_GOOGLE_FIT.search(export.name)


def extract(export: Export, context: Context) -> Extract:
    """One session an activity. Raises Rejected for a damaged file and for a time that cannot be read."""
    activities: list[_Activity] = []
    is_planned = False

    def opened(path: tuple[str, ...], attributes: dict[str, str]) -> None:
        nonlocal is_planned
        is_planned |= path[:1] == ("Courses",)
        if path == ("Activities", "Activity"):
            activities.append(_Activity(attributes.get("Sport", "")))
        elif path == ("Activities", "Activity", "Lap"):
            start = attributes.get("StartTime")
            activities[-1].laps.append(_Lap(_time(start, "StartTime") if start else None))

    def leaf(path: tuple[str, ...], text: str) -> None:
        if path[:2] == ("Activities", "Activity") and text:
            _take(activities[-1], path[2:], text)

    leaves(export, _ROOT, opened, leaf, _SKIP)
    sessions = Sessions(context, "tcx", what="an activity", end="last time", start="Id", typed=True)
    for number, activity in enumerate(activities, 1):
        _add(sessions, f"activity {number}", activity)
    nothing = "a planned course, no activity: nothing in it was done" if is_planned else "no activity in it"
    return sessions.extract([] if activities else [nothing])


def _take(activity: _Activity, path: tuple[str, ...], text: str) -> None:
    if path == ("Id",):
        activity.begins = _time(text, "Id")
        activity.offset = activity.begins.utcoffset() if not text.endswith("Z") else None
    elif path == ("Lap", "TotalTimeSeconds"):
        activity.laps[-1].ran = _seconds(text)
    elif path == ("Lap", "Track", "Trackpoint", "Time"):
        at = _time(text, "Time")
        activity.first = activity.first or at
        activity.last = max(activity.last or at, at)


def _add(sessions: Sessions, place: str, activity: _Activity) -> None:
    starts = [lap.start for lap in activity.laps if lap.start]
    begins = activity.begins or next(iter(starts), activity.first)
    if begins is None:
        raise Rejected(place, "no time", "when it began", _AGAIN)
    start = min([begins, *starts])
    timer = sum((lap.ran for lap in activity.laps), timedelta(0))
    known = [(lap.start, lap.start + lap.ran) for lap in activity.laps if lap.start]
    end = max([activity.last or start, start + timer, *(end for _, end in known)])
    running = _apart(known) if len(known) == len(activity.laps) else None
    sessions.add(
        place, start.astimezone(UTC), end.astimezone(UTC), name=activity.sport, timer=timer,
        offset=activity.offset, running=running, key=(begins, timer),
    )  # fmt: skip


def _apart(laps: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]] | None:
    """When the timer ran, by its laps; None where they lie over each other by more than a second."""
    laps = sorted((a.astimezone(UTC), b.astimezone(UTC)) for a, b in laps if a < b)
    apart = all(b <= a + timedelta(seconds=1) for (_, b), (a, _) in itertools.pairwise(laps))
    return laps if apart else None


def _time(text: str, name: str) -> datetime:
    if (time := stamp(text)) is None:
        raise Rejected(name, "something else", "a time like 2026-03-09T07:30:00Z", _AGAIN)
    return time


def _seconds(text: str) -> timedelta:
    if not re.fullmatch(r"\d{1,6}(\.\d*)?", text):
        raise Rejected("TotalTimeSeconds", "something else", "seconds from 0 to a week", _AGAIN)
    return timedelta(milliseconds=int(float(text) * 1000))
