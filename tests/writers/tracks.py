"""Writes activity files as sports apps export them one by one: TCX and GPX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

Lap = tuple[datetime | None, float]  # begins, seconds of the timer

_TCX = 'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"'
_GPX = 'version="1.1" xmlns="http://www.topografix.com/GPX/1/1"'


def activity(sport: str, laps: Sequence[Lap], last: datetime | None = None, begins: str | None = None) -> str:
    """One activity of a TCX. `last`: the time of its last point; `begins`: its Id, where that is not the first lap."""
    parts = [f'<Activity Sport="{sport}">']
    if begins or laps[0][0]:
        parts.append(f"<Id>{begins or _stamp(laps[0][0])}</Id>")
    for number, (start, seconds) in enumerate(laps, 1):
        opened = f'<Lap StartTime="{_stamp(start)}">' if start else "<Lap>"
        parts.append(f"{opened}<TotalTimeSeconds>{seconds}</TotalTimeSeconds><Intensity>Active</Intensity>")
        if last and number == len(laps):
            place = "<Position><LatitudeDegrees>47.1</LatitudeDegrees></Position>"
            points = "".join(
                f"<Trackpoint><Time>{_stamp(at)}</Time>{place}<HeartRateBpm><Value>88</Value></HeartRateBpm></Trackpoint>"
                for at in (start or last, last)
            )
            parts.append(f"<Track>{points}</Track>")
        parts.append("</Lap>")
    parts.append(
        "<Notes>secret note</Notes><Creator><Name>Watch</Name><UnitId>3999999999</UnitId></Creator></Activity>"
    )
    return "".join(parts)


def tcx(*activities: str) -> bytes:
    inside = "".join(activities)
    return f'<?xml version="1.0"?>\n<TrainingCenterDatabase {_TCX}><Activities>{inside}</Activities></TrainingCenterDatabase>'.encode()  # fmt: skip # noqa: E501


def gpx(stretches: Sequence[Sequence[datetime]], kind: str | None = None) -> bytes:
    """A track of stretches, each of the times of its points."""
    segments = "".join(
        "<trkseg>"
        + "".join(f'<trkpt lat="47.1" lon="8.5"><ele>400</ele><time>{_stamp(at)}</time></trkpt>' for at in times)
        + "</trkseg>"
        for times in stretches
    )
    named = f"<type>{kind}</type>" if kind is not None else ""
    return f'<?xml version="1.0"?>\n<gpx {_GPX} creator="app"><trk><name>secret title</name>{named}{segments}</trk></gpx>'.encode()  # fmt: skip # noqa: E501


def _stamp(at: datetime | None) -> str:
    assert at is not None
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


_START = datetime(2026, 3, 9, 14, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def _sample_tcx() -> dict[str, bytes]:
    walk = activity("Walking", [(_START, 600), (_START + 15 * _MINUTE, 300)], last=_START + 20 * _MINUTE)
    other = activity("Other", [(_START + timedelta(days=1), 1865.5)])
    return {"activity_1.tcx": tcx(walk, other)}


def _sample_gpx() -> dict[str, bytes]:
    two = [[_START, _START + 20 * _MINUTE], [_START + 30 * _MINUTE, _START + 45 * _MINUTE]]
    return {"track_1.gpx": gpx(two, "walking")}


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"tcx": _sample_tcx, "gpx": _sample_gpx}
