"""GPX files: the track of one recorded activity.

Called: a file ending in .gpx, often packed as .gpx.gz. Where: nearly every sports app, Export to GPX; Strava's archive,
`activities/`. Cannot tell: days, steps; when the watch was paused, unless the track is cut there; often the kind of
activity (Strava writes a number or nothing).

A track is the weakest witness: a session is taken from it only where no other file says what was done then
(R5.10). Its minutes are those between the first and last time of each stretch; where no point was
written for over an hour, nobody knows that it ran, and a stretch ends there. Only `type` and the times are read: a
title is free text, and positions never reach the parser.
"""

from __future__ import annotations

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
SOURCES = {"gpx": "unknown"}
METRICS = by_method(session="walking exercise movement workout")

_SKIP = rb"""\s(?:lat|lon)=(?:"[^"]*"|'[^']*')|<(\w+:)?extensions>.*?</(\w+:)?extensions>|<ele>[^<]*</ele>"""
_AGAIN = "export the activity again, or write it into the diary"
_LONGEST_GAP = timedelta(hours=1)


@dataclass
class _Track:
    kind: str = ""
    stretches: list[tuple[datetime, datetime]] = field(default_factory=list)  # first and last time of each
    is_cut: bool = True  # the next point begins a stretch

    def reaches(self, at: datetime) -> None:
        """A point: of the stretch before it, or of a new one."""
        if not self.is_cut:
            first, last = self.stretches[-1]
            if first - _LONGEST_GAP <= at <= last + _LONGEST_GAP:
                self.stretches[-1] = min(first, at), max(last, at)
                return
        self.stretches.append((at, at))
        self.is_cut = False


def identify(export: Export) -> bool:
    """Files of that root, but for the routes of an Apple export: its workouts say more."""
    return root_at(export.head, "gpx") >= 0 and b"Apple Health Export" not in export.head[:2000]


def extract(export: Export, context: Context) -> Extract:
    """One session a track that has times. Raises Rejected for a damaged file and for a time that cannot be read."""
    tracks: list[_Track] = []

    def opened(path: tuple[str, ...], _attributes: dict[str, str]) -> None:
        if path == ("trk",):
            tracks.append(_Track())
        elif path == ("trk", "trkseg"):
            tracks[-1].is_cut = True

    def leaf(path: tuple[str, ...], text: str) -> None:
        if path == ("trk", "type"):
            tracks[-1].kind = text
        elif path == ("trk", "trkseg", "trkpt", "time"):
            tracks[-1].reaches(_time(text))

    leaves(export, "gpx", opened, leaf, _SKIP)
    sessions = Sessions(context, "gpx", what="a track", end="last time", start="first time", typed=True)
    for number, track in enumerate(tracks, 1):
        _add(sessions, f"track {number}", track)
    return sessions.extract([] if len(sessions) else ["a route or a track without times: nothing says when"])


def _add(sessions: Sessions, place: str, track: _Track) -> None:
    stretches = sorted((first, last) for first, last in track.stretches if first < last)
    if not stretches:
        return
    timer = sum((end - start for start, end in stretches), timedelta(0))
    start, end = stretches[0][0], max(end for _, end in stretches)
    sessions.add(place, start, end, name=track.kind, timer=timer, running=stretches, key=(start, end, timer))


def _time(text: str) -> datetime:
    if (time := stamp(text)) is None:
        raise Rejected("time", "something else", "a time like 2026-03-09T07:30:00Z", _AGAIN)
    return time.astimezone(UTC)
