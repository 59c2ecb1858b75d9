"""Apple Health: the `export.xml` of an iPhone, with everything that iPhone, Apple Watch and other apps wrote into it.

Called: `export.zip` with `apple_health_export/export.xml`; both are named in the language of the phone (exportar.xml,
导出.xml), so the file is known by its root element `HealthData`. Hundreds of megabytes are usual: it is streamed.
Where: the Health app, one's own picture at the top right, Export All Health Data.
Cannot tell: which of two overlapping samples is the better one (the Health app's own order of sources is not
exported): watch, phone and other apps' copies are "apple_watch", "apple_phone" and "apple_other"; the
cadence of samples of over a minute, which are most: their steps are laid over their minutes and say nothing of walking;
how vigorous a minute was; where the person was: the offset in every time is that of the phone on the day of the export,
so only the instant is believed, and a workout's own time zone where it names one.

Minutes at a brisk walk or above are the daily `appleExerciseTime` of the activity rings; 0 counts only on days with a
stand hour, which is to say with the watch on. Steps typed in by hand are left out, workouts typed in by hand are
self-reported. Of heart rates only the minute is read. Positions, clinical records and everything else are not read.
The layout is Apple's own and well known. Each record names its own attributes, so that a damaged one (XML that is none,
a time or number that cannot be read) is one record set aside like one of the future, never the export of ten years; a
file that is cut off, or of another layout, is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit import apple
from connectors.kit.apple_sift import Sifted, sift, without_unwanted
from connectors.kit.csv import AGAIN
from connectors.kit.export import Export
from connectors.kit.sessions import Sessions
from connectors.kit.xml import Records, allowed, parse, root_at
from models.activity import MOST_SESSIONS, MOST_STEPS, Extract
from models.fault import Impossible, Rejected
from models.set_aside import one_record, set_aside

VERSION = 2
EXPORT = "history"
LOOKS_FOR = ("XML", "/electrocardiograms", "/clinical")
SOURCES = apple.SOURCES
METRICS = apple.METRICS

_WANTED = {apple.STEPS, apple.PULSE}
_BEGIN = re.compile(rb"<(?:Record|Workout|ActivitySummary|Correlation)\b|</HealthData>")
_BATCH = 20_000
_MOST_EVENTS = 20_000  # of a workout
_LOCAL = len("2026-03-09 07:30:00")
_LONGEST = 100  # letters of what is read of an attribute
_ATTRIBUTES = ("startDate", "endDate", "duration", "durationUnit", "workoutActivityType")
_EVENTS = {"Pause": False, "MotionPaused": False, "Resume": True, "MotionResumed": True}  # the timer runs from here on


def identify(export: Export) -> bool:
    """Whether its root element, or the root that its document type announces, is HealthData."""
    head = export.head
    return root_at(head, "HealthData") >= 0 or re.search(rb"<!DOCTYPE\s+HealthData\b", head) is not None


def companion(export: Export) -> str | None:
    """Why a file that lies beside `export.xml` holds nothing for us."""
    head = export.head[:4096]
    folders = [part.casefold() for part in PurePosixPath(export.name).parts[:-1]]
    if b"<ClinicalDocument" in head:
        return "the clinical document beside export.xml: a copy of some of it, for doctors"
    if b"<gpx" in head and (b"Apple Health Export" in head or "workout-routes" in folders):
        return "the route of a workout: positions are never read"
    if "electrocardiograms" in folders:
        return "an electrocardiogram"
    if "clinical-records" in folders or "clinical_records" in folders:
        return "a clinical record"
    return None


def extract(export: Export, context: Context) -> Extract:
    """Minutes, sessions and the rings' daily minutes. Raises Rejected."""
    reader = _Reader(context)
    records = Records(_BEGIN, _set_aside_damaged)
    parse(export, "HealthData", reader.start, reader.end, sift, reader.keep, records=records)
    reader.flush()
    who = reader.devices.labelled(context)
    steps, pulse = pl.concat(reader.steps), pl.concat(reader.pulse)
    reader.steps, reader.pulse = [], []
    notes = [f"{reader.typed} step samples typed in by hand: left out"] if reader.typed else []
    result = apple.extract_of(steps, pulse, who, context, notes)
    rings = [{"local_date": day, "mvpa_ms": minutes * 60_000} for day, minutes in sorted(reader.rings.items())]
    days = apple.total_rows(pl.DataFrame(rings, {"local_date": pl.Date, "mvpa_ms": pl.Float64}), source="apple_watch")
    result.daily_totals = pl.concat([result.daily_totals, days])
    sessions = Sessions(context, "apple_watch", what="a workout", last_counts=True)
    for workout in reader.workouts:
        with one_record() as record:
            _add(sessions, workout, who[workout["who"]], record)
    result.sessions = sessions.frame
    return result


def _set_aside_damaged(fault: Rejected, record: bytes) -> None:
    """Set aside a record that is no XML, unless it was of a kind that is not read."""
    kind = re.match(rb'<Record\b[^>]*?\btype="(HK\w+)"', record)
    if kind and kind[1].decode() not in _WANTED:
        return
    found = re.search(rb'(?:startDate|dateComponents)="(\d{4}-\d\d-\d\d)', record)
    days = pl.Series([found[1].decode() if found else None], dtype=pl.String).str.to_date("%Y-%m-%d", strict=False)
    set_aside(fault, days.to_list())


class _Reader:
    """Takes the elements as they come and stores columns; a sample takes 28 bytes.

    Most are plain samples, which are found in the bytes before the parser sees them.
    """

    def __init__(self, context: Context):
        self.context = context
        self.devices = apple.Devices()
        self.steps = [pl.DataFrame(schema=apple.SAMPLES)]
        self.pulse = [pl.DataFrame(schema=apple.BEATS)]
        self.rings: dict[date, float] = {}
        self.workouts: list[dict] = []
        self.typed = self.flushed = 0
        self._known: dict[tuple[str, str, Callable], int] = {}
        self._samples = Sifted(b"")
        self._record: dict[str, str] | None = None
        self._workout: dict | None = None
        self._is_typed = self._is_in_correlation = False

    def keep(self, piece: bytes, sifted: Sifted) -> bytes:
        """Store the plain samples of a piece; what of it is to be parsed. None of them is a Correlation's."""
        if self._is_in_correlation:
            return without_unwanted(allowed(piece))
        numbers = [self._number(name, described, unescape) for name, described in sifted.devices]
        whose = [numbers[device] for device in sifted.whose]
        self._add(whose, sifted.are_steps, sifted.starts, sifted.ends, sifted.values)
        return sifted.rest

    def start(self, name: str, attributes: dict[str, str], depth: int) -> None:
        """An element begins. Records inside a Correlation stand outside as well and are not taken twice."""
        if depth == 2:
            self._record = self._workout = None
            self._is_typed, self._is_in_correlation = False, name == "Correlation"
            if name == "Record":
                if attributes.get("type") in _WANTED:
                    self._record = attributes
            elif name == "Workout":
                wanted = {key: attributes[key][:_LONGEST] for key in _ATTRIBUTES if key in attributes}
                self._workout = wanted | {
                    "who": self._who(attributes),
                    "events": [],
                    "at": len(self.workouts) + 1,
                }
                if len(self.workouts) == MOST_SESSIONS:
                    raise Rejected("Workout", f"more than {MOST_SESSIONS:,} workouts", "those of one person", AGAIN)
            elif name == "ActivitySummary":
                self._ring(attributes)
        elif depth == 3 and name == "MetadataEntry":
            if attributes.get("key") == "HKWasUserEntered":
                self._is_typed = attributes.get("value") == "1"
            elif self._workout is not None and attributes.get("key") == "HKTimeZone":
                self._workout["zone"] = attributes.get("value", "")[:_LONGEST]
        elif depth == 3 and self._workout is not None:
            if name == "WorkoutEvent" and attributes.get("type", "").removeprefix("HKWorkoutEventType") in _EVENTS:
                self._workout["events"].append((attributes.get("date", "")[:_LONGEST], attributes["type"]))
                if len(self._workout["events"]) > _MOST_EVENTS:
                    found = f"more than {_MOST_EVENTS:,} pauses"
                    raise Rejected(f"workout {self._workout['at']}", found, "a workout", AGAIN)
            elif name == "WorkoutStatistics" and attributes.get("type") == apple.STEPS:
                self._workout["steps"] = attributes.get("sum", "")[:_LONGEST]

    def end(self, name: str, depth: int) -> None:
        """An element is over."""
        if depth != 2:
            return
        if self._record is not None:
            found = self._record
            kind = found["type"]
            if kind == apple.STEPS and self._is_typed:
                self.typed += 1
            else:
                cells = ([found.get(key, "")[:_LONGEST]] for key in ("startDate", "endDate", "value"))
                self._add([self._who(found)], [kind == apple.STEPS], *cells)
        elif self._workout is not None:
            self.workouts.append(self._workout | {"is_typed": self._is_typed})
        self._record = self._workout = None
        self._is_in_correlation = False

    def _add(self, *columns: Any) -> None:
        self._samples.add(*columns)
        if len(self._samples.whose) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Turn what was collected into columns; samples that cannot be are set aside."""
        texts, self._samples = self._samples, Sifted(b"")
        samples = pl.DataFrame(
            {
                "who": pl.Series(texts.whose, dtype=pl.UInt32),
                "is_step": pl.Series(texts.are_steps, dtype=pl.Boolean),
                "start": _instants(pl.Series(texts.starts, dtype=pl.String)),
                "end": _instants(pl.Series(texts.ends, dtype=pl.String)),
                "value": pl.Series(texts.values, dtype=pl.String).cast(pl.Float64, strict=False),
            }
        )
        possible = apple.checked(samples, self.flushed + 1, self.context.today)
        self.flushed += samples.height
        minute = (pl.col("start").cast(pl.Int64) // 60_000).cast(pl.Int32)
        beats = possible.filter(~pl.col("is_step") & (pl.col("value") > 0)).select("who", minute=minute)
        self.steps.append(possible.filter("is_step").select(apple.SAMPLES.keys()))
        self.pulse.append(beats.unique())

    def _who(self, attributes: dict[str, str]) -> int:
        """The device's number. Its description holds an address in memory, which is another in every export."""
        return self._number(attributes.get("sourceName", ""), attributes.get("device", ""), str)

    def _number(self, name: str, described: str, text: Callable[[str], str]) -> int:
        """The same, of what `text` makes a text of."""
        number = self._known.get((name, described, text))
        if number is None:
            if len(self._known) > 10_000:
                self._known.clear()
            number = self.devices.number(text(name)[:_LONGEST], text(described)[: 10 * _LONGEST])
            self._known[name, described, text] = number
        return number

    def _ring(self, attributes: dict[str, str]) -> None:
        """One day of the rings. A row without any figure is not looked at (there is one for the day before 1970)."""
        with one_record() as record:
            try:
                with suppress(ValueError):
                    record.on = date.fromisoformat(attributes.get("dateComponents", ""))
                minutes = float(attributes.get("appleExerciseTime") or 0)
                stood = float(attributes.get("appleStandHours") or 0)
                if not minutes and not stood:
                    return
                day = date.fromisoformat(attributes["dateComponents"])
            except (KeyError, ValueError):
                expected = "a date like 2026-03-09 and minutes"
                raise Impossible("ActivitySummary", "a day that cannot be read", expected, AGAIN) from None
            if not 0 <= minutes <= 2880 or not 0 <= stood <= 48:
                raise Impossible("ActivitySummary", "another number", "minutes and hours of a day", AGAIN)
            self.rings[day] = minutes


def _instants(cells: pl.Series) -> pl.Series:
    """UTC of local times with their offset from it; most exports have one offset, that of the phone."""
    offset = str(cells[0])[_LOCAL:] if cells.len() else ""
    if re.fullmatch(r" [+-](?:0\d|1[0-4])[0-5]\d", offset) and (cells.str.slice(_LOCAL) == offset).all():
        local = cells.str.slice(0, _LOCAL).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ms", strict=False)
        if not local.has_nulls():  # there may be more ways to write a time
            away = timedelta(hours=int(offset[1:4]), minutes=int(offset[1] + offset[4:]))
            return (local - away).dt.replace_time_zone("UTC")
    return cells.str.to_datetime("%Y-%m-%d %H:%M:%S %z", time_unit="ms", strict=False)


def _add(sessions: Sessions, workout: dict, who: tuple[str, str], record: one_record) -> None:
    """One workout. Raises Rejected."""
    place = f"workout {workout['at']}"
    try:
        record.on = start = _instant(workout.get("startDate"))
        end = _instant(workout.get("endDate"))
        length = workout.get("duration")
        unit = apple.UNITS[workout.get("durationUnit") or "min"]
        timer = timedelta(seconds=float(length) * unit) if length else end - start
        steps = round(float(workout["steps"])) if workout.get("steps") else None
        running = _running(workout["events"], start, end)
    except (ValueError, TypeError, KeyError, OverflowError):
        expected = "startDate, endDate, duration and durationUnit as Apple writes them"
        raise Impossible(place, "a time or duration that cannot be read", expected, AGAIN) from None
    if not start <= end <= start + timedelta(days=7) or not timedelta(0) <= timer:
        raise Impossible(place, "an end before the start, or a week later", "a workout", AGAIN)
    if steps is not None and not 0 <= steps <= MOST_STEPS:
        raise Impossible(place, "another number of steps", f"0 to {MOST_STEPS}", AGAIN, str(steps))
    timer = min(timer, end - start)
    ran = sum((b - a for a, b in running), timedelta(0))
    kind = workout.get("workoutActivityType", "")
    activity = apple.activity_of(kind)
    sessions.add(
        place,
        start,
        end,
        source=who[0],
        device=who[1],
        activity=activity,
        name=kind.removeprefix("HKWorkoutActivityType"),
        offset=apple.zone_offset(workout.get("zone"), start),
        timer=timer,
        steps=steps,
        by_hand=workout["is_typed"],
        running=running if abs(ran - timer) <= timedelta(seconds=2) else None,
        key=(who, activity, start, end, timer),
    )


def _instant(stamp: str | None) -> datetime:
    return datetime.strptime(stamp or "", "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)


def _running(events: list[tuple[str, str]], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """When the timer ran: from the start on, except between a pause and the next resume."""
    changes = [(_instant(at), _EVENTS[kind.removeprefix("HKWorkoutEventType")]) for at, kind in events]
    stretches, since = [], start
    is_running = True
    for moment, runs in [*sorted(changes), (end, False)]:
        moment = min(max(moment, start), end)
        if is_running and not runs and moment > since:
            stretches.append((since, moment))
        if runs and not is_running:
            since = moment
        is_running = runs
    return stretches
