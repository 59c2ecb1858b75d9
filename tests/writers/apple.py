"""Writes Apple Health's `export.xml` and what apps on the iPhone export from Apple Health. Times are aware."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from xml.sax.saxutils import quoteattr

WATCH = (
    "<<HKDevice: 0x2833c1ea0>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,2, software:9.1>"
)
PHONE = "<<HKDevice: 0x2811aa000>, name:iPhone, manufacturer:Apple Inc., model:iPhone, hardware:iPhone13,2>"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n<!ELEMENT HealthData (ExportDate,Me)>\n]>\n'
# What iOS 16 wrote: a document type that stops every strict parser.
MALFORMED = '<?xml version="1.0"?>\n<!DOCTYPE HealthData [\n<!ATTLIST Record\n  device CDATA\n<!ELEMENT oops>\n'
STEPS, PULSE = "HKQuantityTypeIdentifierStepCount", "HKQuantityTypeIdentifierHeartRate"


def stamp(time: datetime, offset: int = 2) -> str:
    """2026-08-20 08:00:00 +0200: the instant, in the zone the phone was in when it exported."""
    return time.astimezone(timezone(timedelta(hours=offset))).strftime("%Y-%m-%d %H:%M:%S %z")


def element(name: str, inside: str = "", **attributes: object) -> str:
    """One element; None leaves an attribute out."""
    written = "".join(f" {key}={quoteattr(str(value))}" for key, value in attributes.items() if value is not None)
    return f" <{name}{written}>\n{inside} </{name}>\n" if inside else f" <{name}{written}/>\n"


def record(
    start: datetime, end: datetime, value: object, *, kind: str = STEPS, name: str = "Jane’s Apple Watch",
    device: str | None = WATCH, inside: str = "", offset: int = 2,
) -> str:  # fmt: skip
    """One sample."""
    said = {"type": kind, "sourceName": name, "sourceVersion": "9.1", "device": device}
    times = {"startDate": stamp(start, offset), "endDate": stamp(end, offset)}
    return element("Record", inside, **said, **times, value=value)


def metadata(key: str, value: object) -> str:
    """Something more about a sample: HKWasUserEntered, HKTimeZone."""
    return element("MetadataEntry", key=key, value=value)


def workout(
    kind: str, start: datetime, end: datetime, *, duration: object = None, unit: str = "min", steps: int | None = None,
    pauses: Sequence[tuple[datetime, datetime]] = (), name: str = "Jane’s Apple Watch", device: str | None = WATCH,
    inside: str = "",
) -> str:  # fmt: skip
    """One workout, with its pauses."""
    if duration is None:
        duration = (end - start - sum((b - a for a, b in pauses), timedelta(0))).total_seconds() / 60
    for begin, over in pauses:
        inside += element("WorkoutEvent", type="HKWorkoutEventTypePause", date=stamp(begin))
        inside += element("WorkoutEvent", type="HKWorkoutEventTypeResume", date=stamp(over))
    if steps is not None:
        inside += element("WorkoutStatistics", type=STEPS, sum=steps, unit="count")
    return element(
        "Workout", inside, workoutActivityType=f"HKWorkoutActivityType{kind}", duration=duration, durationUnit=unit,
        sourceName=name, device=device, startDate=stamp(start), endDate=stamp(end),
    )  # fmt: skip


def rings(day: date | str, exercise: object, stood: object = 10) -> str:
    """One day of the activity rings."""
    return element("ActivitySummary", dateComponents=day, appleExerciseTime=exercise, appleStandHours=stood)


def export_xml(elements: Iterable[str], head: str = HEAD, tail: str = "</HealthData>\n") -> bytes:
    """The whole `export.xml`."""
    return (head + '<HealthData locale="en_US">\n' + "".join(elements) + tail).encode()


def simple_export(
    rows: Iterable[Sequence[object]], columns: Sequence[str], *, first: str = "sep=,", quoted: bool = True
) -> bytes:
    """A file of Simple Health Export: CRLF, `sep=,`, product types with a comma in quotes (or without them)."""

    def cell(value: object) -> str:
        shown = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S +0000") if isinstance(value, datetime) else str(value)
        return f'"{shown}"' if "," in shown and quoted else shown

    lines = [first] * bool(first) + [",".join(columns)] + [",".join(map(cell, row)) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode()


SIMPLE = ("type", "sourceName", "sourceVersion", "productType", "device", "startDate", "endDate", "unit", "value")
SIMPLE_WORKOUT = (
    "type", "sourceName", "sourceVersion", "productType", "device", "startDate", "endDate", "activityType", "duration",
    "durationUnit", "totalEnergyBurned", "HKTimeZone",
)  # fmt: skip


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], separator: str = ",") -> bytes:
    """Any of the apps' tables; None is an empty cell."""
    lines = [columns, *(["" if cell is None else str(cell) for cell in row] for row in rows)]
    return "".join(separator.join(cells) + "\n" for cells in lines).encode()


QS = ("Start", "Finish", "Active Calories (kcal)", "Distance (km)", "Steps (count)")
HEALTHEXPORT = (
    "Date",
    "Flights climbed(count)",
    "Apple exercise time(min)",
    "Apple stand time(min)",
    "Step count(count)",
)
HEALTHEXPORT_WORKOUT = ("Date", "Activity", "Distance(km)", "Duration(Seconds)", "Heart rate zone: A (<115bpm)(%)")
AUTO = ("Date", "Active Energy (kcal)", "Apple Exercise Time (min)", "Apple Stand Hour (hours)", "Step Count (count)")
AUTO_WORKOUT = ("Workout Type", "Start", "End", "Duration", "Active Energy (kcal)")


def at(hour: int, minute: int = 0, second: int = 0, day: int = 20) -> datetime:
    """A time in August 2026, in UTC."""
    return datetime(2026, 8, day, hour, minute, second, tzinfo=UTC)


def _sample_xml() -> bytes:
    return export_xml(
        [
            element("ExportDate", value="2026-08-21 09:00:00 +0200"),
            record(at(6), at(6, 1), 108),
            record(at(6, 1), at(6, 4, 30), 350),
            record(at(6), at(6, 4), 430, name="Jane’s iPhone", device=PHONE),
            record(at(6), at(6, 3), 300, name="Connect", device=None),
            record(at(12), at(13), 5000, name="Health", device=None, inside=metadata("HKWasUserEntered", 1)),
            record(at(6, 0, 10), at(6, 0, 10), 88, kind=PULSE),
            workout("Walking", at(6), at(6, 32), pauses=[(at(6, 10), at(6, 12))], steps=3400),
            workout("SocialDance", at(18), at(19), inside=metadata("HKTimeZone", "Europe/Berlin")),
            workout("Yoga", at(5), at(5, 20), name="Health", device=None, inside=metadata("HKWasUserEntered", 1)),
            rings("2026-08-20", 35),
            rings("2026-08-21", 0, 0),
        ]
    )


def _sample_simple() -> dict[str, bytes]:
    watch = ("Jane’s Apple Watch", "9.1", "Watch6,2", "<<HKDevice: 0x0>>")
    exercise = "HKQuantityTypeIdentifierAppleExerciseTime"
    walk = (
        "HKWorkoutTypeIdentifier",
        *watch,
        at(6),
        at(6, 32),
        "Walking",
        "1800.5",
        "sec",
        "120 kcal",
        "Europe/Berlin",
    )
    steps = [(STEPS, *watch, at(6), at(6, 1), "count", 108), (STEPS, *watch, at(6, 1), at(6, 4), "count", 301)]
    active = [(exercise, *watch, at(6), at(6, 2), "min", 2), (exercise, *watch, at(6), at(6, 1), "min", 1)]
    files = {
        STEPS: simple_export(steps, SIMPLE),
        PULSE: simple_export([(PULSE, *watch, at(6), at(6), "count/min", 88)], SIMPLE),
        exercise: simple_export(active, SIMPLE),
        "HKWorkoutTypeIdentifier": simple_export([walk], SIMPLE_WORKOUT),
    }
    return {f"{kind}_2026-08-21_SimpleHealthExportCSV.csv": content for kind, content in files.items()}


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {
    "apple_health": lambda: {"apple_health_export/export.xml": _sample_xml()},
    "simple_health_export": _sample_simple,
    "qs_access": lambda: {
        "Health Data.csv": table(
            QS,
            [
                ("20-Sep-2026 07:00", "20-Sep-2026 08:00", "0.0", "0.7", "900.25"),
                ("20-Sep-2026 23:00", "21-Sep-2026 00:00", "0.0", "0.1", "99.75"),
                ("21-Sep-2026 00:00", "21-Sep-2026 01:00", "0.0", "0.0", "0.0"),
            ],
        )
    },
    "healthexport_app": lambda: {
        "cumulative_days.csv": table(
            HEALTHEXPORT,
            [("2026-08-20", "9.9", "11.000", "73.000", "3614.014"), ("2026-08-21", "1.0", None, None, None)],
        ),
        "workouts.csv": table(
            HEALTHEXPORT_WORKOUT, [("2026-08-20 15:05:17 - 2026-08-20 16:12:32", "Running", "10.4", "4015.067", "0.5")]
        ),
    },
    "health_auto_export": lambda: {
        "HealthAutoExport-2026-08-20-2026-08-21.csv": table(
            AUTO, [("2026-08-20 00:00:00", "812.5", 41, 12, 13010), ("2026-08-21 00:00:00", "702.1", 0, 11, 8021)]
        ),
        "Workouts-es.csv": table(
            AUTO_WORKOUT, [("Caminata al Aire Libre", "2026-08-20 09:04", "2026-08-20 09:36", "00:32:15", 450)]
        ),
    },
}
