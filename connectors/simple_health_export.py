"""Simple Health Export CSV: an app that writes each kind of Apple Health sample into a file of its own.

Called: `HealthAll_..._SimpleHealthExportCSV.zip` with `HKQuantityTypeIdentifierStepCount_..._SimpleHealthExportCSV.csv`
and so on, and `HKWorkoutTypeIdentifier_...` (or one file per `HKWorkoutActivityType...`). The first line is `sep=,`.
Where: the app "Simple Health Export CSV" on the iPhone, All or one kind, then share the zip.
Cannot tell: what Apple Health's own export cannot either: which of overlapping samples is the better one, the cadence
of samples of over a minute, how vigorous a minute was. Times are UTC, so dates come from the participant's zone (a
workout's from its HKTimeZone, where that column is there). A pause inside a workout has no place, only a length.

Known from the app's readers and test files, not from a real export: a file that differs is rejected. Read are steps,
minutes with a heart rate, Apple Exercise Time (per day; of watches, each minute once) and workouts.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import BinaryIO

import polars as pl

from connectors import Context
from connectors.kit import apple
from connectors.kit.csv import Cell, Layout, fault, header, instant, number, read, text
from connectors.kit.export import Export
from connectors.kit.sessions import Sessions
from models.activity import MOST_SESSIONS, MOST_STEPS, Extract
from models.set_aside import set_aside_rows

VERSION = 1
EXPORT = "archive"
LOOKS_FOR = ("startdate", "enddate", "^sep")
SOURCES = apple.SOURCES
METRICS = apple.METRICS

_EXERCISE, _WORKOUT = "HKQuantityTypeIdentifierAppleExerciseTime", "HKWorkoutTypeIdentifier"
_READ = (apple.STEPS, apple.PULSE, _EXERCISE, _WORKOUT)
_COLUMNS = {"type", "sourcename", "startdate", "enddate"}
_TELLING = {"sourceversion", "producttype", "device", "value", "unit", "activitytype"}


def identify(export: Export) -> bool:
    """Whether it has the app's columns (one may be missing or renamed) and a kind of sample that is read."""
    return _kind(export) in _READ


def companion(export: Export) -> str | None:
    """Why another file of the app holds nothing for us."""
    kind = _kind(export)
    return "another kind of Apple Health sample: no steps, minutes or workouts" if kind and kind not in _READ else None


def _kind(export: Export) -> str | None:
    """What the file's samples are, by its first rows, else (where it has none) by its name; None: not this app's."""
    top = export.head[:4096].lower()
    if not export.may_be_text or sum(name.encode() in top for name in _COLUMNS) < 3:
        return None
    plain = _plain(export)
    columns = header(plain)
    if len(_COLUMNS & set(columns)) < 3 or len(_TELLING & set(columns)) < 2:
        return None
    kinds = Counter(re.findall(r"^\"?(HK\w+)", plain.head.decode("utf-8", "ignore"), re.MULTILINE))
    named = re.match(r"(HK\w+?)_", export.basename)
    kind = kinds.most_common(1)[0][0] if kinds else named[1] if named else None
    return _WORKOUT if kind and kind.startswith("HKWorkout") and "Route" not in kind else kind


def _plain(export: Export) -> Export:
    """The same file without `sep=,` (its line stays, empty) and with the product type in quotes where it has none."""

    def opened() -> BinaryIO:
        return io.BufferedReader(_Lines(export.open()))  # type: ignore[return-value]

    return Export(export.name, export.size, opened)


def _mended(stream: BinaryIO) -> Iterator[bytes]:
    first, rest = True, b""
    while block := stream.read(1024 * 1024):
        complete, cut, rest = (rest + block).rpartition(b"\n")
        yield _mend(complete + cut, first)
        first = first and not complete + cut
    yield _mend(rest, first)


def _mend(lines: bytes, first: bool) -> bytes:
    if first:
        lines = re.sub(rb"\A(\xef\xbb\xbf)?\"?sep=[,;]\"?", b"", lines)
    return re.sub(rb"(?<=,)((?:Watch|iPhone|iPad|iPod)\d+,\d+)(?=,)", rb'"\1"', lines)


class _Lines(io.RawIOBase):
    """A stream of complete lines, mended one by one."""

    def __init__(self, stream: BinaryIO):
        self._stream, self._pieces, self._ready = stream, _mended(stream), b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        """The next bytes."""
        while not self._ready:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._ready = piece
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        super().close()


def extract(export: Export, context: Context) -> Extract:
    """What one file holds. Raises Rejected."""
    kind = _kind(export)
    if kind == _WORKOUT:
        return _workouts(export, context)
    devices = apple.Devices()
    typed = 0

    def compact(piece: pl.DataFrame) -> pl.DataFrame:
        nonlocal typed
        piece = _ordered(piece)
        if (other := piece.filter(pl.col("type") != kind)).height:
            raise fault(other["line"][0], "type", "another kind of sample", "one kind in a file")
        by_hand = _by_hand(piece) if kind == apple.STEPS else pl.lit(False)
        sensed = piece.filter(~by_hand)
        typed += piece.height - sensed.height
        samples = sensed.select(_numbered(sensed, devices), start="startDate", end="endDate", value="value")
        if kind != apple.PULSE:
            return samples
        beats = samples.filter(pl.col("value") > 0)
        return beats.select("who", minute=(pl.col("start").cast(pl.Int64) // 60_000).cast(pl.Int32)).unique()

    layout = Layout(_who(context) | {"value": number(0, MOST_STEPS)}, _OPTIONAL, _IGNORED)
    frame, notes = read(_plain(export), layout, compact)
    notes += [f"{typed} step samples typed in by hand: left out"] if typed else []
    labelled = devices.labelled(context)
    if kind == _EXERCISE:
        return _exercise(frame, labelled, context, notes)
    steps, pulse = pl.DataFrame(schema=apple.SAMPLES), pl.DataFrame(schema=apple.BEATS)
    steps, pulse = (steps, frame) if kind == apple.PULSE else (frame, pulse)
    return apple.extract_of(steps, pulse, labelled, context, notes)


_OPTIONAL = {"productType": text(), "device": text(), "HKWasUserEntered": text(), "HKTimeZone": text()}
_IGNORED = ("sourceVersion", "unit", "creationDate", "HK*", "total*", "average*", "max*", "min*")


def _who(context: Context) -> dict[str, Cell]:
    time = replace(instant(context.today), parse=_instants, expected="a UTC time like 2026-03-09 07:30:00 +0000")
    return {"type": text(empty=False), "sourceName": text(), "startDate": time, "endDate": time}


def _instants(cells: pl.Series) -> pl.Series:
    return cells.str.to_datetime("%Y-%m-%d %H:%M:%S %z", time_unit="ms", strict=False)


def _ordered(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that end after they begin; the others are set aside."""
    wrong = frame["endDate"] < frame["startDate"]
    if not wrong.any():
        return frame
    why = fault(int(frame["line"][wrong.arg_max() or 0]), "endDate", "an end before the start", "an end after it")
    return frame.filter(set_aside_rows(why, wrong, frame["startDate"]))


def _by_hand(frame: pl.DataFrame) -> pl.Expr:
    return pl.col("HKWasUserEntered").str.to_lowercase().is_in(["1", "1.0", "true", "yes"]).fill_null(False)


def _numbered(frame: pl.DataFrame, devices: apple.Devices) -> pl.Series:
    """Each row's device as a number."""
    key = ["sourceName", "productType", "device"]
    unique = frame.select(key).unique()
    numbers = [devices.number(name or "", f"{made or ''} {device or ''}") for name, made, device in unique.iter_rows()]
    numbered = unique.with_columns(who=pl.Series(numbers, dtype=pl.UInt32))
    return frame.join(numbered, on=key, how="left", nulls_equal=True, maintain_order="left")["who"]


def _exercise(samples: pl.DataFrame, who: list[tuple[str, str]], context: Context, notes: list[str]) -> Extract:
    """The minutes of a day on which any of the watches counted exercise; days without are not known."""
    watches = [number for number, (label, _) in enumerate(who) if label == "apple_watch"]
    laid = apple.laid_out(samples.filter(pl.col("who").is_in(watches))).select("minute").unique().sort("minute")
    start = (laid["minute"].cast(pl.Int64) * 60_000).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    days = pl.DataFrame({"local_date": context.zones.local_dates(start)}).group_by("local_date").len("mvpa_ms")
    days = days.select("local_date", mvpa_ms=pl.col("mvpa_ms") * 60_000).sort("local_date")
    totals = apple.total_rows(days, source="apple_watch")
    return Extract(daily_totals=totals, tz_source=context.zones.source, notes=notes)


def _workouts(export: Export, context: Context) -> Extract:
    needed = _who(context) | {"duration": text()}
    more = _OPTIONAL | {"activityType": text(), "durationUnit": text()}
    frame, notes = read(_plain(export), Layout(needed, more, _IGNORED, most_rows=MOST_SESSIONS))
    frame = _ordered(frame)
    devices = apple.Devices()
    frame = frame.with_columns(_numbered(frame, devices), typed=_by_hand(frame)).unique(
        ["who", "startDate", "endDate", "activityType", "duration"], keep="first", maintain_order=True
    )
    who = devices.labelled(context)
    sessions = Sessions(context, "apple_watch")
    for row in frame.iter_rows(named=True):
        start, end = row["startDate"], row["endDate"]
        name = (row["activityType"] or row["type"]).removeprefix("HKWorkoutActivityType")
        if name == _WORKOUT:
            raise fault(row["line"], "activityType", "nothing", "what kind of workout it was")
        source, device = who[row["who"]]
        sessions.add(
            f"line {row['line']}",
            start,
            end,
            source=source,
            device=device,
            activity=apple.activity_of(name),
            name=name,
            offset=apple.zone_offset(row["HKTimeZone"], start),
            timer=_duration(row),
            by_hand=row["typed"],
        )
    return sessions.extract(notes)


def _duration(row: dict) -> timedelta:
    """Units stand in a column beside or inside the cell."""
    if not row["duration"]:
        return row["endDate"] - row["startDate"]
    found = re.fullmatch(r"(\d{1,9}(?:\.\d*)?)\s*([a-z]*)", row["duration"].casefold())
    unit = apple.UNITS.get((found[2] or (row["durationUnit"] or "").casefold()) if found else "")
    if not found or not unit:
        expected = "a number of s, sec, min or hr, here or in a column durationUnit"
        raise fault(row["line"], "duration", "no duration with a unit", expected)
    return timedelta(seconds=float(found[1]) * unit)
