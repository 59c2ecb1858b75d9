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

from datetime import datetime, timedelta

import polars as pl

from connectors import Context
from connectors.kit import fit, fit_words
from connectors.kit.export import Export
from connectors.kit.metrics import SPORT, by_method
from models.activity import MOST_STEPS, SESSIONS, Extract, session_row
from models.clock import Clock
from models.fault import Rejected

VERSION = 1
EXPORT = "selection"  # one activity, or those that somebody picked
SOURCES = fit_words.SOURCES
METRICS = by_method(session=f"walking exercise movement {SPORT}")

_SESSION, _EVENT, _WRITTEN = 18, 21, 34  # the message called "activity" says when, and the local time
_WANTED = {_SESSION: (253, 2, 5, 6, 7, 8, 10), _EVENT: (253, 0, 1), _WRITTEN: (253, 5)}
_TIMER, _START, _STOPS = 0, 0, (1, 4, 8, 9)  # event; event types: stop, stop_all, stop_disable, stop_disable_all
_TRANSITION, _CONTAINERS = 3, (18, 254)  # changing shoes; a multisport as a whole, beside its legs
_STRIDES = (1, 11, 17)  # running, walking, hiking

# FIT sport: its name in the profile, and ours. Where a sub-sport below says more, that decides.
SPORTS = {
    0: ("generic", "other"), 1: ("running", "running"), 2: ("cycling", "cycling"), 3: ("transition", "other"),
    4: ("fitness_equipment", "aerobics"), 5: ("swimming", "swimming"), 6: ("basketball", "sport"),
    7: ("soccer", "sport"), 8: ("tennis", "sport"), 9: ("american_football", "sport"), 10: ("training", "other"),
    11: ("walking", "walking"), 12: ("cross_country_skiing", "sport"), 13: ("alpine_skiing", "sport"),
    14: ("snowboarding", "sport"), 15: ("rowing", "sport"), 16: ("mountaineering", "hiking"), 17: ("hiking", "hiking"),
    18: ("multisport", "sport"), 19: ("paddling", "sport"), 20: ("flying", "other"), 21: ("e_biking", "cycling"),
    22: ("motorcycling", "other"), 23: ("boating", "other"), 24: ("driving", "other"), 25: ("golf", "sport"),
    26: ("hang_gliding", "other"), 27: ("horseback_riding", "sport"), 28: ("hunting", "other"),
    29: ("fishing", "other"), 30: ("inline_skating", "sport"), 31: ("rock_climbing", "sport"), 32: ("sailing", "sport"),
    33: ("ice_skating", "sport"), 34: ("sky_diving", "other"), 35: ("snowshoeing", "hiking"),
    36: ("snowmobiling", "other"), 37: ("stand_up_paddleboarding", "sport"), 38: ("surfing", "sport"),
    39: ("wakeboarding", "sport"), 40: ("water_skiing", "sport"), 41: ("kayaking", "sport"), 42: ("rafting", "sport"),
    43: ("windsurfing", "sport"), 44: ("kitesurfing", "sport"), 45: ("tactical", "other"), 46: ("jumpmaster", "other"),
    47: ("boxing", "sport"), 48: ("floor_climbing", "aerobics"), 49: ("baseball", "sport"), 53: ("diving", "sport"),
    56: ("shooting", "other"), 58: ("winter_sport", "sport"), 59: ("grinding", "sport"), 62: ("hiit", "hiit"),
    63: ("video_gaming", "other"), 64: ("racket", "sport"), 65: ("wheelchair_push_walk", "sport"),
    66: ("wheelchair_push_run", "sport"), 67: ("meditation", "meditation"), 68: ("para_sport", "sport"),
    69: ("disc_golf", "sport"), 70: ("team_sport", "sport"), 71: ("cricket", "sport"), 72: ("rugby", "sport"),
    73: ("hockey", "sport"), 74: ("lacrosse", "sport"), 75: ("volleyball", "sport"), 76: ("water_tubing", "sport"),
    77: ("wakesurfing", "sport"), 78: ("water_sport", "sport"), 79: ("archery", "sport"),
    80: ("mixed_martial_arts", "sport"), 81: ("motor_sports", "other"), 82: ("snorkeling", "sport"),
    83: ("dance", "dance"), 84: ("jump_rope", "aerobics"), 85: ("pool_apnea", "sport"), 86: ("mobility", "stretching"),
    87: ("geocaching", "other"), 88: ("canoeing", "sport"), 254: ("all", "other"),
}  # fmt: skip
# FIT sub-sport: its name, and ours where it says more than the sport (None: the sport decides). Pilates is recorded
# under training on some watches and under fitness_equipment on others: hence the sub-sport first.
SUB_SPORTS: dict[int, tuple[str, str | None]] = {
    0: ("generic", None), 1: ("treadmill", None), 2: ("street", None), 3: ("trail", None), 4: ("track", None),
    5: ("spin", "cycling"), 6: ("indoor_cycling", "cycling"), 7: ("road", None), 8: ("mountain", None),
    9: ("downhill", None), 10: ("recumbent", None), 11: ("cyclocross", None), 12: ("hand_cycling", None),
    13: ("track_cycling", None), 14: ("indoor_rowing", None), 15: ("elliptical", "aerobics"),
    16: ("stair_climbing", "aerobics"), 17: ("lap_swimming", "swimming"), 18: ("open_water", None),
    19: ("flexibility_training", "stretching"), 20: ("strength_training", "strength"), 21: ("warm_up", None),
    22: ("match", None), 23: ("exercise", None), 24: ("challenge", None), 25: ("indoor_skiing", None),
    26: ("cardio_training", "aerobics"), 27: ("indoor_walking", "walking"), 28: ("e_bike_fitness", None),
    29: ("bmx", None), 30: ("casual_walking", "walking"), 31: ("speed_walking", "walking"),
    32: ("bike_to_run_transition", None), 33: ("run_to_bike_transition", None), 34: ("swim_to_bike_transition", None),
    35: ("atv", "other"), 36: ("motocross", "other"), 37: ("backcountry", None), 38: ("resort", None),
    39: ("rc_drone", "other"), 40: ("wingsuit", "other"), 41: ("whitewater", None), 42: ("skate_skiing", None),
    43: ("yoga", "yoga"), 44: ("pilates", "pilates"), 45: ("indoor_running", "running"), 46: ("gravel_cycling", None),
    47: ("e_bike_mountain", None), 48: ("commuting", None), 49: ("mixed_surface", None), 50: ("navigate", None),
    51: ("track_me", None), 52: ("map", None), 53: ("single_gas_diving", None), 54: ("multi_gas_diving", None),
    55: ("gauge_diving", None), 56: ("apnea_diving", None), 57: ("apnea_hunting", None), 58: ("virtual_activity", None),
    59: ("obstacle", None), 62: ("breathing", "breathwork"), 63: ("ccr_diving", None), 65: ("sail_race", None),
    66: ("expedition", None), 67: ("ultra", None), 68: ("indoor_climbing", "sport"), 69: ("bouldering", "sport"),
    70: ("hiit", "hiit"), 71: ("indoor_grinding", None), 72: ("hunting_with_dogs", None), 73: ("amrap", "hiit"),
    74: ("emom", "hiit"), 75: ("tabata", "hiit"), 77: ("esport", "other"), 78: ("triathlon", None),
    79: ("duathlon", None), 80: ("brick", None), 81: ("swim_run", None), 82: ("adventure_race", None),
    83: ("dance", "dance"), 84: ("pickleball", "sport"), 85: ("padel", "sport"), 86: ("indoor_wheelchair_walk", None),
    87: ("indoor_wheelchair_run", None), 88: ("indoor_hand_cycling", "cycling"), 90: ("field", None), 91: ("ice", None),
    92: ("ultimate", "sport"), 93: ("platform", None), 94: ("squash", "sport"), 95: ("badminton", "sport"),
    96: ("racquetball", "sport"), 97: ("table_tennis", "sport"), 98: ("overland", None), 99: ("trolling_motor", None),
    110: ("fly_canopy", None), 111: ("fly_paraglide", None), 112: ("fly_paramotor", None),
    113: ("fly_pressurized", None), 114: ("fly_navigate", None), 115: ("fly_timer", None), 116: ("fly_altimeter", None),
    117: ("fly_wx", None), 118: ("fly_vfr", None), 119: ("fly_ifr", None), 121: ("dynamic_apnea", None),
    123: ("enduro", None), 124: ("rucking", None), 125: ("rally", None), 126: ("pool_triathlon", None),
    127: ("e_bike_enduro", None), 254: ("all", None),
}  # fmt: skip
# file_id.type of files that travel with these and hold no movement. From 36 on they are in no public profile.
NO_MOVEMENT = {
    1: "device description", 2: "settings", 3: "sport settings", 5: "workout plan", 6: "course", 7: "schedule",
    8: "locations", 9: "weight", 10: "totals", 11: "goals", 14: "blood pressure", 29: "personal records",
    34: "segment", 35: "segment list", 36: "golf course", 37: "golf clubs", 38: "golf score", 39: "adjustments",
    40: "head-mounted display", 41: "change log", 44: "fitness metrics", 45: "bat swing", 46: "roster", 47: "dive plan",
    48: "health snapshot", 49: "sleep", 50: "software", 51: "challenge result", 52: "user behaviour log",
    53: "shooting", 54: "shooting", 55: "shooting", 56: "pace bands", 57: "backup", 58: "device log", 59: "muscle map",
    60: "running track", 61: "ECG", 62: "benchmark", 63: "power guidance", 65: "calendar", 68: "heart rate variability",
    70: "health snapshot", 72: "backup", 73: "skin temperature", 74: "backup", 77: "schedule", 79: "breathing in sleep",
    82: "courses", 87: "gear",
}  # fmt: skip


def identify(export: Export) -> bool:
    """FIT files that say they are activities, or are too damaged to say what they are: `extract` then says why not."""
    found = fit.types(export)
    monitoring = fit_words.ACTIVITY not in found and any(kind in fit_words.MONITORING for kind in found)
    return bool(found) and not monitoring and companion(export) is None


def companion(export: Export) -> str | None:
    """Why an undamaged FIT file of another kind holds nothing for us."""
    kinds = fit.types(export)
    if not kinds or any(kind not in NO_MOVEMENT for kind in kinds):
        return None
    try:
        fit.read(export, {})
    except Rejected:
        return None
    return f"FIT {' and '.join(NO_MOVEMENT[kind or 0] for kind in kinds)} file: holds no movement"


def extract(export: Export, context: Context) -> Extract:
    """One row per session, of every activity in the chain. The other files of a chain (settings) are left alone.

    Raises Rejected for a damaged file, one without dates, one without a session or with a session without a timer.
    """
    parts = fit.read(export, _WANTED)
    kinds = [part.file_id.whole(0) for part in parts]
    # Swims with a chest strap have its heart rates chained behind them, in parts without a file_id.
    activities = [
        part
        for part, kind in zip(parts, kinds, strict=True)
        if kind == fit_words.ACTIVITY or (kind is None and (part is parts[0] or part.of(_SESSION)))
    ]
    if not activities:
        found = ", ".join(f"type {kind}" for kind in kinds)
        raise Rejected("FIT file_id", found, "4 (activity) or 32 (monitoring)", "ask for a reader for this kind")
    rows, notes, clocks = [], fit.remarks(parts), []
    for part in activities:
        sessions = _sessions(part)
        clock = _clock(part, sessions, context)
        clocks.append(clock)
        timed = [session for session in sessions if session.whole(8) != 0]
        if len(timed) < len(sessions):
            notes.append(f"sessions whose timer never ran, left out: {len(sessions) - len(timed)}")
        rows += [_row(session, part, clock, context) for session in timed]
    source = next((clock.source for clock in clocks if clock is not context.zones), context.zones.source)
    if any(kind in fit_words.MONITORING for kind in kinds):
        notes.append("the monitoring file chained to the activity is not read")
    return Extract(sessions=pl.DataFrame(rows, schema=SESSIONS), tz_source=source, notes=notes)


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
    moving = [session for session in sessions if session.whole(5) != _TRANSITION]
    return [session for session in moving if session.whole(5) not in _CONTAINERS] or moving


def _clock(part: fit.FitPart, sessions: list[fit.Message], context: Context) -> Clock:
    """The file's own distance from UTC, if it has a possible one, against where the person was.

    The pair of times is written when the recording ends, so the log may agree with it there and, if the clocks
    changed in between, no longer at the start. Either is agreement.
    """
    written = next((m for m in reversed(part.of(_WRITTEN)) if 5 in m.fields), None)
    if written is None or not sessions:
        return context.zones
    offset = fit_words.local_offset(written.whole(253), written.whole(5))
    if offset is None:
        return context.zones
    at = written.instant(253)
    if at is not None and context.zones.offset_at(at) == offset:
        return context.zones
    return context.zones.trusting(offset, at=_span(sessions[0], timedelta(0))[0])


def _row(session: fit.Message, part: fit.FitPart, clock: Clock, context: Context) -> dict:
    timer = session.whole(8)
    if timer is None:
        raise Rejected(
            "FIT session, total_timer_time",
            "no timer",
            "the time the timer ran",
            "elapsed time would count pauses: write the activity into the diary",
        )
    ran = timedelta(milliseconds=timer)
    start, end = _span(session, ran)
    sport, sub = session.whole(5), session.whole(6)
    activity = SUB_SPORTS.get(sub or 0, ("", None))[1] or SPORTS.get(sport or 0, ("", "other"))[1]
    cycles = session.whole(10, MOST_STEPS // 2) if sport in _STRIDES else None
    source, device = fit_words.who(part, context)
    return session_row(
        clock,
        source=source,
        device=device,
        activity=activity,
        vendor_activity=_vendor_activity(sport, sub),
        start=start,
        end=end,
        timer=ran,
        steps=2 * cycles if cycles else None,  # 0 strides in a whole walk: nothing counted them
        running=_running(part.of(_EVENT), start, end, ran),
    )


def _span(session: fit.Message, ran: timedelta) -> tuple[datetime, datetime]:
    """Start and end. The end is start + elapsed: a session's own timestamp is when it was written, maybe much later."""
    length = max(ran, timedelta(milliseconds=session.whole(7) or 0))
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
    named = f"{SPORTS[sport][0]}({sport})" if sport in SPORTS else f"sport {sport}"
    if not sub:
        return named
    return f"{named}/{SUB_SPORTS[sub][0]}({sub})" if sub in SUB_SPORTS else f"{named}/sub_sport {sub}"


def _running(
    events: list[fit.Message], start: datetime, end: datetime, ran: timedelta
) -> list[tuple[datetime, datetime]] | None:
    """When the timer ran inside [start, end), by its start and stop events; None where they do not add up to `ran`.

    Events are in whole seconds, the timer in milliseconds: up to a second each way per stretch is forgiven (2 at
    least), and the remainder goes to the end of the last stretch, so that the stretches add up exactly.
    """
    stretches, since = [], None
    for event in events:
        kind = event.whole(1)
        at = event.instant(253) if event.whole(0) == _TIMER and kind in (_START, *_STOPS) else None
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
