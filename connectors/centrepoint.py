"""ActiGraph CentrePoint: the epochs of a study-issued accelerometer, as its cloud exports them.

What it is called: an epoch data file, CSV: `Study Id, Subject Id, Device Serial, Timestamp, X, Y, Z, HeartRate,
Capsense, Lux, Steps`, one row an epoch.

Where to find it: CentrePoint > the study > Data Export > Epoch data, 60 seconds.

Cannot tell: how vigorous a minute was (it does not say which of X, Y and Z is the vertical axis that the known
thresholds are for); whether it was worn, except by its steps; sessions. Times are seconds since 1970 in UTC.
Known from its maker's description alone, where steps "are not supported" (grade D): they are read where every epoch has
a number, of epochs of 60 seconds or of parts of them; a file without them is refused.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from connectors import Context
from connectors.kit.csv import Layout, fault, header, integer, read, text
from connectors.kit.export import Export
from connectors.kit.metrics import by_method
from connectors.kit.rows import minutes
from models.activity import EARLIEST, MOST_STEPS, Extract
from models.fault import Rejected

VERSION = 1
EXPORT = "report"
LOOKS_FOR = ("subject id", "device serial")
SOURCES = {"actigraph": "study"}
METRICS = by_method(device="steps", cadence="walking brisk")
_TELLING = {"study id", "subject id", "device serial", "timestamp"}
_IGNORED = ("study id", "x", "y", "z", "heartrate", "heart rate", "capsense", "lux", "vm", "vector magnitude")
_REMEDY = "export it from ActiLife as a DataTable of 60 seconds with steps"


def identify(export: Export) -> bool:
    """Whether it has the columns of who, what and when, one renamed at most."""
    columns = set(header(export))
    return len(_TELLING & columns) >= 3 and bool({"x", "steps"} & columns)


def extract(export: Export, context: Context) -> Extract:
    """Steps of every complete minute. Raises Rejected."""
    latest = datetime.combine(context.today, datetime.min.time(), UTC) + timedelta(days=2)
    seconds = integer(int(EARLIEST.timestamp()), int(latest.timestamp()))
    needed = {"Subject Id": text(), "Device Serial": text(), "Timestamp": seconds, "Steps": text()}
    frame, notes = read(export, Layout(needed, {}, _IGNORED, _REMEDY))
    for column, who in (("Subject Id", "participants"), ("Device Serial", "devices")):
        if frame[column].n_unique() > 1:
            raise Rejected(f"column {column}", f"several {who} in one file", "one", "split the file and try again")
    serials = frame["Device Serial"].drop_nulls()
    steps = frame["Steps"].cast(pl.Int64, strict=False)
    good = steps.is_between(0, MOST_STEPS).fill_null(False)
    if not good.all():
        line = int(frame["line"].filter(~good)[0])
        raise fault(line, "Steps", "no number (this export often has none)", f"0 to {MOST_STEPS}", _REMEDY)
    frame = frame.select(at="Timestamp", steps=steps).unique()
    if (twice := frame["at"].is_duplicated()).any():
        raise Rejected("column Timestamp", f"{twice.sum()} epochs of one time", "one epoch a time", _REMEDY)
    device = context.pseudonym("actigraph", serials[0]) if serials.len() else None
    rows = minutes(_complete(frame.sort("at")), context.zones, source="actigraph", device=device, metric="steps")
    return Extract(minutes=rows, tz_source=context.zones.source, notes=notes)


def _complete(epochs: pl.DataFrame) -> pl.DataFrame:
    """Sums of the minutes of which every epoch is there. Raises Rejected for epochs that do not part a minute."""
    apart = epochs["at"].diff().drop_nulls()
    epoch = min(apart.to_list(), default=60)
    if 60 % epoch or (apart % epoch != 0).any():
        raise Rejected("column Timestamp", f"epochs of {epoch} seconds", "60 seconds, or a part of them", _REMEDY)
    minute = pl.from_epoch(pl.col("at") // 60 * 60, time_unit="s").dt.cast_time_unit("ms").dt.replace_time_zone("UTC")
    sums = epochs.group_by(start_time=minute).agg(pl.len(), value=pl.col("steps").sum())
    return sums.filter(pl.col("len") == 60 // epoch).sort("start_time")
