"""ActiGraph: the epochs of a study-issued accelerometer, as ActiLife's DataTable CSV.

What it is called: `<subject>60sec DataTable.csv` or `...60secDataTable.csv`: ten lines that begin with "Data File
Created By ActiGraph" ("Data Table File Created By", since ActiLife 6.9), then the epochs, with a header, without one,
with dates and times or without; the vertical axis is `Axis1`, in older tables `Activity`. Or a table of a database of
epochs, as studies share them: `timestamp,filename,epochlengthinseconds,serialnumber,axis1,...`.

Where to find it: ActiLife > Convert the .gt3x to .agd with epochs of 60 seconds and steps > Export > DataTable .csv.

Cannot tell: whether it was worn, except by its steps; sessions; the zone. Its clock is set once, at the start, and
knows no change of clocks: every epoch lies at the start plus its number of epochs (in a database each has its time,
by the same clock; there the file must be of one recording). How vigorous a minute was follows from its counts (vertical
axis, Freedson 1998: moderate from 1952 a minute, vigorous from 5725), a calibration of adults on a treadmill, the
device at the hip. Epochs shorter than a minute are summed to complete minutes; longer ones and raw acceleration are
refused, and so are the sheets of ActiLife's Scoring (days and hours): the epochs say the same.
The layout is well known (grade A-). The date format stands in the first line, and only that decides the order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, cast

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN, Cell, Layout, fault, header, integer, read, text
from connectors.kit.export import Export
from connectors.kit.metrics import by_method
from connectors.kit.rows import minutes
from models.activity import EARLIEST, MOST_STEPS, Extract
from models.fault import Rejected

VERSION = 2
EXPORT = "report"
LOOKS_FOR = ("^data", "axis1", "serialnumber", "axis 1 counts", "axis 1 cpm", "calendar days")
SOURCES = {"actigraph": "study"}
METRICS = by_method(device="steps moderate vigorous mvpa", cadence="walking brisk")
_MODERATE, _VIGOROUS, _LIGHT = 1952, 5725, 100  # counts a minute of axis 1
_MOST_COUNTS = 10_000_000
_FIRST_LINE = re.compile(rb"^\W*Data (?:Table )?File Created By ActiGraph", re.IGNORECASE)
_REMEDY = "export it from ActiLife again with epochs of 60 seconds, a header and steps"
_IGNORED = (
    "axis2", "axis3", "activity (horizontal)", "3rd axis", "lux", "inclinometer?*", "vector?magnitude", "hr", "vm",
)  # fmt: skip
_MODES = (  # bit of the recording mode: the columns it adds, in the order of the table
    (0, ("Axis1",)),
    (4, ("Axis2",)),
    (8, ("Axis3",)),
    (1, ("Steps",)),
    (2, ("HR",)),
    (32, ("Lux",)),
    (16, ("Inclinometer Off", "Inclinometer Standing", "Inclinometer Sitting", "Inclinometer Lying")),
)


def identify(export: Export) -> bool:
    """Whether its first line says that ActiGraph made it, or it has the columns of a database, or those of scores."""
    is_table = _FIRST_LINE.match(export.head.lstrip(b"\xef\xbb\xbf \r\n\t")) is not None
    return is_table or _is_database(export) or _is_scored(export)


def _is_database(export: Export) -> bool:
    return len({"timestamp", "epochlengthinseconds", "axis1", "serialnumber"} & set(header(export))) >= 3


def _is_scored(export: Export) -> bool:
    """Whether it is a sheet of ActiLife's Scoring, of days or hours: no copy is known that could be checked."""
    return len({"axis 1 counts", "axis 1 cpm", "number of epochs", "calendar days"} & set(header(export))) >= 3


@dataclass(frozen=True)
class _Preamble:
    lines: int
    bytes: int
    start: datetime
    epoch: timedelta
    order: str  # "Mdy": which of month, day, year comes first
    serial: str
    mode: int
    notes: list[str]


def extract(export: Export, context: Context) -> Extract:
    """Steps and judged minutes of one recording. Raises Rejected."""
    if _is_scored(export):
        remedy = (
            "hand over the DataTable instead: ActiLife > File > Export > DataTable .csv, epochs of 60 seconds, steps"
        )
        raise Rejected("whole file", "ActiLife's scores of days or hours", "the epochs that they are made of", remedy)
    if _is_database(export):
        return _database(export, context)
    preamble = _preamble(export)
    table, names = _table(export, preamble)
    lowered = {name.casefold() for name in names}
    is_old = "axis1" not in lowered and bool({"activity", "activity (horizontal)"} & lowered)
    counts, clock = "Activity" if is_old else "Axis1", "Epoch" if "time" not in lowered else "Time"
    dated = {"date", clock.casefold()} <= lowered
    needed = {counts: integer(0, _MOST_COUNTS)} | (dict.fromkeys(("Date", clock), text(empty=False)) if dated else {})
    layout = Layout(needed, {"Steps": integer(0, MOST_STEPS)}, _IGNORED, _REMEDY, in_line=True)
    frame, notes = read(table, layout)
    notes += preamble.notes
    has_steps = "steps" in lowered
    frame = frame.rename({counts: "Axis1"} | ({clock: "Time"} if dated else {})).with_row_index("number")
    if dated:
        _check_times(frame, preamble)
    ((start, _),) = context.zones.to_utc([preamble.start])
    frame = frame.with_columns(
        start_time=(pl.lit(start) + pl.col("number") * preamble.epoch).dt.cast_time_unit("ms").dt.truncate("1m")
    )
    return _minutes(frame, preamble.epoch, has_steps, preamble.serial, notes, context)


def _minutes(
    epochs: pl.DataFrame, epoch: timedelta, has_steps: bool, serial: str, notes: list[str], context: Context
) -> Extract:
    """Complete minutes of epochs (start_time of their minute, Axis1, Steps)."""
    complete = epochs.group_by("start_time").agg(pl.len(), pl.col("Axis1", "Steps").sum()).sort("start_time")
    complete = complete.filter(pl.col("len") == timedelta(minutes=1) // epoch)
    counts = complete.filter(pl.col("Axis1") >= _LIGHT)
    judged = pl.when(pl.col("Axis1") >= _VIGOROUS).then(2).when(pl.col("Axis1") >= _MODERATE).then(1).otherwise(0)
    metrics = [counts.select("start_time", value=judged, metric=pl.lit("active_minutes"))]
    if has_steps:
        metrics.append(complete.select("start_time", value=pl.col("Steps"), metric=pl.lit("steps")))
    else:
        notes.append("no column of steps: only how vigorous the minutes were is read")
    rows = pl.concat([part.cast({"value": pl.Int64}) for part in metrics]).sort("metric", "start_time")
    if rows.height and cast(int, rows["value"].max()) > MOST_STEPS:
        raise Rejected("column Steps", "a minute of impossibly many steps", f"0 to {MOST_STEPS}", AGAIN)
    device = context.pseudonym("actigraph", serial) if serial else None
    rows = minutes(rows, context.zones, source="actigraph", device=device)
    return Extract(minutes=rows, tz_source=context.zones.source, notes=notes)


def _database(export: Export, context: Context) -> Extract:
    """Epochs that each have their time. Raises Rejected where they are of several recordings."""
    latest = datetime.combine(context.today, datetime.min.time()) + timedelta(days=2)
    time = Cell("a time like 2024-01-31 23:57:00", pl.Datetime("ms"), _times, EARLIEST.replace(tzinfo=None), latest)
    needed = {"timestamp": time, "epochlengthinseconds": integer(1, 60), "Axis1": integer(0, _MOST_COUNTS)}
    optional = {"filename": text(), "Steps": integer(0, MOST_STEPS)}
    frame, notes = read(export, Layout(needed | {"serialnumber": text()}, optional, _IGNORED, _REMEDY))
    of_one = {
        "serialnumber": "several devices",
        "filename": "several recordings",  # a device goes from person to person
        "epochlengthinseconds": "epochs of several lengths",
    }
    for column, found in of_one.items():
        if frame[column].n_unique() > 1:
            raise Rejected(f"column {column}", found, "one recording", "split the file and try again")
    if (twice := frame.filter(pl.col("timestamp").is_duplicated())).height:
        raise fault(int(twice["line"][-1]), "timestamp", "a second epoch of that time", "one row an epoch", _REMEDY)
    epoch = timedelta(seconds=frame["epochlengthinseconds"][0] if frame.height else 60)
    if timedelta(minutes=1) % epoch:
        raise Rejected(
            "column epochlengthinseconds", "epochs that do not part a minute", "60, or a part of it", _REMEDY
        )
    frame = frame.sort("timestamp")
    origin = frame["timestamp"].head(1).to_list()
    start = context.zones.to_utc(origin)[0][0] - origin[0].replace(tzinfo=UTC) if origin else timedelta(0)
    utc = (pl.col("timestamp").dt.replace_time_zone("UTC") + start).dt.cast_time_unit("ms").dt.truncate("1m")
    serials, has_steps = frame["serialnumber"].drop_nulls().to_list(), "steps" in header(export)
    return _minutes(frame.with_columns(start_time=utc), epoch, has_steps, (serials or [""])[0], notes, context)


def _times(cells: pl.Series) -> pl.Series:
    return cells.str.replace("T", " ", literal=True).str.to_datetime(
        "%Y-%m-%d %H:%M:%S%.f", time_unit="ms", strict=False
    )


def _preamble(export: Export) -> _Preamble:
    """What the lines before the table say. Raises Rejected."""
    head = export.head
    lines = head.split(b"\n")
    end = next((n for n, line in enumerate(lines[1:40], 1) if re.match(rb"^\W*-{20,}[\W]*$", line)), None)
    if end is None:
        raise Rejected("line 10", "no line of dashes", "the end of ActiGraph's preamble", _REMEDY)
    preamble = b"\n".join(lines[: end + 1]).decode(errors="replace")
    order = _value(preamble, r"(?i)date format ([mdy]{1,4}[/.-][mdy]{1,4}[/.-][mdy]{1,4})\b", "date format", "M/d/yyyy")
    order = re.sub(r"(.)\1*[/.-]?", r"\1", order.lower()).replace("m", "M")
    if sorted(order) != ["M", "d", "y"]:
        raise Rejected("line 1", "a date format of other parts", "M/d/yyyy or d/M/yyyy", _REMEDY)
    day = _value(preamble, r"Start Date:?[ ,;\t]*([\d/.-]+)", "Start Date", "1/1/2024")
    clock = _value(preamble, r"Start Time:?[ ,;\t]*(\d{1,2}:\d\d:\d\d(?: ?[AP]M)?)", "Start Time", "12:00:00")
    epoch = _value(
        preamble, r"Epoch (?:Period|Length) \(hh:mm:ss\):?[ ,;\t]*(\d\d:\d\d:\d\d)", "Epoch Period", "00:01:00"
    )
    hours, minutes, seconds = map(int, epoch.split(":"))
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not length or timedelta(minutes=1) % length:
        found = "raw acceleration" if not length else f"epochs of {epoch}"
        raise Rejected("Epoch Period", found, "epochs of 60 seconds, or of a part of them", _REMEDY)
    start = _time(day, clock, order)
    if start is None:
        raise Rejected("Start Date", "something else", "a date in the format of line 1", _REMEDY)
    serial = re.search(r"Serial Number:?[ ,;\t]*(\w+)", preamble)
    mode = re.search(r"Mode ?= ?(\d{1,3})", preamble)
    size = sum(len(line) + 1 for line in lines[: end + 1])
    extended = re.search(r"Filter (?!Normal)\w", preamble)
    notes = ["another filter than the normal one: it counts more steps and movement"] if extended else []
    return _Preamble(
        end + 1, size, start, length, order, serial[1] if serial else "", int(mode[1]) if mode else 0, notes
    )


def _value(preamble: str, pattern: str, what: str, example: str) -> str:
    found = re.search(pattern, preamble)
    if not found:
        raise Rejected(what, "nothing, or something else", f"such as {example}", _REMEDY)
    return found[1]


def _time(day: str, clock: str, order: str) -> datetime | None:
    """A date in the order of the preamble's format, with a time of day."""
    parts = re.fullmatch(r"(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})", day, re.ASCII)
    at = re.fullmatch(r"(\d{1,2}):(\d\d):(\d\d)(?: ?([AP])M)?", clock, re.ASCII)
    if not parts or not at:
        return None
    parts_of = dict(zip(order, map(int, parts.groups()), strict=True))
    hour = int(at[1]) if not at[4] else int(at[1]) % 12 + 12 * (at[4] == "P")
    try:
        year = parts_of["y"] + (2000 if parts_of["y"] < 100 else 0)
        return datetime(year, parts_of["M"], parts_of["d"], hour, int(at[2]), int(at[3]))
    except ValueError:
        return None


def _table(export: Export, preamble: _Preamble) -> tuple[Export, list[str]]:
    """The table alone, behind as many empty lines as it has lines before it (so that line numbers stay those of the
    file), and its column names. Where it has no header, the recording mode says what its columns are."""
    line = export.head[preamble.bytes :].split(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    if "\r" in line:
        raise Rejected(f"line {preamble.lines + 1}", "a line break inside a line", "a header", _REMEDY)
    separator = max(",;\t", key=line.count)
    names = [cell.strip(' "') for cell in line.split(separator)]
    first = b"\n" * preamble.lines
    if not any(re.search("[A-Za-z]{3}", name) for name in names):
        added = [name for bit, names in _MODES for name in names if preamble.mode & bit == bit]
        forms = [[*date, *added, *more] for date in (["Date", "Time"], []) for more in ([], ["Vector Magnitude"])]
        names = next((form for form in forms if len(form) == line.count(separator) + 1), [])
        if not names:
            found = "a table without a header, and not of the columns its mode tells"
            raise Rejected(f"line {preamble.lines + 1}", found, "a header", _REMEDY)
        first = b"\n" * (preamble.lines - 1) + separator.join(names).encode() + b"\n"

    @contextmanager
    def opened() -> Iterator[_Rest]:
        with export.open() as stream:
            stream.read(preamble.bytes)
            yield _Rest(first, stream)

    return Export(export.name, export.size, lambda: cast(BinaryIO, opened())), names


class _Rest:
    """Some bytes, then what is left of a stream."""

    def __init__(self, first: bytes, stream: BinaryIO) -> None:
        self.first, self.stream = first, stream

    def read(self, size: int = -1) -> bytes:
        """As a stream does."""
        first, self.first = self.first, b""
        return first + self.stream.read(size)


def _check_times(frame: pl.DataFrame, preamble: _Preamble) -> None:
    """Every row lies at the start plus its number of epochs. Raises Rejected for the first that does not."""
    days = frame["Date"].str.extract_groups(r"^(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})$").struct.unnest()
    clocks = frame["Time"].str.extract_groups(r"^(\d{1,2}):(\d\d):(\d\d)(?: ?([AP])M)?$").struct.unnest()
    date_parts = {part: days[str(at)].cast(pl.Int32, strict=False) for at, part in enumerate(preamble.order, 1)}
    hour, minute, second = (clocks[str(at)].cast(pl.Int32, strict=False) for at in (1, 2, 3))
    half = clocks["4"]
    rows = frame.select(expected=pl.lit(preamble.start) + pl.col("number") * preamble.epoch).with_columns(
        **date_parts, hour=hour, minute=minute, second=second, half=half
    )
    at = pl.col("expected").dt
    twelve = (
        pl.when(pl.col("half").is_null())
        .then(pl.col("hour"))
        .otherwise(pl.col("hour") % 12 + 12 * (pl.col("half") == "P").cast(pl.Int32))
    )
    right = (
        (at.month() == pl.col("M"))
        & (at.day() == pl.col("d"))
        & (at.year() % 100 == pl.col("y") % 100)
        & (at.hour() == twelve)
        & (at.minute() == pl.col("minute"))
        & (at.second() == pl.col("second"))
    )
    wrong = rows.select(wrong=~right.fill_null(False))["wrong"]
    if wrong.any():
        line = int(frame["line"].filter(wrong)[0])
        raise fault(line, "Time", "another time", "the start plus its number of epochs", _REMEDY)
