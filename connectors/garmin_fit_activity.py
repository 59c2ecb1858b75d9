"""FIT activity files: a recorded walk, run, class or workout, from a Garmin device or one of any other make.

Called: a file ending in .fit (or _ACTIVITY.fit) whose file_id says "activity"; downloads come zipped.
Where: connect.garmin.com, an activity, the gear wheel, Export File. Or all at once from garmin.com/account, Export Your
Data, where they lie in DI_CONNECT/DI-Connect-Uploaded-Files. Or on the watch itself, in GARMIN/Activity. COROS, Suunto,
Wahoo, Zwift and Strava call the same "export FIT" or "export original".
Cannot tell: anything outside recorded activities (the daily counters are in the monitoring files); massage and tai
chi, for which FIT has no code; which dance or class it was; entries typed into Garmin Connect, which have no file.

Minutes are those of the running timer (total_timer_time), never the elapsed time, which counts pauses of hours or
weeks. Steps are 2 x total_cycles, and only for walking, running and hiking: there a cycle is a stride of two steps;
elsewhere it is a crank turn, a stroke or a repetition. Positions, laps, names and the user's profile are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from connectors import Context
from connectors.kit import fit, fit_words
from connectors.kit.export import Export
from connectors.kit.fit_types import types
from connectors.kit.many import one_of, sessions_of_each
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.words import by_language
from models.activity import MOST_STEPS, Extract, Extracts, session_row
from models.clock import Clock
from models.fault import Rejected

VERSION = 1
EXPORT = "selection"  # one activity, or those that somebody picked
LOOKS_FOR = ("FIT",)
SOURCES = fit_words.SOURCES
METRICS = by_method(session=f"walking exercise movement {SPORT}")

_SESSION, _EVENT, _WRITTEN = 18, 21, 34  # the message called "activity" says when, and the local time
WANTED = {_SESSION: (253, 2, 5, 6, 7, 8, 10), _EVENT: (253, 0, 1), _WRITTEN: (253, 5)}
_TIMER, _START, _STOPS = 0, 0, (1, 4, 8, 9)  # event; event types: stop, stop_all, stop_disable, stop_disable_all
_TRANSITION, _CONTAINERS = 3, (18, 254)  # changing shoes; all of a multisport, beside its legs
_STRIDES = (1, 11, 17)  # running, walking, hiking


def _profile(table: str) -> dict[str, Any]:
    """What FIT's numbers mean, by their digits (connectors/words/fit.toml)."""
    return by_language("fit")[""][table]


def identify(export: Export) -> bool:
    """FIT files that say they are activities, or are too damaged to say what they are: `extract` then says why not."""
    found = types(export)
    return bool(found) and not fit_words.is_monitoring(found) and companion(export) is None


def companion(export: Export) -> str | None:
    """Why an undamaged FIT file of another kind holds nothing for us."""
    return export.once(_companion)


def _companion(export: Export) -> str | None:
    why = _holds_no_movement(types(export))
    return why if why and fit.is_whole(export) else None


@cache
def _holds_no_movement(kinds: tuple[int | None, ...]) -> str | None:
    names = _profile("no_movement")
    if not kinds or any(str(kind) not in names for kind in kinds):
        return None
    return f"FIT {' and '.join(names[str(kind)] for kind in kinds)} file: holds no movement"


def extract(export: Export, context: Context) -> Extract:
    """One row per session, of every activity in the chain. The other files of a chain (settings) are left alone.

    Raises Rejected for a damaged file, one without dates, one without a session or with a session without a timer.
    """
    return one_of(extract_all, export, context)


def extract_all(exports: Sequence[Export], context: Context) -> Extracts:
    """The same of many files."""
    return sessions_of_each(_read, exports, context)


def _read(export: Export, context: Context) -> tuple[Extract, list[dict]]:
    """What one file says of itself, and its sessions."""
    parts = fit.read(export, WANTED)
    kinds = [part.file_id.integer(0) for part in parts]
    # Swims with a chest strap have its heart rates chained behind them, in parts without a file_id.
    activities = [
        part
        for part, kind in zip(parts, kinds, strict=True)
        if kind == fit_words.ACTIVITY or (kind is None and (part is parts[0] or part.of(_SESSION)))
    ]
    if not activities:
        found = ", ".join(f"type {kind}" for kind in kinds)
        raise Rejected("FIT file_id", found, "4 (activity) or 32 (monitoring)", "ask for a reader for this kind")
    rows, notes, clocks = [], fit.remarks(parts[-1].behind), []
    for part in activities:
        sessions = _sessions(part)
        clock = _clock(part, sessions, context)
        clocks.append(clock)
        timed = [session for session in sessions if session.integer(8) != 0]
        if len(timed) < len(sessions):
            notes.append(f"sessions whose timer never ran, left out: {len(sessions) - len(timed)}")
        rows += [_row(session, part, clock, context) for session in timed]
    source = next((clock.source for clock in clocks if clock is not context.zones), context.zones.source)
    if any(kind in fit_words.MONITORING for kind in kinds):
        notes.append("the monitoring file chained to the activity is not read")
    return Extract(tz_source=source, notes=notes), rows


def _sessions(part: fit.FitPart) -> list[fit.Message]:
    """The sessions that are movement: no transitions, and no container beside the legs it contains."""
    sessions = part.of(_SESSION)
    if not sessions:
        raise Rejected(
            "FIT session",
            "no session message: the recording was not finished",
            "at least one session",
            "sync the device again; if it stays so, write the activity into the diary",
        )
    moving = [session for session in sessions if session.integer(5) != _TRANSITION]
    return [session for session in moving if session.integer(5) not in _CONTAINERS] or moving


def _clock(part: fit.FitPart, sessions: list[fit.Message], context: Context) -> Clock:
    """The file's own distance from UTC, if it has a possible one, against where the person was.

    The pair of times is written when the recording ends, so the log may agree with it there and, if the clocks
    changed in between, no longer at the start. Either is agreement.
    """
    written = next((m for m in reversed(part.of(_WRITTEN)) if 5 in m.fields), None)
    if written is None or not sessions:
        return context.zones
    offset = fit_words.local_offset(written.integer(253), written.integer(5))
    if offset is None:
        return context.zones
    at = written.instant(253)
    if at is not None and context.zones.offset_at(at) == offset:
        return context.zones
    return context.zones.trusting(offset, at=_span(sessions[0], timedelta(0))[0])


def _row(session: fit.Message, part: fit.FitPart, clock: Clock, context: Context) -> dict:
    timer = session.integer(8)
    if timer is None:
        raise Rejected(
            "FIT session, total_timer_time",
            "no timer",
            "the time the timer ran",
            "elapsed time would count pauses: write the activity into the diary",
        )
    ran = timedelta(milliseconds=timer)
    start, end = _span(session, ran)
    sport, sub = session.integer(5), session.integer(6)
    named = [
        *_profile("sub_sports").get(str(sub or 0), [])[1:],
        *_profile("sports").get(str(sport or 0), [])[1:],
        "other",
    ]
    cycles = session.integer(10, MOST_STEPS // 2) if sport in _STRIDES else None
    source, device = fit_words.who(part.file_id, context)
    return session_row(
        clock,
        source=source,
        device=device,
        activity=named[0],
        vendor_activity=_vendor_activity(sport, sub),
        start=start,
        end=end,
        timer=ran,
        steps=2 * cycles if cycles else None,  # 0 strides in a complete walk: nothing counted them
        running=_running(part.of(_EVENT), start, end, ran),
    )


def _span(session: fit.Message, ran: timedelta) -> tuple[datetime, datetime]:
    """Start and end. The end is start + elapsed: a session's own timestamp is when it was written, maybe much later."""
    length = max(ran, timedelta(milliseconds=session.integer(7) or 0))
    start, written = session.instant(2), session.instant(253)
    if start is None and written is not None:
        start = written - length
    if start is None:
        raise Rejected("FIT session, start_time", "no time", "a date and time", "write the activity into the diary")
    return start, start + length


def _vendor_activity(sport: int | None, sub: int | None) -> str | None:
    """What the file says, to be read by a person: "training(10)/yoga(43)"; "sport 199" where FIT has no name."""
    if sport is None and not sub:
        return None
    sports, sub_sports = _profile("sports"), _profile("sub_sports")
    named = f"{sports[str(sport)][0]}({sport})" if str(sport) in sports else f"sport {sport}"
    if not sub:
        return named
    return f"{named}/{sub_sports[str(sub)][0]}({sub})" if str(sub) in sub_sports else f"{named}/sub_sport {sub}"


def _running(
    events: list[fit.Message], start: datetime, end: datetime, ran: timedelta
) -> list[tuple[datetime, datetime]] | None:
    """When the timer ran inside [start, end), by its start and stop events; None where they do not add up to `ran`.

    Events are in seconds, the timer in milliseconds: up to a second each way per stretch is forgiven (2 at
    least), and the remainder goes to the end of the last stretch, so that the stretches add up exactly.
    """
    stretches, since = [], None
    for event in events:
        kind = event.integer(1)
        at = event.instant(253) if event.integer(0) == _TIMER and kind in (_START, *_STOPS) else None
        if at is None:
            continue
        if kind == _START:
            since = since or at
        elif since:
            stretches.append((since, at))
            since = None
    if since:
        stretches.append((since, end))
    inside = [(max(a, start), min(b, end)) for a, b in stretches]
    inside = [(a, b) for a, b in inside if a < b]
    missing = ran - sum((b - a for a, b in inside), timedelta(0))
    if not inside or abs(missing) > timedelta(seconds=max(2, len(inside))) or inside[-1][1] + missing <= inside[-1][0]:
        return None
    return [*inside[:-1], (inside[-1][0], inside[-1][1] + missing)]
