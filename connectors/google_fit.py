"""Google Fit: the daily figures and the sessions of a Google Takeout.

What it is called: "Fit" in Google Takeout: `Takeout/Fit/Daily activity metrics/Daily activity metrics.csv` (before
2021 `Daily Aggregations/Daily Summaries.csv`) with one row a day, and `Takeout/Fit/All Sessions/*.json` with one
recorded or detected activity each. Folders and columns are named in the language of the account: English is well
known, German and Spanish from readers of such files (grade C: walking is no column known there, so it is not told).
Another language is recognised by its units and refused: set the account to English before exporting.

Where to find it: takeout.google.com, deselect all, select Fit, export as .zip.

What it cannot tell: minutes (a daily total has no cadence and cannot be laid over another device's minutes); which
device counted (watch and phone are merged); whether an empty cell means none or not measured, so it is taken as not
known; how vigorous a minute was, except by Heart Points (1 a moderate, 2 a vigorous minute) against Heart Minutes.
The first and the last day of an export are not whole. Positions are never read.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import polars as pl

from connectors import Context
from connectors._csv import AGAIN, Layout, day, fault, header, number, read, whole
from connectors._export import Export
from connectors._header import reheaded, top_lines
from connectors._json import elements
from models.activity import DAILY_TOTALS, DAY_MS, MOST_STEPS, SESSIONS, Extract, session_row
from models.rejection import Rejected

VERSION = 2
EXPORT = "archive"
SOURCES = {"google_fit": "phone"}
METRICS = {
    "steps": "device",
    "walking_minutes": "device",
    "moderate_minutes": "device",
    "vigorous_minutes": "device",
    "mvpa_minutes": "device",
    "workout_minutes": "session",
    "strength_minutes": "session",
    "yoga_minutes": "session",
    "dance_minutes": "session",
}

# Each activity of Google Fit; what follows a dot ("running.treadmill") is looked up with it, then without it.
_ACTIVITIES = {
    "walking": "walking",
    "hiking": "hiking snowshoeing",
    "running": "running",
    "cycling": "biking handbiking",
    "swimming": "swimming",
    "yoga": "yoga",
    "pilates": "pilates",
    "tai_chi": "tai_chi",
    "stretching": "flexibility stretching",
    "dance": "dancing zumba",
    "strength": "strength_training weightlifting calisthenics kettlebell_training",
    "aerobics": "aerobics elliptical ergometer rowing rowing.machine stair_climbing stair_climbing.machine jump_rope "
    "on_foot exercise",
    "hiit": "interval_training interval_training.high_intensity circuit_training crossfit p90x",
    "sport": "archery badminton baseball basketball biathlon boxing cricket curling diving fencing football "
    "frisbee_disc golf gymnastics handball hang_gliding hockey horseback_riding ice_skating kayaking kickboxing "
    "kitesurfing martial_arts paddle_boarding paragliding polo racquetball rock_climbing rugby sailing scuba_diving "
    "skateboarding skating skiing sledding snowboarding snowmobile softball squash standup_paddleboarding surfing "
    "table_tennis team_sports tennis volleyball wakeboarding water_polo windsurfing",
    "breathwork": "guided_breathing",
    "meditation": "meditation",
    "other": "other gardening housework wheelchair escalator elevator",
}
_ACTIVITY_OF = {name: activity for activity, names in _ACTIVITIES.items() for name in names.split()}
_NOT_ACTIVITIES = ("sleep", "still", "in_vehicle", "unknown", "tilting", "door")

# The columns in other languages, lower-cased, as far as they are known.
_IN_ENGLISH = {
    "datum": "Date", "beginn": "Start time", "ende": "End time", "anzahl der aktivitätsminuten": "Move Minutes count",
    "kalorien (kcal)": "Calories (kcal)", "distanz (m)": "Distance (m)", "kardiopunkte": "Heart Points",
    "kardiominuten": "Heart Minutes", "schrittzahl": "Step count",
    "fecha": "Date", "calorías (kcal)": "Calories (kcal)", "distancia (m)": "Distance (m)",
    "puntos cardio": "Heart Points", "minutos de cardio": "Heart Minutes", "recuento de pasos": "Step count",
}  # fmt: skip
_UNKNOWN_LANGUAGE = "set the language of the Google account to English and export again"
_DATE, _STEPS, _POINTS, _HEART = "Date", "Step count", "Heart Points", "Heart Minutes"
_WALKS = ("Walking duration (ms)", "Treadmill walking duration (ms)")
_TELLING = {
    "move minutes count",
    "calories (kcal)",
    "heart points",
    "heart minutes",
    "step count",
    *map(str.lower, _WALKS),
}
_IGNORED = (
    "move minutes count", "calories (kcal)", "distance (m)", "* duration (ms)", "* latitude (deg)", "* longitude (deg)",
    "* speed (m/s)", "* weight (kg)", "* heart rate (bpm)", "* height (m)", "* body fat percentage (%)", "* (mmhg)",
    "* blood pressure *", "* blood glucose *", "* body temperature *", "* oxygen saturation *", "* hydration *",
    "body position", "* location of measurement", "* (hpa)", "average * (*", "max * (*", "min * (*",
    "* (grad)", "* (m/s)", "* (kg)", "* (bpm)", "* (ppm)", "*sauerstoff*", "*oxígeno*", "*blutdruck*", "*gewicht*",
)  # fmt: skip


def identify(export: Export) -> bool:
    """Whether it is a daily file (a date and columns only Google Fit has) or a session of an activity."""
    return _is_daily(export) or _session_of(export) is not None


def _columns(export: Export) -> list[str]:
    """The column names in English where they are known, lower-cased."""
    return [_IN_ENGLISH.get(name, name).casefold() for name in header(export)]


def _is_daily(export: Export) -> bool:
    columns = set(_columns(export))
    if {"start time", "end time"} & columns or b"," not in export.head[:1000]:
        return False
    units = {unit[1] for name in columns if (unit := re.search(r"\((kcal|m|m/s|ms|kg)\)$", name))}
    dated = re.match(r"\d{4}-\d\d-\d\d,", next(iter(top_lines(export, 2)[1:2]), ""))
    if dated and {"m/s", "m", "kcal"} <= units:
        return True
    named_so = re.match(r"daily (activity metrics|summaries)", export.basename, re.IGNORECASE) is not None
    found = len(columns & _TELLING)
    return ("date" in columns and found >= 2) or (named_so and found >= 2)


def _session_of(export: Export) -> str | None:
    """The activity of a session file; None where it is none, or sleep, or a ride in a car."""
    head = export.head
    if not head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return None
    found = re.search(rb'"fitnessActivity"\s*:\s*"([\w.]{1,60})"', head)
    told = [key for key in (b'"startTime"', b'"endTime"', b'"fitnessActivity"') if key in head]
    if len(told) < 2 or (b'"com.google.' not in head and not found):
        return None
    activity = found[1].decode() if found else "other"
    return None if activity.split(".")[0] in _NOT_ACTIVITIES else activity


def extract(export: Export, context: Context) -> Extract:
    """Daily totals or one session. Raises Rejected."""
    return _days(export, context) if _is_daily(export) else _session(export, context)


def _days(export: Export, context: Context) -> Extract:
    """Empty cells are not known. Of Heart Points P and Heart Minutes M: vigorous P - M, moderate 2 M - P."""
    steps = {_STEPS: whole(0, MOST_STEPS, empty=True)}
    counts = {name for name in _columns(export) if name and not name.endswith(")")}  # what has no unit
    is_absent = counts <= {"date", "move minutes count", "heart points", "heart minutes"}  # nor under another name
    needed = {_DATE: day(context.today)} | ({} if is_absent else steps)
    most = DAY_MS / 60_000
    optional = {_POINTS: number(0, 2 * most, empty=True), _HEART: number(0, most, empty=True)}
    optional |= steps if is_absent else {}
    optional |= {name: number(0, DAY_MS, empty=True) for name in _WALKS}
    is_english = not set(header(export)) & _IN_ENGLISH.keys() and "date" in header(export)
    table = reheaded(export, lambda names: [_IN_ENGLISH.get(name.casefold(), name) for name in names])
    frame, notes = read(table, Layout(needed, optional, _IGNORED, AGAIN if is_english else _UNKNOWN_LANGUAGE))
    if is_absent:
        notes.append(f"no column '{_STEPS}': steps are not known")
    points, heart = pl.col(_POINTS), pl.col(_HEART)
    possible = (points >= heart - 0.01) & (points <= 2 * heart + 0.01)  # else the two do not belong together
    walks = [pl.col(name) for name in _WALKS]
    days = frame.select(
        "line",
        source=pl.lit("google_fit"),
        device=pl.lit(None, dtype=pl.String),
        local_date=_DATE,
        steps=_STEPS,
        walking_ms=pl.when(pl.any_horizontal(w.is_not_null() for w in walks)).then(pl.sum_horizontal(walks)),
        moderate_ms=pl.when(possible).then((2 * heart - points).clip(0) * 60_000),
        vigorous_ms=pl.when(possible).then((points - heart).clip(0) * 60_000),
        mvpa_ms=heart * 60_000,
        day_basis=pl.lit("local"),
    )
    days = days.filter(pl.any_horizontal(pl.col("steps", "walking_ms", "mvpa_ms").is_not_null()))
    days = days.unique([name for name in days.columns if name != "line"], keep="first", maintain_order=True)
    if (twice := days.filter(pl.col("local_date").is_duplicated())).height:
        raise fault(twice["line"][-1], _DATE, "a second row of that date, with other figures", "one row a day")
    rounded = pl.col("walking_ms", "moderate_ms", "vigorous_ms", "mvpa_ms").round()
    totals = days.with_columns(rounded).select(pl.col(name).cast(kind) for name, kind in DAILY_TOTALS.items())
    return Extract(daily_totals=totals.sort("local_date"), tz_source=context.zones.source, notes=notes)


def _session(export: Export, context: Context) -> Extract:
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
    clock = context.zones.trusting(_offset(export.basename), at=start)
    row = session_row(
        clock,
        source="google_fit",
        device=None,
        activity=_ACTIVITY_OF.get(activity) or _ACTIVITY_OF.get(activity.split(".")[0], "other"),
        vendor_activity=activity[:60],
        start=start,
        end=end,
        timer=timer,
        steps=steps,
        running=running if abs(ran - timer) < timedelta(seconds=1) else None,
    )
    return Extract(sessions=pl.DataFrame([row], schema=SESSIONS), tz_source=clock.source)


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


def companion(export: Export) -> str | None:
    """Why a file of a Google Fit export holds nothing for us; None where that cannot be said."""
    columns = _columns(export)
    if columns[:2] == ["start time", "end time"] and len(set(columns) & _TELLING) >= 2:
        return "quarters of an hour of one day: the daily file already holds these sums"
    head = export.head
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        if b'"Data Source"' in head and b'"Data Points"' in head:
            return "single data points: the daily file holds their sums"
        activity = re.search(rb'"fitnessActivity"\s*:\s*"([\w.]{1,60})"', head)
        if activity and activity[1].decode().split(".")[0] in _NOT_ACTIVITIES:
            return "a session that is no activity (sleep, sitting still, a ride)"
    in_fit = {"fit", "google fit"} & {part.casefold() for part in PurePosixPath(export.name).parts}
    if in_fit and b"<TrainingCenterDatabase" in head:
        return "the track of a session: sessions are read from their .json, positions never"
    return None
