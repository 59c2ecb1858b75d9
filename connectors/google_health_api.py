"""Google Health API: what a study's own program asked for, kept as JSON.

It took the place of the Fitbit Web API at the end of 2026.

What it is called: any name, such as `steps_list.json`: one page of answers a file, a list of pages, or a point a line.
Where to find it: nowhere in an app. The people who made the program have it; a patient has Google Takeout instead.
Read are `list` and `reconcile` of steps, active minutes, active zone minutes, activity level, heart rate (only that a
heart beat) and exercise; `dailyRollUp` of steps, active minutes and time in heart rate zones; `rollUp` of steps.

`list` has every source: a tracker is "fitbit" (the device that a Takeout names so), a phone "fitbit_phone", what came
over from elsewhere "fitbit_mirror"; a minute has one of them, the tracker first (R5.1). `reconcile` and sums of days
are merged by Google, and "fitbit" as well. Windows of a `rollUp` only repeat those steps: "fitbit_mirror". A tracker's
minute is listed only if it was worn, with 0 steps as well: it says what a heart beat says of wear (R4.1). Sums without
a figure are not known, "0" is none.

Cannot tell: when inside an exercise its pauses were; how vigorous a day was by heart rate zones alone (they are MVPA);
cadence, in points of more than a minute. An exercise of no kind ("WORKOUT") is what the name the app gave it says in
English, if that is a known one; the name is never stored. Sums of zone minutes are refused: whether cardio and peak
count double in them is not known. The layout is that of Google's reference (grade B+), no real page was at hand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from connectors import Context
from connectors.kit import rows
from connectors.kit.export import Export
from connectors.kit.google_minutes import HOUR, Minutes, Span, Who, whose
from connectors.kit.google_pages import Part, begin_of, has_kind, is_answer, is_empty, points
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.sessions import Sessions
from connectors.kit.words import activity_of, listed
from models.activity import DAY_MS, MOST_STEPS, Extract
from models.set_aside import one_record

VERSION = 2
EXPORT = "report"  # a program asks for what it needs: what it did not ask for was not deleted
LOOKS_FOR = ("JSON list", "JSON object")
SOURCES = {"fitbit": "wrist", "fitbit_phone": "phone", "fitbit_mirror": "unknown"}
METRICS = by_method(device="steps moderate vigorous mvpa", cadence="walking brisk", session=SPORT)

_KINDS = (
    "steps", "activeMinutes", "activeZoneMinutes", "activityLevel", "heartRate", "exercise", "timeInHeartRateZone",
)  # fmt: skip
_LEVELS: dict[str, int | None] = {"LIGHT": 0, "MODERATE": 1, "VIGOROUS": 2}
_ZONES: dict[str, int | None] = {"FAT_BURN": 1, "CARDIO": 2, "PEAK": 2}
_STATES: dict[str, int | None] = {"LIGHTLY_ACTIVE": 0, "MODERATELY_ACTIVE": 1, "VERY_ACTIVE": 2, "SEDENTARY": None}
_DAY_ZONES: dict[str, int | None] = {"LIGHT": 0, "MODERATE": 1, "VIGOROUS": 1, "PEAK": 1}
_A_DAY, _LONGEST = timedelta(days=1), timedelta(days=2)  # the latter of a point


def identify(export: Export) -> bool:
    """Whether it begins like answers, of kinds of figures that are read, or that nobody knows."""
    return is_answer(begin_of(export)) and companion(export) is None


def companion(export: Export) -> str | None:
    """Why a file that such a program keeps holds nothing for us; None where that is not known."""
    begin = begin_of(export)
    if re.search(rb'"(?:access|refresh)_token"\s*:', begin):
        return "the key to an account: never read; take it out of the inbox, nobody needs it here"
    if is_empty(begin):
        return "an empty page"
    if not is_answer(begin):
        return None
    if not has_kind(begin, _KINDS) and has_kind(begin, listed("google_health_api", "unused_kinds")):
        return "figures of a kind not needed here"
    return "means of heart rates: no sign of when it was worn" if b'"beatsPerMinuteAvg"' in begin else None


@dataclass
class _Found:
    """What has been read of a file."""

    context: Context
    sessions: Sessions
    minutes: Minutes = field(default_factory=Minutes)
    sources: dict[str, Who] = field(default_factory=dict)  # by how a point names its source
    days: dict[date, dict[str, Any]] = field(default_factory=dict)
    typed_in: int = 0


def extract(export: Export, context: Context) -> Extract:
    """Minutes, totals of days and exercises. Raises Rejected."""
    found = _Found(context, Sessions(context, "fitbit", what="an exercise", end="field endTime", last_counts=True))
    notes: list[str] = []
    unused = set(listed("google_health_api", "unused_kinds"))
    for point, is_sum in points(export, _KINDS, context.today, notes):
        kinds = [kind for kind in _KINDS if kind in point]
        for kind in kinds:
            with one_record() as record:
                (_add_sum if is_sum else _add)(found, record, point, kind)
        # a sum without any figure: no data
        if not kinds and not (point.figures & unused or (is_sum and not point.figures)):
            raise point.wrong(
                " or ".join(_KINDS), "none of these kinds of figures", "one, and civilStartTime, civilEndTime"
            )
    if found.typed_in:
        notes.append(f"{found.typed_in} points of steps typed in by hand: left out")
    minutes, tz_source = found.minutes.frame(context)
    sessions, days = found.sessions, rows.totals(list(found.days.values()), "fitbit")
    tz_source = tz_source if sessions.tz_source == context.zones.source else sessions.tz_source
    return Extract(minutes=minutes, sessions=sessions.frame, daily_totals=days, tz_source=tz_source, notes=notes)


def _add(found: _Found, record: one_record, point: Part, kind: str) -> None:
    """What one point says, by its kind."""
    source = repr(point.record.get("dataSource"))
    who = found.sources[source] = found.sources.get(source) or whose(point, found.context)
    if kind == "timeInHeartRateZone":
        raise point.wrong(kind, "times that are not sums of a day", "a dailyRollUp")
    if kind == "heartRate":
        return _add_beat(found, record, who, point.inside(kind, "sampleTime beatsPerMinute"))
    needed = {
        "steps": "count",
        "activityLevel": "activityLevelType",
        "activeZoneMinutes": "heartRateZone",
        "activeMinutes": "activeMinutesByActivityLevel",
        "exercise": "exerciseType",
    }[kind]
    optional = {"exercise": "displayName activeDuration metricsSummary", "activeZoneMinutes": "activeZoneMinutes"}
    value = point.inside(kind, f"interval {needed}", optional.get(kind, ""))
    interval = value.inside("interval", "startTime endTime", "startUtcOffset")
    record.on = start = interval.instant("startTime")
    span = Span(start, interval.instant("endTime"), interval.duration("startUtcOffset"))
    if kind == "exercise":
        return _add_exercise(found, who, span, value, point.word("name"))
    if not timedelta(0) <= span.lasts <= _LONGEST:
        raise interval.wrong("endTime", "an end before the start, or days later", "a short time")
    if kind == "steps":
        found.typed_in += who.typed_in
        steps = value.whole("count", MOST_STEPS)
        if steps is not None and not who.typed_in:
            found.minutes.count(who, span, steps)
    elif kind == "activityLevel":
        if (level := value.meaning("activityLevelType", _STATES)) is not None:
            found.minutes.mark(who, "active_minutes", span, level)
    elif kind == "activeZoneMinutes":
        _check_filled(span, 1, value)
        found.minutes.mark(who, "zone_minutes", span, value.meaning("heartRateZone", _ZONES) or 0)
    else:
        for level, amount in _levels(value, "activeMinutesByActivityLevel", "activeMinutes"):
            if amount:
                _check_filled(span, amount, value)
                found.minutes.mark(who, "active_minutes", span, level)


def _check_filled(span: Span, minutes: int, value: Part) -> None:
    """Raises Rejected where so many minutes are not all of a span: which of its minutes they are is not said."""
    if span.lasts > timedelta(minutes=minutes, seconds=1):
        raise value.wrong("interval", "a time longer than its minutes", "one point a minute, or a dailyRollUp")


def _levels(value: Part, key: str, amount: str) -> list[tuple[int, int]]:
    """Level and minutes; a figure that is left out is 0."""
    parts = value.each(key, f"activityLevel {amount}")
    return [(part.meaning("activityLevel", _LEVELS) or 0, part.whole(amount, DAY_MS // 60_000) or 0) for part in parts]


def _add_beat(found: _Found, record: one_record, who: Who, value: Part) -> None:
    """A heart beat says that what is worn was worn: not a phone's camera, and not a hand that typed."""
    sample = value.inside("sampleTime", "physicalTime", "utcOffset")
    record.on = time = sample.instant("physicalTime")
    if value.whole("beatsPerMinute", 1000) and not who.typed_in and who.source != "fitbit_phone":
        minute = time.replace(second=0, microsecond=0)
        span = Span(minute, minute + timedelta(minutes=1), sample.duration("utcOffset"))
        found.minutes.mark(who, "heart_rate", span, 1)


def _add_exercise(found: _Found, who: Who, span: Span, value: Part, identity: str | None) -> None:
    """An exercise. One that was changed between two pulls that a file holds has its identity twice: the last counts."""
    kind, name = value.word("exerciseType") or "EXERCISE_TYPE_UNSPECIFIED", value.word("displayName")
    if not re.fullmatch(r"[A-Z_]{1,40}", kind):
        raise value.wrong("exerciseType", "something else", "a word like WALKING")
    activity = activity_of("google_health_api", kind)
    if kind in ("WORKOUT", "OTHER", "EXERCISE_TYPE_UNSPECIFIED"):
        activity = activity_of("fitbit", name, kind)
    summary = value.inside("metricsSummary", "", "steps") if "metricsSummary" in value else None
    found.sessions.add(
        value.place,
        span.start,
        span.end,
        activity=activity,
        name=kind,
        offset=span.offset,
        timer=value.duration("activeDuration"),
        steps=(summary and summary.whole("steps", MOST_STEPS)) or None,
        by_hand=who.typed_in,
        source=who.source,
        device=who.device,
        key=identity or (span, kind, who),
    )


def _add_sum(found: _Found, record: one_record, point: Part, kind: str) -> None:
    """A figure of a civil day; or the steps of a window of time, which only repeat others."""
    if kind not in ("steps", "activeMinutes", "timeInHeartRateZone"):
        expected = f"{kind} of list or reconcile, or sums of steps, activeMinutes or timeInHeartRateZone"
        raise point.wrong(kind, "sums of which it is not sure what they count", expected)
    if "civilStartTime" not in point and "civilEndTime" not in point:
        record.on = start = point.instant("startTime")
        span = Span(start, point.instant("endTime"), None)
        if kind != "steps" or not timedelta(0) < span.lasts <= HOUR:
            raise point.wrong(kind, "a window that is not of steps, or longer than an hour", "a dailyRollUp, or a list")
        if (steps := point.inside(kind, "countSum").whole("countSum", MOST_STEPS)) is not None:
            found.minutes.count(Who("fitbit_mirror"), span, steps)
        return
    record.on = day = point.civil_date("civilStartTime")
    if "civilEndTime" in point and point.civil_date("civilEndTime") != day + _A_DAY:
        raise point.wrong("civilEndTime", "a window that is not one day", "a dailyRollUp with a sum for each day")
    for column, figure in _figures(point, kind).items():
        if found.days.setdefault(day, {"local_date": day}).setdefault(column, figure) != figure:
            raise point.wrong(kind, "a second sum of that day, with another figure", "one sum a day")


def _figures(point: Part, kind: str) -> dict[str, int]:
    """The columns of a day that a sum gives; none where it has no figure."""
    if kind == "steps":
        steps = point.inside(kind, "countSum").whole("countSum", MOST_STEPS)
        return {} if steps is None else {"steps": steps}
    if kind == "activeMinutes":
        key = "activeMinutesRollupByActivityLevel"
        levels = _levels(point.inside(kind, key), key, "activeMinutesSum")
        sums = [60_000 * sum(minutes for level, minutes in levels if level == which) for which in range(3)]
        return dict(zip(("light_ms", "moderate_ms", "vigorous_ms"), sums, strict=True)) if levels else {}
    zones = point.inside(kind, "timeInHeartRateZones").each("timeInHeartRateZones", "heartRateZone duration")
    spans = [zone.duration("duration") or timedelta(0) for zone in zones if zone.meaning("heartRateZone", _DAY_ZONES)]
    return {"mvpa_ms": sum(spans, timedelta(0)) // timedelta(milliseconds=1)} if zones else {}
